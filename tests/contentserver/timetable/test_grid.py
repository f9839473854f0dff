"""The editor's week on both databases: its rows and versions, what has aired, made-up airings, clashes, the palette."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel.auth import Person, Role
from contentserver.members import add_member
from contentserver.stations import Station
from contentserver.timetable import grid, publishing, service
from contentserver.timetable.edits import AddMakeUp, AddSlot
from contentserver.timetable.programmes import draft_of
from schedules.airings import AiringId, Rank
from schedules.wire.signing import Signer
from tests.contentserver.conftest import NOW, VILLAGE, person

COUNTY, MONDAY = "640221", date(2026, 11, 23)
EVENING = datetime(2026, 11, 24, 19, 30)  # noqa: DTZ001  # wall-clock time; NOW is Monday 19:00 in Shanghai


@pytest.fixture
def course(session: Session, editor: Person) -> Course:
    made = Course(title="测土配方施肥", subject="种植", audience="农户", region_code=COUNTY, created_at=NOW)
    session.add(made)
    session.flush()
    for number, state in enumerate((LessonState.APPROVED, LessonState.APPROVED, LessonState.IN_REVIEW), start=1):
        session.add(
            Lesson(
                course_id=made.id,
                number=number,
                title=f"第{number}讲",
                state=state,
                uploader_id=editor.id,
                created_at=NOW,
                package_name=f"sha256-{number}",
                duration_ms=2_400_001,
            )
        )
    session.flush()
    session.refresh(made)
    return made


def _plan(session: Session, code: str, lesson: Lesson, start: datetime, editor: Person, rank: Rank) -> None:
    edit = AddSlot(lessons=(str(lesson.id),), local_start=start, rank=rank)
    service.edit(session, service.layer_of(session, code), edit, editor, NOW)


def test_rows_say_who_may_edit_them_and_at_which_draft(session: Session, editor: Person, course: Course) -> None:
    _plan(session, VILLAGE, course.lessons[0], EVENING, editor, Rank.REGULAR)
    shown = grid.week_of(session, VILLAGE, MONDAY, editor, NOW)
    assert [(row.code, row.mine, row.version, row.changed) for row in shown.rows] == [
        ("6402", False, 0, False),
        (COUNTY, True, 0, False),
        (VILLAGE[:9], True, 0, False),
        (VILLAGE, True, 1, True),
    ]  # the province airs nothing and is not theirs: it takes no room
    assert (shown.version, shown.now) == (1, datetime(2026, 11, 23, 19, 0))  # noqa: DTZ001
    reviewer = person(session, Role.REVIEWER, "6402")
    assert not any(row.mine for row in grid.week_of(session, VILLAGE, MONDAY, reviewer, NOW).rows)
    assert len(grid.week_of(session, COUNTY, MONDAY, editor, NOW).rows) == 3


def test_a_clash_counts_the_people_and_a_made_up_airing_names_what_it_makes_up_for(
    session: Session, editor: Person, course: Course, village: Station
) -> None:
    for number in range(3):
        add_member(session, village.id, f"村民{number}", str(101 + number))
    _plan(session, COUNTY, course.lessons[0], EVENING, editor, Rank.MANDATORY)
    _plan(session, VILLAGE, course.lessons[1], EVENING, editor, Rank.REGULAR)
    clash = grid.week_of(session, VILLAGE, MONDAY, editor, NOW).clashes[0]
    assert (clash.loser.title, clash.expected, clash.blocks) == ("第2讲", 3, True)
    assert clash.free == EVENING + timedelta(milliseconds=2_400_001)

    later = EVENING + timedelta(days=1)
    made_up = AddMakeUp(airing=AiringId(clash.loser.id), start=later)  # naive: in the stations' zone
    service.edit(session, service.layer_of(session, VILLAGE), made_up, editor, NOW)
    events = grid.week_of(session, VILLAGE, MONDAY, editor, NOW).events
    made = [(one.start, one.makes_up) for one in events if one.origin == "make_up"]
    assert made == [(later, clash.loser.id)]


def test_what_has_aired_of_this_week_is_counted_as_published(
    session: Session, editor: Person, course: Course, signer: Signer
) -> None:
    layer = service.layer_of(session, COUNTY)
    daily = AddSlot(lessons=(str(course.lessons[0].id),), local_start=EVENING, rule="FREQ=DAILY")
    service.edit(session, layer, daily, editor, NOW)
    assert grid.aired(session, layer, NOW) == (0, 0)  # a draft airs nothing
    publishing.publish(
        session,
        layer,
        draft_of(session, layer),
        signer,
        submitted_by=editor.id,
        approved_by=editor,
        version=layer.draft_version,
        now=NOW,
    )
    assert grid.aired(session, layer, NOW) == (0, 6)
    assert grid.aired(session, layer, datetime(2026, 11, 26, 12, 11, tzinfo=UTC)) == (3, 6)


def test_the_palette_has_what_may_air_alone(course: Course) -> None:
    (shown,) = grid.palette([course], NOW.date())
    assert (shown.title, shown.subject, shown.audience) == ("测土配方施肥", "种植", "农户")
    assert [(one.title, one.minutes) for one in shown.lessons] == [("第1讲", 41), ("第2讲", 41)]
    assert grid.palette([Course(title="空", region_code=COUNTY, created_at=NOW)], NOW.date()) == ()
