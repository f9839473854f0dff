"""Spreadsheets in: rows of an .xlsx or .csv become slots, every row that cannot is named with its fault.

The first row is the header and names the columns, in Chinese or English (`rows.COLUMNS`), in any order; further columns
do not matter. Hostile files are bounded: bytes, bytes unpacked, rows, columns, length of a cell; XML with a DTD, so
also any external entity, is refused unread.
"""

import csv
import io
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from openpyxl import load_workbook

from schedules.exchange.imports import MAX_BYTES, FileRefused, Imported, Lessons, Unusable, printable
from schedules.exchange.rows import COLUMNS, NEEDED, Cell, slot_of_row

MAX_ROWS = 5000
LAST_ROW = 20_000
"""Rows below are not looked at; sheets often carry formatted empty ones."""
MAX_COLUMNS = 32
MAX_CELL = 500
MAX_UNPACKED = 20_000_000
MAX_MEMBERS = 200
EXACT = 10**15
"""Numbers from here on lose their last digits in a sheet's program."""

_Column = TypeVar("_Column")


def read_sheet(data: bytes, lessons: Lessons, *, zone: str) -> Imported:
    """The slots of a sheet: of a workbook's first one, or of a CSV file in UTF-8 or GB 18030.

    Args:
        data: the file, at most `MAX_BYTES`.
        lessons: by what the lesson column may name: ids and titles.
        zone: IANA name of the zone whose wall clock the sheet means.

    Raises:
        FileRefused: it is no sheet, has no header, or is larger than what is read.
    """
    rows = rows_of(data)
    header = [str(cell or "").strip().lower() for cell in next(rows, ())]
    places = {COLUMNS[name]: place for place, name in enumerate(header) if name in COLUMNS}
    if missing := [column.value for column in NEEDED if column not in places]:
        raise FileRefused("no_header", ", ".join(missing))
    slots, faults = {}, []
    for number, cells in enumerate(rows, 2):
        row = {column: cells[place] for column, place in places.items() if place < len(cells)}
        if all(cell is None or cell == "" for cell in row.values()):
            continue
        if number > MAX_ROWS:
            raise FileRefused("too_many_rows", str(MAX_ROWS))
        try:
            if any(isinstance(cell, str) and len(cell) > MAX_CELL for cell in row.values()):
                raise Unusable("row", "cell_too_long")
            slot = slot_of_row(row, lessons, zone)
            if slot.id in slots:
                raise Unusable("row", "row_twice")
            slots[slot.id] = slot
        except Unusable as fault:
            faults.append(fault.at(number))
    return Imported(slots=tuple(slots.values()), faults=tuple(faults))


def rows_of(data: bytes) -> Iterator[Sequence[Cell]]:
    """The rows of a workbook's first sheet, or of a CSV file in UTF-8 or GB 18030; for sheets of other things too.

    Raises:
        FileRefused: it is no sheet, or larger than what is read; with the first row at the latest.
    """
    if len(data) > MAX_BYTES:
        raise FileRefused("too_large", str(len(data)))
    return _workbook_rows(data) if data.startswith(b"PK") else _text_rows(data)


def named_rows(
    data: bytes, columns: Mapping[str, _Column], needed: Collection[_Column], most: int
) -> Iterator[tuple[int, dict[_Column, str]]]:
    """The rows of a sheet that say anything, by what its head calls their columns; each cell as it was typed.

    Args:
        columns: what a head may be called, in small letters, and the column that it means.
        needed: columns without which the sheet is refused.
        most: rows that are read.

    Yields:
        The row's number, as a sheet's program counts, and its cells; a column that the head lacks is left out.

    Raises:
        FileRefused: it is no sheet, has no such head, or more rows than are read.
    """
    rows = enumerate(rows_of(data), 1)
    heads = ([text_of(cell).lower() for cell in cells] for _number, cells in rows)
    head = next((named for named in heads if any(named)), [])
    places = {columns[name]: place for place, name in enumerate(head) if name in columns}
    if missing := [str(column) for column in needed if column not in places]:
        raise FileRefused("no_header", ", ".join(missing))
    count = 0
    for number, cells in rows:
        row = {column: text_of(cells[place]) if place < len(cells) else "" for column, place in places.items()}
        if not any(row.values()):
            continue
        count += 1
        if count > most:
            raise FileRefused("too_many_rows", str(most))
        yield number, row


def text_of(cell: Cell) -> str:
    """A cell as it was typed: a number without the fraction that a program adds; one that it rounded, as such."""
    if cell is None:
        return ""
    if isinstance(cell, int | float) and abs(cell) >= EXACT:
        return f"{cell:E}"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(printable(str(cell)).split())


def _text_rows(data: bytes) -> Iterator[Sequence[Cell]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as error:
            raise FileRefused("unreadable", "neither UTF-8 nor GB 18030") from error
    dialect = "excel-tab" if "\t" in text.partition("\n")[0] else "excel"
    try:
        for row in csv.reader(io.StringIO(text, newline=""), dialect):
            yield row[:MAX_COLUMNS]
    except csv.Error as error:
        raise FileRefused("unreadable", str(error)) from error


def _workbook_rows(data: bytes) -> Iterator[Sequence[Cell]]:
    _inspect(data)
    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        rows = workbook.worksheets[0].iter_rows(max_row=LAST_ROW, max_col=MAX_COLUMNS, values_only=True)
        yield from islice(rows, LAST_ROW)
    except Exception as error:  # the parser raises whatever the damage makes of it
        raise FileRefused("unreadable", str(error)) from error


def _inspect(data: bytes) -> None:
    """Refuse an archive that unpacks to too much, or holds XML that declares a document type."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            # The archive's reader never returns more of a member than its header claims.
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
                raise FileRefused("too_large", "unpacked")
            for member in members:
                letters = archive.read(member).replace(b"\0", b"")  # of UTF-16 and UTF-32 too
                if b"<!DOCTYPE" in letters or b"<!ENTITY" in letters:
                    raise FileRefused("unreadable", "XML with a document type")
    except FileRefused:
        raise
    except Exception as error:  # damaged archives, unknown compression, encryption
        raise FileRefused("unreadable", str(error)) from error
