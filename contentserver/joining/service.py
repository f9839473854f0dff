"""Find who is meant, ask the station's televisions, hear what they say."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.boxes import Box, refresh_at
from contentserver.joining import rules
from contentserver.joining.rules import Answer, Near
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import NotFound, Rejected
from contentserver.members import Member, member_numbered
from contentserver.stations import Station, renew_join_address, station_named
from contentserver.support import UNANSWERED, CommandState, answers_to, sign_in_by_phone
from contentserver.timetable import timetables_in_force
from schedules.wire.messages import ReplyState
from schedules.wire.signing import Signer


def lesson_near(session: Session, station: Station, now: datetime) -> Near | None:
    """The lesson that the station's people sign in to now, as far as the server knows."""
    window = (now - rules.LONGEST, now + rules.BEFORE)
    found = timetables_in_force(session, [station.region_code], window)
    return rules.near(found[station.region_code].airings, now)


def found_by(session: Session, station: Station, number: str) -> Member:
    """The member with this number.

    Raises:
        Rejected: nobody has it; the same words whatever was typed.
    """
    member = member_numbered(session, station.id, number)
    if member is None:
        raise Rejected("number_unknown", _("Nobody here has this number. Look at it again, or ask at the station."))
    return member


def member_of(session: Session, station: Station, member: UUID) -> Member:
    """A member found before, if they are still on this station's roll.

    Raises:
        NotFound: they are not.
    """
    found = session.get(Member, member)
    if found is None or found.station_id != station.id or not found.active:
        raise NotFound("member_unknown", _("Type your number again."))
    return found


def ask(
    session: Session, station: Station, member: Member, signer: Signer, now: datetime, *, undo: bool = False
) -> list[UUID]:
    """Ask every television of the station that has a line; gives the commands, none where no line is up.

    Raises:
        Conflict: too many people sign in at once.
    """
    online = select(Box).where(Box.station_id == station.id, Box.online, Box.revoked_at.is_(None)).order_by(Box.id)
    boxes = session.scalars(online).all()
    return [sign_in_by_phone(session, box, member.id, signer, now, undo=undo) for box in boxes]


def heard(session: Session, commands: Sequence[UUID]) -> tuple[list[Answer], datetime | None]:
    """What the televisions have answered so far, and when the first of them said that it is done."""
    rows = answers_to(session, commands)
    answers = [Answer(_reply(CommandState(row.state)), row.detail, row.expires_at) for row in rows]
    done = [row.replied_at for row in rows if row.state == CommandState.DONE and row.replied_at is not None]
    return answers, min(done, default=None)


def renew(session: Session, station_id: UUID, public_url: str, who: Person, signer: Signer, now: datetime) -> Station:
    """Give a station a new address, and tell its televisions.

    Raises:
        NotFound: there is no such station.
    """
    station = station_named(session, station_id)
    renew_join_address(station, public_url)
    session.flush()
    refresh_at(session, station.id, signer)
    audit(session, who=who, action="station.join_renewed", subject=f"station {station.id}", now=now)
    return station


def _reply(state: CommandState) -> ReplyState | None:
    return None if state in UNANSWERED else ReplyState(state.value)
