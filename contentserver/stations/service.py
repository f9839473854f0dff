"""Load stations and make them."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Forbidden, NotFound, Rejected
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


def where_station(session: Session, station_id: UUID) -> str:
    """The code of the region in which a station lies.

    Raises:
        NotFound: there is none.
    """
    return station_named(session, station_id).region_code


def station_card(station: Station) -> StationCard:
    """The station as televisions show it."""
    return StationCard(
        id=str(station.id),
        name=station.name,
        place=station.place,
        region=station.region_code,
        stars=station.stars,
        quota_minutes=station.quota_minutes,
    )


def note_stars(session: Session, station: Station, stars: int, who: Person, now: datetime) -> None:
    """Somebody notes how many stars a station has; 0 takes them away.

    Raises:
        Forbidden: the station lies outside the person's region.
        Rejected: there are not so many stars.
    """
    if not who.reaches(station.region_code):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))
    if not 0 <= stars <= rules.MOST_STARS:
        raise Rejected("stars_wrong", _("A station has one to five stars, or none yet."))
    before, station.stars = station.stars, stars
    if before != stars:
        told = {"before": {"stars": before}, "after": {"stars": stars}}
        audit(session, who=who, action="station.stars", subject=f"station {station.id}", now=now, **told)


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


def keep_join_addresses(session: Session, public_url: str) -> None:
    """Give every station its address for signing in by phone; a server that has moved keeps their secrets."""
    here = rules.join_address(public_url, "")
    elsewhere = select(Station).where(~Station.join_address.startswith(here, autoescape=True))
    for station in session.scalars(elsewhere):
        token = rules.join_token(station.join_address) or _new_token()
        station.join_address = rules.join_address(public_url, token)


def renew_join_address(station: Station, public_url: str) -> None:
    """A new secret: what was copied of the old one leads nowhere."""
    station.join_address = rules.join_address(public_url, _new_token())


def station_joined(session: Session, public_url: str, token: str) -> Station:
    """The station whose people sign in under this secret.

    Raises:
        NotFound: there is none, or not any more.
    """
    address = rules.join_address(public_url, token)
    known = select(Station).where(Station.join_address == address)
    station = session.scalars(known).first() if rules.join_token_valid(token) else None
    if station is None:
        raise NotFound("join_unknown", _("This address holds no longer. Scan the square on the television again."))
    return station


def _new_token() -> str:
    return secrets.token_urlsafe(16)
