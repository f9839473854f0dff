"""The record of a person: what is sealed, what is checked, what a change leaves as it was."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Rejected
from contentserver.kernel.sealing import Seal
from contentserver.members import record
from contentserver.members.identity import check_of
from contentserver.members.record import Facts
from contentserver.stations import Station, stations_in
from tests.contentserver.conftest import NOW, VILLAGE, person

SEAL = Seal("s" * 40, "personal data")
NUMBER = "64022119680509001" + check_of("64022119680509001")


@pytest.fixture
def who(session: Session, village: Station) -> Person:
    return person(session, Role.STATION_ADMIN, VILLAGE)


def test_what_is_sealed_is_masked_and_whole_only_when_opened(session: Session, village: Station, who: Person) -> None:
    facts = Facts("王小芳", phone="138 0000 5678", identity=NUMBER, address="马场村三组12号")
    member = record.enter(session, village, facts, SEAL, who, NOW)
    session.flush()
    assert member.number == "101"
    for column in ("phone_sealed", "identity_sealed", "birthday_sealed", "address_sealed", "identity_mark"):
        assert "1968" not in getattr(member, column)
        assert "5678" not in getattr(member, column)
    shown = record.opened(member, SEAL)
    assert (shown.phone, shown.birthday, shown.address) == ("138****5678", "1968-**-**", "马场****")
    assert "19680509" not in shown.identity
    whole = record.opened(member, SEAL, whole=True)
    assert whole == record.Sealed("13800005678", NUMBER, "1968-05-09", "马场村三组12号")
    assert record.opened(member, Seal("other" * 10, "personal data"), whole=True) == record.Sealed()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"member {member.id}")).all()
    assert [one.action for one in entries] == ["member.entered"]
    assert "王小芳" not in entries[0].after


def test_an_empty_field_keeps_and_a_ticked_box_takes_away(session: Session, village: Station, who: Person) -> None:
    member = record.enter(session, village, Facts("王小芳", phone="13800005678", address="三组"), SEAL, who, NOW)
    record.change(session, member, village, Facts("王小芳芳", "0427", address=""), SEAL, who, NOW)
    assert (member.name, member.number) == ("王小芳芳", "0427")
    assert record.opened(member, SEAL, whole=True) == record.Sealed(phone="13800005678")
    assert (member.address_sealed, member.phone_mark) == ("", SEAL.mark("13800005678"))
    record.change(session, member, village, Facts("王小芳芳", active=False), SEAL, who, NOW)
    assert (member.number, member.active, member.left_at) == ("0427", False, NOW)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (Facts(""), "name"),
        (Facts("王"), "name"),
        (Facts("王小芳<script>"), "name"),
        (Facts("王12"), "name"),
        (Facts("王小芳", "12"), "number"),
        (Facts("王小芳", "101"), "number"),
        (Facts("王小芳", card="12"), "card"),
        (Facts("王小芳", phone="12345"), "phone"),
        (Facts("王小芳", identity="123"), "identity"),
        (Facts("王小芳", identity=NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")), "identity"),
        (Facts("王小芳", identity=NUMBER), "identity"),
        (Facts("王小芳", birthday="1968-13-01"), "birthday"),
        (Facts("王小芳", birthday="2030-01-01"), "birthday"),
        (Facts("王小芳", address="长" * 121), "address"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    session: Session, village: Station, who: Person, facts: Facts, field: str
) -> None:
    record.enter(session, village, Facts("马建国", "101", identity=NUMBER), SEAL, who, NOW)
    with pytest.raises(Rejected) as refused:
        record.enter(session, village, facts, SEAL, who, NOW)
    assert list(refused.value.fields) == [field]


def test_a_birthday_that_contradicts_the_identity_number_is_refused(
    session: Session, village: Station, who: Person
) -> None:
    with pytest.raises(Rejected) as refused:
        record.enter(session, village, Facts("王小芳", identity=NUMBER, birthday="1968-05-10"), SEAL, who, NOW)
    assert list(refused.value.fields) == ["birthday"]


def test_an_identity_number_is_somebody_elses_wherever_they_are(
    session: Session, village: Station, who: Person
) -> None:
    other = next(one for one in stations_in(session, VILLAGE[:9]) if one.id != village.id)
    record.enter(session, other, Facts("马建国", identity=NUMBER), SEAL, who, NOW)
    with pytest.raises(Rejected) as refused:
        record.enter(session, village, Facts("王小芳", identity=NUMBER), SEAL, who, NOW)
    sentence = str(refused.value.fields["identity"])
    assert NUMBER not in sentence
    assert "马建国" not in sentence


def test_a_reason_is_needed_to_see_everything(session: Session, village: Station, who: Person) -> None:
    member = record.enter(session, village, Facts("王小芳"), SEAL, who, NOW)
    with pytest.raises(Rejected):
        record.note_revealed(session, member, "", who, NOW)
    record.note_revealed(session, member, "身份核对", who, NOW)
    assert date(2026, 11, 23) == NOW.date()
