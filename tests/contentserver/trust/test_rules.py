"""Whatever is done with the keys: one key signs for each purpose, it is trusted, and what ended never comes back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.trust import rules
from contentserver.trust.rules import HEARD_WITHIN, MEND_FOR, Impossible, Key, KeyState, KeyStep
from schedules.wire.signing import FOR, Purpose

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
FIRST = [Key("k0", purpose, KeyState.SIGNING, "x0") for purpose in Purpose]
APART = [Key("k0", Purpose.TIMETABLES, KeyState.SIGNING, "x0"), Key("k1", Purpose.APPROVALS, KeyState.SIGNING, "x1")]
STEPS = st.lists(
    st.tuples(st.sampled_from(["prepare", "use", "retire", "revoke"]), st.sampled_from(Purpose), st.integers(0, 9)),
    max_size=14,
)


def _done(keys: list[Key], step: str, purpose: Purpose, number: int) -> list[Key]:
    """The keys after a step, or the same where it is impossible."""
    new = f"k{len({key.kid for key in keys})}"
    try:
        match step:
            case "prepare":
                return rules.prepared(keys, new, "x", purpose)
            case "use":
                return rules.used(keys, purpose)
            case "retire":
                return rules.retired(keys, purpose)
            case _:
                kid = f"k{number}"
                lacking = rules.lacking_after(keys, kid)
                made = [Key(f"{new}{purpose}", purpose, KeyState.SIGNING, "x") for purpose in lacking]
                return rules.revoked(keys, kid, made)
    except Impossible:
        return keys


@given(st.sampled_from([FIRST, APART]), STEPS)
def test_of_each_purpose_one_key_signs_and_what_ended_never_comes_back(
    keys: list[Key], steps: list[tuple[str, Purpose, int]]
) -> None:
    for step, purpose, number in steps:
        before, keys = keys, _done(keys, step, purpose, number)
        for one in Purpose:
            signs = [key for key in keys if key.purpose is one and key.state is KeyState.SIGNING]
            assert len(signs) == 1
            assert rules.signing_key(keys, one) == signs[0]
        ended = {(key.kid, key.purpose) for key in before if not key.trusted}
        assert not any(key.trusted for key in keys if (key.kid, key.purpose) in ended)
        assert len({(key.kid, key.purpose) for key in keys}) == len(keys)
        assert {(key.kid, key.purpose) for key in before} <= {(key.kid, key.purpose) for key in keys}


@given(st.sampled_from([FIRST, APART]), STEPS)
def test_the_set_holds_what_is_trusted_and_says_for_what(
    keys: list[Key], steps: list[tuple[str, Purpose, int]]
) -> None:
    for step, purpose, number in steps:
        keys = _done(keys, step, purpose, number)
    found = {jwk["kid"]: jwk.get(FOR, list(Purpose)) for jwk in rules.trusted_set(keys)}
    for purpose in Purpose:
        assert {kid for kid, for_ in found.items() if purpose in for_} == {
            key.kid for key in keys if key.trusted and key.purpose is purpose
        }


@given(STEPS, st.integers(0, 9))
def test_nothing_of_a_revoked_key_is_trusted(steps: list[tuple[str, Purpose, int]], number: int) -> None:
    keys = list(FIRST)
    for step, purpose, one in steps:
        keys = _done(keys, step, purpose, one)
    after = _done(keys, "revoke", Purpose.APPROVALS, number)
    assert f"k{number}" not in {jwk["kid"] for jwk in rules.trusted_set(after)}


def test_an_approval_key_of_its_own_takes_the_right_to_approve_from_the_other() -> None:
    keys = rules.retired(
        rules.used(rules.prepared(FIRST, "k1", "x1", Purpose.APPROVALS), Purpose.APPROVALS), Purpose.APPROVALS
    )
    assert [(jwk["kid"], jwk[FOR]) for jwk in rules.trusted_set(keys)] == [
        ("k0", ["timetables"]),
        ("k1", ["approvals"]),
    ]


def test_what_boxes_know_already_signs_in_place_of_a_leaked_key() -> None:
    coming = rules.prepared(APART, "k2", "x2", Purpose.APPROVALS)
    assert rules.lacking_after(coming, "k1") == []
    assert rules.lacking_after(coming, "k0") == [Purpose.TIMETABLES]
    after = rules.revoked(coming, "k1")
    assert rules.signing_key(after, Purpose.APPROVALS) == Key("k2", Purpose.APPROVALS, KeyState.SIGNING, "x2")


@pytest.mark.parametrize(
    ("keys", "step", "why"),
    [
        (FIRST, "use", KeyStep.NOTHING_COMING),
        (FIRST, "retire", KeyStep.NOTHING_RETIRING),
        (rules.prepared(FIRST, "k1", "x", Purpose.APPROVALS), "prepare", KeyStep.ALREADY_COMING),
    ],
)
def test_why_a_step_is_impossible(keys: list[Key], step: str, why: KeyStep) -> None:
    changes = {
        "prepare": lambda: rules.prepared(keys, "k9", "x", Purpose.APPROVALS),
        "use": lambda: rules.used(keys, Purpose.APPROVALS),
        "retire": lambda: rules.retired(keys, Purpose.APPROVALS),
    }
    with pytest.raises(Impossible) as caught:
        changes[step]()
    assert caught.value.step is why


def test_two_keys_of_a_purpose_never_retire_at_once() -> None:
    once = rules.used(rules.prepared(FIRST, "k1", "x", Purpose.APPROVALS), Purpose.APPROVALS)
    with pytest.raises(Impossible, match="still_retiring"):
        rules.used(rules.prepared(once, "k2", "x", Purpose.APPROVALS), Purpose.APPROVALS)


@given(st.integers(-1, 5), st.integers(0, 5), st.timedeltas(timedelta(), timedelta(days=90)))
def test_only_a_box_that_was_heard_lately_holds_up_a_key(has: int, wanted: int, silent: timedelta) -> None:
    assert rules.holds_up(NOW - silent, has, wanted, NOW) == (has < wanted and silent <= HEARD_WITHIN)
    assert not rules.holds_up(None, has, wanted, NOW)


@given(st.lists(st.none() | st.timedeltas(timedelta(), timedelta(days=2))))
def test_what_ended_lately_is_looked_after(ages: list[timedelta | None]) -> None:
    ended = [None if age is None else NOW - age for age in ages]
    assert rules.to_be_mended(ended, NOW) == any(age is not None and age <= MEND_FOR for age in ages)
