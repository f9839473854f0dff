"""The life of an airing in the player: cue, start at the minute, follow the plan, close; and the evidence of it. Pure.

Everything here is decided anew at every step from the timetable, the time and the player's last word, so a restart in
the middle, a late package or a moved airing need no rule of their own. Small corrections: `follower.py`; what of it
becomes evidence: `shown.py`.
"""

from datetime import timedelta

from msgspec.structs import replace

from schedules.airings import Airing, AiringId
from schedules.clock import milliseconds, on_air_at
from schedules.wire.messages import (
    AiringEnded,
    AiringMissed,
    PackageState,
)
from tvclient.core import tracks
from tvclient.core.alerts import alert_on_screen
from tvclient.core.effects import (
    ChooseCaptions,
    ChooseSound,
    Cue,
    Effect,
    Pause,
    Play,
    Prefer,
    Record,
    Seek,
    SetSpeed,
    StopPlayer,
)
from tvclient.core.expiry import expired
from tvclient.core.follower import Bend, Jump, Keep, correction
from tvclient.core.gaps import past, standing_ms
from tvclient.core.navigation import Outcome
from tvclient.core.recorded import recorded_answers
from tvclient.core.shown import advance, begin, flush
from tvclient.core.state import Playback, PlayPhase, State
from tvclient.core.tracks import TrackName
from tvclient.core.watching import programme

CUE_LEAD = timedelta(seconds=20)
LAST_CUE = timedelta(seconds=8)
"""Until then a cue waits for a better rendition that is still on its way."""
JOIN_LEAD_MS = 1000
"""A late joiner is cued this far ahead of the live position, and let go when time has reached it."""
RUN_OUT = timedelta(milliseconds=1500)
"""A picture that is a little late may run to its own end, unless the next airing begins."""
NOT_WORTH_MS = 2000
"""With less than this left an airing is not begun any more."""
OPENING_LIMIT = timedelta(seconds=20)
STALL_LIMIT = timedelta(seconds=10)
SEEK_SETTLES = timedelta(seconds=3)
RETRY_AFTER = timedelta(seconds=5)
MAX_FAILURES = 5
EARLY_MS = 400
"""A picture that comes back this much too early from a damaged piece waits for its minute."""


def wanted_packages(airings: tuple[Airing, ...], state: State) -> Prefer:
    """The airings whose packages are still to be shown, and behind them the recordings that answer a question here."""
    return Prefer((*(airing for airing in airings if airing.end > state.now), *recorded_answers(state)))


def opened(state: State, airing: AiringId, sounds: tuple[TrackName, ...], captions: tuple[TrackName, ...]) -> Outcome:
    """The lesson's languages are known: choose as somebody chose before."""
    if state.playback is None or state.playback.airing.id != airing:
        return state, ()
    chosen = tracks.opened(state.tracks, sounds, captions)
    return replace(state, tracks=chosen), (ChooseSound(chosen.sound), ChooseCaptions(chosen.caption))


def cued(state: State, airing: AiringId) -> Outcome:
    """The first frame is ready."""
    playback = state.playback
    if playback is None or playback.airing.id != airing or playback.phase is not PlayPhase.CUEING:
        return state, ()
    return replace(state, playback=replace(playback, phase=PlayPhase.CUED, since=state.now)), ()


def moved(state: State, airing: AiringId, position_ms: int) -> Outcome:
    """The picture moves: write the stretch shown as evidence, and correct what is late or early."""
    playback = state.playback
    if playback is None or playback.airing.id != airing or playback.phase is not PlayPhase.PLAYING:
        return state, ()
    state, began = begin(state, playback, position_ms)
    state, spans = advance(state, playback, position_ms)
    state, corrections = _follow(state)
    return state, (*began, *spans, *corrections)


def ended(state: State, airing: AiringId, position_ms: int) -> Outcome:
    """The airing ran to its own end."""
    playback = state.playback
    if playback is None or playback.airing.id != airing or playback.phase is not PlayPhase.PLAYING:
        return state, ()
    state, began = begin(state, playback, position_ms)
    state, spans = advance(state, playback, position_ms)
    state, flushed = flush(state)
    if state.playback:
        state = replace(state, playback=replace(state.playback, phase=PlayPhase.ENDED, since=state.now))
    state, closing = close(state, playback.airing, complete=True)
    return state, (*began, *spans, *flushed, *closing)


def failed(state: State, airing: AiringId, reason: str) -> Outcome:
    """The player gave up; whether to try again is decided by `follow_plan`."""
    playback = state.playback
    over = (PlayPhase.ENDED, PlayPhase.FAILED)
    if playback is None or playback.airing.id != airing or playback.phase in over:
        return state, ()
    state, flushed = flush(state)
    playback = state.playback or playback
    gone = replace(
        playback, phase=PlayPhase.FAILED, since=state.now, failure=reason, failures=playback.failures + 1, moved_at=None
    )
    return replace(state, playback=gone), flushed


def follow_plan(state: State) -> Outcome:
    """Bring the player in line with the timetable at this instant; under an alert it is empty."""
    if alert_on_screen(state) is not None:
        state, yielded = _yield_to_alert(state)
        state, noted = _attend(state)
        state, left = _leave(state)
        return state, (*yielded, *noted, *left)
    state, noted = _attend(state)
    state, left = _leave(state)
    state, watched = _watch(state)
    state, opened = _open(state)
    state, let_go = _let_go(state)
    return state, (*noted, *left, *watched, *opened, *let_go)


def _yield_to_alert(state: State) -> Outcome:
    """Close what plays or waits; what nobody sees is not shown. After the alert `_open` joins at the live position."""
    current, playback = on_air_at(programme(state), state.now), state.playback
    if current is not None and current.id != state.preempted:
        state = replace(state, preempted=current.id)
    if playback is None or playback.phase in (PlayPhase.ENDED, PlayPhase.FAILED):
        return state, ()
    state, flushed = flush(state)
    return replace(state, playback=None), (*flushed, StopPlayer())


def _attend(state: State) -> Outcome:
    """Notice which airing is on the air; when it passes unshown, say so once."""
    current, before, playback = on_air_at(programme(state), state.now), state.attending, state.playback
    if before is None or (current is not None and current.id == before.id):
        return (state, ()) if current == before else (replace(state, attending=current), ())
    if playback and playback.airing.id == before.id and playback.phase is PlayPhase.PLAYING:
        return state, ()
    closing: tuple[Effect, ...] = ()
    if state.now >= before.end and _planned(state, before) is not None:
        state, closing = close(state, before, complete=False)
    return replace(state, attending=current), closing


def _leave(state: State) -> Outcome:
    """Stop what is in the player when the plan no longer wants it there."""
    playback = state.playback
    if playback is None or _belongs(state, playback):
        return state, ()
    if playback.phase in (PlayPhase.ENDED, PlayPhase.FAILED):
        return replace(state, playback=None), ()
    airing = playback.airing
    state, flushed = flush(state)
    closing: tuple[Effect, ...] = ()
    if _planned(state, airing) is None:
        # Taken off the air: it may come back, so it is not closed for good.
        if playback.phase is PlayPhase.PLAYING and airing.id in state.started:
            closing = (Record(AiringEnded(airing=airing.id, complete=False)),)
    elif state.now >= airing.end:
        state, closing = close(
            state, airing, complete=airing.duration_ms - playback.position_ms <= milliseconds(RUN_OUT)
        )
    return replace(state, playback=None), (*flushed, StopPlayer(), *closing)


def _planned(state: State, airing: Airing) -> Airing | None:
    """The same showing in the timetable as it stands now."""
    return next(
        (
            one
            for one in programme(state)
            if (one.id, one.start, one.package) == (airing.id, airing.start, airing.package)
        ),
        None,
    )


def _belongs(state: State, playback: Playback) -> bool:
    planned = _planned(state, playback.airing)
    if planned is None:
        return False
    now, other = state.now, on_air_at(programme(state), state.now)
    if other is not None and other.id != planned.id:
        return False
    match playback.phase:
        case PlayPhase.ENDED:
            return planned.start <= now < planned.end + timedelta(minutes=1)
        case PlayPhase.PLAYING:
            return planned.start - RUN_OUT <= now < planned.end + RUN_OUT
        case _:
            return planned.start - 2 * CUE_LEAD <= now < planned.end


def close(state: State, airing: Airing, *, complete: bool) -> Outcome:
    """Write once how the airing went: ended, or missed and why."""
    if airing.id in state.closed:
        return state, ()
    body: AiringEnded | AiringMissed
    if airing.id in state.started:
        body = AiringEnded(airing=airing.id, complete=complete)
    else:
        body = AiringMissed(airing=airing.id, lesson=airing.lesson, reason=_reason(state, airing))
    return replace(state, closed=state.closed | {airing.id}), (Record(body),)


def _reason(state: State, airing: Airing) -> str:
    playback = state.playback
    if playback and playback.airing.id == airing.id and playback.failure:
        return playback.failure
    if expired(state, airing.package):
        return "expired"
    report = state.packages.get(airing.package)
    match report.state if report else None:
        case PackageState.REFUSED:
            return "refused"
        case PackageState.STORED:
            return "alert" if airing.id == state.preempted else "player_failed"
        case _:
            return "not_stored"


def _watch(state: State) -> Outcome:
    """A player that does not answer, or a picture that stands still, has failed."""
    playback = state.playback
    if playback is None or playback.since is None:
        return state, ()
    match playback.phase:
        case PlayPhase.CUEING:
            silent = state.now - playback.since > OPENING_LIMIT
        case PlayPhase.PLAYING:
            limit = STALL_LIMIT + timedelta(milliseconds=standing_ms(playback.gaps, playback.position_ms))
            silent = state.now - max(playback.moved_at or playback.since, playback.since) > limit
        case _:
            silent = False
    if not silent:
        return state, ()
    state, flushed = failed(state, playback.airing.id, "player_failed")
    return state, (*flushed, StopPlayer())


def _open(state: State) -> Outcome:
    """Cue the airing that is on the air or about to be, once its package is stored."""
    airing = next((one for one in programme(state) if one.start - CUE_LEAD <= state.now < one.end), None)
    current = on_air_at(programme(state), state.now) or airing
    if current is None or not _stored(state, current) or current.id in state.closed:
        return state, ()
    if expired(state, current.package):
        return state, ()
    if current.start - state.now > LAST_CUE and not _at_its_best(state, current):
        return state, ()
    playback, failures, failure = state.playback, 0, ""
    if playback is not None and playback.airing.id == current.id:
        if playback.phase is not PlayPhase.FAILED or not _worth_retrying(state, playback):
            return state, ()
        failures, failure = playback.failures, playback.failure
    elif playback is not None and playback.phase is not PlayPhase.ENDED:
        return state, ()
    live_ms = milliseconds(state.now - current.start)
    from_ms = live_ms + JOIN_LEAD_MS if live_ms > 0 else 0
    if from_ms > current.duration_ms - NOT_WORTH_MS:
        return state, ()
    opened = Playback(
        airing=current,
        phase=PlayPhase.CUEING,
        position_ms=from_ms,
        cued_from_ms=from_ms,
        since=state.now,
        failures=failures,
        failure=failure,
    )
    return replace(state, playback=opened), (Cue(current, from_ms),)


def _worth_retrying(state: State, playback: Playback) -> bool:
    if playback.failure in ("refused", "no_player") or playback.since is None:
        return False
    if playback.failure != "not_stored" and playback.failures >= MAX_FAILURES:
        return False
    return not timedelta(0) <= state.now - playback.since < RETRY_AFTER


def _stored(state: State, airing: Airing) -> bool:
    chosen = state.chosen is not None and state.chosen.airing.id == airing.id  # from what is stored
    if chosen or airing.package in state.scarred:
        return True
    report = state.packages.get(airing.package)
    return report is not None and report.state is PackageState.STORED


def _at_its_best(state: State, airing: Airing) -> bool:
    report = state.packages.get(airing.package)
    return report is not None and report.stored_bytes >= report.wanted_bytes


def _let_go(state: State) -> Outcome:
    """Start the waiting picture when time has reached its frame."""
    playback = state.playback
    if playback is None or playback.phase is not PlayPhase.CUED:
        return state, ()
    wait = playback.airing.start + timedelta(milliseconds=playback.cued_from_ms) - state.now
    held = any(gap.to_ms == playback.cued_from_ms for gap in playback.gaps)
    if playback.cued_from_ms and wait > OPENING_LIMIT and not held:
        return replace(state, playback=None), (StopPlayer(),)
    if wait > timedelta(0):
        return state, ()
    playing = replace(playback, phase=PlayPhase.PLAYING, since=state.now, moved_at=None, speed=1.0, sought_at=None)
    return replace(state, playback=playing), (Play(playback.airing),)


def _follow(state: State) -> Outcome:
    playback = state.playback
    if playback is None:
        return state, ()
    if playback.sought_at is not None and timedelta(0) <= state.now - playback.sought_at < SEEK_SETTLES:
        return state, ()
    live_ms = milliseconds(state.now - playback.airing.start)
    goes_on_ms = past(playback.gaps, live_ms)
    if goes_on_ms > live_ms + EARLY_MS and playback.position_ms >= goes_on_ms:
        state, flushed = flush(state)
        held = replace(state.playback or playback, phase=PlayPhase.CUED, cued_from_ms=goes_on_ms, since=state.now)
        return replace(state, playback=held), (*flushed, Pause())
    if goes_on_ms > live_ms:
        return state, ()
    match correction(live_ms - playback.position_ms, playback.speed):
        case Keep():
            return state, ()
        case Bend(factor):
            return replace(state, playback=replace(playback, speed=factor)), (SetSpeed(factor),)
        case Jump() if 0 <= live_ms < playback.airing.duration_ms - NOT_WORTH_MS:
            state, flushed = flush(state)
            sought = replace(state.playback or playback, speed=1.0, sought_at=state.now, moved_at=state.now)
            straighten = (SetSpeed(1.0),) if playback.speed != 1.0 else ()
            return replace(state, playback=sought), (*flushed, *straighten, Seek(live_ms))
        case Jump():
            return state, ()
