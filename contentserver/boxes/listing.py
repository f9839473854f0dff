"""The list of all boxes, those included that are expected: searched, filtered by what is to be said of them, sorted.

A few queries, however many boxes; what a box reports is read no further than a list needs (`rules.Glance`). What is to
be said of a box: `rules.care_of`.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.boxes import rules
from contentserver.boxes.models import Box, ExpectedBox, ReleaseRow
from contentserver.boxes.rules import Care, Glance
from contentserver.kernel.pagination import Page, cut
from contentserver.regions import parents_named, subtree_filter
from contentserver.stations import Station

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list.

    Attributes:
        id: the box's number; None for one that is expected.
        place: county and township of its station.
        reported: its last report as JSON; empty where there is none.
        note: what was said of an expected one.
    """

    id: int | None
    serial: str
    station_id: UUID
    station: str
    place: str
    region_code: str
    care: frozenset[Care]
    seen_at: datetime | None = None
    glance: Glance | None = None
    reported: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of the list: words of number, serial, station or place; one thing to be said of them; an order.

    `order` is one of `ORDERS`, with a minus in front for the other way round; whatever else is as none.
    """

    words: str = ""
    care: Care | None = None
    order: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """The page that was asked for, and how many there are of each kind among those that have the words.

    Attributes:
        all_count: all but the ended ones.
        none_at_all: there is no box in the region, whatever was asked.
    """

    page: Page[Listed]
    counts: Mapping[Care, int]
    all_count: int
    none_at_all: bool


ORDERS: Mapping[str, Callable[[Listed], Any]] = {
    "number": lambda one: one.id or 0,
    "station": lambda one: (one.region_code, one.station, one.id or 0),
    "seen": lambda one: (one.seen_at or _NEVER, one.id or 0),
    "waiting": lambda one: (one.glance.journal_waiting if one.glance else 0, one.id or 0),
}
USUAL_ORDER = "-number"


def listing(session: Session, root: str, asked: Query, now: datetime) -> Listing:
    """The boxes of a region's subtree; a page number outside the list gives the nearest page that exists."""
    everything = [*_boxes(session, root, now), *_expected(session, root)]
    found = [one for one in everything if _has(one, asked.words)] if asked.words else everything
    counts = Counter(care for one in found for care in one.care)
    shown = [one for one in found if (asked.care in one.care if asked.care else Care.ENDED not in one.care)]
    order = asked.order if asked.order.removeprefix("-") in ORDERS else USUAL_ORDER
    shown.sort(key=ORDERS[order.removeprefix("-")], reverse=order.startswith("-"))
    if order.removeprefix("-") != "station":
        shown.sort(key=lambda one: one.id is None)  # whatever the order, what has come stands before what is expected
    return Listing(
        page=cut(shown, asked.page),
        counts=counts,
        all_count=len(found) - counts[Care.ENDED],
        none_at_all=not everything,
    )


def expected_boxes(session: Session, root: str, words: str, number: int) -> Page[Listed]:
    """One page of the boxes that were announced for a region's subtree and have not come, by station."""
    found = [one for one in _expected(session, root) if _has(one, words)]
    return cut(sorted(found, key=ORDERS["station"]), number)


def _has(one: Listed, words: str) -> bool:
    """Whether every word is found; a number alone is a box's whole number, or a part of a serial."""
    texts = (one.serial.casefold(), one.station.casefold(), one.place.casefold())
    return all(word == str(one.id) or any(word in text for text in texts) for word in words.casefold().split())


def _boxes(session: Session, root: str, now: datetime) -> list[Listed]:
    query = (
        select(
            Box.id,
            Box.serial,
            Station.id,
            Station.name,
            Station.region_code,
            Box.revoked_at,
            Box.online,
            Box.seen_at,
            Box.enrolled_at,
            Box.reported,
            ReleaseRow.version,
            ReleaseRow.sha256,
        )
        .join(Station, Station.id == Box.station_id)
        .outerjoin(ReleaseRow, ReleaseRow.version == Box.release)
        .where(subtree_filter(Station.region_code, root))
    )
    rows = session.execute(query).all()
    places = parents_named(session, {row[4] for row in rows})
    read = msgspec.json.Decoder(Glance).decode
    found = []
    for box_id, serial, station_id, station, code, ended, online, seen, enrolled, reported, version, sha256 in rows:
        glance = read(reported) if reported else None
        care = rules.care_of(
            ended=ended is not None,
            online=online,
            heard_at=seen or enrolled,
            glance=glance,
            wanted_release=rules.release_name(version, sha256) if version else "",
            now=now,
        )
        found.append(
            Listed(
                id=box_id,
                serial=serial,
                station_id=station_id,
                station=station,
                place=places[code],
                region_code=code,
                care=care,
                seen_at=seen,
                glance=glance,
                reported=reported,
            )
        )
    return found


def _expected(session: Session, root: str) -> Sequence[Listed]:
    query = (
        select(ExpectedBox.serial, ExpectedBox.note, Station.id, Station.name, Station.region_code)
        .join(Station, Station.id == ExpectedBox.station_id)
        .where(ExpectedBox.box_id.is_(None), subtree_filter(Station.region_code, root))
        .order_by(ExpectedBox.serial)
    )
    rows = session.execute(query).all()
    places = parents_named(session, {row[4] for row in rows})
    return [
        Listed(
            id=None,
            serial=serial,
            station_id=station_id,
            station=station,
            place=places[code],
            region_code=code,
            care=frozenset({Care.EXPECTED}),
            note=note,
        )
        for serial, note, station_id, station, code in rows
    ]
