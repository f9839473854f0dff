"""Help from afar: nobody looks on without a yes, the yes is no accident, and every help comes to an end."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.tvclient.evening import LI, NOON, ROSTER, WANG, Television, airing, alert, stored
from tvclient.core import effects, events
from tvclient.core.effects import HelpSaid, HelpWord
from tvclient.core.events import Key
from tvclient.core.geometry import HEIGHT, SAFE_X, SAFE_Y, WIDTH
from tvclient.core.helping import ASKED_FOR, UNHEARD, minutes_left, question_shown
from tvclient.core.notices import notice
from tvclient.core.pages import focusables, lesson, question
from tvclient.core.state import PlayPhase, Screen, State
from tvclient.core.step import step

SECOND = timedelta(seconds=1)
ASK = events.HelpAsked("h", "李敏", 15)


def broadcast() -> Television:
    tv = Television(NOON - 30 * SECOND)
    for event in (
        events.RosterChanged(ROSTER),
        stored(airing(seconds=3600)),
        events.TimetableChanged((airing(seconds=3600),)),
    ):
        tv.take(event)
    tv.run(NOON + 10 * SECOND)
    assert tv.screen() is Screen.BROADCAST
    return tv


def asked() -> Television:
    tv = broadcast()
    tv.take(ASK)
    tv.run(tv.now + 2 * SECOND)
    return tv


def lasting() -> Television:
    tv = asked()
    tv.press(Key.OK)
    assert said(tv) == [HelpWord.AGREED]
    return tv


def said(tv: Television, help_id: str = "h") -> list[HelpWord]:
    return [effect.word for effect in tv.effects if isinstance(effect, HelpSaid) and effect.help == help_id]


def test_the_question_lets_the_lesson_go_on_and_keeps_its_captions_free() -> None:
    tv = asked()
    assert question_shown(tv.state)
    assert (tv.screen(), tv.phase(), tv.focus()) == (Screen.BROADCAST, PlayPhase.PLAYING, question.ALLOW)
    assert question.QUESTION_AT.y + question.QUESTION_AT.h < HEIGHT / 3
    at = question.ALLOW_AT
    assert at.x >= SAFE_X
    assert at.x + at.w <= WIDTH - SAFE_X
    assert at.y >= SAFE_Y
    shown = tv.seconds_shown(airing(seconds=3600))
    tv.run(tv.now + 20 * SECOND)
    assert tv.seconds_shown(airing(seconds=3600)) > shown


def test_ok_agrees_and_back_declines() -> None:
    tv = asked()
    tv.press(Key.OK)
    assert said(tv) == [HelpWord.AGREED]
    assert not question_shown(tv.state)
    assert minutes_left(tv.state) == 15
    other = asked()
    other.press(Key.BACK)
    assert said(other) == [HelpWord.DECLINED]
    assert other.state.help is None
    other.press(Key.OK)
    assert said(other) == [HelpWord.DECLINED]


def test_an_ok_on_its_way_when_the_question_came_is_none() -> None:
    tv = broadcast()
    tv.take(ASK)
    tv.press(Key.OK)
    tv.run(tv.now + SECOND / 2)
    tv.press(Key.OK)
    assert said(tv) == []
    tv.run(tv.now + SECOND)
    tv.press(Key.OK)
    assert said(tv) == [HelpWord.AGREED]


def test_silence_declines() -> None:
    tv = asked()
    tv.run(tv.now + ASKED_FOR)
    assert said(tv) == [HelpWord.UNANSWERED]


def test_arrows_open_nothing_and_digits_still_sign_in() -> None:
    tv = asked()
    tv.press(Key.UP, Key.LEFT, Key.MENU, Key.HOME)
    assert (tv.screen(), said(tv)) == (Screen.BROADCAST, [])
    tv.type(WANG.number)
    assert tv.screen() is Screen.SIGN_IN
    assert not question_shown(tv.state)
    tv.press(Key.OK)
    assert WANG.id in tv.state.signed_in[airing(seconds=3600).id]
    assert said(tv) == []
    tv.press(Key.BACK)
    assert question_shown(tv.state)
    tv.press(Key.OK)
    assert said(tv) == [], "it has only just come back"
    tv.run(tv.now + 2 * SECOND)
    tv.press(Key.OK)
    assert said(tv) == [HelpWord.AGREED]


def test_an_alert_comes_first() -> None:
    tv = asked()
    tv.take(events.AlertsChanged((alert(sent=tv.now),)))
    assert tv.screen() is Screen.ALERT
    tv.run(tv.now + 2 * SECOND)
    tv.press(Key.OK)
    assert said(tv) == []
    assert tv.state.answered


@pytest.mark.parametrize("keys", [[Key.RED], [Key.BACK, Key.BACK]])
def test_the_people_there_end_it_with_one_key_or_with_five(keys: list[Key]) -> None:
    tv = lasting()
    tv.press(*keys)
    assert said(tv) == [HelpWord.AGREED, HelpWord.STOPPED]


def test_back_now_and_then_ends_nothing() -> None:
    tv = lasting()
    tv.press(Key.BACK)
    tv.run(tv.now + 4 * SECOND)
    tv.press(Key.BACK, Key.DOWN, Key.BACK)
    assert said(tv) == [HelpWord.AGREED]


def test_support_presses_the_same_keys_and_cannot_end_it_with_them() -> None:
    tv = lasting()
    tv.take(events.SupportPressed("h", Key.DOWN))
    assert tv.focus() == lesson.SIGN_IN
    for key in (Key.RIGHT, Key.OK):
        tv.take(events.SupportPressed("h", key))
    assert tv.screen() is Screen.TODAY
    for key in (Key.BACK, Key.BACK, Key.RED):
        tv.take(events.SupportPressed("h", key))
    assert tv.screen() is Screen.BROADCAST
    assert said(tv) == [HelpWord.AGREED]


def test_keys_without_a_yes_or_of_another_help_change_nothing() -> None:
    tv = asked()
    for help_id in ("h", "other"):
        for key in (Key.OK, Key.GREEN, Key.MENU):
            before = tv.state
            tv.take(events.SupportPressed(help_id, key))
            assert replace(tv.state, now=before.now) == before
    assert said(tv) == []
    helped = lasting()
    before = helped.state
    helped.take(events.SupportPressed("other", Key.MENU))
    assert helped.state == before


def test_it_ends_by_itself_after_its_minutes() -> None:
    tv = lasting()
    for _ in range(15 * 4):
        tv.run(tv.now + 15 * SECOND, every=SECOND)
        tv.take(events.HelpHeard("h"))
    tv.run(tv.now + SECOND)
    assert said(tv) == [HelpWord.AGREED, HelpWord.RUN_OUT]


def test_it_ends_when_the_line_is_lost() -> None:
    tv = lasting()
    tv.run(tv.now + 30 * SECOND, every=SECOND)
    tv.take(events.HelpHeard("h"))
    tv.run(tv.now + UNHEARD - SECOND, every=SECOND)
    assert said(tv) == [HelpWord.AGREED]
    tv.run(tv.now + 2 * SECOND, every=SECOND)
    assert said(tv) == [HelpWord.AGREED, HelpWord.LOST]


def test_the_helper_ends_it_or_takes_the_question_back() -> None:
    for tv in (asked(), lasting()):
        tv.take(events.HelpWithdrawn("other"))
        assert HelpWord.WITHDRAWN not in said(tv)
        tv.take(events.HelpWithdrawn("h"))
        assert tv.state.help is None
        assert said(tv)[-1] is HelpWord.WITHDRAWN


def test_one_help_at_a_time_and_the_same_question_once() -> None:
    tv = asked()
    tv.take(ASK)
    tv.take(events.HelpAsked("second", "马晓峰", 5))
    assert (said(tv), said(tv, "second")) == ([], [HelpWord.BUSY])
    assert tv.state.help
    assert tv.state.help.helper == "李敏"


def test_a_box_that_is_not_let_in_asks_nobody() -> None:
    tv = Television(NOON, enrolled=False)
    tv.take(ASK)
    assert said(tv) == [HelpWord.NOT_NOW]
    helped = lasting()
    helped.take(events.EnrolmentEnded("换了新盒子"))
    assert said(helped) == [HelpWord.AGREED, HelpWord.LOST]


def test_the_sign_is_there_as_long_as_it_lasts() -> None:
    tv = lasting()
    for _ in range(20):
        tv.run(tv.now + 10 * SECOND, every=SECOND)
        tv.take(events.HelpHeard("h"))
        shown = notice(tv.state)
        assert shown
        assert shown.help == tv.state.help
    tv.press(Key.GREEN)
    assert tv.screen() is Screen.NAMES
    small = notice(tv.state)
    assert small
    assert small.in_one_line
    tv.press(Key.RED)
    assert notice(tv.state) is None


def test_a_screenshot_is_announced_for_a_moment() -> None:
    tv = broadcast()
    tv.take(events.ScreenshotWanted("c"))
    assert effects.Photograph("c") in tv.effects
    shown = notice(tv.state)
    assert shown
    assert shown.pictured
    tv.run(tv.now + 10 * SECOND)
    assert notice(tv.state) is None


@pytest.mark.parametrize(("asked_for", "set_to"), [(40, 40), (-5, 0), (300, 100)])
def test_the_volume_stays_within_its_bounds(asked_for: int, set_to: int) -> None:
    tv = broadcast()
    tv.take(events.VolumeWanted(asked_for))
    assert effects.SetVolume(set_to) in tv.effects


def test_a_restart_waits_for_an_answer() -> None:
    tv = Television(NOON)
    tv.take(ASK)
    tv.take(events.RestartWanted())
    assert effects.Leave() not in tv.effects
    tv.run(tv.now + 2 * SECOND)
    tv.press(Key.BACK)
    assert effects.Leave() in tv.effects


ids = st.sampled_from(["h", "i"])
happenings: st.SearchStrategy[events.Event] = st.one_of(
    st.builds(events.KeyPressed, st.sampled_from(list(Key)), st.booleans()),
    st.builds(events.SupportPressed, ids, st.sampled_from(list(Key))),
    st.builds(events.HelpAsked, ids, st.just("李敏"), st.integers(1, 30)),
    st.builds(events.HelpWithdrawn, ids),
    st.builds(events.HelpHeard, ids),
    st.just(events.Ticked()),
    st.just(events.EnrolmentEnded("x")),
    st.just(events.Enrolled()),
    st.just(events.AlertsChanged((alert(),))),
    st.just(events.AlertsChanged(())),
    st.just(events.TimetableChanged((airing(),))),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(happenings, st.integers(0, 20_000)), max_size=60))
def test_a_help_lasts_only_by_an_ok_of_the_people_there_and_is_said_to_be_over(
    evening: list[tuple[events.Event, int]],
) -> None:
    state, now, agreed = State(now=NOON), NOON, set[str]()
    for event, passed_ms in evening:
        now += timedelta(milliseconds=passed_ms)
        before = state
        state, todo = step(state, event, now)
        for effect in todo:
            if isinstance(effect, HelpSaid) and effect.word is HelpWord.AGREED:
                assert event == events.KeyPressed(Key.OK)
                assert question_shown(before)
                agreed.add(effect.help)
            elif isinstance(effect, HelpSaid) and effect.word is not HelpWord.BUSY:
                agreed.discard(effect.help)
        lasts = {state.help.id} if state.help and state.help.agreed else set()
        assert lasts == agreed
        things = {thing.id for thing in focusables(state)}
        assert (question.ALLOW in things) == question_shown(state)


def test_somebody_else_may_still_be_signed_in_by_card_while_help_lasts() -> None:
    tv = lasting()
    tv.type(LI.number)
    tv.press(Key.OK)
    assert LI.id in tv.state.signed_in[airing(seconds=3600).id]
