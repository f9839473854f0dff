"""Somebody registers by phone: what they typed is kept until the station's administrator has decided.

Name and number are words of a stranger until then; the phone lies sealed. What was decided goes after some days with
everything that named them: of who was taken the record says all, of who was not nothing needs to be kept.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.kernel.phones import masked_number, mobile_number
from contentserver.kernel.sealing import Seal
from contentserver.members import record, rules
from contentserver.members.models import Member, Registration
from contentserver.members.searching import called
from contentserver.members.service import add_member
from contentserver.processes import Decision, Plan, Process, ProcessStep, begin
from contentserver.stations import Station
from schedules.holidays import HolidayTable

DAYS: Final = 3
"""Working days in which somebody decides."""
MOST_WAITING: Final = 40
"""So many may wait at one station; more is somebody's mischief."""
AGAIN: Final = timedelta(days=1)
_RUDE: Final = (
    "傻逼",
    "傻屄",
    "操你",
    "妈的",
    "他妈",
    "草泥马",
    "王八蛋",
    "混蛋",
    "狗日",
    "fuck",
    "shit",
    "管理员",
    "测试",
)


class RegistrationKind:
    """See `processes.Kind`; its subject is `registration <id>`."""

    code: Final = "registration"
    name: Final = _("Registration by phone")
    steps: Final[Mapping[str, object]] = {"take": _("Put them on the roll")}

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def page(self, _process: Process) -> str:
        """None: what there is to know stands on the page of the process."""
        return ""

    def told(self, session: Session, process: Process) -> Sequence[tuple[object, object]]:
        """What they typed, and who is on the roll already and may be the same."""
        row = session.get_one(Registration, _id(process))
        station = session.get_one(Station, row.station_id)
        told: list[tuple[object, object]] = [
            (_("Name"), row.name or "—"),
            (_("Station"), station.name),
            (_("Number wished for"), row.number or "—"),
            (_("Mobile number"), masked_number(self._seal.open(row.phone_sealed) or "") or "—"),
        ]
        told += [
            (_("Already on the roll"), _("%(name)s, No. %(number)s", name=rules.masked(one.name), number=one.number))
            for one in alike(session, row)
        ]
        return told

    def decided(
        self, session: Session, process: Process, _step: ProcessStep, decision: Decision, who: Person, now: datetime
    ) -> None:
        """Put them on the roll, or forget what they typed.

        Raises:
            Conflict: it is decided already.
        """
        row = session.get_one(Registration, _id(process), with_for_update=True)
        if row.decided_at is not None:
            raise Conflict("decided_already", _("This was decided already. Load the page again."))
        row.decided_at = now
        if decision is Decision.YES:
            session.get_one(Station, row.station_id, with_for_update=True)
            number = record.next_number(session, row.station_id, row.number)
            member = add_member(session, row.station_id, row.name, number)
            member.phone_sealed, member.phone_mark = row.phone_sealed, row.phone_mark
            row.member_id = member.id
            session.flush()
            audit(session, who=who, action="member.registered", subject=f"member {member.id}", now=now)
        row.name, row.number, row.phone_sealed, row.phone_mark = "", "", "", ""


def register(
    session: Session,
    kind: RegistrationKind,
    station: Station,
    name: str,
    number: str,
    phone: str,
    seal: Seal,
    now: datetime,
    calendar: HolidayTable,
) -> Registration:
    """Write down that somebody wants to be on a station's roll.

    Raises:
        Rejected: name, number or phone are wrong; `fields` says which.
        Conflict: this phone has asked already, or too many wait.
    """
    name, number, wrong = rules.name_of(name), number.strip(), dict[str, object]()
    if not rules.name_valid(name) or any(word in name.casefold() for word in _RUDE):
        wrong["name"] = _("Write your own name, as your neighbours know you.")
    if number and not rules.number_valid(number):
        wrong["number"] = _("A number has three to six digits. It may stay empty.")
    mobile = mobile_number(phone)
    if mobile is None:
        wrong["phone"] = _("This is no mobile number: eleven digits that begin with 1.")
    if wrong or mobile is None:
        raise Rejected("registration_refused", _("Please look at this again"), wrong)
    waiting = select(func.count()).where(Registration.station_id == station.id, Registration.decided_at.is_(None))
    mark = seal.mark(mobile)
    if session.scalar(waiting.where(Registration.phone_mark == mark)):
        raise Conflict("registered_already", _("You have registered already. The station decides in a few days."))
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise Conflict("too_many_wait", _("Too many wait here already. Ask at the station."))
    row = Registration(
        station_id=station.id, name=name, number=number, phone_sealed=seal.seal(mobile), phone_mark=mark, at=now
    )
    session.add(row)
    session.flush()
    begin(
        session,
        kind,
        subject=f"registration {row.id}",
        title=f"{rules.masked(name)} · {station.name}",
        plans=(Plan("take", Right.KEEP_MEMBERS, station.region_code, DAYS),),
        who=None,
        now=now,
        calendar=calendar,
    )
    return row


def alike(session: Session, row: Registration) -> list[Member]:
    """Who on the same station's roll has the same name, or the same phone."""
    here = select(Member).where(Member.station_id == row.station_id, Member.merged_into.is_(None))
    same_phone = session.scalars(here.where(Member.phone_mark == row.phone_mark)).all() if row.phone_mark else ()
    same_name = [one for one in called(session, [row.name]) if one.station_id == row.station_id]
    return list(dict.fromkeys([*same_name, *same_phone]))


def _id(process: Process) -> UUID:
    return UUID(process.subject.removeprefix("registration "))
