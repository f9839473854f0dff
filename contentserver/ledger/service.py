"""Entries that people write: drafts, what is written, corrected, noted, removed. Nothing here commits.

What was written before a change: `history.py`. What arises by itself: `arising.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.ledger import history, kinds, rules, words
from contentserver.ledger.kinds import InForce
from contentserver.ledger.models import LedgerDraft, LedgerEntry, LedgerPhotograph
from contentserver.ledger.rules import Belongs, Fault, FieldType, KindOfEntry
from contentserver.stars import keep_photograph
from contentserver.stations import Station
from schedules.holidays import HolidayTable

FOLDER: Final = "ledger"
"""Of the server's data: where photographs of entries lie."""
MOST_PICTURES: Final = 12
WHY_LONGEST, NOTE_LONGEST = 300, 500
OFFERED: Final = 8
"""Values of a field that were written last."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that somebody brought."""

    data: bytes
    name: str
    signature: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was typed; `values` by the names of the kind's fields."""

    day: str
    values: Mapping[str, str] = field(default_factory=dict)
    signers: str = ""


def folder_of(data_dir: Path) -> Path:
    """Where photographs of the ledger lie."""
    return data_dir / FOLDER


def draft_of(session: Session, station_id: UUID, kind: str, who: Person) -> LedgerDraft | None:
    """What somebody has typed so far of an entry of this kind."""
    query = select(LedgerDraft).where(
        LedgerDraft.station_id == station_id, LedgerDraft.kind == kind, LedgerDraft.by == who.id
    )
    return session.scalar(query)


def drafts_of(session: Session, station_id: UUID, who: Person) -> Sequence[LedgerDraft]:
    """Everything that somebody has begun at a station."""
    query = select(LedgerDraft).where(LedgerDraft.station_id == station_id, LedgerDraft.by == who.id)
    return session.scalars(query.order_by(LedgerDraft.saved_at.desc())).all()


def keep_draft(session: Session, station: Station, kind: str, typed: Typed, who: Person, now: datetime) -> LedgerDraft:
    """Keep what somebody has typed so far; the next time it stands in the form."""
    _require_keeper(who, station)
    kinds.kind_in(session, station.region_code, kind)
    row = draft_of(session, station.id, kind, who)
    if row is None:
        row = LedgerDraft(station_id=station.id, kind=kind, by=who.id, typed="", saved_at=now)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # the same form is kept in the same moment
            row = draft_of(session, station.id, kind, who) or row
    longest = rules.LINES_LONGEST + 1
    cut = {name[:20]: text[:longest] for name, text in list(typed.values.items())[: kinds.MOST_FIELDS]}
    kept = Typed(typed.day[:20], cut, typed.signers[: rules.MOST_SIGNERS * (rules.SIGNER_LONGEST + 1) + 1])
    row.typed, row.saved_at = msgspec.json.encode(kept).decode(), now
    session.flush()
    return row


def typed_in(row: LedgerDraft) -> Typed:
    """What a draft has."""
    return msgspec.json.decode(row.typed, type=Typed)


def faults_of(session: Session, row: LedgerDraft, kind: KindOfEntry, now: datetime) -> Mapping[str, object]:
    """What keeps a draft from being written, by field; nothing where it could be."""
    try:
        _checked(kind, typed_in(row), pictures_of_draft(session, row), now)
    except Rejected as error:
        return error.fields
    return {}


def throw_away(session: Session, row: LedgerDraft) -> None:
    """Somebody does not write it after all; photographs go with it."""
    for one in pictures_of_draft(session, row):
        session.delete(one)
    session.flush()
    session.delete(row)
    session.flush()


def pictures_of_draft(session: Session, row: LedgerDraft) -> Sequence[LedgerPhotograph]:
    """The photographs of a draft."""
    query = select(LedgerPhotograph).where(LedgerPhotograph.draft_id == row.id, LedgerPhotograph.removed_at.is_(None))
    return session.scalars(query.order_by(LedgerPhotograph.at, LedgerPhotograph.id)).all()


def add_pictures(
    session: Session,
    folder: Path,
    brought: Sequence[Picture],
    *,
    who: Person,
    now: datetime,
    draft: LedgerDraft | None = None,
    entry: LedgerEntry | None = None,
) -> None:
    """Keep photographs of a draft or of an entry, without what the camera wrote beside them.

    Raises:
        Rejected: one is none or too large, its name is said; or there are too many.
    """
    there = (
        list(pictures_of_draft(session, draft)) if draft else list(history.photographs_of(session, [_entry_id(entry)]))
    )
    for picture in brought:
        where = "signatures" if picture.signature else "photographs"
        if len(there) >= MOST_PICTURES:
            sentence = _("There are %(number)s photographs already. Remove one.", number=MOST_PICTURES)
            raise Rejected("photographs_enough", sentence, {where: sentence})
        try:
            kept = keep_photograph(folder, picture.data)
        except Rejected as error:
            sentence = _("%(file)s: %(why)s", file=picture.name[:60] or "?", why=error.sentence)
            raise Rejected(error.code, sentence, {where: sentence}) from error
        if any(one.digest == kept.digest and one.signature == picture.signature for one in there):
            continue
        made = LedgerPhotograph(
            entry_id=entry.id if entry else None,
            draft_id=draft.id if draft else None,
            signature=picture.signature,
            digest=kept.digest,
            width=kept.width,
            height=kept.height,
            bytes=kept.bytes,
            at=now,
            by=who.id,
        )
        session.add(made)
        there.append(made)
    session.flush()


def write(
    session: Session, station: Station, kind: InForce, typed: Typed, who: Person, now: datetime, calendar: HolidayTable
) -> LedgerEntry:
    """Write an entry; the draft of it goes, its photographs come along.

    Raises:
        Forbidden: the station lies outside the person's region, or the kind arises by itself.
        Rejected: a value is wrong, or something is missing.
    """
    _require_keeper(who, station)
    if not kind.kind.typed:
        raise Forbidden("kind_arises", _("Entries of this kind arise by themselves."))
    draft = draft_of(session, station.id, kind.code, who)
    pictures = pictures_of_draft(session, draft) if draft else ()
    day, values, signers = _checked(kind.kind, typed, pictures, now)
    row = LedgerEntry(
        station_id=station.id,
        region_code=station.region_code,
        kind=kind.code,
        version=kind.version,
        day=day,
        month=rules.month_of(day),
        title=rules.title_of(kind.kind, values),
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
    kind = kinds.as_written(session, row.kind, row.version, row.region_code)
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
        day, values, row.signers = _checked(kind, typed, pictures, now)
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


def offered(session: Session, station_id: UUID, kind: InForce) -> dict[str, list[str]]:
    """For each field with text, what was written there last, the newest first, each once."""
    query = select(LedgerEntry.fields).where(
        LedgerEntry.station_id == station_id, LedgerEntry.kind == kind.code, LedgerEntry.removed_at.is_(None)
    )
    found: dict[str, list[str]] = {one.name: [] for one in kind.kind.fields if one.type is FieldType.TEXT}
    for text in session.scalars(query.order_by(LedgerEntry.day.desc(), LedgerEntry.id.desc()).limit(4 * OFFERED)):
        values = msgspec.json.decode(text, type=dict[str, str])
        for name, before in found.items():
            if (value := values.get(name)) and value not in before and len(before) < OFFERED:
                before.append(value)
    return found


def may_keep(who: Person, station: Station) -> bool:
    """Whether somebody writes into a station's book."""
    return who.may(Right.KEEP_RECORD) and who.reaches(station.region_code)


def _checked(
    kind: KindOfEntry, typed: Typed, pictures: Sequence[LedgerPhotograph], now: datetime
) -> tuple[date, dict[str, str], str]:
    found, (signers, fault) = rules.check(kind, typed.values), rules.check_signers(typed.signers)
    faults = dict(found.faults)
    day = rules.day_of(typed.day)
    if day is None or day < clock.EARLIEST:
        faults = {"day": Fault.NO_DAY, **faults}
    elif day > clock.local(now).date():
        faults = {"day": Fault.FUTURE, **faults}
    if kind.signatures is Belongs.NO:
        signers = ""
    elif fault is not None:
        faults["signers"] = fault
    signed = sum(one.signature for one in pictures)
    faults |= rules.lacks(kind, photographs=len(pictures) - signed, signatures=signed, signers=signers)
    if faults or day is None:
        raise Rejected(
            "entry_wrong",
            _("Please look at this again."),
            {name: words.fault_of(kind, name, one) for name, one in faults.items()},
        )
    return day, dict(found.values), signers


def _day(typed: Typed, now: datetime) -> date:
    return rules.day_of(typed.day) or clock.local(now).date()


def _why(text: str) -> str:
    plain = rules.clean(text)
    if not plain or len(plain) > WHY_LONGEST:
        sentence = _("Say why, in at most 300 characters.")
        raise Rejected("why_missing", sentence, {"why": sentence})
    return plain


def _require_keeper(who: Person, station: Station) -> None:
    if not may_keep(who, station):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))


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


def _entry_id(entry: LedgerEntry | None) -> UUID:
    if entry is None:
        raise ValueError("photographs belong to a draft or to an entry")
    return entry.id


def _where_station(session: Session, station_id: UUID) -> str:
    return session.get_one(Station, station_id).region_code
