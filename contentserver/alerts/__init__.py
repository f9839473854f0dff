"""Alerts: warnings that pre-empt everything on the televisions of a region. Front door for the slices above."""

from flask import Blueprint

from contentserver.alerts import api, views
from contentserver.alerts.publishing import (
    due_alerts,
    end_expired,
    in_force,
    mark_alerts_published,
    publish_ahead,
    record_alert_proofs,
    sign_anew,
)
from contentserver.alerts.service import regions_of

__all__ = [
    "blueprints",
    "due_alerts",
    "end_expired",
    "in_force",
    "mark_alerts_published",
    "publish_ahead",
    "record_alert_proofs",
    "regions_of",
    "sign_anew",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, api.blueprint)
