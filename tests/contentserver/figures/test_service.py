"""Buckets equal what the sessions say, whatever came late, twice, or was taken back; and a rebuild proves it."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.attendance import SessionRow, SignInRow, StaleDay, take_in
from contentserver.boxes import Box
from contentserver.figures import (
    figures_and_courses,
    figures_by_course,
    figures_by_day,
    figures_of,
    rebuild,
    refresh,
)
from contentserver.figures.models import Bucket
from contentserver.kernel import clock
from contentserver.kernel.db import Database
from contentserver.stations import Station
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import (
    AiringStarted,
    EventBatch,
    EventBody,
    HeadCounted,
    PlaybackSpan,
    SignedIn,
    SignInMethod,
    SignInUndone,
)
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box
from tests.contentserver.journals import records

COURSES = ("测土配方施肥", "滩羊冬季补饲")
COUNTY, TOWNSHIP = "640221", "640221203"
FIRST, LAST = date(2026, 10, 20), date(2026, 12, 31)


def _card(airing: int) -> LessonCard:
    return LessonCard(id=LessonId(f"l{airing}"), title="一讲", course=COURSES[airing % 2])


def _id(airing: int) -> AiringId:
    return AiringId(f"airing-{airing}")


def _planned(airing: int) -> datetime:
    """Every airing on another day, over the end of a month; the third an hour before midnight of the stations."""
    return NOW + timedelta(days=3 * airing - 2, hours=4 if airing == 2 else 0)


def _started(airing: int) -> EventBody:
    return AiringStarted(
        airing=_id(airing),
        planned_start=_planned(airing),
        duration_ms=60_000,
        lesson=_card(airing),
        package=PackageName("p"),
        late_ms=20,
    )


def _bodies() -> st.SearchStrategy[EventBody]:
    airings, members = st.integers(0, 4), st.sampled_from("abcde")
    return st.one_of(
        airings.map(_started),
        st.builds(
            lambda airing, member: SignedIn(
                airing=_id(airing), lesson=_card(airing), member=member, method=SignInMethod.NAME
            ),
            airings,
            members,
        ),
        st.builds(lambda airing, member: SignInUndone(airing=_id(airing), member=member), airings, members),
        st.builds(lambda airing, people: HeadCounted(airing=_id(airing), people=people), airings, st.integers(0, 40)),
        st.builds(
            lambda airing, start, length: PlaybackSpan(
                airing=_id(airing),
                lesson=_card(airing),
                package=PackageName("p"),
                from_ms=start,
                to_ms=start + length,
                started_at=_planned(airing),
            ),
            airings,
            st.integers(0, 50_000),
            st.integers(1, 10_000),
        ),
    )


@pytest.fixture
def two_villages(session: Session, village: Station) -> tuple[Box, Box]:
    """A box in one village, and one in another of the same township."""
    other = next(one for one in stations.stations_in(session, TOWNSHIP) if one.id != village.id)
    return enrolled_box(session, village), enrolled_box(session, other, "other")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_late_double_and_undone_events_leave_no_bucket_wrong(
    database: Database, two_villages: tuple[Box, Box], session: Session, data: st.DataObject
) -> None:
    """Each example begins a new life of both journals; what the earlier ones left stays and is counted too."""
    for box in two_villages:
        epoch = data.draw(st.uuids()).hex
        rows = records(*data.draw(st.lists(_bodies(), max_size=14)))
        arriving = data.draw(st.permutations(rows)) + data.draw(
            st.lists(st.sampled_from(rows), max_size=3) if rows else st.just([])
        )
        while arriving:
            taken = data.draw(st.integers(1, 6))
            some, arriving = arriving[:taken], arriving[taken:]
            take_in(session, box, EventBatch(box=BoxId(box.id), epoch=epoch, events=tuple(some)), NOW)
            if data.draw(st.booleans()):
                refresh(session)
    while refresh(session):
        pass
    assert rebuild(session).differed == 0
    _agree(session)


def _agree(session: Session) -> None:
    """Buckets of any period against the sessions themselves."""
    rows = session.scalars(select(SessionRow)).all()
    for first, last in (
        (FIRST, LAST),
        (date(2026, 11, 21), date(2026, 12, 2)),
        (date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 11, 1), date(2026, 11, 24)),
        (date(2026, 10, 20), date(2026, 12, 3)),
    ):
        within = [row for row in rows if first <= clock.local(row.planned_start).date() <= last]
        for node in (COUNTY, TOWNSHIP):
            for course in ("", *COURSES):
                meant = [row for row in within if course in ("", row.course_title)]
                found = figures_of(session, [node], first, last, course)[node]
                assert found.sums.sessions == len(meant)
                assert found.sums.present == sum(row.present for row in meant)
                assert found.sums.shown_ms == sum(row.shown_ms for row in meant)
                assert found.sums.guests == sum(row.guests for row in meant)
                assert len(found.people) == len(_people(session, meant))
        for course in ("", *COURSES):
            assert figures_and_courses(session, [COUNTY, TOWNSHIP], first, last, course) == (
                figures_of(session, [COUNTY, TOWNSHIP], first, last, course),
                figures_by_course(session, COUNTY, first, last),
            )
        by_day = figures_by_day(session, COUNTY, first, last)
        assert sum(one.sums.sessions for one in by_day.values()) == len(within)
    assert session.scalars(select(StaleDay)).all() == []


def _people(session: Session, rows: list[SessionRow]) -> set[str]:
    keys = {(row.airing_id, row.station_id) for row in rows}
    return {one.member_id for one in session.scalars(select(SignInRow)) if (one.airing_id, one.station_id) in keys}


def _evening(session: Session, box: Box) -> None:
    bodies: list[EventBody] = [
        _started(0),
        SignedIn(airing=_id(0), lesson=_card(0), member="a", method=SignInMethod.NAME),
    ]
    take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e", events=records(*bodies)), NOW)


def test_a_rebuild_says_what_was_wrong(session: Session, two_villages: tuple[Box, Box]) -> None:
    _evening(session, two_villages[0])
    refresh(session)
    assert rebuild(session).differed == 0
    session.execute(update(Bucket).where(Bucket.node == COUNTY, Bucket.course == "").values(present=7))
    assert rebuild(session).differed == 2
    assert rebuild(session).differed == 0


def test_a_person_who_comes_to_two_villages_is_one_person_above_them(
    session: Session, two_villages: tuple[Box, Box]
) -> None:
    for box in two_villages:
        _evening(session, box)
    refresh(session)
    found = figures_of(session, [COUNTY, *(str(box.station_id) for box in two_villages)], FIRST, LAST)
    assert [len(one.people) for one in found.values()] == [1, 1, 1]
    assert [one.sums.present for one in found.values()] == [2, 1, 1]


def test_a_session_of_a_clock_gone_mad_is_kept_and_counted_nowhere(
    session: Session, two_villages: tuple[Box, Box]
) -> None:
    box = two_villages[0]
    mad = msgspec.structs.replace(_started(0), planned_start=datetime(9999, 12, 31, 23, tzinfo=NOW.tzinfo))
    take_in(session, box, EventBatch(box=BoxId(box.id), epoch="m", events=records(mad)), NOW)
    refresh(session)
    assert session.scalars(select(Bucket)).all() == []
    assert rebuild(session).buckets == 0
    assert session.get(SessionRow, (_id(0), UUID(str(box.station_id)))) is not None


def test_where_nothing_was_reported_there_is_an_entry_of_nothing(session: Session, village: Station) -> None:
    assert refresh(session) == 0
    found = figures_of(session, [COUNTY], FIRST, LAST)
    assert (found[COUNTY].sums.sessions, len(found[COUNTY].people)) == (0, 0)
