"""Passwords, locks, sessions: who is believed, for how long."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.accounts import service
from contentserver.accounts.models import Account, WebSession
from contentserver.accounts.rules import FAILURES_BEFORE_LOCK, LOCK
from contentserver.audit import AuditEntry, audit, audited_since
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict
from contentserver.kernel.ids import token_hash
from tests.contentserver.conftest import NOW, person

PASSWORD = "a long password"


def signed_in(session: Session, username: str, password: str, now: datetime) -> str:
    """The secret of a new session."""
    return service.open_session(session, service.account_with(session, username, password, now), now)


def test_the_right_password_opens_a_session_that_names_the_person(session: Session) -> None:
    who = person(session, Role.SCHEDULER, "640221", "limin")
    token = signed_in(session, "limin", PASSWORD, NOW)
    session.flush()
    assert service.load_person(session, token, NOW, 60) == who
    assert session.get(WebSession, token) is None
    assert session.get(WebSession, token_hash(token)) is not None


@pytest.mark.parametrize(("username", "password"), [("limin", "wrong"), ("nobody", PASSWORD), ("limin", "")])
def test_anything_else_is_refused_in_the_same_words(session: Session, username: str, password: str) -> None:
    person(session, Role.SCHEDULER, "640221", "limin")
    with pytest.raises(service.WrongPassword) as refusal:
        signed_in(session, username, password, NOW)
    assert refusal.value.code == "wrong_password"


def test_five_wrong_passwords_lock_the_account_for_a_while(session: Session) -> None:
    person(session, Role.SCHEDULER, "640221", "limin")
    for _ in range(FAILURES_BEFORE_LOCK):
        with pytest.raises(service.WrongPassword):
            signed_in(session, "limin", "wrong", NOW)
    with pytest.raises(service.WrongPassword) as refusal:
        signed_in(session, "limin", PASSWORD, NOW)
    assert refusal.value.code == "locked"
    assert signed_in(session, "limin", PASSWORD, NOW + LOCK)


def test_a_session_ends_by_signing_out_by_idleness_and_with_the_account(session: Session) -> None:
    person(session, Role.SCHEDULER, "640221", "limin")
    tokens = [signed_in(session, "limin", PASSWORD, NOW) for _ in range(2)]
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


def test_a_session_ends_after_twelve_hours_however_busy_it_is(session: Session) -> None:
    person(session, Role.SCHEDULER, "640221", "limin")
    token = signed_in(session, "limin", PASSWORD, NOW)
    session.flush()
    for hour in range(1, 13):
        assert service.load_person(session, token, NOW + timedelta(hours=hour), 61) is not None
        service.touch_session(session, token, NOW + timedelta(hours=hour))
    assert service.load_person(session, token, NOW + timedelta(hours=12, seconds=1), 61) is None


def test_each_round_of_wrong_passwords_locks_for_longer(session: Session) -> None:
    person(session, Role.SCHEDULER, "640221", "limin")
    now = NOW
    for pause in (5, 15, 60, 60):
        for _ in range(FAILURES_BEFORE_LOCK):
            with pytest.raises(service.WrongPassword):
                signed_in(session, "limin", "wrong", now)
        with pytest.raises(service.WrongPassword) as refusal:
            signed_in(session, "limin", PASSWORD, now + timedelta(minutes=pause) - timedelta(seconds=1))
        assert refusal.value.code == "locked"
        now += timedelta(minutes=pause)
    assert signed_in(session, "limin", PASSWORD, now)
    assert session.query(Account).filter_by(username="limin").one().failed_sign_ins == 0


def test_nobody_signs_in_before_they_have_chosen_a_password(session: Session) -> None:
    person(session, Role.SCHEDULER, "640221", "limin")
    session.query(Account).filter_by(username="limin").one().password_hash = ""
    for guess in ("", PASSWORD, "nobody has this password"):
        with pytest.raises(service.WrongPassword):
            signed_in(session, "limin", guess, NOW)


def test_two_accounts_cannot_share_a_name(session: Session) -> None:
    person(session, Role.SCHEDULER, "640221", "limin")
    with pytest.raises(Conflict):
        person(session, Role.REVIEWER, "640221", "limin")


def test_the_audit_trail_keeps_before_and_after(session: Session) -> None:
    who = person(session, Role.SCHEDULER)
    audit(session, who=who, action="x", subject="y", now=NOW, before={"a": 1}, after={"a": 2})
    session.flush()
    row = session.query(AuditEntry).one()
    assert (row.before, row.after, row.account_id) == ('{"a":1}', '{"a":2}', who.id)
    assert audited_since(session, who.id, "x", NOW - timedelta(seconds=1)) == 1
    assert audited_since(session, who.id, "x", NOW) == 0
