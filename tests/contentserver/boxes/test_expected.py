"""Boxes that somebody has announced by their serial number are let in without a code: once, and the first alone."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import AuditEntry
from contentserver.boxes import Announcement, announce, enrolling, withdraw
from contentserver.boxes.models import ExpectedBox
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Forbidden, NotFound
from contentserver.stations import Station
from schedules.wire.signing import Signer
from tests.contentserver.boxes.entering import enter
from tests.contentserver.conftest import NOW, person


@pytest.fixture
def who(session: Session, village: Station) -> Person:
    return person(session, Role.SYSTEM_ADMIN, "640221", "quan")


def _expected(session: Session) -> list[str]:
    return list(session.scalars(select(ExpectedBox.serial).order_by(ExpectedBox.serial)))


def test_an_announced_box_is_let_in_at_once_in_the_name_of_who_announced_it(
    session: Session, village: Station, who: Person, signer: Signer
) -> None:
    assert announce(session, [Announcement(" yj-2026-0017 ", village.id, "第一批")], who, NOW) == ()
    entering = enter(session, signer, serial="YJ-2026-0017\n\x00")
    assert entering.box is not None
    assert entering.box.station_id == village.id
    assert enrolling.claimed_box(session, entering.enrolment.id, entering.token, NOW) is entering.box
    assert session.get_one(ExpectedBox, "YJ-2026-0017").box_id == entering.box.id
    session.flush()
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "box.expected")).all()
    assert entry.account_id == who.id
    assert entry.subject == f"box {entering.box.id}"


@pytest.mark.parametrize("serial", ["", "YJ-2026-001", "YJ-2026-00177", "YJ-2026-0018", "%", "YJ_2026_0017"])
def test_any_other_box_needs_its_code(
    session: Session, village: Station, who: Person, signer: Signer, serial: str
) -> None:
    announce(session, [Announcement("YJ-2026-0017", village.id)], who, NOW)
    assert enter(session, signer, serial=serial).box is None


def test_a_second_box_with_the_same_number_needs_its_code(
    session: Session, village: Station, who: Person, signer: Signer
) -> None:
    announce(session, [Announcement("A1", village.id)], who, NOW)
    assert enter(session, signer, "first", "A1").box is not None
    assert enter(session, signer, "second", "A1").box is None
    assert enter(session, signer, "first", "A1").box is None
    (verdict,) = announce(session, [Announcement("A1", village.id)], who, NOW)
    assert (verdict.place, verdict.serial) == (0, "A1")


def test_a_number_that_a_box_has_already_is_announced_in_vain(
    session: Session, village: Station, who: Person, signer: Signer
) -> None:
    entering = enter(session, signer, "claimed", "A1")
    enrolling.claim(
        session,
        code=entering.code(),
        station_id=village.id,
        who=who,
        signer=signer,
        secret="s" * 40,
        now=NOW,
    )
    announce(session, [Announcement("A1", village.id)], who, NOW)
    assert enter(session, signer, "impostor", "A1").box is None


def test_a_list_with_any_fault_changes_nothing_and_every_fault_is_told(
    session: Session, village: Station, who: Person
) -> None:
    rows = [
        Announcement("A1", village.id),
        Announcement(" ", village.id),
        Announcement("a1 ", village.id),
        Announcement("A2", uuid4()),
        Announcement("B" * 65, village.id),
    ]
    assert [verdict.place for verdict in announce(session, rows, who, NOW)] == [1, 2, 3, 4]
    assert _expected(session) == []
    stranger = person(session, Role.SYSTEM_ADMIN, "640202")
    assert len(announce(session, rows[:1], stranger, NOW)) == 1
    assert _expected(session) == []


def test_announcing_again_changes_the_place_and_withdrawing_ends_it(
    session: Session, village: Station, who: Person, signer: Signer
) -> None:
    announce(session, [Announcement("A1", village.id), Announcement("A2", village.id)], who, NOW)
    assert announce(session, [Announcement("a1", village.id, "改了")], who, NOW) == ()
    assert session.get_one(ExpectedBox, "A1").note == "改了"
    with pytest.raises(Forbidden):
        withdraw(session, "A1", person(session, Role.SYSTEM_ADMIN, "640202"), NOW)
    withdraw(session, " a1", who, NOW)
    session.flush()
    assert _expected(session) == ["A2"]
    assert enter(session, signer, serial="A1").box is None
    for gone in ("A1", "never"):
        with pytest.raises(NotFound):
            withdraw(session, gone, who, NOW)
