"""Settings: every choice at once and kept, nothing to confirm, the line in at most ten seconds."""

from datetime import timedelta

from tests.tvclient.evening import NOON, Television, way_to
from tvclient.core import effects, events
from tvclient.core.events import Key
from tvclient.core.pages import settings
from tvclient.core.pages.settings import LineState, line_state
from tvclient.core.settled import BoxCard, LineFacts
from tvclient.core.state import Language, Preferences, Screen

SECOND = timedelta(seconds=1)


def opened() -> Television:
    tv = Television(NOON)
    tv.press(*way_to(Screen.SETTINGS))
    assert tv.screen() is Screen.SETTINGS
    return tv


def at(thing: str) -> Television:
    tv = opened()
    while tv.focus() != thing:
        before = tv.focus()
        tv.press(Key.RIGHT if before in (settings.QUIETER, settings.LOUDER) and thing in ROW else Key.DOWN)
        assert tv.focus() != before
    return tv


ROW = (settings.LOUDER, settings.TRY)


def test_opening_asks_once_what_this_box_is() -> None:
    tv = opened()
    assert tv.effects.count(effects.DescribeBox()) == 1
    tv.press(Key.DOWN, Key.UP)
    assert tv.effects.count(effects.DescribeBox()) == 1
    card = BoxCard(417, "serial", "software", 5)
    tv.take(events.BoxDescribed(card))
    assert tv.state.box_card == card


def test_language_size_and_voice_change_at_once_and_are_kept() -> None:
    tv = opened()
    tv.press(Key.OK)
    assert settings.preferences(tv.state) == Preferences(Language.EN)
    assert tv.effects[-1] == effects.KeepPreferences(Preferences(Language.EN))
    tv.press(Key.OK, Key.DOWN, Key.OK)
    assert settings.preferences(tv.state) == Preferences(simple=False)
    assert tv.effects[-1] == effects.KeepPreferences(Preferences(simple=False))
    tv.press(Key.DOWN, Key.OK)
    assert settings.preferences(tv.state) == Preferences(simple=False, labels=True)
    assert tv.effects[-1] == effects.KeepPreferences(Preferences(simple=False, labels=True))
    tv.press(Key.OK)
    assert settings.preferences(tv.state) == Preferences(simple=False)
    assert effects.Hush() in tv.effects[-2:]


def test_the_volume_row_does_what_the_keys_do_and_lets_it_be_heard() -> None:
    tv = at(settings.QUIETER)
    tv.press(Key.OK)
    tv.take(events.KeyPressed(Key.OK, repeat=True))
    assert tv.state.volume.percent == 90
    tv.press(Key.RIGHT, Key.OK)
    assert tv.state.volume.percent == 95
    tv.press(Key.RIGHT, Key.OK)
    assert tv.effects[-1] == effects.TryVolume(95)


def test_the_line_is_looked_at_once_at_a_time_and_never_for_ever() -> None:
    tv = at(settings.LINE)
    assert line_state(tv.state) is LineState.NEVER
    tv.press(Key.OK, Key.OK)
    assert tv.effects.count(effects.CheckLine()) == 1
    assert line_state(tv.state) is LineState.LOOKING
    tv.run(tv.now + 11 * SECOND)
    assert line_state(tv.state) is LineState.NO_ANSWER
    tv.take(events.LineChecked(LineFacts(reached=True, kbps=900)))
    assert line_state(tv.state) is LineState.FOUND
    tv.press(Key.OK)
    assert tv.effects.count(effects.CheckLine()) == 2
    assert line_state(tv.state) is LineState.LOOKING


def test_an_answer_that_nobody_asked_for_changes_nothing() -> None:
    tv = opened()
    tv.take(events.LineChecked(LineFacts(reached=True)))
    assert line_state(tv.state) is LineState.NEVER


def test_back_leaves() -> None:
    tv = at(settings.ABOUT)
    tv.press(Key.OK)
    assert tv.effects[-1] == effects.DescribeBox()
    tv.press(Key.BACK)
    assert tv.screen() is not Screen.SETTINGS
