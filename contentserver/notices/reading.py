"""Which stations have read a notice, derived from what televisions said.

Each word is taken under its event's own key, so that deriving again changes nothing, however late and however often it
comes. Where that was the event says, and settles anew when it learns better. What a word is worth: `rules.py`.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from contentserver.attendance import IS_EXCHANGE, EventRow
from contentserver.boxes import Box
from contentserver.kernel.auth import Person
from contentserver.kernel.pagination import Page, cut
from contentserver.notices import reaching, rules
from contentserver.notices.models import NoticeReading, NoticeRow
from contentserver.notices.rules import Outcome, Published
from contentserver.regions import subtree_filter
from contentserver.stations import Station, stations_in
from schedules.wire.codec import Unreadable, decode_body
from schedules.wire.messages import NoticeRead

OVERLAP = timedelta(hours=1)
"""Programs that take events in side by side commit them out of order; not by so much."""

Taken = Counter[Outcome]


@dataclass(frozen=True, slots=True)
class Reader:
    """A station that a notice is for.

    Attributes:
        read_at: when its newest version was first opened there; None where it was not.
        earlier: a version before it was.
        has_box: a television stands there.
    """

    station: Station
    read_at: datetime | None
    earlier: bool
    has_box: bool


def take_readings(session: Session) -> Taken:
    """Take what televisions said since the last time; gives back how many words had which outcome."""
    newest = session.scalar(select(func.max(NoticeReading.received_at)))
    columns = (EventRow.box_id, EventRow.epoch, EventRow.sequence, EventRow.at, EventRow.received_at, EventRow.body)
    query = select(*columns).where(IS_EXCHANGE, EventRow.kind == "notice_read", ~exists().where(_same_event()))
    if newest is not None:
        query = query.where(EventRow.received_at >= newest - OVERLAP)
    rows = session.execute(query).all()
    said = [(row, body) for row in rows if (body := _body(row.body)) is not None]
    known = _published(session, {body.notice for _row, body in said})
    taken: Taken = Counter()
    for row, body in said:
        notice = known.get(body.notice)
        found = rules.outcome(notice[1] if notice else None, body.version)
        taken[found] += 1
        if notice is None or found is not Outcome.COUNTS:
            continue
        session.add(
            NoticeReading(
                box_id=row.box_id,
                epoch=row.epoch,
                sequence=row.sequence,
                notice_id=notice[0],
                version=body.version,
                read_at=rules.read_at(row.at, row.received_at, notice[1].published_at),
                received_at=row.received_at,
            )
        )
    session.flush()
    return taken


def _body(text: str) -> NoticeRead | None:
    try:
        body = decode_body(text.encode())
    except Unreadable:
        return None
    return body if isinstance(body, NoticeRead) else None


def _published(session: Session, names: Collection[str]) -> Mapping[str, tuple[UUID, Published]]:
    """By the name that televisions use, the notices that were ever published."""
    ids = {one: name for name in names if (one := rules.notice_id(name)) is not None}
    query = select(NoticeRow.id, NoticeRow.version, NoticeRow.published_at).where(
        NoticeRow.id.in_(ids), NoticeRow.published_at.is_not(None)
    )
    found = session.execute(query).all()
    return {ids[one]: (one, Published(version, at)) for one, version, at in found if at is not None}


def readers(session: Session, notice: NoticeRow, who: Person) -> list[Reader]:
    """Every station that the notice is for, of the person's own, in order of region."""
    below = rules.narrower(notice.region_code, who.region_code)
    reached = reaching.reached_by(session, [notice], below)[notice.id]
    here = [station for station in stations_in(session, below) if station.id in reached]
    opened = (
        select(EventRow.station_id, NoticeReading.version, func.min(NoticeReading.read_at))
        .join(NoticeReading, _same_event())
        .where(NoticeReading.notice_id == notice.id)
        .group_by(EventRow.station_id, NoticeReading.version)
    )
    first = {(station_id, version): read_at for station_id, version, read_at in session.execute(opened)}
    ever = {station_id for station_id, _version in first}
    with_box = set(session.scalars(select(Box.station_id).where(Box.revoked_at.is_(None))))
    found = []
    for station in here:
        read_at = first.get((station.id, notice.version))
        earlier = read_at is None and station.id in ever
        found.append(Reader(station, read_at, earlier, station.id in with_box))
    return found


def page_of_readers(found: list[Reader], *, read: bool | None, number: int) -> Page[Reader]:
    """One page of them: all, those who have read it, or those who have not."""
    return cut([one for one in found if read is None or (one.read_at is not None) is read], number)


def counts(session: Session, notices: Collection[NoticeRow], who: Person) -> dict[UUID, tuple[int, int]]:
    """Of each notice, how many stations of the person's own have read its newest version, of how many."""
    reached = reaching.reached_by(session, notices, who.region_code)
    joined = (
        select(NoticeReading.notice_id, EventRow.station_id)
        .join(EventRow, _same_event())
        .join(Station, Station.id == EventRow.station_id)
        .join(NoticeRow, NoticeRow.id == NoticeReading.notice_id)
        .where(NoticeReading.notice_id.in_(reached), NoticeReading.version == NoticeRow.version)
        .where(subtree_filter(Station.region_code, who.region_code))
        .distinct()
    )
    read = Counter(notice_id for notice_id, station in session.execute(joined) if station in reached[notice_id])
    return {one: (read[one], len(stations)) for one, stations in reached.items()}


def _same_event() -> ColumnElement[bool]:
    return and_(
        EventRow.box_id == NoticeReading.box_id,
        EventRow.epoch == NoticeReading.epoch,
        EventRow.sequence == NoticeReading.sequence,
    )
