"""Keep prices and find them again. What a price may be, and when it waits for somebody to confirm it: `rules.py`.

There is one price for a commodity on a market on a day: an entry again corrects it. Whatever is doubted is kept, seen
by whoever keeps prices, and by nobody else until it is confirmed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.kernel.pagination import Page, paginate
from contentserver.market import rules
from contentserver.market.catalogue import fits, place_kept
from contentserver.market.models import Commodity, MarketPlace, Price
from contentserver.market.rules import COMPARED_DAYS, PriceFault, Source
from contentserver.regions import near_filter, subtree_filter

PRICE_SENTENCES = {
    PriceFault.UNREADABLE: _("Write the price in yuan, for example 1.18."),
    PriceFault.NOT_POSITIVE: _("A price is more than zero. Leave the field empty where there is none."),
    PriceFault.TOO_LARGE: _("A price is at most one million yuan."),
    PriceFault.FUTURE: _("This day has not come yet."),
    PriceFault.TOO_OLD: _("This day is more than a year ago."),
}
Pair = tuple[UUID, UUID]
"""A commodity and a market."""
History = Mapping[date, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One price that somebody enters."""

    commodity_id: UUID
    place_id: UUID
    day: date
    cents: int


@dataclass(slots=True)
class Kept:
    """What became of what was entered."""

    new: int = 0
    corrected: int = 0
    same: int = 0
    doubted: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """Which prices to list; without a day the newest of each commodity on each market."""

    commodity: UUID | None = None
    place: UUID | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A price with what surrounds it: the one before it, and the days around it for a line."""

    price: Price
    commodity: Commodity
    place: MarketPlace
    before: int | None
    days: tuple[int | None, ...]

    @property
    def trend(self) -> rules.Trend:
        """Where it went."""
        return rules.trend_of(self.price.cents, self.before)

    @property
    def change(self) -> int:
        """By how many cents."""
        return self.price.cents - (self.before or self.price.cents)


def refusal_of(fault: PriceFault) -> Rejected:
    """A price that cannot be kept."""
    return Rejected(f"price_{fault}", PRICE_SENTENCES[fault])


def keep(session: Session, entries: Iterable[Entry], source: Source, who: Person, now: datetime) -> Kept:
    """Keep prices, all or none; what is the same already costs no write.

    Raises:
        Forbidden: a market lies outside the person's region.
        NotFound: there is no such market or commodity.
        Rejected: an amount, a day, or a commodity that the market's region does not know.
    """
    ordered = sorted(entries, key=lambda one: (one.place_id, one.commodity_id, one.day))
    _require_possible(session, ordered, who, clock.local(now).date())
    kept, around, standing = Kept(), _around(session, ordered), _standing(session, ordered)
    for entry in ordered:
        pair = (entry.commodity_id, entry.place_id)
        row = standing.get((*pair, entry.day))
        if row is not None and row.cents == entry.cents:
            kept.same += 1
            continue
        if row is None:
            row = standing[(*pair, entry.day)] = Price(commodity_id=pair[0], place_id=pair[1], day=entry.day)
            session.add(row)
            kept.new += 1
        else:
            kept.corrected += 1
            _note_correction(session, row, entry.cents, who, now)
        doubt = rules.doubt_of(entry.cents, *around.usual(entry))
        row.cents, row.doubt, row.source, row.by, row.at = entry.cents, doubt or "", source.value, who.id, now
        if doubt is None:
            around.own[pair][entry.day] = entry.cents
        else:
            kept.doubted += 1
            around.own[pair].pop(entry.day, None)
    session.flush()
    if kept.new:
        told = {"new": kept.new, "corrected": kept.corrected, "doubted": kept.doubted, "source": source.value}
        audit(session, who=who, action="market.prices_kept", subject="prices", now=now, after=told)
    return kept


def _require_possible(session: Session, entries: Sequence[Entry], who: Person, today: date) -> None:
    places = {one: place_kept(session, one, who) for one in sorted({entry.place_id for entry in entries})}
    goods = _commodities(session, {entry.commodity_id for entry in entries})
    for entry in entries:
        fault = rules.fault_of_cents(entry.cents) or rules.fault_of_day(entry.day, today)
        if fault is not None:
            raise refusal_of(fault)
        if not fits(goods[entry.commodity_id], places[entry.place_id]):
            raise Rejected("commodity_elsewhere", _("This commodity is of another region."))


def price_asked(session: Session, price_id: UUID) -> Price:
    """The price with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(Price, price_id, populate_existing=True)
    if row is None:
        raise NotFound("price_unknown", _("There is no such price."))
    return row


def where_price(session: Session, price_id: UUID) -> str:
    """The region of a price's market.

    Raises:
        NotFound: there is no such price.
    """
    return session.get_one(MarketPlace, price_asked(session, price_id).place_id).region_code


def confirm(session: Session, row: Price, cents: int, who: Person, now: datetime) -> None:
    """Somebody has looked at a doubtful price: it is as it stands.

    Args:
        cents: the price that they saw.

    Raises:
        Conflict: it was changed or confirmed meanwhile.
    """
    if row.cents != cents or not row.doubt:
        raise Conflict("price_changed", _("Somebody else has changed this price meanwhile. Look at it again."))
    before, row.doubt = row.doubt, ""
    told = {"day": row.day, "cents": row.cents}
    audit(
        session, who=who, action="market.price_confirmed", subject=f"price {row.id}", now=now, before=before, after=told
    )


def remove(session: Session, row: Price, cents: int, who: Person, now: datetime) -> None:
    """Take a price away that was entered by mistake.

    Raises:
        Conflict: it was changed meanwhile.
    """
    if row.cents != cents:
        raise Conflict("price_changed", _("Somebody else has changed this price meanwhile. Look at it again."))
    told = {"commodity": str(row.commodity_id), "market": str(row.place_id), "day": row.day, "cents": row.cents}
    audit(session, who=who, action="market.price_removed", subject=f"price {row.id}", now=now, before=told)
    session.delete(row)
    session.flush()


def listed(session: Session, root: str, asked: Asked, number: int) -> Page[Shown]:
    """One page of prices that concern a region, by commodity and market; doubtful ones are not among them."""
    query = _of_day(asked) if asked.day else _newest(asked)
    query = query.where(Price.doubt == "", near_filter(MarketPlace.region_code, root))
    page = paginate(session, query.order_by(Commodity.name, MarketPlace.region_code, MarketPlace.name), number)
    return Page(rows=shown(session, page.rows), number=page.number, total=page.total, size=page.size)


def doubtful(session: Session, root: str, number: int) -> Page[Shown]:
    """One page of the prices that wait for somebody to confirm them, on the markets of a subtree; the newest first."""
    query = (
        select(Price)
        .join(MarketPlace, MarketPlace.id == Price.place_id)
        .where(Price.doubt != "", subtree_filter(MarketPlace.region_code, root))
        .order_by(Price.day.desc(), Price.at.desc(), Price.id)
    )
    page = paginate(session, query, number, 10)
    return Page(rows=shown(session, page.rows), number=page.number, total=page.total, size=page.size)


def shown(session: Session, rows: Sequence[Price]) -> Sequence[Shown]:
    """Prices with what surrounds them."""
    goods = {
        one.id: one
        for one in session.scalars(select(Commodity).where(Commodity.id.in_({r.commodity_id for r in rows})))
    }
    places = {
        one.id: one
        for one in session.scalars(select(MarketPlace).where(MarketPlace.id.in_({r.place_id for r in rows})))
    }
    days = _histories(session, rows)
    found = []
    for row in rows:
        known = days[(row.commodity_id, row.place_id)]
        earlier = [day for day in known if day < row.day]
        before = known[max(earlier)] if earlier else None
        line = rules.drawn({**known, row.day: row.cents}, row.day)
        found.append(Shown(row, goods[row.commodity_id], places[row.place_id], before, line))
    return found


def history(
    session: Session, commodity: Commodity, place: MarketPlace, number: int, *, with_doubtful: bool
) -> Page[Price]:
    """One page of the prices of a commodity on a market, the newest first."""
    query = select(Price).where(Price.commodity_id == commodity.id, Price.place_id == place.id)
    query = query if with_doubtful else query.where(Price.doubt == "")
    return paginate(session, query.order_by(Price.day.desc()), number)


def last_prices(session: Session, place_id: UUID, until: date) -> Mapping[UUID, Price]:
    """The newest confirmed price of each commodity on a market, up to a day."""
    query = select(Price).where(Price.place_id == place_id, Price.day <= until, Price.doubt == "").order_by(Price.day)
    recent = query.where(Price.day > until - timedelta(days=3 * COMPARED_DAYS))
    return {row.commodity_id: row for row in session.scalars(recent)}


def prices_on(session: Session, place_id: UUID, day: date) -> Mapping[UUID, Price]:
    """What was entered for a market's day, by commodity."""
    query = select(Price).where(Price.place_id == place_id, Price.day == day)
    return {row.commodity_id: row for row in session.scalars(query)}


def _newest(asked: Asked) -> Select[Price]:
    last = (
        select(Price.commodity_id, Price.place_id, func.max(Price.day).label("day"))
        .where(Price.doubt == "")
        .group_by(Price.commodity_id, Price.place_id)
        .subquery()
    )
    query = _joined(asked)
    return query.join(
        last,
        (last.c.commodity_id == Price.commodity_id) & (last.c.place_id == Price.place_id) & (last.c.day == Price.day),
    )


def _of_day(asked: Asked) -> Select[Price]:
    return _joined(asked).where(Price.day == asked.day)


def _joined(asked: Asked) -> Select[Price]:
    query = (
        select(Price)
        .join(Commodity, Commodity.id == Price.commodity_id)
        .join(MarketPlace, MarketPlace.id == Price.place_id)
    )
    if asked.commodity is not None:
        query = query.where(Price.commodity_id == asked.commodity)
    return query if asked.place is None else query.where(Price.place_id == asked.place)


def _histories(session: Session, rows: Sequence[Price]) -> Mapping[Pair, dict[date, int]]:
    found: dict[Pair, dict[date, int]] = defaultdict(dict)
    if not rows:
        return found
    first = min(row.day for row in rows) - timedelta(days=2 * COMPARED_DAYS)
    query = select(Price.commodity_id, Price.place_id, Price.day, Price.cents).where(
        Price.commodity_id.in_({row.commodity_id for row in rows}),
        Price.place_id.in_({row.place_id for row in rows}),
        Price.day > first,
        Price.doubt == "",
    )
    for commodity_id, place_id, day, cents in session.execute(query):
        found[(commodity_id, place_id)][day] = cents
    return found


def _commodities(session: Session, ids: set[UUID]) -> Mapping[UUID, Commodity]:
    found = {one.id: one for one in session.scalars(select(Commodity).where(Commodity.id.in_(ids)))}
    if ids - found.keys():
        raise NotFound("commodity_unknown", _("There is no such commodity."))
    return found


@dataclass(frozen=True, slots=True)
class _Around:
    """Confirmed prices of the days around some entries: of each market's own, and of all markets together."""

    own: dict[Pair, dict[date, int]]
    every: Mapping[UUID, Sequence[tuple[UUID, int]]]

    def usual(self, entry: Entry) -> tuple[Sequence[int], int | None]:
        """What a price is compared with; of a market's first price those of the other markets."""
        usual, last = rules.usual_of(self.own[(entry.commodity_id, entry.place_id)], entry.day)
        elsewhere = [cents for place, cents in self.every.get(entry.commodity_id, ()) if place != entry.place_id]
        return usual or elsewhere, last


def _around(session: Session, entries: Sequence[Entry]) -> _Around:
    own: dict[Pair, dict[date, int]] = {(one.commodity_id, one.place_id): {} for one in entries}
    every = defaultdict[UUID, list[tuple[UUID, int]]](list)
    if entries:
        margin = timedelta(days=COMPARED_DAYS)
        query = select(Price.commodity_id, Price.place_id, Price.day, Price.cents).where(
            Price.commodity_id.in_({one.commodity_id for one in entries}),
            Price.day >= min(one.day for one in entries) - margin,
            Price.day <= max(one.day for one in entries) + margin,
            Price.doubt == "",
        )
        for commodity_id, place_id, day, cents in session.execute(query):
            every[commodity_id].append((place_id, cents))
            if (commodity_id, place_id) in own:
                own[(commodity_id, place_id)][day] = cents
    return _Around(own, every)


def _standing(session: Session, entries: Sequence[Entry]) -> dict[tuple[UUID, UUID, date], Price]:
    query = select(Price).where(
        Price.place_id.in_({one.place_id for one in entries}),
        Price.commodity_id.in_({one.commodity_id for one in entries}),
        Price.day.in_({one.day for one in entries}),
    )
    return {(row.commodity_id, row.place_id, row.day): row for row in session.scalars(query)}


def _note_correction(session: Session, row: Price, cents: int, who: Person, now: datetime) -> None:
    before, after = {"day": row.day, "cents": row.cents}, {"day": row.day, "cents": cents}
    subject = f"price {row.id}"
    audit(session, who=who, action="market.price_corrected", subject=subject, now=now, before=before, after=after)
