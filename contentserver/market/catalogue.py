"""What is sold and where: commodities and markets of a region, known there, in the regions below and in those above."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.market.models import Commodity, MarketPlace
from contentserver.regions import ancestors_and_self, near_filter, region_asked

NAME_MOST, UNIT_MOST, KEYWORDS_MOST = 10, 4, 200
"""Characters; names and units stand beside large figures on the television."""


@dataclass(frozen=True, slots=True)
class Named:
    """What somebody says of a commodity."""

    region_code: str
    name: str
    unit: str
    keywords: str = ""


def sees(region_code: str, who: Person) -> bool:
    """Whether a thing of this region concerns somebody: it lies in theirs, below or above."""
    return who.reaches(region_code) or who.region_code.startswith(region_code)


def commodities_seen(session: Session, root: str) -> Sequence[Commodity]:
    """The commodities that concern a region, by name."""
    query = select(Commodity).where(near_filter(Commodity.region_code, root))
    return session.scalars(query.order_by(Commodity.name, Commodity.region_code)).all()


def places_seen(session: Session, root: str) -> Sequence[MarketPlace]:
    """The markets that concern a region, those of the larger regions first."""
    query = select(MarketPlace).where(near_filter(MarketPlace.region_code, root))
    return session.scalars(query.order_by(MarketPlace.region_code, MarketPlace.name)).all()


def fits(commodity: Commodity, place: MarketPlace) -> bool:
    """Whether a commodity is known where a market lies."""
    here, there = commodity.region_code, place.region_code
    return there.startswith(here) or here.startswith(there)


def commodity_asked(session: Session, commodity_id: UUID, who: Person) -> Commodity:
    """The commodity with this id, where it concerns the person.

    Raises:
        NotFound: there is none.
        Forbidden: it is of another region.
    """
    found = session.get(Commodity, commodity_id)
    if found is None:
        raise NotFound("commodity_unknown", _("There is no such commodity."))
    if not sees(found.region_code, who):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    return found


def place_asked(session: Session, place_id: UUID, who: Person) -> MarketPlace:
    """The market with this id, where it concerns the person.

    Raises:
        NotFound: there is none.
        Forbidden: it is of another region.
    """
    found = session.get(MarketPlace, place_id)
    if found is None:
        raise NotFound("place_unknown", _("There is no such market."))
    if not sees(found.region_code, who):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    return found


def place_kept(session: Session, place_id: UUID, who: Person) -> MarketPlace:
    """The market with this id, where the person keeps its prices; locked, so that two do not write the same day.

    Raises:
        NotFound: there is none.
        Forbidden: it lies outside the person's region.
    """
    found = session.get(MarketPlace, place_id, with_for_update=True)
    if found is None:
        raise NotFound("place_unknown", _("There is no such market."))
    if not who.reaches(found.region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    return found


def add_commodity(session: Session, named: Named, who: Person, now: datetime) -> Commodity:
    """A new commodity.

    Raises:
        Forbidden: the region lies outside the person's.
        Rejected: a field is empty or too long; `fields` says which.
        Conflict: the region, or one above it, has it already.
    """
    _require_short("name", named.name, NAME_MOST)
    _require_short("unit", named.unit, UNIT_MOST)
    if len(named.keywords) > KEYWORDS_MOST:
        raise _refused("keywords", _("At most %(number)s characters.", number=KEYWORDS_MOST))
    region_asked(session, named.region_code, who)
    query = select(Commodity.id).where(
        Commodity.name == named.name, Commodity.region_code.in_(ancestors_and_self(named.region_code))
    )
    if session.scalars(query).first() is not None:
        raise Conflict("commodity_there", _("There is a commodity of this name already."))
    found = Commodity(
        region_code=named.region_code,
        name=named.name,
        unit=named.unit,
        keywords=named.keywords,
        made_by=who.id,
        made_at=now,
    )
    session.add(found)
    session.flush()
    told = {"name": named.name, "unit": named.unit, "region": named.region_code}
    audit(session, who=who, action="market.commodity_added", subject=f"commodity {found.id}", now=now, after=told)
    return found


def change_keywords(session: Session, commodity: Commodity, keywords: str, who: Person, now: datetime) -> None:
    """Other words by which lessons about a commodity are found.

    Raises:
        Forbidden: it is of a region outside the person's.
        Rejected: they are too long.
    """
    if not who.reaches(commodity.region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    if len(keywords) > KEYWORDS_MOST:
        raise _refused("keywords", _("At most %(number)s characters.", number=KEYWORDS_MOST))
    before, commodity.keywords = commodity.keywords, keywords
    if before != keywords:
        subject = f"commodity {commodity.id}"
        audit(session, who=who, action="market.keywords_set", subject=subject, now=now, before=before, after=keywords)


def add_place(session: Session, region_code: str, name: str, who: Person, now: datetime) -> MarketPlace:
    """A new market.

    Raises:
        Forbidden: the region lies outside the person's.
        Rejected: the name is empty or too long.
        Conflict: the region has one of this name.
    """
    _require_short("name", name, NAME_MOST)
    region_asked(session, region_code, who)
    query = select(MarketPlace.id).where(MarketPlace.name == name, MarketPlace.region_code == region_code)
    if session.scalars(query).first() is not None:
        raise Conflict("place_there", _("There is a market of this name already."))
    found = MarketPlace(region_code=region_code, name=name, made_by=who.id, made_at=now)
    session.add(found)
    session.flush()
    told = {"name": name, "region": region_code}
    audit(session, who=who, action="market.place_added", subject=f"market {found.id}", now=now, after=told)
    return found


def _require_short(field: str, text: str, most: int) -> None:
    if not 0 < len(text) <= most:
        raise _refused(field, _("One to %(number)s characters.", number=most))


def _refused(field: str, sentence: object) -> Rejected:
    return Rejected(f"{field}_wrong", sentence, {field: sentence})
