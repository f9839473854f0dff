"""The quiz: which question is on the screen, and what the room answers. Pure.

A question of a minute comes over the picture, which goes on, and leaves by itself; unanswered it comes again at the
end. There the questions stand before the room is counted. Digits and the colours answer wherever a question stands;
each answer is a fact at once, and the last one of a turn counts, so that a slip is mended by answering again. Nobody is
named: where each answers, the screen says only how many have.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from schedules.airings import Airing
from schedules.wire.messages import QuizAnswered, QuizMode, QuizQuestion
from tvclient.core.asked import MOST_TURNS, Quiz, questions_of, quiz_of
from tvclient.core.effects import Effect, Record, Sound, Sounded
from tvclient.core.events import Key
from tvclient.core.navigation import REFUSED, Outcome
from tvclient.core.screens import asked_at_end, current_screen, fresh, is_private, to_be_noted
from tvclient.core.state import PlayPhase, Screen, State

OVER_PICTURE_MS: Final = 90_000
"""So long a question of a minute stands over the picture, counted in media time."""
ANSWER_FOR: Final = timedelta(seconds=20)
"""And its answer so long."""
LAST_MS: Final = 20_000
"""Where each answers, the answer is shown for the last seconds of that."""
PLACES: Final[Mapping[Key, int]] = MappingProxyType(
    {
        Key.D1: 0,
        Key.D2: 1,
        Key.D3: 2,
        Key.D4: 3,
        Key.RED: 0,
        Key.GREEN: 1,
        Key.YELLOW: 2,
        Key.BLUE: 3,
    }
)
"""Which option a key means."""


def question_on_screen(state: State) -> QuizQuestion | None:
    """The question that can be seen now, over the picture or after the lesson."""
    match current_screen(state):
        case Screen.QUIZ:
            return next(iter(asked_at_end(state)), None)
        case Screen.BROADCAST:
            return _over_picture(state)
        case _:
            return None


def asked_of(state: State) -> Airing | None:
    """The airing whose questions are on the screen."""
    if current_screen(state) is Screen.BROADCAST:
        return state.playback.airing if state.playback else None
    return to_be_noted(state)


def standing(state: State) -> Quiz:
    """Where the room stands with them."""
    airing = asked_of(state)
    return quiz_of(state.quiz, airing) if airing else state.quiz


def answer_shown(state: State, question: QuizQuestion) -> bool:
    """Whether the screen says which answer is right and how often each was chosen."""
    if question.id in standing(state).shown_at or _answered_before(standing(state), question):
        return True
    playback = state.playback
    if current_screen(state) is not Screen.BROADCAST or playback is None or question.at_ms is None:
        return False
    over = playback.position_ms >= question.at_ms + OVER_PICTURE_MS - LAST_MS
    return over and bool(standing(state).answers.get(question.id))


def counts(state: State, question: QuizQuestion) -> tuple[int, ...]:
    """How often each option was chosen."""
    chosen = Counter(standing(state).answers.get(question.id, ()))
    return tuple(chosen[place] for place in range(len(question.options)))


def answered(state: State, question: QuizQuestion) -> int:
    """How many have answered."""
    return len(standing(state).answers.get(question.id, ()))


def by_key(state: State, key: Key) -> Outcome | None:
    """A digit or a colour answers the question on the screen; None where the key means what it always means."""
    question = question_on_screen(state)
    if question is None or key not in PLACES or answer_shown(state, question):
        return None
    place = PLACES[key]
    if place < len(question.options):
        return answer(state, place)
    return state, REFUSED


def answer(state: State, place: int) -> Outcome:
    """The room, or whoever is next, chooses an option."""
    question, airing = question_on_screen(state), asked_of(state)
    if question is None or airing is None or answer_shown(state, question):
        return state, REFUSED
    quiz = standing(state)
    given = quiz.answers.get(question.id, ())
    if question.mode is QuizMode.EACH:
        if len(given) >= MOST_TURNS:
            return state, REFUSED
        quiz = replace(quiz, answers={**quiz.answers, question.id: (*given, place)})
        return replace(state, quiz=quiz), _fact(airing, question, place, len(given) + 1)
    quiz = replace(
        quiz,
        answers={**quiz.answers, question.id: (place,)},
        shown_at={**quiz.shown_at, question.id: state.now},
    )
    return _afresh(replace(state, quiz=quiz)), _fact(airing, question, place, 0)


def take_back(state: State) -> Outcome:
    """The last answer was a slip."""
    question, airing = question_on_screen(state), asked_of(state)
    quiz = standing(state)
    given = quiz.answers.get(question.id, ()) if question else ()
    if question is None or airing is None or not given:
        return state, REFUSED
    turn = len(given) if question.mode is QuizMode.EACH else 0
    quiz = replace(
        quiz,
        answers={**quiz.answers, question.id: given[:-1]},
        shown_at={asked: at for asked, at in quiz.shown_at.items() if asked != question.id},
    )
    return _afresh(replace(state, quiz=quiz)), _fact(airing, question, -1, turn)


def show_answer(state: State) -> Outcome:
    """Everybody who wanted to has answered: say which is right."""
    question, quiz = question_on_screen(state), standing(state)
    if question is None or not quiz.answers.get(question.id):
        return state, REFUSED
    quiz = replace(quiz, shown_at={**quiz.shown_at, question.id: state.now})
    return _afresh(replace(state, quiz=quiz)), ()


def go_on(state: State) -> State:
    """Put the question aside, answered or not; the next one comes, or the end of the lesson."""
    question = question_on_screen(state)
    if question is None:
        return state
    quiz = standing(state)
    return _afresh(replace(state, quiz=replace(quiz, done=quiz.done | {question.id})))


def _over_picture(state: State) -> QuizQuestion | None:
    playback = state.playback
    if playback is None or playback.phase is not PlayPhase.PLAYING or is_private(playback.airing):
        return None
    quiz = quiz_of(state.quiz, playback.airing)
    for question in questions_of(state.papers.quizzes, playback.airing):
        if question.at_ms is None or question.id in quiz.done:
            continue
        shown_at = quiz.shown_at.get(question.id)
        read = shown_at is not None and not timedelta(0) <= state.now - shown_at < ANSWER_FOR
        seen = read or _answered_before(quiz, question)
        if question.at_ms <= playback.position_ms < question.at_ms + OVER_PICTURE_MS and not seen:
            return question
    return None


def _answered_before(quiz: Quiz, question: QuizQuestion) -> bool:
    """Whether the room has agreed on an answer before the television began anew."""
    room = question.mode is QuizMode.ROOM
    return room and bool(quiz.answers.get(question.id)) and question.id not in quiz.shown_at


def _afresh(state: State) -> State:
    """What has the focus on the page of questions is another thing now; over the picture nothing moves."""
    return fresh(state, Screen.QUIZ)


def _fact(airing: Airing, question: QuizQuestion, choice: int, turn: int) -> tuple[Effect, ...]:
    body = QuizAnswered(
        airing=airing.id,
        lesson=airing.lesson,
        question=question.id,
        version=question.version,
        choice=choice,
        turn=turn,
    )
    return Record(body), Sounded(Sound.TICK)
