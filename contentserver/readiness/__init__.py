"""Readiness: will this box be able to play that airing? Computed before it starts. Front door for the slices above."""

from flask import Blueprint

from contentserver.readiness import api, views
from contentserver.readiness.holding import holdings
from contentserver.readiness.notes import keep as keep_note
from contentserver.readiness.notes import settle as settle_notes
from contentserver.readiness.notes import untold as untold_notes
from contentserver.readiness.ports import Telling, TellStation
from contentserver.readiness.reasons import OutcomeAsked, OutcomeAskedAgain
from contentserver.readiness.refreshing import refresh
from contentserver.readiness.views import notes_shown
from contentserver.readiness.words import noted as note_in_words

__all__ = [
    "OutcomeAsked",
    "OutcomeAskedAgain",
    "TellStation",
    "Telling",
    "blueprints",
    "holdings",
    "keep_note",
    "note_in_words",
    "notes_shown",
    "refresh",
    "settle_notes",
    "untold_notes",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, api.blueprint)
