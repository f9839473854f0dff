"""What happens to a matter that goes through several hands. Pure.

A process is a line of steps. One step at a time waits for a decision: yes opens the next, and the last yes is the end;
no is the end at once. A step that is late moves up the tree, and is never decided by time alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from contentserver.kernel.auth import Right
from contentserver.regions import ancestors_and_self
from schedules.holidays import PUBLISHED, DayKind, HolidayTable

LATE_DAYS = 3
"""Working days that the next region up has, once a step is late."""


class Decision(StrEnum):
    """What somebody says to a step."""

    YES = "yes"
    NO = "no"


class Outcome(StrEnum):
    """How a process ended."""

    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """Whether somebody may decide a step."""

    MAY = "may"
    OVER = "over"
    NOT_ITS_TURN = "not_its_turn"
    NO_RIGHT = "no_right"
    ELSEWHERE = "elsewhere"
    OWN = "own"
    """They began it themselves."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One step of a process that begins: `days` are working days; `region` is where the decision belongs."""

    code: str
    right: Right
    region: str
    days: int
    others_only: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """A step as far as decisions about it go."""

    right: str
    region: str
    others_only: bool
    waits: bool
    decided: bool


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who may decide: their region, empty for every region, and what they may do."""

    region: str
    rights: frozenset[str]


def due_on(start: date, days: int, calendar: HolidayTable = PUBLISHED) -> date:
    """The date `days` working days after `start`: always a working day itself, never a holiday or a day of rest."""
    day, left = start, max(1, days)
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day, calendar)
    return day


def is_working_day(day: date, calendar: HolidayTable = PUBLISHED) -> bool:
    """Whether people are at their desks on a local date."""
    return calendar.on(day).kind is DayKind.WORKING


def desk_of(region: str, right: str, hands: Collection[Hand]) -> str:
    """Where a step waits: the nearest region upwards in which somebody may decide; the root where nobody may."""
    for code in reversed(ancestors_and_self(region)):
        if any(hand.region == code and right in hand.rights for hand in hands):
            return code
    return ""


def desk_above(desk: str, right: str, hands: Collection[Hand]) -> str:
    """Where a late step goes: the next desk above; from the root it goes nowhere."""
    above = ancestors_and_self(desk)[:-1] if desk else ()
    return desk_of(above[-1], right, hands) if above else ""


def may_decide(
    step: Standing, *, over: bool, begun_by: UUID | None, who: UUID, rights: Collection[str], root: str
) -> Verdict:
    """Whether somebody whose subtree has the root `root` may decide a step now."""
    if over or step.decided:
        return Verdict.OVER
    if not step.waits:
        return Verdict.NOT_ITS_TURN
    if step.right not in rights:
        return Verdict.NO_RIGHT
    if not step.region.startswith(root):
        return Verdict.ELSEWHERE
    if step.others_only and begun_by == who:
        return Verdict.OWN
    return Verdict.MAY


def following(decision: Decision, place: int, places: Sequence[int]) -> int | Outcome:
    """What comes after a decision about the step at `place`: another step's place, or the end."""
    if decision is Decision.NO:
        return Outcome.REFUSED
    later = [one for one in places if one > place]
    return min(later) if later else Outcome.DONE


def late(due: date | None, today: date) -> bool:
    """Whether the day by which it should have been decided is over."""
    return due is not None and today > due
