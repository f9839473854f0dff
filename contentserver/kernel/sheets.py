"""Tables to take along: CSV and a spreadsheet of the same rows, what they are of on top. No cell begins a formula."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO, StringIO
from typing import Final

import xlsxwriter

CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | None


class Kind(StrEnum):
    """How the cells of a column are meant."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    """0 to 1, shown in per cent with one decimal."""
    HOURS = "hours"
    """Shown with one decimal."""
    CHANGE = "change"
    """How many more or fewer: an arrow and a count."""
    CHANGE_SHARE = "change_share"
    """The same in per cent of what it was, as a part of 1."""
    POINTS = "points"
    """How a share has changed, as a part of 1, shown in percentage points."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `width` in characters."""

    head: str
    kind: Kind = Kind.TEXT
    width: int = 12


def written(cell: Cell, kind: Kind) -> str:
    """A cell as text, as it stands in a CSV and on a printed page; empty for nothing."""
    if cell is None:
        return ""
    match kind:
        case Kind.SHARE:
            return f"{100 * float(cell):.1f}%"
        case Kind.HOURS:
            return f"{float(cell):.1f}"
        case Kind.CHANGE:
            return _arrowed(f"{abs(float(cell)):.0f}", float(cell))
        case Kind.CHANGE_SHARE:
            return _arrowed(f"{100 * abs(float(cell)):.1f}%", float(cell))
        case Kind.POINTS:
            return _arrowed(f"{100 * abs(float(cell)):.1f}", float(cell))
        case _:
            return str(cell)


def _arrowed(size: str, change: float) -> str:
    return f"▲ {size}" if change > 0 else f"▼ {size}" if change < 0 else size


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head. `name` is that of its sheet; `total`: the last row is one."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: bool = False

    def written(self) -> list[list[str]]:
        """Every cell as text."""
        kinds = [column.kind for column in self.columns]
        return [[written(*pair) for pair in zip(row, kinds, strict=True)] for row in self.rows]


def as_csv(tops: Sequence[str], *tables: Table) -> bytes:
    """UTF-8 with the mark by which spreadsheet programs know it; an empty line between tables.

    Args:
        tops: lines above: what it is of, and as of when.
    """
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([_harmless(top)] for top in tops)
    for number, table in enumerate(tables):
        writer.writerows([[]] if number else [])
        lines = [[column.head for column in table.columns], *table.written()]
        writer.writerows([_harmless(cell) for cell in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(tops: Sequence[str], *tables: Table) -> bytes:
    """A workbook with a sheet for each table, its cells typed; the head stays in sight. `tops` as in `as_csv`."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        for table in tables:
            _add_sheet(book, tops, table)
    return made.getvalue()


def _add_sheet(book: xlsxwriter.Workbook, tops: Sequence[str], table: Table) -> None:
    sheet, first, bold = book.add_worksheet(table.name[:31]), len(tops) + 1, book.add_format({"bold": True})
    for number, top in enumerate(tops):
        sheet.write_string(number, 0, top, bold)
    for place, column in enumerate(table.columns):
        sheet.write_string(first, place, column.head, bold)
        sheet.set_column(place, place, column.width)
    formats = {kind: book.add_format({"valign": "top", **look}) for kind, look in _LOOKS.items()}
    strong = {kind: book.add_format({"bold": True, "top": 1, **look}) for kind, look in _LOOKS.items()}
    for number, row in enumerate(table.rows, first + 1):
        looks = strong if table.total and number == first + len(table.rows) else formats
        for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            if isinstance(cell, str):
                sheet.write_string(number, place, cell, looks[column.kind])
            elif cell is not None:
                typed = 100 * cell if column.kind is Kind.POINTS else cell
                sheet.write_number(number, place, typed, looks[column.kind])
    sheet.freeze_panes(first + 1, 0)
    if listed := len(table.rows) - int(table.total):
        sheet.autofilter(first, 0, first + listed, len(table.columns) - 1)


_LOOKS: Final[dict[Kind, dict[str, object]]] = {
    Kind.TEXT: {"text_wrap": True},
    Kind.COUNT: {"num_format": "#,##0"},
    Kind.SHARE: {"num_format": "0.0%"},
    Kind.HOURS: {"num_format": "#,##0.0"},
    Kind.CHANGE: {"num_format": '"▲ "#,##0;"▼ "#,##0;0'},
    Kind.CHANGE_SHARE: {"num_format": '"▲ "0.0%;"▼ "0.0%;0.0%'},
    Kind.POINTS: {"num_format": '"▲ "0.0;"▼ "0.0;0.0'},
}


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet program takes for text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
