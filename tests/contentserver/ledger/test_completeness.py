"""How much of a month is there: one number for a station, a county and the chart."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from contentserver.kernel.errors import NotFound
from contentserver.ledger import kinds, rules
from contentserver.ledger.completeness import Completeness, Part, completeness
from contentserver.ledger.models import LedgerEntry
from contentserver.stations import Station, stations_in
from tests.contentserver.conftest import VILLAGE
from tests.contentserver.ledger.conftest import MONTH, WRITTEN_AT, Book

COUNTY, TOWNSHIP = "640221", "640221203"
MONTHLY = sum(one.monthly for one in kinds.KINDS.shipped.values())


def put(session: Session, station: Station, kind: str, number: int, month: date = MONTH) -> None:
    """Entries of a kind into a month."""
    for _each in range(number):
        session.add(
            LedgerEntry(
                station_id=station.id,
                region_code=station.region_code,
                kind=kind,
                version=":1",
                day=month,
                month=month,
                title="t",
                fields="{}",
                written_at=WRITTEN_AT,
            )
        )
    session.flush()


def of(session: Session, code: str, month: date = MONTH) -> Completeness:
    """A region's month, looked at in November 2026."""
    return completeness(session, code, month, MONTH)


def test_of_each_kind_at_most_as_many_count_as_are_expected(session: Session, village: Station) -> None:
    put(session, village, "meeting", 3)
    put(session, village, "visit", 1)
    put(session, village, "notice", 4)
    found = of(session, VILLAGE)
    assert found.total.parts["meeting"] == Part(3, 1, 1)
    assert found.total.parts["visit"] == Part(1, 1, 2)
    assert found.total.parts["notice"] == Part(4, 0, 0)
    assert (found.total.whole.there, found.total.whole.expected) == (2, MONTHLY)
    assert found.lines[0].station_id == village.id


def test_the_region_is_the_sum_of_what_lies_below_and_of_the_chart(session: Session, village: Station) -> None:
    several = stations_in(session, TOWNSHIP)
    put(session, village, "meeting", 2)
    put(session, several[-1], "visit", 5)
    put(session, several[-1], "visit", 1, date(2026, 10, 1))
    county, township = of(session, COUNTY), of(session, TOWNSHIP)
    assert county.total.whole == township.total.whole == Part(7, 3, MONTHLY * len(several))
    assert sum((line.whole for line in township.lines), Part()) == township.total.whole
    assert county.months[-1] == (MONTH, county.total.whole)
    assert county.months[-2] == (date(2026, 10, 1), Part(1, 1, MONTHLY * len(several)))
    assert len(county.months) == 12


def test_months_to_come_expect_nothing_and_what_was_taken_out_does_not_count(
    session: Session, village: Station
) -> None:
    put(session, village, "meeting", 1, date(2026, 12, 1))
    assert of(session, VILLAGE, date(2026, 12, 1)).total.whole == Part(1, 0, 0)
    put(session, village, "meeting", 1)
    row = session.query(LedgerEntry).filter_by(month=MONTH).one()
    row.removed_at = WRITTEN_AT
    session.flush()
    assert of(session, VILLAGE).total.whole.entries == 0
    with pytest.raises(NotFound):
        of(session, "990000")


def test_a_countys_own_kinds_hold_for_its_stations_alone(session: Session, book: Book) -> None:
    before = of(session, "6402").total.whole.expected
    meeting = kinds.written(kinds.KINDS.shipped["meeting"]).replace("monthly = 1", "monthly = 3")
    kinds.KINDS.adopt(session, "meeting", meeting, book.staff, WRITTEN_AT)
    kinds.KINDS.adopt(session, "visit", kinds.written(kinds.KINDS.shipped["visit"]), book.staff, WRITTEN_AT, ended=True)
    put(session, book.station, "meeting", 5)
    put(session, book.station, "visit", 2)
    stations = len(stations_in(session, TOWNSHIP))
    city, county = of(session, "6402"), of(session, COUNTY)
    assert city.total.whole.expected == before + 2 * stations - 2 * stations
    assert county.total.parts["meeting"] == Part(5, 3, 3 * stations)
    assert county.total.parts["visit"] == Part(2, 0, 0)
    assert county.months[-1][1] == county.total.whole
    assert city.months[-1][1] == city.total.whole


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 10)), max_size=20))
def test_there_is_never_more_than_expected_and_one_more_entry_never_makes_less(pairs: list[tuple[int, int]]) -> None:
    there, expected = rules.there(pairs)
    assert 0 <= there <= expected
    more = [(entries + 1, wanted) for entries, wanted in pairs]
    assert rules.there(more)[0] >= there
