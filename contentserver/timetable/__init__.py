"""The timetable: slots, layers, signed revisions, proofs. Front door for the slices above."""

from flask import Blueprint

from contentserver.timetable import api, desk, reviewing, views
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.programmes import airings_of, timetable_of, timetables_in_force
from contentserver.timetable.publishing import (
    Delivery,
    behind,
    delivery,
    due_layers,
    keep_proofs,
    lesson_changed,
    mark_published,
    record_proofs,
    renew_windows,
)
from contentserver.timetable.review import layers_waiting

__all__ = [
    "Delivery",
    "LayerRecord",
    "airings_of",
    "behind",
    "blueprints",
    "delivery",
    "due_layers",
    "keep_proofs",
    "layers_waiting",
    "lesson_changed",
    "mark_published",
    "record_proofs",
    "renew_windows",
    "timetable_of",
    "timetables_in_force",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, reviewing.blueprint, desk.blueprint, api.blueprint)
