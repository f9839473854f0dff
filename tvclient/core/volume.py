"""How loud lessons are: volume keys, mute, the bar that says so, and when it is worth a write to the disk. Pure.

Silence is for one airing: nobody finds the next evening's lesson mute. What rings for an alert has its own volume.
"""

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from tvclient.core.effects import Effect, SetVolume
from tvclient.core.events import Key
from tvclient.core.navigation import REFUSED, Outcome
from tvclient.core.screens import on_air
from tvclient.core.state import State

STEP: Final = 5
BAR_STAYS: Final = timedelta(seconds=2)
KEYS: Final = frozenset({Key.VOLUME_UP, Key.VOLUME_DOWN, Key.MUTE})


def volume_key(state: State, key: Key, *, repeat: bool) -> Outcome:
    """A key for the volume was pressed."""
    if key is Key.MUTE:
        return (state, ()) if repeat else _mute(state)
    return louder(state, STEP if key is Key.VOLUME_UP else -STEP)


def louder(state: State, by: int) -> Outcome:
    """So much louder, or quieter; any such wish ends the silence. At an end it is refused, and the bar shows why."""
    before = state.volume
    percent = max(0, min(100, before.percent + by))
    if percent == before.percent and before.muted_for is None:
        return _shown(state), REFUSED
    changed = replace(before, percent=percent, muted_for=None, kept=percent == before.percent and before.kept)
    return _shown(replace(state, volume=changed)), (SetVolume(percent, lasting=False),)


def set_from_afar(state: State, percent: int) -> Outcome:
    """The county sets the volume."""
    percent = max(0, min(100, percent))
    changed = replace(state.volume, percent=percent, muted_for=None, kept=True)
    return _shown(replace(state, volume=changed)), (SetVolume(percent),)


def muted(state: State) -> bool:
    """Whether the lesson on the air is silent because somebody wants it."""
    return state.volume.muted_for is not None


def bar_shown(state: State) -> bool:
    """Whether the bar is on the screen."""
    return state.volume.shown_until is not None


def follow_volume(state: State) -> Outcome:
    """What time does to it: the bar goes, what was chosen is kept, silence ends with its lesson."""
    effects: tuple[Effect, ...] = ()
    volume, current = state.volume, on_air(state)
    if volume.muted_for is not None and (current is None or current.id != volume.muted_for):
        volume = replace(volume, muted_for=None)
        effects = (SetVolume(volume.percent, lasting=False),)
    until = volume.shown_until
    if until is not None and not timedelta(0) < until - state.now <= BAR_STAYS:
        volume = replace(volume, shown_until=None)
        if not volume.kept and volume.muted_for is None:
            volume, effects = replace(volume, kept=True), (*effects, SetVolume(volume.percent))
    return (state, ()) if volume == state.volume else (replace(state, volume=volume), effects)


def _mute(state: State) -> Outcome:
    current, volume = on_air(state), state.volume
    if volume.muted_for is not None:
        loud = replace(volume, muted_for=None)
        return _shown(replace(state, volume=loud)), (SetVolume(volume.percent, lasting=False),)
    if current is None:
        return _shown(state), REFUSED
    silent = replace(volume, muted_for=current.id)
    return _shown(replace(state, volume=silent)), (SetVolume(0, lasting=False),)


def _shown(state: State) -> State:
    return replace(state, volume=replace(state.volume, shown_until=state.now + BAR_STAYS))
