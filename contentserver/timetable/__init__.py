"""The timetable: slots, layers, signed revisions, proofs. Front door for the slices above."""

from flask import Blueprint

from contentserver.timetable import api, views
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.publishing import (
    Delivery,
    delivery,
    due_layers,
    mark_published,
    record_proofs,
    renew_windows,
)
from contentserver.timetable.service import airings_of, timetable_of, timetables_in_force

__all__ = [
    "Delivery",
    "LayerRecord",
    "airings_of",
    "blueprints",
    "delivery",
    "due_layers",
    "mark_published",
    "record_proofs",
    "renew_windows",
    "timetable_of",
    "timetables_in_force",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, api.blueprint)
