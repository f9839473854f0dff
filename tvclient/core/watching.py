"""A lesson that the village chooses for itself: an airing that begins when somebody says so. Pure.

It stands in the timetable beside the planned ones, so cueing, following and evidence need no rules of their own: to
skip is to move its start, to pause is to let its start go along with the time. It gives way half a minute before the
next planned airing. Made up for an airing that this box has missed, it is that airing, shown late, and evidence like
any other; anything else is nobody's business: its facts are not written.
"""

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from schedules.airings import Airing, AiringId, LessonCard, PackageName, Rank, SlotId
from schedules.clock import milliseconds, next_after, on_air_at
from tvclient.core.effects import Effect, KeepPlaces, Pause, Play, Seek, StopPlayer
from tvclient.core.expiry import expired
from tvclient.core.gaps import past
from tvclient.core.navigation import REFUSED, Outcome, go_home
from tvclient.core.screens import PRIVATE, is_private
from tvclient.core.state import Chosen, PlayPhase, State, StoredLesson

OPENING: Final = timedelta(seconds=2)
"""From the key to the first moving picture."""
GIVES_WAY: Final = timedelta(seconds=30)
AT_LEAST: Final = timedelta(minutes=1)
"""With less than this before it would have to give way a lesson is not begun."""
SKIP: Final = timedelta(seconds=30)
NOT_KEPT: Final = timedelta(seconds=15)
"""Nearer than this to either end no place is kept."""
SEEN: Final = -1
"""Instead of a place: it was watched to its end."""
CAUGHT_UP_WITHIN: Final = timedelta(days=7)


def programme(state: State) -> tuple[Airing, ...]:
    """What plays, in order of start: the planned airings, and a chosen one beside them."""
    chosen = state.chosen
    if chosen is None:
        return state.timetable
    rest = (one for one in state.timetable if one.id != chosen.airing.id)
    return tuple(sorted((*rest, chosen.airing), key=lambda airing: (airing.start, airing.id)))


def may_choose(state: State) -> bool:
    """Whether there is time for a lesson of one's own now."""
    if not state.enrolment.plays or on_air_at(state.timetable, state.now):
        return False
    coming = next_after(state.timetable, state.now)
    return coming is None or coming.start - state.now >= GIVES_WAY + OPENING + AT_LEAST


def choose(state: State, lesson: StoredLesson, from_ms: int = 0, missed: Airing | None = None) -> Outcome:
    """Show a stored lesson now; refused while there is no time for it, and once its rights are over."""
    if not may_choose(state) or expired(state, lesson.package):
        return state, REFUSED
    start = state.now + OPENING - timedelta(milliseconds=from_ms)
    if missed is not None:
        airing = replace(missed, start=start)
        state = replace(state, closed=state.closed - {missed.id})
    else:
        airing = Airing(
            id=AiringId(PRIVATE + lesson.package),
            slot=SlotId(PRIVATE),
            start=start,
            duration_ms=lesson.duration_ms,
            rank=Rank.OPTIONAL,
            lesson=lesson.lesson,
            package=lesson.package,
        )
        gone = {airing.id}
        state = replace(state, closed=state.closed - gone, started=state.started - gone)
    chosen = Chosen(airing=airing, planned=missed, whole_ms=airing.duration_ms)
    return _placed(go_home(state), chosen), ()


def skip(state: State, by: timedelta) -> Outcome:
    """Go forward, or back where `by` is below zero; refused beyond either end."""
    chosen = state.chosen
    if chosen is None:
        return state, REFUSED
    position = (chosen.paused_at or state.now) - chosen.airing.start + by
    if position > timedelta(milliseconds=chosen.whole_ms) - NOT_KEPT:
        return state, REFUSED
    position = max(position, timedelta(0))
    shifted = replace(chosen.airing, start=(chosen.paused_at or state.now) - position)
    return _placed(state, replace(chosen, airing=shifted)), ()


def pause_or_go_on(state: State) -> Outcome:
    """Let the picture stand, or move again."""
    chosen, playback = state.chosen, state.playback
    if chosen is None or playback is None or playback.phase is not PlayPhase.PLAYING:
        return state, REFUSED
    if chosen.paused_at is None:
        return replace(state, chosen=replace(chosen, paused_at=state.now)), (Pause(),)
    going = _gone_along(state, replace(chosen, paused_at=None), state.now - chosen.paused_at)
    return going, (Play(going.playback.airing if going.playback else chosen.airing),)


def leave(state: State) -> Outcome:
    """Enough of it; its place is kept."""
    if state.chosen is None:
        return state, REFUSED
    return _without(state)


def follow_choice(state: State) -> Outcome:
    """What time does to a chosen lesson: a paused one stands, one that has ended or must give way is gone."""
    chosen, playback = state.chosen, state.playback
    if chosen is None:
        return state, ()
    if chosen.paused_at is not None:
        state = _gone_along(state, replace(chosen, paused_at=state.now), state.now - chosen.paused_at)
        if state.playback is not None:  # it stands because somebody wants it to
            state = replace(state, playback=replace(state.playback, moved_at=state.now))
    over = playback is not None and playback.airing.id == chosen.airing.id and playback.phase is PlayPhase.ENDED
    failed = playback is not None and playback.airing.id == chosen.airing.id and playback.phase is PlayPhase.FAILED
    coming = next_after(state.timetable, state.now)
    gives_way = coming is not None and coming.start - state.now <= GIVES_WAY
    begun = on_air_at(state.timetable, state.now) is not None
    late = chosen.paused_at is None and state.now >= chosen.airing.end + timedelta(seconds=2)
    if over or failed or gives_way or begun or late or not state.enrolment.plays:
        return _without(state)
    return _over_damage(state, chosen)


def _over_damage(state: State, chosen: Chosen) -> Outcome:
    """Nobody waits for a damaged piece: what is behind it begins at once."""
    playback = state.playback
    if playback is None or playback.airing.id != chosen.airing.id or chosen.paused_at is not None:
        return state, ()
    if playback.phase not in (PlayPhase.CUED, PlayPhase.PLAYING):
        return state, ()
    now_ms = milliseconds(state.now - chosen.airing.start)
    goes_on_ms = past(playback.gaps, now_ms)
    if not now_ms < goes_on_ms < chosen.whole_ms:
        return state, ()
    shifted = replace(chosen.airing, start=state.now - timedelta(milliseconds=goes_on_ms))
    state = _placed(state, replace(chosen, airing=shifted))
    if playback.phase is PlayPhase.CUED or state.playback is None:
        return state, ()
    sought = replace(state.playback, sought_at=state.now, moved_at=state.now)
    return replace(state, playback=sought), (Seek(goes_on_ms),)


def missed(state: State) -> tuple[Airing, ...]:
    """Airings of the last days that this box has not shown, the newest first, each lesson once."""
    shown = {one.lesson.id for one in state.timetable if one.id in state.started}
    past = [
        one
        for one in (*state.timetable, *state.displaced)
        if one.end <= state.now <= one.end + CAUGHT_UP_WITHIN and one.id not in state.started
    ]
    found: dict[str, Airing] = {}
    for one in sorted(past, key=lambda airing: airing.start, reverse=True):
        if one.lesson.id not in shown:
            found.setdefault(one.lesson.id, one)
    return tuple(found.values())


def next_showing(state: State, lesson: LessonCard, after: datetime | None = None) -> Airing | None:
    """When this lesson is on the air again: from now on, or only after a later instant."""
    since = max(state.now, after or state.now)
    return next((one for one in state.timetable if one.start > since and one.lesson.id == lesson.id), None)


def _placed(state: State, chosen: Chosen | None) -> State:
    """The state in which this is chosen; what plays goes along when its start has moved."""
    playback = state.playback
    if chosen is not None and playback is not None and playback.airing.id == chosen.airing.id:
        state = replace(state, playback=replace(playback, airing=chosen.airing))
    return replace(state, chosen=chosen)


def _gone_along(state: State, chosen: Chosen, by: timedelta) -> State:
    shifted = replace(chosen.airing, start=chosen.airing.start + by)
    return _placed(state, replace(chosen, airing=shifted))


def _without(state: State) -> Outcome:
    chosen, playback = state.chosen, state.playback
    if chosen is None:
        return state, ()
    places = dict(state.places)
    effects: tuple[Effect, ...] = ()
    if playback is not None and playback.airing.id == chosen.airing.id:
        edge = milliseconds(NOT_KEPT)
        near = playback.phase is PlayPhase.ENDED or playback.position_ms > chosen.whole_ms - edge
        places.pop(PackageName(chosen.airing.package), None)
        if near:
            places[PackageName(chosen.airing.package)] = SEEN
        elif playback.position_ms > edge:
            places[PackageName(chosen.airing.package)] = playback.position_ms
        if places != dict(state.places):
            effects = (KeepPlaces(places),)
    state = _placed(replace(state, places=places), None)
    if chosen.planned is not None and chosen.airing.id in state.started:
        shown = max(1, playback.position_ms if playback else 1)
        state = replace(state, made_up=replace(chosen.airing, duration_ms=shown))
    if is_private(chosen.airing) and playback is not None and playback.airing.id == chosen.airing.id:
        return replace(state, playback=None), (*effects, StopPlayer())
    return state, effects
