"""Quiet hours and the day's budget: the answer, and for how long it holds."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.wire.messages import FetchRules
from tvclient.adapters.allowance import URGENT, Allowance, allowance, urgent
from tvclient.core.screens import LOCAL_ZONE

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda n: f"{n // 60:02}:{n % 60:02}")
INSTANTS = st.integers(0, 4 * 365 * 86_400_000).map(lambda ms: FIRST + timedelta(milliseconds=ms))
RULES = st.builds(FetchRules, quiet_from=MINUTES, quiet_until=MINUTES, daily_bytes=st.integers(0, 10**9))


def at(clock: str) -> datetime:
    return datetime.combine(date(2026, 11, 25), time.fromisoformat(clock), LOCAL_ZONE)


def test_without_rules_everything_is_allowed_for_ever() -> None:
    assert allowance(FetchRules(), 10**12, at("12:00")) == Allowance(None, None)


@pytest.mark.parametrize(
    ("now", "quiet", "changes"),
    [
        ("17:59", False, "18:00"),
        ("18:00", True, "23:30"),
        ("23:29", True, "23:30"),
        ("23:30", False, "18:00"),
        ("00:00", False, "18:00"),
    ],
)
def test_quiet_hours(now: str, quiet: bool, changes: str) -> None:
    found = allowance(FetchRules(quiet_from="18:00", quiet_until="23:30"), 0, at(now))
    assert found.bytes_left == (0 if quiet else None)
    assert found.until
    assert found.until.astimezone(LOCAL_ZONE).time() == time.fromisoformat(changes)


@pytest.mark.parametrize(("now", "quiet"), [("21:59", False), ("22:00", True), ("00:00", True), ("05:59", True)])
def test_quiet_hours_across_midnight(now: str, quiet: bool) -> None:
    rules = FetchRules(quiet_from="22:00", quiet_until="06:00")
    assert allowance(rules, 0, at(now)).bytes_left == (0 if quiet else None)
    assert allowance(rules, 0, at("06:00")).bytes_left is None


def test_the_days_budget_is_new_at_the_stations_midnight() -> None:
    rules = FetchRules(daily_bytes=1000)
    assert allowance(rules, 400, at("12:00")) == Allowance(600, at("00:00") + timedelta(days=1))
    assert allowance(rules, 1000, at("12:00")) == Allowance(0, at("00:00") + timedelta(days=1))
    assert allowance(rules, 5000, at("12:00")).bytes_left == 0


@pytest.mark.parametrize("rules", [("18:00", "18:00"), ("25:00", "26:00"), ("18:00", ""), ("evening", "23:00")])
def test_hours_that_mean_nothing_forbid_nothing(rules: tuple[str, str]) -> None:
    found = allowance(FetchRules(quiet_from=rules[0], quiet_until=rules[1]), 0, at("18:30"))
    assert found == Allowance(None, None)


@given(RULES, st.integers(0, 2 * 10**9), INSTANTS, st.floats(0, 1, exclude_max=True))
def test_the_answer_holds_until_it_says_and_not_longer_than_a_day(
    rules: FetchRules, spent: int, now: datetime, share: float
) -> None:
    found = allowance(rules, spent, now)
    if found.until is None:
        assert allowance(rules, spent, now + timedelta(days=share * 100)) == found
        return
    assert now < found.until <= now + timedelta(days=1)
    between = now + (found.until - now) * share
    assert allowance(rules, spent, min(between, found.until - timedelta(microseconds=1))).bytes_left == found.bytes_left


@given(RULES, st.integers(0, 2 * 10**9), INSTANTS)
def test_never_more_than_the_day_has_and_never_less_than_nothing(rules: FetchRules, spent: int, now: datetime) -> None:
    left = allowance(rules, spent, now).bytes_left
    if rules.daily_bytes:
        assert left is not None
        assert 0 <= left <= max(0, rules.daily_bytes - spent)
    else:
        assert left in {0, None}


def test_only_what_airs_soon_and_cannot_be_shown_is_above_the_rules() -> None:
    now = at("19:00")
    assert urgent(now + URGENT, now, playable=False)
    assert urgent(now - timedelta(minutes=5), now, playable=False)
    assert not urgent(now + URGENT + timedelta(seconds=1), now, playable=False)
    assert not urgent(now, now, playable=True)
