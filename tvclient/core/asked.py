"""What a lesson asks the room, and where the room stands with it: values, and what follows from them alone.

When a question comes and what keys do with it: `quizzing.py`.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from schedules.airings import Airing, AiringId
from schedules.wire.messages import QuizQuestion, Quizzes

MOST_TURNS = 300
"""More people no room has."""
MOST_EARLIER = 200
"""So many airings are remembered: more than any month has in a village."""
TAKEN_BACK = -1
"""The choice of a turn whose answer was a slip, or is not known any more."""

Answers = Mapping[str, tuple[int, ...]]
"""By question, the choice of each turn in order; of the room together there is one."""


class Quiz(msgspec.Struct, frozen=True):
    """Where the room stands with the questions of one airing; of another one nothing is known.

    Attributes:
        shown_at: since when the answer to a question is on the screen.
        done: questions that the room has put aside, answered or not.
        earlier: what was answered in other airings, the newest last; turns go on behind it.
    """

    airing: AiringId = AiringId("")
    answers: Answers = msgspec.field(default_factory=dict)
    shown_at: Mapping[str, datetime] = msgspec.field(default_factory=dict)
    done: frozenset[str] = frozenset()
    earlier: Mapping[AiringId, Answers] = msgspec.field(default_factory=dict)


NO_QUIZ = Quiz()


def quiz_of(quiz: Quiz, airing: Airing) -> Quiz:
    """Where the room stands with an airing's questions; where it was another one's before, what was answered then."""
    if quiz.airing == airing.id:
        return quiz
    earlier = {known: answers for known, answers in quiz.earlier.items() if known != quiz.airing}
    if quiz.answers:
        earlier[quiz.airing] = quiz.answers
    newest = dict(list(earlier.items())[-MOST_EARLIER:])
    return Quiz(airing=airing.id, answers=newest.pop(airing.id, {}), earlier=newest)


def with_answer(given: tuple[int, ...], turn: int, choice: int) -> tuple[int, ...]:
    """The choices of a question's turns, once the fact of another answer is read; turns of which none is left count.

    Args:
        turn: from 1; 0 for the room together.
        choice: below 0 takes the turn's answer back.
    """
    if turn == 0:
        return (choice,) if choice >= 0 else ()
    if not 0 < turn <= MOST_TURNS:
        return given
    padded = given + (TAKEN_BACK,) * (turn - len(given))
    if choice < 0 and turn == len(padded):
        return padded[:-1]
    return (*padded[: turn - 1], max(choice, TAKEN_BACK), *padded[turn:])


def questions_of(paper: Quizzes, airing: Airing) -> tuple[QuizQuestion, ...]:
    """What the airing's lesson asks and a remote can answer, in the order of the paper."""
    return tuple(
        one for one in paper.questions if one.lesson == airing.lesson.id and 2 <= len(one.options) <= 4 and one.text
    )


def still_to_ask(paper: Quizzes, quiz: Quiz, airing: Airing) -> tuple[QuizQuestion, ...]:
    """What is asked at the end: what the room has neither put aside nor answered at its minute."""
    here = quiz_of(quiz, airing)
    return tuple(
        one
        for one in questions_of(paper, airing)
        if one.id not in here.done and (one.at_ms is None or not here.answers.get(one.id))
    )
