"""What is done about accounts and televisions at the server's command line, on both databases."""

import argparse
import io
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import people_commands, stations
from contentserver.accounts import at_machine, service
from contentserver.accounts.models import Account, WebSession
from contentserver.app import Services
from contentserver.audit import AuditEntry
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from tests.contentserver.conftest import NOW, VILLAGE, enrolled_box
from tests.serving import import_regions, services_in

PASSWORD = "a lamp in the window"
WORDS = {"display_name": "王主任", "role": Role.SYSTEM_ADMIN, "region_code": "", "now": NOW}


@pytest.fixture
def chief(session: Session) -> Account:
    return service.create_account(session, username="chief", password=PASSWORD, **WORDS)  # type: ignore[arg-type]  # one of each


def test_a_lost_password_is_replaced_a_lock_ends_and_others_are_signed_out(session: Session, chief: Account) -> None:
    chief.failed_sign_ins, chief.locked_until = 9, NOW + timedelta(minutes=5)
    session.add(WebSession(token_hash="w", account_id=chief.id, created_at=NOW, seen_at=NOW))
    at_machine.new_password(session, "chief", "another lamp in it", NOW)
    assert service.account_with(session, "chief", "another lamp in it", NOW) is chief
    assert session.scalars(select(WebSession)).all() == []
    assert [one.action for one in session.scalars(select(AuditEntry))][-1] == "person.password_at_machine"
    with pytest.raises(Rejected):
        at_machine.new_password(session, "chief", "short", NOW)
    with pytest.raises(NotFound):
        at_machine.new_password(session, "nobody", "another lamp in it", NOW)


def test_the_last_who_administers_everything_is_not_closed(session: Session, chief: Account) -> None:
    with pytest.raises(Conflict):
        at_machine.set_open(session, "chief", NOW, is_open=False)
    service.create_account(session, username="second", password=PASSWORD, **WORDS)  # type: ignore[arg-type]  # one of each
    at_machine.set_open(session, "chief", NOW, is_open=False)
    assert not chief.active
    at_machine.set_open(session, "chief", NOW, is_open=True)
    assert chief.active


def test_a_factor_that_is_not_there_cannot_be_lost(session: Session, chief: Account) -> None:
    with pytest.raises(Conflict):
        at_machine.without_factor(session, chief.username, NOW)


@dataclass
class Machine:
    """A server with an account and two televisions, one of which has been silent for a day."""

    services: Services

    def run(self, *argv: str) -> str:
        """One command; gives what it says."""
        parser = argparse.ArgumentParser()
        people_commands.add_arguments(parser.add_subparsers(dest="task"))
        given = parser.parse_args(argv)
        which = people_commands.accounts_command if given.task == "accounts" else people_commands.boxes_command
        return which(self.services.settings, given)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    services = services_in(tmp_path)
    now = clock.now()
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, VILLAGE[:9])
        service.create_account(session, username="chief", password=PASSWORD, **WORDS)  # type: ignore[arg-type]  # one of each
        station = next(one for one in stations.stations_in(session, VILLAGE))
        for number, hours in enumerate((1, 30)):
            box = enrolled_box(session, station, f"key{number}")
            box.seen_at, box.serial = now - timedelta(hours=hours), f"SN-{number}"
    return Machine(services)


def test_the_command_line_tells_of_accounts_and_helps_them(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "王主任" in machine.run("accounts", "list")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    said = machine.run("accounts", "new-password", "chief")
    made = said.partition("password: ")[2].partition(";")[0]
    with machine.services.database.unit_of_work() as session:
        assert service.account_with(session, "chief", made, clock.now()).username == "chief"


def test_the_command_line_tells_which_televisions_are_silent_and_ends_one(machine: Machine) -> None:
    whole, silent = machine.run("boxes", "list"), machine.run("boxes", "list", "--silent", "24")
    assert "SN-0" in whole
    assert "2 televisions" in whole
    assert "SN-0" not in silent
    assert "SN-1" in silent
    assert "0 televisions" in machine.run("boxes", "list", "--region", "640205")
    with pytest.raises(Rejected):
        machine.run("boxes", "end", "1", "--reason", " ")
    machine.run("boxes", "end", "1", "--reason", "换了新机")
    assert "1 television." in machine.run("boxes", "list")
    with pytest.raises(NotFound):
        machine.run("boxes", "end", "99", "--reason", "x")
