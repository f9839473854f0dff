"""The board as a list to take along: CSV and a spreadsheet of the same rows, the filter and the time on top.

Holds no person's name. A cell never begins a formula.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO, StringIO

import xlsxwriter
from flask_babel import gettext as _

from contentserver.kernel.display import moment
from contentserver.readiness import words
from contentserver.readiness.service import Occasion, Row
from contentserver.regions import ancestors_and_self

WIDTHS = (14, 14, 18, 8, 14, 36, 60, 22, 22, 22)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(rows: Iterable[Row], names: dict[str, str], now: datetime) -> list[list[str]]:
    """Head and rows of the list; `names` are those of counties and townships by code."""
    head = [
        _("County"),
        _("Township"),
        _("Station"),
        _("Box"),
        _("State"),
        _("What is"),
        _("What happens"),
        _("Ready by"),
        _("Last heard from"),
        _("Told at"),
    ]
    return [head, *(_cells(row, names, now) for row in rows)]


def as_csv(title: str, lines: Sequence[Sequence[str]]) -> bytes:
    """UTF-8 with the mark by which spreadsheet programs know it."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_harmless(title)])
    writer.writerows([[_harmless(cell) for cell in line] for line in lines])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(title: str, lines: Sequence[Sequence[str]]) -> bytes:
    """A workbook with one sheet; its head stays in sight."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(_("Readiness")[:31])
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet.write_string(0, 0, title, bold)
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                sheet.write_string(2 + number, column, cell, wrapped if number else bold)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(3, 0)
        if lines:
            sheet.autofilter(2, 0, 1 + len(lines), len(lines[0]) - 1)
    return made.getvalue()


def heading(place: str, occasion: Occasion, now: datetime) -> str:
    """Which airing, where, and as of when."""
    lessons = " / ".join(occasion.titles)
    words_of_it: str = _(
        "Readiness of %(place)s for %(start)s %(lessons)s, as of %(now)s",
        place=place,
        start=moment(occasion.start),
        lessons=lessons,
        now=moment(now),
    )
    return words_of_it


def _cells(row: Row, names: dict[str, str], now: datetime) -> list[str]:
    above = {len(code): names.get(code, "") for code in ancestors_and_self(row.box.region_code)}
    smaller = row.box.limits.get(row.airing.package, "")
    return [
        above.get(6, ""),
        above.get(9, ""),
        row.box.station,
        str(row.box.id),
        str(words.LIGHTS[row.verdict.light]),
        words.headline(row.verdict, now),
        words.outlook(row.verdict, smaller, now),
        moment(row.verdict.ready_by) if row.verdict.ready_by else "",
        moment(row.box.seen_at) if row.box.seen_at else "",
        moment(row.told.made_at) if row.told else "",
    ]


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet program takes for text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
