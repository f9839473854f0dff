"""Passwords, locks, sessions: who is believed, for how long."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.accounts import service
from contentserver.accounts.models import Account, AuditEntry, WebSession
from contentserver.accounts.rules import FAILURES_BEFORE_LOCK, LOCK
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict
from contentserver.kernel.ids import token_hash
from tests.contentserver.conftest import NOW, person

PASSWORD = "a long password"


def test_the_right_password_opens_a_session_that_names_the_person(session: Session) -> None:
    who = person(session, Role.SCHEDULER, "640221", "limin")
    token = service.open_session(session, "limin", PASSWORD, NOW)
    session.flush()
    assert service.load_person(session, token, NOW, 60) == who
    assert session.get(WebSession, token) is None
    assert session.get(WebSession, token_hash(token)) is not None


@pytest.mark.parametrize(("username", "password"), [("limin", "wrong"), ("nobody", PASSWORD), ("limin", "")])
def test_anything_else_is_refused_in_the_same_words(session: Session, username: str, password: str) -> None:
    person(session, Role.SCHEDULER, "640221", "limin")
    with pytest.raises(service.WrongPassword) as refusal:
        service.open_session(session, username, password, NOW)
    assert refusal.value.code == "wrong_password"


def test_five_wrong_passwords_lock_the_account_for_a_while(session: Session) -> None:
    person(session, Role.SCHEDULER, "640221", "limin")
    for _ in range(FAILURES_BEFORE_LOCK):
        with pytest.raises(service.WrongPassword):
            service.open_session(session, "limin", "wrong", NOW)
    with pytest.raises(service.WrongPassword) as refusal:
        service.open_session(session, "limin", PASSWORD, NOW)
    assert refusal.value.code == "locked"
    assert service.open_session(session, "limin", PASSWORD, NOW + LOCK)


def test_a_session_ends_by_signing_out_by_idleness_and_with_the_account(session: Session) -> None:
    person(session, Role.SCHEDULER, "640221", "limin")
    tokens = [service.open_session(session, "limin", PASSWORD, NOW) for _ in range(2)]
    session.flush()
    service.close_session(session, tokens[0])
    session.flush()
    assert service.load_person(session, tokens[0], NOW, 60) is None
    assert service.load_person(session, tokens[1], NOW + timedelta(minutes=61), 60) is None
    service.touch_session(session, tokens[1], NOW + timedelta(minutes=50))
    assert service.load_person(session, tokens[1], NOW + timedelta(minutes=61), 60) is not None
    session.query(Account).filter_by(username="limin").one().active = False
    session.flush()
    assert service.load_person(session, tokens[1], NOW + timedelta(minutes=61), 60) is None


def test_two_accounts_cannot_share_a_name(session: Session) -> None:
    person(session, Role.SCHEDULER, "640221", "limin")
    with pytest.raises(Conflict):
        person(session, Role.REVIEWER, "640221", "limin")


def test_the_audit_trail_keeps_before_and_after(session: Session) -> None:
    who = person(session, Role.SCHEDULER)
    service.audit(session, who=who, action="x", subject="y", now=NOW, before={"a": 1}, after={"a": 2})
    session.flush()
    row = session.query(AuditEntry).one()
    assert (row.before, row.after, row.account_id) == ('{"a":1}', '{"a":2}', who.id)
    assert service.audited_since(session, who.id, "x", NOW - timedelta(seconds=1)) == 1
    assert service.audited_since(session, who.id, "x", NOW) == 0
