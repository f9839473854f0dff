"""The online school: lessons in the browser for members, and what of them counts. Front door.

Evidence comes from browsers instead of boxes, and is derived by the rules of `attendance`; people at stations are not
counted here, and what is watched here is in no figure of a station.
"""

from flask import Blueprint

from contentserver.school import views
from contentserver.school.deriving import rebuild, settle_members, watch
from contentserver.school.seats import answer_errors, whence
from contentserver.school.service import Online, spans_of, sums_of, watched_by

__all__ = [
    "Online",
    "answer_errors",
    "blueprints",
    "rebuild",
    "settle_members",
    "spans_of",
    "sums_of",
    "watch",
    "watched_by",
    "whence",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)
