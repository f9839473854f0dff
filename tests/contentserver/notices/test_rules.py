"""What a notice may say, how it stands, and what a television's word of it is worth."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.notices import rules
from contentserver.notices.rules import BEFOREHAND, Fault, NoticeState, Outcome, Published, Standing
from contentserver.regions import ancestors_and_self
from schedules.alerts import length_of
from tests.contentserver.conftest import NOW
from tests.contentserver.notices.samples import words

DAY = timedelta(days=1)
instants = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def found(**changes: object) -> list[tuple[str, Fault]]:
    return [(one.field, one.fault) for one in rules.faults(words(**changes), NOW)]


def test_a_whole_notice_has_no_fault() -> None:
    assert found() == []
    assert found(valid_from=NOW - DAY, valid_until=NOW + DAY, important=True) == []
    assert found(title="字" * rules.TITLE_MAX, text="字" * rules.TEXT_MAX, issuer="字" * rules.ISSUER_MAX) == []


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"regions": ()}, [("region_code", Fault.NOBODY)]),
        ({"regions": ("64",) * (rules.MOST_TARGETS + 1)}, [("region_code", Fault.TOO_MANY)]),
        ({"title": ""}, [("title", Fault.NO_TITLE)]),
        ({"title": "字" * (rules.TITLE_MAX + 1)}, [("title", Fault.TITLE_LONG)]),
        ({"text": ""}, [("text", Fault.NO_TEXT)]),
        ({"text": "字" * (rules.TEXT_MAX + 1)}, [("text", Fault.TEXT_LONG)]),
        ({"issuer": ""}, [("issuer", Fault.NO_ISSUER)]),
        ({"issuer": "字" * (rules.ISSUER_MAX + 1)}, [("issuer", Fault.ISSUER_LONG)]),
        ({"valid_from": NOW + 400 * DAY}, [("valid_from", Fault.TOO_FAR_AHEAD)]),
        ({"valid_until": NOW}, [("valid_until", Fault.OVER_ALREADY)]),
        ({"valid_from": NOW + 3 * DAY, "valid_until": NOW + 2 * DAY}, [("valid_until", Fault.OVER_BEFORE_IT_BEGINS)]),
        ({"valid_from": NOW + 3 * DAY, "valid_until": NOW - DAY}, [("valid_until", Fault.OVER_ALREADY)]),
    ],
)
def test_each_fault_stands_beside_its_field(changes: dict[str, object], faults: list[tuple[str, Fault]]) -> None:
    assert found(**changes) == faults


@given(st.text())
def test_typed_words_are_tidied_once_and_hold_nothing_unseen(typed: str) -> None:
    title, text = rules.one_line(typed), rules.paragraphs(typed)
    assert rules.one_line(title) == title
    assert rules.paragraphs(text) == text
    assert "\n\n" not in text
    assert all(char.isprintable() or char == "\n" or char.isspace() or ord(char) > 0x7F for char in text)
    assert length_of(title) <= length_of(typed)


def test_signs_that_turn_the_reading_round_are_taken_out() -> None:
    assert rules.one_line("\u202e今天\x00 \u200b停水\r\n") == "今天 停水"
    assert rules.paragraphs(" 一 \r\n\r\n\t\n二  三\n") == "一\n二 三"


@given(instants, st.none() | instants, st.none() | instants)
def test_a_published_notice_stands_in_exactly_one_way(
    now: datetime, begins: datetime | None, ends: datetime | None
) -> None:
    how = rules.standing(NoticeState.PUBLISHED, begins, ends, now)
    assert (how is Standing.OVER) == (ends is not None and ends <= now)
    assert (how is Standing.SHOWN) == ((begins is None or begins <= now) and (ends is None or now < ends))
    assert how in (Standing.OVER, Standing.SHOWN, Standing.COMING)
    there = rules.on_boxes(NoticeState.PUBLISHED, begins, ends, now)
    if how is Standing.COMING:
        assert begins is not None
        assert there == (begins - now <= BEFOREHAND)
    else:
        assert there == (how is Standing.SHOWN)
    for state in (NoticeState.DRAFT, NoticeState.WITHDRAWN):
        assert rules.standing(state, begins, ends, now) == state.value
        assert not rules.on_boxes(state, begins, ends, now)


@given(instants, instants, instants)
def test_a_wrong_clock_never_puts_a_reading_after_it_was_heard_of_or_before_it_was_there(
    at: datetime, received: datetime, published: datetime
) -> None:
    published, received = sorted((published, received))
    found = rules.read_at(at, received, published)
    assert published <= found <= received
    if published <= at <= received:
        assert found == at


@given(st.integers(-3, 9), st.integers(1, 5))
def test_only_versions_that_were_published_count(said: int, newest: int) -> None:
    assert rules.outcome(None, said) is Outcome.UNKNOWN_NOTICE
    counts = rules.outcome(Published(newest, NOW), said) is Outcome.COUNTS
    assert counts == (1 <= said <= newest)


def test_other_words_are_read_anew_another_time_is_not() -> None:
    assert not words(text="改了").reads_as(words())
    assert words(valid_until=NOW, important=True).reads_as(words())


@given(st.text(max_size=40))
def test_any_name_is_an_id_or_none(name: str) -> None:
    found = rules.notice_id(name)
    assert found is None or rules.notice_id(str(found)) == found
    one = uuid4()
    assert rules.notice_id(str(one)) == one


codes = st.sampled_from(("64", "6402", "6403", "640221", "640221203", "640221203205", "640221204", "11", "1101"))


@given(st.lists(codes, max_size=8))
def test_whoever_is_told_all_of_it_is_told_each_part(chosen: list[str]) -> None:
    kept = rules.outermost(chosen)
    assert rules.outermost(kept) == kept
    assert set(kept) <= set(chosen)
    for code in chosen:
        assert sum(code.startswith(one) for one in kept) == 1


@given(st.lists(codes, min_size=1, max_size=6))
def test_one_region_holds_all_of_it_and_no_smaller_one_does(chosen: list[str]) -> None:
    holding = rules.holding_all(ancestors_and_self(code) for code in chosen)
    assert all(code.startswith(holding) for code in chosen)
    shared = [one for one in ancestors_and_self(chosen[0]) if all(code.startswith(one) for code in chosen)]
    assert holding == (shared[-1] if shared else "")


def test_nothing_is_held_by_no_region() -> None:
    assert rules.holding_all(()) == ""
    assert rules.outermost(()) == ()
