"""Moving, registering, being forgotten: what follows from decisions, and what is refused meanwhile."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.sealing import Seal
from contentserver.members import FORMER_MEMBERS, Member, add_member, branches, look_up, own_link, record, roster_of
from contentserver.members.erasing import ErasureKind, wish
from contentserver.members.models import Branch, Registration
from contentserver.members.moving import TransferKind, propose
from contentserver.members.record import Facts
from contentserver.members.registering import MOST_WAITING, RegistrationKind, register
from contentserver.members.rules import FORMER
from contentserver.processes import Decision, Process, current
from contentserver.processes.service import decide
from contentserver.stations import Station, stations_in
from schedules.holidays import PUBLISHED
from tests.contentserver.conftest import NOW, VILLAGE, person

SEAL = Seal("s" * 40, "personal data")
TODAY = date(2026, 11, 23)
YES, NO = Decision.YES, Decision.NO


@pytest.fixture
def other(session: Session, village: Station) -> Station:
    return next(one for one in stations_in(session, VILLAGE[:9]) if one.id != village.id)


@pytest.fixture
def old(session: Session, village: Station) -> Person:
    return person(session, Role.STATION_ADMIN, VILLAGE)


@pytest.fixture
def new(session: Session, other: Station) -> Person:
    return person(session, Role.STATION_ADMIN, other.region_code)


@pytest.fixture
def branch(session: Session, other: Station) -> Branch:
    chief = person(session, Role.COUNTY_STAFF, VILLAGE[:6])
    return branches.found(session, branches.Words("新支部", "branch", other.region_code), chief, NOW, TODAY)


def moved(session: Session, member: Member, to: str, branch: str, who: Person) -> Process:
    return propose(session, TransferKind(), member, to, branch, who, NOW, PUBLISHED)


def say(session: Session, process: Process, place: int, decision: Decision, who: Person, kind: object = None) -> None:
    decide(session, kind or TransferKind(), process, place, decision, "因为", who, NOW)  # type: ignore[arg-type]


def test_a_member_moves_in_two_steps_with_a_number_that_is_free(
    session: Session, village: Station, other: Station, old: Person, new: Person, branch: Branch
) -> None:
    member = record.enter(session, village, Facts("马建国", "101", card="12345"), SEAL, old, NOW)
    add_member(session, other.id, "杨秀英", "101", "12345")
    process = moved(session, member, other.region_code, "新支部", old)
    with pytest.raises(Conflict):
        say(session, process, 1, YES, new)
    with pytest.raises(Forbidden):
        say(session, process, 0, YES, new)
    say(session, process, 0, YES, old)
    assert member.station_id == village.id
    with pytest.raises(Forbidden):
        say(session, process, 1, YES, old)
    step = current(process)
    assert step is not None
    assert (step.code, step.region_code) == ("take", other.region_code)
    assert step.due_on is not None
    say(session, process, 1, YES, new)
    assert (member.station_id, member.number, member.card, member.branch_id) == (other.id, "102", "", branch.id)
    assert process.outcome == "done"
    assert [one.number for one in roster_of(session, other.id).members] == ["101", "102"]
    assert roster_of(session, village.id).members == ()
    assert look_up(session, other.region_code, "mjg")[0] == [member]


def test_no_leaves_everything_as_it_is(session: Session, village: Station, other: Station, old: Person) -> None:
    member = add_member(session, village.id, "马建国", "101")
    process = moved(session, member, other.region_code, "", old)
    with pytest.raises(Conflict):
        moved(session, member, other.region_code, "", old)
    say(session, process, 0, NO, old)
    assert (member.station_id, process.outcome) == (village.id, "refused")


def test_a_dissolved_branch_is_refused_with_a_sentence_also_when_it_ends_meanwhile(
    session: Session, village: Station, other: Station, old: Person, new: Person, branch: Branch
) -> None:
    chief = person(session, Role.COUNTY_STAFF, VILLAGE[:6])
    member = add_member(session, village.id, "马建国", "101")
    process = moved(session, member, other.region_code, "新支部", old)
    say(session, process, 0, YES, old)
    branches.dissolve(session, branch, "合并", chief, NOW, TODAY)
    assert any("2026-11-23" in str(value) for _name, value in TransferKind().told(session, process))
    with session.begin_nested() as attempt, pytest.raises(Conflict) as refused:
        say(session, process, 1, YES, new)
    del attempt
    assert "新支部" in str(refused.value.sentence)
    assert member.station_id == village.id
    third = add_member(session, village.id, "王小芳", "103")
    with pytest.raises(Rejected) as refused_now:
        moved(session, third, other.region_code, "新支部", old)
    assert "to_branch" in refused_now.value.fields


@pytest.mark.parametrize(
    ("to", "branch_name", "field"),
    [
        ("", "", "destination"),
        ("没有这个村", "", "destination"),
        (VILLAGE, "", "destination"),
        ("other", "无", "to_branch"),
    ],
)
def test_a_move_to_nowhere_is_refused_beside_its_field(
    session: Session, village: Station, other: Station, old: Person, to: str, branch_name: str, field: str
) -> None:
    member = add_member(session, village.id, "马建国", "101")
    with pytest.raises(Rejected) as refused:
        moved(session, member, other.region_code if to == "other" else to, branch_name, old)
    assert field in refused.value.fields


def test_whoever_is_gone_meanwhile_does_not_move(
    session: Session, village: Station, other: Station, old: Person
) -> None:
    member = add_member(session, village.id, "马建国", "101")
    process = moved(session, member, other.region_code, "", old)
    member.active = False
    with pytest.raises(Conflict):
        say(session, process, 0, YES, old)
    with pytest.raises(Conflict):
        moved(session, member, other.region_code, "", old)


def registered(
    session: Session, station: Station, name: str = "马建国", number: str = "", phone: str = "13800000001"
) -> Registration:
    return register(session, RegistrationKind(SEAL), station, name, number, phone, SEAL, NOW, PUBLISHED)


def process_of(session: Session, row: Registration) -> Process:
    return session.scalars(select(Process).where(Process.subject == f"registration {row.id}")).one()


def test_who_registers_is_on_the_roll_once_somebody_agreed(session: Session, village: Station, old: Person) -> None:
    add_member(session, village.id, "马建国", "105")
    row = registered(session, village, number="105")
    process = process_of(session, row)
    assert "马建国" not in process.title
    told = dict(RegistrationKind(SEAL).told(session, process))
    assert {str(key): str(value) for key, value in told.items()}["Mobile number"] == "138****0001"
    assert any("105" in str(value) and "马*国" in str(value) for value in told.values())
    say(session, process, 0, YES, old, RegistrationKind(SEAL))
    assert [one.number for one in roster_of(session, village.id).members] == ["105", "106"]
    member = session.get_one(Member, row.member_id)
    assert record.opened(member, SEAL, whole=True).phone == "13800000001"
    assert (row.name, row.phone_sealed, row.phone_mark) == ("", "", "")


def test_who_is_not_taken_leaves_nothing(session: Session, village: Station, old: Person) -> None:
    row = registered(session, village)
    say(session, process_of(session, row), 0, NO, old, RegistrationKind(SEAL))
    assert (row.name, row.number, row.phone_sealed, row.member_id) == ("", "", "", None)
    assert roster_of(session, village.id).members == ()
    registered(session, village)


@pytest.mark.parametrize(
    ("name", "number", "phone", "field"),
    [
        ("", "", "13800000001", "name"),
        ("傻逼", "", "13800000001", "name"),
        ("12345", "", "13800000001", "name"),
        ("<b>马</b>", "", "13800000001", "name"),
        ("马\u202e建国\u200b", "1", "13800000001", "number"),
        ("马建国", "", "123", "phone"),
    ],
)
def test_what_is_no_name_number_or_phone_is_refused(
    session: Session, village: Station, name: str, number: str, phone: str, field: str
) -> None:
    with pytest.raises(Rejected) as refused:
        registered(session, village, name, number, phone)
    assert list(refused.value.fields) == [field]


def test_one_phone_asks_once_and_not_everybody_waits(session: Session, village: Station) -> None:
    registered(session, village)
    with pytest.raises(Conflict):
        registered(session, village, "马建军")
    for number in range(MOST_WAITING - 1):
        registered(session, village, phone=f"1390000{number:04}")
    with pytest.raises(Conflict):
        registered(session, village, phone="13700000000")


def test_an_own_address_leads_to_its_owner_until_it_is_ended(session: Session, village: Station, old: Person) -> None:
    member = add_member(session, village.id, "马建国", "101")
    first = own_link.give(session, member, old, NOW)
    second = own_link.give(session, member, old, NOW)
    assert own_link.member_holding(session, second) is member
    assert second not in member.own_link_hash
    for secret in (first, "", "x"):
        with pytest.raises(NotFound):
            own_link.member_holding(session, secret)
    own_link.end(session, member, old, NOW)
    with pytest.raises(NotFound):
        own_link.member_holding(session, second)


def test_who_wishes_it_is_forgotten_and_evidence_stays(session: Session, village: Station, old: Person) -> None:
    member = record.enter(session, village, Facts("马建国", phone="13800000001", address="三组"), SEAL, old, NOW)
    process = wish(session, ErasureKind(), member, old, NOW, PUBLISHED)
    with pytest.raises(Forbidden):
        say(session, process, 0, YES, old, ErasureKind())
    county = person(session, Role.COUNTY_STAFF, VILLAGE[:6])
    say(session, process, 0, YES, county, ErasureKind())
    assert (member.name, member.active, member.phone_sealed, member.phone_mark) == (FORMER, False, "", "")
    assert record.opened(member, SEAL, whole=True) == record.Sealed()
    assert look_up(session, "", "mjg")[0] == []
    with pytest.raises(Conflict):
        wish(session, ErasureKind(), member, old, NOW, PUBLISHED)


def test_after_the_years_of_retention_sealed_facts_go_too(session: Session, village: Station, old: Person) -> None:
    facts = Facts("马建国", phone="13800000001", birthday="1968-05-09", address="三组")
    member = record.enter(session, village, facts, SEAL, old, NOW)
    member.active, member.left_at = False, NOW - timedelta(days=2000)
    session.flush()
    assert FORMER_MEMBERS.look(session, NOW - timedelta(days=1000)).things == 1
    FORMER_MEMBERS.take(session, NOW - timedelta(days=1000), 10)
    assert record.opened(member, SEAL, whole=True) == record.Sealed()
    assert (member.phone_mark, member.own_link_hash) == ("", "")
