"""An alert fills the screen in the step that brings it, is heard, and gives the lesson back at its live minute."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from schedules.alerts import DESCRIPTION_MAX, HEADLINE_MAX, SHOWN_STEPS, STEP_MAX
from schedules.wire.messages import AiringEnded, AiringMissed, Alert, Severity
from tests.tvclient.evening import NOON, ROSTER, WANG, Television, airing, alert, stored
from tvclient.core import effects, events
from tvclient.core.alerts import SAID_EVERY, SAID_TIMES, alert_on_screen, waiting_alerts
from tvclient.core.effects import Hush, KeepAnswered, Sound, Sounded, Speak, StopPlayer
from tvclient.core.events import AlertsChanged, Key, KeyPressed, Ticked
from tvclient.core.screens import current_screen
from tvclient.core.state import PlayPhase, Screen, State
from tvclient.core.step import step

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def evening(at: datetime = NOON - 10 * MINUTE, seconds: float = 600) -> Television:
    """A lesson of ten minutes at half past seven, stored."""
    tv = Television(at)
    one = airing(seconds=seconds)
    tv.take(events.RosterChanged(ROSTER))
    tv.take(stored(one))
    tv.take(events.TimetableChanged((one,)))
    return tv


def warn(tv: Television, *alerts: Alert) -> list[effects.Effect]:
    """The alerts come, or a usual one; gives back what must be done about it."""
    known = len(tv.effects)
    tv.take(AlertsChanged(alerts or (alert(sent=tv.now),)))
    return tv.effects[known:]


@pytest.mark.parametrize("minutes", [-60, -4, 0, 2, 11])
@pytest.mark.parametrize("keys", [(), (Key.GREEN, Key.D0, Key.D4), (Key.MENU,)])
def test_whatever_is_on_the_screen_the_alert_is_there_after_one_step(minutes: int, keys: tuple[Key, ...]) -> None:
    tv = evening(NOON + minutes * MINUTE)
    tv.press(*keys)
    tv.take(Ticked())
    done = warn(tv)
    assert tv.screen() is Screen.ALERT
    assert [effect for effect in done if isinstance(effect, Sounded)] == [Sounded(Sound.ALERT)]
    (spoken,) = (effect for effect in done if isinstance(effect, Speak))
    assert spoken == Speak("冰雹红色预警。马场村一带有冰雹。马上进屋，关好门窗。牛羊赶进圈。", "zh")


def test_a_television_that_is_not_let_in_yet_shows_its_code() -> None:
    tv = Television(NOON, enrolled=False)
    assert not [effect for effect in warn(tv) if isinstance(effect, Speak)]
    assert tv.screen() is Screen.ENROLMENT


def test_one_that_begins_later_waits_for_its_hour_and_goes_with_it() -> None:
    tv = evening(NOON - 60 * MINUTE)
    assert not warn(tv, alert(sent=tv.now, effective=tv.now + 10 * SECOND, seconds=20))
    assert tv.screen() is Screen.TODAY
    begun = tv.now
    tv.run(begun + 9.9 * SECOND, 0.1 * SECOND)
    assert tv.screen() is Screen.TODAY
    tv.run(begun + 10 * SECOND, 0.1 * SECOND)
    assert tv.screen() is Screen.ALERT
    tv.run(begun + 30 * SECOND, 0.1 * SECOND)
    assert tv.screen() is Screen.TODAY
    assert tv.effects[-1] == Hush()


def test_a_clock_that_runs_behind_the_servers_word_holds_nothing_up() -> None:
    tv = evening(NOON - 24 * 60 * MINUTE)
    warn(tv, alert(sent=NOON))
    assert tv.screen() is Screen.ALERT
    warn(tv, alert(sent=NOON, effective=NOON + MINUTE))
    assert tv.screen() is not Screen.ALERT


def test_ok_answers_it_for_good_and_nothing_else_does() -> None:
    tv = evening(NOON - 60 * MINUTE)
    warn(tv)
    tv.run(tv.now + 2 * SECOND)
    tv.press(Key.BACK, Key.HOME, Key.MENU, Key.GREEN, Key.D4, Key.VOLUME_UP, Key.LEFT, Key.CHANNEL_UP)
    tv.take(KeyPressed(Key.OK, repeat=True))
    assert tv.screen() is Screen.ALERT
    assert not tv.state.over_home
    tv.press(Key.OK)
    assert tv.screen() is Screen.TODAY
    assert KeepAnswered(frozenset({"w"})) in tv.effects
    assert tv.effects[-1] == Hush()
    tv.take(AlertsChanged(tv.state.alerts))
    tv.run(tv.now + 5 * SECOND)
    assert tv.screen() is Screen.TODAY


def test_an_ok_that_was_on_its_way_answers_nothing() -> None:
    tv = evening(NOON + MINUTE)
    tv.press(Key.GREEN, *map(Key, WANG.number))
    warn(tv)
    tv.press(Key.OK)
    assert tv.screen() is Screen.ALERT
    assert tv.effects[-1] == Sounded(Sound.BLOCKED)
    tv.run(tv.now + SECOND)
    tv.press(Key.OK)
    assert tv.screen() is Screen.SIGN_IN
    assert tv.verdict() == "found"


def test_what_was_answered_before_a_restart_stays_answered_and_is_forgotten_with_its_alert() -> None:
    tv = evening(NOON - 60 * MINUTE)
    tv.take(AlertsChanged((alert(sent=tv.now),), frozenset({"w", "long ago"})))
    assert tv.screen() is Screen.TODAY
    assert tv.state.answered == {"w"}
    tv.take(AlertsChanged(()))
    assert tv.state.answered == frozenset()


def test_the_severest_comes_first_then_the_newest_the_next_after_ok() -> None:
    tv = evening(NOON - 60 * MINUTE)
    now = tv.now
    alerts = (
        alert("mild", sent=now, severity=Severity.MINOR),
        alert("old", sent=now - MINUTE, severity=Severity.EXTREME),
        alert("new", sent=now, severity=Severity.EXTREME),
    )
    warn(tv, *alerts)
    seen = []
    while tv.screen() is Screen.ALERT:
        shown = alert_on_screen(tv.state)
        assert shown is not None
        seen.append(shown.id)
        tv.run(tv.now + 2 * SECOND)
        tv.press(Key.OK)
    assert seen == ["new", "old", "mild"]
    assert len([effect for effect in tv.effects if effect == Sounded(Sound.ALERT)]) == 3


def test_a_severer_one_takes_the_screen_a_milder_one_waits() -> None:
    tv = evening(NOON - 60 * MINUTE)
    first = alert("first", sent=tv.now)
    warn(tv, first)
    tv.run(tv.now + 5 * SECOND)
    assert not warn(tv, first, alert("milder", sent=tv.now, severity=Severity.MINOR))
    assert tv.state.alert_shown == "first"
    done = warn(tv, first, alert("worse", sent=tv.now, severity=Severity.EXTREME))
    assert Sounded(Sound.ALERT) in done
    assert tv.state.alert_shown == "worse"


def test_a_replaced_alert_is_not_shown_beside_its_successor() -> None:
    tv = evening(NOON - 60 * MINUTE)
    old = alert("old", sent=tv.now, severity=Severity.EXTREME)
    warn(tv, old, alert("new", sent=tv.now, severity=Severity.MINOR, references=("old",)))
    assert [one.id for one in waiting_alerts(tv.state)] == ["new"]


def test_it_is_said_three_times_and_then_stands_in_silence() -> None:
    tv = evening(NOON - 600 * MINUTE)
    begun = tv.now
    warn(tv, alert(sent=begun, seconds=3600))
    tv.run(begun + 10 * SAID_EVERY, SECOND)
    assert len([effect for effect in tv.effects if isinstance(effect, Speak)]) == SAID_TIMES
    assert tv.screen() is Screen.ALERT


def test_a_cancelled_alert_leaves_at_once_and_falls_silent() -> None:
    tv = evening(NOON + MINUTE)
    warn(tv)
    tv.take(AlertsChanged(()))
    assert tv.screen() is Screen.BROADCAST
    assert Hush() in tv.effects


def test_the_lesson_comes_back_live_and_only_what_was_on_the_screen_counts() -> None:
    tv = evening(NOON - MINUTE, seconds=120)
    tv.run(NOON + 30 * SECOND)
    assert tv.phase() is PlayPhase.PLAYING
    assert StopPlayer() in warn(tv)
    assert tv.state.playback is None
    assert not tv.player.moving
    tv.run(NOON + 60 * SECOND)
    assert tv.state.playback is None
    tv.press(Key.OK)
    tv.run(NOON + 63 * SECOND)
    assert tv.screen() is Screen.BROADCAST
    assert tv.phase() is PlayPhase.PLAYING
    assert abs(tv.player.position_ms - 63_000) < 500
    tv.run(NOON + 130 * SECOND)
    (one,) = tv.state.timetable
    assert 85 <= tv.seconds_shown(one) <= 92, "thirty before the alert, a little less than sixty after it"
    shown_by_player = sum(end - begin for begin, end in tv.player.shown) / 1000
    assert abs(tv.seconds_shown(one) - shown_by_player) < 1.5
    assert tv.facts_of(AiringEnded) == [AiringEnded(airing=one.id, complete=True)]


def test_a_lesson_that_ends_under_the_alert_ended_early() -> None:
    tv = evening(NOON - MINUTE, seconds=60)
    tv.run(NOON + 30 * SECOND)
    warn(tv)
    tv.run(NOON + 70 * SECOND)
    (one,) = tv.state.timetable
    assert tv.facts_of(AiringEnded) == [AiringEnded(airing=one.id, complete=False)]
    assert 29 <= tv.seconds_shown(one) <= 31


def test_a_lesson_that_an_alert_hid_whole_was_missed_for_that_reason() -> None:
    tv = evening(NOON - MINUTE, seconds=60)
    tv.run(NOON - 10 * SECOND)
    assert tv.phase() is PlayPhase.CUED
    warn(tv)
    tv.run(NOON + 70 * SECOND)
    (missed,) = tv.facts_of(AiringMissed)
    assert isinstance(missed, AiringMissed)
    assert missed.reason == "alert"
    assert not tv.player.shown


def test_the_countdowns_chime_is_silent_under_an_alert() -> None:
    tv = evening(NOON - 6 * MINUTE)
    warn(tv)
    tv.run(NOON - 4 * MINUTE, SECOND)
    assert Sounded(Sound.CHIME) not in tv.effects


def test_the_screen_says_that_it_is_read_only_while_it_is() -> None:
    tv = evening()
    warn(tv)
    seen = [tv.state.speaking]
    for speaking in (True, False):
        tv.take(events.VoiceChanged(speaking))
        seen.append(tv.state.speaking)
    assert seen == [False, True, False]


def test_words_that_are_too_long_are_spoken_as_they_are_shown() -> None:
    state = replace(State(now=NOON), enrolment=evening().state.enrolment)
    text = "雹" * 500
    long = replace(alert(), headline=text, description=text, instructions=(text,) * 9)
    warned, done = step(state, AlertsChanged((long,)), NOON)
    (spoken,) = (effect for effect in done if isinstance(effect, Speak))
    assert len(spoken.text) <= HEADLINE_MAX + DESCRIPTION_MAX + SHOWN_STEPS * STEP_MAX
    assert current_screen(warned) is Screen.ALERT
