"""Sample states of the screens below today's programme: the week, and the station. The evening itself: `samples.py`."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from schedules.airings import Airing, AiringId, LessonId, PackageName
from schedules.wire.messages import Roster, StationCard
from tvclient.core.airtime import month_of
from tvclient.core.geometry import FocusId
from tvclient.core.state import Screen, State

_EARLIER, _LATER = timedelta(hours=-7, minutes=-30), timedelta(days=1, hours=-7, minutes=-30)


def places(today: State, station: StationCard) -> dict[str, State]:
    """A State for each thing that these screens can say, by name, from an evening whose first lesson is on the air."""
    evening = today.timetable
    noon, afternoon = (
        _moved(evening[place], _EARLIER + timedelta(minutes=50 * place), f"early{place}") for place in (3, 2)
    )
    again = [_moved(one, _LATER + timedelta(minutes=10), f"later{place}") for place, one in enumerate(evening[:3])]
    days = [
        _moved(evening[(ahead + place) % 4], timedelta(days=ahead), f"day{ahead}.{place}")
        for ahead in range(2, 6)
        for place in range(2)
    ]
    whole = replace(
        today,
        over_home=(Screen.TODAY, Screen.WEEK),
        timetable=_ordered([noon, afternoon, *evening, *again, *days]),
        started=frozenset({afternoon.id, evening[0].id}),
    )
    third = whole.timetable[2]
    long_day = replace(whole, timetable=_ordered([*evening[:1], *_many(evening[0], 60)]))
    hours = {(month_of(today.now), AiringId("shown")): ((0, 750 * 60_000),)}
    known = replace(station, stars=4, quota_minutes=1200)
    here = replace(today, over_home=(Screen.TODAY, Screen.STATION), station=known, airtime=hours, linked_at=third.start)
    stored = replace(here, packages=dict.fromkeys((one.package for one in evening), today.packages[evening[0].package]))
    many = tuple(
        replace(one, package=PackageName(f"p{place}"), start=one.start + timedelta(minutes=place))
        for place, one in enumerate((evening * 3)[1:8])
    )
    return {
        "week": whole,
        "week-on-air": replace(whole, focus={Screen.WEEK: FocusId(f"airing.{third.id}")}),
        "week-tomorrow": replace(whole, focus={Screen.WEEK: FocusId("day.2026-11-24")}, simple=False, online=False),
        "week-empty": replace(whole, focus={Screen.WEEK: FocusId("day.2026-11-29")}),
        "week-long-day": replace(long_day, focus={Screen.WEEK: FocusId("airing.many.41")}),
        "station": here,
        "station-small": replace(here, simple=False),
        "station-reached": replace(
            stored,
            station=replace(known, stars=5, quota_minutes=720),
            timetable=evening[:1],
            linked_at=third.start - timedelta(days=2),
        ),
        "station-unsaid": replace(
            here,
            station=replace(station, place=""),
            roster=Roster(version="0"),
            airtime={},
            online=False,
            timetable=_ordered([*evening, *many]),
            focus={Screen.STATION: FocusId("more")},
        ),
        "station-quiet": replace(here, timetable=(), online=False, linked_at=None),
    }


def _moved(airing: Airing, by: timedelta, name: str) -> Airing:
    """The same lesson at another time."""
    return replace(airing, id=AiringId(name), start=airing.start + by)


def _many(airing: Airing, count: int) -> list[Airing]:
    """So many short showings before an airing, each of its own lesson."""
    return [
        replace(
            airing,
            id=AiringId(f"many.{place}"),
            start=airing.start - timedelta(minutes=8 * (count - place)),
            duration_ms=7 * 60_000,
            lesson=replace(airing.lesson, id=LessonId(f"many.{place}"), number=place + 1),
        )
        for place in range(count)
    ]


def _ordered(airings: Sequence[Airing]) -> tuple[Airing, ...]:
    return tuple(sorted(airings, key=lambda airing: airing.start))
