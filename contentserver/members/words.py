"""Kinds of branches and roles in words."""

from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from contentserver.members.rules import BranchKind

BRANCH_KINDS: Final[dict[BranchKind, LazyString]] = {
    BranchKind.COMMITTEE: _("Committee"),
    BranchKind.GENERAL: _("General branch"),
    BranchKind.BRANCH: _("Branch"),
    BranchKind.GROUP: _("Group"),
    BranchKind.ASSOCIATION: _("Association"),
}
ROLES: Final[dict[str, LazyString]] = {
    "secretary": _("Secretary"),
    "deputy": _("Deputy secretary"),
    "organiser": _("Organisation"),
    "publicist": _("Publicity"),
    "discipline": _("Discipline"),
    "treasurer": _("Treasurer"),
    "member": _("Ordinary member"),
}
"""Those that come with the program."""
