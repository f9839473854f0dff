"""One question with its answer: in large letters, a few lines at a time, then its photographs, one on each page.

One key lets the voice note be heard, one says whether it helped. What is on the disk: `core/answer_files.py`.
"""

from typing import Final

from msgspec.structs import replace

from schedules.alerts import lines_of
from schedules.wire.messages import AnswerFileKind, AnswerRead, CaseCard, CaseState
from tvclient.core import answer_files
from tvclient.core.catalogue import course_key
from tvclient.core.consulting import answer_opened_as, judged_as
from tvclient.core.effects import Effect, Hush, Record, Sound, Sounded, Speak
from tvclient.core.geometry import Direction, Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, climb, open_above
from tvclient.core.pages.course import open_course
from tvclient.core.pages.notice import pages_of
from tvclient.core.pages.page import Page
from tvclient.core.state import Language, Screen, State, StoredLesson

WIDE: Final = tuple(Rect(96 + 352 * place, 910, 320, 104) for place in range(5))
NARROW: Final = tuple(Rect(96 + 292 * place, 910, 264, 104) for place in range(6))
"""Where an answer has a voice note, a lesson, and is asked about."""
TITLE_SIMPLE, TITLE_FULL, TITLE_WIDTH = 72, 56, 1728
"""Design pixels of the question's letters (`ui/theme.py`: `title`), and of its lines."""
LISTEN: Final = FocusId("listen")
NOTE: Final = FocusId("note")
"""The voice note of whoever answers; again silences it."""
LESSON: Final = FocusId("lesson")
HELPED: Final = FocusId("helped")
NOT_HELPED: Final = FocusId("not_helped")
BACK: Final = FocusId("back")


shown = answer_files.shown_case


def lesson_of(state: State) -> StoredLesson | None:
    """The lesson that answers it, where it is stored here."""
    case = shown(state)
    wanted = case.lesson if case else ""
    return next((one for one in state.lessons if wanted and one.lesson.id == wanted), None)


def pages(state: State) -> tuple[tuple[str, ...], ...]:
    """The pages of the answer that is open."""
    case = shown(state)
    if case is None:
        return ((),)
    return pages_of(case.answer, simple=state.simple, less=len(title(case, simple=state.simple)[1:]))


def title(case: CaseCard, *, simple: bool) -> tuple[str, ...]:
    """The question above its answer: what two lines hold."""
    return tuple(lines_of(case.question, TITLE_SIMPLE if simple else TITLE_FULL, TITLE_WIDTH)[:2])


def pictures(state: State) -> tuple[str, ...]:
    """The photographs of the answer that can be shown; each is a page behind its text."""
    case = shown(state)
    return answer_files.here(state, case, AnswerFileKind.PHOTO) if case else ()


def notes(state: State) -> tuple[str, ...]:
    """Its voice notes that can be heard."""
    case = shown(state)
    return answer_files.here(state, case, AnswerFileKind.VOICE) if case else ()


def page_shown(state: State) -> int:
    """Which page is shown, from 0; text first."""
    return min(state.asking.page, len(pages(state)) + len(pictures(state)) - 1)


def picture_shown(state: State) -> str:
    """The photograph that is shown; empty where it is text."""
    place = page_shown(state) - len(pages(state))
    return pictures(state)[place] if place >= 0 else ""


def may_judge(state: State) -> bool:
    """Whether the room is asked if it helped."""
    case = shown(state)
    return bool(case and case.asks_outcome and judged_as(case.id) not in state.reading.opened)


def open_answer(state: State, case: CaseCard) -> Outcome:
    """Somebody wants to read it; of an answer that is a fact the first time."""
    known = answer_opened_as(case.id)
    new = case.state is CaseState.ANSWERED and known not in state.reading.opened
    state = replace(state, asking=replace(state.asking, case=case.id, page=0))
    if new:
        state = replace(state, reading=replace(state.reading, opened=state.reading.opened | {known}))
    told: tuple[Effect, ...] = (Record(AnswerRead(case=case.id)),) if new else ()
    return open_above(state, Screen.ANSWER), told


def _things(state: State) -> tuple[Focusable, ...]:
    case = shown(state)
    names: list[FocusId] = []
    if case is not None and case.answer:
        names.append(LISTEN)
    if notes(state):
        names.append(NOTE)
    if lesson_of(state) is not None:
        names.append(LESSON)
    if may_judge(state):
        names += [HELPED, NOT_HELPED]
    places = WIDE if len(names) < len(WIDE) else NARROW
    buttons = tuple(Focusable(name, at, "buttons") for name, at in zip(names, places, strict=False))
    return (Focusable(BACK, places[-1], "buttons"), *buttons)


def _activate(state: State, thing: FocusId) -> Outcome:
    case = shown(state)
    match thing:
        case "back":
            return climb(state), ()
        case "listen" if case:
            state, silenced = answer_files.stop_note(state)
            return state, (*silenced, Speak(case.answer, "zh" if state.language is Language.ZH else "en"))
        case "note" if state.asking.note:
            return answer_files.stop_note(state)
        case "note" if notes(state):
            state, heard = answer_files.play_note(state, notes(state)[0])
            return state, (Hush(), *heard)
        case "lesson" if (stored := lesson_of(state)) is not None:
            return open_course(state, course_key(stored.lesson), stored.lesson.id), ()
        case "helped" | "not_helped" if case and may_judge(state):
            said = AnswerRead(case=case.id, helped=thing == HELPED)
            opened = state.reading.opened | {judged_as(case.id)}
            judged = replace(state, reading=replace(state.reading, opened=opened))
            return judged, (Record(said), Sounded(Sound.TICK))
        case _:
            return state, REFUSED


def _beyond(state: State, direction: Direction) -> State | None:
    """Down is the next page, up the one before."""
    step = {Direction.DOWN: 1, Direction.UP: -1}.get(direction)
    there = page_shown(state) + step if step else -1
    if not 0 <= there < len(pages(state)) + len(pictures(state)):
        return None
    return replace(state, asking=replace(state.asking, page=there))


PAGE: Final = Page(_things, _activate, beyond=_beyond)
