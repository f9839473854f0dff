"""Lengths, nights, receipts and answers, whatever is written and in whatever order it comes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import gsm

from contentserver.kernel import clock
from contentserver.kernel.phones import masked_number, mobile_number
from contentserver.messaging.rules import (
    QUIET_FROM,
    QUIET_UNTIL,
    RETRIES,
    Way,
    after_receipt,
    goes_at,
    length_of,
    needs_agreement,
    next_try,
    of_parts,
    wants_no_more,
)

INSTANTS = st.integers(1_767_225_600, 1_798_761_600).map(lambda second: datetime.fromtimestamp(second, UTC))
SAID = st.sampled_from((Way.DELIVERED, Way.FAILED, Way.UNKNOWN))


@given(st.text(st.characters(codec="utf-16-be", max_codepoint=0xFFFF), max_size=400))
def test_a_text_takes_as_many_short_messages_as_the_network_makes_of_it(text: str) -> None:
    parts, _coding, _kind = gsm.make_parts(text)
    assert length_of(text).parts == len(parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("今" * 70, 1), ("今" * 71, 2), ("今" * 134, 2), ("今" * 135, 3), ("a" * 160, 1), ("a" * 161, 2), ("[" * 80, 1)],
)
def test_lengths_of_the_standard(text: str, parts: int) -> None:
    assert length_of(text).parts == parts


@given(INSTANTS, st.none() | INSTANTS)
def test_nothing_goes_at_night_and_nothing_too_early(now: datetime, not_before: datetime | None) -> None:
    at = goes_at(now, not_before, urgent=False, zone=clock.SHANGHAI)
    local = at.astimezone(clock.SHANGHAI).time()
    assert at >= now
    assert at >= (not_before or now)
    assert QUIET_UNTIL <= local < QUIET_FROM
    assert at - max(now, not_before or now) <= timedelta(hours=11)
    assert goes_at(now, not_before, urgent=True, zone=clock.SHANGHAI) == max(now, not_before or now)


def test_what_is_written_by_day_goes_at_once() -> None:
    noon = datetime(2026, 11, 27, 12, tzinfo=clock.SHANGHAI)
    assert goes_at(noon, None, urgent=False, zone=clock.SHANGHAI) == noon


@given(st.lists(SAID, max_size=6))
def test_what_was_delivered_once_is_delivered_whatever_comes_after(said: list[Way]) -> None:
    way = Way.SUBMITTED
    for one in said:
        way = after_receipt(way, one)
    assert (way is Way.DELIVERED) is (Way.DELIVERED in said)
    again = way
    for one in said:
        again = after_receipt(again, one)
    assert again is way or Way.DELIVERED not in said, "the same receipts once more change nothing"


@given(st.lists(st.sampled_from((Way.SUBMITTED, Way.DELIVERED, Way.FAILED, Way.UNKNOWN)), min_size=1, max_size=4))
def test_a_long_message_is_delivered_when_all_its_parts_are(parts: list[Way]) -> None:
    assert (of_parts(parts) is Way.DELIVERED) is (set(parts) == {Way.DELIVERED})
    assert (of_parts(parts) is Way.FAILED) is (Way.FAILED in parts)


def test_tries_end() -> None:
    assert [next_try(tries) for tries in range(1, len(RETRIES) + 2)] == [*RETRIES, None]


@pytest.mark.parametrize("text", ["T", "td", " 退订 ", "退订。", "stop", "Ｎ".replace("Ｎ", "N")])
def test_who_wants_no_more(text: str) -> None:
    assert wants_no_more(text)


@pytest.mark.parametrize("text", ["", "谢谢", "今天不来", "TDX", "please stop"])
def test_who_says_something_else(text: str) -> None:
    assert not wants_no_more(text)


def test_fifty_need_nobody_else() -> None:
    assert [needs_agreement(count) for count in (1, 50, 51)] == [False, False, True]


@pytest.mark.parametrize(
    "text",
    [
        "13895231234",
        "+86 138 9523 1234",
        "0086-138-9523-1234",
        "１３８９５２３１２３４",
        "138‐9523‐1234",
        "8613895231234",
    ],
)
def test_a_number_as_people_write_it(text: str) -> None:
    assert mobile_number(text) == "13895231234"


@pytest.mark.parametrize(
    "text", ["", "1389523123", "12895231234", "0952-2012345", "138952312345", "138a5231234", "+1 138 9523 1234"]
)
def test_what_is_no_mobile_number(text: str) -> None:
    assert mobile_number(text) is None


def test_a_masked_number_shows_seven_digits() -> None:
    assert masked_number("13895231234") == "138****1234"
