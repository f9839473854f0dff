"""What a message costs, when it may go, who must agree, and what a gateway's word makes of a delivery. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

APPROVAL_ABOVE: Final = 50
"""More people than this, and somebody else has to agree."""
QUIET_FROM, QUIET_UNTIL = time(21, 0), time(8, 0)
"""At night nobody's phone rings for a lesson."""
VALID_FOR: Final = timedelta(hours=48)
"""So long after it took a message a gateway may still say what became of it; then nobody knows."""
RETRIES: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
FARTHEST: Final = timedelta(days=60)
"""So far ahead a message may be written."""
LEASE: Final = timedelta(minutes=2)
ENOUGH: Final = frozenset({"T", "TD", "退订", "STOP", "0000", "N"})
"""What people answer who want no more (MIIT's rules for commercial messages name T and TD)."""
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE: Final = frozenset("^{}\\[~]|€\f")
NAME, STATION = "{name}", "{station}"


class Channel(StrEnum):
    """By which way it goes."""

    SMS = "sms"
    MAIL = "mail"


class State(StrEnum):
    """How far a message is."""

    WAITING = "waiting"
    """for somebody else's agreement"""
    RELEASED = "released"
    DONE = "done"
    STOPPED = "stopped"


class Way(StrEnum):
    """How far one delivery is."""

    WAITING = "waiting"
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The gateway took it and never said more; or it may have taken it, and nobody knows."""
    STOPPED = "stopped"


ENDED: Final = (Way.DELIVERED, Way.FAILED, Way.UNKNOWN, Way.STOPPED)


class Audience(msgspec.Struct, frozen=True, omit_defaults=True):
    """To whom: everybody of a region's subtree for whom all that is said holds; what is empty chooses nobody out.

    Attributes:
        staff: people with an account rather than members.
        roles: of staff.
        groups: ids of groups of stations, one of which theirs belongs to.
        branches: ids of branches, to one of which, or to one below it, they belong.
        missed: they came to none of their station's last so many lessons; 0 for whether they came or not.
    """

    region: str
    staff: bool = False
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Length:
    """How long a text is for the network: `wide` where it needs UCS-2; `units` of 7 or 16 bits; in so many `parts`."""

    wide: bool
    units: int
    parts: int


def length_of(text: str) -> Length:
    """How many short messages a text takes.

    Source: 3GPP TS 23.038 (alphabets) and TS 23.040, 9.2.3.24.1 (concatenation): 160 characters of 7 bits or 70 of
    16 in one message, 153 or 67 in each part of a longer one.
    """
    if all(char in _GSM or char in _GSM_TWICE for char in text):
        units = sum(2 if char in _GSM_TWICE else 1 for char in text)
        return Length(False, units, _parts(units, 160, 153))
    units = len(text.encode("utf-16-be")) // 2
    return Length(True, units, _parts(units, 70, 67))


def _parts(units: int, alone: int, each: int) -> int:
    return 1 if units <= alone else -(-units // each)


def filled(text: str, name: str, station: str) -> str:
    """The text with what stands in it for one person."""
    return text.replace(NAME, name).replace(STATION, station)


def goes_at(now: datetime, not_before: datetime | None, *, urgent: bool, zone: ZoneInfo) -> datetime:
    """When a message may go, aware: never at night by the stations' clock, unless it is urgent."""
    at = max(now, not_before or now)
    local = at.astimezone(zone)
    if urgent or QUIET_UNTIL <= local.time() < QUIET_FROM:
        return at
    day = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    return max(at, datetime.combine(day, QUIET_UNTIL, zone).astimezone(at.tzinfo))


def needs_agreement(recipients: int) -> bool:
    """Whether somebody else has to agree before it goes."""
    return recipients > APPROVAL_ABOVE


def next_try(attempts: int) -> timedelta | None:
    """How long to wait after so many tries that a gateway could not take; None where it is enough."""
    return RETRIES[attempts - 1] if 0 < attempts <= len(RETRIES) else None


def after_receipt(way: Way, said: Way) -> Way:
    """What a delivery is after a receipt, which may come twice, late, or after another one.

    What was delivered stays delivered. A receipt that comes after the time is over still tells what became of it.
    """
    if way in (Way.DELIVERED, Way.WAITING, Way.STOPPED) or said not in (Way.DELIVERED, Way.FAILED, Way.UNKNOWN):
        return way
    if way is Way.FAILED:
        return Way.DELIVERED if said is Way.DELIVERED else way
    return said


def of_parts(parts: Iterable[Way]) -> Way:
    """What a delivery is whose parts are so: delivered when all are, failed when one is, else under way."""
    found = list(parts)
    for way in (Way.FAILED, Way.SUBMITTED, Way.UNKNOWN):
        if way in found:
            return way
    return Way.DELIVERED


def wants_no_more(text: str) -> bool:
    """Whether somebody's answer says that they want no messages."""
    return text.strip().strip("。.!！").upper() in ENOUGH
