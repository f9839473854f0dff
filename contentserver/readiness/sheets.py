"""The board as a list to take along, the filter and the time on top; no person's name. Files: `kernel/sheets.py`."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import gettext as _

from contentserver.kernel.display import moment
from contentserver.kernel.sheets import Column, Table
from contentserver.readiness import words
from contentserver.readiness.service import Occasion, Row
from contentserver.regions import ancestors_and_self


def table(rows: Iterable[Row], names: dict[str, str], now: datetime) -> Table:
    """The list; `names` are those of counties and townships by code."""
    columns = [
        Column(_("County"), width=14),
        Column(_("Township"), width=14),
        Column(_("Station"), width=18),
        Column(_("Box"), width=8),
        Column(_("State"), width=14),
        Column(_("What is"), width=36),
        Column(_("What happens"), width=60),
        Column(_("Ready by"), width=22),
        Column(_("Last heard from"), width=22),
        Column(_("Told at"), width=22),
    ]
    return Table(_("Readiness"), columns, [_cells(row, names, now) for row in rows])


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
