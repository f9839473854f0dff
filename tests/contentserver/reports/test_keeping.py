"""Kept reports and tokens: each person their own, nothing lost by a mistake, no token beyond its owner."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, NotFound, Rejected, Unauthenticated
from contentserver.reports import keeping, rules, tokens
from contentserver.reports.mailing import note_due
from contentserver.reports.models import ApiToken, ReportMail
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, person

COUNTY, TOWNSHIP = "640221", "640221203"
DAY = timedelta(days=1)
FILTER = {"region": COUNTY, "from": "2026-10-01", "to": "2026-10-31", "against": "before", "name": "x", "csrf": "y"}


@pytest.fixture
def who(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF, COUNTY)


def test_a_filter_is_kept_without_what_is_none_of_it(session: Session, who: Person) -> None:
    kept = keeping.keep(session, who, " 十月 ", FILTER, "zh_CN", NOW)
    assert kept.name == "十月"
    assert keeping.arguments_of(kept) == {name: FILTER[name] for name in ("region", "from", "to", "against")}
    again = keeping.keep(session, who, "十月", {"region": COUNTY, "span": "this_year", "to": "2020-01-01"}, "en", NOW)
    assert again.id == kept.id
    assert keeping.arguments_of(again) == {"region": COUNTY, "span": "this_year"}
    for name in ("", "   ", "长" * 61):
        with pytest.raises(Rejected):
            keeping.keep(session, who, name, FILTER, "en", NOW)
    assert [one.name for one in keeping.kept_by(session, who)] == ["十月"]


def test_what_is_taken_away_comes_back(session: Session, who: Person) -> None:
    kept = keeping.keep(session, who, "十月", FILTER, "en", NOW)
    keeping.remove(session, who, kept.id, NOW)
    assert keeping.kept_by(session, who) == []
    keeping.bring_back(session, who, kept.id, NOW)
    assert keeping.kept_by(session, who) == [kept]
    keeping.remove(session, who, kept.id, NOW)
    keeping.keep(session, who, "十月", FILTER, "en", NOW)
    with pytest.raises(Conflict):
        keeping.bring_back(session, who, kept.id, NOW)


def test_nobody_touches_what_another_keeps(session: Session, who: Person) -> None:
    kept = keeping.keep(session, who, "十月", FILTER, "en", NOW)
    other = person(session, Role.COUNTY_STAFF, COUNTY)
    with pytest.raises(NotFound):
        keeping.remove(session, other, kept.id, NOW)
    with pytest.raises(NotFound):
        keeping.set_mail(session, other, kept.id, "weekly", "a@b.example", NOW)
    with pytest.raises(NotFound):
        keeping.try_again(session, other, kept.id, NOW)
    assert keeping.kept_by(session, other) == []
    assert kept.rhythm == ""
    with pytest.raises(NotFound):
        keeping.kept_named(session, who, uuid4())


def test_mail_goes_out_once_for_each_period_that_ends_after_it_was_asked_for(session: Session, who: Person) -> None:
    kept = keeping.keep(session, who, "每周", FILTER, "en", NOW)
    for rhythm, address in (("daily", "a@b.example"), ("weekly", ""), ("weekly", "a@b.example, c@d.example")):
        with pytest.raises(Rejected):
            keeping.set_mail(session, who, kept.id, rhythm, address, NOW)
    keeping.set_mail(session, who, kept.id, "weekly", "a@b.example", NOW)
    assert note_due(session, NOW + 6 * DAY) == 0
    assert [note_due(session, NOW + 7 * DAY) for _twice in range(2)] == [1, 0]
    row = session.scalars(select(ReportMail)).one()
    assert (row.first.isoformat(), row.last.isoformat()) == ("2026-11-23", "2026-11-29")
    keeping.remove(session, who, kept.id, NOW + 8 * DAY)
    assert note_due(session, NOW + 14 * DAY) == 0
    keeping.bring_back(session, who, kept.id, NOW + 15 * DAY)
    assert note_due(session, NOW + 16 * DAY) == 0
    assert note_due(session, NOW + 21 * DAY) == 1
    keeping.set_mail(session, who, kept.id, "", "", NOW + 22 * DAY)
    assert note_due(session, NOW + 40 * DAY) == 0
    assert kept.mail_to == "a@b.example"


@given(st.datetimes(NOW.replace(year=2020, tzinfo=None), NOW.replace(year=2030, tzinfo=None)))
def test_a_mail_is_of_the_newest_period_that_is_over(moment: object) -> None:
    assert isinstance(moment, type(NOW))
    now = moment.replace(tzinfo=NOW.tzinfo)
    for rhythm, shortest, longest in (("weekly", 7, 7), ("monthly", 28, 31)):
        due = rules.mail_due(rhythm, now)
        assert due is not None
        period, since = due
        assert since <= now < since + timedelta(days=longest)
        assert shortest <= (period.last - period.first).days + 1 <= longest
        assert period.instants()[1] + timedelta(hours=rules.MAIL_HOUR) == since
        assert period.first.weekday() == 0 if rhythm == "weekly" else period.first.day == 1
    assert rules.mail_due("", now) is None


def test_a_mail_that_fails_is_tried_five_times_more() -> None:
    waits = [rules.next_try(attempts, NOW) for attempts in range(1, 7)]
    assert waits[-1] is None
    known = [one for one in waits if one is not None]
    assert known == sorted(known)
    assert known[0] == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    "text", ["", "a", "a@b", "@b.example", "a@b@c.example", "a b@c.example", "a@b.example\nBcc: c@d.example", "<a@b.c>"]
)
def test_what_is_no_mail_address(text: str) -> None:
    assert rules.mail_address(text) == ""


def test_what_is_a_mail_address() -> None:
    assert rules.mail_address(" office+2@county.example.org ") == "office+2@county.example.org"


def test_a_token_stands_for_its_owner_until_it_ends(session: Session, who: Person) -> None:
    row, secret = tokens.make_token(session, who, "平台", 30, NOW)
    assert secret not in (row.token_hash, row.name)
    assert tokens.person_with(session, secret, NOW)[1].region_code == COUNTY
    for wrong in ("", "yj_", secret + "x", row.token_hash):
        with pytest.raises(Unauthenticated):
            tokens.person_with(session, wrong, NOW)
    with pytest.raises(Unauthenticated):
        tokens.person_with(session, secret, NOW + 30 * DAY)
    with pytest.raises(NotFound):
        tokens.revoke(session, person(session, Role.COUNTY_STAFF, COUNTY), row.id, NOW)
    tokens.revoke(session, who, row.id, NOW)
    with pytest.raises(Unauthenticated):
        tokens.person_with(session, secret, NOW)
    assert tokens.revoke(session, who, row.id, NOW + DAY).revoked_at == NOW


def test_a_token_never_sees_more_than_its_owner_today(session: Session, who: Person) -> None:
    _row, secret = tokens.make_token(session, who, "平台", 30, NOW)
    account = session.get_one(Account, who.id)
    for region, seen in ((TOWNSHIP, TOWNSHIP), ("6402", COUNTY), ("", COUNTY)):
        account.region_code = region
        session.flush()
        assert tokens.person_with(session, secret, NOW)[1].region_code == seen
    for change, value in (("region_code", "640202"), ("active", False)):
        before = getattr(account, change)
        setattr(account, change, value)
        session.flush()
        with pytest.raises(Unauthenticated):
            tokens.person_with(session, secret, NOW)
        setattr(account, change, before)


def test_what_no_token_is_made_of(session: Session, who: Person) -> None:
    for name, days in (("", 30), ("长" * 61, 30), ("平台", 0), ("平台", 367)):
        with pytest.raises(Rejected):
            tokens.make_token(session, who, name, days, NOW)
    for number in range(tokens.MOST):
        tokens.make_token(session, who, f"{number}", 30, NOW)
    with pytest.raises(Conflict):
        tokens.make_token(session, who, "one more", 30, NOW)
    assert len(session.scalars(select(ApiToken)).all()) == tokens.MOST
    tokens.make_token(session, who, "later", 30, NOW + 31 * DAY)
