"""Load stations and make them."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from contentserver.kernel.errors import NotFound
from contentserver.kernel.pagination import Page, paginate
from contentserver.regions import Region, subtree_filter
from contentserver.stations import rules
from contentserver.stations.models import Station
from schedules.wire.messages import StationCard


def _in_subtree(root: str) -> Select[Station]:
    return select(Station).where(subtree_filter(Station.region_code, root)).order_by(Station.region_code, Station.name)


def stations_in(session: Session, root: str) -> Sequence[Station]:
    """All stations of a region's subtree, in order of region."""
    return session.scalars(_in_subtree(root)).all()


def page_of_stations(session: Session, root: str, words: str, number: int) -> Page[Station]:
    """One page of the stations of a subtree whose name contains `words`."""
    query = _in_subtree(root)
    if words:
        query = query.where(Station.name.contains(words, autoescape=True))
    return paginate(session, query, number)


def station_named(session: Session, station_id: UUID) -> Station:
    """The station with this id.

    Raises:
        NotFound: there is none.
    """
    station = session.get(Station, station_id)
    if station is None:
        raise NotFound("station_unknown", _("There is no such station."))
    return station


def station_card(station: Station) -> StationCard:
    """The station as televisions show it."""
    return StationCard(id=str(station.id), name=station.name, place=station.place, region=station.region_code)


def add_village_stations(session: Session, root: str) -> int:
    """A station for every village and community of a subtree that has none yet.

    Returns:
        The number of stations added.
    """
    taken = set(session.scalars(select(Station.region_code)))
    villages = session.scalars(
        select(Region).where(Region.level == "village", subtree_filter(Region.code, root)).order_by(Region.code)
    )
    new = [village for village in villages if village.code not in taken]
    for village in new:
        session.add(Station(name=rules.station_name(village.name), kind="village", region_code=village.code))
    session.flush()
    return len(new)
