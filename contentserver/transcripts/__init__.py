"""Members as people look them up, and what each has attended: a page, a printed transcript, a page that verifies it."""

from flask import Blueprint

from contentserver.transcripts import desk, views
from contentserver.transcripts.asking import ask_by_phone, requests_of, sessions_lately
from contentserver.transcripts.asking import waiting as requests_waiting
from contentserver.transcripts.ports import KeptAbove, OwnTable
from contentserver.transcripts.rules import total
from contentserver.transcripts.service import attended_by, hours_of, sums_of

__all__ = [
    "KeptAbove",
    "OwnTable",
    "ask_by_phone",
    "attended_by",
    "blueprints",
    "hours_of",
    "requests_of",
    "requests_waiting",
    "sessions_lately",
    "sums_of",
    "total",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (desk.blueprint, views.blueprint, views.public)
