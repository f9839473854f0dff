"""Pages over everything: today's work, and the attendance report with its way down to one session."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from contentserver.courses import lessons_in_review, running_transcodes
from contentserver.kernel import auth, clock, http
from contentserver.kernel.auth import Right
from contentserver.regions import children_of, path_of, region_named, regions_in
from contentserver.reports import rules, service
from contentserver.reports.rules import Numbers
from contentserver.timetable import layers_waiting

blueprint = Blueprint("reports", __name__, template_folder="templates")
ZONE = "Asia/Shanghai"


@blueprint.get("/")
@auth.require()
def today() -> ResponseReturnValue:
    session, root = http.db_session(), auth.person().region_code
    now = clock.local(http.now())
    midnight = datetime.combine(now.date(), datetime.min.time(), ZoneInfo(ZONE))
    cells = service.attendance_cells(session, root, 12, midnight, http.now())
    return render_template(
        "reports/today.html",
        date=now.date(),
        showings=service.showings(session, root, midnight),
        deliveries=service.deliveries(session, root),
        fleet=service.fleet(session, root, midnight),
        numbers=rules.total(cells),
        running=running_transcodes(session, root),
        reviews=lessons_in_review(session, root),
        plans_waiting=len(layers_waiting(session, root)),
    )


@blueprint.get("/reports/attendance")
@auth.require(Right.SEE_REPORTS)
def attendance() -> ResponseReturnValue:
    session, code = http.db_session(), request.args.get("region") or auth.person().region_code
    if not code:
        everything = regions_in(session, "")
        code = everything[0].code if everything else ""
    if not code:
        return render_template("reports/no_regions.html")
    region = region_named(session, code)
    auth.require_scope(code)
    period = rules.period_asked(
        request.args.get("from", ""), request.args.get("to", ""), clock.local(http.now()).date()
    )
    start, end = period.instants(ZONE)
    children = children_of(session, code)
    below = [child.code for child in children]
    cells = service.attendance_cells(session, code, len(below[0]) if below else len(code), start, end)
    stations = service.stations_count(session, code)
    last_day = rules.Period(min(period.last, clock.local(http.now()).date()), period.last).instants(ZONE)[0]
    sums = rules.by_region(cells, below)
    page = service.sessions_page(session, code, start, end, request.args.get("page", 1, int))
    return render_template(
        "reports/attendance.html",
        region=region,
        path=path_of(session, code),
        choices=_choices(),
        period=period,
        numbers=rules.total(cells),
        days=rules.by_day(cells, ZONE),
        rows=[
            (child, sum(number for place, number in stations.items() if place.startswith(child.code)), sums[child.code])
            for child in children
        ],
        stations=sum(stations.values()),
        fleet=service.fleet(session, code, last_day),
        heard_since=last_day,
        page=page,
        names=service.station_names(session, [row.station_id for row in page.rows]),
        nothing=Numbers(),
    )


def _choices() -> list[tuple[str, str]]:
    """The regions a person may choose: from their own down to townships."""
    regions = list(regions_in(http.db_session(), auth.person().region_code))
    top = min((len(region.code) for region in regions), default=0)
    return [
        (region.code, "\u2003" * ((len(region.code) - top + 1) // 2) + region.name)
        for region in regions
        if len(region.code) <= 9 or top == 12
    ]
