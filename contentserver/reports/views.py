"""Pages over everything: today's work, the overview of a region, and the attendance report down to one session."""

from urllib.parse import parse_qsl

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver import figures
from contentserver.courses import lessons_in_review, running_transcodes
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import NotFound
from contentserver.kernel.sheets import CSV_TYPE, XLSX_TYPE
from contentserver.regions import path_of, region_named, regions_in
from contentserver.reports import charts, exports, keeping, rules, service, tables
from contentserver.reports.overview import Overview, asked_by, overview
from contentserver.reports.rules import Against, Period, Span
from contentserver.timetable import layers_waiting

blueprint = Blueprint("reports", __name__, template_folder="templates")
scoping.free(blueprint, "kind", because="a kind of file")
EXPORTS = {
    "csv": (exports.csv_of, CSV_TYPE),
    "xlsx": (exports.xlsx_of, XLSX_TYPE),
    "pdf": (exports.pdf_of, "application/pdf"),
}
OVERVIEW_EXPORTS = {
    "csv": (exports.overview_csv, CSV_TYPE),
    "xlsx": (exports.overview_xlsx, XLSX_TYPE),
    "pdf": (exports.overview_pdf, "application/pdf"),
}
SPANS = (
    (Span.THIS_MONTH, _("This month")),
    (Span.LAST_MONTH, _("Last month")),
    (Span.THIS_YEAR, _("This year")),
)
AGAINST = (
    (Against.NOTHING, _("no other period")),
    (Against.BEFORE, _("the month or the days before")),
    (Against.LAST_YEAR, _("the same days of last year")),
    (Against.OWN, _("days of my choice")),
)


@blueprint.get("/")
@auth.require()
def today() -> ResponseReturnValue:
    session, root = http.db_session(), auth.person().region_code
    now = clock.local(http.now())
    midnight, _end = clock.instants_of(now.date(), now.date())
    nodes = service.nodes_of(session, root)
    numbers = figures.joined(figures.figures_of(session, nodes, now.date(), now.date()).values()).sums
    return render_template(
        "reports/today.html",
        date=now.date(),
        showings=service.showings(session, root, midnight),
        deliveries=service.deliveries(session, root),
        fleet=service.fleet(session, root, midnight),
        numbers=numbers,
        running=running_transcodes(session, root),
        reviews=lessons_in_review(session, root),
        plans_waiting=len(layers_waiting(session, root)),
    )


@blueprint.get("/reports")
@auth.require(Right.SEE_REPORTS)
def overview_page() -> ResponseReturnValue:
    """The overview of a region, with its way down to the sessions of a village."""
    session, report = http.db_session(), _overview()
    if report is None:
        return render_template("reports/no_regions.html")
    order, period, code = _order(), report.asked.period, report.region.code
    page = None
    if not report.rows:
        page = service.sessions_page(session, code, *period.instants(), request.args.get("page", 1, int))
    return render_template(
        "reports/overview.html",
        report=report,
        order=order,
        keys=tables.KEYS,
        tables={
            "region": tables.by_region(report, order),
            "course": tables.by_course(report),
            "subject": tables.by_subject(report),
            "month": tables.by_month(report),
            "day": tables.by_day(report),
            "not_shown": tables.not_shown(report),
        },
        region_links=[http.here(region=one.code, page=None) for one in tables.in_order(report.rows, order)],
        course_links=[http.here(course=one.name, page=None) for one in report.courses],
        bars=charts.bars([(one.year_ago.present, one.now.present) for one in report.months]),
        year=charts.year({day: sums.present for day, sums in report.days.items()}, period.last),
        level_of=charts.part_level,
        path=path_of(session, code),
        choices=_choices(),
        titles=report.titles,
        against=AGAINST,
        spans=SPANS,
        file_arguments={**request.args.to_dict(), "region": code, **_days(period)},
        filter=dict(parse_qsl(keeping.filter_of({**request.args.to_dict(), "region": code}))),
        kept=keeping.kept_by(session, auth.person()),
        page=page,
        names=service.station_names(session, [row.station_id for row in page.rows]) if page else {},
    )


@blueprint.get("/reports/overview.<any(csv, xlsx, pdf):kind>")
@auth.require(Right.SEE_REPORTS)
def overview_file(kind: str) -> ResponseReturnValue:
    """The same overview to take along."""
    report, (make, content_type) = _overview(), OVERVIEW_EXPORTS[kind]
    if report is None:
        raise NotFound("no_regions", _("There are no regions yet."))
    period = report.asked.period
    name = f"overview-{report.region.code}-{period.first}-{period.last}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(make(report, _order(), http.now()), content_type=content_type, headers=headers)


@blueprint.get("/reports/attendance")
@auth.require(Right.SEE_REPORTS)
def attendance() -> ResponseReturnValue:
    session, report = http.db_session(), _report()
    if report is None:
        return render_template("reports/no_regions.html")
    start, end = report.period.instants()
    today_or_last = min(report.period.last, clock.local(http.now()).date())
    last_day = rules.Period(today_or_last, report.period.last).instants()[0]
    page = service.sessions_page(session, report.code, start, end, request.args.get("page", 1, int))
    return render_template(
        "reports/attendance.html",
        report=report,
        path=path_of(session, report.code),
        choices=_choices(),
        fleet=service.fleet(session, report.code, last_day),
        heard_since=last_day,
        page=page,
        names=service.station_names(session, [row.station_id for row in page.rows]),
    )


@blueprint.get("/reports/attendance.<any(csv, xlsx, pdf):kind>")
@auth.require(Right.SEE_REPORTS)
def attendance_file(kind: str) -> ResponseReturnValue:
    """The same report to take along."""
    report, (make, content_type) = _report(), EXPORTS[kind]
    if report is None:
        raise NotFound("no_regions", _("There are no regions yet."))
    name = f"attendance-{report.code}-{report.period.first}-{report.period.last}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(make(report, http.now()), content_type=content_type, headers=headers)


def _overview() -> Overview | None:
    """The overview that the address asks for; None where there are no regions at all."""
    session, code = http.db_session(), request.args.get("region") or auth.person().region_code
    code = code or next(iter(service.nodes_of(session, "")), "")
    if not code:
        return None
    region = region_named(session, code)
    auth.require_scope(code)
    return overview(session, region, asked_by(request.args, clock.local(http.now()).date()))


def _order() -> tables.Order:
    return tables.order_asked(request.args.get("sort", ""), request.args.get("dir", ""))


def _days(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def _report() -> service.Report | None:
    """The report that the address asks for; None where there are no regions at all."""
    session, code = http.db_session(), request.args.get("region") or auth.person().region_code
    if not code:
        code = next(iter(service.nodes_of(session, "")), "")
    if not code:
        return None
    region = region_named(session, code)
    auth.require_scope(code)
    today = clock.local(http.now()).date()
    period = rules.period_asked(request.args.get("from", ""), request.args.get("to", ""), today)
    return service.attendance_report(session, region, period)


def _choices() -> list[tuple[str, str]]:
    """The regions a person may choose: from their own down to townships."""
    regions = list(regions_in(http.db_session(), auth.person().region_code))
    top = min((len(region.code) for region in regions), default=0)
    return [
        (region.code, "\u2003" * ((len(region.code) - top + 1) // 2) + region.name)
        for region in regions
        if len(region.code) <= 9 or top == 12
    ]
