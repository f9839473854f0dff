"""Boxes: enrolment, credentials, desired and reported state. Front door for the slices above."""

from flask import Blueprint

from contentserver.boxes import api, views
from contentserver.boxes.api import box_of_request
from contentserver.boxes.models import Box
from contentserver.boxes.rules import BrokerAccount
from contentserver.boxes.service import (
    accept_report,
    account_is_kept,
    accounts_due,
    boxes_following,
    broker_account,
    credentials_of,
    days_on_at,
    due_boxes,
    enrol_for_trial,
    forget_expired,
    forget_presence,
    known_since,
    let_in,
    note_presence,
    refresh_desired,
    want_renditions,
)

__all__ = [
    "Box",
    "BrokerAccount",
    "accept_report",
    "account_is_kept",
    "accounts_due",
    "blueprints",
    "box_of_request",
    "boxes_following",
    "broker_account",
    "credentials_of",
    "days_on_at",
    "due_boxes",
    "enrol_for_trial",
    "forget_expired",
    "forget_presence",
    "known_since",
    "let_in",
    "note_presence",
    "refresh_desired",
    "want_renditions",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, api.blueprint)
