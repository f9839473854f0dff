"""The overview on both databases: parts add up to the whole, two periods are told apart, tables say the same."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import FrozenBitMap
from sqlalchemy.orm import Session

from contentserver import figures, stations
from contentserver.courses import Course
from contentserver.figures import Figures, Sums
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.sheets import Kind, written
from contentserver.regions import region_named
from contentserver.reports import tables
from contentserver.reports.overview import Asked, Measured, asked_by, overview
from contentserver.reports.rules import Against, Period
from contentserver.reports.tables import Key, Order, in_order, order_asked
from contentserver.stations import Station
from schedules.wire.messages import EventBody, SignedIn, SignInMethod
from schedules.wire.signing import Signer
from tests.contentserver.conftest import NOW, enrolled_box, person
from tests.contentserver.figures.test_planning import counted, missed, monday, shown, told
from tests.contentserver.readiness.furnishing import add_lesson, air

COUNTY, TOWNSHIP, VILLAGE = "640221", "640221203", "640221203205"
EVENING = datetime(2026, 11, 23, 19, 30)  # noqa: DTZ001  # wall-clock time; NOW is 19:00 in Shanghai
NOVEMBER, OCTOBER = Period(date(2026, 11, 1), date(2026, 11, 30)), Period(date(2026, 10, 1), date(2026, 10, 31))
COMPARED = Asked(NOVEMBER, against=Against.BEFORE, other=OCTOBER)


@pytest.fixture
def evening(session: Session, village: Station, signer: Signer) -> Person:
    """Monday evening in a township: shown in one village with two people, refused in another, silent elsewhere."""
    who = person(session, Role.SYSTEM_ADMIN, COUNTY)
    lesson = add_lesson(session, who, "看懂化验单", course="种果树")
    session.add(Course(title="种果树", subject="种植", region_code=COUNTY, created_at=NOW))
    other = next(one for one in stations.stations_in(session, TOWNSHIP) if one.id != village.id)
    air(session, signer, who, TOWNSHIP, lesson, EVENING, NOW)
    (airing,) = monday(session, VILLAGE)
    came: list[EventBody] = [
        SignedIn(airing=airing.id, lesson=airing.lesson, member=member, method=SignInMethod.NAME)
        for member in ("a", "b")
    ]
    told(session, enrolled_box(session, village), [*shown(airing), *came], "a")
    told(session, enrolled_box(session, other, "other"), [missed(airing, "refused")], "b")
    counted(session, NOW + timedelta(days=1))
    return who


def test_what_lies_below_adds_up_to_the_whole(session: Session, evening: Person) -> None:
    villages = len(stations.stations_in(session, TOWNSHIP))
    for code, below in ((COUNTY, 13), (TOWNSHIP, villages), (VILLAGE, 0)):
        found = overview(session, region_named(session, code), Asked(NOVEMBER))
        assert len(found.rows) == below
        sums = found.whole.now.sums
        assert (sums.kept, sums.present, found.whole.showing, found.empty) == (1, 2, 1, False)
        if below:
            assert sum(one.stations for one in found.rows) == found.whole.stations == villages
            assert sum(one.now.sums.planned for one in found.rows) == sums.planned == villages
            assert sum(one.showing for one in found.rows) == 1
    found = overview(session, region_named(session, COUNTY), Asked(NOVEMBER))
    assert found.reasons == [(figures.UNREPORTED, villages - 2), ("refused", 1)]
    assert [(one.name, one.now.sums.present) for one in found.courses] == [("种果树", 2)]
    assert [(one.name, one.now.sums.planned) for one in found.subjects] == [("种植", villages)]
    assert [one.now.present for one in found.months] == [0] * 11 + [2]
    assert {day: one.present for day, one in found.days.items()} == {date(2026, 11, 23): 2}
    assert found.titles == ["种果树"]


def test_one_course_and_nothing_else(session: Session, evening: Person) -> None:
    for course, came in (("种果树", 2), ("别的课", 0)):
        found = overview(session, region_named(session, COUNTY), Asked(NOVEMBER, course))
        assert found.whole.now.sums.present == came
        assert [one.name for one in found.courses] == (["种果树"] if came else [])
        assert found.titles == ["种果树"]
        assert found.empty is (came == 0)


def test_two_periods_are_told_apart(session: Session, evening: Person) -> None:
    region = region_named(session, COUNTY)
    found = overview(session, region, COMPARED)
    assert found.whole.then == Figures()
    turned = overview(session, region, Asked(OCTOBER, against=Against.OWN, other=NOVEMBER))
    assert turned.whole.then == found.whole.now
    assert [one.name for one in turned.courses] == ["种果树"]
    rows = tables.by_region(turned, Order()).written()
    assert rows[-1][-5:] == ["2", "▼ 2", "▼ 100.0%", "", ""]
    assert tables.by_region(found, Order()).written()[-1][-5:] == ["0", "▲ 2", "", "", ""]


def test_every_row_of_every_table_is_as_long_as_its_head(session: Session, evening: Person) -> None:
    for asked in (COMPARED, Asked(NOVEMBER), Asked(Period(date(2020, 1, 1), date(2020, 1, 2)))):
        found = overview(session, region_named(session, COUNTY), asked)
        for table in (*tables.all_tables(found, Order()), tables.by_day(found)):
            assert {len(row) for row in table.rows} <= {len(table.columns)}
        assert len(tables.KEYS) <= len(tables.by_region(found, Order()).columns)


def test_an_address_is_read_once(session: Session) -> None:
    today = date(2026, 11, 23)
    asked = asked_by({"span": "last_month", "from": "2020-01-01", "against": "last_year", "course": "x"}, today)
    assert asked == Asked(OCTOBER, "x", Against.LAST_YEAR, Period(date(2025, 10, 1), date(2025, 10, 31)))
    assert asked_by({}, today) == Asked(Period(date(2026, 11, 1), today))


ROWS = st.lists(
    st.builds(
        lambda number, planned, kept, present, expected, people: Measured(
            f"r{number}",
            f"{number:03}",
            5,
            Figures(
                Sums(planned=planned + kept, kept=kept, present=present, expected=present + expected),
                FrozenBitMap(range(people)),
            ),
            None,
        ),
        st.integers(0, 999),
        st.integers(0, 9),
        st.integers(0, 9),
        st.integers(0, 9),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=12,
)


@given(ROWS, st.sampled_from(list(Key)), st.booleans())
def test_an_order_loses_no_row_and_puts_the_unknown_last(rows: list[Measured], key: Key, down: bool) -> None:
    ordered = in_order(rows, Order(key, down))
    assert sorted(map(id, ordered)) == sorted(map(id, rows))
    if key is Key.RATE:
        rates = [one.now.sums.present / one.now.sums.expected for one in ordered if one.now.sums.expected]
        assert rates == sorted(rates, reverse=down)
        known = [bool(one.now.sums.expected) for one in ordered]
        assert known == sorted(known, reverse=True)


def test_an_order_of_an_address() -> None:
    assert order_asked("rate", "down") == Order(Key.RATE, True)
    assert order_asked("rate", "") == Order(Key.RATE, False)
    assert order_asked("nonsense", "down") == Order()


def test_changes_are_written_with_arrows() -> None:
    cells = ((5, Kind.CHANGE), (-5, Kind.CHANGE), (0, Kind.CHANGE), (-0.25, Kind.CHANGE_SHARE), (0.0171, Kind.POINTS))
    assert [written(*one) for one in cells] == ["▲ 5", "▼ 5", "0", "▼ 25.0%", "▲ 1.7"]
    assert written(None, Kind.POINTS) == ""
