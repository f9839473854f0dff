"""Readiness: will this box be able to play that airing? Computed before it starts. Front door for the slices above."""

from flask import Blueprint

from contentserver.readiness import api, views
from contentserver.readiness.holding import holdings
from contentserver.readiness.notes import keep as keep_note
from contentserver.readiness.ports import Telling, TellStation
from contentserver.readiness.refreshing import refresh
from contentserver.readiness.views import notes_shown

__all__ = ["TellStation", "Telling", "blueprints", "holdings", "keep_note", "notes_shown", "refresh"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, api.blueprint)
