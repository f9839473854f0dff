"""Keep corrections of a session's roll: decide whether one may be added, add it, derive the session again.

Rows are only ever added, under the lock of the station that `service.derive` takes too. What they come to is decided in
`corrections.py`; their pages are `roll.py` and `paper.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from contentserver.attendance import service
from contentserver.attendance.corrections import LONGEST_MINUTE, MOST_PEOPLE, Held, Kind, Means, in_force
from contentserver.attendance.models import CorrectionRow, SessionRow, SignInRow
from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.members import Member, ids_of, masked, member_numbered, members_by_id
from contentserver.stations import Station
from contentserver.timetable import timetables_in_force
from schedules.airings import Airing

REASON_CHARS = 300
LONGEST_SHEET = 500
"""Lines of one paper roll."""
WITHOUT_BOX = timedelta(days=60)
"""So long afterwards a lesson may be noted as held without a box."""
AHEAD = timedelta(days=14)
"""So long before a lesson its sheet may be printed."""

Key = tuple[str, UUID]
"""A session: airing and station."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a paper roll: what was typed, whom it means, whether it is there twice or on the roll already.

    `begun`: it is the last one, nobody's yet, and may become somebody's by more digits.
    """

    typed: str
    member: Member | None = None
    twice: bool = False
    on_roll: bool = False
    begun: bool = False

    @property
    def name(self) -> str:
        """The masked name; empty where the number is nobody's."""
        return masked(self.member.name) if self.member else ""


def add_member(
    session: Session,
    key: Key,
    number: str,
    reason: str,
    who: Person,
    now: datetime,
    *,
    minutes: tuple[int | None, int | None] = (None, None),
) -> None:
    """A member of the station was there, from the beginning to the end or between two minutes after the planned start.

    Raises:
        Rejected: the number is nobody's here, the minutes are back to front, or the reason is missing.
        Conflict: they are on the roll already, and no minutes are given.
    """
    station = _open(session, key, reason, who)
    member = _numbered(session, station, number)
    first, last = minutes
    for minute in minutes:
        _check_minute(minute)
    if first is not None and last is not None and first >= last:
        raise Rejected("minutes_wrong", _("The minute of coming must lie before the minute of leaving."))
    if minutes == (None, None) and _on_roll(session, key, str(member.id)):
        raise Conflict("on_roll", _("They are on the roll already. To change when they were there, give the minutes."))
    row = _new(key, Kind.ADDED, reason, who, now, member=str(member.id))
    row.from_minute, row.to_minute = minutes
    _keep(session, key, [row], who, now)


def name_guest(session: Session, key: Key, member_id: str, reason: str, who: Person, now: datetime) -> None:
    """Somebody who was counted and did not sign in has a name now: there is one guest less, and one more who came.

    Args:
        member_id: a member of any station that the person reaches.

    Raises:
        Conflict: nobody was counted who did not sign in, or this member is on the roll.
        NotFound: there is no such member there.
    """
    _open(session, key, reason, who)
    member = members_by_id(session, [member_id]).get(member_id)
    home = session.get(Station, member.station_id) if member else None
    if member is None or home is None or not who.reaches(home.region_code):
        raise NotFound("member_unknown", _("There is no such member in your region."))
    if session.get_one(SessionRow, key).guests < 1:
        raise Conflict("no_guest", _("Nobody was counted who did not sign in. If they were there, add them."))
    if _on_roll(session, key, member_id):
        raise Conflict("on_roll", _("They are on the roll already."))
    row = _new(key, Kind.ADDED, reason, who, now, member=member_id)
    row.means = Means.GUEST.value
    _keep(session, key, [row], who, now)


def take_off(session: Session, key: Key, member_id: str, reason: str, who: Person, now: datetime) -> None:
    """Somebody on the roll was not there.

    Raises:
        NotFound: they are not on the roll.
    """
    _open(session, key, reason, who)
    _check_on_roll(session, key, member_id)
    rows = [_new(key, Kind.TAKEN_OFF, reason, who, now, member=one) for one in _ids(session, member_id)]
    _keep(session, key, rows, who, now)


def left_early(
    session: Session, key: Key, member_id: str, minute: int | None, reason: str, who: Person, now: datetime
) -> None:
    """Somebody on the roll went so many minutes after the planned start.

    Raises:
        NotFound: they are not on the roll.
        Rejected: there is no such minute, or they had not come by then.
    """
    _open(session, key, reason, who)
    _check_on_roll(session, key, member_id)
    if minute is None:
        raise Rejected("minutes_wrong", _("Say after how many minutes they went."))
    _check_minute(minute)
    came = session.get_one(SignInRow, (*key, member_id)).at
    if session.get_one(SessionRow, key).planned_start + timedelta(minutes=minute) <= came:
        raise Rejected("minutes_wrong", _("By then they had not come yet."))
    rows = [_new(key, Kind.LEFT, reason, who, now, member=one) for one in _ids(session, member_id)]
    for row in rows:
        row.to_minute = minute
    _keep(session, key, rows, who, now)


def count_heads(session: Session, key: Key, people: int | None, reason: str, who: Person, now: datetime) -> None:
    """So many people were in the room.

    Raises:
        Rejected: it is no number of people.
    """
    _open(session, key, reason, who)
    if people is None or not 0 <= people <= MOST_PEOPLE:
        raise Rejected("people_wrong", _("Give the number of people, from 0 to %(most)s.", most=MOST_PEOPLE))
    row = _new(key, Kind.COUNTED, reason, who, now)
    row.people = people
    _keep(session, key, [row], who, now)


def read_sheet(session: Session, key: Key, typed: str) -> list[Line]:
    """A paper roll as typed, a number a line (or with a space or a comma between), each with whom it means."""
    lines: list[Line] = []
    seen: set[str] = set()
    there = set(session.scalars(select(SignInRow.member_id).where(*_roll_of(key))))
    mine = session.scalars(select(Member).where(Member.station_id == key[1], Member.active))
    numbered = {member.number: member for member in mine}
    for text in re.split(r"[\s,，、;；]+", typed.strip())[: LONGEST_SHEET + 1]:
        member = numbered.get(text)
        if text:
            lines.append(
                Line(text[:20], member, twice=text in seen, on_roll=member is not None and str(member.id) in there)
            )
        seen.add(text)
    if lines and lines[-1].member is None and typed[-1:].isdigit():
        begun = any(number.startswith(lines[-1].typed) for number in numbered)
        lines[-1] = replace(lines[-1], begun=begun)
    return lines


def keep_sheet(session: Session, key: Key, typed: str, reason: str, who: Person, now: datetime) -> int:
    """Keep a paper roll: all of it or nothing. Those who are on the roll already stay as they are.

    Returns:
        How many came onto the roll by it.

    Raises:
        Rejected: a number is nobody's here, there is none at all, or the reason is missing.
    """
    _open(session, key, reason, who)
    lines = read_sheet(session, key, typed)
    if not lines:
        raise Rejected("sheet_empty", _("Type the numbers of those who signed, one a line."))
    if len(lines) > LONGEST_SHEET:
        raise Rejected("sheet_long", _("That is more than %(most)s numbers; save it in parts.", most=LONGEST_SHEET))
    if wrong := [line.typed for line in lines if line.member is None]:
        numbers = "、".join(wrong[:12])
        raise Rejected(
            "sheet_wrong", _("Nobody here has these numbers: %(numbers)s. Nothing is saved.", numbers=numbers)
        )
    new = [str(line.member.id) for line in lines if line.member and not line.twice and not line.on_roll]
    rows = [_new(key, Kind.ADDED, reason, who, now, member=member) for member in new]
    for row in rows:
        row.means = Means.PAPER.value
    if rows:
        _keep(session, key, rows, who, now, as_sheet=True)
    return len(rows)


def hold_without_box(session: Session, key: Key, reason: str, who: Person, now: datetime) -> None:
    """A lesson that the station's timetable had was held although no box has reported it; paper rolls can be kept then.

    Nothing is known to have been shown, so no hours count, until a box reports it after all.

    Raises:
        NotFound: the timetable has no such airing.
        Conflict: it is reported or noted already, or not over yet.
    """
    station = _station(session, key[1], who)
    _check_reason(reason)
    if session.get(SessionRow, key) is not None:
        raise Conflict("session_known", _("This session is here already."))
    airing = next((one for one in airings_at(session, station, now, AHEAD) if one.id == key[0]), None)
    if airing is None:
        raise NotFound("airing_unknown", _("The timetable of this station has no such lesson."))
    if airing.start > now:
        raise Conflict("not_yet", _("This lesson has not begun yet."))
    row = _new(key, Kind.HELD, reason, who, now)
    held = Held(lesson=airing.lesson, planned_start=airing.start, planned_ms=airing.duration_ms)
    row.held = msgspec.json.encode(held).decode()
    _keep(session, key, [row], who, now)


def airings_at(session: Session, station: Station, now: datetime, ahead: timedelta = timedelta()) -> Sequence[Airing]:
    """What a station's timetable had in the last weeks and has `ahead`, the newest first."""
    code, window = station.region_code, (now - WITHOUT_BOX, now + ahead + timedelta(seconds=1))
    airings = timetables_in_force(session, [code], window)[code].airings
    return sorted(
        (one for one in airings if window[0] <= one.start < window[1]), key=lambda one: one.start, reverse=True
    )


def take_back(session: Session, key: Key, number: int, reason: str, who: Person, now: datetime) -> int:
    """Take a correction back by another one; of a paper roll, all that it brought.

    Returns:
        How many were taken back.

    Raises:
        NotFound: there is no such correction in force.
    """
    _station(session, key[1], who)
    _check_reason(reason)
    found = session.get(CorrectionRow, (*key, number))
    holding = {one.number for one in in_force(service.corrections_of(session, *key))}
    if found is None:
        raise NotFound("correction_unknown", _("There is no such correction."))
    of_sheet = (*_of(key), CorrectionRow.sheet == found.sheet)
    same = session.scalars(select(CorrectionRow.number).where(*of_sheet)).all() if found.sheet else [number]
    still = sorted(holding & {*same})
    if not still:
        raise Conflict("taken_back", _("This correction was taken back already."))
    rows = [_new(key, Kind.REVOKED, reason, who, now) for _one in still]
    for row, revoked in zip(rows, still, strict=True):
        row.revokes = revoked
    _keep(session, key, rows, who, now)
    return len(rows)


def _open(session: Session, key: Key, reason: str, who: Person) -> Station:
    """The station, where the session is here and may be corrected with this reason."""
    station = _station(session, key[1], who)
    if session.get(SessionRow, key, populate_existing=True) is None:
        raise NotFound("session_unknown", _("There is no such session, or it has not been reported yet."))
    _check_reason(reason)
    return station


def _station(session: Session, station_id: UUID, who: Person) -> Station:
    """The station, locked: one writer of its sessions at a time."""
    station = session.get(Station, station_id, with_for_update=True)
    if station is None:
        raise NotFound("station_unknown", _("There is no such station."))
    if not who.reaches(station.region_code):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))
    return station


def _check_reason(reason: str) -> None:
    if not _written(reason):
        raise Rejected("reason_missing", _("Please write why. It is kept with the correction."))


def _written(reason: str) -> str:
    return "".join(filter(str.isprintable, reason)).strip()


def _check_minute(minute: int | None) -> None:
    if minute is not None and not 0 <= minute <= LONGEST_MINUTE:
        raise Rejected("minutes_wrong", _("Minutes go from 0 to %(most)s.", most=LONGEST_MINUTE))


def _ids(session: Session, member_id: str) -> list[str]:
    """The ids under which facts may have somebody: also those of records that were merged into theirs."""
    member = members_by_id(session, [member_id]).get(member_id)
    return [str(one) for one in ids_of(session, member.id)] if member else [member_id]


def _check_on_roll(session: Session, key: Key, member_id: str) -> None:
    if not _on_roll(session, key, member_id):
        raise NotFound("not_on_roll", _("They are not on the roll of this session."))


def _on_roll(session: Session, key: Key, member_id: str) -> bool:
    return session.get(SignInRow, (*key, member_id)) is not None


def _numbered(session: Session, station: Station, number: str) -> Member:
    member = member_numbered(session, station.id, number.strip())
    if member is None:
        raise Rejected("number_unknown", _("Nobody at this station has the number %(number)s.", number=number[:20]))
    return member


def _new(key: Key, kind: Kind, reason: str, who: Person, now: datetime, member: str = "") -> CorrectionRow:
    return CorrectionRow(
        airing_id=key[0],
        station_id=key[1],
        kind=kind.value,
        member_id=member,
        means=Means.HAND.value,
        sheet=0,
        revokes=0,
        held="",
        reason=_written(reason)[:REASON_CHARS],
        at=now,
        by=who.id,
    )


def _keep(
    session: Session, key: Key, rows: Sequence[CorrectionRow], who: Person, now: datetime, *, as_sheet: bool = False
) -> None:
    """Number the rows on, add them, derive the session again; figures of its day are marked by that."""
    last = session.scalar(select(func.max(CorrectionRow.number)).where(*_of(key))) or 0
    before = session.get(SessionRow, key)
    told = {"present": before.present, "head_count": before.head_count} if before else None
    for number, row in enumerate(rows, last + 1):
        row.number, row.sheet = number, last + 1 if as_sheet else 0
    session.add_all(rows)
    session.flush()
    service.derive(session, *key)
    after = session.get(SessionRow, key)
    audit(
        session,
        who=who,
        action=f"roll.{rows[0].kind}",
        subject=f"session {key[0]}/{key[1]}",
        now=now,
        before=told,
        after={
            "corrections": [row.number for row in rows],
            "reason": rows[0].reason,
            "present": after.present if after else None,
            "head_count": after.head_count if after else None,
        },
    )


def _of(key: Key) -> tuple[ColumnElement[bool], ...]:
    return CorrectionRow.airing_id == key[0], CorrectionRow.station_id == key[1]


def _roll_of(key: Key) -> tuple[ColumnElement[bool], ...]:
    return SignInRow.airing_id == key[0], SignInRow.station_id == key[1]
