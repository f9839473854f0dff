"""The online school on both databases: spans kept once, lying clocks, two windows, evenings at the station, merges."""

import io
import zipfile
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import attendance, members, school, stations
from contentserver.accounts import create_account
from contentserver.attendance import correcting, counting
from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Forbidden, NotFound
from contentserver.kernel.sealing import Seal
from contentserver.members import Member, add_member, merging
from contentserver.school import deriving, keeping, service, tickets
from contentserver.school.models import SchoolLine, SchoolProgress, Viewing, ViewingSpan
from contentserver.school.rules import Fault, Told
from contentserver.school.tickets import Ticket
from contentserver.stations import Station
from contentserver.transcripts import hours_of, own_data, rules, sums_of
from contentserver.transcripts import service as transcripts
from contentserver.transcripts.rules import Period
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import AiringStarted, EventBatch, PlaybackSpan, SignedIn, SignInMethod
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, VILLAGE, enrolled_box, person
from tests.contentserver.journals import records

MINUTE, LENGTH = 60_000, 40 * 60_000
DAY = timedelta(days=1)


@pytest.fixture
def member(session: Session, village: Station) -> Member:
    return add_member(session, village.id, "马建国", "101")


@pytest.fixture
def lesson(session: Session, village: Station) -> Lesson:
    return approved(session, "看懂化验单", village.region_code[:6])


def approved(session: Session, title: str, region: str, *, state: str = LessonState.APPROVED) -> Lesson:
    account = create_account(
        session,
        username=uuid4().hex,
        display_name="李敏",
        password="a long password",
        role=Role.SCHEDULER,
        region_code="640221",
        now=NOW,
    )
    course = Course(title="测土配方施肥", subject="种植", region_code=region, created_at=NOW)
    session.add(course)
    session.flush()
    made = Lesson(
        course_id=course.id,
        number=1,
        title=title,
        state=state,
        uploader_id=account.id,
        created_at=NOW,
        package_name="sha256-" + "0" * 64,
        duration_ms=LENGTH,
    )
    session.add(made)
    session.flush()
    return made


def given(member: Member, lesson: Lesson, opened_at: datetime = NOW, package: str = "p") -> Ticket:
    return Ticket(member.id, lesson.id, package, LENGTH, opened_at)


def minutes(first: int, last: int, at: int | None = None) -> list[Told]:
    """Minutes of the lesson as spans of one minute each; played from so many minutes after the page was opened on."""
    shift = (first if at is None else at) - first
    return [
        Told(one + 1, one * MINUTE, (one + 1) * MINUTE, (one + shift) * MINUTE, MINUTE) for one in range(first, last)
    ]


def tell(
    session: Session,
    member: Member,
    ticket: Ticket,
    told: Sequence[Told],
    viewing: UUID | None = None,
    now: datetime | None = None,
) -> keeping.Taken:
    ends = max(one.at_ms + one.clock_ms for one in told)
    arrives = ticket.opened_at + timedelta(milliseconds=ends) if now is None else now
    return keeping.take_in(session, member, ticket, viewing or uuid4(), told, arrives)


def credit(session: Session, member: Member) -> int:
    found = sums_of(session, [member]).get(member.id)
    return found.credit_ms if found else 0


def evening(session: Session, station: Station, member: Member, start: datetime, key: str = "evening") -> str:
    """Forty minutes at the station, to which the member came."""
    box, airing = enrolled_box(session, station, f"{key}{station.id}"), AiringId(key)
    card, package = LessonCard(id=LessonId("l"), title="滩羊", course="养殖"), PackageName("p")
    told = records(
        AiringStarted(airing=airing, planned_start=start, duration_ms=LENGTH, lesson=card, package=package, late_ms=0),
        SignedIn(airing=airing, lesson=card, member=str(member.id), method=SignInMethod.NAME),
        PlaybackSpan(airing=airing, lesson=card, package=package, from_ms=0, to_ms=LENGTH, started_at=start),
        since=start,
    )
    attendance.take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e", events=told), start + DAY)
    return str(airing)


def test_a_whole_lesson_counts_once_however_often_it_is_told(session: Session, member: Member, lesson: Lesson) -> None:
    ticket, viewing, told = given(member, lesson), uuid4(), minutes(0, 40)
    assert tell(session, member, ticket, told, viewing) == keeping.Taken(tuple(range(1, 41)), {})
    late = NOW + timedelta(days=2)
    assert tell(session, member, ticket, told[10:30], viewing, late).kept == tuple(range(11, 31))
    assert credit(session, member) == LENGTH
    assert len(session.scalars(select(ViewingSpan)).all()) == 40
    other_words = [Told(3, 0, MINUTE, 39 * MINUTE, MINUTE)]
    assert tell(session, member, ticket, other_words, viewing).refused == {3: Fault.OTHER_BODY}
    (line,) = service.watched_by(session, member.id)
    assert (line.lesson, line.course, line.at, line.credit_ms) == ("看懂化验单", "测土配方施肥", NOW, LENGTH)


def test_below_the_share_nothing_counts_and_the_place_is_kept(session: Session, member: Member, lesson: Lesson) -> None:
    tell(session, member, given(member, lesson), minutes(0, 20))
    assert credit(session, member) == 0
    progress = service.progress_of(session, member, [lesson])[lesson.id]
    assert (progress.seen_ms, progress.present_ms, service.percent(progress)) == (20 * MINUTE, 20 * MINUTE, 50)
    assert service.go_on_at(progress) == 20 * 60
    tell(session, member, given(member, lesson, NOW + 3 * DAY), minutes(20, 40, at=0))
    assert credit(session, member) == LENGTH
    progress = service.progress_of(session, member, [lesson])[lesson.id]
    assert (service.percent(progress), service.go_on_at(progress)) == (100, 0)
    assert transcripts.attended_by(session, member.id)[0].day == date(2026, 11, 26)


def test_the_rule_of_the_day_asks_for_its_share(session: Session, member: Member, lesson: Lesson) -> None:
    admin = person(session, Role.SYSTEM_ADMIN, "")
    counting.adopt(session, date(2026, 11, 24), 40, 10, "试行", admin, NOW)
    tell(session, member, given(member, lesson), minutes(0, 20))
    assert credit(session, member) == 0
    other = approved(session, "滩羊", lesson.course.region_code)
    tell(session, member, given(member, other, NOW + DAY), minutes(0, 20))
    assert credit(session, member) == 20 * MINUTE


def test_a_clock_that_lies_is_told_and_the_true_part_is_kept(session: Session, member: Member, lesson: Lesson) -> None:
    ticket, viewing = given(member, lesson), uuid4()
    found = tell(session, member, ticket, minutes(0, 40), viewing, NOW + timedelta(minutes=10))
    assert found.kept == tuple(range(1, 11))
    assert set(found.refused.values()) == {Fault.AHEAD}
    assert len(found.refused) == 30
    longer = [Told(50, 0, 6 * MINUTE, 0, 6 * MINUTE)]
    assert tell(session, member, ticket, longer, viewing, NOW + DAY).refused == {50: Fault.TOO_LONG}
    two_weeks = NOW + timedelta(days=14, seconds=1)
    assert tell(session, member, ticket, minutes(20, 21), viewing, two_weeks).refused == {21: Fault.TOO_LATE}
    assert service.progress_of(session, member, [lesson])[lesson.id].seen_ms == 10 * MINUTE


def test_two_windows_earn_the_time_once(session: Session, member: Member, lesson: Lesson) -> None:
    other = approved(session, "滩羊", lesson.course.region_code)
    tell(session, member, given(member, other, NOW + timedelta(minutes=1)), minutes(0, 40))
    assert credit(session, member) == LENGTH
    tell(session, member, given(member, lesson), minutes(0, 40))
    assert credit(session, member) == LENGTH, "the one that began first counts, whichever was told first"
    (line,) = service.watched_by(session, member.id)
    assert line.lesson == "看懂化验单"
    both = [given(member, lesson, NOW + 5 * DAY), given(member, lesson, NOW + 5 * DAY + timedelta(minutes=5))]
    for ticket in both:
        tell(session, member, ticket, minutes(0, 40))
    assert credit(session, member) == LENGTH, "a lesson counts once"


@pytest.mark.parametrize("station_first", [True, False])
def test_an_evening_at_the_station_takes_its_time_whenever_it_is_told(
    database: Database, session: Session, village: Station, member: Member, lesson: Lesson, station_first: bool
) -> None:
    school.watch(database)
    start = NOW + timedelta(minutes=20)
    if station_first:
        evening(session, village, member, start)
        tell(session, member, given(member, lesson), minutes(0, 40))
    else:
        tell(session, member, given(member, lesson), minutes(0, 40))
        assert credit(session, member) == LENGTH
        session.commit()
        evening(session, village, member, start)
    session.commit()
    assert credit(session, member) == LENGTH, "forty minutes at the station, and twenty online are too few"
    assert [one.online for one in transcripts.attended_by(session, member.id)] == [False]
    progress = service.progress_of(session, member, [lesson])[lesson.id]
    assert (progress.seen_ms, progress.present_ms) == (LENGTH, 20 * MINUTE)
    admin = person(session, Role.STATION_ADMIN, VILLAGE)
    correcting.left_early(session, ("evening", village.id), str(member.id), 5, "走了", admin, NOW + DAY)
    session.commit()
    assert credit(session, member) == 35 * MINUTE, "who left after five minutes had the rest of the time"


def test_rebuilding_gives_the_same_numbers(session: Session, village: Station, member: Member, lesson: Lesson) -> None:
    tell(session, member, given(member, lesson), minutes(0, 30))
    evening(session, village, member, NOW + timedelta(minutes=2), "late")
    deriving.catch_up(session)
    before = [(one.day, one.credit_ms) for one in session.scalars(select(SchoolLine))]
    progress = [(one.seen_ms, one.present_ms) for one in session.scalars(select(SchoolProgress))]
    assert school.rebuild(session) == (len(before), 0)
    assert [(one.day, one.credit_ms) for one in session.scalars(select(SchoolLine))] == before
    assert [(one.seen_ms, one.present_ms) for one in session.scalars(select(SchoolProgress))] == progress
    session.scalars(select(SchoolProgress)).one().credit_ms = 5
    session.add(SchoolLine(person_id=member.id, lesson_id=lesson.id, day=date(2020, 1, 1), at=NOW, credit_ms=5))
    assert school.rebuild(session) == (len(before), 1)


def test_records_that_are_merged_count_as_one_and_parted_as_two(
    session: Session, village: Station, member: Member, lesson: Lesson
) -> None:
    other = add_member(session, village.id, "马建国", "102")
    who = person(session, Role.SYSTEM_ADMIN, "")
    tell(session, member, given(member, lesson), minutes(0, 20))
    tell(session, other, given(other, lesson, NOW + DAY), minutes(20, 40, at=0))

    def evidence(session: Session, ids: Collection[UUID]) -> int:
        school.settle_members(session, ids)
        return attendance.settle_members(session, ids)

    row = merging.merge(session, member, other.id, "同一个人", who, evidence, NOW)
    assert (credit(session, member), credit(session, other)) == (LENGTH, 0)
    before = given(other, lesson, NOW + 2 * DAY)
    assert tell(session, member, before, minutes(0, 1)).kept == (1,), "what lay in a browser is not lost by a merge"
    merging.undo(session, member, row.id, who, evidence, NOW)
    assert (credit(session, member), credit(session, other)) == (0, 0)
    assert {one.person_id for one in session.scalars(select(Viewing))} == {member.id, other.id}


def test_a_page_of_somebody_else_or_of_another_lesson_is_refused(
    session: Session, village: Station, member: Member, lesson: Lesson
) -> None:
    other = add_member(session, village.id, "王小芳", "102")
    viewing = uuid4()
    with pytest.raises(Forbidden):
        tell(session, other, given(member, lesson), minutes(0, 1), viewing)
    tell(session, member, given(member, lesson), minutes(0, 1), viewing)
    with pytest.raises(Conflict):
        tell(session, other, given(other, lesson), minutes(0, 1), viewing)
    with pytest.raises(Conflict):
        tell(session, member, given(member, lesson, NOW + DAY), minutes(0, 1), viewing)


def test_only_what_is_approved_and_near_is_open(session: Session, village: Station, lesson: Lesson) -> None:
    region, today = village.region_code, date(2026, 11, 23)
    for title, where, state in (
        ("外县", "640202", LessonState.APPROVED),
        ("待审", "640221", LessonState.IN_REVIEW),
        ("撤下", "640221", LessonState.WITHDRAWN),
        ("邻村", "640221203204", LessonState.APPROVED),
    ):
        approved(session, title, where, state=state)
    over, village_s = approved(session, "过期", "640221"), approved(session, "本村", region)
    over.expires_on = date(2026, 11, 22)
    session.flush()
    found = session.scalars(service.lessons_open(region, today)).all()
    assert {one.title for one in found} == {"看懂化验单", "本村"}
    assert service.lesson_open(session, village_s.id, region, today).title == "本村"
    assert session.scalars(service.lessons_open(region, today, "化验 施肥")).all() == [lesson]
    lesson.state = LessonState.WITHDRAWN
    session.flush()
    with pytest.raises(NotFound):
        service.lesson_open(session, lesson.id, region, today)


def test_what_was_seen_before_a_lesson_was_withdrawn_counts(session: Session, member: Member, lesson: Lesson) -> None:
    ticket = given(member, lesson)
    lesson.state = LessonState.WITHDRAWN
    assert len(tell(session, member, ticket, minutes(0, 40)).kept) == 40
    assert credit(session, member) == LENGTH


def test_whoever_is_forgotten_leaves_hours_and_no_name(session: Session, member: Member, lesson: Lesson) -> None:
    tell(session, member, given(member, lesson), minutes(0, 40))
    member.active, member.left_at = False, NOW
    members.FORMER_MEMBERS.take(session, NOW + DAY, 10)
    assert member.own_link_hash == ""
    assert credit(session, member) == LENGTH


def test_sums_are_the_same_everywhere_and_a_paper_of_days_before_holds(
    session: Session, village: Station, member: Member, lesson: Lesson
) -> None:
    evening(session, village, member, NOW - DAY)
    period = Period(date(2026, 11, 1), date(2026, 11, 23))
    stated = transcripts.statement_of(member, transcripts.attended_by(session, member.id), period, NOW)
    tell(session, member, given(member, lesson, NOW + DAY), minutes(0, 40))
    attended = transcripts.attended_by(session, member.id)
    assert [(one.online, one.credit_ms) for one in attended] == [(True, LENGTH), (False, LENGTH)]
    both = rules.total(attended)
    assert (both.sessions, both.credit_ms) == (2, 2 * LENGTH)
    (summed,) = sums_of(session, [member]).values()
    assert (summed.sessions, summed.credit_ms) == (both.sessions, both.credit_ms)
    (hours,) = hours_of(session, [member]).values()
    assert (hours.sessions, hours.credit_ms) == (both.sessions, both.credit_ms)
    assert rules.holds(stated, rules.total(rules.within(attended, period)))


def test_their_own_data_has_what_counts_and_all_that_was_told(
    session: Session, village: Station, member: Member, lesson: Lesson
) -> None:
    tell(session, member, given(member, lesson), minutes(0, 40))
    packed = own_data.zip_of(session, member, village, lambda _session, _member: [], Seal("s" * 40, "test"), NOW)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        data = msgspec.json.decode(archive.read("data.json"))
        assert "看懂化验单" in archive.read("online.csv").decode("utf-8-sig")
    assert [(one["lesson"], one["counts_seconds"]) for one in data["online"]] == [("看懂化验单", 2400)]
    assert [one["to_seconds"] for one in data["played_online"]] == [60 * one for one in range(1, 41)]


def test_a_ticket_of_another_server_is_none(member: Member, lesson: Lesson) -> None:
    ticket = given(member, lesson)
    token = tickets.signed(ticket, "s" * 40)
    assert tickets.read(token, "s" * 40) == ticket
    assert tickets.read(token, "t" * 40) is None
    assert tickets.read(token + "x" * 600, "s" * 40) is None
    assert tickets.read("nonsense", "s" * 40) is None


def test_people_at_other_stations_are_the_same_people(
    session: Session, village: Station, member: Member, lesson: Lesson
) -> None:
    elsewhere = next(one for one in stations.stations_in(session, "640221203") if one.id != village.id)
    evening(session, elsewhere, member, NOW)
    tell(session, member, given(member, lesson), minutes(0, 40))
    assert [one.online for one in transcripts.attended_by(session, member.id)] == [False]
