"""What a price may be, when one is doubted, when it has moved; what an offer may say and what becomes of it. Pure.

Money is whole cents of one yuan. Days are those of the stations. Nobody is kept from entering an unusual price: it is
kept, and waits until somebody confirms it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from statistics import median

MOST_CENTS = 100_000_000
"""A million yuan for one unit: whatever is more was mistyped."""
COMPARED_DAYS = 30
"""So many days before its own a price is compared with, and drawn."""
FAR = 3
"""This many times more, or less, than the usual price is doubted."""
NEAR = 1.25
"""Within this of a price that was confirmed nothing is doubted: one that has doubled twice is asked about once."""
ANOTHER_UNIT = 100
"""From here on it was most likely meant for another unit, or the point is in a wrong place."""
OLDEST = timedelta(days=400)
MOVE_DAYS = 7
MOVE_PERCENT = 10
"""A move that is worth a lesson."""
TITLE_MOST, TEXT_MOST, CONTACT_MOST, REASON_MOST = 18, 120, 40, 100
"""Characters that fit the television in large letters."""
LONGEST = timedelta(days=90)
_YUAN = re.compile(r"\d{1,9}(\.\d{1,2}0*)?")
_WIDE = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


class Source(StrEnum):
    """By which way a price came."""

    FORM = "form"
    SHEET = "sheet"
    FEED = "feed"


class Doubt(StrEnum):
    """Why a price should be looked at before televisions show it."""

    ANOTHER_UNIT = "another_unit"
    FAR = "far"


class PriceFault(StrEnum):
    """Why a price cannot be kept at all."""

    UNREADABLE = "unreadable"
    NOT_POSITIVE = "not_positive"
    TOO_LARGE = "too_large"
    FUTURE = "future"
    TOO_OLD = "too_old"


def cents_of(text: str) -> int | PriceFault:
    """A price as somebody typed it in yuan: `1.18`, `￥1.2`, `1,280`."""
    bare = text.translate(_WIDE).strip().lstrip("¥￥").removesuffix("元").replace(" ", "")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", bare):
        bare = bare.replace(",", "")
    if re.fullmatch(r"[-−]\d+(\.\d+)?", bare):
        return PriceFault.NOT_POSITIVE
    if not _YUAN.fullmatch(bare):
        return PriceFault.UNREADABLE
    try:
        cents = int(Decimal(bare) * 100)
    except InvalidOperation:
        return PriceFault.UNREADABLE
    return fault_of_cents(cents) or cents


def fault_of_cents(cents: int) -> PriceFault | None:
    """What speaks against an amount."""
    if cents <= 0:
        return PriceFault.NOT_POSITIVE
    return PriceFault.TOO_LARGE if cents > MOST_CENTS else None


def fault_of_day(day: date, today: date) -> PriceFault | None:
    """What speaks against a day: nobody knows tomorrow's price."""
    if day > today:
        return PriceFault.FUTURE
    return PriceFault.TOO_OLD if today - day > OLDEST else None


def usual_of(days: Mapping[date, int], day: date) -> tuple[tuple[int, ...], int | None]:
    """Of confirmed prices those that one of this day is compared with, and the last one before it."""
    around = {one: cents for one, cents in days.items() if one != day and abs((one - day).days) <= COMPARED_DAYS}
    before = [one for one in around if one < day]
    return tuple(around.values()), around[max(before)] if before else None


def doubt_of(cents: int, usual: Sequence[int], last: int | None = None) -> Doubt | None:
    """Whether a price should be confirmed.

    Args:
        usual: confirmed prices of the days around it; without any it is believed.
        last: the confirmed price before it: what is close to that was looked at already.
    """
    if not usual or (last is not None and _factor(cents, last) <= NEAR):
        return None
    factor = _factor(cents, median(usual))
    if factor >= ANOTHER_UNIT:
        return Doubt.ANOTHER_UNIT
    return Doubt.FAR if factor >= FAR else None


def _factor(one: float, other: float) -> float:
    return max(one / other, other / one)


class Trend(StrEnum):
    """Where a price went since the one before it."""

    UP = "up"
    DOWN = "down"
    EVEN = "even"
    UNKNOWN = "unknown"


def trend_of(cents: int, before: int | None) -> Trend:
    """Against the price before it, of whichever day."""
    if before is None:
        return Trend.UNKNOWN
    return Trend.UP if cents > before else Trend.DOWN if cents < before else Trend.EVEN


def newest(days: Mapping[date, int]) -> tuple[date, int, int | None]:
    """Of a price's days, which are some: the newest one, its price, and the price before it."""
    *earlier, last = sorted(days)
    return last, days[last], days[earlier[-1]] if earlier else None


def drawn(days: Mapping[date, int], last: date) -> tuple[int | None, ...]:
    """The thirty days up to the last one, for a line; None where no price is."""
    first = last - timedelta(days=COMPARED_DAYS - 1)
    return tuple(days.get(first + timedelta(days=place)) for place in range(COMPARED_DAYS))


def moved(days: Mapping[date, int], today: date) -> int | None:
    """By how many per cent a price has moved in a week, where that is worth a lesson; below 0 where it fell."""
    week_ago = today - timedelta(days=MOVE_DAYS)
    lately = [day for day in days if week_ago < day <= today]
    earlier = [day for day in days if week_ago - timedelta(days=COMPARED_DAYS) < day <= week_ago]
    if not lately or not earlier:
        return None
    now, then = days[max(lately)], days[max(earlier)]
    percent = (now - then) * 100
    return int(percent / then) if abs(percent) >= MOVE_PERCENT * then else None


def speaks_of(words: Sequence[str], *texts: str) -> bool:
    """Whether one of the words stands in one of a lesson's texts."""
    whole = "\n".join(texts).casefold()
    return any(word.casefold() in whole for word in words if word)


def keywords_of(name: str, keywords: str) -> tuple[str, ...]:
    """The words by which lessons about a commodity are known: its name, and what somebody added."""
    words = [name, *re.split(r"[\s,，、;；]+", keywords)]
    return tuple(dict.fromkeys(word for word in words if word))


class OfferState(StrEnum):
    """How far an offer has come."""

    WAITING = "waiting"
    SHOWN = "shown"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OVER = "over"
    """Its last day has passed; no row says so."""


@dataclass(frozen=True, slots=True)
class OfferWords:
    """What somebody says of an offer; `until` is its last day, whole."""

    kind: str
    title: str
    text: str
    contact: str
    until: datetime


class OfferFault(StrEnum):
    """What speaks against an offer."""

    NO_TITLE = "no_title"
    TITLE_LONG = "title_long"
    TEXT_LONG = "text_long"
    NO_CONTACT = "no_contact"
    CONTACT_LONG = "contact_long"
    OVER = "over"
    TOO_LONG = "too_long"


def offer_faults(words: OfferWords, now: datetime) -> dict[str, OfferFault]:
    """What is wrong, by the field it is about."""
    checks = (
        ("title", OfferFault.NO_TITLE, not words.title),
        ("title", OfferFault.TITLE_LONG, len(words.title) > TITLE_MOST),
        ("text", OfferFault.TEXT_LONG, len(words.text) > TEXT_MOST),
        ("contact", OfferFault.NO_CONTACT, not words.contact),
        ("contact", OfferFault.CONTACT_LONG, len(words.contact) > CONTACT_MOST),
        ("until", OfferFault.OVER, words.until <= now),
        ("until", OfferFault.TOO_LONG, words.until - now > LONGEST + timedelta(days=1)),
    )
    return {field: fault for field, fault, wrong in reversed(checks) if wrong}


def shown_state(state: OfferState, until: datetime, now: datetime) -> OfferState:
    """The state as people see it: what waits or is shown ends with its last day."""
    return OfferState.OVER if until <= now and state in (OfferState.WAITING, OfferState.SHOWN) else state


def may_change(state: OfferState) -> bool:
    """Whether its words may still be changed; what is shown was approved word for word."""
    return state in (OfferState.WAITING, OfferState.REFUSED)


def may_withdraw(state: OfferState) -> bool:
    """Whether there is something to take back."""
    return state in (OfferState.WAITING, OfferState.SHOWN, OfferState.REFUSED)
