"""Prices from a sheet: every row is good or says what is wrong; nothing is kept by looking."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Rejected
from contentserver.market import catalogue, importing
from contentserver.market.models import MarketPlace, Price
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, person
from tests.contentserver.market.samples import COUNTY, TODAY, TOWNSHIP, trade

HEAD = "品种,市场,日期,价格(元)\n"


def test_good_rows_are_read_and_bad_ones_say_why(session: Session, village: Station) -> None:
    made = trade(session)
    sheet = HEAD + "\n".join(
        [
            "玉米,平罗批发市场,2026-11-23,1.18",
            "大米,平罗批发市场,2026/11/22,3",
            "玉米,平罗批发市场,2026年11月23日,1.20",
            "玉米,平罗批发市场,2026-11-24,1.2",
            "玉米,平罗批发市场,2026-13-01,1.2",
            "玉米,没有的市场,2026-11-23,1.2",
            "没有的,平罗批发市场,2026-11-23,1.2",
            "玉米,崇岗集市,2026-11-23,0",
            "玉米,崇岗集市,2026-11-23,-2",
            "玉米,崇岗集市,2026-11-23,贵",
            "=cmd(),崇岗集市,2026-11-23,1",
        ]
    )
    lines = importing.read(session, sheet.encode(), made.keeper, NOW)
    assert [(one.row, one.entry is not None) for one in lines] == [
        (2, True),
        (3, True),
        *((n, False) for n in range(4, 13)),
    ]
    assert lines[1].entry is not None
    assert (lines[1].entry.cents, lines[1].entry.day) == (300, date(2026, 11, 22))
    assert all(str(one.fault) for one in lines[2:])
    assert "2" in str(lines[2].fault)
    assert session.scalars(select(Price)).all() == []


def test_a_workbook_is_read_and_the_one_to_fill_in_comes_back_as_it_went(session: Session, village: Station) -> None:
    made = trade(session)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["commodity", "market", "day", "price"])
    sheet.append(["玉米", "平罗批发市场", date(2026, 11, 23), 1.18])
    kept = io.BytesIO()
    book.save(kept)
    (line,) = importing.read(session, kept.getvalue(), made.keeper, NOW)
    assert line.entry is not None
    assert (line.entry.cents, line.entry.day) == (118, TODAY)
    filled = load_workbook(io.BytesIO(importing.template(session, made.keeper, TODAY)))
    rows = list(filled.worksheets[0].iter_rows(values_only=True))
    assert {row[:2] for row in rows[2:]} == {
        (good, place) for good in ("玉米", "大米") for place in ("平罗批发市场", "崇岗集市")
    }


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no book", b"\xff\xfe\xfa", b"a,b\n1,2\n", HEAD.encode()])
def test_what_is_no_sheet_of_prices_is_refused(session: Session, village: Station, data: bytes) -> None:
    made = trade(session)
    with pytest.raises(Rejected) as refused:
        importing.read(session, data, made.keeper, NOW)
    assert refused.value.code.startswith("file_")


def test_a_name_that_two_markets_have_is_unclear_and_other_markets_are_not_ones_own(
    session: Session, village: Station
) -> None:
    made = trade(session)
    catalogue.add_place(session, TOWNSHIP, "平罗批发市场", made.keeper, NOW)
    row = (HEAD + "玉米,平罗批发市场,2026-11-23,1.18").encode()
    (line,) = importing.read(session, row, made.keeper, NOW)
    assert line.entry is None
    below = person(session, Role.SCHEDULER, TOWNSHIP)
    (line,) = importing.read(session, row, below, NOW)
    assert line.entry is not None
    assert session.get_one(MarketPlace, line.entry.place_id).region_code == TOWNSHIP
    assert made.county.region_code == COUNTY


@given(st.text(max_size=20))
def test_whatever_stands_for_a_day_is_one_or_is_refused(text: str) -> None:
    try:
        day = importing.day_of(text, TODAY)
    except Rejected:
        return
    assert day <= TODAY
