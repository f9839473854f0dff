"""What an alert may say, who may send it, and what becomes of it. Pure.

Two people send an alert: one writes it, another approves it. One person alone may do so only by the emergency right,
with a reason. Bounds of the words: `schedules/alerts.py`, because they are the television's.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from contentserver.regions import ancestors_and_self
from schedules.alerts import DESCRIPTION_MAX, HEADLINE_MAX, SENDER_MAX, SHOWN_STEPS, STEP_MAX, length_of
from schedules.wire.messages import AlertKind, Severity, Urgency

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=7)
FARTHEST_AHEAD = timedelta(days=7)
CODE_LENGTHS = (12, 9, 6, 4, 2)
_SEPARATORS = re.compile(r"[、,，;；/\s]+")


class AlertState(StrEnum):
    """The life of an alert."""

    DRAFT = "draft"
    WAITING = "waiting"
    """For the second person."""
    SENT = "sent"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class AlertWords(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a person decides about an alert. `effective` None: from the moment it is sent."""

    kind: AlertKind
    headline: str
    description: str
    instructions: tuple[str, ...]
    sender_name: str
    severity: Severity
    urgency: Urgency
    effective: datetime | None
    expires: datetime
    regions: tuple[str, ...]
    event: str = ""


class Fault(StrEnum):
    """What speaks against sending an alert as it stands."""

    NO_REGION = "no_region"
    NO_HEADLINE = "no_headline"
    HEADLINE_LONG = "headline_long"
    DESCRIPTION_LONG = "description_long"
    STEP_LONG = "step_long"
    TOO_MANY_STEPS = "too_many_steps"
    NO_SENDER = "no_sender"
    SENDER_LONG = "sender_long"
    TOO_FAR_AHEAD = "too_far_ahead"
    OVER_BEFORE_IT_BEGINS = "over_before_it_begins"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A fault and the field it is about, as `AlertWords` names it; `instructions.2` is the third step."""

    field: str
    fault: Fault


def faults(words: AlertWords, now: datetime) -> tuple[FieldFault, ...]:
    """Everything that is wrong, in the order of the fields."""
    begins = max(words.effective or now, now)
    checks: list[tuple[str, Fault, bool]] = [
        ("regions", Fault.NO_REGION, not words.regions),
        ("headline", Fault.NO_HEADLINE, not words.headline.strip()),
        ("headline", Fault.HEADLINE_LONG, length_of(words.headline) > HEADLINE_MAX),
        ("description", Fault.DESCRIPTION_LONG, length_of(words.description) > DESCRIPTION_MAX),
        *(
            (f"instructions.{place}", Fault.STEP_LONG, length_of(step) > STEP_MAX)
            for place, step in enumerate(words.instructions)
        ),
        ("instructions", Fault.TOO_MANY_STEPS, len(words.instructions) > SHOWN_STEPS),
        ("sender_name", Fault.NO_SENDER, not words.sender_name.strip()),
        ("sender_name", Fault.SENDER_LONG, length_of(words.sender_name) > SENDER_MAX),
        ("effective", Fault.TOO_FAR_AHEAD, begins - now > FARTHEST_AHEAD),
        ("expires", Fault.OVER_BEFORE_IT_BEGINS, words.expires <= begins),
        ("expires", Fault.TOO_SHORT, begins < words.expires < begins + SHORTEST),
        ("expires", Fault.TOO_LONG, words.expires - begins > LONGEST),
    ]
    return tuple(FieldFault(field, fault) for field, fault, wrong in checks if wrong)


def shown_state(state: AlertState, expires: datetime, now: datetime) -> AlertState:
    """The state as people see it: a sent alert whose hour has passed is over, also before the upkeep has noted it."""
    return AlertState.EXPIRED if state is AlertState.SENT and expires <= now else state


def may_approve(state: AlertState, authors: Collection[UUID], who: UUID) -> bool:
    """Whether somebody may be the second person: never who wrote or changed it."""
    return state is AlertState.WAITING and who not in authors


def outermost(codes: Iterable[str]) -> tuple[str, ...]:
    """The regions without those that lie inside another one of them, in order."""
    wanted = set(codes)
    return tuple(sorted(code for code in wanted if not wanted & set(ancestors_and_self(code)[:-1])))


def region_of_code(value: str, known: Collection[str]) -> str | None:
    """The region that a geocode names: a division code of any level, also one filled up with zeros (GB/T 2260)."""
    digits = value.strip()
    if not digits.isdigit():
        return None
    if digits in known:
        return digits
    for length in CODE_LENGTHS:
        if len(digits) > length and not digits[length:].strip("0") and digits[:length] in known:
            return digits[:length]
    return None


KIND_WORDS: tuple[tuple[AlertKind, tuple[str, ...]], ...] = (
    (AlertKind.HAIL, ("冰雹", "hail")),
    (AlertKind.QUAKE, ("地震", "earthquake")),
    (AlertKind.FIRE, ("火", "fire")),
    (AlertKind.HEALTH, ("疫", "传染", "中毒", "epidemic", "disease", "health")),
    (AlertKind.FLOOD, ("洪", "暴雨", "内涝", "泥石流", "flood", "rain")),
    (AlertKind.WIND, ("风", "沙尘", "wind", "storm", "dust")),
    (AlertKind.COLD, ("寒", "霜", "雪", "冰", "低温", "cold", "frost", "snow", "ice")),
    (AlertKind.HEAT, ("高温", "干旱", "heat", "drought")),
)


def kind_of(event: str) -> AlertKind:
    """What an event is about, by the words in its name."""
    lower = event.lower()
    return next((kind for kind, words in KIND_WORDS if any(word in lower for word in words)), AlertKind.OTHER)


def language_of(*texts: str) -> str:
    """In which language the voice should read: Chinese as soon as there is a Chinese character."""
    return "zh" if any("\u3400" <= char <= "\u9fff" for text in texts for char in text) else "en"


def names_in(area: str) -> tuple[str, ...]:
    """The names that an area's description may hold: itself, and its parts between separators."""
    parts = [part.strip() for part in _SEPARATORS.split(area)]
    return tuple(dict.fromkeys(part for part in (area.strip(), *parts) if part))
