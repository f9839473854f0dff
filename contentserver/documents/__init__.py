"""Documents: paper that no longer travels: sent down the tree, received, read, answered. Front door."""

from flask import Blueprint

from contentserver.documents import desk, views
from contentserver.documents.aging import old_documents
from contentserver.documents.desk import CABINET
from contentserver.documents.keeping import FOLDER, Cabinet
from contentserver.documents.laying_out import lay_out
from contentserver.documents.models import Document, DocumentFile, DocumentRecipient, DocumentReply
from contentserver.documents.receiving import take_readings
from contentserver.documents.reminding import Reminder, count_late_below, count_waiting, reminders

__all__ = [
    "CABINET",
    "FOLDER",
    "MADE_OF",
    "Cabinet",
    "Document",
    "DocumentRecipient",
    "Reminder",
    "blueprints",
    "count_late_below",
    "count_waiting",
    "lay_out",
    "old_documents",
    "reminders",
    "take_readings",
]

MADE_OF = (Document, DocumentFile, DocumentRecipient, DocumentReply)
"""The tables of which a station's paper is made."""


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (desk.blueprint, views.blueprint)
