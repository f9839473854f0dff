"""What was really on the screen, as facts: when an airing started, and each stretch of it that moved. Pure.

A stretch ends where the picture jumps, at a damaged piece, and every quarter of a minute, so that a power cut costs
little. When the player does what: `playing.py`.
"""

from datetime import timedelta

from msgspec.structs import replace

from schedules.clock import milliseconds
from schedules.wire.messages import AiringStarted, PlaybackSpan
from tvclient.core.effects import Effect, Record
from tvclient.core.gaps import crossed
from tvclient.core.navigation import Outcome
from tvclient.core.state import Playback, State

SPAN_MS = 15_000
DISCONTINUITY_MS = 1000


def begin(state: State, playback: Playback, position_ms: int) -> Outcome:
    """The first picture of an airing: it has started, so much later than planned."""
    airing = playback.airing
    if airing.id in state.started:
        return state, ()
    made_up_for = state.chosen.planned if state.chosen and state.chosen.airing.id == airing.id else None
    planned = made_up_for or airing
    late_ms = milliseconds(state.now - planned.start) - max(0, position_ms - playback.cued_from_ms)
    body = AiringStarted(
        airing=airing.id,
        planned_start=planned.start,
        duration_ms=planned.duration_ms,
        lesson=airing.lesson,
        package=airing.package,
        late_ms=late_ms,
    )
    return replace(state, started=state.started | {airing.id}), (Record(body),)


def advance(state: State, playback: Playback, position_ms: int) -> Outcome:
    """Extend the stretch that is being shown; a jump in media time ends it and begins another."""
    if playback.moved_at is None or playback.span_from_ms is None:
        seen = _seen_before_first_word(state, playback, position_ms)
        first = replace(
            playback,
            position_ms=position_ms,
            moved_at=state.now,
            span_from_ms=position_ms - seen,
            span_started_at=state.now - timedelta(milliseconds=seen),
        )
        return replace(state, playback=first), ()
    passed_ms = milliseconds(state.now - playback.moved_at)
    gone_on_ms = position_ms - playback.position_ms
    flushed: tuple[Effect, ...] = ()
    here = replace(playback, position_ms=position_ms, moved_at=state.now)
    jumped = gone_on_ms < 0 or gone_on_ms > passed_ms + DISCONTINUITY_MS
    if jumped or crossed(playback.gaps, playback.position_ms, position_ms):
        state, flushed = flush(state)
        here = replace(here, span_from_ms=position_ms, span_started_at=state.now)
    elif position_ms - playback.span_from_ms >= SPAN_MS:
        state, flushed = flush(replace(state, playback=here))
        here = replace(here, span_from_ms=position_ms, span_started_at=state.now)
    return replace(state, playback=here), flushed


def _seen_before_first_word(state: State, playback: Playback, position_ms: int) -> int:
    """What moved between the start and the first report was seen, as far as time allows; after a seek, nothing."""
    if playback.moved_at is not None or playback.since is None:
        return 0
    passed_ms = milliseconds(state.now - playback.since)
    return max(0, min(passed_ms, position_ms - playback.cued_from_ms, DISCONTINUITY_MS))


def flush(state: State) -> Outcome:
    """Write the stretch shown so far."""
    playback = state.playback
    if playback is None or playback.span_from_ms is None or playback.span_started_at is None:
        return state, ()
    closed = replace(state, playback=replace(playback, span_from_ms=None, span_started_at=None))
    if playback.position_ms <= playback.span_from_ms:
        return closed, ()
    airing = playback.airing
    body = PlaybackSpan(
        airing=airing.id,
        lesson=airing.lesson,
        package=airing.package,
        from_ms=playback.span_from_ms,
        to_ms=playback.position_ms,
        started_at=playback.span_started_at,
    )
    return closed, (Record(body),)
