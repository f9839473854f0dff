"""Members: people who may sign in. Front door for the slices above."""

from flask import Blueprint

from contentserver.members.leaving import FORMER_MEMBERS, note_left
from contentserver.members.models import Member
from contentserver.members.rules import is_former, masked
from contentserver.members.service import (
    add_member,
    expected_at,
    masked_roster_of,
    member_numbered,
    members_by_id,
    members_found,
    roster_of,
    set_phone,
)

__all__ = [
    "FORMER_MEMBERS",
    "Member",
    "add_member",
    "blueprints",
    "expected_at",
    "is_former",
    "masked",
    "masked_roster_of",
    "member_numbered",
    "members_by_id",
    "members_found",
    "note_left",
    "roster_of",
    "set_phone",
]


def blueprints() -> tuple[Blueprint, ...]:
    """No pages of its own: the roll is read by boxes and reports; pages of people are in `transcripts`."""
    return ()
