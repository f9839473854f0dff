"""Projects: lessons tied to a base and to households, and what they tried and earned. Front door."""

from flask import Blueprint

from contentserver.projects import desk, views
from contentserver.projects.reckoning import count_stalled

__all__ = ["blueprints", "count_stalled"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint, desk.blueprint)
