"""What the television does about damaged pieces of a lesson: says each once, leaves it out, keeps the minute. Pure.

A planned lesson stays at its live position: the picture stands over a damaged piece, words say why, and what is behind
it comes at its own time (`playing.py`, `gaps.py`). A chosen one skips it (`watching.py`). Damage that shows itself only
while the lesson plays is looked for in its files; then the lesson is opened once more without the damaged pieces.
"""

from msgspec.structs import replace

from schedules.airings import Airing, AiringId
from schedules.wire.messages import SegmentDamaged
from tvclient.core import playing
from tvclient.core.effects import Examine, Record, StopPlayer
from tvclient.core.events import LessonOpened
from tvclient.core.gaps import Gap, past, told_as
from tvclient.core.navigation import Outcome
from tvclient.core.screens import is_private
from tvclient.core.shown import flush
from tvclient.core.state import PlayPhase, State

_OPEN = (PlayPhase.CUEING, PlayPhase.CUED, PlayPhase.PLAYING)


def opened(state: State, event: LessonOpened) -> Outcome:
    """The lesson is open but for these pieces; where nothing is left behind them, it is over."""
    state, chosen = playing.opened(state, event.airing, event.sounds, event.captions)
    playback = state.playback
    if not event.gaps or playback is None or playback.airing.id != event.airing or playback.phase not in _OPEN:
        return state, chosen
    airing, from_ms = playback.airing, past(event.gaps, playback.cued_from_ms)
    state, said = _said(state, airing, event.gaps)
    if from_ms > airing.duration_ms - playing.NOT_WORTH_MS:
        over = replace(playback, phase=PlayPhase.ENDED, gaps=event.gaps, since=state.now)
        state, closing = playing.close(replace(state, playback=over), airing, complete=False)
        return state, (*chosen, *said, StopPlayer(), *closing)
    known = replace(playback, gaps=event.gaps, cued_from_ms=from_ms, position_ms=from_ms)
    return replace(state, playback=known), (*chosen, *said)


def stumbled(state: State, airing: AiringId) -> Outcome:
    """Something of it could not be read."""
    playback = state.playback
    if playback is None or playback.airing.id != airing or playback.phase not in _OPEN:
        return state, ()
    return state, (Examine(playback.airing),)


def examined(state: State, airing: AiringId, gaps: tuple[Gap, ...]) -> Outcome:
    """What the files say: pieces not known to be damaged let the lesson be opened once more, without them."""
    playback = state.playback
    if playback is None or playback.airing.id != airing or playback.phase not in _OPEN:
        return state, ()
    if {gap.file for gap in gaps} <= {gap.file for gap in playback.gaps}:
        return state, ()
    state, said = _said(state, playback.airing, gaps)
    state, flushed = flush(state)
    return replace(state, playback=None), (*said, *flushed, StopPlayer())


def _said(state: State, airing: Airing, gaps: tuple[Gap, ...]) -> Outcome:
    """Each damaged piece is one fact, written once; none of what somebody watches for its own sake."""
    if is_private(airing):
        return state, ()
    named = {told_as(airing.package, gap.file): gap for gap in gaps}
    fresh = [gap for name, gap in named.items() if name not in state.damage_told]
    told = state.damage_told | named.keys()
    return replace(state, damage_told=told), tuple(
        Record(
            SegmentDamaged(
                airing=airing.id,
                lesson=airing.lesson,
                package=airing.package,
                file=gap.file,
                from_ms=gap.from_ms,
                to_ms=gap.to_ms,
            )
        )
        for gap in fresh
    )
