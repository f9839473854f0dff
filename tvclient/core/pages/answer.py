"""One question with its answer in large letters, a few lines at a time; one key says whether it helped."""

from typing import Final

from msgspec.structs import replace

from schedules.wire.messages import AnswerRead, CaseCard, CaseState
from tvclient.core.catalogue import course_key
from tvclient.core.consulting import answer_opened_as, judged_as
from tvclient.core.effects import Effect, Record, Sound, Sounded, Speak
from tvclient.core.geometry import Direction, Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, climb, open_above
from tvclient.core.pages.course import open_course
from tvclient.core.pages.notice import pages_of
from tvclient.core.pages.page import Page
from tvclient.core.state import Language, Screen, State, StoredLesson

_WIDTH, _GAP = 320, 32
_PLACES: Final = tuple(Rect(96 + (_WIDTH + _GAP) * place, 910, _WIDTH, 104) for place in range(5))
LISTEN: Final = FocusId("listen")
LESSON: Final = FocusId("lesson")
HELPED: Final = FocusId("helped")
NOT_HELPED: Final = FocusId("not_helped")
BACK: Final = FocusId("back")


def shown(state: State) -> CaseCard | None:
    """The question that is open; None when it is known no more."""
    return next((one for one in state.papers.green_channel.cases if one.id == state.asking.case), None)


def lesson_of(state: State) -> StoredLesson | None:
    """The lesson that answers it, where it is stored here."""
    case = shown(state)
    wanted = case.lesson if case else ""
    return next((one for one in state.lessons if wanted and one.lesson.id == wanted), None)


def pages(state: State) -> tuple[tuple[str, ...], ...]:
    """The pages of the answer that is open."""
    case = shown(state)
    return pages_of(case.answer, simple=state.simple) if case else ((),)


def page_shown(state: State) -> int:
    """Which of them is shown, from 0."""
    return min(state.asking.page, len(pages(state)) - 1)


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
    if lesson_of(state) is not None:
        names.append(LESSON)
    if may_judge(state):
        names += [HELPED, NOT_HELPED]
    buttons = tuple(Focusable(name, at, "buttons") for name, at in zip(names, _PLACES, strict=False))
    return (Focusable(BACK, _PLACES[-1], "buttons"), *buttons)


def _activate(state: State, thing: FocusId) -> Outcome:
    case = shown(state)
    match thing:
        case "back":
            return climb(state), ()
        case "listen" if case:
            return state, (Speak(case.answer, "zh" if state.language is Language.ZH else "en"),)
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
    if not 0 <= there < len(pages(state)):
        return None
    return replace(state, asking=replace(state.asking, page=there))


PAGE: Final = Page(_things, _activate, beyond=_beyond)
