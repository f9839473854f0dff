"""What members ask to have set right, on both databases: written down, decided once by somebody else, shown."""

import csv
import io
import zipfile
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow, SignInRow, correcting
from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.kernel.sealing import Seal
from contentserver.members import Member, add_member
from contentserver.stations import Station
from contentserver.transcripts import asking, own_data
from contentserver.transcripts.asking import State
from tests.contentserver.conftest import NOW, VILLAGE, person
from tests.contentserver.transcripts.test_service import LATER, MS_40, evening, member

__all__ = ["member"]
SAID = "坐在最后一排，王小芳可以作证"

SEAL = Seal("s" * 40, "personal data")


@pytest.fixture
def other(session: Session, village: Station) -> Member:
    """Somebody of the same station who was not there."""
    return add_member(session, village.id, "王小芳", "102")


@pytest.fixture
def keeper(session: Session) -> Person:
    return person(session, Role.STATION_ADMIN, VILLAGE, "keeper")


@pytest.fixture
def staff(session: Session) -> Person:
    return person(session, Role.COUNTY_STAFF, "640221", "staff")


def credit(session: Session, airing: str, station: Station, whose: Member) -> int | None:
    row = session.get(SignInRow, (airing, station.id, str(whose.id)), populate_existing=True)
    return row.credit_ms if row else None


def test_an_accepted_request_puts_them_on_the_roll_with_what_they_said(
    session: Session, village: Station, member: Member, other: Member, keeper: Person, staff: Person
) -> None:
    airing = evening(session, village, member, 0)
    assert [one.airing_id for one in asking.sessions_missed(session, other, LATER - timedelta(days=200))] == [airing]
    assert asking.sessions_missed(session, other, LATER) == []
    row = asking.ask(session, other, airing, f" {SAID}\n", keeper, NOW)
    assert asking.sessions_missed(session, other, NOW + timedelta(days=1)) == []
    assert (asking.waiting(session, "640221"), asking.waiting(session, "640202")) == (1, 0)
    assert credit(session, airing, village, other) is None
    asking.accept(session, row.id, "村里问过了", staff, LATER)
    assert credit(session, airing, village, other) == MS_40
    found = session.get_one(SessionRow, (airing, village.id))
    assert (found.present, found.corrected) == (2, 1)
    (one,) = asking.requests_of(session, other)
    assert (one.row.state, one.row.answer, one.by, one.decided_by) == (State.ACCEPTED, "村里问过了", "keeper", "staff")
    reasons = session.scalars(select(AuditEntry.after).where(AuditEntry.action == "roll.added")).all()
    assert [msgspec.json.decode(text)["reason"] for text in reasons] == [f"{SAID} / 村里问过了"]
    assert asking.waiting(session, "") == 0


def test_a_request_is_decided_once_and_declined_only_with_a_reason(
    session: Session, village: Station, member: Member, other: Member, keeper: Person, staff: Person
) -> None:
    airing = evening(session, village, member, 0)
    row = asking.ask(session, other, airing, SAID, keeper, NOW)
    with pytest.raises(Rejected):
        asking.decline(session, row.id, " \n", staff, NOW)
    assert row.state == State.OPEN
    asking.decline(session, row.id, "那天她在别处", staff, NOW)
    for again in (asking.accept, asking.decline):
        with pytest.raises(Conflict):
            again(session, row.id, "x", staff, NOW)
    with pytest.raises(Conflict):
        asking.withdraw(session, row.id, keeper, NOW)
    assert credit(session, airing, village, other) is None
    assert [one.row.answer for one in asking.page_of_requests(session, VILLAGE, 1, decided=True).rows] == [
        "那天她在别处"
    ]
    assert asking.page_of_requests(session, VILLAGE, 1, decided=False).rows == []
    assert asking.ask(session, other, airing, "还有李伟作证", keeper, NOW).state == State.OPEN


def test_nobody_decides_what_they_wrote_down_and_nobody_outside_of_their_region(
    session: Session, village: Station, member: Member, other: Member, keeper: Person, staff: Person
) -> None:
    airing, outside = evening(session, village, member, 0), person(session, Role.COUNTY_STAFF, "640202")
    row = asking.ask(session, other, airing, SAID, keeper, NOW)
    for who in (keeper, outside):
        for decide in (asking.accept, asking.decline):
            with pytest.raises(Forbidden):
                decide(session, row.id, "x", who, NOW)
    for who in (staff, outside):
        with pytest.raises(Forbidden):
            asking.withdraw(session, row.id, who, NOW)
    with pytest.raises(NotFound):
        asking.accept(session, new_id(), "", staff, NOW)
    asking.withdraw(session, row.id, keeper, NOW)
    assert asking.requests_of(session, other)[0].row.state == State.WITHDRAWN


def test_what_makes_no_sense_is_not_written_down(
    session: Session, village: Station, member: Member, other: Member, keeper: Person, staff: Person
) -> None:
    airing = evening(session, village, member, 0)
    for wrong, airing_id, text in ((Rejected, "", SAID), (Rejected, airing, "\0 "), (NotFound, "no such", SAID)):
        with pytest.raises(wrong):
            asking.ask(session, other, airing_id, text, keeper, NOW)
    with pytest.raises(Conflict):
        asking.ask(session, member, airing, SAID, keeper, NOW)
    row = asking.ask(session, other, airing, SAID, keeper, NOW)
    with pytest.raises(Conflict):
        asking.ask(session, other, airing, SAID, staff, NOW)
    correcting.add_member(session, (airing, village.id), "102", "纸上有名", staff, NOW)
    with pytest.raises(Conflict):
        asking.accept(session, row.id, "", staff, NOW)
    assert row.state == State.OPEN
    other.active = False
    session.flush()
    with pytest.raises(Conflict):
        asking.ask(session, other, airing, SAID, keeper, NOW)
    assert len(asking.requests_of(session, other)) == 1


def test_who_asks_by_phone_learns_nothing_of_the_roll(
    session: Session, village: Station, member: Member, other: Member, keeper: Person, staff: Person
) -> None:
    airings = [evening(session, village, member, days) for days in (0, 2, 4, 6)]
    soon = NOW + timedelta(days=7)
    assert [one.airing_id for one in asking.sessions_lately(session, village.id, soon)] == airings[::-1]
    asking.ask_by_phone(session, member, airings[0], SAID, soon)
    assert asking.requests_of(session, member) == []
    for wrong in (("", SAID), ("no such", SAID), (airings[0], " ")):
        with pytest.raises(Rejected):
            asking.ask_by_phone(session, other, *wrong, soon)
    with pytest.raises(Rejected):
        asking.ask_by_phone(session, other, airings[0], SAID, soon + timedelta(days=40))
    for airing in (*airings[:3], airings[0]):
        if len(asking.requests_of(session, other)) < asking.PHONE_OPEN:
            asking.ask_by_phone(session, other, airing, SAID, soon)
    asked = asking.requests_of(session, other)
    assert [(one.row.by, one.by) for one in asked] == [(None, "")] * asking.PHONE_OPEN
    with pytest.raises(Rejected):
        asking.ask_by_phone(session, other, airings[3], SAID, soon)
    first = next(one.row for one in asked if one.row.airing_id == airings[0])
    asking.accept(session, first.id, "", keeper, soon)
    assert credit(session, airings[0], village, other) == MS_40


def test_a_member_takes_along_all_that_is_kept_of_them_and_nothing_of_others(
    session: Session, village: Station, member: Member, other: Member, keeper: Person, staff: Person
) -> None:
    first, second = evening(session, village, member, 0), evening(session, village, other, 7)
    correcting.left_early(session, (first, village.id), str(member.id), 5, "走了", staff, LATER)
    asking.ask(session, member, second, SAID, keeper, LATER)
    member.address_sealed = SEAL.seal("三组12号")
    with pytest.raises(Rejected):
        own_data.note_taken(session, member, "", staff, LATER)
    own_data.note_taken(session, member, "本人来取", staff, LATER)
    session.flush()
    packed = zipfile.ZipFile(
        io.BytesIO(own_data.zip_of(session, member, village, lambda _session, _member: (), SEAL, LATER))
    )
    assert packed.testzip() is None
    data = msgspec.json.decode(packed.read("data.json"))
    assert data["person"] == [
        {"name": "马建国", "number": "101", "card": "", "station": village.name, "active": 1, "left": ""}
        | {"phone": "", "identity": "", "birthday": "", "address": "三组12号"}
    ]
    assert [(one["lesson"], one["saw_seconds"], one["counts_seconds"]) for one in data["sessions"]] == [
        ("看懂化验单", 300, 0)
    ]
    assert [one["reason"] for one in data["corrections"]] == ["走了"]
    assert ["马建国 101" in one["said"] for one in data["reported"]] == [True]
    assert [(one["said"], one["state"]) for one in data["requests"]] == [(SAID, "open")]
    assert [(one["by"], one["action"]) for one in data["looked_up"]] == [("staff", "member.exported")]
    for name in packed.namelist():
        assert "王小芳".encode() not in packed.read(name).replace(SAID.encode(), b"")
        assert str(other.id).encode() not in packed.read(name)
    for name in set(data) - {"member", "as_of"}:
        lines = list(csv.reader(io.StringIO(packed.read(f"{name}.csv").decode("utf-8-sig"))))
        assert len(lines) == 2 + len(data[name])
        assert [[str(cell) for cell in one.values()] for one in data[name]] == lines[2:]
