"""Photographs and voice notes of answers: which the box keeps on its disk, which can be seen and heard now. Pure.

They are fetched behind everything that is planned, and kept as long as the question stands on the paper. A voice note
is heard by one key, and falls silent when the page is left or a lesson begins. Who fetches them:
`adapters/answer_files.py`; where they stand on the screen: `pages/answer.py`.
"""

from typing import Final

from msgspec.structs import replace

from schedules.wire.messages import AnswerFile, AnswerFileKind, CaseCard
from tvclient.core.effects import Effect, KeepFiles, Play, PlayNote, StopNote
from tvclient.core.navigation import Outcome
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen, State

MOST: Final = 40
MOST_BYTES: Final = 40_000_000
"""Of all files together: a box is small."""
LARGEST: Final = 8_000_000
"""No photograph that the server has written anew comes near it."""


def wanted_files(state: State) -> tuple[AnswerFile, ...]:
    """What to have on the disk, the newest question's first; each once, and no more than a box has room for."""
    found: dict[str, AnswerFile] = {}
    left = MOST_BYTES
    for one in (file for case in state.papers.green_channel.cases for file in case.files):
        known = one.kind is not AnswerFileKind.OTHER and 0 < one.bytes <= LARGEST
        if known and one.sha256 not in found and one.bytes <= left and len(found) < MOST:
            found[one.sha256] = one
            left -= one.bytes
    return tuple(found.values())


def keep_files(state: State) -> tuple[Effect, ...]:
    """The paper has changed: these files are wanted, and no others."""
    return (KeepFiles(wanted_files(state)),)


def here(state: State, case: CaseCard, kind: AnswerFileKind) -> tuple[str, ...]:
    """The files of an answer that can be shown or heard now, in their order."""
    return tuple(one.sha256 for one in case.files if one.kind is kind and one.sha256 in state.papers.stored)


def on_its_way(state: State, case: CaseCard, kind: AnswerFileKind) -> bool:
    """Whether one is still to come."""
    missing = {one.sha256 for one in case.files if one.kind is kind} - state.papers.stored
    return any(one.sha256 in missing for one in wanted_files(state))


def shown_case(state: State) -> CaseCard | None:
    """The question that is open, or was last; None when it is known no more."""
    return next((one for one in state.papers.green_channel.cases if one.id == state.asking.case), None)


def play_note(state: State, note: str) -> Outcome:
    """Let a voice note be heard; the voice that reads is silent meanwhile."""
    return replace(state, asking=replace(state.asking, note=note)), (PlayNote(note, state.volume.percent),)


def stop_note(state: State) -> Outcome:
    """Let it fall silent."""
    if not state.asking.note:
        return state, ()
    return replace(state, asking=replace(state.asking, note="")), (StopNote(),)


def note_ended(state: State, note: str) -> Outcome:
    """It was heard to its end: the next one of the same answer follows."""
    case = shown_case(state)
    if note != state.asking.note or not note:
        return state, ()
    notes = here(state, case, AnswerFileKind.VOICE) if case else ()
    following = notes[notes.index(note) + 1 :] if note in notes else ()
    return play_note(state, following[0]) if following else stop_note(state)


def follow_note(state: State, planned: tuple[Effect, ...]) -> Outcome:
    """Nobody hears a voice note away from its page, nor over the beginning of a lesson."""
    case, note = shown_case(state), state.asking.note
    if not note:
        return state, ()
    begins = any(isinstance(effect, Play) for effect in planned)
    seen = current_screen(state) is Screen.ANSWER and case is not None
    if seen and case is not None and note in here(state, case, AnswerFileKind.VOICE) and not begins:
        return state, ()
    return stop_note(state)
