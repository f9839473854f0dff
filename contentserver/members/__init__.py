"""Members: people who may sign in. Front door for the slices above."""

from flask import Blueprint

from contentserver.members.models import Member
from contentserver.members.rules import masked
from contentserver.members.service import add_member, expected_at, roster_of

__all__ = ["Member", "add_member", "blueprints", "expected_at", "masked", "roster_of"]


def blueprints() -> tuple[Blueprint, ...]:
    """No pages yet: the roll is read by boxes and reports."""
    return ()
