"""Reports to take along: CSV, spreadsheet, PDF; the page's numbers, with filter and time on top."""

from collections.abc import Mapping
from datetime import date, datetime

from flask import Flask, render_template, session
from flask_babel import gettext as _

from contentserver.figures import Sums
from contentserver.kernel import http, pdf
from contentserver.kernel.display import day, moment
from contentserver.kernel.sheets import XLSX_TYPE, Cell, Column, Kind, Table, as_csv, as_xlsx
from contentserver.regions import region_named
from contentserver.reports import charts
from contentserver.reports.mailing import Letter, Render
from contentserver.reports.overview import Overview, asked_by, overview
from contentserver.reports.rules import Period
from contentserver.reports.service import Report, Row
from contentserver.reports.tables import Order, all_tables, by_day, order_asked

MS_PER_HOUR = 3_600_000


def tables(report: Report) -> list[Table]:
    """By region with its total, and by course."""
    numbers = [
        Column(_("Sessions reported"), Kind.COUNT),
        Column(_("Sessions shown"), Kind.COUNT),
        Column(_("People"), Kind.COUNT),
        Column(_("Expected"), Kind.COUNT),
        Column(_("Came"), Kind.COUNT),
        Column(_("Attendance rate"), Kind.SHARE),
        Column(_("Guests"), Kind.COUNT),
        Column(_("Began on time"), Kind.COUNT),
        Column(_("Shown whole"), Kind.COUNT),
        Column(_("Hours that count"), Kind.HOURS),
    ]
    total = Row(_("Total"), report.code, report.stations, report.sums, report.people)
    regions = [[row.name, row.stations, *_numbers(row.sums, row.people)] for row in (*report.rows, total)]
    courses = [[title, *_numbers(one.sums, len(one.people))] for title, one in report.courses.items()]
    return [
        Table(
            _("By region"), [Column(_("Region"), width=20), Column(_("Stations"), Kind.COUNT), *numbers], regions, True
        ),
        Table(_("By course"), [Column(_("Course"), width=28), *numbers], courses),
    ]


def tops(report: Report, now: datetime) -> list[str]:
    """What the table is of, and as of when."""
    return [
        _("Attendance report of %(region)s", region=report.name),
        _("From %(first)s to %(last)s", first=day(report.period.first), last=day(report.period.last)),
        _("Data as of %(moment)s", moment=moment(now)),
    ]


def csv_of(report: Report, now: datetime) -> bytes:
    """As comma-separated values."""
    return as_csv(tops(report, now), *tables(report))


def xlsx_of(report: Report, now: datetime) -> bytes:
    """As a workbook."""
    return as_xlsx(tops(report, now), *tables(report))


def pdf_of(report: Report, now: datetime) -> bytes:
    """As pages of A4, with the chart; with the chart."""
    page = render_template(
        "reports/attendance_print.html",
        tops=tops(report, now),
        tables=tables(report),
        report=report,
        bars=bars(report.days),
    )
    return pdf.pdf_of(page)


def overview_tops(report: Overview, now: datetime) -> list[str]:
    """What an overview is of, what it is compared with, and as of when."""
    asked = report.asked
    found = [
        _("Overview of %(region)s", region=report.region.name),
        _("From %(first)s to %(last)s", first=day(asked.period.first), last=day(asked.period.last)),
        _("Data as of %(moment)s", moment=moment(now)),
    ]
    if asked.course:
        found.append(_("Only the course %(course)s", course=asked.course))
    if asked.other:
        first, last = day(asked.other.first), day(asked.other.last)
        found.append(_("Compared with %(first)s to %(last)s", first=first, last=last))
    return found


def overview_csv(report: Overview, order: Order, now: datetime) -> bytes:
    """An overview as comma-separated values."""
    return as_csv(overview_tops(report, now), *all_tables(report, order), by_day(report))


def overview_xlsx(report: Overview, order: Order, now: datetime) -> bytes:
    """An overview as a workbook."""
    return as_xlsx(overview_tops(report, now), *all_tables(report, order), by_day(report))


def overview_pdf(report: Overview, order: Order, now: datetime) -> bytes:
    """An overview as pages of A4, with the charts."""
    page = render_template(
        "reports/overview_print.html",
        tops=overview_tops(report, now),
        tables=all_tables(report, order),
        report=report,
        bars=charts.bars([(one.year_ago.present, one.now.present) for one in report.months]),
        year=charts.year({one: sums.present for one, sums in report.days.items()}, report.asked.period.last),
    )
    return pdf.pdf_of(page)


def bars(days: dict[date, Sums]) -> list[tuple[date, Sums, float, float]]:
    """Each day with the heights of its two bars (came, expected), 1 for the highest of all."""
    highest = max((max(sums.present, sums.expected) for sums in days.values()), default=0) or 1
    return [(one, sums, sums.present / highest, sums.expected / highest) for one, sums in days.items()]


def _numbers(sums: Sums, people: int) -> list[Cell]:
    return [
        sums.sessions,
        sums.held,
        people,
        sums.expected,
        sums.present,
        sums.present / sums.expected if sums.expected else None,
        sums.guests,
        sums.on_time,
        sums.whole,
        sums.credit_ms / MS_PER_HOUR,
    ]


def letters(app: Flask) -> Render:
    """Writes kept reports out for the mail, in the application's words and outside of any request."""

    def render(name: str, arguments: Mapping[str, str], period: Period, locale: str) -> Letter:
        days = {"span": "", "from": period.first.isoformat(), "to": period.last.isoformat()}
        with app.test_request_context("/"):
            session["locale"] = locale
            opened, now = http.db_session(), http.now()
            asked = asked_by({**arguments, **days}, period.last)
            report = overview(opened, region_named(opened, arguments.get("region", "")), asked)
            order = order_asked(arguments.get("sort", ""), arguments.get("dir", ""))
            stem = f"overview-{report.region.code}-{period.first}-{period.last}"
            return Letter(
                subject=f"{name} · {report.region.name} · {period.first} – {period.last}",
                text=_letter(name, report, now),
                files=(
                    (f"{stem}.xlsx", XLSX_TYPE, overview_xlsx(report, order, now)),
                    (f"{stem}.pdf", "application/pdf", overview_pdf(report, order, now)),
                ),
            )

    return render


def _letter(name: str, report: Overview, now: datetime) -> str:
    sums = report.whole.now.sums
    lines = [
        name,
        "",
        *overview_tops(report, now),
        "",
        _("%(held)s held / %(planned)s planned", held=sums.kept, planned=sums.planned),
        _("%(present)s came / %(expected)s expected", present=sums.present, expected=sums.expected),
        _("People: %(people)s", people=len(report.whole.now.people)),
        "",
        _("The whole report is attached. You get it because you asked for it under Kept reports."),
    ]
    return "\n".join(lines) + "\n"
