"""Invitations, second factors, decisions about people, standing in: on both databases, and what must never work."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import factors, inviting, people, service, standing_in
from contentserver.accounts.models import Account, Invitation, RecoveryCode, SecondFactor, WebSession
from contentserver.accounts.people import Facts, Found
from contentserver.accounts.rules import Device, Step
from contentserver.accounts.service import WrongPassword
from contentserver.accounts.vault import Vault
from contentserver.audit import AuditEntry, audit
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Forbidden, Gone, NotFound, Rejected
from contentserver.kernel.ids import token_hash
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, VILLAGE, person

VAULT = Vault("s" * 40)
GOOD = "土豆 要 早 挖 别 等 霜 降"
COUNTY = "640221"


def account_of(session: Session, who: Person) -> Account:
    return session.get_one(Account, who.id)


def facts(name: str = "ma.jianguo", role: Role = Role.STATION_ADMIN, region: str = VILLAGE) -> Facts:
    return Facts(name, "马建国", role, region)


def code_of(session: Session, account: Account, later: int = 0) -> str:
    secret = VAULT.open(session.get_one(SecondFactor, account.id).secret)
    assert secret is not None
    return pyotp.TOTP(secret).at(NOW + timedelta(seconds=30 * later))


def with_factor(session: Session, account: Account) -> Sequence[str]:
    """Set a second factor up; gives the recovery codes."""
    factors.offer(session, account, VAULT)
    shown = factors.offered(session, account, VAULT)
    assert shown is not None
    return factors.take(
        session, account, pyotp.TOTP(shown[0].replace(" ", "")).at(NOW - timedelta(seconds=30)), VAULT, NOW
    )


def test_an_invited_person_chooses_the_password_once(session: Session, village: Station) -> None:
    admin = person(session, Role.SYSTEM_ADMIN, COUNTY)
    account, token = people.add(session, facts(region=village.region_code), admin, NOW)
    session.flush()
    assert session.get(Invitation, token) is None
    with pytest.raises(WrongPassword):
        service.account_with(session, account.username, "", NOW)
    with pytest.raises(Rejected) as refusal:
        inviting.accept(session, token, "password123", NOW)
    assert refusal.value.code == "password_common"
    inviting.accept(session, token, GOOD, NOW + timedelta(days=6))
    assert service.account_with(session, "ma.jianguo", GOOD, NOW) is account
    with pytest.raises(Gone):
        inviting.accept(session, token, "another long password of mine", NOW + timedelta(days=6))
    assert service.account_with(session, "ma.jianguo", GOOD, NOW)


def test_an_invitation_ends_after_seven_days_and_with_the_next_one(session: Session, village: Station) -> None:
    admin = person(session, Role.SYSTEM_ADMIN, COUNTY)
    account, first = people.add(session, facts(region=village.region_code), admin, NOW)
    session.flush()
    with pytest.raises(Gone):
        inviting.invited_by(session, first, NOW + timedelta(days=7))
    second = people.invite_again(session, account, admin, NOW)
    session.flush()
    with pytest.raises(Gone):
        inviting.invited_by(session, first, NOW)
    assert inviting.invited_by(session, second, NOW) is account
    people.close(session, account, admin, NOW)
    with pytest.raises(Gone):
        inviting.accept(session, second, GOOD, NOW)


def test_a_new_password_by_link_signs_everybody_out(session: Session) -> None:
    admin, who = person(session, Role.SYSTEM_ADMIN, COUNTY), person(session, Role.REVIEWER, COUNTY, "limin")
    account = account_of(session, who)
    stolen = service.open_session(session, account, NOW, Device("192.0.2.7", "Firefox Linux"))
    token = people.invite_again(session, account, admin, NOW)
    session.flush()
    assert service.load_person(session, stolen, NOW, 60) is not None
    inviting.accept(session, token, GOOD, NOW)
    session.flush()
    assert service.load_person(session, stolen, NOW, 60) is None


@pytest.mark.parametrize(
    ("own", "own_region", "wanted", "refusal"),
    [
        (Role.SYSTEM_ADMIN, "640202", facts(), Forbidden),
        (Role.SYSTEM_ADMIN, COUNTY, facts(region=""), Forbidden),
        (Role.SYSTEM_ADMIN, COUNTY, facts(region="6402"), Forbidden),
        (Role.COUNTY_STAFF, COUNTY, facts(), Forbidden),
        (Role.AUDITOR, "", facts(), Forbidden),
        (Role.SYSTEM_ADMIN, COUNTY, facts(region="640221999"), NotFound),
        (Role.SYSTEM_ADMIN, COUNTY, facts(name="=cmd"), Rejected),
        (Role.SYSTEM_ADMIN, COUNTY, facts(name="Ma Jianguo"), Rejected),
    ],
)
def test_nobody_invites_beyond_their_own_rights_and_region(
    session: Session, village: Station, own: Role, own_region: str, wanted: Facts, refusal: type[Exception]
) -> None:
    assert village.region_code == VILLAGE
    who = person(session, own, own_region)
    with pytest.raises(refusal):
        people.add(session, wanted, who, NOW)
    assert session.scalar(select(Account).where(Account.username == wanted.username)) is None


def test_nobody_decides_about_themselves_or_about_more_rights(session: Session, village: Station) -> None:
    admin, wide = person(session, Role.SYSTEM_ADMIN, COUNTY), person(session, Role.SYSTEM_ADMIN, "")
    own, above = account_of(session, admin), account_of(session, wide)
    for account in (own, above):
        for step in (people.close, people.reopen, people.invite_again, people.take_factor_away, people.sign_out):
            with pytest.raises(Forbidden):
                step(session, account, admin, NOW)
        with pytest.raises(Forbidden):
            people.change(session, account, facts(region=village.region_code), admin, NOW)
    with pytest.raises(NotFound):
        people.person_asked(session, above.id, admin)
    lent = Person(wide.id, "w", "w", Role.SYSTEM_ADMIN, "", acts_for=uuid4())
    with pytest.raises(Forbidden):
        people.close(session, own, lent, NOW)


def test_somebody_always_administers_everything(session: Session) -> None:
    first, second = person(session, Role.SYSTEM_ADMIN, ""), person(session, Role.SYSTEM_ADMIN, "")
    account_of(session, first).password_hash = ""  # invited, and never came
    with pytest.raises(Conflict) as refusal:
        people.close(session, account_of(session, second), first, NOW)
    assert refusal.value.code == "last_administrator"
    with pytest.raises(Conflict):
        people.change(session, account_of(session, second), Facts("x", "甲", Role.AUDITOR, ""), first, NOW)
    people.close(session, account_of(session, first), second, NOW)
    assert not account_of(session, first).active


def test_with_another_region_somebody_signs_in_anew_and_the_trail_says_so(session: Session, village: Station) -> None:
    admin, who = person(session, Role.SYSTEM_ADMIN, COUNTY), person(session, Role.SCHEDULER, VILLAGE[:9], "limin")
    account = account_of(session, who)
    token = service.open_session(session, account, NOW)
    session.flush()
    people.change(session, account, Facts("limin", "李敏", Role.SCHEDULER, VILLAGE[:9]), admin, NOW)
    assert service.load_person(session, token, NOW, 60) is not None
    people.change(session, account, Facts("limin", "李敏", Role.SCHEDULER, COUNTY), admin, NOW)
    session.flush()
    assert service.load_person(session, token, NOW, 60) is None
    newest = people.history(session, account)[0]
    assert (newest.by, newest.row.action) == (admin.display_name, "person.changed")
    assert f'"region":"{VILLAGE[:9]}"' in newest.row.before
    assert f'"region":"{COUNTY}"' in newest.row.after


def test_people_are_found_by_name_role_region_and_state(session: Session, village: Station) -> None:
    admin = person(session, Role.SYSTEM_ADMIN, COUNTY)
    person(session, Role.SYSTEM_ADMIN, "640202", "elsewhere")
    invited, _token = people.add(session, facts(region=village.region_code), admin, NOW)
    closed = account_of(session, person(session, Role.REVIEWER, COUNTY, "gone"))
    people.close(session, closed, admin, NOW)
    session.flush()

    def found(**asked: str) -> set[str]:
        return {one.username for one in session.scalars(people.people_query(admin, Found(**asked)))}

    assert found() == {admin.username, "ma.jianguo", "gone"}
    assert found(words="建国") == found(words="JIANGUO") == {"ma.jianguo"}
    assert found(words="%") == set()
    assert found(role=Role.REVIEWER) == {"gone"}
    assert found(region=VILLAGE[:9]) == {"ma.jianguo"}
    assert found(region="640202") == set()
    assert (found(state="invited"), found(state="closed")) == ({"ma.jianguo"}, {"gone"})
    assert found(state="in_use") == {admin.username}
    assert list(people.invitations_of(session, [invited, closed], NOW)) == [invited.id]


def test_a_code_of_the_phone_is_good_once_and_so_is_one_before_it(session: Session) -> None:
    account = account_of(session, person(session, Role.REVIEWER))
    with_factor(session, account)
    assert factors.in_use(session, account)
    code = code_of(session, account)
    factors.check(session, account, f" {code[:3]} {code[3:]} ", VAULT, NOW)
    for used in (code, code_of(session, account, -1)):
        with pytest.raises(WrongPassword):
            factors.check(session, account, used, VAULT, NOW)
    factors.check(session, account, code_of(session, account, 1), VAULT, NOW)


def test_the_code_that_set_it_up_is_used_by_then(session: Session) -> None:
    account = account_of(session, person(session, Role.REVIEWER))
    factors.offer(session, account, VAULT)
    secret = VAULT.open(session.get_one(SecondFactor, account.id).offered)
    assert secret is not None
    code = pyotp.TOTP(secret).at(NOW)
    with pytest.raises(WrongPassword):
        factors.take(session, account, pyotp.TOTP(secret).at(NOW + timedelta(minutes=2)), VAULT, NOW)
    assert not factors.in_use(session, account)
    factors.take(session, account, code, VAULT, NOW)
    with pytest.raises(WrongPassword):
        factors.check(session, account, code, VAULT, NOW)


def test_a_recovery_code_is_good_once_and_new_ones_end_the_old(session: Session) -> None:
    account = account_of(session, person(session, Role.REVIEWER))
    codes = with_factor(session, account)
    assert len(set(codes)) == factors.RECOVERY_CODES == factors.codes_left(session, account)
    factors.check(session, account, codes[0].lower().replace("-", " "), VAULT, NOW)
    with pytest.raises(WrongPassword):
        factors.check(session, account, codes[0], VAULT, NOW)
    assert factors.codes_left(session, account) == 9
    factors.new_recovery_codes(session, account, VAULT)
    with pytest.raises(WrongPassword):
        factors.check(session, account, codes[1], VAULT, NOW)


def test_wrong_codes_lock_like_wrong_passwords_and_the_password_does_not_help(session: Session) -> None:
    account = account_of(session, person(session, Role.REVIEWER, COUNTY, "limin"))
    codes = with_factor(session, account)
    for _ in range(5):
        service.account_with(session, "limin", "a long password", NOW)
        service.open_session(session, account, NOW, step=Step.CODE)
        with pytest.raises(WrongPassword):
            factors.check(session, account, "000000 x", VAULT, NOW)
    for good in (codes[0], code_of(session, account)):
        with pytest.raises(WrongPassword) as refusal:
            factors.check(session, account, good, VAULT, NOW)
        assert refusal.value.code == "locked"


def test_secrets_at_rest_open_with_the_servers_key_alone(session: Session) -> None:
    account = account_of(session, person(session, Role.REVIEWER))
    codes = with_factor(session, account)
    row = session.get_one(SecondFactor, account.id)
    secret = VAULT.open(row.secret)
    assert secret is not None
    assert secret not in row.secret
    assert Vault("t" * 40).open(row.secret) is None
    kept = set(session.scalars(select(RecoveryCode.code_hash)))
    assert not kept & {*codes, *(token_hash(code.replace("-", "")) for code in codes)}
    with pytest.raises(WrongPassword):
        factors.check(session, account, code_of(session, account), Vault("t" * 40), NOW)


def test_one_code_at_two_desks_lets_one_in(database: Database) -> None:
    with database.unit_of_work() as session:
        account = account_of(session, person(session, Role.REVIEWER))
        with_factor(session, account)
        code = code_of(session, account)
    with database.reader() as looking:  # has read the row before the other one used the code
        late = looking.get_one(Account, account.id)
        assert looking.get_one(SecondFactor, account.id).last_step
        looking.rollback()
        with database.unit_of_work() as session:
            factors.check(session, session.get_one(Account, account.id), code, VAULT, NOW)
        with pytest.raises(WrongPassword):
            factors.check(looking, late, code, VAULT, NOW)


def test_a_session_that_waits_for_a_code_opens_nothing(session: Session) -> None:
    account = account_of(session, person(session, Role.REVIEWER))
    token = service.open_session(session, account, NOW, step=Step.CODE)
    session.flush()
    assert service.load_person(session, token, NOW, 60) is None
    assert service.session_of(session, token, NOW, 60, Step.SET_UP) is None
    assert service.session_of(session, token, NOW + timedelta(minutes=5), 60, Step.CODE) is not None
    assert service.session_of(session, token, NOW + timedelta(minutes=5, seconds=1), 60, Step.CODE) is None


def test_a_lost_phone_is_taken_away_and_the_trail_says_by_whom(session: Session) -> None:
    admin, who = person(session, Role.SYSTEM_ADMIN, COUNTY), person(session, Role.REVIEWER, COUNTY)
    account = account_of(session, who)
    with_factor(session, account)
    people.take_factor_away(session, account, admin, NOW)
    assert not factors.in_use(session, account)
    assert factors.codes_left(session, account) == 0
    with pytest.raises(Conflict):
        people.take_factor_away(session, account, admin, NOW)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "factor.taken_away")).all()
    assert [entry.account_id for entry in entries] == [admin.id]


DAYS = (date(2026, 11, 23), date(2026, 11, 27))


def test_whoever_stands_in_has_the_others_role_and_region_and_nothing_of_their_own(session: Session) -> None:
    li = person(session, Role.REVIEWER, VILLAGE[:9], "li")
    wang = person(session, Role.COUNTY_STAFF, COUNTY, "wang")
    row = standing_in.give(session, account_of(session, li), "wang", DAYS, NOW)
    token = service.open_session(session, account_of(session, wang), NOW)
    session.flush()
    assert service.load_person(session, token, NOW, 60) == wang
    session.get_one(WebSession, token_hash(token)).delegation_id = row.id
    acting = service.load_person(session, token, NOW, 60)
    assert acting is not None
    assert (acting.id, acting.role, acting.region_code) == (wang.id, Role.REVIEWER, VILLAGE[:9])
    assert (acting.acts_for, acting.acts_for_name) == (li.id, "li")
    audit(session, who=acting, action="x", subject="y", now=NOW)
    session.flush()
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.account_id, entry.for_account_id) == (wang.id, li.id)
    assert people.history(session, account_of(session, wang))[0].for_whom == "li"


def test_standing_in_ends_by_itself_by_taking_back_and_with_the_account(session: Session) -> None:
    li, wang = person(session, Role.REVIEWER, COUNTY, "li"), person(session, Role.COUNTY_STAFF, COUNTY, "wang")
    giver, taker = account_of(session, li), account_of(session, wang)
    row = standing_in.give(session, giver, "wang", DAYS, NOW)
    assert [one.id for one, _giver in standing_in.offered_to(session, taker, NOW)] == [row.id]
    assert standing_in.giver_of(session, row.id, taker, NOW) is giver
    assert standing_in.giver_of(session, row.id, giver, NOW) is None
    assert standing_in.giver_of(session, row.id, taker, row.ends_at) is None
    assert standing_in.giver_of(session, row.id, taker, row.starts_at - timedelta(seconds=1)) is None
    taker.region_code = "640202"
    assert standing_in.giver_of(session, row.id, taker, NOW) is None
    taker.region_code = COUNTY
    giver.active = False
    assert standing_in.giver_of(session, row.id, taker, NOW) is None
    giver.active = True
    with pytest.raises(NotFound):
        standing_in.end(session, row.id, uuid4(), NOW)
    standing_in.end(session, row.id, giver.id, NOW)
    assert standing_in.giver_of(session, row.id, taker, NOW) is None
    assert standing_in.of_account(session, giver.id, NOW) == []


@pytest.mark.parametrize(
    ("taker", "role", "region", "days"),
    [
        ("nobody", Role.REVIEWER, COUNTY, DAYS),
        ("wang", Role.REVIEWER, VILLAGE[:9], DAYS),
        ("wang", Role.REVIEWER, "640202", DAYS),
        ("wang", Role.AUDITOR, "", DAYS),
        ("li", Role.REVIEWER, COUNTY, DAYS),
        ("wang", Role.REVIEWER, COUNTY, (date(2026, 11, 23), date(2026, 12, 23))),
        ("wang", Role.REVIEWER, COUNTY, (date(2026, 11, 27), date(2026, 11, 23))),
        ("wang", Role.REVIEWER, COUNTY, (date(2026, 11, 2), date(2026, 11, 22))),
        ("wang", Role.REVIEWER, COUNTY, (date(1, 1, 1), date(9999, 12, 31))),
    ],
)
def test_nobody_stands_in_beyond_the_rules(
    session: Session, taker: str, role: Role, region: str, days: tuple[date, date]
) -> None:
    giver = account_of(session, person(session, Role.SCHEDULER, COUNTY, "li"))
    person(session, role, region, "wang")
    with pytest.raises(Rejected):
        standing_in.give(session, giver, taker, days, NOW)
