"""What people set right in a session's roll afterwards: input of the derivation beside the facts, in any order. Pure.

A correction never touches a fact; it is taken back by another one that revokes it. Later ones win, by their number.
Whose they are and where they are kept: `correcting.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from contentserver.attendance.crediting import USUAL
from contentserver.attendance.rules import Arrival, SessionNumbers, credited
from schedules.airings import LessonCard

LONGEST_MINUTE: Final = 720
"""No lesson is longer than twelve hours."""
MOST_PEOPLE: Final = 2000
"""More do not fit before one television."""


class Kind(StrEnum):
    """What a correction says."""

    ADDED = "added"
    """A member was there, from and until so many minutes after the planned start where it says so."""
    TAKEN_OFF = "taken_off"
    """A member was not there."""
    LEFT = "left"
    """A member went so many minutes after the planned start."""
    COUNTED = "counted"
    """So many people were in the room."""
    HELD = "held"
    """The lesson was held although no box has reported it."""
    REVOKED = "revoked"
    """Another correction does not hold."""


class Means(StrEnum):
    """How somebody came onto the roll afterwards; stands where a sign-in has its method."""

    HAND = "hand"
    PAPER = "paper"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Held:
    """The airing that was held: what no box has said."""

    lesson: LessonCard
    planned_start: datetime
    planned_ms: int


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction of a session.

    Attributes:
        number: its place among the session's corrections, from 1.
        from_minute, to_minute: after the planned start; None for from the beginning, and to the end.
        revokes: the number of the correction that does not hold; 0 for none.
    """

    number: int
    kind: Kind
    member: str = ""
    means: Means = Means.HAND
    from_minute: int | None = None
    to_minute: int | None = None
    people: int | None = None
    held: Held | None = None
    revokes: int = 0


def in_force(corrections: Iterable[Correction]) -> tuple[Correction, ...]:
    """Those that hold, in order: neither revoked nor themselves a revocation. A revocation may be revoked too."""
    revoked: set[int] = set()
    holding: list[Correction] = []
    for one in sorted(corrections, key=lambda one: one.number, reverse=True):
        if one.number in revoked:
            continue
        if one.kind is Kind.REVOKED:
            revoked.add(one.revokes)
        else:
            holding.append(one)
    return tuple(reversed(holding))


def corrected(numbers: SessionNumbers, corrections: Iterable[Correction]) -> SessionNumbers:
    """A session's numbers with its corrections; without any in force exactly those of the facts."""
    holding = in_force(corrections)
    if not holding:
        return numbers
    held = next((one.held for one in reversed(holding) if one.held is not None), None)
    if held is not None:
        numbers = replace(
            numbers,
            lesson=numbers.lesson or held.lesson,
            planned_start=numbers.planned_start or held.planned_start,
            planned_ms=numbers.planned_ms or held.planned_ms,
        )
    begins = numbers.planned_start or numbers.first_fact
    if begins is None:
        return numbers
    counted = [one.people for one in holding if one.kind is Kind.COUNTED]
    roll = _roll(numbers.arrivals, holding, begins)
    return replace(
        numbers,
        head_count=counted[-1] if counted else numbers.head_count,
        arrivals=tuple(credited(one, numbers.shown_ms, numbers.screen, USUAL) for one in roll),
    )


def _roll(arrivals: Sequence[Arrival], holding: Sequence[Correction], begins: datetime) -> list[Arrival]:
    roll = {one.member: one for one in arrivals}
    for one in holding:
        match one.kind:
            case Kind.ADDED:
                minutes = one.from_minute is not None or one.to_minute is not None
                if minutes or one.member not in roll:  # when a box saw somebody is more exact than "was there"
                    roll[one.member] = _added(one, begins)
            case Kind.TAKEN_OFF:
                roll.pop(one.member, None)
            case Kind.LEFT:
                if one.member in roll:
                    left = _after(begins, one.to_minute)
                    roll[one.member] = replace(roll[one.member], left=left, correction=one.number)
            case _:
                pass
    return sorted(roll.values(), key=lambda one: (one.at, one.member))


def _added(one: Correction, begins: datetime) -> Arrival:
    return Arrival(
        member=one.member,
        at=_after(begins, one.from_minute) or begins,
        method=one.means.value,
        left=_after(begins, one.to_minute),
        correction=one.number,
        observed=False,
    )


def _after(begins: datetime, minute: int | None) -> datetime | None:
    return None if minute is None else begins + timedelta(minutes=minute)
