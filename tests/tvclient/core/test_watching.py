"""A lesson of one's own choice plays like an airing, gives way to the plan, and is evidence only for a missed one."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from schedules.airings import Airing, PackageName
from schedules.wire.messages import AiringEnded, AiringMissed, AiringStarted, PlaybackSpan
from tests.tvclient.evening import NOON, ROSTER, Television, airing, library_of, stored
from tvclient.core import effects, events
from tvclient.core.events import Key
from tvclient.core.pages import course, lesson
from tvclient.core.screens import airing_for_sign_in, is_private, on_air
from tvclient.core.state import PlayPhase, Screen, StoredLesson
from tvclient.core.watching import SEEN, choose, missed, next_showing

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
TO_LIBRARY = (Key.MENU, Key.DOWN, Key.RIGHT, Key.OK)


def quiet(*airings: Airing, shelf: int = 6) -> Television:
    """Nothing is on the air at noon."""
    tv = Television(NOON)
    tv.take(events.RosterChanged(ROSTER))
    tv.take(events.LibraryChanged(library_of(shelf)))
    tv.take(stored(*airings))
    tv.take(events.TimetableChanged(airings))
    return tv


def watching(tv: Television) -> Television:
    """The first lesson of the library plays."""
    tv.press(*TO_LIBRARY)
    assert tv.screen() is Screen.LIBRARY
    tv.press(Key.OK)
    assert tv.screen() is Screen.COURSE
    tv.press(Key.OK)
    tv.run(tv.now + 5 * SECOND)
    assert tv.screen() is Screen.BROADCAST
    assert tv.phase() is PlayPhase.PLAYING
    return tv


def test_any_lesson_is_three_presses_of_ok_from_home_and_nobody_writes_it_down() -> None:
    tv = watching(quiet())
    current = on_air(tv.state)
    assert current is not None
    assert is_private(current)
    assert airing_for_sign_in(tv.state) is None
    tv.run(tv.now + 30 * SECOND)

    assert not any(isinstance(fact, AiringStarted | PlaybackSpan | AiringEnded | AiringMissed) for fact in tv.facts)


def test_it_can_be_paused_and_skipped_and_left_and_its_place_is_kept() -> None:
    tv = watching(quiet())
    tv.run(tv.now + 20 * SECOND)
    tv.press(Key.UP, Key.OK)
    assert tv.effects[-1] == effects.Pause()
    before = tv.state.playback
    assert before is not None
    tv.run(tv.now + 40 * SECOND)
    after = tv.state.playback
    assert after is not None
    assert (after.phase, after.position_ms) == (PlayPhase.PLAYING, before.position_ms)
    tv.press(Key.UP, Key.OK)
    assert isinstance(tv.effects[-1], effects.Play)
    tv.run(tv.now + 2 * SECOND)
    tv.press(Key.UP)
    tv.press(Key.DOWN, Key.RIGHT)
    assert tv.focus() == lesson.FORWARD
    tv.press(Key.OK)
    tv.run(tv.now + 4 * SECOND)
    playback = tv.state.playback
    assert playback is not None
    assert playback.position_ms > before.position_ms + 30_000
    tv.press(Key.UP, Key.UP, Key.RIGHT)
    assert tv.focus() == lesson.LEAVE
    tv.press(Key.OK)
    assert tv.state.chosen is None
    assert tv.screen() is Screen.TODAY
    (kept,) = [effect for effect in tv.effects if isinstance(effect, effects.KeepPlaces)]
    assert playback.position_ms - 2000 <= next(iter(kept.places.values())) <= playback.position_ms + 2000


def test_a_pause_may_last_longer_than_the_lesson() -> None:
    tv = watching(quiet())
    tv.run(tv.now + 20 * SECOND)
    tv.press(Key.UP, Key.OK)
    before = tv.state.playback
    assert before is not None
    tv.run(tv.now + 20 * MINUTE, every=SECOND)
    assert tv.phase() is PlayPhase.PLAYING
    tv.press(Key.UP, Key.OK)
    tv.run(tv.now + 5 * SECOND)
    after = tv.state.playback
    assert after is not None
    assert before.position_ms + 4000 <= after.position_ms <= before.position_ms + 6000


def test_a_lesson_that_was_watched_to_its_end_is_seen() -> None:
    tv = quiet(shelf=1)
    short = StoredLesson(PackageName("sha256-l0"), library_of(1)[0].lesson, 30_000)
    tv.take(events.LibraryChanged((short,)))
    watching(tv)
    tv.run(tv.now + 40 * SECOND)
    assert tv.state.places == {short.package: SEEN}
    assert tv.screen() is Screen.TODAY


def test_it_gives_way_to_the_next_airing_in_time() -> None:
    planned = airing(start=NOON + 4 * MINUTE, seconds=60)
    tv = quiet(planned)
    tv.state = choose(tv.state, library_of(1)[0])[0]
    tv.run(NOON + 3 * MINUTE + 20 * SECOND)
    assert tv.screen() is Screen.BROADCAST
    tv.run(NOON + 3 * MINUTE + 32 * SECOND)
    assert tv.screen() is Screen.COUNTDOWN
    tv.run(NOON + 4 * MINUTE + 5 * SECOND)
    assert on_air(tv.state) == planned
    assert tv.phase() is PlayPhase.PLAYING


def test_there_is_no_choice_while_a_lesson_is_on_the_air_or_about_to_begin() -> None:
    for start in (NOON - MINUTE, NOON + 80 * SECOND):
        tv = quiet(airing(start=start, seconds=300))
        tv.run(tv.now + SECOND)
        before = tv.state
        after, said = choose(before, library_of(1)[0])
        assert after.chosen is None
        assert said == (effects.Sounded(effects.Sound.BLOCKED),)


def missed_yesterday() -> tuple[Television, Airing]:
    """Yesterday's airing was not shown; its lesson is on the disk by now."""
    yesterday = airing(start=NOON - timedelta(days=1), seconds=60, package="sha256-l0")
    tv = quiet(yesterday, shelf=1)
    tv.take(events.LibraryChanged((StoredLesson(PackageName("sha256-l0"), yesterday.lesson, 60_000),)))
    return tv, yesterday


def test_a_missed_airing_is_made_up_for_under_its_own_name() -> None:
    tv, yesterday = missed_yesterday()
    assert missed(tv.state) == (yesterday,)
    tv.state = choose(tv.state, tv.state.lessons[0], 0, yesterday)[0]
    tv.run(tv.now + 10 * SECOND)
    assert airing_for_sign_in(tv.state) is not None
    tv.type("0427")
    tv.press(Key.OK, Key.BACK)
    tv.run(tv.now + 60 * SECOND)
    started = [fact for fact in tv.facts if isinstance(fact, AiringStarted)]
    assert [(fact.airing, fact.planned_start) for fact in started] == [(yesterday.id, yesterday.start)]
    assert started[0].late_ms >= 86_400_000
    shown = sum(fact.to_ms - fact.from_ms for fact in tv.facts if isinstance(fact, PlaybackSpan))
    assert shown >= 57_000
    assert AiringEnded(airing=yesterday.id, complete=True) in tv.facts
    assert tv.screen() is Screen.AFTER
    assert missed(tv.state) == ()


def test_what_is_shown_again_is_named() -> None:
    again = airing(start=NOON + timedelta(days=1), slot="again")
    tv = quiet(again)
    assert next_showing(tv.state, again.lesson) == again


@given(st.lists(st.sampled_from([*Key]), max_size=30), st.integers(0, 12))
def test_whatever_is_pressed_the_plan_is_kept(keys: list[Key], shelf: int) -> None:
    planned = airing(start=NOON + 3 * MINUTE, seconds=60)
    tv = quiet(planned, shelf=shelf)
    tv.press(*TO_LIBRARY, Key.OK, Key.OK)
    for key in keys:
        tv.press(key)
        tv.run(tv.now + SECOND)
    tv.run(max(tv.now, NOON + 3 * MINUTE + 10 * SECOND))
    assert tv.state.chosen is None
    assert on_air(tv.state) == planned


@given(st.integers(0, 60), st.lists(st.sampled_from([Key.UP, Key.DOWN, Key.LEFT, Key.RIGHT]), max_size=40))
def test_the_list_of_a_course_always_shows_the_lesson_in_focus(shelf: int, keys: list[Key]) -> None:
    tv = quiet(shelf=shelf)
    tv.press(*TO_LIBRARY, Key.OK)
    tv.press(*keys)
    if tv.screen() is Screen.COURSE:
        here = course.entry_shown(tv.state)
        assert here is not None
        assert here in course.page_shown(tv.state)
