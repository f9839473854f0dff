"""What a phone is told, by rules alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.joining.rules import LATE, UNDO_FOR, Answer, Standing, When, may_undo, near, standing
from contentserver.stations.rules import join_address, join_token
from schedules.airings import Airing, LessonCard, LessonId, PackageName, Rank, SlotId, airing_id
from schedules.wire.messages import ReplyState

NOW = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def lesson(start: datetime, minutes: int = 40) -> Airing:
    return Airing(
        id=airing_id(SlotId("s"), start),
        slot=SlotId("s"),
        start=start,
        duration_ms=minutes * 60_000,
        rank=Rank.REGULAR,
        lesson=LessonCard(id=LessonId("l"), title=f"{start:%H:%M}", course=""),
        package=PackageName("p"),
    )


def answer(state: ReplyState | None, detail: str = "", expires_in: timedelta = MINUTE) -> Answer:
    return Answer(state, detail, NOW + expires_in)


@pytest.mark.parametrize(
    ("after", "when"),
    [(-6, None), (-5, When.SOON), (0, When.NOW), (39, When.NOW), (40, When.JUST_NOW), (49, When.JUST_NOW), (50, None)],
)
def test_the_lesson_that_is_meant(after: int, when: When | None) -> None:
    found = near([lesson(NOW)], NOW + after * MINUTE)
    assert (found.when if found else None) is when


def test_what_is_on_goes_before_what_comes_and_what_comes_before_what_was() -> None:
    first, second, third = lesson(NOW), lesson(NOW + 42 * MINUTE), lesson(NOW + 84 * MINUTE)
    airings = [first, second, third]
    assert near(airings, NOW + 38 * MINUTE) == near([first], NOW + 38 * MINUTE)
    between = near(airings, NOW + 41 * MINUTE)
    assert between
    assert (between.airing, between.when) == (second, When.SOON)


@pytest.mark.parametrize(
    ("answers", "stands"),
    [
        ([], Standing.NO_LINE),
        ([answer(None)], Standing.WAITS),
        ([answer(None, expires_in=-LATE)], Standing.NO_LINE),
        ([answer(ReplyState.DONE)], Standing.DONE),
        ([answer(ReplyState.DONE, "already")], Standing.ALREADY),
        ([answer(ReplyState.DONE, "taken_back")], Standing.TAKEN_BACK),
        ([answer(ReplyState.DONE, "word of a newer box")], Standing.DONE),
        ([answer(ReplyState.FAILED, "nothing_on")], Standing.NOTHING_ON),
        ([answer(ReplyState.FAILED, "not_on_roll")], Standing.NOT_ON_ROLL),
        ([answer(ReplyState.FAILED, "interrupted")], Standing.NO_LINE),
        ([answer(ReplyState.EXPIRED)], Standing.NO_LINE),
        ([answer(ReplyState.UNKNOWN)], Standing.TOO_OLD),
        ([answer(ReplyState.FAILED, "nothing_on"), answer(None)], Standing.WAITS),
        ([answer(None), answer(ReplyState.DONE)], Standing.DONE),
        ([answer(ReplyState.DONE, "already"), answer(ReplyState.DONE)], Standing.DONE),
    ],
)
def test_of_several_televisions_one_is_enough(answers: list[Answer], stands: Standing) -> None:
    assert standing(answers, NOW) is stands
    assert standing(reversed(answers), NOW) is stands


@given(st.sampled_from(Standing), st.integers(-100, 100))
def test_only_what_this_phone_has_done_is_taken_back_and_within_a_minute(stands: Standing, seconds: int) -> None:
    late = not 0 <= seconds < UNDO_FOR.total_seconds()
    assert may_undo(stands, NOW, NOW + timedelta(seconds=seconds)) is (stands is Standing.DONE and not late)


@given(st.text("abcXYZ019-_", min_size=16, max_size=64))
def test_an_address_keeps_its_secret(token: str) -> None:
    assert join_token(join_address("https://county.example", token)) == token


@pytest.mark.parametrize("address", ["", "https://county.example/join/", "https://county.example/join/kurz", "x" * 65])
def test_an_address_without_a_secret_has_none(address: str) -> None:
    assert join_token(address) == ""
