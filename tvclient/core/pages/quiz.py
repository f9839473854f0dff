"""After a lesson, before the room is counted: its questions one after the other, each with its answer."""

from typing import Final

from schedules.wire.messages import QuizMode
from tvclient.core import quizzing
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome
from tvclient.core.pages.page import Page
from tvclient.core.state import State

SHOW: Final = FocusId("show")
"""Where each answers: enough have."""
UNDO: Final = FocusId("undo")
ON: Final = FocusId("on")
"""To the next question, or to the end of the lesson."""
SKIP: Final = FocusId("skip")
_OPTION: Final = "option."

OPTIONS_AT: Final = tuple(Rect(96 + 908 * (place % 2), 400 + 180 * (place // 2), 820, 152) for place in range(4))
OVER_OPTIONS_AT: Final = tuple(Rect(1096, 358 + 92 * place, 696, 62) for place in range(4))
"""Over the picture they stand at the right, above the captions and below the sign-in strip."""
ON_AT: Final = Rect(1404, 922, 420, 104)
SECOND_AT: Final = Rect(948, 922, 420, 104)
SKIP_AT: Final = Rect(96, 922, 420, 104)


def option(place: int) -> FocusId:
    """The tile of an option."""
    return FocusId(f"{_OPTION}{place}")


def over_picture(state: State) -> tuple[Focusable, ...]:
    """The options of a question that stands over the lesson, while they can be chosen."""
    question = quizzing.question_on_screen(state)
    if question is None or quizzing.answer_shown(state, question):
        return ()
    return tuple(
        Focusable(option(place), at, "quiz")
        for place, (_words, at) in enumerate(zip(question.options, OVER_OPTIONS_AT, strict=False))
    )


def activate(state: State, thing: FocusId) -> Outcome:
    """What OK does on a thing of a question."""
    if thing.startswith(_OPTION):
        return quizzing.answer(state, int(thing.removeprefix(_OPTION)))
    match thing:
        case "show":
            return quizzing.show_answer(state)
        case "undo":
            return quizzing.take_back(state)
        case "on" | "skip":
            return quizzing.go_on(state), ()
        case _:
            return state, REFUSED


def _things(state: State) -> tuple[Focusable, ...]:
    question = quizzing.question_on_screen(state)
    if question is None:
        return (Focusable(ON, ON_AT, "buttons"),)
    if quizzing.answer_shown(state, question):
        return (Focusable(ON, ON_AT, "buttons"), Focusable(UNDO, SECOND_AT, "buttons"))
    tiles = tuple(
        Focusable(option(place), at, "options")
        for place, (_words, at) in enumerate(zip(question.options, OPTIONS_AT, strict=False))
    )
    some = quizzing.answered(state, question) > 0
    if question.mode is QuizMode.EACH and some:
        buttons = (Focusable(SHOW, ON_AT, "buttons"), Focusable(UNDO, SECOND_AT, "buttons"))
        return (*tiles, *buttons, Focusable(SKIP, SKIP_AT, "buttons"))
    return (*tiles, Focusable(SKIP, SKIP_AT, "buttons"))


PAGE: Final = Page(_things, activate)
