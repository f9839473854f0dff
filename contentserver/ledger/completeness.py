"""How much of each month is there: of the entries that a station should have, by kind, in a station and in a region.

One query counts for everything that is shown, drawn and taken along: entries of a station, a kind and a month, never
more of them than are expected. What is expected follows from the kinds that hold where the station lies.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal, select
from sqlalchemy.orm import Session

from contentserver.bylaws import InForce
from contentserver.ledger import kinds, rules
from contentserver.ledger.models import STANDS, LedgerEntry
from contentserver.ledger.rules import KindOfEntry
from contentserver.regions import Region, children_of, region_named, subtree_filter
from contentserver.stations import Station

MONTHS: Final = 12
"""Of the chart, the one that is looked at the last."""
VILLAGE_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Part:
    """Entries of one kind: all of them, those that are expected and there, and how many are expected."""

    entries: int = 0
    there: int = 0
    expected: int = 0

    def __add__(self, other: "Part") -> "Part":
        return Part(self.entries + other.entries, self.there + other.there, self.expected + other.expected)


@dataclass(frozen=True, slots=True)
class Line:
    """A region below, or a station (`station_id`), by kind; a village with one station is that station."""

    code: str
    name: str
    stations: int
    parts: Mapping[str, Part]
    station_id: UUID | None = None

    @property
    def whole(self) -> Part:
        """All kinds together."""
        return sum(self.parts.values(), Part())


@dataclass(frozen=True, slots=True)
class Completeness:
    """A region's month.

    Attributes:
        kinds: those that hold for one of its stations, by code.
        lines: the regions below it, or its stations where there are none.
        total: the region itself, the sum of the lines.
        months: there and expected in all months of the chart.
    """

    region: Region
    month: date
    kinds: Mapping[str, InForce[KindOfEntry]]
    lines: Sequence[Line]
    total: Line
    months: Sequence[tuple[date, Part]]


@dataclass(slots=True)
class _Counting:
    parts: dict[str, Part] = field(default_factory=dict)
    stations: int = 0


def completeness(session: Session, code: str, month: date, this_month: date) -> Completeness:
    """How complete a region's month is; months that have not begun expect nothing.

    Raises:
        NotFound: there is no such region.
    """
    region, homes = region_named(session, code), _homes(session, code)
    expected = _Expected(session, {one.region_code for one in homes.values()})
    below = children_of(session, code)
    counted: dict[UUID | str, _Counting] = defaultdict(_Counting)
    length = len(below[0].code) if below else VILLAGE_DIGITS
    place = {one.id: one.region_code[:length] if below else one.id for one in homes.values()}
    for found in homes.values():
        line = counted[place[found.id]]
        line.stations += 1
        for kind, number in expected.of(found.region_code).items():
            line.parts[kind] = line.parts.get(kind, Part()) + Part(0, 0, number if month <= this_month else 0)
    for station, kind, entries in _entries(session, code, month):
        if station in place:
            wanted = expected.of(homes[station].region_code).get(kind, 0) if month <= this_month else 0
            line = counted[place[station]]
            line.parts[kind] = line.parts.get(kind, Part()) + Part(entries, min(entries, wanted))
    if below:
        here: dict[UUID | str, UUID] = {
            place[found.id]: found.id for found in homes.values() if counted[place[found.id]].stations == 1
        }
        lines = [
            Line(one.code, one.name, counted[one.code].stations, counted[one.code].parts, _station(here, one.code))
            for one in below
        ]
    else:
        lines = [Line(one.region_code, one.name, 1, counted[one.id].parts, one.id) for one in homes.values()]
    parts: dict[str, Part] = {}
    for line_ in lines:
        for kind, part in line_.parts.items():
            parts[kind] = parts.get(kind, Part()) + part
    return Completeness(
        region,
        month,
        expected.kinds,
        lines,
        Line(code, region.name, sum(one.stations for one in lines), parts),
        _months(session, code, month, this_month, homes, expected),
    )


def _station(here: Mapping[UUID | str, UUID], code: str) -> UUID | None:
    """The station of a village that has just one: the way down goes straight to it."""
    return here.get(code) if len(code) == VILLAGE_DIGITS else None


@dataclass(frozen=True, slots=True)
class _Home:
    id: UUID
    name: str
    region_code: str


def _homes(session: Session, code: str) -> dict[UUID, _Home]:
    query = select(Station.id, Station.name, Station.region_code).where(subtree_filter(Station.region_code, code))
    return {row[0]: _Home(*row) for row in session.execute(query.order_by(Station.region_code, Station.id))}


class _Expected:
    """How many entries of each kind a station should have in a month, by the region in which it lies."""

    def __init__(self, session: Session, codes: set[str]) -> None:
        self.changed = kinds.KINDS.regions_with_own(session)
        self._session = session
        self._by_owner: dict[str, dict[str, int]] = {}
        self._by_code: dict[str, dict[str, int]] = {}
        self.kinds: dict[str, InForce[KindOfEntry]] = {}
        for code in sorted(codes):
            self.of(code)
        if not self.kinds:
            self.kinds = kinds.KINDS.holding(session, "")

    def of(self, code: str) -> Mapping[str, int]:
        """What is expected of a station of a region."""
        if code not in self._by_code:
            owner = max((one for one in self.changed if code.startswith(one)), key=len, default="")
            if owner not in self._by_owner:
                here = kinds.KINDS.holding(self._session, owner)
                self.kinds |= {kind: one for kind, one in here.items() if kind not in self.kinds}
                self._by_owner[owner] = {kind: one.law.monthly for kind, one in here.items()}
            self._by_code[code] = self._by_owner[owner]
        return self._by_code[code]

    def owners(self) -> Mapping[str, Mapping[str, int]]:
        """What is expected, by the region whose kinds hold, the widest first."""
        return dict(sorted(self._by_owner.items(), key=lambda pair: len(pair[0])))


def _entries(session: Session, code: str, month: date) -> Sequence[tuple[UUID, str, int]]:
    query = select(LedgerEntry.station_id, LedgerEntry.kind, func.count()).where(
        LedgerEntry.month == month, STANDS, subtree_filter(LedgerEntry.region_code, code)
    )
    grouped = query.group_by(LedgerEntry.kind, LedgerEntry.station_id)
    return [(station, kind, number) for station, kind, number in session.execute(grouped)]


def _months(
    session: Session,
    code: str,
    month: date,
    this_month: date,
    homes: Mapping[UUID, _Home],
    expected: _Expected,
) -> list[tuple[date, Part]]:
    """There and expected of each month; counted and cut in the database, by the same rule."""
    asked = sum(sum(expected.of(one.region_code).values()) for one in homes.values())
    months = [rules.month_before(month, back) for back in range(MONTHS - 1, -1, -1)]
    per = (
        select(
            LedgerEntry.month,
            LedgerEntry.kind,
            func.max(LedgerEntry.region_code).label("region_code"),
            func.count().label("entries"),
        )
        .where(LedgerEntry.month.in_(months), STANDS, subtree_filter(LedgerEntry.region_code, code))
        .group_by(LedgerEntry.month, LedgerEntry.kind, LedgerEntry.station_id)
        .subquery()
    )
    wanted = _wanted(per, expected.owners())
    there = case((per.c.entries < wanted, per.c.entries), else_=wanted)
    query = select(per.c.month, func.sum(per.c.entries), func.sum(there)).group_by(per.c.month)
    found = {first: (int(entries), int(number)) for first, entries, number in session.execute(query)}
    return [
        (first, Part(*found.get(first, (0, 0)), asked) if first <= this_month else Part(found.get(first, (0, 0))[0]))
        for first in months
    ]


def _wanted(per: Any, owners: Mapping[str, Mapping[str, int]]) -> ColumnElement[int]:
    """SQL: how many are expected of a kind; where a narrower region's kinds hold, those of wider ones do not."""
    whens: list[tuple[ColumnElement[bool], ColumnElement[int]]] = []
    for owner in sorted(owners, key=len, reverse=True):
        lies_there = per.c.region_code.startswith(owner, autoescape=True)
        whens += [
            (and_(lies_there, per.c.kind == kind), literal(number, Integer)) for kind, number in owners[owner].items()
        ]
        whens.append((lies_there, literal(0, Integer)))
    return case(*whens, else_=literal(0, Integer)) if whens else literal(0, Integer)
