"""The audit trail: what people did, in a chain that shows when a row was altered. Front door for the slices above."""

from flask import Blueprint

from contentserver.audit import views
from contentserver.audit.chain import head_of
from contentserver.audit.heads import Post, every_day, told, verify
from contentserver.audit.models import AuditEntry
from contentserver.audit.ports import People
from contentserver.audit.service import audit, audited_since
from contentserver.audit.words import ACTIONS

__all__ = [
    "ACTIONS",
    "AuditEntry",
    "People",
    "Post",
    "audit",
    "audited_since",
    "blueprints",
    "every_day",
    "head_of",
    "told",
    "verify",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)
