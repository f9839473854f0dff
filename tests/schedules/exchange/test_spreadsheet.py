"""Spreadsheets: rows as people write them, every fault named with its row, hostile files refused."""

import csv
import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from schedules.airings import Rank
from schedules.exchange import spreadsheet
from schedules.exchange.imports import MAX_BYTES, FileRefused, Imported
from schedules.exchange.spreadsheet import read_sheet
from schedules.slots import Days
from tests.schedules.exchange.samples import LESSONS, lesson, wall

HEADER = ("备注", "课件", "日期", "时间", "重复", "截止", "级别")
TITLE = lesson(1).lesson.title


def _xlsx(*rows: tuple[object, ...]) -> bytes:
    workbook = Workbook()
    for row in (HEADER, *rows):
        workbook.active.append(row)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def _csv(*rows: tuple[object, ...], encoding: str = "utf-8-sig") -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target).writerows([HEADER, *rows])
    return target.getvalue().encode(encoding)


def _read(data: bytes) -> Imported:
    return read_sheet(data, LESSONS, zone="Asia/Shanghai")


def test_cells_of_a_workbook_are_read_as_its_program_means_them() -> None:
    read = _read(
        _xlsx(
            ("", TITLE, date(2026, 11, 23), time(19, 30), "每周", date(2026, 12, 31), "必播"),
            (None,) * 7,
            ("", "lesson-2", datetime(2026, 11, 24), "24:00", None, None, None),  # noqa: DTZ001
            ("", TITLE, "2026年11月25日", timedelta(days=1), "周一、周三", None, "optional"),
        )
    )
    assert read.faults == ()
    assert [(slot.local_start, slot.rule, slot.rank) for slot in read.slots] == [
        (wall(23, 19, 30), "FREQ=WEEKLY;UNTIL=20261231", Rank.MANDATORY),
        (wall(25, 0), "", Rank.REGULAR),
        (wall(26, 0), "FREQ=WEEKLY;BYDAY=MO,WE", Rank.OPTIONAL),
    ]
    assert [slot.lesson for slot in read.slots] == [lesson(1).lesson, lesson(2).lesson, lesson(1).lesson]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_text_file_is_read_in_the_encodings_that_offices_write(encoding: str) -> None:
    read = _read(_csv(("备注", TITLE, "2026/11/23", "19：30", "工作日", "", ""), encoding=encoding))
    assert [(slot.local_start, slot.rule, slot.days) for slot in read.slots] == [
        (wall(23, 19, 30), "FREQ=DAILY", Days.WORKING)
    ]


def test_every_row_that_cannot_be_planned_is_named() -> None:
    good = ("", TITLE, "2026-11-23", "19:30:00", "", "", "")
    read = _read(
        _csv(
            ("", "没有这课", "2026-11-23", "19:30", "", "", ""),
            ("", "", "2026-11-23", "19:30", "", "", ""),
            ("", TITLE, "2026-02-30", "19:30", "", "", ""),
            ("", TITLE, "明天", "19:30", "", "", ""),
            ("", TITLE, "2026-11-23", "24:01", "", "", ""),
            ("", TITLE, "2026-11-23", "19:30", "有时", "", ""),
            ("", TITLE, "2026-11-23", "19:30", "FREQ=SECONDLY", "", ""),
            ("", TITLE, "2026-11-23", "19:30", "", "2026-12-01", ""),
            ("", TITLE, "2026-11-23", "19:30", "每天", "2026-11-01", ""),
            ("", TITLE, "2026-11-23", "19:30", "", "", "最高"),
            good,
            good,
            ("", "长" * 501, "2026-11-23", "19:30", "", "", ""),
            ("", TITLE),
        )
    )
    assert len(read.slots) == 1
    assert [(fault.row, fault.field, fault.code) for fault in read.faults] == [
        (2, "lesson", "lesson_unknown"),
        (3, "lesson", "missing"),
        (4, "date", "no_such_date"),
        (5, "date", "date_unreadable"),
        (6, "time", "time_unreadable"),
        (7, "repeat", "repeat_unreadable"),
        (8, "repeat", "too_many_occurrences"),
        (9, "until", "until_without_repeat"),
        (10, "until", "until_before_date"),
        (11, "rank", "unknown_word"),
        (13, "row", "row_twice"),
        (14, "row", "cell_too_long"),
        (15, "date", "missing"),
    ]


def test_the_same_sheet_gives_the_same_slots() -> None:
    rows = (("", TITLE, "2026-11-23", "19:30", "每天", "", ""), ("", TITLE, "2026-11-24", "08:00", "", "", ""))
    assert _read(_csv(*rows)) == _read(_xlsx(*rows))


def _repacked(data: bytes, member: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == member else old.read(name))
    return target.getvalue()


ENTITY = '<?xml version="1.0"{}?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no_header"),
        (b"a,b\n1,2\n", "no_header"),
        (b"\xff\xfe\xff", "unreadable"),
        (b"PK\x03\x04 no archive", "unreadable"),
        (b"x" * (MAX_BYTES + 1), "too_large"),
        ("课件,日期,时间\n".encode() + b"a,b,c\n" * 5000, "too_many_rows"),
        ("课件,日期,时间\n".encode() + b'"' + b"x" * 200_000, "unreadable"),
        (_repacked(_xlsx(), "xl/worksheets/sheet1.xml", ENTITY.format("").encode()), "unreadable"),
        (
            _repacked(_xlsx(), "xl/worksheets/sheet1.xml", ENTITY.format(' encoding="UTF-16"').encode("utf-16")),
            "unreadable",
        ),
        (_repacked(_xlsx(), "xl/worksheets/sheet1.xml", b"<worksheet>"), "unreadable"),
        (_repacked(_xlsx(), "xl/worksheets/sheet1.xml", b" " * (spreadsheet.MAX_UNPACKED + 1)), "too_large"),
    ],
    ids=["empty", "other", "bytes", "archive", "large", "rows", "field", "entity", "entity16", "cut", "bomb"],
)
def test_what_is_no_sheet_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        _read(data)
    assert refused.value.code == code


def test_a_row_at_the_end_of_the_world_costs_nothing() -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>lesson</t></is></c><c r="B1" t="inlineStr"><is><t>date</t></is></c>'
        b'<c r="C1" t="inlineStr"><is><t>time</t></is></c></row>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert _read(_repacked(_xlsx(), "xl/worksheets/sheet1.xml", sheet)) == Imported()


@given(st.lists(st.lists(st.text(max_size=12) | st.sampled_from([TITLE, "2026-11-23", "19:30", "每天"]), max_size=8)))
def test_any_text_is_read_or_named_and_nothing_else(rows: list[list[str]]) -> None:
    data = _csv(*(tuple(row) for row in rows), encoding="utf-8")
    read = _read(data)
    assert len(read.slots) + len(read.faults) <= data.count(b"\n") + data.count(b"\r")
    assert len({slot.id for slot in read.slots}) == len(read.slots)
