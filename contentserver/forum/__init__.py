"""The forum: threads of courses, branches and regions, with somebody who looks after them. Front door."""

from flask import Blueprint

from contentserver.forum import views
from contentserver.forum.listing import count_waiting

__all__ = ["blueprints", "count_waiting"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)
