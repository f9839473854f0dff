"""A lesson held while the box was broken: noted from the timetable, counted as people and not as hours."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.attendance import correcting, rebuild, take_in
from contentserver.attendance.models import SessionRow, SignInRow
from contentserver.figures import figures_of, refresh
from contentserver.figures import rebuild as rebuild_figures
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, NotFound
from contentserver.members import add_member
from contentserver.stations import Station
from schedules.airings import AiringId
from schedules.wire.messages import AiringStarted, EventBatch, PlaybackSpan
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, VILLAGE, enrolled_box, person
from tests.contentserver.guide.test_service import Plan, plan
from tests.contentserver.journals import records
from tests.contentserver.timetable.conftest import EVENING, EVENING_UTC, MakeLesson, editor, make_lesson, reviewer

__all__ = ["editor", "make_lesson", "plan", "reviewer"]
HOUR_LATER = EVENING_UTC + timedelta(hours=1)
MS_40 = 40 * 60_000


def test_an_evening_without_a_box_has_people_and_no_hours_until_the_box_reports(
    session: Session, village: Station, plan: Plan, make_lesson: MakeLesson
) -> None:
    plan(VILLAGE, make_lesson(), EVENING, rule="FREQ=DAILY")
    member = add_member(session, village.id, "马建国", "101")
    admin = person(session, Role.STATION_ADMIN, VILLAGE)
    (airing,) = correcting.airings_at(session, village, HOUR_LATER)
    assert airing.start == EVENING_UTC
    later = correcting.airings_at(session, village, HOUR_LATER, timedelta(days=2))
    assert [one.start - EVENING_UTC for one in later] == [timedelta(days=2), timedelta(days=1), timedelta()]
    with pytest.raises(Conflict):
        correcting.hold_without_box(session, (later[0].id, village.id), "停电", admin, HOUR_LATER)
    key = (str(airing.id), village.id)
    with pytest.raises(NotFound):
        correcting.keep_sheet(session, key, "101", "停电", admin, HOUR_LATER)
    correcting.hold_without_box(session, key, "机顶盒坏了", admin, HOUR_LATER)
    correcting.keep_sheet(session, key, "101", "签在纸上", admin, HOUR_LATER)
    row = session.get_one(SessionRow, key)
    assert (row.lesson_title, row.planned_start, row.planned_ms) == ("看懂化验单", EVENING_UTC, MS_40)
    assert (row.present, row.expected, row.shown_ms, row.credit_ms, row.late_ms) == (1, 1, 0, 0, None)
    assert row.doubts == "nothing_shown"
    refresh(session)
    day = EVENING.date()
    sums = figures_of(session, [str(village.id)], day, day)[str(village.id)].sums
    assert (sums.sessions, sums.held, sums.present, sums.credit_ms) == (1, 0, 1, 0)
    rebuild(session)
    assert session.get_one(SignInRow, (*key, str(member.id))).method == "paper"

    box = enrolled_box(session, village)
    lesson, package = airing.lesson, airing.package
    told = records(
        AiringStarted(
            airing=AiringId(key[0]),
            planned_start=EVENING_UTC,
            duration_ms=MS_40,
            lesson=lesson,
            package=package,
            late_ms=0,
        ),
        PlaybackSpan(
            airing=AiringId(key[0]), lesson=lesson, package=package, from_ms=0, to_ms=MS_40, started_at=EVENING_UTC
        ),
    )
    take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e", events=told), HOUR_LATER)
    assert (row.present, row.shown_ms, row.credit_ms, row.doubts) == (1, MS_40, MS_40, "")
    refresh(session)
    assert rebuild_figures(session).differed == 0


def test_taking_it_back_takes_the_session_away_and_keeps_what_was_said(
    session: Session, village: Station, plan: Plan, make_lesson: MakeLesson
) -> None:
    plan(VILLAGE, make_lesson(), EVENING)
    add_member(session, village.id, "马建国", "101")
    admin = person(session, Role.STATION_ADMIN, VILLAGE)
    (airing,) = correcting.airings_at(session, village, HOUR_LATER)
    key = (str(airing.id), village.id)
    correcting.hold_without_box(session, key, "机顶盒坏了", admin, HOUR_LATER)
    correcting.keep_sheet(session, key, "101", "签在纸上", admin, HOUR_LATER)
    refresh(session)
    correcting.take_back(session, key, 1, "原来没有上课", admin, HOUR_LATER)
    assert session.get(SessionRow, key) is None
    refresh(session)
    day = NOW.date()
    assert figures_of(session, [str(village.id)], day, day)[str(village.id)].sums.sessions == 0
    correcting.hold_without_box(session, key, "还是上了", admin, HOUR_LATER)
    assert session.get_one(SessionRow, key).present == 1
