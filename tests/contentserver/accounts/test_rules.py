"""Locks, lives of sessions, who decides about whom, and what a password must be, by property."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.accounts import passwords, rules
from contentserver.accounts.passwords import Fault
from contentserver.accounts.rules import FAILURES_BEFORE_LOCK, PAUSES, Step
from contentserver.kernel.auth import RIGHTS, Person, Right, Role

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
REGIONS = st.sampled_from(("", "64", "6402", "640221", "640221203", "640221203205", "640202", "640202001"))
ROLES = st.sampled_from(list(Role))


def somebody(role: Role, region: str, acts_for: UUID | None = None) -> Person:
    return Person(id=UUID(int=1), username="a", display_name="a", role=role, region_code=region, acts_for=acts_for)


@given(st.integers(1, 500))
def test_every_fifth_failure_locks_and_never_for_less_than_the_one_before(failures: int) -> None:
    until = rules.lock_after_failure(failures, NOW)
    assert (until is None) == (failures % FAILURES_BEFORE_LOCK != 0)
    if until is not None:
        before = rules.lock_after_failure(failures - FAILURES_BEFORE_LOCK, NOW) or NOW
        assert before <= until
        assert until - NOW in PAUSES
        assert rules.locked(until, NOW)
        assert not rules.locked(until, until)


@given(st.timedeltas(timedelta(0), timedelta(days=2)))
def test_what_waits_for_a_second_factor_ends_long_before_a_whole_session(age: timedelta) -> None:
    assert rules.over(NOW, NOW + age, Step.CODE) == (age > timedelta(minutes=5))
    assert rules.over(NOW, NOW + age, Step.NOTHING) == (age > timedelta(hours=12))
    assert rules.confirmed(NOW, NOW + age) == (age <= timedelta(minutes=10))
    assert not rules.confirmed(None, NOW + age)


@given(ROLES, REGIONS, ROLES, REGIONS)
def test_nobody_gives_a_right_or_a_region_that_they_have_not(
    own: Role, region: str, given_role: Role, given_region: str
) -> None:
    who = somebody(own, region)
    if rules.may_grant(who, given_role, given_region):
        given_to = somebody(given_role, given_region)
        assert all(who.may(right) for right in Right if given_to.may(right))
        assert given_region.startswith(region)
        assert who.may(Right.MANAGE_PEOPLE)
    elif own is Role.SYSTEM_ADMIN:
        assert not given_region.startswith(region)


@given(ROLES, REGIONS, ROLES, REGIONS)
def test_whoever_stands_in_manages_nobody(role: Role, region: str, given_role: Role, given_region: str) -> None:
    who = somebody(role, region, acts_for=UUID(int=2))
    assert not rules.may_grant(who, given_role, given_region)
    assert {right for right in Right if who.may(right)} == RIGHTS[role] - {Right.MANAGE_PEOPLE}


@given(REGIONS, ROLES, REGIONS)
def test_nobody_stands_in_for_a_wider_region_than_their_own(giver: str, taker: Role, region: str) -> None:
    if rules.may_stand_in(giver, taker, region):
        assert giver.startswith(region)
        assert taker is not Role.AUDITOR


@pytest.mark.parametrize(
    ("role", "region", "required"),
    [
        (Role.SCHEDULER, "640221203", False),
        (Role.STATION_ADMIN, "640221203205", False),
        (Role.SCHEDULER, "640221", True),
        (Role.AUDITOR, "6402", True),
        (Role.SYSTEM_ADMIN, "", True),
        (Role.EXPERT, "", False),
    ],
)
def test_who_acts_for_a_county_or_more_needs_a_second_factor(role: Role, region: str, required: bool) -> None:
    assert rules.factor_required("county", role, region) is required
    assert rules.factor_required("off", role, region) is False


def test_an_auditor_reads_and_an_expert_answers_in_words_and_recordings() -> None:
    assert RIGHTS[Role.AUDITOR] == {Right.AUDIT, Right.SEE_REPORTS}
    assert RIGHTS[Role.EXPERT] == {Right.ANSWER, Right.KEEP_PROJECTS, Right.UPLOAD}
    assert RIGHTS[Role.SYSTEM_ADMIN] == set(Right)
    assert somebody(Role.AUDITOR, "").reads_only


@given(st.integers(-40, 400), st.integers(-5, 60))
def test_nobody_is_away_for_more_than_thirty_days_nor_in_the_past(first: int, days: int) -> None:
    start = NOW + timedelta(days=first)
    good = rules.days_away_good(start, start + timedelta(days=days), NOW)
    assert good == (0 < days <= 30 and first + days > 0)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short one", Fault.SHORT),
        ("x" * 201, Fault.LONG),
        ("password123", Fault.COMMON),
        ("1234567890", Fault.COMMON),
        ("aaaaaaaaaaaa", Fault.COMMON),
        ("yuanjiao2026", Fault.COMMON),
        ("qwertyuiop", Fault.COMMON),
        ("ma.jianguo1", Fault.NAME),
        ("MA.JIANGUO!", Fault.NAME),
        ("ougnaij.am", Fault.NAME),
        ("lamp in the window", None),
        ("土豆 要 早 挖 别 等 霜 降", None),
        ("vK7-pq92-Lmzd", None),
    ],
)
def test_a_password_is_long_and_hard_to_guess(password: str, fault: Fault | None) -> None:
    assert passwords.fault_of(password, ("ma.jianguo", "马建国")) is fault


@given(st.text(max_size=300), st.text(max_size=30))
def test_any_text_is_judged(password: str, name: str) -> None:
    fault = passwords.fault_of(password, (name,))
    assert fault is Fault.SHORT or len(password) >= passwords.LEAST


@pytest.mark.parametrize(
    ("agent", "short"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120 Safari/537.36 Edg/120",
            "Edge Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Firefox Linux"),
        ("Mozilla/5.0 (Linux; Android 10) Chrome/99 Mobile Safari/537.36 MicroMessenger/8.0", "WeChat Android"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_two_words(agent: str, short: str) -> None:
    assert rules.agent_in_short(agent) == short
