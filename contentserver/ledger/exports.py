"""A month's completeness to take along: CSV, spreadsheet, PDF; the page's numbers, with filter and time on top."""

from datetime import datetime

from flask import render_template
from flask_babel import gettext as _

from contentserver.kernel import pdf
from contentserver.kernel.display import moment
from contentserver.kernel.sheets import Cell, Column, Kind, Table, as_csv, as_xlsx
from contentserver.ledger import words
from contentserver.ledger.completeness import Completeness, Line, Part
from contentserver.ledger.rules import month_of


def tops(found: Completeness, now: datetime) -> list[str]:
    """What the table is of, and as of when."""
    return [
        _("Work book of %(region)s", region=found.region.name),
        _("Month %(month)s", month=words.month(found.month)),
        _("Data as of %(moment)s", moment=moment(now)),
    ]


def tables(found: Completeness) -> list[Table]:
    """By region or station, with its total; and by month."""
    expected = {code: one for code, one in found.kinds.items() if found.total.parts.get(code, Part()).expected}
    other = {code: one for code, one in found.kinds.items() if code not in expected}
    columns = [Column(_("Region"), width=20), Column(_("Stations"), Kind.COUNT)]
    for one in expected.values():
        name = words.name_of(one.law)
        columns += [
            Column(_("%(kind)s: there", kind=name), Kind.COUNT),
            Column(_("%(kind)s: expected", kind=name), Kind.COUNT),
        ]
    columns += [Column(words.name_of(one.law), Kind.COUNT) for one in other.values()]
    columns += [
        Column(_("Entries there"), Kind.COUNT),
        Column(_("Entries expected"), Kind.COUNT),
        Column(_("Complete"), Kind.SHARE),
    ]

    def row(line: Line) -> list[Cell]:
        parts = [line.parts.get(code, Part()) for code in expected]
        pairs = [number for part in parts for number in (part.there, part.expected)]
        rest = [line.parts.get(code, Part()).entries for code in other]
        return [line.name, line.stations, *pairs, *rest, line.whole.there, line.whole.expected, share(line.whole)]

    total = Line(found.total.code, _("Total"), found.total.stations, found.total.parts)
    months: list[list[Cell]] = [
        [words.month(first), part.there, part.expected, share(part), part.entries] for first, part in found.months
    ]
    by_month = [
        Column(_("Month")),
        Column(_("Entries there"), Kind.COUNT),
        Column(_("Entries expected"), Kind.COUNT),
        Column(_("Complete"), Kind.SHARE),
        Column(_("Entries"), Kind.COUNT),
    ]
    return [
        Table(_("By region"), columns, [row(one) for one in (*found.lines, total)], True),
        Table(_("By month"), by_month, months),
    ]


def share(part: Part) -> float | None:
    """How much is there, as a part of 1; nothing where nothing is expected."""
    return part.there / part.expected if part.expected else None


def csv_of(found: Completeness, now: datetime) -> bytes:
    """As comma-separated values."""
    return as_csv(tops(found, now), *tables(found))


def xlsx_of(found: Completeness, now: datetime) -> bytes:
    """As a workbook."""
    return as_xlsx(tops(found, now), *tables(found))


def pdf_of(found: Completeness, now: datetime) -> bytes:
    """As pages of A4, with the chart."""
    page = render_template(
        "ledger/completeness_print.html",
        tops=tops(found, now),
        tables=tables(found),
        found=found,
        words=words,
        this_month=month_of(now.date()),
    )
    return pdf.pdf_of(page)
