"""A sheet of announced boxes: as people fill it in, every fault named with its row, and the template reads itself."""

import io

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.boxes import Announcement, ExpectedBox, announce, sheets
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Rejected
from contentserver.regions import parents_named
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, enrolled_box, person

HEAD = ("序列号", "站点", "乡镇", "备注")


@pytest.fixture
def who(session: Session, village: Station) -> Person:
    return person(session, Role.SYSTEM_ADMIN, "640221")


def _xlsx(*rows: tuple[object, ...], head: tuple[str, ...] = HEAD) -> bytes:
    workbook = Workbook()
    for row in (head, *rows):
        workbook.active.append(row)
    made = io.BytesIO()
    workbook.save(made)
    return made.getvalue()


def _csv(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD, encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(",".join(row) for row in (head, *rows)).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_station_is_named_by_name_or_number(session: Session, village: Station, who: Person, encoding: str) -> None:
    township = _township(session, village)
    rows = (("A1", "马场村", township, "第一批"), (" a2 ", village.region_code, "", ""), ("A3", "马场村", "", ""))
    for data in (_csv(*rows, encoding=encoding), _xlsx(*rows)):
        good, faults = sheets.read(session, data, who)
        assert faults == ()
        assert [one.announcement.station_id for one in good] == [village.id] * 3
        assert [one.row for one in good] == [2, 3, 4]
        assert good[0].announcement == Announcement("A1", village.id, "第一批")
    assert session.scalars(select(ExpectedBox)).all() == []


def _township(session: Session, village: Station) -> str:
    return parents_named(session, [village.region_code])[village.region_code].split(" ")[-1]


def test_numbers_are_read_as_they_were_typed(session: Session, village: Station, who: Person) -> None:
    rows = ((20260017, int(village.region_code)), (17.0, village.name), (1234567890123456789, village.name))
    good, faults = sheets.read(session, _xlsx(*rows, head=HEAD[:2]), who)
    assert [one.announcement.serial for one in good] == ["20260017", "17"]
    assert [fault.row for fault in faults] == [4]
    _good, (fault,) = sheets.read(session, _csv(("1.23457E+18", village.name), head=HEAD[:2]), who)
    assert "text" in str(fault.sentence)


def test_every_fault_is_named_and_the_others_can_be_used(session: Session, village: Station, who: Person) -> None:
    twin = Station(name=village.name, kind="office", region_code="640221100")
    session.add(twin)
    session.flush()
    announce(session, [Announcement("A8", village.id)], who, NOW)
    data = _xlsx(
        ("A1", "没有这个村"),
        ("A2", village.name),
        ("A3", village.name, _township(session, village)),
        ("", village.region_code),
        ("A3", village.region_code),
        (None, None),
        ("B" * 65, village.region_code),
        ("A4", ""),
        ("A5", village.region_code, "", "x" * 201),
        ("A8", village.region_code, "", "again"),
        ("A6", "640202001001"),
    )
    good, faults = sheets.read(session, data, who)
    assert [one.announcement.serial for one in good] == ["A3", "A8"]
    assert [fault.row for fault in faults] == [2, 3, 5, 6, 8, 9, 10, 12]
    assert all(str(fault.sentence) for fault in faults)


def test_a_serial_that_a_box_has_already_is_named(session: Session, village: Station, who: Person) -> None:
    enrolled_box(session, village).serial = "A1"
    session.flush()
    _good, (fault,) = sheets.read(session, _csv(("a1", village.name), head=HEAD[:2]), who)
    assert "let in already" in str(fault.sentence)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_no_header"),
        (b"\xff\xfe\x00", "file_unreadable"),
        (b"PK\x03\x04 damaged", "file_unreadable"),
        (_csv(head=("序列号", "备注")), "file_no_header"),
        (_csv(*[(f"A{number}", "马场村", "", "") for number in range(sheets.MAX_ROWS + 1)]), "file_too_many_rows"),
        (b"x" * 2_000_001, "file_too_large"),
    ],
)
def test_what_is_no_list_is_refused_in_words(session: Session, who: Person, data: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        sheets.read(session, data, who)
    assert refused.value.code == code


def test_the_template_filled_in_is_read(session: Session, village: Station, who: Person) -> None:
    book = load_workbook(io.BytesIO(sheets.template(session, "640221")))
    first, known = book.worksheets
    assert [cell.value for cell in first[1]] == ["Serial number", "Station", "Township", "Note"]
    numbers = {row[0].value: row for row in known.iter_rows(min_row=2)}
    assert len(numbers) == len(stations.stations_in(session, "640221"))
    row = numbers[village.region_code]
    first.append(["007", row[1].value, row[2].value, ""])
    first.append(["008", row[0].value, "", ""])
    made = io.BytesIO()
    book.save(made)
    good, faults = sheets.read(session, made.getvalue(), who)
    assert faults == ()
    assert [(one.announcement.serial, one.announcement.station_id) for one in good] == [
        ("007", village.id),
        ("008", village.id),
    ]
