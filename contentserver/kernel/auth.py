"""Who is asking, and may they: the signed-in person of a request, roles, rights, scope.

A right holds within a region's subtree. Slices ask `require(right)`, never for roles by name. Where the things lie that
an address names, they declare (`scoping.py`); of other things they ask `require_scope(region)`. Who the person is comes
from a loader that the composition root sets (`accounts`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial, wraps
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
    EXPERT = "expert"
    """Looks at lessons."""
    AUDITOR = "auditor"
    """Reads what was done, and changes nothing."""


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
    CORRECT_ROLL = "correct_roll"
    """Set right who came to a session, with a reason."""
    UNMASK = "unmask"
    """Read a member's whole name, with a reason."""
    WARN = "warn"
    """Write alerts, approve those of others, cancel."""
    EMERGENCY = "emergency"
    """Send an alert without a second person, with a reason."""
    INSPECT = "inspect"
    """Look at events that contradict each other, and put them aside."""
    OPERATE_BOX = "operate_box"
    """Ask something of a box from afar, and help whoever stands before it with their consent."""
    KEEP_RECORD = "keep_record"
    """Note what a station has of the five ones, and appeal against its stars."""
    ASSESS = "assess"
    """Give stars: adopt rules, hold rounds, inspect, decide appeals."""
    NOTIFY = "notify"
    """Write notices, keep the groups of stations that they go to, and see who has read them."""
    KEEP_MARKET = "keep_market"
    """Enter prices, and decide which offers of villages are shown."""
    OFFER = "offer"
    """Put into the bulletin what a village offers and looks for."""
    ANSWER = "answer"
    """Take questions of the green channel, and answer them."""
    DIRECT_CASES = "direct_cases"
    """Send questions to somebody else, look through what people wrote, release answers for everybody."""
    KEEP_MEMBERS = "keep_members"
    """Enter members, branches and who does what in them; decide who joins and who moves."""
    READ_DOCUMENTS = "read_documents"
    """Receive documents for one's office or station, and answer them."""
    SEND_DOCUMENTS = "send_documents"
    """Send documents down the tree, and see who has read them."""
    SEND_MESSAGES = "send_messages"
    """Write messages to groups of people, and let those of others go."""
    EDIT_SITE = "edit_site"
    """Write news and reading for everybody, and agree to those of others."""
    MODERATE = "moderate"
    """Look after what people write in the forum."""
    KEEP_PROJECTS = "keep_projects"
    """Tie lessons to a base and to households, and note what they tried and what it brought."""
    AUDIT = "audit"
    """Read the audit trail."""
    MANAGE_PEOPLE = "manage_people"
    """Invite people, change and close their accounts; never above one's own rights or region."""
    ADMINISTER = "administer"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.STATION_ADMIN: frozenset(
        {
            Right.ADD_LOCAL,
            Right.CLAIM_BOX,
            Right.SEE_MEMBERS,
            Right.SEE_REPORTS,
            Right.CORRECT_ROLL,
            Right.UNMASK,
            Right.KEEP_RECORD,
            Right.OFFER,
            Right.KEEP_MEMBERS,
            Right.KEEP_PROJECTS,
            Right.READ_DOCUMENTS,
        }
    ),
    Role.SCHEDULER: frozenset(
        {
            Right.UPLOAD,
            Right.SCHEDULE,
            Right.SEE_REPORTS,
            Right.CLAIM_BOX,
            Right.WARN,
            Right.OPERATE_BOX,
            Right.NOTIFY,
            Right.KEEP_MARKET,
            Right.OFFER,
            Right.DIRECT_CASES,
            Right.SEND_MESSAGES,
            Right.EDIT_SITE,
            Right.MODERATE,
            Right.KEEP_PROJECTS,
            Right.READ_DOCUMENTS,
        }
    ),
    Role.REVIEWER: frozenset({Right.APPROVE, Right.SEE_REPORTS, Right.WARN, Right.READ_DOCUMENTS}),
    Role.COUNTY_STAFF: frozenset(
        {
            Right.SEE_REPORTS,
            Right.SEE_MEMBERS,
            Right.CORRECT_ROLL,
            Right.UNMASK,
            Right.WARN,
            Right.INSPECT,
            Right.OPERATE_BOX,
            Right.KEEP_RECORD,
            Right.ASSESS,
            Right.NOTIFY,
            Right.KEEP_MARKET,
            Right.OFFER,
            Right.DIRECT_CASES,
            Right.KEEP_MEMBERS,
            Right.READ_DOCUMENTS,
            Right.SEND_DOCUMENTS,
            Right.SEND_MESSAGES,
            Right.EDIT_SITE,
            Right.MODERATE,
            Right.KEEP_PROJECTS,
        }
    ),
    Role.DUTY_OFFICER: frozenset({Right.WARN, Right.EMERGENCY, Right.SEE_REPORTS}),
    Role.SYSTEM_ADMIN: frozenset(Right),
    Role.EXPERT: frozenset({Right.ANSWER, Right.UPLOAD, Right.KEEP_PROJECTS}),
    Role.AUDITOR: frozenset({Right.AUDIT, Right.SEE_REPORTS}),
}
NEVER_LENT: frozenset[Right] = frozenset({Right.MANAGE_PEOPLE})
"""What nobody does in another's place: what it leaves behind would outlast the days that were agreed."""


@dataclass(frozen=True, slots=True)
class Person:
    """The signed-in person. `region_code` is the root of the subtree they act in; empty means everywhere.

    Whoever stands in for somebody has that one's role and region, and keeps their own id and name.

    Attributes:
        acts_for: whom they stand in for.
        confirmed_at: when they last gave their password.
    """

    id: UUID
    username: str
    display_name: str
    role: Role
    region_code: str
    acts_for: UUID | None = None
    acts_for_name: str = ""
    confirmed_at: datetime | None = field(default=None, compare=False)

    def may(self, right: Right) -> bool:
        """Whether the role holds the right."""
        return right in RIGHTS[self.role] and not (self.acts_for and right in NEVER_LENT)

    @property
    def reads_only(self) -> bool:
        """Whether they change nothing but their own account."""
        return self.role is Role.AUDITOR

    @property
    def administers_all(self) -> bool:
        """Whether they may change what holds in every region at once."""
        return self.may(Right.ADMINISTER) and not self.region_code

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


def require_administers_all() -> None:
    """Raise Forbidden unless the signed-in person administers every region: what is changed holds in all of them."""
    if not person().administers_all:
        raise Forbidden("no_right", _("Only who administers the whole server may change this."))


def require_right(right: Right) -> None:
    """Raise Forbidden unless the signed-in person holds the right."""
    require_rights(right)


def require_rights(*rights: Right) -> None:
    """Raise Forbidden unless the signed-in person holds every right named; Unauthenticated where nobody is."""
    asking = person()
    if not all(asking.may(right) for right in rights):
        raise Forbidden("no_right", _("Your role may not do this."))


def require_one_right_of(*rights: Right) -> None:
    """Raise Forbidden unless the signed-in person holds one of the rights named; Unauthenticated where nobody is."""
    asking = person()
    if not any(asking.may(right) for right in rights):
        raise Forbidden("no_right", _("Your role may not do this."))


def require_rights_for(view: Callable[..., object]) -> None:
    """Ask what the decorator of a view asks; where it has none, that somebody is signed in."""
    ask: Callable[[], object] = getattr(view, _ASKS, person)
    ask()


def require_box() -> None:
    """Raise Unauthenticated unless an enrolled box asks; how a box is known is bound by the composition root."""
    gate: Callable[[], object] = current_app.extensions["box_gate"]
    gate()


_ASKS = "asks_for_rights"
_P = ParamSpec("_P")
_R = TypeVar("_R")


def require(*rights: Right) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Decorate a view: somebody is signed in and holds every right named (none: being signed in is enough)."""
    return _guard(partial(require_rights, *rights))


def require_one_of(*rights: Right) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Decorate a view: somebody is signed in and holds one of the rights named."""
    return _guard(partial(require_one_right_of, *rights))


def _guard(ask: Callable[[], None]) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    def decorate(view: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(view)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            ask()
            return view(*args, **kwargs)

        setattr(guarded, _ASKS, ask)  # before it is asked whose things the address names (`scoping.py`)
        return guarded

    return decorate
