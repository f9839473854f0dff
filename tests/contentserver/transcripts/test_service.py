"""What a member attended, on both databases: everywhere they were, in scope, and verified against today's numbers."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.attendance import correcting, take_in
from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Forbidden, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.members import Member, add_member, member_asked
from contentserver.stations import Station
from contentserver.transcripts import rules, service, statements
from contentserver.transcripts.rules import Period
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import AiringStarted, EventBatch, PlaybackSpan, SignedIn, SignInMethod
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, VILLAGE, enrolled_box, person
from tests.contentserver.journals import records

MS_40, SECRET = 40 * 60_000, "s" * 40
LATER = NOW + timedelta(days=500)


@pytest.fixture
def member(session: Session, village: Station) -> Member:
    return add_member(session, village.id, "马建国", "101")


def evening(session: Session, station: Station, member: Member, days: int, course: str = "测土配方施肥") -> str:
    """A lesson of forty minutes so many days after NOW, to which the member came."""
    box, airing = enrolled_box(session, station, f"{station.id}{days}"), AiringId(f"airing-{days}")
    start, card = NOW + timedelta(days=days), LessonCard(id=LessonId("l"), title="看懂化验单", course=course)
    told = records(
        AiringStarted(
            airing=airing, planned_start=start, duration_ms=MS_40, lesson=card, package=PackageName("p"), late_ms=0
        ),
        SignedIn(airing=airing, lesson=card, member=str(member.id), method=SignInMethod.NAME),
        PlaybackSpan(airing=airing, lesson=card, package=PackageName("p"), from_ms=0, to_ms=MS_40, started_at=start),
        since=start,
    )
    take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e", events=told), NOW)
    return airing


def test_sessions_of_all_stations_stand_there_the_newest_first(
    session: Session, village: Station, member: Member
) -> None:
    other = next(one for one in stations.stations_in(session, "640221203") if one.id != village.id)
    for days, station, course in ((0, village, "甲"), (60, other, "乙"), (7, village, "甲")):
        evening(session, station, member, days, course)
    found = service.attended_by(session, member.id)
    assert [(one.station, one.course, one.credit_ms) for one in found] == [
        (other.name, "乙", MS_40),
        (village.name, "甲", MS_40),
        (village.name, "甲", MS_40),
    ]
    assert rules.totals(found, lambda one: one.day.year) == {
        2027: rules.Sum(1, 1, MS_40),
        2026: rules.Sum(2, 2, 2 * MS_40),
    }
    assert service.sums_of(session, [member])[member.id].credit_ms == 3 * MS_40


def test_a_printed_statement_holds_until_a_correction_changes_it(
    session: Session, village: Station, member: Member
) -> None:
    airing = evening(session, village, member, 0)
    evening(session, village, member, 400)
    period = Period(date(2026, 11, 1), date(2026, 12, 31))
    stated = service.statement_of(member, service.attended_by(session, member.id), period, LATER)
    assert (stated.name, stated.sessions, stated.credit_ms) == ("马*国", 1, MS_40)
    token = statements.signed(stated, SECRET)
    verdict = service.verified(session, token, SECRET)
    assert verdict is not None
    assert verdict.holds
    admin, key = person(session, Role.STATION_ADMIN, VILLAGE), (airing, village.id)
    correcting.left_early(session, key, str(member.id), 5, "走了", admin, LATER)
    changed = service.verified(session, token, SECRET)
    assert changed is not None
    assert (changed.holds, changed.today.sessions, changed.today.credit_ms) == (False, 1, 0)
    correcting.take_back(session, key, 1, "没有走", admin, LATER)
    again = service.verified(session, token, SECRET)
    assert again is not None
    assert again.holds


def test_a_token_of_another_server_says_nothing_here(session: Session, member: Member) -> None:
    stated = service.statement_of(member, [], Period(date(2026, 1, 1), date(2026, 12, 31)), NOW)
    assert service.verified(session, statements.signed(stated, "t" * 40), SECRET) is None
    stranger = rules.Statement(new_id(), "王*", stated.period, 0, 0, stated.issued)
    assert service.verified(session, statements.signed(stranger, SECRET), SECRET) is None


def test_members_are_found_by_number_and_by_name_within_the_region(
    session: Session, village: Station, member: Member
) -> None:
    other = next(one for one in stations.stations_in(session, "640221203") if one.id != village.id)
    add_member(session, other.id, "马秀英", "102")
    add_member(session, other.id, "百分百", "555")
    gone = add_member(session, village.id, "马老三", "110")
    gone.active = False
    session.flush()

    def found(root: str, words: str) -> list[str]:
        return [one.number for one in service.page_of_members(session, root, words, 1)[0].rows]

    assert found(VILLAGE, "") == ["101", "110"]
    assert sorted(found("640221", "马")) == ["101", "102", "110"]
    assert found("640221", "马")[-1] == "110"
    assert found("640221", "10") == ["101", "102"] or found("640221", "10") == ["102", "101"]
    assert found("640221", "bfb") == ["555"]
    assert found("640221", "%") == []
    assert found("640221", "\0马\n建") == ["101"]
    assert found("640202", "") == []


def test_scope_and_reasons_are_asked(session: Session, village: Station, member: Member) -> None:
    outside = person(session, Role.COUNTY_STAFF, "640202")
    with pytest.raises(Forbidden):
        member_asked(session, member.id, outside)
    inside = person(session, Role.STATION_ADMIN, VILLAGE)
    with pytest.raises(NotFound):
        member_asked(session, new_id(), inside)
    with pytest.raises(Rejected):
        service.note_unmasked(session, member.id, "", inside, NOW)
    service.note_unmasked(session, member.id, "银行要看", inside, NOW)
    session.flush()
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "names.unmasked")).all()
    assert (entry.subject, entry.after, entry.account_id) == (
        f"member {member.id}",
        '{"reason":"银行要看"}',
        inside.id,
    )
