"""Members: the one record of a person, branches, and how people are found. Front door for the slices above.

What they attended is known above; this slice is told by what the composition root binds (`ports.py`).
"""

from flask import Blueprint

from contentserver.members import acting, desk, exchanging, views
from contentserver.members.branches import Node, branch_with, people_in
from contentserver.members.branches import choices_within as branches_within
from contentserver.members.branches import tree as branch_tree
from contentserver.members.erasing import ErasureKind
from contentserver.members.history import ids_of
from contentserver.members.leaving import FORMER_MEMBERS, note_left
from contentserver.members.merging import resolved
from contentserver.members.models import Branch, Member
from contentserver.members.moving import TransferKind
from contentserver.members.own_link import member_holding
from contentserver.members.ports import EVIDENCE, HOURS, Attendance
from contentserver.members.record import member_asked, opened
from contentserver.members.registering import RegistrationKind, register
from contentserver.members.roles import filled_in as roles_filled
from contentserver.members.roles import held_within as roles_held
from contentserver.members.roles import told_of as roles_told
from contentserver.members.rules import is_former, masked
from contentserver.members.searching import find_everybody, look_up, members_found, rebuild_terms
from contentserver.members.seat import COOKIE as SEAT
from contentserver.members.seat import seated, sit_down, stand_up
from contentserver.members.service import (
    add_member,
    expected_at,
    masked_roster_of,
    member_numbered,
    members_by_id,
    roster_of,
    roster_versions,
    set_phone,
)
from contentserver.members.words import BRANCH_KINDS

__all__ = [
    "BRANCH_KINDS",
    "EVIDENCE",
    "FORMER_MEMBERS",
    "HOURS",
    "SEAT",
    "Attendance",
    "Branch",
    "ErasureKind",
    "Member",
    "Node",
    "RegistrationKind",
    "TransferKind",
    "add_member",
    "blueprints",
    "branch_tree",
    "branch_with",
    "branches_within",
    "expected_at",
    "find_everybody",
    "ids_of",
    "is_former",
    "look_up",
    "masked",
    "masked_roster_of",
    "member_asked",
    "member_holding",
    "member_numbered",
    "members_by_id",
    "members_found",
    "note_left",
    "opened",
    "people_in",
    "rebuild_terms",
    "register",
    "resolved",
    "roles_filled",
    "roles_held",
    "roles_told",
    "roster_of",
    "roster_versions",
    "seated",
    "set_phone",
    "sit_down",
    "stand_up",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (desk.blueprint, exchanging.blueprint, views.blueprint, acting.blueprint)
