"""Support from afar: commands to one box, and help with the consent of whoever stands before it. Front door."""

from flask import Blueprint

from contentserver.support import api, views
from contentserver.support.delivering import (
    OLD_KEYS,
    due_commands,
    end_overdue,
    expire,
    helps_overdue,
    mark_sent,
    sign_anew,
    take_reply,
)
from contentserver.support.keeping import old_files
from contentserver.support.models import CommandRow
from contentserver.support.rules import UNANSWERED, CommandState
from contentserver.support.service import answers_to, sign_in_by_phone
from contentserver.support.views import panel_of

__all__ = [
    "OLD_KEYS",
    "UNANSWERED",
    "CommandRow",
    "CommandState",
    "answers_to",
    "blueprints",
    "due_commands",
    "end_overdue",
    "expire",
    "helps_overdue",
    "mark_sent",
    "old_files",
    "panel_of",
    "sign_anew",
    "sign_in_by_phone",
    "take_reply",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, api.blueprint)
