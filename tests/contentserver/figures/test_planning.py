"""Held against planned: a past evening counts by what was in force then, whatever the plan says later."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import figures, stations
from contentserver.attendance import take_in
from contentserver.boxes import Box
from contentserver.courses import Lesson
from contentserver.figures.models import PlannedDay
from contentserver.kernel.auth import Person, Role
from contentserver.stations import Station
from contentserver.timetable import airings_due, programmes, publishing
from contentserver.timetable import service as timetable
from contentserver.timetable.edits import RemoveSlot
from schedules.airings import Airing, Rank
from schedules.wire.messages import AiringMissed, AiringStarted, EventBatch, EventBody, PlaybackSpan
from schedules.wire.signing import Signer
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box, person
from tests.contentserver.journals import records
from tests.contentserver.readiness.furnishing import add_lesson, air

COUNTY, TOWNSHIP, OTHER = "640221", "640221203", "640221101"
DAY = timedelta(days=1)
EVENING = datetime(2026, 11, 23, 19, 30)  # noqa: DTZ001  # wall-clock time; NOW is 19:00 in Shanghai
MONDAY = date(2026, 11, 23)
COURSE = "政策与农技"


@pytest.fixture
def editor(session: Session, village: Station) -> Person:
    return person(session, Role.SYSTEM_ADMIN, COUNTY)


@pytest.fixture
def lesson(session: Session, editor: Person) -> Lesson:
    return add_lesson(session, editor, "看懂化验单")


def counted(session: Session, now: datetime) -> int:
    """Take in what is over, and compute until nothing is marked."""
    days = figures.count_plans(session, now)
    while figures.refresh(session):
        pass
    return days


def planned(
    session: Session, node: str, first: date = MONDAY, last: date = MONDAY, course: str = ""
) -> tuple[int, int]:
    sums = figures.figures_of(session, [node], first, last, course)[node].sums
    return sums.kept, sums.planned


def shown(airing: Airing) -> list[EventBody]:
    """What a box tells of an airing that it showed whole."""
    start = AiringStarted(
        airing=airing.id,
        planned_start=airing.start,
        duration_ms=airing.duration_ms,
        lesson=airing.lesson,
        package=airing.package,
        late_ms=20,
    )
    span = PlaybackSpan(
        airing=airing.id,
        lesson=airing.lesson,
        package=airing.package,
        from_ms=0,
        to_ms=airing.duration_ms,
        started_at=airing.start,
    )
    return [start, span]


def missed(airing: Airing, reason: str) -> EventBody:
    return AiringMissed(airing=airing.id, lesson=airing.lesson, reason=reason)


def told(session: Session, box: Box, bodies: list[EventBody], epoch: str) -> None:
    take_in(session, box, EventBatch(box=BoxId(box.id), epoch=epoch, events=records(*bodies)), NOW + DAY)


def monday(session: Session, region: str) -> tuple[Airing, ...]:
    return airings_due(session, [region], NOW - 19 * DAY / 24, NOW + 5 * DAY / 24)[region]


def test_an_evening_is_held_against_its_timetable(
    session: Session, village: Station, editor: Person, lesson: Lesson, signer: Signer
) -> None:
    second = next(one for one in stations.stations_in(session, TOWNSHIP) if one.id != village.id)
    air(session, signer, editor, TOWNSHIP, lesson, EVENING, NOW)
    (airing,) = monday(session, village.region_code)
    assert counted(session, NOW) == 0
    told(session, enrolled_box(session, village), shown(airing), "a")
    told(session, enrolled_box(session, second, "second"), [missed(airing, "not_stored")], "b")
    assert counted(session, NOW + DAY) == 1
    villages = len(stations.stations_in(session, TOWNSHIP))
    assert planned(session, str(village.id)) == (1, 1)
    assert planned(session, str(second.id)) == (0, 1)
    for node in (TOWNSHIP, COUNTY, "6402"):
        assert planned(session, node) == planned(session, node, course=COURSE) == (1, villages)
        found = figures.figures_of(session, [node], MONDAY, MONDAY)[node]
        assert found.reasons == {"not_stored": 1, figures.UNREPORTED: villages - 2}
        assert len(found.stations) == 1
        assert found.sums.timetable_ms == villages * lesson.duration_ms
    assert planned(session, OTHER) == (0, 0)
    assert figures.rebuild(session).differed == 0
    assert counted(session, NOW + DAY) == 0


def test_a_plan_that_changes_later_changes_nothing_that_is_past(
    session: Session, village: Station, editor: Person, lesson: Lesson, signer: Signer
) -> None:
    layer = air(session, signer, editor, village.region_code, lesson, EVENING, NOW, rule="FREQ=DAILY")
    counted(session, NOW + 2 * DAY)
    assert planned(session, str(village.id), MONDAY, MONDAY + 9 * DAY) == (0, 2)
    later = NOW + 2 * DAY
    (slot,) = programmes.draft_of(session, layer).slots
    timetable.edit(session, layer, RemoveSlot(slot=slot.id), editor, later)
    document = programmes.draft_of(session, layer)
    publishing.publish(
        session,
        layer,
        document,
        signer,
        submitted_by=editor.id,
        approved_by=editor,
        version=layer.draft_version,
        now=later,
    )
    counted(session, NOW + 9 * DAY)
    assert planned(session, str(village.id), MONDAY, MONDAY + 9 * DAY) == (0, 2)
    assert figures.rebuild(session).differed == 0
    assert planned(session, str(village.id), MONDAY, MONDAY + 9 * DAY) == (0, 2)


def test_what_a_higher_region_displaces_was_not_to_be_shown(
    session: Session, village: Station, editor: Person, lesson: Lesson, signer: Signer
) -> None:
    other = add_lesson(session, editor, "滩羊冬季补饲", course="养殖")
    air(session, signer, editor, village.region_code, lesson, EVENING, NOW)
    air(session, signer, editor, COUNTY, other, EVENING + timedelta(minutes=10), NOW, rank=Rank.MANDATORY)
    assert [one.lesson.title for one in monday(session, village.region_code)] == ["滩羊冬季补饲"]
    counted(session, NOW + DAY)
    assert planned(session, str(village.id)) == planned(session, str(village.id), course="养殖") == (0, 1)


def test_a_revision_counts_from_the_moment_it_was_made(
    session: Session, village: Station, editor: Person, lesson: Lesson, signer: Signer
) -> None:
    air(session, signer, editor, village.region_code, lesson, EVENING + timedelta(minutes=30), NOW)
    late = add_lesson(session, editor, "补课", minutes=5)
    air(session, signer, editor, village.region_code, late, EVENING + timedelta(hours=3), NOW + timedelta(hours=2))
    titles = [one.lesson.title for one in monday(session, village.region_code)]
    assert titles == ["看懂化验单", "补课"]
    counted(session, NOW + DAY)
    assert planned(session, str(village.id)) == (0, 2)


def test_a_station_counts_from_the_day_it_is_there(
    session: Session, village: Station, editor: Person, lesson: Lesson, signer: Signer
) -> None:
    air(session, signer, editor, village.region_code, lesson, EVENING, NOW, rule="FREQ=DAILY")
    counted(session, NOW + 3 * DAY)
    new = Station(name="新站", kind="village", region_code=village.region_code)
    session.add(new)
    session.flush()
    counted(session, NOW + 3 * DAY)
    counted(session, NOW + 5 * DAY)
    assert planned(session, str(village.id), MONDAY, MONDAY + 9 * DAY) == (0, 5)
    assert planned(session, str(new.id), MONDAY, MONDAY + 9 * DAY) == (0, 2)
    assert planned(session, village.region_code, MONDAY, MONDAY + 9 * DAY) == (0, 7)
    assert figures.rebuild(session).differed == 0


def test_where_nothing_was_published_nothing_is_asked(session: Session, village: Station) -> None:
    assert counted(session, NOW) == 0
    assert session.scalars(select(PlannedDay)).all() == []
    assert airings_due(session, [village.region_code], NOW, NOW + DAY) == {village.region_code: ()}


def test_a_long_past_is_taken_in_a_week_at_a_time(
    session: Session, village: Station, editor: Person, lesson: Lesson, signer: Signer
) -> None:
    air(session, signer, editor, village.region_code, lesson, EVENING, NOW, rule="FREQ=DAILY;COUNT=3")
    assert [counted(session, NOW + 12 * DAY) for _turn in range(3)] == [7, 5, 0]
    assert planned(session, str(UUID(str(village.id))), MONDAY, MONDAY + 20 * DAY) == (0, 3)
    days = figures.attendance_by_day(session, COUNTY, MONDAY, MONDAY + 20 * DAY)
    assert list(days) == [MONDAY + number * DAY for number in range(3)]
    assert [one.planned for one in figures.sums_by_month(session, COUNTY, date(2026, 11, 1), MONDAY).values()] == [3]
