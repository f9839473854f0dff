"""Members: the one record of a person, branches, and how people are found. Front door for the slices above.

What they attended is known above; this slice is told by what the composition root binds (`ports.py`).
"""

from flask import Blueprint

from contentserver.members import desk, views
from contentserver.members.history import ids_of
from contentserver.members.leaving import FORMER_MEMBERS, note_left
from contentserver.members.models import Member
from contentserver.members.ports import EVIDENCE, HOURS, Attendance
from contentserver.members.record import member_asked
from contentserver.members.rules import is_former, masked
from contentserver.members.searching import lacks_terms, look_up, members_found, rebuild_terms
from contentserver.members.service import (
    add_member,
    expected_at,
    masked_roster_of,
    member_numbered,
    members_by_id,
    roster_of,
    set_phone,
)

__all__ = [
    "EVIDENCE",
    "FORMER_MEMBERS",
    "HOURS",
    "Attendance",
    "Member",
    "add_member",
    "blueprints",
    "expected_at",
    "ids_of",
    "is_former",
    "lacks_terms",
    "look_up",
    "masked",
    "masked_roster_of",
    "member_asked",
    "member_numbered",
    "members_by_id",
    "members_found",
    "note_left",
    "rebuild_terms",
    "roster_of",
    "set_phone",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (desk.blueprint, views.blueprint)
