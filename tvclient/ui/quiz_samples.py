"""Sample states of the quiz: a question over the picture, after the lesson, and what the room answered."""

from datetime import timedelta

from msgspec.structs import replace

from schedules.wire.messages import QuizMode, QuizQuestion, Quizzes
from tvclient.core.asked import Quiz
from tvclient.core.geometry import FocusId
from tvclient.core.state import Language, Screen, State

_WORDS = {
    Language.ZH: (
        "化验单上哪一项最该先看？",
        ("有机质", "氮", "酸碱度", "盐分"),
        "酸碱度不对，肥料吃不进去，施得再多也是白费。",
        "您家今年打算种几亩玉米？",
        ("不到五亩", "五亩到二十亩", "二十亩以上"),
    ),
    Language.EN: (
        "Which line of the slip do you read first?",
        ("Organic matter", "Nitrogen", "Acidity", "Salt"),
        "With the wrong acidity plants take nothing up, however much you spread.",
        "How much maize will you sow this year?",
        ("under five mu", "five to twenty mu", "more than twenty"),
    ),
}
OVER = "over"
ROOM = "room"
EACH = "each"


def quizzes(language: Language, playing: State, after: State) -> dict[str, State]:
    """Two questions of the lesson on the air, and the states in which they stand on the screen."""
    airing = playing.timetable[0]
    first, options, explanation, second, sizes = _WORDS[language]
    at_ms = playing.playback.position_ms - 5_000 if playing.playback else 0
    asked = QuizQuestion(
        id=ROOM, version=1, lesson=airing.lesson.id, text=first, options=options, right=2, explanation=explanation
    )
    each = replace(asked, id=EACH, mode=QuizMode.EACH)
    open_one = QuizQuestion(
        id=OVER, version=1, lesson=airing.lesson.id, text=second, options=sizes, at_ms=at_ms, mode=QuizMode.EACH
    )
    over = _with(playing, open_one)
    room, turns = _with(after, asked, each), _with(after, each)
    told = Quiz(airing.id, {ROOM: (2,)}, {ROOM: after.now})
    votes = (2, 2, 0, 2, 1, 2, 2, 3, 2, 1, 2, 2, 2, 0, 2, 2, 1, 2, 2, 2, 2, 1, 2)
    return {
        "broadcast-quiz": over,
        "broadcast-quiz-controls": replace(
            over,
            revealed_until=over.now + timedelta(seconds=4),
            focus={Screen.BROADCAST: FocusId("option.1")},
        ),
        "broadcast-quiz-shown": replace(
            over, quiz=Quiz(airing.id, {OVER: (0, 1, 1, 2, 1)}, {OVER: over.now}), online=False
        ),
        "quiz-room": replace(room, focus={Screen.QUIZ: FocusId("option.2")}),
        "quiz-room-shown": replace(room, quiz=told),
        "quiz-room-wrong": replace(room, quiz=replace(told, answers={ROOM: (0,)})),
        "quiz-each": replace(turns, quiz=Quiz(airing.id, {EACH: votes[:7]})),
        "quiz-each-shown": replace(turns, quiz=Quiz(airing.id, {EACH: votes}, {EACH: after.now})),
    }


def _with(state: State, *questions: QuizQuestion) -> State:
    return replace(state, papers=replace(state.papers, quizzes=Quizzes(version="1", questions=questions)))
