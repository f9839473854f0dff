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


class Quiz(msgspec.Struct, frozen=True):
    """Where the room stands with the questions of one airing; of another one nothing is known.

    Attributes:
        answers: by question, the choice of each turn in order; of the room together there is one.
        shown_at: since when the answer to a question is on the screen.
        done: questions that the room has put aside, answered or not.
    """

    airing: AiringId = AiringId("")
    answers: Mapping[str, tuple[int, ...]] = msgspec.field(default_factory=dict)
    shown_at: Mapping[str, datetime] = msgspec.field(default_factory=dict)
    done: frozenset[str] = frozenset()


NO_QUIZ = Quiz()


def quiz_of(quiz: Quiz, airing: Airing) -> Quiz:
    """Where the room stands with an airing's questions; at the beginning where it was another one's before."""
    return quiz if quiz.airing == airing.id else Quiz(airing=airing.id)


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
