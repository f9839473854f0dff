"""Joining: the page behind the square on a television, on which a station's people sign in by phone. Front door."""

from flask import Blueprint

from contentserver.joining import earlier, own, own_record, registering, views
from contentserver.joining.rules import Near
from contentserver.joining.service import lesson_near
from contentserver.joining.views import ASKED, PAGES, WRONG, identify, joined, known, whence

__all__ = [
    "ASKED",
    "PAGES",
    "WRONG",
    "Near",
    "blueprints",
    "identify",
    "joined",
    "known",
    "lesson_near",
    "whence",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint, earlier.blueprint, own.blueprint, registering.blueprint, own_record.blueprint)
