"""Questions that lessons ask the room, and how rooms answered. Front door."""

from flask import Blueprint

from contentserver.quizzes import views
from contentserver.quizzes.models import QuizQuestionRow, QuizVersionRow
from contentserver.quizzes.service import lay_out
from contentserver.quizzes.views import answers_of

__all__ = ["MADE_OF", "answers_of", "blueprints", "lay_out"]

MADE_OF = (QuizQuestionRow, QuizVersionRow)
"""The tables of which a station's paper is made."""


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)
