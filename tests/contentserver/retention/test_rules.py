"""How long data is kept, by property: no choice whatever shortens what may not be shortened."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contentserver.kernel.clock import SHANGHAI
from contentserver.retention import rules, words
from contentserver.retention.rules import RULES, Kind

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
choices = st.dictionaries(st.sampled_from([kind.value for kind in Kind] + ["unknown"]), st.integers(-(10**9), 10**9))
moments = st.integers(0, 20 * 365 * 24 * 60).map(
    lambda minutes: (NOW + timedelta(minutes=minutes)).astimezone(SHANGHAI)
)


@given(choices)
def test_whatever_was_chosen_stays_within_the_bounds(chosen: dict[str, int]) -> None:
    for kind, rule in RULES.items():
        days = rules.days_kept(kind, chosen)
        if rule.days is None:
            assert days is None
            assert rules.cutoff(kind, chosen, NOW) is None
        else:
            assert days is not None
            assert rule.least <= days <= rule.most
            assert rules.cutoff(kind, chosen, NOW) == NOW - timedelta(days=days)


@given(st.sampled_from([Kind.AUDIT, Kind.EVIDENCE]), st.integers() | st.none())
def test_evidence_and_audit_cannot_be_shortened(kind: Kind, days: int | None) -> None:
    assert not rules.allowed(kind, days)


def test_every_kind_has_a_rule_a_name_and_a_reason() -> None:
    for told in (RULES, words.NAMES, words.WHY):
        assert set(told) == set(Kind)
    for rule in RULES.values():
        assert rule.days is None or rule.least <= rule.days <= rule.most


@given(moments, st.integers(0, 72 * 60))
def test_a_turn_is_taken_once_a_night(last: datetime, minutes: int) -> None:
    later = last + timedelta(minutes=minutes)
    nights = sum(
        last < (last + timedelta(days=day)).replace(hour=rules.NIGHT_HOUR, minute=0, second=0, microsecond=0) <= later
        for day in range(5)
    )
    assert rules.due(later, last) is (nights > 0)
    assert rules.due(later, None)
