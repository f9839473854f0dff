"""Two records become one and two again: evidence follows, nothing is lost or counted twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow, SignInRow, correcting, settle_members, take_in
from contentserver.attendance.rules import Arrival, one_each, session_numbers
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, Rejected
from contentserver.kernel.sealing import Seal
from contentserver.members import Member, branches, look_up, merging, record, resolved, roles, roster_of
from contentserver.members.identity import check_of
from contentserver.members.record import Facts
from contentserver.stations import Station, stations_in
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import AiringStarted, EventBatch, PlaybackSpan, SignedIn, SignInMethod
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, VILLAGE, enrolled_box, person
from tests.contentserver.journals import records

MS_40 = 40 * 60_000
SEAL = Seal("s" * 40, "personal data")
TODAY = date(2026, 11, 23)


@pytest.fixture
def who(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF, VILLAGE[:6])


def evening(session: Session, station: Station, came: Sequence[Member], days: int) -> str:
    """A lesson of forty minutes so many days after NOW."""
    box, airing = enrolled_box(session, station, f"{station.id}{days}"), AiringId(f"airing-{days}")
    start, card = NOW + timedelta(days=days), LessonCard(id=LessonId("l"), title="课", course="课程")
    told = records(
        AiringStarted(
            airing=airing, planned_start=start, duration_ms=MS_40, lesson=card, package=PackageName("p"), late_ms=0
        ),
        PlaybackSpan(airing=airing, lesson=card, package=PackageName("p"), from_ms=0, to_ms=MS_40, started_at=start),
        *(SignedIn(airing=airing, lesson=card, member=str(one.id), method=SignInMethod.NUMBER) for one in came),
    )
    take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e", events=told), NOW)
    return airing


def hours(session: Session, *ids: UUID) -> list[tuple[str, int]]:
    query = select(SignInRow.airing_id, SignInRow.credit_ms).where(SignInRow.member_id.in_([str(one) for one in ids]))
    return sorted((airing, credit) for airing, credit in session.execute(query))


@pytest.fixture
def two(session: Session, village: Station, who: Person) -> tuple[Member, Member]:
    first = record.enter(session, village, Facts("马建国", "101"), SEAL, who, NOW)
    facts = Facts("马建国", "102", phone="13800005678", birthday="1968-05-09")
    return first, record.enter(session, village, facts, SEAL, who, NOW)


def test_evidence_of_both_counts_once_and_can_be_parted(
    session: Session, village: Station, who: Person, two: tuple[Member, Member]
) -> None:
    kept, other = two
    evening(session, village, [kept], 0)
    evening(session, village, [other], 1)
    both = evening(session, village, [kept, other], 2)
    before = hours(session, kept.id), hours(session, other.id)
    row = merging.merge(session, kept, other.id, "同一个人登记了两次", who, settle_members, NOW)
    assert hours(session, other.id) == []
    assert hours(session, kept.id) == sorted({*before[0], *before[1]})
    assert session.get_one(SessionRow, (both, village.id)).present == 1
    assert [one.number for one in roster_of(session, village.id).members] == ["101"]
    assert [one.number for one in look_up(session, "", "mjg")[0]] == ["101"]
    assert record.opened(kept, SEAL, whole=True).phone == "13800005678"
    later = evening(session, village, [other], 3)
    assert later in dict(hours(session, kept.id))
    merging.undo(session, kept, row.id, who, settle_members, NOW)
    assert hours(session, kept.id) == before[0]
    assert hours(session, other.id) == sorted([*before[1], *[(later, dict(before[1])["airing-1"])]])
    assert record.opened(kept, SEAL, whole=True) == record.Sealed()
    assert record.opened(other, SEAL, whole=True).phone == "13800005678"
    assert (other.active, other.merged_into) == (True, None)
    with pytest.raises(Conflict):
        merging.undo(session, kept, row.id, who, settle_members, NOW)
    merging.merge(session, kept, other.id, "还是同一个人", who, settle_members, NOW)
    assert hours(session, other.id) == []


def test_who_was_merged_can_still_be_taken_off_and_chains_end_at_the_last(
    session: Session, village: Station, who: Person, two: tuple[Member, Member]
) -> None:
    kept, other = two
    third = record.enter(session, village, Facts("马建国", "103"), SEAL, who, NOW)
    airing = evening(session, village, [other], 0)
    merging.merge(session, kept, other.id, "同一个人", who, settle_members, NOW)
    merging.merge(session, third, kept.id, "同一个人", who, settle_members, NOW)
    assert resolved(session, [str(other.id), "nobody"]) == {str(other.id): str(third.id)}
    assert len(hours(session, third.id)) == 1
    correcting.take_off(session, (airing, village.id), str(third.id), "没有来", who, NOW)
    assert hours(session, third.id, kept.id, other.id) == []


def test_two_identity_numbers_are_two_people_and_what_makes_no_sense_is_refused(
    session: Session, village: Station, who: Person, two: tuple[Member, Member]
) -> None:
    kept, other = two
    for member, digits in ((kept, "64022119680509001"), (other, "64022119680509002")):
        facts = Facts(member.name, identity=digits + check_of(digits))
        record.change(session, member, village, facts, SEAL, who, NOW)
    with pytest.raises(Conflict):
        merging.merge(session, kept, other.id, "同一个人", who, settle_members, NOW)
    third = record.enter(session, village, Facts("马建国", "103"), SEAL, who, NOW)
    with pytest.raises(Rejected):
        merging.merge(session, kept, third.id, " ", who, settle_members, NOW)
    with pytest.raises(Rejected):
        merging.merge(session, kept, kept.id, "同一个人", who, settle_members, NOW)
    elsewhere = next(one for one in stations_in(session, VILLAGE[:9]) if one.id != village.id)
    far = record.enter(session, elsewhere, Facts("马建国"), SEAL, who, NOW)
    near = person(session, Role.STATION_ADMIN, VILLAGE)
    with pytest.raises(Forbidden):
        merging.merge(session, kept, far.id, "同一个人", near, settle_members, NOW)


def test_roles_and_branch_follow_and_come_back(
    session: Session, village: Station, who: Person, two: tuple[Member, Member]
) -> None:
    kept, other = two
    words = branches.Words("村支部", "branch", VILLAGE)
    branch = branches.found(session, words, who, NOW, TODAY)
    other.branch_id = branch.id
    roles.begin(session, other, branch.id, "secretary", TODAY, who, NOW, TODAY)
    row = merging.merge(session, kept, other.id, "同一个人", who, settle_members, NOW)
    assert (kept.branch_id, len(roles.held_by(session, kept.id))) == (branch.id, 1)
    merging.undo(session, kept, row.id, who, settle_members, NOW)
    assert (kept.branch_id, len(roles.held_by(session, kept.id))) == (None, 0)
    assert len(roles.held_by(session, other.id)) == 1


_ARRIVALS = st.lists(
    st.builds(
        Arrival,
        member=st.sampled_from("abcd"),
        at=st.integers(0, 60).map(lambda minute: NOW + timedelta(minutes=minute)),
        method=st.just("number"),
        present_ms=st.integers(0, 10),
        credit_ms=st.integers(0, 10),
    ),
    unique_by=lambda one: one.member,
)


@given(_ARRIVALS, st.dictionaries(st.sampled_from("ab"), st.sampled_from("cd")))
def test_sums_before_are_sums_after_but_for_what_was_counted_twice(
    arrivals: list[Arrival], meant: dict[str, str]
) -> None:
    numbers = replace(session_numbers([]), arrivals=tuple(arrivals))
    after = one_each(numbers, meant).arrivals
    people: dict[str, list[int]] = {}
    for one in arrivals:
        people.setdefault(meant.get(one.member, one.member), []).append(one.credit_ms)
    assert {one.member: one.credit_ms for one in after} == {who: max(earned) for who, earned in people.items()}
    assert sum(one.credit_ms for one in after) == sum(one.credit_ms for one in arrivals) - sum(
        sum(earned) - max(earned) for earned in people.values()
    )
    assert one_each(one_each(numbers, meant), meant) == one_each(numbers, meant)
