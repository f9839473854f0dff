"""Assessments: rounds in which stations, branches or people with a role are assessed, by a scheme. Front door.

A round is begun from a scheme (`schemes.py`), collects forms, gives scores (`rules.py`), a recommendation for which two
people stand, a publication, objections, and an end.
"""

from flask import Blueprint

from contentserver.assessments import answering, desk, governing, hearing, phone, views
from contentserver.assessments.filling import count_waiting, last_days
from contentserver.assessments.objecting import ObjectionKind, PublicationKind
from contentserver.assessments.phone import waiting_for

__all__ = ["ObjectionKind", "PublicationKind", "blueprints", "count_waiting", "last_days", "waiting_for"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (
        views.blueprint,
        desk.blueprint,
        governing.blueprint,
        answering.blueprint,
        hearing.blueprint,
        phone.blueprint,
    )
