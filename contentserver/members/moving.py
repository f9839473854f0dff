"""Somebody moves to another station and branch: a process with two steps, and what follows from the last yes.

The old side lets them go, the new side takes them. Hours need nothing: evidence knows people by an id that stays.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.members import branches, places, record, rules
from contentserver.members.models import Branch, Member
from contentserver.processes import Decision, Plan, Process, ProcessStep, begin
from contentserver.regions import ancestors_and_self
from contentserver.stations import Station
from schedules.holidays import HolidayTable

RELEASE, TAKE = "release", "take"
DAYS: Final = {RELEASE: 3, TAKE: 5}
"""Working days for each step."""


class Facts(msgspec.Struct, frozen=True):
    """From which station, to which station and branch."""

    origin: UUID
    station: UUID
    branch: UUID | None = None


class TransferKind:
    """See `processes.Kind`; its subject is `member <id>`."""

    code: Final = "transfer"
    name: Final = _("Move of a member")
    steps: Final[Mapping[str, object]] = {RELEASE: _("Let them go"), TAKE: _("Take them")}

    def page(self, process: Process) -> str:
        """The record."""
        return url_for("records.show", member_id=_id(process))

    def told(self, session: Session, process: Process) -> Sequence[tuple[object, object]]:
        """Who, from where and to where; whether the branch still stands."""
        facts, member = _facts(process), session.get_one(Member, _id(process))
        origin, station = session.get_one(Station, facts.origin), session.get_one(Station, facts.station)
        branch = session.get(Branch, facts.branch) if facts.branch else None
        found = [
            (_("Member"), rules.masked(member.name)),
            (_("From"), origin.name),
            (_("To"), station.name),
            (_("Branch"), branch.name if branch else "—"),
        ]
        if branch is not None and branch.dissolved_on is not None:
            found.append((_("Branch since"), _("dissolved on %(day)s", day=branch.dissolved_on)))
        return found

    def decided(
        self, session: Session, process: Process, step: ProcessStep, decision: Decision, who: Person, now: datetime
    ) -> None:
        """Look whether it can still be done; with the last yes the member moves.

        Raises:
            Conflict: the branch was dissolved meanwhile, or the member is not where they were.
        """
        if decision is Decision.NO:
            return
        facts, member = _facts(process), session.get_one(Member, _id(process), with_for_update=True)
        station = session.get_one(Station, facts.station, with_for_update=True)
        if member.station_id != facts.origin or not member.active or member.merged_into is not None:
            raise Conflict(
                "member_elsewhere", _("They are no longer on the roll of the station that they were to leave.")
            )
        try:
            if facts.branch:
                branches.require_takes(session, facts.branch, station.region_code, clock.local(now).date())
        except Rejected as error:
            raise Conflict(error.code, error.sentence) from error
        if step.code == TAKE:
            _move(session, member, station, facts.branch, who, now)


def propose(
    session: Session,
    kind: TransferKind,
    member: Member,
    to: str,
    branch_name: str,
    who: Person,
    now: datetime,
    calendar: HolidayTable,
) -> Process:
    """Begin a move; `to` names the station and `branch_name` the branch there, as their papers have it.

    Raises:
        Rejected: there is no such station or branch, or it is dissolved; `fields` says which.
        Conflict: they are moving already, or are no longer on the roll.
    """
    if not member.active or member.merged_into is not None:
        raise Conflict("member_left", _("They are no longer on the roll of the station."))
    try:
        station = places.station_called(session, "", to)
    except Rejected as error:
        raise Rejected(error.code, error.sentence, {"destination": _everywhere(error)}) from error
    if station.id == member.station_id:
        sentence = _("They are at this station already.")
        raise Rejected("station_same", sentence, {"destination": sentence})
    branch = _branch(session, station, branch_name, now)
    origin = session.get_one(Station, member.station_id)
    facts = Facts(origin.id, station.id, branch.id if branch else None)
    takes_others = who.reaches(station.region_code)  # two people in all, whoever begins
    plans = (
        Plan(RELEASE, Right.KEEP_MEMBERS, origin.region_code, DAYS[RELEASE], others_only=False),
        Plan(TAKE, Right.KEEP_MEMBERS, station.region_code, DAYS[TAKE], others_only=takes_others),
    )
    title = f"{rules.masked(member.name)}: {origin.name} → {station.name}"
    return begin(
        session,
        kind,
        subject=f"member {member.id}",
        title=title,
        plans=plans,
        who=who,
        now=now,
        facts=msgspec.json.encode(facts).decode(),
        calendar=calendar,
    )


def _move(session: Session, member: Member, station: Station, branch: UUID | None, who: Person, now: datetime) -> None:
    """They are on the new roll, with their number where it is free there."""
    before = {"station": str(member.station_id), "number": member.number, "branch": str(member.branch_id or "")}
    there = session.execute(select(Member.number, Member.card).where(Member.station_id == station.id)).all()
    if member.number in {number for number, _card in there}:
        member.number = record.next_number(session, station.id)
    if member.card in {card for _number, card in there if card}:
        member.card = ""
    member.station_id, member.branch_id = station.id, branch
    session.flush()
    after = {"station": str(station.id), "number": member.number, "branch": str(branch or "")}
    audit(session, who=who, action="member.moved", subject=f"member {member.id}", now=now, before=before, after=after)


def _branch(session: Session, station: Station, name: str, now: datetime) -> Branch | None:
    name = rules.name_of(name)
    if not name:
        return None
    of_station = ancestors_and_self(station.region_code)
    query = select(Branch).where(Branch.name == name, Branch.region_code.in_(of_station))
    found = session.scalars(query.order_by(Branch.dissolved_on.is_not(None), Branch.region_code.desc())).first()
    if found is None:
        sentence = _("That station has no branch of this name.")
        raise Rejected("branch_unknown", sentence, {"to_branch": sentence})
    try:
        return branches.require_takes(session, found.id, station.region_code, clock.local(now).date())
    except Rejected as error:
        raise Rejected(error.code, error.sentence, {"to_branch": error.sentence}) from error


def _everywhere(error: Rejected) -> object:
    return _("There is no such station.") if error.code == "station_unknown" else error.sentence


def _facts(process: Process) -> Facts:
    return msgspec.json.decode(process.facts, type=Facts)


def _id(process: Process) -> UUID:
    return UUID(process.subject.removeprefix("member "))
