from datetime import timedelta

import pytest

from schedules.wire.messages import HeadCounted, Roster, RosterMember, SignedIn, SignInMethod, SignInUndone
from tests.tvclient.evening import LI, NOON, ROSTER, WANG, Television, airing, stored
from tvclient.core import effects, events
from tvclient.core.events import Key, KeyPressed
from tvclient.core.geometry import Direction, FocusId
from tvclient.core.pages import after, focusables, lesson, names, number, today
from tvclient.core.screens import airing_for_sign_in, controls_visible, expected_count, signed_in_count, today_cards
from tvclient.core.signing_in import CONFIRM
from tvclient.core.state import NumberVerdict, Screen

SECOND = timedelta(seconds=1)
LATER = airing(start=NOON + 1200 * SECOND, package="sha256-b")


def evening(offset: timedelta) -> Television:
    tv = Television(NOON - 600 * SECOND)
    tv.take(events.RosterChanged(ROSTER))
    tv.take(stored(airing(), LATER))
    tv.take(events.TimetableChanged((airing(), LATER)))
    tv.run(NOON + offset, every=SECOND / 4 if offset > -30 * SECOND else 30 * SECOND)
    return tv


def broadcast() -> Television:
    tv = evening(10 * SECOND)
    assert tv.screen() is Screen.BROADCAST
    return tv


def test_the_evening_goes_from_today_to_countdown_to_lesson_to_what_comes_next() -> None:
    tv = evening(-400 * SECOND)
    assert tv.screen() is Screen.TODAY
    tv.run(NOON - 299 * SECOND, every=SECOND)
    assert tv.screen() is Screen.COUNTDOWN
    assert tv.effects.count(effects.Sounded(effects.Sound.CHIME)) == 1
    tv.run(NOON + SECOND)
    assert tv.screen() is Screen.BROADCAST
    tv.run(NOON + 62 * SECOND)
    assert tv.screen() is Screen.AFTER
    tv.run(NOON + 659 * SECOND)
    assert tv.screen() is Screen.AFTER
    tv.run(NOON + 661 * SECOND)
    assert tv.screen() is Screen.TODAY
    assert today_cards(tv.state) == (LATER,)


def test_boot_lands_in_the_lesson_with_no_key_pressed() -> None:
    tv = Television(NOON + 5 * SECOND, enrolled=False)
    assert tv.screen() is Screen.ENROLMENT
    tv.take(events.TimetableChanged((airing(),)))
    tv.take(events.Enrolled())
    assert tv.screen() is Screen.BROADCAST
    tv.take(events.ClaimOffered("AAAA-BBBB", "http://x"))
    assert tv.screen() is Screen.BROADCAST


def test_the_first_press_over_a_lesson_only_reveals() -> None:
    tv = broadcast()
    assert not controls_visible(tv.state)
    tv.press(Key.OK)
    assert controls_visible(tv.state)
    assert tv.screen() is Screen.BROADCAST
    assert tv.focus() == lesson.SIGN_IN
    tv.press(Key.RIGHT, Key.OK)
    assert tv.screen() is Screen.TODAY
    tv.press(Key.BACK)
    assert tv.screen() is Screen.BROADCAST


def test_controls_hide_after_five_seconds_or_by_back() -> None:
    tv = broadcast()
    tv.press(Key.DOWN)
    tv.run(tv.now + 4 * SECOND)
    assert controls_visible(tv.state)
    tv.run(tv.now + 2 * SECOND)
    assert not controls_visible(tv.state)
    tv.press(Key.UP, Key.BACK)
    assert not controls_visible(tv.state)


def test_ok_never_repeats() -> None:
    tv = evening(-100 * SECOND)
    tv.take(KeyPressed(Key.OK, repeat=True))
    assert tv.screen() is Screen.COUNTDOWN
    tv.press(Key.OK)
    assert tv.screen() is Screen.NAMES


def test_a_blocked_move_says_where_and_counts() -> None:
    tv = evening(-100 * SECOND)
    tv.press(Key.LEFT)
    assert tv.state.blocked == (Direction.LEFT, 1)
    tv.press(Key.LEFT, Key.UP)
    assert tv.state.blocked == (Direction.UP, 3)


@pytest.mark.parametrize("offset", [-100, 10, 65])
def test_green_opens_sign_in_for_the_right_airing(offset: int) -> None:
    tv = evening(offset * SECOND)
    tv.press(Key.GREEN)
    assert tv.screen() is Screen.NAMES
    assert airing_for_sign_in(tv.state) == airing()


def test_green_is_refused_when_there_is_nothing_to_sign_in_to() -> None:
    tv = evening(700 * SECOND)
    tv.press(Key.GREEN)
    assert tv.screen() is Screen.TODAY
    assert tv.effects[-1] == effects.Sounded(effects.Sound.BLOCKED)


def test_signing_in_by_the_digits_of_a_remote() -> None:
    tv = broadcast()
    tv.type("3150")
    assert tv.screen() is Screen.SIGN_IN
    assert tv.verdict() is NumberVerdict.TYPING
    tv.type("7")
    assert tv.verdict() is NumberVerdict.FOUND
    assert tv.state.number.member == LI
    assert tv.focus() == CONFIRM
    tv.press(Key.OK)
    assert tv.facts[-1] == SignedIn(
        airing=airing().id, lesson=airing().lesson, member=LI.id, method=SignInMethod.NUMBER
    )
    assert tv.state.number.done == LI
    assert signed_in_count(tv.state, airing()) == 1
    assert expected_count(tv.state) == 3


def test_a_further_digit_goes_on_typing() -> None:
    tv = broadcast()
    tv.type("042")
    assert tv.verdict() is NumberVerdict.FOUND
    tv.type("7")
    assert tv.state.number.member == WANG
    assert tv.focus() == CONFIRM


def test_nobody_has_this_number_and_nothing_is_written() -> None:
    tv = broadcast()
    before = list(tv.facts)
    tv.type("0428")
    assert tv.verdict() is NumberVerdict.NOBODY
    assert CONFIRM not in {thing.id for thing in focusables(tv.state)}
    tv.press(Key.GREEN, Key.BACK)
    assert tv.screen() is Screen.BROADCAST
    assert tv.facts == before


def test_a_mistake_is_taken_back_with_one_press() -> None:
    tv = broadcast()
    tv.type("0427")
    tv.press(Key.OK)
    tv.type("0427")
    assert tv.verdict() is NumberVerdict.ALREADY
    tv.press(Key.OK)
    assert tv.facts[-1] == SignInUndone(airing=airing().id, member=WANG.id)
    assert tv.state.number.undone
    assert signed_in_count(tv.state, airing()) == 0


def test_the_keypad_on_the_screen_does_the_same() -> None:
    tv = evening(-100 * SECOND)
    tv.press(Key.OK)
    tv.press(*[Key.RIGHT] * 3)
    assert tv.focus() == names.NUMBER
    tv.press(Key.OK)
    assert tv.focus() == number.digit("1")
    for target in ("3", "1", "5", "0", "7"):
        walk(tv, number.digit(target))
        tv.press(Key.OK)
    assert tv.state.number.digits == "31507"
    assert tv.focus() == CONFIRM
    tv.press(Key.RIGHT)
    assert str(tv.focus()) == number.AGAIN
    tv.press(Key.RIGHT)
    assert str(tv.focus()) == number.digit("7")
    walk(tv, number.DELETE)
    tv.press(Key.OK)
    assert tv.state.number.digits == "3150"


def walk(tv: Television, target: str) -> None:
    """Press arrows until the target has the focus, as a person would."""
    for _ in range(12):
        here = {thing.id: thing.rect for thing in focusables(tv.state)}
        now, goal = here[FocusId(str(tv.focus()))], here[FocusId(target)]
        if tv.focus() == target:
            return
        if goal.y != now.y and goal.x < now.x + now.w + 400:
            tv.press(Key.DOWN if goal.y > now.y else Key.UP)
        else:
            tv.press(Key.RIGHT if goal.x > now.x else Key.LEFT)
    raise AssertionError(f"{target} was not reached")


def test_a_seventh_digit_is_refused() -> None:
    tv = broadcast()
    tv.type("1234567")
    assert tv.state.number.digits == "123456"
    assert tv.effects[-1] == effects.Sounded(effects.Sound.BLOCKED)


def test_sign_ins_survive_a_restart() -> None:
    tv = broadcast()
    tv.take(events.SignInsRestored({airing().id: frozenset({WANG.id})}))
    tv.type("0427")
    assert tv.verdict() is NumberVerdict.ALREADY


def test_a_roster_that_comes_while_typing_is_asked_again() -> None:
    tv = Television(NOON)
    tv.take(events.TimetableChanged((airing(),)))
    tv.type("0427")
    assert tv.verdict() is NumberVerdict.NOBODY
    tv.take(events.RosterChanged(ROSTER))
    assert tv.verdict() is NumberVerdict.FOUND


def test_sign_in_stays_open_over_the_start_and_the_end_of_its_lesson() -> None:
    tv = evening(-10 * SECOND)
    tv.press(Key.GREEN)
    for second in range(-5, 80, 15):
        tv.run(NOON + second * SECOND)
        tv.press(Key.DOWN)
        assert tv.screen() is Screen.NAMES
        assert airing_for_sign_in(tv.state) == airing()
    tv.type("0427")
    tv.press(Key.OK)
    assert isinstance(tv.facts[-1], SignedIn)


def test_a_screen_left_alone_gives_way_to_the_lesson() -> None:
    tv = Television(NOON)
    long = airing(seconds=300)
    tv.take(stored(long))
    tv.take(events.TimetableChanged((long,)))
    tv.press(Key.GREEN)
    tv.run(NOON + 59 * SECOND)
    assert tv.screen() is Screen.NAMES
    tv.run(NOON + 61 * SECOND)
    assert tv.screen() is Screen.BROADCAST


def test_the_start_of_a_lesson_closes_the_timetable() -> None:
    tv = evening(-10 * SECOND)
    tv.press(Key.RIGHT, Key.OK)
    assert tv.screen() is Screen.TODAY
    tv.run(NOON + SECOND)
    assert tv.screen() is Screen.BROADCAST


def test_check_asks_the_server() -> None:
    tv = Television(NOON, enrolled=False)
    tv.take(events.ClaimOffered("AAAA-BBBB", "http://x"))
    tv.press(Key.GREEN, Key.D1, Key.MENU, Key.HOME, Key.BACK)
    assert tv.screen() is Screen.ENROLMENT
    tv.press(Key.OK)
    assert tv.effects == [effects.CheckEnrolment()]


def test_a_day_without_airings_has_a_focus_too() -> None:
    tv = Television(NOON)
    assert tv.screen() is Screen.TODAY
    assert tv.focus() == today.NOTHING
    tv.press(Key.OK)
    assert tv.screen() is Screen.TODAY


def hall(count: int = 30) -> Television:
    """A countdown with so many members, every third of them called Ma, and the list of names open."""
    tv = evening(-100 * SECOND)
    members = tuple(
        RosterMember(id=f"m{place}", name=f"{'马王李'[place % 3]}{place}", number=f"{1000 + place}")
        for place in range(count)
    )
    tv.take(events.RosterChanged(Roster(version="2", members=members)))
    tv.press(Key.GREEN)
    return tv


def test_a_name_is_ticked_with_ok_and_taken_back_with_ok() -> None:
    tv = hall()
    tv.press(Key.OK)
    fact = tv.facts[-1]
    assert isinstance(fact, SignedIn)
    assert (fact.member, fact.method) == ("m0", SignInMethod.NAME)
    assert tv.screen() is Screen.NAMES
    tv.press(Key.OK)
    assert tv.facts[-1] == SignInUndone(airing=airing().id, member="m0")


def test_down_from_the_last_row_turns_the_page_and_the_column_stays() -> None:
    tv = hall()
    tv.press(Key.RIGHT, *[Key.DOWN] * 4)
    assert tv.focus() == "member.m13"
    tv.press(*[Key.DOWN] * 4)
    assert tv.focus() == "member.m25"
    tv.press(Key.DOWN, Key.DOWN, Key.DOWN)
    assert tv.focus() == "member.m28"
    assert tv.state.blocked is not None
    tv.press(*[Key.UP] * 9)
    assert tv.focus() == "member.m1"
    assert tv.state.names.page == 0


def test_a_surname_shows_its_names_as_soon_as_the_focus_is_on_it() -> None:
    tv = hall()
    tv.press(Key.LEFT, Key.DOWN)
    assert tv.state.names.surname in "马王李"
    assert {one.name[0] for one in names.shown(tv.state)} == {tv.state.names.surname}
    tv.press(Key.RIGHT, Key.RIGHT)
    assert str(tv.focus()).startswith("member.")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_yellow_goes_between_the_names_and_the_number_and_back_leaves_both(times: int) -> None:
    tv = hall()
    for turn in range(times):
        tv.press(Key.YELLOW)
        assert tv.screen() is (Screen.NAMES if turn % 2 else Screen.SIGN_IN)
    tv.press(Key.BACK)
    assert tv.screen() is Screen.COUNTDOWN
    tv.press(Key.YELLOW)
    assert tv.screen() is Screen.COUNTDOWN


def test_the_room_is_counted_and_what_was_said_is_noted_once() -> None:
    tv = evening(-10 * SECOND)
    tv.type("0427")
    tv.press(Key.OK, Key.BACK)
    tv.run(NOON + 62 * SECOND)
    assert (tv.screen(), tv.focus()) == (Screen.AFTER, after.MORE)
    tv.press(Key.OK)
    for _ in range(3):
        tv.take(KeyPressed(Key.OK, repeat=True))
    tv.press(Key.LEFT, Key.OK)
    before = len(tv.facts)
    walk(tv, after.phrase("prices"))
    tv.press(Key.OK)
    walk(tv, after.NOTE)
    tv.press(Key.OK)
    assert tv.facts[before:] == [HeadCounted(airing=airing().id, people=4, phrases=("prices",))]
    tv.press(Key.OK)
    assert tv.screen() is not Screen.AFTER
    assert len(tv.facts) == before + 1


def test_nothing_is_noted_where_nobody_says_so() -> None:
    tv = evening(-10 * SECOND)
    tv.run(NOON + 62 * SECOND)
    tv.press(Key.OK, Key.BACK)
    assert tv.screen() is not Screen.AFTER
    assert not any(isinstance(fact, HeadCounted) for fact in tv.facts)


def test_no_discussion_goes_with_no_other_phrase() -> None:
    tv = evening(-10 * SECOND)
    tv.run(NOON + 62 * SECOND)
    for code in ("prices", "no_discussion"):
        walk(tv, after.phrase(code))
        tv.press(Key.OK)
    entry = after.entry(tv.state)
    assert entry is not None
    assert entry.phrases == {"no_discussion"}
    walk(tv, after.phrase("louder"))
    tv.press(Key.OK)
    entry = after.entry(tv.state)
    assert entry is not None
    assert entry.phrases == {"louder"}
