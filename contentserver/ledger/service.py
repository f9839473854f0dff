"""Entries that people write: what is written, corrected, noted, removed. Nothing here commits.

What is typed before that: `drafting.py`. What was written before a change: `history.py`. What arises by itself:
`arising.py`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.bylaws import InForce
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.ledger import history, kinds, rules
from contentserver.ledger.drafting import (
    Picture,
    Typed,
    add_pictures,
    checked,
    draft_of,
    pictures_of_draft,
    require_keeper,
)
from contentserver.ledger.models import LedgerDraft, LedgerEntry, LedgerPhotograph
from contentserver.ledger.rules import FieldType, KindOfEntry
from contentserver.stations import Station
from schedules.holidays import HolidayTable

WHY_LONGEST, NOTE_LONGEST = 300, 500
OFFERED: Final = 8
"""Values of a field that were written last."""


def write(
    session: Session,
    station: Station,
    kind: InForce[KindOfEntry],
    typed: Typed,
    who: Person,
    now: datetime,
    calendar: HolidayTable,
) -> LedgerEntry:
    """Write an entry; the draft of it goes, its photographs come along.

    Raises:
        Forbidden: the station lies outside the person's region, or the kind arises by itself.
        Rejected: a value is wrong, or something is missing.
    """
    require_keeper(who, station)
    if not kind.law.typed:
        raise Forbidden("kind_arises", _("Entries of this kind arise by themselves."))
    draft = draft_of(session, station.id, kind.code, who)
    pictures = pictures_of_draft(session, draft) if draft else ()
    day, values, signers = checked(kind.law, typed, pictures, now)
    row = LedgerEntry(
        station_id=station.id,
        region_code=station.region_code,
        kind=kind.code,
        version=kind.version,
        day=day,
        month=rules.month_of(day),
        title=rules.title_of(kind.law, values),
        fields=msgspec.json.encode(values).decode(),
        signers=signers,
        written_at=now,
        written_by=who.id,
        late=history.is_late(day, now, calendar),
    )
    session.add(row)
    session.flush()
    for one in pictures:
        one.entry_id, one.draft_id = row.id, None
    session.flush()
    if draft is not None:
        session.delete(draft)
    session.flush()
    audit(
        session,
        who=who,
        action="ledger.written",
        subject=f"ledger entry {row.id}",
        now=now,
        after={"station": str(station.id), "kind": kind.code, "day": day, "late": row.late},
    )
    return row


def correct(
    session: Session,
    row: LedgerEntry,
    typed: Typed,
    *,
    why: str,
    saved: str,
    without: frozenset[UUID],
    brought: Sequence[Picture],
    folder: Path,
    who: Person,
    now: datetime,
    calendar: HolidayTable,
) -> None:
    """Set an entry right; what it said before stays in its history.

    Args:
        saved: the count of changes that the person saw.
        without: photographs that are taken away.

    Raises:
        Forbidden: the entry arose by itself.
        Rejected: a value is wrong, or nobody said why.
        Conflict: somebody else has changed it meanwhile.
    """
    _require_typed(row)
    _require_same(row, saved)
    kind = kinds.KINDS.named(session, row.kind, row.version, row.region_code)
    before = history.said(session, row)
    with session.begin_nested():
        change = history.keep(
            session, row, "corrected", who=who, why=_why(why), now=now, calendar=calendar, other_day=_day(typed, now)
        )
        for one in history.photographs_of(session, [row.id]):
            if one.id in without:
                one.removed_at = now
        session.flush()
        add_pictures(session, folder, brought, who=who, now=now, entry=row)
        pictures = history.photographs_of(session, [row.id])
        day, values, row.signers = checked(kind, typed, pictures, now)
        row.day, row.month, row.title = day, rules.month_of(day), rules.title_of(kind, values)
        row.fields = msgspec.json.encode(values).decode()
        session.flush()
        if history.said(session, row) == before:
            raise Rejected("entry_same", _("Nothing was changed."))
    _note(session, row, "ledger.corrected", who, now, {"number": change.number, "why": change.why, "late": change.late})


def annotate(session: Session, row: LedgerEntry, note: str, who: Person, now: datetime, calendar: HolidayTable) -> None:
    """Add a note to an entry; what stood there before stays in its history.

    Raises:
        Rejected: it is too long.
    """
    text = rules.clean(note, lines=True)
    if len(text) > NOTE_LONGEST:
        sentence = _("Please use at most %(number)s characters.", number=NOTE_LONGEST)
        raise Rejected("note_long", sentence, {"note": sentence})
    if text == row.note:
        return
    history.keep(session, row, "noted", who=who, why="", now=now, calendar=calendar)
    row.note = text
    _note(session, row, "ledger.noted", who, now, {})


def remove(
    session: Session, row: LedgerEntry, why: str, who: Person, now: datetime, calendar: HolidayTable, *, back: bool
) -> None:
    """Take an entry out of the book, or put it back, with a reason; doing it twice changes nothing."""
    _require_typed(row)
    if (row.removed_at is None) is back:
        return
    what = "put_back" if back else "removed"
    history.keep(session, row, what, who=who, why="" if back else _why(why), now=now, calendar=calendar)
    row.removed_at = None if back else now
    _note(session, row, f"ledger.{what}", who, now, {})


def entry_with(session: Session, entry_id: UUID) -> LedgerEntry:
    """The entry with this id, one that was removed too.

    Raises:
        NotFound: there is none.
    """
    row = session.get(LedgerEntry, entry_id)
    if row is None:
        raise NotFound("entry_unknown", _("There is no such entry."))
    return row


def where_entry(session: Session, entry_id: UUID) -> str:
    """The region of the station in whose book an entry stands."""
    return _where_station(session, entry_with(session, entry_id).station_id)


def where_photograph(session: Session, picture_id: UUID) -> str:
    """The region of the station of whose entry, or draft, it is a photograph."""
    row = session.get(LedgerPhotograph, picture_id)
    entry = session.get(LedgerEntry, row.entry_id) if row and row.entry_id else None
    draft = session.get(LedgerDraft, row.draft_id) if row and row.draft_id else None
    belongs = entry or draft
    if belongs is None:
        raise NotFound("photograph_unknown", _("There is no such photograph."))
    return _where_station(session, belongs.station_id)


def offered(session: Session, station_id: UUID, kind: InForce[KindOfEntry]) -> dict[str, list[str]]:
    """For each field with text, what was written there last, the newest first, each once."""
    query = select(LedgerEntry.fields).where(
        LedgerEntry.station_id == station_id, LedgerEntry.kind == kind.code, LedgerEntry.removed_at.is_(None)
    )
    found: dict[str, list[str]] = {one.name: [] for one in kind.law.fields if one.type is FieldType.TEXT}
    for text in session.scalars(query.order_by(LedgerEntry.day.desc(), LedgerEntry.id.desc()).limit(4 * OFFERED)):
        values = msgspec.json.decode(text, type=dict[str, str])
        for name, before in found.items():
            if (value := values.get(name)) and value not in before and len(before) < OFFERED:
                before.append(value)
    return found


def _day(typed: Typed, now: datetime) -> date:
    return rules.day_of(typed.day) or clock.local(now).date()


def _why(text: str) -> str:
    plain = rules.clean(text)
    if not plain or len(plain) > WHY_LONGEST:
        sentence = _("Say why, in at most 300 characters.")
        raise Rejected("why_missing", sentence, {"why": sentence})
    return plain


def _require_typed(row: LedgerEntry) -> None:
    if row.source:
        raise Forbidden("entry_arose", _("This entry arose by itself. Set right what it comes from; it follows."))


def _require_same(row: LedgerEntry, saved: str) -> None:
    if saved != str(row.saved):
        sentence = _("Somebody else has changed this entry meanwhile. Look at it, then save again.")
        raise Conflict("entry_changed", sentence)


def _note(
    session: Session, row: LedgerEntry, action: str, who: Person, now: datetime, after: dict[str, object]
) -> None:
    session.flush()
    audit(session, who=who, action=action, subject=f"ledger entry {row.id}", now=now, after=after)


def _where_station(session: Session, station_id: UUID) -> str:
    return session.get_one(Station, station_id).region_code
