"""What people type before it stands in the book: drafts, their photographs, what keeps one from being written.

Nothing here commits. What is written then: `service.py`.
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

from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Forbidden, Rejected
from contentserver.ledger import history, kinds, rules, words
from contentserver.ledger.models import LedgerDraft, LedgerEntry, LedgerPhotograph
from contentserver.ledger.rules import Belongs, Fault, KindOfEntry
from contentserver.stars import keep_photograph
from contentserver.stations import Station

FOLDER: Final = "ledger"
"""Of the server's data: where photographs of entries lie."""
MOST_PICTURES: Final = 12


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
    require_keeper(who, station)
    kinds.KINDS.one(session, station.region_code, kind)
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
        checked(kind, typed_in(row), pictures_of_draft(session, row), now)
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


def may_keep(who: Person, station: Station) -> bool:
    """Whether somebody writes into a station's book."""
    return who.may(Right.KEEP_RECORD) and who.reaches(station.region_code)


def require_keeper(who: Person, station: Station) -> None:
    """Raises Forbidden where somebody does not write into a station's book."""
    if not may_keep(who, station):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))


def checked(
    kind: KindOfEntry, typed: Typed, pictures: Sequence[LedgerPhotograph], now: datetime
) -> tuple[date, dict[str, str], str]:
    """What was typed as it would be written: its day, its values by name, who signed.

    Raises:
        Rejected: a value is wrong, or something is missing; field by field.
    """
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


def _entry_id(entry: LedgerEntry | None) -> UUID:
    if entry is None:
        raise ValueError("photographs belong to a draft or to an entry")
    return entry.id
