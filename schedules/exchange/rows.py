"""One row of a sheet becomes a slot: what its columns are called, and how dates, times and repetition are written.

Cells are what a sheet's program holds (texts, numbers, dates, times) or the texts of a CSV file. How sheets are opened:
`spreadsheet.py`.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from schedules.airings import Rank
from schedules.exchange.imports import Lessons, Unusable, imported_slot_id
from schedules.gaps import minute_of_day
from schedules.recurrence import check
from schedules.slots import Days, Slot, SlotInvalid

Cell = str | int | float | bool | datetime | date | time | timedelta | None


class Column(StrEnum):
    """What a row can say; the first three it must."""

    LESSON = "lesson"
    DATE = "date"
    TIME = "time"
    REPEAT = "repeat"
    UNTIL = "until"
    RANK = "rank"


NEEDED = (Column.LESSON, Column.DATE, Column.TIME)
COLUMNS = {
    "课件": Column.LESSON,
    "课程": Column.LESSON,
    "日期": Column.DATE,
    "时间": Column.TIME,
    "重复": Column.REPEAT,
    "截止": Column.UNTIL,
    "级别": Column.RANK,
} | {column.value: column for column in Column}
RANKS = {"必播": Rank.MANDATORY, "常规": Rank.REGULAR, "选播": Rank.OPTIONAL} | {rank.value: rank for rank in Rank}
REPEATS = {
    "": ("", Days.ANY),
    "不重复": ("", Days.ANY),
    "每天": ("FREQ=DAILY", Days.ANY),
    "daily": ("FREQ=DAILY", Days.ANY),
    "每周": ("FREQ=WEEKLY", Days.ANY),
    "weekly": ("FREQ=WEEKLY", Days.ANY),
    "工作日": ("FREQ=DAILY", Days.WORKING),
    "working days": ("FREQ=DAILY", Days.WORKING),
    "休息日": ("FREQ=DAILY", Days.FREE),
    "free days": ("FREQ=DAILY", Days.FREE),
    "节假日": ("FREQ=DAILY", Days.HOLIDAYS),
    "holidays": ("FREQ=DAILY", Days.HOLIDAYS),
}
_WEEKDAYS = dict(zip("一二三四五六日", ("MO", "TU", "WE", "TH", "FR", "SA", "SU"), strict=True)) | {"天": "SU"}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def slot_of_row(row: Mapping[Column, Cell], lessons: Lessons, zone: str) -> Slot:
    """The slot that a row asks for; the same row gives the same slot.

    Raises:
        Unusable: a cell of it cannot be used.
    """
    named = _text(row.get(Column.LESSON))
    episode = lessons.get(named)
    if episode is None:
        raise Unusable(Column.LESSON, "lesson_unknown" if named else "missing", named)
    start = datetime.combine(_day(row, Column.DATE), time()) + timedelta(minutes=_minute(row.get(Column.TIME)))
    rule, days = _repeat(_text(row.get(Column.REPEAT)))
    if _text(row.get(Column.UNTIL)):
        until = _day(row, Column.UNTIL)
        if not rule or "UNTIL=" in rule or "COUNT=" in rule:
            raise Unusable(Column.UNTIL, "until_without_repeat", until)
        if until < start.date():
            raise Unusable(Column.UNTIL, "until_before_date", until)
        rule += f";UNTIL={until:%Y%m%d}"
    rank = RANKS.get(_text(row.get(Column.RANK)).lower() or Rank.REGULAR.value)
    if rank is None:
        raise Unusable(Column.RANK, "unknown_word", row.get(Column.RANK))
    slot = Slot(
        id=imported_slot_id("|".join((episode.lesson.id, start.isoformat(), zone, rule, days, rank))),
        lesson=episode.lesson,
        package=episode.package,
        local_start=start,
        zone=zone,
        duration_ms=episode.duration_ms,
        rank=rank,
        rule=rule,
        days=days,
    )
    try:
        check(slot)
    except SlotInvalid as error:
        raise Unusable(Column.REPEAT, error.code, error.detail) from error
    return slot


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _day(row: Mapping[Column, Cell], column: Column) -> date:
    cell = row.get(column)
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _text(cell)
    written = _DATE.fullmatch(text)
    try:
        if written:
            year, month, day = (int(part) for part in written.groups())
            return date(year, month, day)
    except ValueError as error:
        raise Unusable(column, "no_such_date", text) from error
    raise Unusable(column, "date_unreadable" if text else "missing", text)


def _minute(cell: Cell) -> int:
    """Minutes after midnight, to 1440: a sheet writes 24:00 as a whole day, a CSV file as text."""
    if isinstance(cell, time | datetime):
        return cell.hour * 60 + cell.minute
    if isinstance(cell, timedelta) and timedelta() <= cell <= timedelta(days=1):
        return int(cell / timedelta(minutes=1))
    text = _text(cell).replace("：", ":")
    try:
        return minute_of_day(text.removesuffix(":00") if text.count(":") == 2 else text)
    except ValueError as error:
        raise Unusable(Column.TIME, "time_unreadable" if text else "missing", text) from error


def _repeat(text: str) -> tuple[str, Days]:
    """The rule and condition of a word, of weekdays (周一、周三 or MO, WE), or of an RRULE."""
    if known := REPEATS.get(text.lower()):
        return known
    if "=" in text:
        return text.upper().removeprefix("RRULE:"), Days.ANY
    names = [part.removeprefix("每").removeprefix("周").removeprefix("星期") for part in re.split(r"[,，、;\s]+", text)]
    days = [_WEEKDAYS.get(name, name.upper()) for name in names]
    if not set(days) <= set(_WEEKDAYS.values()):
        raise Unusable(Column.REPEAT, "repeat_unreadable", text)
    return f"FREQ=WEEKLY;BYDAY={','.join(dict.fromkeys(days))}", Days.ANY
