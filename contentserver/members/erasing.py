"""Somebody wishes to be forgotten: a process, and with its yes the end of everything that names them.

Their evidence stays by an id that means nothing outside of this server, so that sessions and sums stay true.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict
from contentserver.members import rules
from contentserver.members.leaving import forget
from contentserver.members.models import Member
from contentserver.processes import Decision, Plan, Process, ProcessStep, begin
from contentserver.stations import Station
from schedules.holidays import HolidayTable

DAYS: Final = 10


class ErasureKind:
    """See `processes.Kind`; its subject is `member <id>`."""

    code: Final = "erasure"
    name: Final = _("Wish to be forgotten")
    steps: Final[Mapping[str, object]] = {"erase": _("Take away name, number and everything sealed")}

    def page(self, process: Process) -> str:
        """The record."""
        return url_for("records.show", member_id=_id(process))

    def told(self, session: Session, process: Process) -> Sequence[tuple[object, object]]:
        """Who, and what stays."""
        member = session.get_one(Member, _id(process))
        station = session.get_one(Station, member.station_id)
        return [
            (_("Member"), rules.masked(member.name)),
            (_("Station"), station.name),
            (_("What stays"), _("sessions, hours and words in the forum, under an id that names nobody")),
        ]

    def decided(
        self, session: Session, process: Process, _step: ProcessStep, decision: Decision, who: Person, now: datetime
    ) -> None:
        """Forget them."""
        if decision is Decision.NO:
            return
        member = session.get_one(Member, _id(process), with_for_update=True)
        member.active, member.left_at = False, member.left_at or now
        forget(session, member)
        audit(session, who=who, action="member.erased", subject=f"member {member.id}", now=now)
        process.title = rules.FORMER


def wish(
    session: Session, kind: ErasureKind, member: Member, who: Person, now: datetime, table: HolidayTable
) -> Process:
    """Begin it; somebody else decides.

    Raises:
        Conflict: they are forgotten already, or it is under way.
    """
    if rules.is_former(member.number):
        raise Conflict("member_closed", _("This record is closed. It cannot be changed."))
    region = session.get_one(Station, member.station_id).region_code
    return begin(
        session,
        kind,
        subject=f"member {member.id}",
        title=rules.masked(member.name),
        plans=(Plan("erase", Right.KEEP_MEMBERS, region, DAYS),),
        who=who,
        now=now,
        calendar=table,
    )


def _id(process: Process) -> UUID:
    return UUID(process.subject.removeprefix("member "))
