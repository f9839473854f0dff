"""The programme guide for people: each station's public page, poster and feeds. Front door for the slices above."""

from flask import Blueprint

from contentserver.guide import views
from contentserver.guide.rules import monday_of
from contentserver.guide.service import shown_between

__all__ = ["blueprints", "monday_of", "shown_between"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and feeds; all of them public."""
    return (views.blueprint,)
