"""The timetable: slots, layers, signed revisions, proofs. Front door for the slices above."""

from flask import Blueprint

from contentserver.timetable import api, desk, reviewing, views
from contentserver.timetable.broadcast import airings_due, first_published_at
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.programmes import airings_of, holiday_table, timetable_of, timetables_in_force
from contentserver.timetable.publishing import (
    Delivery,
    behind,
    delivery,
    due_layers,
    keep_proofs,
    lesson_changed,
    mark_published,
    newest_revision,
    publish_ahead,
    record_proofs,
    renew_windows,
    sign_anew,
)
from contentserver.timetable.quotas import tell_stations
from contentserver.timetable.review import layers_waiting

__all__ = [
    "Delivery",
    "LayerRecord",
    "airings_due",
    "airings_of",
    "behind",
    "blueprints",
    "delivery",
    "due_layers",
    "first_published_at",
    "holiday_table",
    "keep_proofs",
    "layers_waiting",
    "lesson_changed",
    "mark_published",
    "newest_revision",
    "publish_ahead",
    "record_proofs",
    "renew_windows",
    "sign_anew",
    "tell_stations",
    "timetable_of",
    "timetables_in_force",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, reviewing.blueprint, desk.blueprint, api.blueprint)
