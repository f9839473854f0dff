"""By phone and by card: each signs in and never out, and no hand is quick enough to be a card."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schedules.wire.messages import HeadCounted, Roster, SignedIn, SignInMethod, SignInUndone, StationCard
from tests.tvclient.evening import LI, MA, NOON, ROSTER, WANG, Television, airing, alert, stored
from tvclient.core import effects, events
from tvclient.core.arriving import CARD_MAX, CARD_MIN, FASTER_THAN_MS
from tvclient.core.effects import PhoneAnswered, PhoneWord
from tvclient.core.events import Key, KeyPressed, PhoneSignedIn
from tvclient.core.state import NumberVerdict, Screen
from tvclient.core.step import step

MINUTE = timedelta(minutes=1)
LESSON = airing(seconds=600)
CARD = "0004127790"
digits = st.text("0123456789", min_size=1, max_size=24)


def television(minutes: float = 1, *, roster: Roster = ROSTER) -> Television:
    """In the lesson, unless told otherwise."""
    tv = Television(NOON + minutes * MINUTE)
    tv.take(events.RosterChanged(roster))
    tv.take(stored(LESSON))
    tv.take(events.TimetableChanged((LESSON,)))
    return tv


def words(tv: Television) -> list[tuple[str, PhoneWord]]:
    return [(one.command, one.word) for one in tv.effects if isinstance(one, PhoneAnswered)]


def read(tv: Television, card: str, *, every_ms: int = 8, first_ms: int = 4000) -> None:
    """A reader types a card."""
    for place, digit in enumerate(card):
        tv.take(KeyPressed(Key(digit), since_ms=every_ms if place else first_ms))
    tv.take(KeyPressed(Key.OK, since_ms=every_ms))


@pytest.mark.parametrize("minutes", [-4, 1, 9.9])
def test_a_phone_signs_in_before_a_lesson_and_in_it(minutes: float) -> None:
    tv = television(minutes)
    tv.take(PhoneSignedIn("c", MA.id))
    assert words(tv) == [("c", PhoneWord.DONE)]
    (fact,) = tv.facts_of(SignedIn)
    assert isinstance(fact, SignedIn)
    assert (fact.member, fact.method, fact.airing) == (MA.id, SignInMethod.PHONE, LESSON.id)
    assert effects.Sounded(effects.Sound.TICK) in tv.effects
    assert tv.state.signed_in[LESSON.id] == {MA.id}


def test_whoever_signs_in_again_by_phone_stays_signed_in() -> None:
    tv = television()
    for command in "abc":
        tv.take(PhoneSignedIn(command, MA.id))
    assert words(tv) == [("a", PhoneWord.DONE), ("b", PhoneWord.ALREADY), ("c", PhoneWord.ALREADY)]
    assert len(tv.facts_of(SignedIn)) == 1
    assert tv.state.signed_in[LESSON.id] == {MA.id}


def test_a_phone_takes_back_and_says_when_there_was_nothing() -> None:
    tv = television()
    tv.take(PhoneSignedIn("a", MA.id))
    tv.take(PhoneSignedIn("b", MA.id, undo=True))
    tv.take(PhoneSignedIn("c", MA.id, undo=True))
    assert [word for _, word in words(tv)] == [PhoneWord.DONE, PhoneWord.TAKEN_BACK, PhoneWord.NOTHING_ON]
    assert len(tv.facts_of(SignInUndone)) == 1
    assert not tv.state.signed_in[LESSON.id]


@pytest.mark.parametrize(
    ("minutes", "member", "word"),
    [(-30, MA.id, PhoneWord.NOTHING_ON), (60, MA.id, PhoneWord.NOTHING_ON), (1, "\0", PhoneWord.NOT_ON_ROLL)],
)
def test_where_nothing_can_be_signed_the_phone_hears_why(minutes: float, member: str, word: PhoneWord) -> None:
    tv = television(minutes)
    tv.take(PhoneSignedIn("c", member))
    assert words(tv) == [("c", word)]
    assert not tv.facts_of(SignedIn)


def test_a_box_that_is_not_let_in_signs_nobody_in() -> None:
    tv = Television(NOON, enrolled=False)
    tv.take(PhoneSignedIn("c", MA.id))
    assert words(tv) == [("c", PhoneWord.NOTHING_ON)]


def test_a_phone_changes_neither_screen_nor_focus() -> None:
    tv = television()
    tv.press(Key.GREEN, Key.DOWN)
    screen, focus = tv.screen(), tv.focus()
    tv.take(PhoneSignedIn("c", WANG.id))
    assert (tv.screen(), tv.focus()) == (screen, focus)


def test_the_address_for_phones_comes_with_the_station_and_goes_with_it() -> None:
    tv = television()
    card = StationCard(id="s", name="马场村")
    tv.take(events.StationChanged(card, "https://county/join/x"))
    assert tv.state.join == "https://county/join/x"
    tv.take(events.StationChanged(card))
    assert tv.state.join == ""


@pytest.mark.parametrize("from_screen", [[], [Key.GREEN], [Key.D3]])
def test_a_card_signs_its_holder_in_at_once(from_screen: list[Key]) -> None:
    members = (*ROSTER.members, replace(LI, id="m-9", number="9999", card=CARD))
    tv = television(roster=Roster(version="2", members=members))
    tv.press(*from_screen)
    tv.effects.clear()
    for _swipe in range(2):
        read(tv, CARD)
    (fact,) = tv.facts_of(SignedIn)
    assert isinstance(fact, SignedIn)
    assert (fact.member, fact.method) == ("m-9", SignInMethod.CARD)
    assert tv.screen() is Screen.SIGN_IN
    assert tv.state.number.done == members[-1]
    assert effects.Sounded(effects.Sound.BLOCKED) not in tv.effects


def test_a_card_may_be_a_number() -> None:
    tv = television()
    read(tv, WANG.number)
    (fact,) = tv.facts_of(SignedIn)
    assert isinstance(fact, SignedIn)
    assert (fact.member, fact.method) == (WANG.id, SignInMethod.CARD)


@pytest.mark.parametrize("card", ["99999", "9999999999"])
def test_nobodys_card_is_said_and_signs_nobody_in(card: str) -> None:
    tv = television()
    read(tv, card)
    assert not tv.facts_of(SignedIn)
    assert (tv.screen(), tv.verdict()) == (Screen.SIGN_IN, NumberVerdict.NOBODY)
    tv.type("0427")
    assert tv.verdict() in (NumberVerdict.NOBODY, NumberVerdict.FOUND)


def test_two_with_the_same_card_are_nobody() -> None:
    twins = tuple(replace(one, card=CARD) for one in (WANG, MA))
    tv = television(roster=Roster(version="2", members=twins))
    read(tv, CARD)
    assert not tv.facts_of(SignedIn)


def test_a_cards_ok_neither_answers_an_alert_nor_agrees_to_help() -> None:
    tv = television()
    tv.take(events.AlertsChanged((alert(sent=tv.now),)))
    read(tv, WANG.number)
    assert tv.screen() is Screen.ALERT
    assert not tv.facts_of(SignedIn)
    quiet = television(60)
    quiet.take(events.HelpAsked("h", "李敏", 15))
    quiet.take(events.Ticked(), quiet.now + timedelta(seconds=5))
    read(quiet, WANG.number)
    assert quiet.state.help is not None
    assert not quiet.state.help.agreed


@given(digits, st.lists(st.integers(FASTER_THAN_MS, 5000), min_size=25, max_size=25))
def test_a_hand_never_becomes_a_card(typed: str, pauses: list[int]) -> None:
    tv, by_hand = television(), television()
    for digit, pause in zip(typed, pauses, strict=False):
        tv.take(KeyPressed(Key(digit), since_ms=pause))
        by_hand.take(KeyPressed(Key(digit)))
    tv.take(KeyPressed(Key.OK, since_ms=pauses[-1]))
    by_hand.take(KeyPressed(Key.OK))
    assert replace(tv.state, burst="") == replace(by_hand.state, burst="")
    assert tv.effects == by_hand.effects
    assert all(isinstance(one, SignedIn) and one.method is SignInMethod.NUMBER for one in tv.facts_of(SignedIn))


@given(digits, st.data())
def test_one_slow_key_makes_it_no_card(card: str, data: st.DataObject) -> None:
    tv, slow = television(), data.draw(st.integers(0, len(card)))
    for place, digit in enumerate(card):
        tv.take(KeyPressed(Key(digit), since_ms=500 if place == slow else 8))
    tv.take(KeyPressed(Key.OK, since_ms=500 if slow == len(card) else 8))
    left = len(card) - slow
    methods = [one.method for one in tv.facts_of(SignedIn) if isinstance(one, SignedIn)]
    assert SignInMethod.CARD not in methods or (slow < len(card) and left >= CARD_MIN)


@given(digits)
def test_any_burst_leaves_the_screen_whole(card: str) -> None:
    tv = television()
    read(tv, card)
    assert len(tv.state.burst) <= CARD_MAX + 1
    assert tv.focus() is not None
    assert not tv.facts_of(HeadCounted)
    again, todo = step(tv.state, KeyPressed(Key.BACK), tv.now)
    assert again.over_home == ()
    assert not [one for one in todo if isinstance(one, effects.Record)]
