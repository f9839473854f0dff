"""Boxes: enrolment, credentials, desired and reported state. Front door for the slices above."""

from flask import Blueprint

from contentserver.boxes import api, expecting, programs, signing_keys, tending, views
from contentserver.boxes.api import box_of_request
from contentserver.boxes.credentials import (
    Introduction,
    account_is_dropped,
    account_is_kept,
    account_is_lacking,
    accounts_due,
    accounts_to_drop,
    broker_account,
    credentials_of,
    end_waiting,
    rotate,
)
from contentserver.boxes.desiring import refresh_at, refresh_desired, refresh_each, sign_anew, tell_ahead
from contentserver.boxes.enrolling import (
    Announcement,
    Unannounceable,
    announce,
    enrol_for_trial,
    forget_expired,
    withdraw,
)
from contentserver.boxes.models import Box, BoxStation, ExpectedBox
from contentserver.boxes.placing import end_enrolment, move, replace
from contentserver.boxes.releasing import add_release, uses_of_releases, want_release
from contentserver.boxes.rules import BrokerAccount
from contentserver.boxes.service import (
    OLD_PRESENCE,
    accept_report,
    boxes_following,
    connected_since,
    days_on_at,
    due_boxes,
    known_since,
    let_in,
    note_presence,
    set_fetching,
    want_renditions,
    where_box,
)
from contentserver.boxes.sheets import read as read_sheet
from contentserver.boxes.signing_keys import holders, keys_held, waited_for

__all__ = [
    "OLD_PRESENCE",
    "Announcement",
    "Box",
    "BoxStation",
    "BrokerAccount",
    "ExpectedBox",
    "Introduction",
    "Unannounceable",
    "accept_report",
    "account_is_dropped",
    "account_is_kept",
    "account_is_lacking",
    "accounts_due",
    "accounts_to_drop",
    "add_release",
    "announce",
    "blueprints",
    "box_of_request",
    "boxes_following",
    "broker_account",
    "connected_since",
    "credentials_of",
    "days_on_at",
    "due_boxes",
    "end_enrolment",
    "end_waiting",
    "enrol_for_trial",
    "forget_expired",
    "holders",
    "keys_held",
    "known_since",
    "let_in",
    "move",
    "note_presence",
    "read_sheet",
    "refresh_at",
    "refresh_desired",
    "refresh_each",
    "replace",
    "rotate",
    "set_fetching",
    "sign_anew",
    "tell_ahead",
    "uses_of_releases",
    "waited_for",
    "want_release",
    "want_renditions",
    "where_box",
    "withdraw",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    modules = (views, tending, expecting, programs, signing_keys)
    pages = dict.fromkeys(module.blueprint for module in modules)  # one for all of them
    return (*pages, api.blueprint)
