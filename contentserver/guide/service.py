"""Find a station, and what its televisions play: the layers as published, merged as in the village."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.guide import rules
from contentserver.kernel.errors import NotFound
from contentserver.regions import Region, ancestors_and_self, children_of, parents_named, subtree_filter
from contentserver.stations import Station
from contentserver.timetable import LayerRecord, timetables_in_force
from schedules.airings import Airing

FOUND_AT_MOST = 40
FEED_AT_MOST = 1000
"""Stations of one feed; a city has six hundred."""


def station_for_people(session: Session, station_id: str) -> Station:
    """The station with this id.

    Raises:
        NotFound: there is none, or it is no id at all.
    """
    try:
        found = session.get(Station, UUID(station_id))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("station_unknown", _("There is no such station."))
    return found


def stations_found(session: Session, typed: str) -> list[tuple[Station, str]]:
    """The stations whose name, or place in the tree, holds every word; with the county and township each lies in."""
    words = rules.words_of(typed)
    if not words:
        return []
    query = select(Station).order_by(Station.region_code, Station.name)
    for word in words:
        inside = select(Region.code).where(Region.name.contains(word, autoescape=True))
        codes = session.scalars(inside).all()
        within = [subtree_filter(Station.region_code, code) for code in codes[:200]]
        hit = Station.name.contains(word, autoescape=True)
        for clause in within:
            hit = hit | clause
        query = query.where(hit)
    found = session.scalars(query.limit(FOUND_AT_MOST)).all()
    places = parents_named(session, [station.region_code for station in found])
    return [(station, places[station.region_code]) for station in found]


def stations_at(session: Session, code: str) -> list[Station]:
    """The stations that stand in a region itself."""
    query = select(Station).where(Station.region_code == code).order_by(Station.name)
    return list(session.scalars(query))


def regions_below(session: Session, code: str) -> list[Region]:
    """The next level of the way down that holds any station; from the top for an empty code.

    A level with one region alone is passed over, so that nobody chooses from one.
    """
    below = _with_stations(session, _children(session, code))
    while len(below) == 1 and not stations_at(session, below[0].code):
        further = _with_stations(session, _children(session, below[0].code))
        if not further:
            break
        below = further
    return below


def published_until(session: Session, region_code: str) -> datetime | None:
    """Up to where every layer that a region follows is published; None where none is."""
    query = select(LayerRecord.window_end).where(
        LayerRecord.region_code.in_(ancestors_and_self(region_code)), LayerRecord.revision > 0
    )
    ends = [end for end in session.scalars(query) if end is not None]
    return min(ends, default=None)


def shown_between(session: Session, region_code: str, first: date, end: date) -> tuple[Airing, ...]:
    """What the televisions of a region show from one day to before another, as far as it is published."""
    until = published_until(session, region_code)
    if until is None:
        return ()
    since, to = rules.at_midnight(first), min(rules.at_midnight(end), until)
    return programme(session, region_code, (since, to)) if since < to else ()


def programme(session: Session, region_code: str, window: tuple[datetime, datetime]) -> tuple[Airing, ...]:
    """What the televisions of a region show inside a window, in order of start; what gives way is not there."""
    return programmes(session, [region_code], window)[region_code]


def programmes(
    session: Session, region_codes: Sequence[str], window: tuple[datetime, datetime]
) -> dict[str, tuple[Airing, ...]]:
    """The same for many regions."""
    start, end = window
    found = timetables_in_force(session, region_codes, window)
    return {
        code: tuple(airing for airing in timetable.airings if start <= airing.start < end)
        for code, timetable in found.items()
    }


def stations_of_feed(session: Session, code: str) -> Sequence[Station]:
    """The stations of a region's subtree, in order of region."""
    query = select(Station).where(subtree_filter(Station.region_code, code))
    return session.scalars(query.order_by(Station.region_code, Station.name, Station.id).limit(FEED_AT_MOST)).all()


def _children(session: Session, code: str) -> Sequence[Region]:
    if code:
        return children_of(session, code)
    return session.scalars(select(Region).where(Region.parent_code.is_(None)).order_by(Region.code)).all()


def _with_stations(session: Session, regions: Sequence[Region]) -> list[Region]:
    taken = set(session.scalars(select(Station.region_code).distinct()))
    return [region for region in regions if any(code.startswith(region.code) for code in taken)]
