"""What follows when airings are displaced: a series goes on where it stopped, and make-ups are proposed.

Pure; looks at merges, decides nothing for the editor: `caught_up` says what would air, `proposals` what could.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec

from schedules.airings import Airing, AiringId
from schedules.gaps import HORIZON, Hours, next_free_time
from schedules.holidays import PUBLISHED, HolidayTable
from schedules.layers import Layer
from schedules.merge import Timetable, merge
from schedules.plans import MakeUp, Plan
from schedules.programme import Programme, programme_of


class CaughtUp(msgspec.Struct, frozen=True, kw_only=True):
    """A plan's programme among other layers, its series moved on past displaced weeks.

    Attributes:
        passed_over: what was given, and the series' airings that this merge displaces.
    """

    programme: Programme
    timetable: Timetable
    passed_over: frozenset[AiringId]


def caught_up(
    plan: Plan,
    layer: Layer,
    others: Sequence[Layer],
    window: tuple[datetime, datetime],
    *,
    table: HolidayTable = PUBLISHED,
    passed_over: Collection[AiringId] = (),
) -> CaughtUp:
    """Expand a plan as its layer among others, such that a displaced lesson of a series airs the next time instead.

    Args:
        plan: all that stands in `layer`, whose own airings are ignored.
        others: the layers above it that the same television follows.
        window: aware; start included, end not.
        passed_over: airings before the window that did not show their lesson.
    """
    series = {slot.id for slot in plan.slots if slot.episodes}
    passed = frozenset(passed_over)
    while True:
        programme = programme_of(plan, *window, table=table, passed_over=passed)
        timetable = merge([*others, msgspec.structs.replace(layer, airings=programme.airings)])
        displaced = (lost.airing for lost in timetable.displaced if lost.layer == layer.id)
        # One at a time, the earliest first: what comes after it changes, and may then fit.
        lost = next((one.id for one in displaced if one.slot in series and one.id not in passed), None)
        if lost is None:
            return CaughtUp(programme=programme, timetable=timetable, passed_over=passed)
        passed |= {lost}


def proposals(
    lost: Sequence[Airing],
    standing: Sequence[Airing],
    *,
    hours: Hours | None = None,
    not_before: datetime | None = None,
    horizon: timedelta = HORIZON,
) -> tuple[MakeUp | None, ...]:
    """For each lost airing the earliest make-up that fits among the standing ones and the earlier proposals.

    Args:
        lost: displaced or missed airings.
        standing: what must not be disturbed, in any order.
        hours: when a make-up may air.
        not_before: aware UTC; without it, a make-up starts no sooner than what it makes up for.

    Returns:
        One entry for each lost airing, None where none fits within the horizon.
    """
    taken, found = list(standing), list[MakeUp | None]()
    for airing in lost:
        earliest = max(airing.start, not_before) if not_before else airing.start
        start = next_free_time(taken, earliest, airing.end - airing.start, hours=hours, horizon=horizon)
        make_up = MakeUp(of=airing, start=start) if start else None
        found.append(make_up)
        if make_up:
            taken.append(make_up.airing)
    return tuple(found)
