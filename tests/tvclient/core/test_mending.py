"""Damaged pieces of a lesson: said once, left out, and what is behind them at its own minute."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schedules.wire.messages import (
    AiringEnded,
    AiringStarted,
    PackageReport,
    PackageState,
    PlaybackSpan,
    SegmentDamaged,
)
from tests.tvclient.evening import NOON, SimulatedPlayer, Television, airing, lesson, shown_ms, stored
from tvclient.core import effects, events
from tvclient.core.gaps import Gap, crossed, past, standing_ms
from tvclient.core.screens import Picture, picture
from tvclient.core.state import PlayPhase, StoredLesson
from tvclient.core.watching import choose

SECOND = timedelta(seconds=1)
ONE = airing()


def gaps(*pieces: tuple[int, int]) -> tuple[Gap, ...]:
    """From this second to that one, six seconds a piece."""
    return tuple(
        Gap(f"720p/{second // 6}.m4s", second * 1000, (second + 6) * 1000)
        for begin, end in pieces
        for second in range(begin, end, 6)
    )


def opened(*left_out: Gap, at: int = -15, until: int = 0) -> Television:
    """A television that has opened the lesson without these pieces, and plays it from its minute to this second."""
    tv = Television(NOON + at * SECOND)
    tv.take(stored(ONE))
    tv.take(events.TimetableChanged((ONE,)))
    tv.take(events.Ticked(), NOON + at * SECOND if at > -8 else NOON - 8 * SECOND)
    tv.take(events.LessonOpened(ONE.id, (), (), left_out))
    tv.take(events.PlayerCued(ONE.id))
    play(tv, 0, until, left_out)
    return tv


def play(tv: Television, begin: int, until: int, left_out: tuple[Gap, ...] = ()) -> None:
    """What libmpv does: it says where the picture is four times a second, and over a gap nothing at all."""
    for quarter in range(begin * 4, until * 4 + 1):
        at_ms = quarter * 250
        tv.take(events.Ticked(), NOON + at_ms * timedelta(milliseconds=1))
        if tv.phase() is PlayPhase.PLAYING and past(left_out, at_ms) == at_ms:
            tv.take(events.PlayerMoved(ONE.id, at_ms))


def kinds(tv: Television) -> list[type]:
    return [type(effect) for effect in tv.effects]


def test_the_picture_stands_over_a_piece_and_goes_on_without_a_jump_or_a_failure() -> None:
    left_out = gaps((12, 30))
    tv = opened(*left_out, until=20)
    assert picture(tv.state) is Picture.DAMAGED
    assert tv.phase() is PlayPhase.PLAYING
    play(tv, 20, 40, left_out)
    assert picture(tv.state) is Picture.MOVING
    assert not {effects.Seek, effects.SetSpeed, effects.StopPlayer, effects.Pause} & set(kinds(tv))
    tv.take(events.PlayerEnded(ONE.id, 60_000), NOON + 60 * SECOND)
    spans = [(fact.from_ms, fact.to_ms) for fact in tv.facts if isinstance(fact, PlaybackSpan)]
    assert not any(begin < 29_900 and end > 12_100 for begin, end in spans)
    assert tv.facts_of(AiringEnded) == [AiringEnded(airing=ONE.id, complete=True)]


def test_each_piece_is_said_once_over_all_showings_and_restarts() -> None:
    left_out = gaps((12, 24))
    tv = opened(*left_out, until=5)
    told = [fact.file for fact in tv.facts if isinstance(fact, SegmentDamaged)]
    assert told == ["720p/2.m4s", "720p/3.m4s"]
    tv.take(events.LessonExamined(ONE.id, left_out))
    tv.take(events.LessonOpened(ONE.id, (), (), left_out))
    assert len(tv.facts_of(SegmentDamaged)) == 2
    after = Television(NOON - 9 * SECOND)
    after.take(events.DamageRestored(frozenset({f"{ONE.package}/720p/2.m4s"})))
    after.take(stored(ONE))
    after.take(events.TimetableChanged((ONE,)))
    after.take(events.Ticked(), NOON - 7 * SECOND)
    after.take(events.LessonOpened(ONE.id, (), (), left_out))
    assert [fact.file for fact in after.facts if isinstance(fact, SegmentDamaged)] == ["720p/3.m4s"]


def test_with_a_damaged_beginning_words_stand_until_its_first_good_picture_comes_at_its_time() -> None:
    tv = opened(*gaps((0, 24)), until=23)
    assert tv.phase() is PlayPhase.CUED
    assert picture(tv.state) is Picture.DAMAGED
    assert effects.StopPlayer not in kinds(tv)
    tv.take(events.Ticked(), NOON + 24 * SECOND)
    assert tv.phase() is PlayPhase.PLAYING
    tv.take(events.PlayerMoved(ONE.id, 24_100), NOON + 24.1 * SECOND)
    assert picture(tv.state) is Picture.MOVING
    assert tv.facts_of(AiringStarted)
    assert effects.Seek not in kinds(tv)


def test_a_picture_that_comes_back_too_early_waits_for_its_minute() -> None:
    left_out = gaps((12, 18))
    tv = opened(*left_out, until=13)
    tv.take(events.PlayerMoved(ONE.id, 18_000), NOON + 13.5 * SECOND)
    assert tv.phase() is PlayPhase.CUED
    assert isinstance(tv.effects[-1], effects.Pause)
    assert picture(tv.state) is Picture.DAMAGED
    tv.take(events.Ticked(), NOON + 17.9 * SECOND)
    assert tv.phase() is PlayPhase.CUED
    tv.take(events.Ticked(), NOON + 18 * SECOND)
    assert tv.phase() is PlayPhase.PLAYING
    assert isinstance(tv.effects[-1], effects.Play)
    assert shown_ms(tv.facts, ONE.id) <= 12_000


def test_what_stumbles_is_examined_and_opened_again_at_the_live_position() -> None:
    tv = opened(until=10)
    tv.take(events.PlayerStumbled(ONE.id))
    assert effects.Examine(ONE) in tv.effects
    tv.take(events.LessonExamined(ONE.id, ()))
    assert tv.phase() is PlayPhase.PLAYING
    tv.take(events.LessonExamined(ONE.id, gaps((12, 18))))
    assert [effect.from_ms for effect in tv.effects if isinstance(effect, effects.Cue)] == [0, 11_000]
    assert effects.StopPlayer in kinds(tv)
    assert shown_ms(tv.facts, ONE.id) >= 9_500
    tv.take(events.Ticked(), NOON + 70 * SECOND)
    tv.take(events.PlayerStumbled(ONE.id))
    assert kinds(tv).count(effects.Examine) == 1


def test_a_lesson_of_which_nothing_good_is_left_is_over() -> None:
    tv = Television(NOON + 40 * SECOND)
    tv.take(stored(ONE))
    tv.take(events.TimetableChanged((ONE,)))
    tv.take(events.LessonOpened(ONE.id, (), (), gaps((36, 60))))
    assert tv.phase() is PlayPhase.ENDED
    tv.take(events.Ticked(), NOON + 50 * SECOND)
    assert kinds(tv).count(effects.Cue) == 1


def test_what_was_whole_and_is_damaged_is_opened_all_the_same() -> None:
    tv = Television(NOON - 30 * SECOND)
    tv.take(events.TimetableChanged((ONE,)))
    report = PackageReport(state=PackageState.FETCHING, stored_bytes=9, wanted_bytes=10)
    tv.take(events.PackagesChanged({ONE.package: report}))
    tv.take(events.Ticked(), NOON - 5 * SECOND)
    assert tv.phase() is None
    tv.take(events.PackagesChanged({ONE.package: report}, frozenset({ONE.package})))
    assert tv.phase() is PlayPhase.CUEING


def test_in_a_lesson_of_ones_own_nobody_waits_and_nobody_is_told() -> None:
    tv = Television(NOON)
    mine = StoredLesson(ONE.package, lesson(), 60_000)
    tv.state, _ = choose(tv.state, mine)
    tv.take(events.Ticked())
    one = tv.state.playback.airing.id if tv.state.playback else ONE.id
    left_out = gaps((6, 18))
    tv.take(events.LessonOpened(one, (), (), left_out))
    tv.take(events.PlayerCued(one))
    tv.take(events.Ticked(), NOON + 2 * SECOND)
    tv.take(events.PlayerMoved(one, 5_900), NOON + 7.9 * SECOND)
    tv.take(events.Ticked(), NOON + 8.1 * SECOND)
    assert tv.effects[-1] == effects.Seek(18_000)
    tv.take(events.PlayerMoved(one, 18_100), NOON + 8.2 * SECOND)
    assert picture(tv.state) is Picture.MOVING
    assert not tv.facts


pieces = st.lists(
    st.builds(
        lambda n, seconds, seen: Gap(f"p/{n}.m4s", n * 4000, n * 4000 + seconds * 1000, seen),
        st.integers(0, 15),
        st.integers(1, 12),
        st.booleans(),
    ),
    max_size=6,
).map(tuple)


@given(pieces, st.integers(0, 70_000), st.integers(0, 20_000))
def test_behind_a_piece_there_is_a_picture(left_out: tuple[Gap, ...], at_ms: int, more_ms: int) -> None:
    goes_on = past(left_out, at_ms)
    assert goes_on >= at_ms
    assert past(left_out, goes_on) == goes_on
    if goes_on > at_ms:
        assert crossed(left_out, at_ms, goes_on)
    assert standing_ms(left_out, at_ms) >= 0
    if not crossed(left_out, at_ms, at_ms + more_ms):
        assert all(past(left_out, one) == one for one in range(at_ms, at_ms + more_ms, 997))


class Deaf(SimulatedPlayer):
    """Does nothing that it is told: whatever it says comes from the test."""

    def carry_out(self, effect: effects.Effect, now: datetime) -> None:
        del effect, now


@given(
    pieces,
    st.lists(
        st.tuples(
            st.sampled_from(["tick", "moved", "stumbled", "examined", "opened", "cued", "failed", "ended"]),
            st.integers(-500, 9000),
        ),
        max_size=40,
    ),
    pieces,
)
def test_no_order_of_words_breaks_it_and_a_piece_is_never_told_twice(
    left_out: tuple[Gap, ...], words: list[tuple[str, int]], found: tuple[Gap, ...]
) -> None:
    tv, at = Television(NOON - 10 * SECOND, player=Deaf()), NOON - 10 * SECOND
    tv.take(stored(ONE))
    tv.take(events.TimetableChanged((ONE,)))
    for word, by_ms in words:
        at += by_ms * timedelta(milliseconds=1)
        known: dict[str, events.Event] = {
            "tick": events.Ticked(),
            "moved": events.PlayerMoved(ONE.id, max(0, round((at - NOON) / timedelta(milliseconds=1)))),
            "stumbled": events.PlayerStumbled(ONE.id),
            "examined": events.LessonExamined(ONE.id, found),
            "opened": events.LessonOpened(ONE.id, (), (), left_out),
            "cued": events.PlayerCued(ONE.id),
            "failed": events.PlayerFailed(ONE.id, "player_failed"),
            "ended": events.PlayerEnded(ONE.id, 60_000),
        }
        tv.take(known[word], at)
    told = [fact.file for fact in tv.facts if isinstance(fact, SegmentDamaged)]
    assert len(told) == len(set(told))
    assert picture(tv.state) in Picture
