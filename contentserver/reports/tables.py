"""The overview as tables. The page, the files and the print are made of these same cells, so they cannot differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from contentserver.figures import NOTHING_SHOWN, UNREPORTED, Figures
from contentserver.kernel.display import day
from contentserver.kernel.sheets import Cell, Column, Kind, Table
from contentserver.reports.overview import Measured, Overview
from contentserver.reports.rules import change, share

MS_PER_HOUR = 3_600_000
REASONS = {
    UNREPORTED: lazy_gettext("The station reported nothing."),
    NOTHING_SHOWN: lazy_gettext("The box reported no picture."),
    "not_stored": lazy_gettext("The lesson had not arrived on the box in time."),
    "refused": lazy_gettext("The lesson was unsigned or altered, and was not played."),
    "expired": lazy_gettext("The rights to the lesson were over, and it was not played."),
    "player_failed": lazy_gettext("The box could not play it."),
    "no_player": lazy_gettext("The box has no working player; its program must be set up anew."),
    "alert": lazy_gettext("An alert was on the screen."),
}
OTHERWISE = lazy_gettext("The box reported that it could not show it.")


class Key(StrEnum):
    """Columns by which the regions can be put in order."""

    NAME = "name"
    COVERAGE = "coverage"
    HELD = "held"
    PEOPLE = "people"
    RATE = "rate"
    NOT_SHOWN = "not_shown"
    CAME = "came"


@dataclass(frozen=True, slots=True)
class Order:
    """A column, and whether the largest comes first."""

    key: Key = Key.NAME
    down: bool = False


def order_asked(key: str, direction: str) -> Order:
    """The order of an address; that of the region codes where it says nothing."""
    return Order(Key(key), direction == "down") if key in set(Key) else Order()


def in_order(rows: Sequence[Measured], order: Order) -> list[Measured]:
    """Rows by a column; those of which nothing is known come last."""
    if order.key is Key.NAME:
        return sorted(rows, key=lambda one: one.code, reverse=order.down)
    known = [one for one in rows if _measure(one, order.key) is not None]
    unknown = [one for one in rows if _measure(one, order.key) is None]
    return [*sorted(known, key=lambda one: _measure(one, order.key) or 0, reverse=order.down), *unknown]


def _measure(one: Measured, key: Key) -> float | None:
    sums = one.now.sums
    match key:
        case Key.COVERAGE:
            return share(one.showing, one.stations)
        case Key.HELD:
            return share(sums.kept, sums.planned)
        case Key.PEOPLE:
            return float(len(one.now.people))
        case Key.RATE:
            return share(sums.present, sums.expected)
        case Key.NOT_SHOWN:
            return float(sums.planned - sums.kept)
        case _:
            return float(sums.present)


KEYS: tuple[Key | None, ...] = (
    Key.NAME,
    None,
    None,
    Key.COVERAGE,
    None,
    None,
    Key.HELD,
    Key.NOT_SHOWN,
    Key.PEOPLE,
    None,
    Key.CAME,
    Key.RATE,
)
"""By which each of the first columns of `by_region` puts it in order."""


def all_tables(report: Overview, order: Order) -> list[Table]:
    """Everything the overview shows, by name of its part."""
    return [by_region(report, order), by_course(report), by_subject(report), by_month(report), not_shown(report)]


def by_region(report: Overview, order: Order) -> Table:
    """What lies below, and the region itself as total."""
    rows = in_order(report.rows, order)
    total = Measured(_("Total"), "", report.whole.stations, report.whole.now, report.whole.then)
    return _measured(_("By region"), _("Region"), [*rows, total], report, total=True)


def by_course(report: Overview) -> Table:
    """Each course that was planned or reported."""
    return _measured(_("By course"), _("Course"), report.courses, report)


def by_subject(report: Overview) -> Table:
    """The courses together by subject."""
    named = [
        Measured(one.name or _("Without a subject"), "", one.stations, one.now, one.then) for one in report.subjects
    ]
    return _measured(_("By subject"), _("Subject"), named, report)


def by_month(report: Overview) -> Table:
    """A year of months beside the year before."""
    columns = [
        Column(_("Month")),
        Column(_("Sessions held"), Kind.COUNT),
        Column(_("Sessions planned"), Kind.COUNT),
        Column(_("Came"), Kind.COUNT),
        Column(_("Expected"), Kind.COUNT),
        Column(_("Attendance rate"), Kind.SHARE),
        Column(_("Came a year earlier"), Kind.COUNT),
        Column(_("Expected a year earlier"), Kind.COUNT),
        Column(_("More or fewer"), Kind.CHANGE),
        Column(_("More or fewer, in per cent"), Kind.CHANGE_SHARE),
    ]
    rows: list[list[Cell]] = [
        [
            f"{one.first:%Y-%m}",
            one.now.kept,
            one.now.planned,
            one.now.present,
            one.now.expected,
            share(one.now.present, one.now.expected),
            one.year_ago.present,
            one.year_ago.expected,
            one.now.present - one.year_ago.present,
            change(one.now.present, one.year_ago.present),
        ]
        for one in report.months
    ]
    return Table(_("By month"), columns, rows)


def by_day(report: Overview) -> Table:
    """The days of the year that have anything, the newest first."""
    columns = [
        Column(_("Day"), width=16),
        Column(_("Sessions shown"), Kind.COUNT),
        Column(_("Expected"), Kind.COUNT),
        Column(_("Came"), Kind.COUNT),
    ]
    rows: list[list[Cell]] = [
        [day(one), sums.held, sums.expected, sums.present] for one, sums in reversed(report.days.items())
    ]
    return Table(_("By day"), columns, rows)


def not_shown(report: Overview) -> Table:
    """Why planned airings were not shown."""
    sums = report.whole.now.sums
    rows: list[list[Cell]] = [
        [str(REASONS.get(code, OTHERWISE)), number, share(number, sums.planned - sums.kept)]
        for code, number in report.reasons
    ]
    columns = [
        Column(_("Why"), width=40),
        Column(_("Number of airings"), Kind.COUNT),
        Column(_("Share of them"), Kind.SHARE),
    ]
    return Table(_("Planned and not shown"), columns, rows)


def _measured(name: str, head: str, rows: Sequence[Measured], report: Overview, total: bool = False) -> Table:
    """One row for each thing: every share with what it is a share of, and what has changed."""
    columns = [
        Column(head, width=20),
        Column(_("Stations showing"), Kind.COUNT),
        Column(_("Stations"), Kind.COUNT),
        Column(_("Coverage"), Kind.SHARE),
        Column(_("Sessions held"), Kind.COUNT),
        Column(_("Sessions planned"), Kind.COUNT),
        Column(_("Held of planned"), Kind.SHARE),
        Column(_("Planned and not shown"), Kind.COUNT),
        Column(_("People"), Kind.COUNT),
        Column(_("Expected"), Kind.COUNT),
        Column(_("Came"), Kind.COUNT),
        Column(_("Attendance rate"), Kind.SHARE),
        Column(_("Hours for each person"), Kind.HOURS),
    ]
    if report.asked.other is not None:
        columns += [
            Column(_("Came before"), Kind.COUNT),
            Column(_("More or fewer"), Kind.CHANGE),
            Column(_("More or fewer, in per cent"), Kind.CHANGE_SHARE),
            Column(_("Attendance rate before"), Kind.SHARE),
            Column(_("Percentage points"), Kind.POINTS),
        ]
    return Table(name, columns, [[one.name, *_numbers(one), *_changes(one)] for one in rows], total)


def _numbers(one: Measured) -> list[Cell]:
    sums, people = one.now.sums, len(one.now.people)
    return [
        one.showing,
        one.stations,
        share(one.showing, one.stations),
        sums.kept,
        sums.planned,
        share(sums.kept, sums.planned),
        sums.planned - sums.kept,
        people,
        sums.expected,
        sums.present,
        share(sums.present, sums.expected),
        hours_each(one.now),
    ]


def _changes(one: Measured) -> list[Cell]:
    if one.then is None:
        return []
    now, then = one.now.sums, one.then.sums
    return [
        then.present,
        now.present - then.present,
        change(now.present, then.present),
        share(then.present, then.expected),
        points(share(now.present, now.expected), share(then.present, then.expected)),
    ]


def points(now: float | None, then: float | None) -> float | None:
    """How a share has changed; None where one of them is unknown."""
    return None if now is None or then is None else now - then


def hours_each(figures: Figures) -> float | None:
    """Lesson time that counts, for each person who came."""
    return figures.sums.credit_ms / MS_PER_HOUR / len(figures.people) if figures.people else None
