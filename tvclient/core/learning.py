"""Learning an unknown remote, key by key: what is asked for, what a key means meanwhile, when it is over. Pure.

Six keys are needed, the others may be skipped; digits are asked for one by one and skipped all at once. What a key
means already is never learnt over; only what this remote was taught before is forgotten. As long as six are not known
nothing is kept, so a broken attempt costs nothing. While the optional ones are asked for, the remote moves the focus as
it always will.
"""

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from tvclient.core.effects import Effect, KeepKeys, Sound, Sounded
from tvclient.core.events import Key, RawKey
from tvclient.core.navigation import REFUSED, Outcome, climb, open_above
from tvclient.core.screens import current_screen, fresh
from tvclient.core.settled import Learning, LearnWord
from tvclient.core.state import Screen, State

NEEDED: Final = (Key.OK, Key.UP, Key.DOWN, Key.LEFT, Key.RIGHT, Key.BACK)
COLOURS: Final = (Key.GREEN, Key.RED, Key.YELLOW, Key.BLUE)
DIGITS: Final = tuple(Key(str(value)) for value in (*range(1, 10), 0))
ASKED: Final = (*NEEDED, *COLOURS, *DIGITS)
ENDS_AFTER: Final = timedelta(seconds=20)


def open_learning(state: State) -> State:
    """Begin with a remote."""
    return open_above(replace(state, learning=Learning(heard_at=state.now)), Screen.LEARNING)


def asked_for(state: State) -> Key | None:
    """The key that should be pressed now; None when it is over."""
    learning = state.learning
    if learning is None or learning.done or learning.place >= len(ASKED):
        return None
    return ASKED[learning.place]


def listens(state: State) -> bool:
    """Whether a key of any remote is one that is being learnt, and nothing else."""
    return current_screen(state) is Screen.LEARNING and asked_for(state) is not None


def enough(state: State) -> bool:
    """Whether all keys are known that a television needs."""
    return state.learning is not None and state.learning.place >= len(NEEDED)


def heard(state: State, raw: RawKey) -> Outcome | Key:
    """A key of a remote went down; the answer is what it changed, or the key that it is."""
    learning, asked = state.learning, asked_for(state)
    if learning is None or asked is None or not listens(state):
        return raw.taught or raw.known or (state, ())
    state = replace(state, last_key_at=state.now)
    learning = replace(learning, heard_at=state.now)
    if learning.device and raw.device != learning.device:
        return raw.taught or raw.known or _refused(state, learning, LearnWord.OTHER)
    meaning = Key(learning.codes[raw.code]) if raw.code in learning.codes else raw.known
    learning = replace(learning, device=raw.device)
    if meaning is None:
        codes = {**learning.codes, raw.code: asked.value}
        return _further(state, replace(learning, codes=codes, word=LearnWord.TAKEN))
    if meaning is asked:
        return _further(state, replace(learning, word=LearnWord.TAKEN))
    if enough(state) or meaning is Key.BACK:
        return meaning
    return _refused(state, learning, LearnWord.USED)


def skip(state: State) -> Outcome:
    """Leave out the key that is asked for; at the first digit all of them."""
    learning, asked = state.learning, asked_for(state)
    if learning is None or asked is None or not enough(state):
        return state, REFUSED
    if asked in DIGITS:
        return finish(state)
    return replace(state, learning=replace(learning, place=learning.place + 1, heard_at=state.now)), ()


def finish(state: State) -> Outcome:
    """It is over: keep what was learnt, if it is enough."""
    learning = state.learning
    if learning is None or not enough(state):
        return climb(state), ()
    over = fresh(replace(state, learning=replace(learning, done=True)), Screen.LEARNING)
    return over, (*_kept(learning), Sounded(Sound.TICK))


def follow_learning(state: State) -> Outcome:
    """What time does to it: without a key for a while it is over; whoever left it keeps what was learnt."""
    learning = state.learning
    if learning is not None and not learning.done and enough(state) and Screen.LEARNING not in state.over_home:
        return replace(state, learning=replace(learning, done=True)), _kept(learning)
    if learning is None or not listens(state) or timedelta(0) <= state.now - learning.heard_at < ENDS_AFTER:
        return state, ()
    if enough(state):
        return finish(state)
    return climb(replace(state, learning=replace(learning, word=LearnWord.GIVEN_UP, done=True))), ()


def _kept(learning: Learning) -> tuple[Effect, ...]:
    return (KeepKeys(learning.device, learning.codes),) if learning.codes else ()


def _further(state: State, learning: Learning) -> Outcome:
    further = replace(state, learning=replace(learning, place=learning.place + 1))
    if asked_for(further) is None:
        return finish(further)
    ticked: tuple[Effect, ...] = (Sounded(Sound.TICK),)
    return (fresh(further, Screen.LEARNING) if learning.place + 1 == len(NEEDED) else further), ticked


def _refused(state: State, learning: Learning, word: LearnWord) -> Outcome:
    return replace(state, learning=replace(learning, word=word)), REFUSED
