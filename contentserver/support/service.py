"""Ask something of a box from afar, offer help, press its keys, end it. Every step is audited.

A command is signed in the unit of work of whoever asks; how it reaches the box and what comes back: `delivering.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.audit import audit
from contentserver.boxes import Box
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.stations import Station
from contentserver.support import rules
from contentserver.support.models import CommandRow, HelpRow
from contentserver.support.rules import CommandState, EndedBy, Help, HelpPhase
from schedules.wire.codec import encode
from schedules.wire.messages import Command, CommandBody, EndHelp, OfferHelp, PressKey, SetVolume, SignInMember
from schedules.wire.signing import Signer
from schedules.wire.topics import BoxId

LISTED = 12
PRESS_KEY = "press_key"
SIGN_IN = "sign_in_member"
_UNLISTED = (PRESS_KEY, "end_help", SIGN_IN)


def box_and_place(session: Session, box_id: int) -> tuple[Box, Station]:
    """A box and where it stands.

    Raises:
        NotFound: there is no such box.
    """
    box = session.get(Box, box_id)
    if box is None:
        raise NotFound("box_unknown", _("There is no such box."))
    return box, session.get_one(Station, box.station_id)


def ask(session: Session, box: Box, body: CommandBody, who: Person, signer: Signer, now: datetime) -> CommandRow:
    """Ask something of a box; the link sends it after the commit.

    Raises:
        Conflict: its enrolment was ended, or too much waits for it already.
        Rejected: a volume that is none.
    """
    if isinstance(body, SetVolume) and not 0 <= body.percent <= 100:
        raise Rejected("volume_wrong", _("The volume goes from 0 to 100."))
    return _ask(session, box, body, who, signer, now)


def offer_help(
    session: Session, box: Box, reason: str, minutes: int, who: Person, signer: Signer, now: datetime
) -> CommandRow:
    """Ask at the television whether somebody may see its screen and press its keys.

    Raises:
        Conflict: as `ask`, or a help of this box is open.
        Rejected: no reason, or a length that is not offered.
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= rules.REASON_MAX:
        raise Rejected("reason_missing", _("Say why, in at most 300 characters."))
    if minutes not in rules.HELP_MINUTES:
        raise Rejected("minutes_wrong", _("Choose one of the lengths of time."))
    if open_help(session, box.id, now) is not None:
        raise Conflict("help_busy", _("Somebody helps this television already, or waits for its answer."))
    body = OfferHelp(helper=who.display_name, minutes=minutes)
    row = _ask(session, box, body, who, signer, now, {"reason": reason, "minutes": minutes})
    row.help = HelpRow(id=row.id, reason=reason, minutes=minutes)
    session.flush()
    return row


def press_key(session: Session, row: CommandRow, key: str, who: Person, signer: Signer, now: datetime) -> CommandRow:
    """Press a key inside a help. What was pressed is not audited: it may be somebody's number.

    Raises:
        Conflict: the help does not last.
        Forbidden: somebody else's help.
        Rejected: no key of a remote.
    """
    require_own(row, who)
    if phase_of(row, now) is not HelpPhase.LASTS:
        raise Conflict("help_over", _("The help is over. Ask again if something is left to do."))
    if key not in rules.KEYS:
        raise Rejected("key_unknown", _("The remote has no such key."))
    box = session.get_one(Box, row.box_id)
    return _ask(session, box, PressKey(help=str(row.id), key=key), who, signer, now, audited=False)


def end_help(session: Session, row: CommandRow, who: Person, signer: Signer, now: datetime) -> None:
    """The helper, or somebody else who may operate the box, ends a help or takes back the question.

    A help that is over already stays as it ended.
    """
    given = row.help
    if given is None or phase_of(row, now) not in (HelpPhase.ASKED, HelpPhase.LASTS):
        return
    left = (given.ends_at or now) - now + timedelta(minutes=1)
    given.ended_at, given.ended_by = now, EndedBy.HELPER.value
    _ask(session, session.get_one(Box, row.box_id), EndHelp(help=str(row.id)), who, signer, now, minutes_left=left)
    audit_end(session, row, who, now)


def audit_end(session: Session, row: CommandRow, who: Person | None, now: datetime) -> None:
    """A help is over: how, and how many keys were pressed in it."""
    pressed = select(func.count()).where(
        CommandRow.box_id == row.box_id, CommandRow.kind == PRESS_KEY, CommandRow.body.contains(str(row.id))
    )
    after = {"help": str(row.id), "by": row.help.ended_by if row.help else "", "keys": session.scalar(pressed) or 0}
    audit(session, who=who, action="help.ended", subject=f"box {row.box_id}", now=now, after=after)


def sign_in_by_phone(
    session: Session, box: Box, member: UUID, signer: Signer, now: datetime, *, undo: bool = False
) -> UUID:
    """Ask a box to sign a member in, or to take that back; who asks has no account. Gives the command's id.

    Not audited: the fact that the box writes is the record.

    Raises:
        Conflict: its enrolment was ended, or too many wait for it.
    """
    waiting = select(func.count()).where(
        CommandRow.box_id == box.id,
        CommandRow.kind == SIGN_IN,
        CommandRow.state.in_(rules.UNANSWERED),
        CommandRow.expires_at > now,
    )
    if (session.scalar(waiting) or 0) >= rules.PHONES_AT_ONCE:
        raise Conflict("too_much_waits", _("Very many people sign in at this moment. Try again in a minute."))
    return _ask(session, box, SignInMember(member=str(member), undo=undo), None, signer, now, audited=False).id


def answers_to(session: Session, commands: Sequence[UUID]) -> Sequence[CommandRow]:
    """Some commands as they stand."""
    return session.scalars(select(CommandRow).where(CommandRow.id.in_(commands))).all()


def command_with(session: Session, command_id: UUID) -> CommandRow:
    """The command with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(CommandRow, command_id)
    if row is None:
        raise NotFound("command_unknown", _("There is no such command."))
    return row


def where_command(session: Session, command_id: UUID) -> str:
    """The code of the region in which the box stands of which a command, or a help, asks something.

    Raises:
        NotFound: there is none.
    """
    _box, station = box_and_place(session, command_with(session, command_id).box_id)
    return station.region_code


def help_with(session: Session, help_id: UUID) -> tuple[CommandRow, HelpRow]:
    """The help with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(CommandRow, help_id)
    if row is None or row.help is None:
        raise NotFound("help_unknown", _("There is no such help."))
    return row, row.help


def require_own(row: CommandRow, who: Person) -> None:
    """Raise Forbidden unless the person is the one to whom the people at the television said yes."""
    if row.asked_by != who.id:
        raise Forbidden("not_your_help", _("The people at the television agreed to somebody else's help."))


def phase_of(row: CommandRow, now: datetime) -> HelpPhase:
    """How a help stands."""
    return rules.phase(as_help(row), now)


def as_help(row: CommandRow) -> Help:
    """The help as the rules see it."""
    state, given = CommandState(row.state), row.help
    if given is None:
        return Help(state)
    return Help(state, given.agreed_at, given.ends_at, given.heard_at, given.ended_at)


def open_help(session: Session, box_id: int, now: datetime) -> CommandRow | None:
    """The help of a box that is asked for, or that lasts."""
    query = (
        select(CommandRow).join(HelpRow).where(CommandRow.box_id == box_id, HelpRow.ended_at.is_(None)).limit(LISTED)
    )
    for row in session.scalars(query.order_by(CommandRow.asked_at.desc())):
        waits = phase_of(row, now) is HelpPhase.ASKED and not rules.expired(
            CommandState(row.state), row.expires_at, now
        )
        if waits or phase_of(row, now) is HelpPhase.LASTS:
            return row
    return None


def last_commands(session: Session, box_id: int) -> Sequence[CommandRow]:
    """The newest commands of a box, without the keys of a help."""
    query = select(CommandRow).where(CommandRow.box_id == box_id, CommandRow.kind.not_in(_UNLISTED))
    return session.scalars(query.order_by(CommandRow.asked_at.desc(), CommandRow.id.desc()).limit(LISTED)).all()


def names_of(session: Session, rows: Sequence[CommandRow]) -> Mapping[UUID | None, str]:
    """Who asked, by account."""
    wanted = {row.asked_by for row in rows}
    found = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(wanted)))
    return dict(found.all())


def _ask(
    session: Session,
    box: Box,
    body: CommandBody,
    who: Person | None,
    signer: Signer,
    now: datetime,
    more: Mapping[str, object] | None = None,
    *,
    minutes_left: timedelta = timedelta(),
    audited: bool = True,
) -> CommandRow:
    if box.revoked_at is not None:
        raise Conflict("box_ended", _("This box's enrolment was ended already."))
    kind = str(type(body).__struct_config__.tag)
    if kind not in _UNLISTED:
        _require_room(session, box.id)
    command_id, expires_at = new_id(), now + rules.holds_for(body, minutes_left)
    written = encode(body)
    command = Command(
        id=str(command_id), box=BoxId(box.id), issued_at=now, expires_at=expires_at, body=msgspec.Raw(written)
    )
    row = CommandRow(
        id=command_id,
        box_id=box.id,
        kind=kind,
        body=written.decode(),
        jws=signer.sign(command).decode(),
        asked_by=who.id if who else None,
        asked_at=now,
        expires_at=expires_at,
        published_at=None,
        state=CommandState.ASKED.value,
        replied_at=None,
        detail="",
    )
    session.add(row)
    session.flush()
    if audited:
        after = {"command": str(command_id), **msgspec.json.decode(written, type=dict[str, object]), **(more or {})}
        audit(session, who=who, action="box.asked", subject=f"box {box.id}", now=now, after=after)
    return row


def _require_room(session: Session, box_id: int) -> None:
    waiting = select(func.count()).where(
        CommandRow.box_id == box_id, CommandRow.state.in_(rules.OPEN), CommandRow.kind.not_in(_UNLISTED)
    )
    if (session.scalar(waiting) or 0) >= rules.OPEN_AT_ONCE:
        raise Conflict("too_much_waits", _("Too much waits for this box already. Let it answer, or wait."))
