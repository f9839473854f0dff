"""Announced boxes as a spreadsheet: an empty one to fill in, a filled one read row by row, every fault named.

A station is named by its region's code or by its name, and where several bear the name also by its township. How files
are opened, and the limits on them: `schedules.exchange.spreadsheet`. What may be announced: `enrolling.py`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

import xlsxwriter
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from contentserver.boxes import enrolling
from contentserver.boxes.enrolling import Announcement
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Rejected
from contentserver.regions import parents_named
from contentserver.stations import Station, stations_in
from schedules.exchange.imports import FileRefused
from schedules.exchange.spreadsheet import named_rows

MAX_ROWS = 2000
MAX_CELL = 200


class Column(StrEnum):
    """What a row can say; the first two it must."""

    SERIAL = "serial"
    STATION = "station"
    TOWNSHIP = "township"
    NOTE = "note"


COLUMNS = {
    "序列号": Column.SERIAL,
    "serial number": Column.SERIAL,
    "serial": Column.SERIAL,
    "站点": Column.STATION,
    "station": Column.STATION,
    "乡镇": Column.TOWNSHIP,
    "township": Column.TOWNSHIP,
    "备注": Column.NOTE,
    "note": Column.NOTE,
}
NEEDED = {Column.SERIAL, Column.STATION}
WIDTHS = (24, 24, 20, 32)
_ROUNDED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_REFUSED = {
    "too_large": _("This file is too large to be a list of televisions."),
    "no_header": _("The first row must name the columns: 序列号, 站点, and where wanted 乡镇, 备注."),
    "too_many_rows": _("At most %(count)s televisions at once.", count=MAX_ROWS),
}


@dataclass(frozen=True, slots=True)
class Readable:
    """A row that can be announced; `row` counts as the sheet's program does."""

    row: int
    announcement: Announcement
    station: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot, and why."""

    row: int
    serial: str
    sentence: LazyString


def read(session: Session, data: bytes, who: Person) -> tuple[tuple[Readable, ...], tuple[Fault, ...]]:
    """What a sheet announces, and every row that cannot be; changes nothing.

    Raises:
        Rejected: it is no sheet, or not one of announced boxes.
    """
    places = _Places(session, who.region_code)
    found: list[Readable] = []
    faults: list[Fault] = []
    for number, row in _rows(data):
        serial, note = row.get(Column.SERIAL, ""), row.get(Column.NOTE, "")
        station = places.find(row.get(Column.STATION, ""), row.get(Column.TOWNSHIP, ""))
        if max(map(len, row.values())) > MAX_CELL:
            faults.append(Fault(number, serial[:MAX_CELL], _("A cell has more than 200 characters.")))
        elif _ROUNDED.fullmatch(serial):
            faults.append(Fault(number, serial, _("The sheet has rounded this number. Format the column as text.")))
        elif isinstance(station, Station):
            found.append(Readable(number, Announcement(serial, station.id, note), station.name))
        else:
            faults.append(Fault(number, serial, station))
    verdicts = {one.place: one for one in enrolling.unannounceable(session, [one.announcement for one in found], who)}
    faults += [Fault(found[place].row, one.serial, one.sentence) for place, one in verdicts.items()]
    good = tuple(one for place, one in enumerate(found) if place not in verdicts)
    return good, tuple(sorted(faults, key=lambda fault: fault.row))


def template(session: Session, root: str) -> bytes:
    """A workbook to fill in; its second sheet lists the stations as they are to be named."""
    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    stations = stations_in(session, root)
    places = parents_named(session, {one.region_code for one in stations})
    with xlsxwriter.Workbook(made, options) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(gettext("Televisions")[:31])
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width, text)  # as text: a serial number keeps its zeros
        for column, name in enumerate(_heading()):
            sheet.write_string(0, column, name, bold)
        sheet.freeze_panes(1, 0)
        known = book.add_worksheet(gettext("Stations")[:31])
        known.set_column(0, 2, 24, text)
        for column, name in enumerate((gettext("Number"), gettext("Station"), gettext("Township"))):
            known.write_string(0, column, name, bold)
        for number, one in enumerate(stations, 1):
            for column, value in enumerate((one.region_code, one.name, places[one.region_code].rpartition(" ")[2])):
                known.write_string(number, column, value)
        known.freeze_panes(1, 0)
    return made.getvalue()


def _heading() -> tuple[str, ...]:
    return gettext("Serial number"), gettext("Station"), gettext("Township"), gettext("Note")


class _Places:
    """The stations of a region, by number and by name."""

    def __init__(self, session: Session, root: str) -> None:
        stations = stations_in(session, root)
        self._above = parents_named(session, {one.region_code for one in stations})
        self._by_code: dict[str, list[Station]] = {}
        self._by_name: dict[str, list[Station]] = {}
        for one in stations:
            self._by_code.setdefault(one.region_code, []).append(one)
            self._by_name.setdefault(one.name, []).append(one)

    def find(self, named: str, township: str) -> Station | LazyString:
        """The station that is meant, or why nobody can tell."""
        if not named:
            return _("The station is missing.")
        found = self._by_code.get(named) or self._by_name.get(named, [])
        if township:
            found = [one for one in found if township in self._above[one.region_code].split(" ")]
        if not found:
            return _("No station of your region is called that: %(name)s", name=f"{township} {named}".strip())
        if len(found) > 1:
            return _("Several stations are called %(name)s; name the township too, or the number.", name=named)
        return found[0]


def _rows(data: bytes) -> Iterator[tuple[int, Mapping[Column, str]]]:
    """The rows that say anything.

    Raises:
        Rejected: the file is refused.
    """
    try:
        yield from named_rows(data, COLUMNS, NEEDED, MAX_ROWS)
    except FileRefused as error:
        sentence = _REFUSED.get(error.code, _("This is no sheet (.xlsx, .csv), or it is damaged."))
        raise Rejected(f"file_{error.code}", sentence) from error
