"""What was shown, a week in numbers, and a whole city at once, on both databases."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.attendance import take_in
from contentserver.boxes import Box
from contentserver.courses import Lesson
from contentserver.kernel.auth import Person, Role
from contentserver.readiness import notes, refreshing, service
from contentserver.readiness.reasons import Light
from contentserver.timetable import publishing
from schedules.airings import AiringId, LessonCard, LessonId, PackageName, Rank
from schedules.wire.messages import (
    AiringEnded,
    AiringMissed,
    AiringStarted,
    EventBatch,
    EventBody,
    EventRecord,
    PlaybackSpan,
)
from schedules.wire.signing import Signer
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, person
from tests.contentserver.readiness.conftest import COUNTY, SHELF, START, TOMORROW, TOWNSHIP, board, only
from tests.contentserver.readiness.furnishing import (
    DAY,
    HOUR,
    MB,
    MINUTE,
    STORED,
    add_boxes,
    add_lesson,
    air,
    air_everywhere,
    fetching,
    report,
)


def happened(session: Session, box: Box, lesson: Lesson, *bodies: EventBody) -> None:
    events = tuple(
        EventRecord(sequence=number, at=START, uncertainty_ms=10, body=msgspec.Raw(msgspec.json.encode(body)))
        for number, body in enumerate(bodies, start=1)
    )
    take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e1", events=events), START + HOUR)


@pytest.mark.parametrize(
    ("shown_min", "ended", "light"),
    [(40, True, Light.SHOWN), (39, False, Light.SHOWN), (10, False, Light.PARTLY), (None, False, Light.MISSED)],
)
def test_afterwards_the_board_turns_to_what_was_shown(
    session: Session, box: Box, lesson: Lesson, shown_min: int | None, ended: bool, light: Light
) -> None:
    card = LessonCard(id=LessonId(str(lesson.id)), title=lesson.title, course="")
    airing, package = AiringId(only(session).airing.id), PackageName(lesson.package_name or "")
    over = START + 41 * MINUTE
    assert only(session, over).verdict.light is Light.UNREPORTED
    if shown_min is None:
        happened(session, box, lesson, AiringMissed(airing=airing, lesson=card, reason="not_stored"))
    else:
        begun = AiringStarted(
            airing=airing, planned_start=START, duration_ms=2_400_000, lesson=card, package=package, late_ms=40
        )
        span = PlaybackSpan(
            airing=airing, lesson=card, package=package, from_ms=0, to_ms=shown_min * 60_000, started_at=START
        )
        happened(session, box, lesson, begun, span, *([AiringEnded(airing=airing, complete=True)] if ended else []))
    row = only(session, over)
    assert row.verdict.light is light
    assert bool(row.verdict.reasons) == (light is not Light.SHOWN)


def test_a_week_counts_each_box_by_the_worst_airing_of_its_day(
    session: Session, box: Box, lesson: Lesson, editor: Person, signer: Signer
) -> None:
    other = add_lesson(session, editor, "滩羊冬季补饲")
    air(session, signer, editor, TOWNSHIP, other, TOMORROW - timedelta(hours=3), NOW, rank=Rank.OPTIONAL)
    held = {lesson.package_name or "": STORED}
    report(session, box, NOW + MINUTE, {**held, other.package_name or "": fetching(45 * MB)}, kbps=600)
    monday = datetime(2026, 11, 23, tzinfo=UTC).date()
    days = service.week(session, COUNTY, monday, NOW, SHELF, "Asia/Shanghai")
    assert {day.isoformat(): dict(lights) for day, lights in days.items() if lights} == {
        "2026-11-24": {Light.AT_RISK: 1}
    }
    report(session, box, NOW + 2 * MINUTE, {**held, other.package_name or "": STORED})
    days = service.week(session, COUNTY, monday, NOW, SHELF, "Asia/Shanghai")
    assert days[datetime(2026, 11, 24, tzinfo=UTC).date()] == {Light.READY: 1}


def test_many_boxes_are_judged_by_as_many_queries_as_few(session: Session, editor: Person, signer: Signer) -> None:
    stations.add_village_stations(session, "6402")
    everywhere = stations.stations_in(session, "6402")
    lessons = air_everywhere(session, signer, person(session, Role.SCHEDULER, "6402"), 6)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    needed = []
    for first in (0, 20):
        add_boxes(session, everywhere, range(first, 10 * first + 20), lessons)
        session.flush()
        session.expire_all()
        asked.clear()
        shown = board(session, root="6402")
        refreshing.refresh(session, SHELF, notes.keep, NOW)
        needed.append(len(asked))
    event.remove(session.get_bind(), "before_cursor_execute", note)
    lights = [row.verdict.light for row in shown.rows]
    assert (len(lights), lights.count(Light.AT_RISK), lights[0]) == (220, 11, Light.AT_RISK)
    assert needed[0] == needed[1]


def test_renewing_a_window_leaves_a_box_at_risk_only_until_it_has_stored_it(
    session: Session, box: Box, lesson: Lesson, signer: Signer
) -> None:
    publishing.renew_windows(session, signer, NOW + 2 * DAY)
    assert only(session).verdict.light is Light.AT_RISK
    report(session, box, NOW + MINUTE, {lesson.package_name or "": STORED})
    assert only(session).verdict.light is Light.READY
