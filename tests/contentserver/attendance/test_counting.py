"""Rules of hours by their first day: what is told stays, late facts of an old evening count by the old rule."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import SignInRow, take_in
from contentserver.attendance.counting import adopt, rule_on, rules_kept, withdraw
from contentserver.attendance.crediting import USUAL, CreditRule
from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Role
from contentserver.kernel.clock import local
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.stations import Station
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import AiringStarted, EventBatch, EventBody, PlaybackSpan, SignedIn, SignInMethod
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box, person
from tests.contentserver.journals import records

TODAY = local(NOW).date()
DAY = timedelta(days=1)
MINUTE = 60_000
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")


def evening(begins: datetime, member: str, came_after: timedelta) -> tuple[EventBody, ...]:
    """Forty minutes, and one member who came so long after the first picture."""
    airing = AiringId(f"airing-{begins:%d}")
    shown = PlaybackSpan(
        airing=airing,
        lesson=LESSON,
        package=PackageName("p"),
        from_ms=0,
        to_ms=40 * MINUTE,
        started_at=begins - came_after,
    )
    started = AiringStarted(
        airing=airing,
        planned_start=begins - came_after,
        duration_ms=40 * MINUTE,
        lesson=LESSON,
        package=PackageName("p"),
        late_ms=0,
    )
    return started, SignedIn(airing=airing, lesson=LESSON, member=member, method=SignInMethod.NUMBER), shown


def test_the_day_of_the_session_decides_and_nothing_told_changes(
    session: Session, village: Station, take: Callable[..., dict[str, bool]]
) -> None:
    admin = person(session, Role.SYSTEM_ADMIN, "")
    assert rule_on(session, TODAY) == USUAL
    assert take(NOW) == {f"airing-{NOW:%d}": True}
    adopt(session, TODAY + DAY, 80, 0, "会议决定", admin, NOW)
    assert rule_on(session, TODAY) == USUAL
    assert rule_on(session, TODAY + DAY) == rule_on(session, TODAY + 400 * DAY) == CreditRule(80, 0)
    assert take(NOW, NOW + DAY) == {f"airing-{NOW:%d}": True, f"airing-{NOW + DAY:%d}": False}
    assert rule_on(session, None) == USUAL
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "credit_rule.adopted"))
    assert (entry.subject, "会议决定" in entry.after) == ((TODAY + DAY).isoformat(), True)


@pytest.fixture
def take(session: Session, village: Station) -> Callable[..., dict[str, bool]]:
    """Evenings at which somebody came a quarter of an hour late; whether hours count, by airing."""
    box, member = enrolled_box(session, village), str(uuid4())

    def taken(*begins: datetime) -> dict[str, bool]:
        for number, one in enumerate(begins):
            bodies = evening(one, member, timedelta(minutes=15))
            batch = EventBatch(box=BoxId(box.id), epoch=f"e{number}", events=records(*bodies, since=one))
            take_in(session, box, batch, NOW)
        session.flush()
        return {row.airing_id: row.credit_ms > 0 for row in session.scalars(select(SignInRow))}

    return taken


def test_a_rule_that_has_not_begun_is_replaced_or_taken_back(session: Session) -> None:
    admin = person(session, Role.SYSTEM_ADMIN, "")
    for share in (70, 75):
        adopt(session, TODAY + 2 * DAY, share, 5, "试行", admin, NOW)
    assert [(row.first_day, row.share_percent) for row in rules_kept(session)] == [(TODAY + 2 * DAY, 75)]
    with pytest.raises(Conflict):
        withdraw(session, TODAY + 2 * DAY, admin, NOW + 2 * DAY)
    withdraw(session, TODAY + 2 * DAY, admin, NOW)
    assert not rules_kept(session)
    assert rule_on(session, TODAY + 3 * DAY) == USUAL
    with pytest.raises(NotFound):
        withdraw(session, TODAY + 2 * DAY, admin, NOW)


@pytest.mark.parametrize(
    ("first_day", "share", "grace", "reason", "code"),
    [
        (TODAY, 60, 10, "x", "day_wrong"),
        (TODAY - DAY, 60, 10, "x", "day_wrong"),
        (date.max, 60, 10, "x", "day_wrong"),
        (None, 60, 10, "x", "day_wrong"),
        (TODAY + DAY, 0, 10, "x", "share_wrong"),
        (TODAY + DAY, 101, 10, "x", "share_wrong"),
        (TODAY + DAY, None, 10, "x", "share_wrong"),
        (TODAY + DAY, 60, -1, "x", "grace_wrong"),
        (TODAY + DAY, 60, 61, "x", "grace_wrong"),
        (TODAY + DAY, 60, 10, " \n", "reason_missing"),
    ],
)
def test_what_is_no_rule_is_refused_and_changes_nothing(
    session: Session, first_day: date | None, share: int | None, grace: int | None, reason: str, code: str
) -> None:
    admin = person(session, Role.SYSTEM_ADMIN, "")
    with pytest.raises(Rejected) as refused:
        adopt(session, first_day, share, grace, reason, admin, NOW)
    assert refused.value.code == code
    assert not rules_kept(session)
