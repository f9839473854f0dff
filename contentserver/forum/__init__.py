"""The forum: threads of courses, branches and regions, with somebody who looks after them. Front door."""

from flask import Blueprint

from contentserver.forum import seats, views
from contentserver.forum.authors import watch
from contentserver.forum.listing import count_waiting
from contentserver.forum.own_data import tables_about

__all__ = ["blueprints", "count_waiting", "tables_about", "watch"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages: of accounts, and of seated members."""
    return (views.blueprint, seats.blueprint)
