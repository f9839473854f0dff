"""What the administrators of stations are told: kept in an outbox, shown on their pages until they say that they know.

`keep` is the way that needs nothing but the pages; another one, by SMS say, is bound in its place or after it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import NotFound
from contentserver.readiness.models import StationNote
from contentserver.readiness.ports import Telling, TellStation
from contentserver.readiness.reasons import AnyNoted, OutcomeAsked
from contentserver.regions import subtree_filter
from contentserver.stations import Station

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Note:
    """A note as a page shows it."""

    id: UUID
    station: str
    airing_start: datetime
    lesson_title: str
    reason: AnyNoted
    made_at: datetime
    delivered_at: datetime | None
    delivered_by: str

    @property
    def case(self) -> str:
        """The question of which the note asks what came of it; empty where it is about an airing."""
        return self.reason.case if isinstance(self.reason, OutcomeAsked) else ""


def keep(session: Session, telling: Telling, now: datetime, by: UUID | None) -> bool:
    """Write a note down for the station's pages; see `ports.TellStation`."""
    code = telling.reason.__struct_config__.tag
    known = select(StationNote.id).where(
        StationNote.station_id == telling.station_id,
        StationNote.airing_id == telling.airing_id,
        StationNote.code == code,
    )
    if session.scalar(known) is not None:
        return False
    session.add(
        StationNote(
            station_id=telling.station_id,
            airing_id=telling.airing_id,
            airing_start=telling.airing_start,
            lesson_title=telling.lesson_title,
            code=code,
            params=msgspec.json.encode(telling.reason).decode(),
            made_at=now,
            made_by=by,
        )
    )
    session.flush()
    return True


def tell_all(
    session: Session, tellings: Sequence[Telling], tell: TellStation, who: Person, now: datetime
) -> tuple[int, int]:
    """Somebody has several stations told.

    Returns:
        How many are told now, and how many had been told the same before.
    """
    told = sum(tell(session, telling, now, who.id) for telling in tellings)
    if told:
        stations = sorted(str(telling.station_id) for telling in tellings)
        audit(session, who=who, action="stations.told", subject="readiness", now=now, after={"stations": stations})
    return told, len(tellings) - told


def told_of(session: Session, airing_ids: Iterable[str]) -> dict[UUID, Note]:
    """The newest note about some airings, by station."""
    wanted = sorted(set(airing_ids))
    found: dict[UUID, Note] = {}
    for first in range(0, len(wanted), AT_ONCE):
        query = _notes().where(StationNote.airing_id.in_(wanted[first : first + AT_ONCE]))
        for row, station in session.execute(query.order_by(StationNote.made_at)):
            found[row.station_id] = _note(row, station)
    return found


def open_notes(session: Session, root: str, now: datetime, station_id: UUID | None = None) -> list[Note]:
    """What a subtree or one station is told of airings to come, and nobody has read yet; the soonest first."""
    query = _notes().where(
        StationNote.airing_start > now,
        StationNote.delivered_at.is_(None),
        subtree_filter(Station.region_code, root),
    )
    if station_id is not None:
        query = query.where(StationNote.station_id == station_id)
    rows = session.execute(query.order_by(StationNote.airing_start, StationNote.made_at))
    return [_note(row, station) for row, station in rows]


def untold(session: Session, since: datetime, now: datetime) -> list[tuple[Note, str]]:
    """What was written down since an instant and nobody has read yet, with the code of the station's region."""
    query = select(StationNote, Station.name, Station.region_code).join(Station, Station.id == StationNote.station_id)
    query = query.where(StationNote.made_at > since, StationNote.delivered_at.is_(None), StationNote.airing_start > now)
    rows = session.execute(query.order_by(StationNote.made_at, StationNote.id))
    return [(_note(row, station), code) for row, station, code in rows]


def note_asked(session: Session, note_id: UUID, who: Person) -> StationNote:
    """A note to a station of the person's region.

    Raises:
        NotFound: there is no such note, or its station lies outside the person's region.
    """
    row = session.get(StationNote, note_id)
    station = session.get(Station, row.station_id) if row else None
    if row is None or station is None or not who.reaches(station.region_code):
        raise NotFound("note_unknown", _("There is no such note."))
    return row


def mark_read(session: Session, note_id: UUID, who: Person, now: datetime) -> None:
    """Somebody of the station says that they know; saying it twice changes nothing.

    Raises:
        NotFound: there is no such note, or its station lies outside the person's region.
    """
    row = note_asked(session, note_id, who)
    if row.delivered_at is None:
        row.delivered_at, row.delivered_by = now, who.display_name
        audit(session, who=who, action="note.read", subject=f"note {note_id}", now=now)


def settle(session: Session, subject_id: str, by: str, now: datetime) -> None:
    """What notes ask about a subject is done: nobody has to read them any more."""
    session.execute(
        update(StationNote)
        .where(StationNote.airing_id == subject_id, StationNote.delivered_at.is_(None))
        .values(delivered_at=now, delivered_by=by)
    )


def _notes() -> Select[StationNote, str]:
    return select(StationNote, Station.name).join(Station, Station.id == StationNote.station_id)


def _note(row: StationNote, station: str) -> Note:
    return Note(
        id=row.id,
        station=station,
        airing_start=row.airing_start,
        lesson_title=row.lesson_title,
        reason=msgspec.json.decode(row.params, type=AnyNoted),
        made_at=row.made_at,
        delivered_at=row.delivered_at,
        delivered_by=row.delivered_by,
    )
