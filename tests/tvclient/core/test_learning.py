"""An unknown remote is learnt key by key; what is not enough is never kept, and nobody is caught in it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tvclient.evening import NOON, Television, airing, alert, stored, way_to
from tvclient.core import effects, events
from tvclient.core.events import Key, RawKey
from tvclient.core.learning import ASKED, COLOURS, ENDS_AFTER, NEEDED, asked_for, listens
from tvclient.core.pages import learning, settings
from tvclient.core.settled import LearnWord
from tvclient.core.state import Screen

SECOND = timedelta(seconds=1)
REMOTE = "IR receiver"


def walked_to_learning(tv: Television | None = None) -> Television:
    tv = tv or Television(NOON)
    tv.press(*way_to(Screen.SETTINGS))
    assert tv.screen() is Screen.SETTINGS
    for _ in range(4):
        tv.press(Key.DOWN)
    assert tv.focus() == settings.REMOTE
    tv.press(Key.OK)
    assert tv.screen() is Screen.LEARNING
    assert listens(tv.state)
    return tv


def hear(tv: Television, *codes: int, device: str = REMOTE, known: Key | None = None) -> None:
    for code in codes:
        tv.take(RawKey(device, code, known))


def kept(tv: Television) -> list[effects.KeepKeys]:
    return [effect for effect in tv.effects if isinstance(effect, effects.KeepKeys)]


def word(tv: Television) -> LearnWord:
    assert tv.state.learning is not None
    return tv.state.learning.word


def test_six_keys_in_order_and_back_keep_them() -> None:
    tv = walked_to_learning()
    for number, key in enumerate(NEEDED):
        assert asked_for(tv.state) is key
        hear(tv, 400 + number)
    assert asked_for(tv.state) is COLOURS[0]
    assert kept(tv) == []
    hear(tv, 400 + NEEDED.index(Key.BACK))
    assert tv.screen() is Screen.SETTINGS
    assert kept(tv) == [effects.KeepKeys(REMOTE, {400 + n: key.value for n, key in enumerate(NEEDED)})]


def test_every_key_may_be_taught_and_then_it_is_over() -> None:
    tv = walked_to_learning()
    hear(tv, *range(len(ASKED)))
    assert tv.screen() is Screen.LEARNING
    assert asked_for(tv.state) is None
    assert tv.focus() == learning.CLOSE
    assert kept(tv) == [effects.KeepKeys(REMOTE, {n: key.value for n, key in enumerate(ASKED)})]
    hear(tv, 7_000, known=Key.OK)
    assert tv.screen() is Screen.SETTINGS


def test_the_learnt_keys_move_the_focus_while_optional_ones_are_asked_for() -> None:
    tv = walked_to_learning()
    hear(tv, *range(6))
    ok, right = NEEDED.index(Key.OK), NEEDED.index(Key.RIGHT)
    hear(tv, ok)
    assert asked_for(tv.state) is COLOURS[1]
    hear(tv, right)
    assert tv.focus() == learning.FINISH
    hear(tv, ok)
    assert asked_for(tv.state) is None
    assert len(kept(tv)) == 1


def test_at_the_first_digit_all_digits_are_skipped_at_once() -> None:
    tv = walked_to_learning()
    hear(tv, *range(6))
    for _ in COLOURS:
        hear(tv, NEEDED.index(Key.OK))
    assert asked_for(tv.state) is Key.D1
    hear(tv, NEEDED.index(Key.OK))
    assert asked_for(tv.state) is None
    assert kept(tv)[0].codes == {n: key.value for n, key in enumerate(NEEDED)}


def test_a_key_that_is_used_already_is_refused_with_words_and_a_sound() -> None:
    tv = walked_to_learning()
    hear(tv, 400, 400)
    assert asked_for(tv.state) is Key.UP
    assert word(tv) is LearnWord.USED
    assert tv.effects[-1] == effects.Sounded(effects.Sound.BLOCKED)


def test_keys_that_are_known_already_count_and_are_not_learnt_over() -> None:
    tv = walked_to_learning()
    hear(tv, 352, known=Key.OK)
    assert asked_for(tv.state) is Key.UP
    hear(tv, 108, known=Key.DOWN)
    assert asked_for(tv.state) is Key.UP
    assert word(tv) is LearnWord.USED
    hear(tv, 500)
    for key, code in ((Key.DOWN, 108), (Key.LEFT, 105), (Key.RIGHT, 106), (Key.BACK, 158)):
        hear(tv, code, known=key)
    tv.press(Key.BACK)
    assert kept(tv) == [effects.KeepKeys(REMOTE, {500: "up"})]


def test_where_all_is_known_nothing_is_kept() -> None:
    tv = walked_to_learning()
    for code, key in enumerate(NEEDED):
        hear(tv, code, known=key)
    tv.press(Key.RIGHT, Key.OK)
    assert asked_for(tv.state) is None
    assert kept(tv) == []


def test_a_second_remote_does_not_get_mixed_in() -> None:
    tv = walked_to_learning()
    hear(tv, 400)
    hear(tv, 401, device="another")
    assert word(tv) is LearnWord.OTHER
    assert asked_for(tv.state) is Key.UP
    tv.take(RawKey("another", 401, taught=Key.BACK))
    assert tv.screen() is Screen.SETTINGS


def test_a_remote_may_be_taught_anew() -> None:
    tv = walked_to_learning()
    for number in range(6):
        tv.take(RawKey(REMOTE, number, taught=NEEDED[5 - number]))
    tv.press(Key.BACK)
    assert kept(tv) == [effects.KeepKeys(REMOTE, {n: key.value for n, key in enumerate(NEEDED)})]


@pytest.mark.parametrize("leave", [Key.BACK, Key.HOME, Key.MENU, Key.OK])
def test_leaving_early_keeps_nothing(leave: Key) -> None:
    tv = walked_to_learning()
    hear(tv, *range(5))
    tv.press(leave)
    assert tv.screen() is not Screen.LEARNING
    tv.run(tv.now + 60 * SECOND)
    assert kept(tv) == []


@pytest.mark.parametrize(("heard", "enough"), [(0, False), (5, False), (6, True), (9, True)])
def test_without_a_key_it_ends_by_itself_and_keeps_what_is_enough(heard: int, enough: bool) -> None:
    tv = walked_to_learning()
    hear(tv, *range(heard))
    tv.run(tv.now + ENDS_AFTER - SECOND)
    assert listens(tv.state)
    tv.run(tv.now + 2 * SECOND)
    assert not listens(tv.state)
    assert len(kept(tv)) == (1 if enough else 0)
    assert tv.screen() is (Screen.LEARNING if enough else Screen.SETTINGS)
    assert enough or word(tv) is LearnWord.GIVEN_UP


def test_under_an_alert_keys_of_the_remote_are_keys_again() -> None:
    tv = walked_to_learning()
    tv.take(events.AlertsChanged((alert(sent=tv.now),)))
    assert not listens(tv.state)
    hear(tv, 9)
    assert tv.screen() is Screen.ALERT
    tv.take(events.Ticked(), tv.now + 2 * SECOND)
    hear(tv, 352, known=Key.OK)
    assert tv.screen() is Screen.LEARNING


def test_a_lesson_that_begins_ends_it_and_keeps_what_is_enough() -> None:
    tv = Television(NOON - 420 * SECOND)
    tv.take(stored(airing()))
    tv.take(events.TimetableChanged((airing(),)))
    walked_to_learning(tv)
    hear(tv, *range(6))
    tv.take(events.Ticked(), NOON + SECOND)
    assert tv.screen() is Screen.BROADCAST
    assert len(kept(tv)) == 1


@given(
    st.lists(
        st.one_of(
            st.builds(RawKey, st.sampled_from(["a", "b"]), st.integers(0, 9), st.sampled_from([None, *Key])),
            st.builds(events.KeyPressed, st.sampled_from(list(Key)), st.booleans()),
            st.just(events.Ticked()),
        ),
        max_size=40,
    ),
    st.lists(st.integers(-30, 30), min_size=40, max_size=40),
)
def test_whatever_is_pressed_only_whole_remotes_are_kept(pressed: list[events.Event], seconds: list[int]) -> None:
    tv = walked_to_learning()
    for event, later in zip(pressed, seconds, strict=False):
        tv.take(event, tv.now + later * SECOND)
    for one in kept(tv):
        assert one.codes
        assert len(set(one.codes.values())) == len(one.codes)
        assert tv.state.learning is not None
        assert set(one.codes.values()) <= {key.value for key in ASKED}
