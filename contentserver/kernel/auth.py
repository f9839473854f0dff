"""Who is asking, and may they: the signed-in person of a request, roles, rights, scope.

A right holds within a region's subtree. Slices ask `require(right)` and `require_scope(region)`, never for roles by
name. Who the person is comes from a loader that the composition root sets (`accounts`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

from flask import current_app, g
from flask_babel import lazy_gettext as _

from contentserver.kernel.errors import Forbidden, Unauthenticated


class Role(StrEnum):
    """What a person is for the system; the vocabulary of accounts."""

    STATION_ADMIN = "station_admin"
    SCHEDULER = "scheduler"
    REVIEWER = "reviewer"
    COUNTY_STAFF = "county_staff"
    DUTY_OFFICER = "duty_officer"
    SYSTEM_ADMIN = "system_admin"


class Right(StrEnum):
    """What a person may do."""

    CLAIM_BOX = "claim_box"
    UPLOAD = "upload"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    ADD_LOCAL = "add_local"
    """Put approved lessons into the gaps of one's own station's programme."""
    SEE_REPORTS = "see_reports"
    SEE_MEMBERS = "see_members"
    WARN = "warn"
    """Write alerts, approve those of others, cancel."""
    EMERGENCY = "emergency"
    """Send an alert without a second person, with a reason."""
    ADMINISTER = "administer"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.STATION_ADMIN: frozenset({Right.ADD_LOCAL, Right.CLAIM_BOX, Right.SEE_MEMBERS, Right.SEE_REPORTS}),
    Role.SCHEDULER: frozenset({Right.UPLOAD, Right.SCHEDULE, Right.SEE_REPORTS, Right.CLAIM_BOX, Right.WARN}),
    Role.REVIEWER: frozenset({Right.APPROVE, Right.SEE_REPORTS, Right.WARN}),
    Role.COUNTY_STAFF: frozenset({Right.SEE_REPORTS, Right.SEE_MEMBERS, Right.WARN}),
    Role.DUTY_OFFICER: frozenset({Right.WARN, Right.EMERGENCY, Right.SEE_REPORTS}),
    Role.SYSTEM_ADMIN: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Person:
    """The signed-in person. `region_code` is the root of the subtree they act in; empty means everywhere."""

    id: UUID
    username: str
    display_name: str
    role: Role
    region_code: str

    def may(self, right: Right) -> bool:
        """Whether the role holds the right."""
        return right in RIGHTS[self.role]

    def reaches(self, region_code: str) -> bool:
        """Whether the region lies in the person's subtree."""
        return region_code.startswith(self.region_code)


def person_or_none() -> Person | None:
    """The signed-in person of this request."""
    found: Person | None = g.get("person")
    return found


def person() -> Person:
    """The signed-in person.

    Raises:
        Unauthenticated: nobody is signed in.
    """
    found = person_or_none()
    if found is None:
        raise Unauthenticated("sign_in_first", _("Please sign in first."))
    return found


def require_scope(region_code: str) -> None:
    """Raise Forbidden unless the region lies in the signed-in person's subtree."""
    if not person().reaches(region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))


def require_right(right: Right) -> None:
    """Raise Forbidden unless the signed-in person holds the right."""
    if not person().may(right):
        raise Forbidden("no_right", _("Your role may not do this."))


def require_box() -> None:
    """Raise Unauthenticated unless an enrolled box asks; how a box is known is bound by the composition root."""
    gate: Callable[[], object] = current_app.extensions["box_gate"]
    gate()


_P = ParamSpec("_P")
_R = TypeVar("_R")


def require(*rights: Right) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Decorate a view: somebody is signed in and holds every right named (none: being signed in is enough)."""

    def decorate(view: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(view)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            asking = person()
            if not all(asking.may(right) for right in rights):
                raise Forbidden("no_right", _("Your role may not do this."))
            return view(*args, **kwargs)

        return guarded

    return decorate
