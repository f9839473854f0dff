"""Asking the experts from the couch: a topic, then a prepared sentence; what was on the screen goes along.

By phone one writes, speaks and photographs: the square beside the topics leads there. Without a line a question waits
in the journal like every fact.
"""

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from schedules.asking import SENTENCES, TOPICS
from schedules.wire.messages import QuestionAsked
from tvclient.core.consulting import Asking
from tvclient.core.effects import Record, Sound, Sounded
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, climb, go_home, open_above, open_from_home
from tvclient.core.pages.page import Page
from tvclient.core.screens import current_screen, is_private, just_ended
from tvclient.core.state import PlayPhase, Screen, State

TOPICS_AT: Final = tuple(Rect(96 + 570 * (place % 2), 260 + 196 * (place // 2), 520, 152) for place in range(6))
SENTENCES_AT: Final = tuple(Rect(96 + 908 * (place % 2), 260 + 196 * (place // 2), 820, 152) for place in range(6))
BACK: Final = FocusId("back")
MINE: Final = FocusId("mine")
"""What was asked here before."""
BACK_AT: Final = Rect(1404, 910, 420, 104)
MINE_AT: Final = Rect(96, 910, 520, 104)
AGAIN_AFTER: Final = timedelta(seconds=10)
"""The same sentence within this time is a slip of the finger."""
_TOPIC: Final = "topic."
_SENTENCE: Final = "sentence."


def topic(code: str) -> FocusId:
    """The tile of a topic."""
    return FocusId(_TOPIC + code)


def sentence(code: str) -> FocusId:
    """The tile of a sentence."""
    return FocusId(_SENTENCE + code)


def begin(state: State) -> Outcome:
    """Somebody wants to ask; where a lesson is on the screen, the question is pinned to its minute."""
    playback = state.playback
    asking = Asking(list_page=0, asked=state.asking.asked, asked_at=state.asking.asked_at)
    if current_screen(state) is Screen.BROADCAST and playback and playback.phase is PlayPhase.PLAYING:
        own = is_private(playback.airing)
        asking = replace(
            asking,
            airing=None if own else playback.airing.id,
            lesson=playback.airing.lesson,
            position_ms=playback.position_ms,
        )
    elif (ended := just_ended(state)) is not None and not is_private(ended):
        asking = replace(asking, airing=ended.id, lesson=ended.lesson)
    over = open_above if state.over_home else open_from_home
    return over(replace(state, asking=asking), Screen.ASK), ()


def sentences(state: State) -> tuple[str, ...]:
    """What may be asked about the topic that was chosen."""
    return SENTENCES.get(state.asking.topic, ())


def _topics(state: State) -> tuple[Focusable, ...]:
    tiles = (Focusable(topic(code), at, "topics") for code, at in zip(TOPICS, TOPICS_AT, strict=True))
    mine = (Focusable(MINE, MINE_AT, "buttons"),) if state.papers.green_channel.cases else ()
    return (*tiles, *mine, Focusable(BACK, BACK_AT, "buttons"))


def _choose_topic(state: State, thing: FocusId) -> Outcome:
    if thing == BACK:
        return climb(state), ()
    if thing == MINE:
        return open_above(state, Screen.ANSWERS), ()
    code = thing.removeprefix(_TOPIC)
    if code not in TOPICS:
        return state, REFUSED
    return open_above(replace(state, asking=replace(state.asking, topic=code)), Screen.SENTENCES), ()


def _sentences(state: State) -> tuple[Focusable, ...]:
    tiles = (
        Focusable(sentence(code), at, "sentences") for code, at in zip(sentences(state), SENTENCES_AT, strict=False)
    )
    return (*tiles, Focusable(BACK, BACK_AT, "buttons"))


def _choose_sentence(state: State, thing: FocusId) -> Outcome:
    if thing == BACK:
        return climb(state), ()
    code, asking = thing.removeprefix(_SENTENCE), state.asking
    if code not in sentences(state):
        return state, REFUSED
    again = asking.asked == code and asking.asked_at is not None and timedelta(0) <= state.now - asking.asked_at
    if again and asking.asked_at is not None and state.now - asking.asked_at < AGAIN_AFTER:
        return state, REFUSED
    fact = QuestionAsked(
        topic=asking.topic,
        sentence=code,
        airing=asking.airing,
        lesson=asking.lesson,
        position_ms=asking.position_ms,
    )
    asked = replace(state, asking=replace(asking, asked=code, asked_at=state.now, list_page=0))
    return open_from_home(go_home(asked), Screen.ANSWERS), (Record(fact), Sounded(Sound.TICK))


ASK: Final = Page(_topics, _choose_topic)
SENTENCES_PAGE: Final = Page(_sentences, _choose_sentence)
