from datetime import timedelta

import pytest

from schedules.airings import Airing
from schedules.wire.messages import AiringEnded, AiringMissed, AiringStarted, PackageReport, PackageState, PlaybackSpan
from tests.tvclient.evening import NOON, SimulatedPlayer, Television, airing, shown_ms, stored
from tvclient.core import effects, events
from tvclient.core.screens import Picture, picture
from tvclient.core.state import PlayPhase, Screen

SECOND = timedelta(seconds=1)


def evening(before: timedelta = 60 * SECOND, player: SimulatedPlayer | None = None) -> Television:
    tv = Television(NOON - before, player=player)
    tv.take(stored(airing()))
    tv.take(events.TimetableChanged((airing(),)))
    return tv


def test_an_airing_is_cued_before_and_moves_at_its_minute() -> None:
    tv = evening()
    tv.run(NOON - 21 * SECOND)
    assert tv.phase() is None
    tv.run(NOON - 18 * SECOND)
    assert tv.phase() is PlayPhase.CUED
    assert tv.screen() is Screen.COUNTDOWN
    tv.run(NOON)
    assert tv.effects[-1] == effects.Play(airing())
    assert tv.screen() is Screen.BROADCAST


def test_a_cue_waits_a_little_for_a_better_rendition_on_its_way() -> None:
    tv = evening()
    partly = PackageReport(state=PackageState.STORED, stored_bytes=5, wanted_bytes=20)
    tv.take(events.PackagesChanged({airing().package: partly}))
    tv.run(NOON - 9 * SECOND)
    assert tv.phase() is None
    tv.run(NOON - 7 * SECOND)
    assert tv.phase() is PlayPhase.CUED


def test_a_whole_airing_leaves_one_beginning_one_end_and_every_second() -> None:
    tv = evening()
    tv.run(NOON + 65 * SECOND)
    (started,) = tv.facts_of(AiringStarted)
    assert isinstance(started, AiringStarted)
    assert abs(started.late_ms) < 300
    assert tv.facts_of(AiringEnded) == [AiringEnded(airing=airing().id, complete=True)]
    assert tv.seconds_shown(airing()) == pytest.approx(60, abs=0.3)
    assert all(
        span.to_ms - span.from_ms <= 15_500 for span in tv.facts_of(PlaybackSpan) if isinstance(span, PlaybackSpan)
    )
    assert not tv.facts_of(AiringMissed)


def test_a_late_joiner_sees_only_the_rest() -> None:
    tv = Television(NOON + 20 * SECOND)
    tv.take(stored(airing()))
    tv.take(events.TimetableChanged((airing(),)))
    tv.run(NOON + 63 * SECOND)
    (started,) = tv.facts_of(AiringStarted)
    assert isinstance(started, AiringStarted)
    assert 20_000 <= started.late_ms <= 22_500
    assert 38 <= tv.seconds_shown(airing()) <= 40
    assert effects.Seek not in [type(effect) for effect in tv.effects]


def test_a_slow_player_is_brought_to_the_live_position_by_one_seek() -> None:
    tv = evening(before=5 * SECOND, player=SimulatedPlayer(cue_takes=8 * SECOND))
    tv.run(NOON + 30 * SECOND)
    seeks = [effect for effect in tv.effects if isinstance(effect, effects.Seek)]
    assert len(seeks) == 1
    assert tv.state.playback
    assert abs(30_000 - tv.state.playback.position_ms) <= 400
    assert tv.seconds_shown(airing()) <= 27.5


@pytest.mark.parametrize("rate", [0.97, 0.995, 1.0, 1.004, 1.03])
def test_a_player_that_drifts_is_kept_within_tolerance(rate: float) -> None:
    tv = evening(player=SimulatedPlayer(rate=rate))
    tv.run(NOON + 55 * SECOND)
    assert tv.state.playback
    live_ms = (tv.now - NOON) / timedelta(milliseconds=1)
    assert abs(live_ms - tv.state.playback.position_ms) < 250
    assert not [effect for effect in tv.effects if isinstance(effect, effects.Seek)]
    assert all(0.95 <= effect.factor <= 1.05 for effect in tv.effects if isinstance(effect, effects.SetSpeed))


def test_a_power_cut_in_the_middle_costs_only_the_dark_seconds() -> None:
    tv = evening()
    tv.run(NOON + 33 * SECOND)
    after = Television(NOON + 45 * SECOND)
    after.take(events.SignInsRestored({}, started=tv.state.started))
    after.take(stored(airing()))
    after.take(events.TimetableChanged((airing(),)))
    after.run(NOON + 63 * SECOND)
    together = shown_ms(tv.facts + after.facts, airing().id) / 1000
    assert 30 + 13 <= together <= 33 + 15
    assert not after.facts_of(AiringStarted)
    assert after.facts_of(AiringEnded) == [AiringEnded(airing=airing().id, complete=True)]


def test_what_could_not_be_shown_is_said_once_with_its_reason() -> None:
    tv = Television(NOON - SECOND)
    tv.take(events.TimetableChanged((airing(),)))
    tv.run(NOON + 30 * SECOND)
    assert tv.screen() is Screen.BROADCAST
    assert picture(tv.state) is Picture.FETCHING
    tv.run(NOON + 90 * SECOND)
    assert tv.facts == [AiringMissed(airing=airing().id, lesson=airing().lesson, reason="not_stored")]


def test_a_refused_package_never_reaches_the_player() -> None:
    tv = Television(NOON - SECOND)
    tv.take(events.PackagesChanged({airing().package: PackageReport(state=PackageState.REFUSED)}))
    tv.take(events.TimetableChanged((airing(),)))
    tv.run(NOON + 90 * SECOND)
    assert not [effect for effect in tv.effects if isinstance(effect, effects.Cue)]
    assert tv.facts == [AiringMissed(airing=airing().id, lesson=airing().lesson, reason="refused")]


def test_a_package_that_arrives_in_the_middle_joins_late() -> None:
    tv = Television(NOON - SECOND)
    tv.take(events.TimetableChanged((airing(),)))
    tv.run(NOON + 30 * SECOND)
    tv.take(stored(airing()))
    tv.run(NOON + 70 * SECOND)
    assert 28 <= tv.seconds_shown(airing()) <= 30
    assert not tv.facts_of(AiringMissed)


def test_a_player_that_fails_is_tried_again_and_the_rest_is_shown() -> None:
    tv = evening()
    tv.run(NOON + 20 * SECOND)
    tv.take(events.PlayerFailed(airing().id, "player_failed"))
    tv.player.carry_out(effects.StopPlayer(), tv.now)
    assert picture(tv.state) is Picture.FAILED
    tv.run(NOON + 65 * SECOND)
    assert 50 <= tv.seconds_shown(airing()) <= 56
    assert len(tv.facts_of(AiringStarted)) == 1
    assert tv.facts_of(AiringEnded) == [AiringEnded(airing=airing().id, complete=True)]


def test_a_player_that_never_answers_is_given_up_and_named() -> None:
    tv = evening(player=SimulatedPlayer(cue_takes=timedelta(hours=1)))
    tv.run(NOON + 90 * SECOND)
    assert tv.facts == [AiringMissed(airing=airing().id, lesson=airing().lesson, reason="player_failed")]


def test_a_picture_that_stands_still_is_no_evidence() -> None:
    tv = evening(player=SimulatedPlayer(rate=1.0))
    tv.run(NOON + 20 * SECOND)
    tv.player.rate = 0.0
    tv.run(NOON + 29 * SECOND)
    tv.player.airing = None
    tv.run(NOON + 32 * SECOND)
    assert tv.seconds_shown(airing()) <= 20.5


@pytest.mark.parametrize("timetable", [(), (airing(start=NOON + 3600 * SECOND),)])
def test_taken_off_the_air_it_stops_and_may_come_back(timetable: tuple[Airing, ...]) -> None:
    tv = evening()
    tv.run(NOON + 20 * SECOND)
    tv.take(events.TimetableChanged(timetable))
    assert effects.StopPlayer() in tv.effects
    assert tv.facts_of(AiringEnded) == [AiringEnded(airing=airing().id, complete=False)]
    assert 19 <= tv.seconds_shown(airing()) <= 20
    tv.take(events.TimetableChanged((airing(),)))
    tv.run(NOON + 63 * SECOND)
    assert tv.seconds_shown(airing()) >= 55
    assert len(tv.facts_of(AiringStarted)) == 1


def test_another_package_for_the_airing_on_the_air_is_opened() -> None:
    tv = evening()
    tv.run(NOON + 20 * SECOND)
    other = airing(package="sha256-b")
    tv.take(stored(airing(), other))
    tv.take(events.TimetableChanged((other,)))
    tv.run(NOON + 30 * SECOND)
    assert tv.player.airing == other


def test_airings_back_to_back_follow_each_other() -> None:
    second = airing(start=NOON + 60 * SECOND, package="sha256-b")
    tv = Television(NOON - 30 * SECOND)
    tv.take(stored(airing(), second))
    tv.take(events.TimetableChanged((airing(), second)))
    tv.run(NOON + 125 * SECOND)
    assert [fact.airing for fact in tv.facts if isinstance(fact, AiringStarted)] == [airing().id, second.id]
    assert all(fact.complete for fact in tv.facts if isinstance(fact, AiringEnded))
    assert tv.seconds_shown(second) >= 57


def test_words_of_the_player_that_come_late_or_twice_change_nothing() -> None:
    tv = evening()
    tv.run(NOON + 70 * SECOND)
    before = (tv.state, len(tv.effects))
    for event in (
        events.PlayerEnded(airing().id, 60_000),
        events.PlayerMoved(airing().id, 10_000),
        events.PlayerCued(airing().id),
        events.PlayerFailed(airing().id, "player_failed"),
    ):
        tv.take(event)
    assert (tv.state, len(tv.effects)) == before


def test_a_clock_that_is_set_back_before_the_start_stops_and_starts_again() -> None:
    tv = evening()
    tv.run(NOON + 10 * SECOND)
    tv.take(events.Ticked(), NOON - 30 * SECOND)
    assert effects.StopPlayer() in tv.effects
    tv.run(NOON + 65 * SECOND)
    assert tv.facts_of(AiringEnded) == [AiringEnded(airing=airing().id, complete=True)]
    assert len(tv.facts_of(AiringStarted)) == 1


def test_only_what_is_ahead_is_wanted_on_the_disk() -> None:
    past, later = airing(start=NOON - 7200 * SECOND, package="sha256-p"), airing(start=NOON + SECOND, slot="x")
    tv = Television(NOON)
    tv.take(events.TimetableChanged((past, later, replace_package(later, "sha256-c", 3600))))
    assert [effect for effect in tv.effects if isinstance(effect, effects.Prefer)][-1] == effects.Prefer(
        (later, replace_package(later, "sha256-c", 3600))
    )


def replace_package(one: Airing, package: str, after: int) -> Airing:
    return airing(start=one.start + after * SECOND, package=package)


def test_when_the_clock_is_put_right_what_is_wanted_is_asked_for_again() -> None:
    tv = Television(NOON + timedelta(days=1))
    tv.take(events.TimetableChanged((airing(),)))
    tv.take(events.ClockChanged(unsure=False), NOON - 60 * SECOND)
    assert effects.Prefer((airing(),)) in tv.effects


def test_a_picture_cued_by_a_clock_that_was_ahead_does_not_stand_still() -> None:
    tv = Television(NOON + 600 * SECOND)
    long = airing(seconds=1800)
    tv.take(stored(long))
    tv.take(events.TimetableChanged((long,)))
    while tv.phase() is not PlayPhase.CUEING:
        tv.run(tv.now + SECOND)
    tv.take(events.PlayerCued(long.id))
    tv.take(events.ClockChanged(unsure=False), NOON + 2 * SECOND)
    tv.run(NOON + 12 * SECOND)
    assert tv.phase() is PlayPhase.PLAYING
