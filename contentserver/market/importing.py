"""Prices from a spreadsheet: every row looked at before anything is kept; either all are kept or none.

How files are opened, and the limits on them: `schedules.exchange.spreadsheet`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Rejected
from contentserver.kernel.sheets import Column as SheetColumn
from contentserver.kernel.sheets import Table, as_xlsx
from contentserver.market import rules
from contentserver.market.catalogue import commodities_seen, fits, places_seen
from contentserver.market.models import Commodity, MarketPlace
from contentserver.market.rules import PriceFault
from contentserver.market.service import PRICE_SENTENCES, Entry
from schedules.exchange.imports import FileRefused
from schedules.exchange.spreadsheet import named_rows

MAX_ROWS = 2000
SHOWN_CHARS = 40


class Column(StrEnum):
    """What a row says."""

    COMMODITY = "commodity"
    MARKET = "market"
    DAY = "day"
    PRICE = "price"


COLUMNS = {
    "品种": Column.COMMODITY,
    "商品": Column.COMMODITY,
    "commodity": Column.COMMODITY,
    "市场": Column.MARKET,
    "market": Column.MARKET,
    "日期": Column.DAY,
    "day": Column.DAY,
    "价格": Column.PRICE,
    "价格(元)": Column.PRICE,
    "price": Column.PRICE,
}
_REFUSED = {
    "too_large": _("This file is too large to be a list of prices."),
    "no_header": _("The first row must name the columns: 品种, 市场, 日期, 价格."),
    "too_many_rows": _("At most %(count)s prices at once.", count=MAX_ROWS),
}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet, as its program counts; `fault` says why it cannot be taken."""

    row: int
    commodity: str
    market: str
    day: str
    price: str
    entry: Entry | None = None
    fault: object = ""


@dataclass(frozen=True, slots=True)
class Names:
    """What may be named, by whom: commodities that the person sees, markets whose prices they keep."""

    goods: Mapping[str, Sequence[Commodity]]
    places: Mapping[str, Sequence[MarketPlace]]

    @classmethod
    def of(cls, session: Session, who: Person) -> "Names":
        """Those of a person."""
        goods: dict[str, list[Commodity]] = {}
        places: dict[str, list[MarketPlace]] = {}
        for commodity in commodities_seen(session, who.region_code):
            goods.setdefault(commodity.name, []).append(commodity)
        for place in places_seen(session, who.region_code):
            if who.reaches(place.region_code):
                places.setdefault(place.name, []).append(place)
        return cls(goods, places)

    def pair(self, commodity: str, market: str) -> tuple[UUID, UUID]:
        """The one commodity and market of these names.

        Raises:
            Rejected: there is none, or more than one.
        """
        places = self.places.get(market, ())
        if not places:
            raise Rejected("market_unknown", _("You keep no market of this name."))
        goods = [(one, place) for place in places for one in self.goods.get(commodity, ()) if fits(one, place)]
        if not goods:
            raise Rejected("commodity_unknown", _("There is no commodity of this name yet."))
        if len(places) > 1 or len(goods) > 1:
            raise Rejected("name_unclear", _("Several have this name. Enter it by the form."))
        found, place = goods[0]
        return found.id, place.id


def read(session: Session, data: bytes, who: Person, now: datetime) -> Sequence[Line]:
    """What a sheet holds, row by row; changes nothing.

    Raises:
        Rejected: it is no sheet, or not one of prices.
    """
    try:
        rows = list(named_rows(data, COLUMNS, set(Column), MAX_ROWS))
    except FileRefused as error:
        sentence = _REFUSED.get(error.code, _("This is no sheet (.xlsx, .csv), or it is damaged."))
        raise Rejected(f"file_{error.code}", sentence) from error
    if not rows:
        raise Rejected("file_empty", _("Below its first row a sheet has one row for each price."))
    names, today, seen = Names.of(session, who), clock.local(now).date(), dict[tuple[UUID, UUID, date], int]()
    return [_line(number, row, names, today, seen) for number, row in rows]


def _line(
    number: int,
    row: Mapping[Column, str],
    names: Names,
    today: date,
    seen: dict[tuple[UUID, UUID, date], int],
) -> Line:
    commodity, market, day_said, price = (row.get(one, "")[:SHOWN_CHARS] for one in Column)
    try:
        commodity_id, place_id = names.pair(row[Column.COMMODITY], row[Column.MARKET])
        day = day_of(row[Column.DAY], today)
        cents = rules.cents_of(row[Column.PRICE])
        if isinstance(cents, PriceFault):
            raise Rejected(f"price_{cents}", PRICE_SENTENCES[cents])
        key = (commodity_id, place_id, day)
        if key in seen:
            raise Rejected("twice", _("Row %(row)s has a price of the same day.", row=seen[key]))
    except Rejected as error:
        return Line(number, commodity, market, day_said, price, fault=error.sentence)
    seen[key] = number
    return Line(number, commodity, market, day_said, price, Entry(commodity_id, place_id, day, cents))


def day_of(text: str, today: date) -> date:
    """A day as sheets and people write it.

    Raises:
        Rejected: it is no day, or one of which nobody knows a price.
    """
    found = _DAY.fullmatch(text.strip())
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None:
        raise Rejected("day_unreadable", _("Write the day like this: 2026-11-23."))
    fault = rules.fault_of_day(day, today)
    if fault is not None:
        raise Rejected(f"price_{fault}", PRICE_SENTENCES[fault])
    return day


def template(session: Session, who: Person, today: date) -> bytes:
    """A workbook to fill in: a row for each commodity on each market that the person keeps."""
    names = Names.of(session, who)
    rows = [
        [commodity.name, place.name, today.isoformat(), ""]
        for places in names.places.values()
        for place in places
        for ones in names.goods.values()
        for commodity in ones
        if fits(commodity, place)
    ]
    heads = ("品种", "市场", "日期", "价格(元)")
    return as_xlsx((), Table(gettext("Prices"), [SheetColumn(head, width=18) for head in heads], rows[:MAX_ROWS]))
