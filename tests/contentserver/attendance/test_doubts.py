"""Sessions that cannot quite be true: found by themselves, on both sides, and gone again when the reason goes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.attendance import doubting, rebuild, take_in
from contentserver.attendance.doubts import Doubt, doubts_of, overlap, packed, unpacked
from contentserver.attendance.models import SessionRow
from contentserver.attendance.rules import Arrival
from contentserver.boxes import Box
from contentserver.kernel.auth import Role
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
from tests.contentserver.conftest import NOW, enrolled_box, person
from tests.contentserver.journals import records

T0 = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")
MINUTES_40 = 40 * 60_000


def came(*seconds: float) -> list[Arrival]:
    return [Arrival(f"m{number}", T0 + timedelta(seconds=at), "name") for number, at in enumerate(seconds)]


def found(arrivals: list[Arrival], *, shown: int = 1, heads: int | None = None, clock_ms: int = 5) -> set[Doubt]:
    last = T0 + timedelta(minutes=40) if shown else None
    return set(doubts_of(arrivals, shown_ms=shown, head_count=heads, last_picture=last, worst_uncertainty_ms=clock_ms))


def test_an_ordinary_evening_is_not_doubtful() -> None:
    assert found(came(*range(0, 300, 10)), heads=31) == set()
    assert found([]) == set()
    assert found([], shown=0) == set()


def test_each_doubt_has_its_reason() -> None:
    assert found(came(1), shown=0) == {Doubt.NOTHING_SHOWN}
    assert found(came(1, 2), heads=1) == {Doubt.FEWER_COUNTED}
    assert found(came(1), clock_ms=60_001) == {Doubt.UNSURE_CLOCK}
    assert found(came(70 * 60 + 1)) == {Doubt.LONG_AFTER}
    assert found(came(70 * 60)) == set()


def test_sixty_within_a_minute_are_a_crowd_and_fifty_nine_are_not() -> None:
    assert found(came(*(60 * number / 59 for number in range(60)))) == {Doubt.CROWD}
    assert found(came(*(60 * number / 59 for number in range(59)))) == set()
    assert found(came(*(61 * number / 59 for number in range(60)))) == set()


@given(st.frozensets(st.sampled_from(Doubt)))
def test_a_column_keeps_what_it_was_given(some: frozenset[Doubt]) -> None:
    assert unpacked(packed(some)) == some
    assert len(packed(frozenset(Doubt))) <= 100
    assert unpacked(packed(some) + " of_a_later_program") == some


@given(st.integers(0, 100), st.integers(0, 60), st.integers(0, 100), st.integers(0, 60))
def test_overlap_is_what_a_ruler_says_whichever_comes_first(one: int, long: int, other: int, longer: int) -> None:
    first = (T0 + timedelta(milliseconds=one), long)
    second = (T0 + timedelta(milliseconds=other), longer)
    moments = set(range(one, one + max(long, 1))) & set(range(other, other + max(longer, 1)))
    assert overlap(first, second) == overlap(second, first) == bool(moments)


class Room:
    """A box that writes one session."""

    def __init__(self, session: Session, box: Box, airing: str, start: datetime) -> None:
        self.session, self.box, self.airing, self.start, self.written = session, box, AiringId(airing), start, 0
        self.write(
            AiringStarted(
                airing=self.airing,
                planned_start=start,
                duration_ms=MINUTES_40,
                lesson=LESSON,
                package=PackageName("p"),
                late_ms=10,
            ),
            PlaybackSpan(
                airing=self.airing,
                lesson=LESSON,
                package=PackageName("p"),
                from_ms=0,
                to_ms=MINUTES_40,
                started_at=start,
            ),
        )

    def write(self, *bodies: EventBody) -> None:
        rows = records(*bodies, first=self.written + 1, since=self.start)
        self.written += len(bodies)
        take_in(self.session, self.box, EventBatch(box=BoxId(self.box.id), epoch=self.airing, events=rows), NOW)

    def sign_in(self, member: str) -> None:
        self.write(SignedIn(airing=self.airing, lesson=LESSON, member=member, method=SignInMethod.NAME))

    def undo(self, member: str) -> None:
        self.write(SignInUndone(airing=self.airing, member=member))

    @property
    def row(self) -> SessionRow:
        return self.session.get_one(SessionRow, (self.airing, UUID(str(self.box.station_id))))

    @property
    def doubts(self) -> set[Doubt]:
        return set(unpacked(self.row.doubts))


@pytest.fixture
def boxes(session: Session, village: Station) -> tuple[Box, Box]:
    other = next(one for one in stations.stations_in(session, "640221203") if one.id != village.id)
    return enrolled_box(session, village), enrolled_box(session, other, "other")


def test_somebody_at_two_places_makes_both_doubtful_until_one_is_taken_back(
    session: Session, boxes: tuple[Box, Box]
) -> None:
    here, there = Room(session, boxes[0], "a", T0), Room(session, boxes[1], "b", T0 + timedelta(minutes=39))
    here.sign_in("x")
    assert here.doubts == set()
    there.sign_in("x")
    assert here.doubts == there.doubts == {Doubt.TWO_PLACES}
    there.undo("x")
    assert here.doubts == there.doubts == set()
    there.sign_in("x")
    before = (here.row.doubts, there.row.doubts)
    rebuild(session)
    assert (here.row.doubts, there.row.doubts) == before == ("two_places", "two_places")


def test_the_next_lesson_elsewhere_and_the_next_one_here_are_no_doubt(session: Session, boxes: tuple[Box, Box]) -> None:
    here, there = Room(session, boxes[0], "a", T0), Room(session, boxes[1], "b", T0 + timedelta(minutes=40))
    later = Room(session, boxes[0], "c", T0 + timedelta(minutes=20))
    for room in (here, there, later):
        room.sign_in("x")
    assert here.doubts == set()
    assert there.doubts == later.doubts == {Doubt.TWO_PLACES}


def test_who_has_asked_is_kept_and_a_new_doubt_waits_again(session: Session, boxes: tuple[Box, Box]) -> None:
    here, there = Room(session, boxes[0], "a", T0), Room(session, boxes[1], "b", T0)
    here.sign_in("x")
    there.sign_in("x")
    township, staff = "640221203", person(session, Role.COUNTY_STAFF)
    assert doubting.waiting_doubts(session, township) == 2
    assert doubting.waiting_doubts(session, "640202") == 0
    doubting.look_at(session, here.row, "两张卡换错了", staff, NOW)
    session.flush()
    assert doubting.waiting_doubts(session, township) == 1
    everything = session.scalars(doubting.doubtful(township, everything=True)).all()
    assert {row.airing_id for row in everything} == {"a", "b"}
    here.write(HeadCounted(airing=here.airing, people=0))
    assert here.doubts == {Doubt.TWO_PLACES, Doubt.FEWER_COUNTED}
    waiting = session.scalars(select(SessionRow.airing_id).where(SessionRow.doubts != "")).all()
    assert sorted(waiting) == ["a", "b"]
    assert doubting.waiting_doubts(session, township) == 2
    review = doubting.review_of(session, here.row)
    assert review is not None
    assert (review.note, review.doubts, review.by) == ("两张卡换错了", "two_places", staff.id)
