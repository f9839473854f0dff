"""Volume keys over everything but an alert; one write for a held key; silence that does not outlast its lesson."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.tvclient.evening import NOON, Television, airing, alert, stored
from tvclient.core import effects, events
from tvclient.core.events import Key, KeyPressed
from tvclient.core.screens import controls_visible
from tvclient.core.state import Screen
from tvclient.core.volume import BAR_STAYS, bar_shown, muted

SECOND = timedelta(seconds=1)


def over_a_lesson(seconds: float = 60) -> Television:
    tv = Television(NOON - 2 * SECOND)
    one = airing(seconds=seconds)
    tv.take(stored(one))
    tv.take(events.TimetableChanged((one,)))
    tv.run(NOON + 5 * SECOND)
    assert tv.screen() is Screen.BROADCAST
    return tv


def volumes(tv: Television) -> list[effects.SetVolume]:
    return [effect for effect in tv.effects if isinstance(effect, effects.SetVolume)]


def test_a_key_changes_it_at_once_and_the_bar_goes_after_two_seconds() -> None:
    tv = over_a_lesson()
    tv.press(Key.VOLUME_DOWN)
    assert volumes(tv) == [effects.SetVolume(95, lasting=False)]
    assert bar_shown(tv.state)
    assert not controls_visible(tv.state)
    tv.run(tv.now + BAR_STAYS - SECOND / 4)
    assert bar_shown(tv.state)
    tv.run(tv.now + SECOND / 2)
    assert not bar_shown(tv.state)
    assert volumes(tv)[1:] == [effects.SetVolume(95)]


def test_a_held_key_goes_on_and_is_kept_once() -> None:
    tv = over_a_lesson()
    tv.press(Key.VOLUME_DOWN)
    for _ in range(9):
        tv.take(KeyPressed(Key.VOLUME_DOWN, repeat=True))
    tv.run(tv.now + 5 * SECOND)
    assert [one.percent for one in volumes(tv)] == [*range(95, 45, -5), 50]
    assert [one.lasting for one in volumes(tv)] == [False] * 10 + [True]


def test_at_an_end_it_is_refused_and_the_bar_says_why() -> None:
    tv = over_a_lesson()
    tv.press(Key.VOLUME_UP)
    assert volumes(tv) == []
    assert tv.effects[-1] == effects.Sounded(effects.Sound.BLOCKED)
    assert bar_shown(tv.state)


def test_mute_ends_with_its_lesson_and_is_never_kept() -> None:
    tv = over_a_lesson()
    tv.press(Key.VOLUME_DOWN)
    tv.run(tv.now + 4 * SECOND)
    tv.press(Key.MUTE)
    tv.take(KeyPressed(Key.MUTE, repeat=True))
    assert muted(tv.state)
    assert volumes(tv)[-1] == effects.SetVolume(0, lasting=False)
    tv.run(NOON + 70 * SECOND)
    assert not muted(tv.state)
    assert volumes(tv)[-1] == effects.SetVolume(95, lasting=False)
    assert effects.SetVolume(0) not in tv.effects


def test_mute_again_or_louder_gives_the_sound_back() -> None:
    for key, percent in ((Key.MUTE, 100), (Key.VOLUME_DOWN, 95), (Key.VOLUME_UP, 100)):
        tv = over_a_lesson()
        tv.press(Key.MUTE, key)
        assert not muted(tv.state)
        assert volumes(tv)[-1] == effects.SetVolume(percent, lasting=False)


def test_mute_without_a_lesson_is_refused() -> None:
    tv = Television(NOON)
    tv.press(Key.MUTE)
    assert volumes(tv) == []
    assert not muted(tv.state)


def test_under_an_alert_nothing_changes() -> None:
    tv = over_a_lesson()
    tv.take(events.AlertsChanged((alert(sent=tv.now),)))
    tv.press(Key.VOLUME_DOWN, Key.MUTE)
    assert volumes(tv) == []


def test_the_county_sets_it_and_ends_a_silence() -> None:
    tv = over_a_lesson()
    tv.press(Key.MUTE)
    tv.take(events.VolumeWanted(30))
    assert volumes(tv)[-1] == effects.SetVolume(30)
    assert (tv.state.volume.percent, muted(tv.state), bar_shown(tv.state)) == (30, False, True)
    tv.run(tv.now + 4 * SECOND)
    assert volumes(tv)[-1] == effects.SetVolume(30)
    assert len(volumes(tv)) == 2


@given(
    st.lists(
        st.tuples(st.sampled_from([Key.VOLUME_UP, Key.VOLUME_DOWN, Key.MUTE, Key.OK]), st.integers(-9, 9)), max_size=40
    )
)
def test_what_is_heard_is_what_the_state_says(presses: list[tuple[Key, int]]) -> None:
    tv = over_a_lesson(seconds=300)
    heard = 100
    for key, later in presses:
        tv.take(KeyPressed(key), tv.now + later * SECOND)
        heard = volumes(tv)[-1].percent if volumes(tv) else heard
        assert heard == (0 if muted(tv.state) else tv.state.volume.percent)
        assert 0 <= tv.state.volume.percent <= 100
