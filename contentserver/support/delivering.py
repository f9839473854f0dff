"""Commands on their way to the boxes, and what the boxes say of them. Asked by the link process and by `api.py`.

A command is due until the broker has confirmed it or the box has answered; a box does each at most once, so twice is
no harm. A box's word counts for its own commands alone.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from contentserver.kernel.aging import OldRows
from contentserver.kernel.errors import Conflict, NotFound
from contentserver.support import rules
from contentserver.support.models import CommandRow, HelpRow
from contentserver.support.rules import CommandState, EndedBy, HelpPhase
from contentserver.support.service import PRESS_KEY, SIGN_IN, as_help, audit_end, phase_of
from schedules.wire.messages import Command, Reply, ReplyState
from schedules.wire.signing import Purpose, Signer, key_id_of
from schedules.wire.topics import BoxId

OLD_KEYS = OldRows(CommandRow, CommandRow.asked_at, (CommandRow.kind.in_((PRESS_KEY, SIGN_IN)),))
"""Keys of a help, and sign-ins by phone: what was asked of boxes about one person."""

AT_ONCE = 200
HEARD_EVERY = timedelta(seconds=5)
"""A sign of life is written down at most this often."""
SCREENSHOT, LOGS = "take_screenshot", "send_logs"


def due_commands(session: Session, now: datetime) -> Sequence[CommandRow]:
    """What has not left the server and still holds, the oldest first."""
    query = select(CommandRow).where(CommandRow.state == CommandState.ASKED, CommandRow.expires_at > now)
    return session.scalars(query.order_by(CommandRow.asked_at, CommandRow.id).limit(AT_ONCE)).all()


def sign_anew(session: Session, signer: Signer, now: datetime) -> int:
    """Sign what boxes have not answered and still holds, where another key signed it; it goes out once more.

    Returns:
        How many commands.
    """
    signs = signer.key_for(Purpose.TIMETABLES).key_id
    query = select(CommandRow).where(CommandRow.state.in_(rules.OPEN), CommandRow.expires_at > now)
    stale = [row for row in session.scalars(query) if key_id_of(row.jws.encode()) != signs]
    for row in stale:
        command = Command(
            id=str(row.id),
            box=BoxId(row.box_id),
            issued_at=row.asked_at,
            expires_at=row.expires_at,
            body=msgspec.Raw(row.body.encode()),
        )
        row.jws = signer.sign(command).decode()
        if row.state == CommandState.SENT:
            row.state = CommandState.ASKED.value
    return len(stale)


def mark_sent(session: Session, commands: Iterable[UUID], now: datetime) -> None:
    """The broker has confirmed them; what the box has answered meanwhile stays as it is."""
    for command in commands:
        row = session.get_one(CommandRow, command)
        row.published_at = now
        if row.state == CommandState.ASKED:
            row.state = CommandState.SENT.value


def unanswered(session: Session, box_id: int, now: datetime) -> Sequence[CommandRow]:
    """The commands that a box has not answered and that still hold, the oldest first."""
    query = select(CommandRow).where(
        CommandRow.box_id == box_id, CommandRow.state.in_(rules.UNANSWERED), CommandRow.expires_at > now
    )
    return session.scalars(query.order_by(CommandRow.asked_at, CommandRow.id).limit(AT_ONCE)).all()


def take_reply(session: Session, box_id: int, reply: Reply, now: datetime) -> None:
    """A box's word about one of its commands; about another's, or none, nothing changes.

    Raises:
        NotFound: the box has no such command.
    """
    row = _command_of(session, box_id, reply.command)
    before = CommandState(row.state)
    row.state = rules.after_reply(before, reply.state).value
    if row.help is not None and reply.state is ReplyState.DONE:
        _take_help(session, row, row.help, reply, now)
    elif row.state == before.value and before not in rules.OPEN:
        return
    row.replied_at, row.detail = now, reply.detail[:200]


def expire(session: Session, now: datetime) -> int:
    """Note which commands nobody waits for any more; gives back how many."""
    query = select(CommandRow).where(CommandRow.state.in_(rules.OPEN), CommandRow.expires_at <= now - rules.GRACE)
    over = session.scalars(query).all()
    for row in over:
        row.state = CommandState.EXPIRED.value
    return len(over)


def helps_overdue(session: Session, now: datetime) -> bool:
    """Whether there is anything for `end_overdue`."""
    return any(rules.overdue(as_help(row), now) for row in session.scalars(_lasting()))


def end_overdue(session: Session, now: datetime) -> int:
    """Note which helps have come to their end by themselves; gives back how many."""
    ended = 0
    for row in session.scalars(_lasting()):
        found = rules.overdue(as_help(row), now)
        if found is not None and row.help is not None:
            row.help.ended_by, row.help.ended_at = found[0].value, found[1]
            audit_end(session, row, None, now)
            ended += 1
    return ended


def may_send_picture(session: Session, box_id: int, command_id: str, now: datetime) -> None:
    """Whether a box may send a picture under this command: of a screenshot not yet done, or of a help that lasts.

    Raises:
        Conflict: not yet agreed to (`help_not_agreed`), over (`help_over`), or done already.
        NotFound: it is no command of this box that wants a picture.
    """
    row = _command_of(session, box_id, command_id)
    if row.help is None:
        _require_open(row, SCREENSHOT)
        return
    if row.help.agreed_at is None and phase_of(row, now) is HelpPhase.ASKED:
        raise Conflict("help_not_agreed", _("Nobody at the television has agreed to this help."))
    if phase_of(row, now) is not HelpPhase.LASTS:
        raise Conflict("help_over", _("This help is over."))
    if row.help.heard_at is None or now - row.help.heard_at >= HEARD_EVERY:
        row.help.heard_at = now


def may_send_log(session: Session, box_id: int, command_id: str) -> None:
    """As `may_send_picture`, for the program's log."""
    _require_open(_command_of(session, box_id, command_id), LOGS)


def _lasting() -> Select[CommandRow]:
    return select(CommandRow).join(HelpRow).where(HelpRow.agreed_at.is_not(None), HelpRow.ended_at.is_(None))


def _take_help(session: Session, row: CommandRow, given: HelpRow, reply: Reply, now: datetime) -> None:
    ended = rules.ENDED_WORDS.get(reply.detail)
    if ended is None and reply.detail.startswith("ended"):
        ended = EndedBy.TELEVISION
    if given.ended_at is not None:
        return
    if ended is not None:
        given.ended_at, given.ended_by = now, ended.value
        audit_end(session, row, None, now)
    elif given.agreed_at is None:
        given.agreed_at = given.heard_at = now
        given.ends_at = now + timedelta(minutes=given.minutes)


def _command_of(session: Session, box_id: int, command_id: str) -> CommandRow:
    try:
        row = session.get(CommandRow, UUID(command_id))
    except ValueError:
        row = None
    if row is None or row.box_id != box_id:
        raise NotFound("command_unknown", _("There is no such command."))
    return row


def _require_open(row: CommandRow, kind: str) -> None:
    if row.kind != kind:
        raise NotFound("command_unknown", _("There is no such command."))
    if row.state not in rules.OPEN:
        raise Conflict("command_done", _("This was sent already, or comes too late."))
