"""Evidence: events as boxes observed them, sessions derived from them. Front door for the slices above."""

from flask import Blueprint

from contentserver.attendance import api, views
from contentserver.attendance.models import SessionRow, SignInRow
from contentserver.attendance.service import acknowledge, begin_generation, rebuild, take_in

__all__ = ["SessionRow", "SignInRow", "acknowledge", "begin_generation", "blueprints", "rebuild", "take_in"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, api.blueprint)
