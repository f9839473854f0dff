"""Which papers are to be laid out anew: whoever changes what one is made of leaves a mark, in the same transaction.

Nobody has to think of it: the sessions are watched for changes of some tables. So the link, whichever program has
changed something and on whichever machine, lays out what is due with its next look, and nothing else. What changes with
time alone, or in a statement that changes rows by the hundred, comes with the upkeep.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, UOWTransaction

from contentserver.kernel.db import Base, Database
from contentserver.papers.models import PaperMark, PaperRow
from schedules.wire.messages import PaperKind

MadeOf = Mapping[PaperKind, Collection[type[Base]]]
"""The tables of which papers of a kind are made."""
LayOut = Callable[[Session], object]
AT_ONCE = 500


def watch(database: Database, made_of: MadeOf) -> None:
    """From now on, changes of these tables in sessions of a database leave marks."""

    def changed(session: Session, _context: UOWTransaction) -> None:
        touched = {type(one) for one in _touched(session)}
        for kind, tables in made_of.items():
            if not touched.isdisjoint(tables):
                session.execute(insert(PaperMark).values(kind=kind.value))

    database.after_flush(changed)


def catch_up(session: Session, lay_outs: Mapping[PaperKind, LayOut]) -> set[UUID]:
    """Lay out the kinds that have marks, and take the marks away that were there before.

    Returns:
        The stations that have another paper now.
    """
    marks = session.execute(select(PaperMark.id, PaperMark.kind)).all()
    due, changed = {kind for _id, kind in marks}, set[UUID]()
    for kind, lay_out in lay_outs.items():
        if kind.value in due:
            before = _versions(session, kind)
            lay_out(session)
            changed |= {station_id for station_id, _version in before ^ _versions(session, kind)}
    for first in range(0, len(marks), AT_ONCE):
        some = [mark_id for mark_id, _kind in marks[first : first + AT_ONCE]]
        session.execute(delete(PaperMark).where(PaperMark.id.in_(some)))
    return changed


def due(session: Session) -> bool:
    """Whether some papers are to be laid out anew."""
    return session.scalar(select(PaperMark.id).limit(1)) is not None


def _versions(session: Session, kind: PaperKind) -> set[tuple[UUID, str]]:
    query = select(PaperRow.station_id, PaperRow.version).where(PaperRow.kind == kind)
    return {(station_id, version) for station_id, version in session.execute(query)}


def _touched(session: Session) -> Iterable[object]:
    yield from session.new
    yield from session.deleted
    yield from (one for one in session.dirty if session.is_modified(one))
