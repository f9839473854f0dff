"""Pages of what came of it: outcomes asked for later, and the statistics of consultations, on paper too."""

from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from contentserver.consultations import outcomes, service, words
from contentserver.consultations.statistics import Counts, Statistics, statistics
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.display import day, moment
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.kernel.pagination import paginate
from contentserver.kernel.sheets import CSV_TYPE, XLSX_TYPE, Cell, Column, Kind, Table, as_csv, as_xlsx
from contentserver.regions import parents_named, path_of, regions_in
from contentserver.reports import chart_bars
from contentserver.stations import Station

blueprint = Blueprint("case_figures", __name__, url_prefix="/cases", template_folder="templates")
scoping.decided(blueprint, "case_id", by=service.known_to)
scoping.free(blueprint, "kind", because="a kind of file")
FILES = {"csv": (as_csv, CSV_TYPE), "xlsx": (as_xlsx, XLSX_TYPE)}
TELLS = (Right.ANSWER, Right.DIRECT_CASES, Right.KEEP_RECORD)
STATIONS_SHOWN, LONGEST_DAYS = 20, 3 * 366
CHANGES = timedelta(days=365)


@blueprint.get("/outcomes")
@auth.require_one_of(*TELLS)
def to_be_asked() -> ResponseReturnValue:
    """Answered questions of which nobody has told yet what came of them; or those alone that are not asked any more."""
    session, who, overdue = http.db_session(), auth.person(), request.args.get("only") == "overdue"
    query = outcomes.to_be_asked(who.region_code, http.now(), overdue=overdue)
    page = paginate(session, query, request.args.get("page", 1, type=int))
    return render_template(
        "consultations/outcomes.html",
        page=page,
        overdue=overdue,
        reminders=outcomes.asked_of(session, page.rows, http.now()),
        stations=service.stations_of(session, page.rows),
        places=parents_named(session, [case.region_code for case in page.rows]),
        words=words,
    )


@blueprint.route("/<uuid:case_id>/outcome", methods=["GET", "POST"])
@auth.require_one_of(*TELLS)
def outcome(case_id: UUID) -> ResponseReturnValue:
    """Write down what came of it."""
    if request.method == "GET":
        return _outcome_page(case_id, {}, {})
    typed = request.form.to_dict()
    told = outcomes.Typed(**{name: typed.get(name, "") for name in ("solved", "area", "crop", "income", "note")})
    session = http.db_session()
    try:
        outcomes.note_outcome(session, case_id, told, auth.person(), http.now())
    except (Rejected, Conflict) as error:
        if http.wants_json():
            raise
        session.rollback()
        return _outcome_page(case_id, typed, error.fields or {"": error.sentence}), http.status_of(error)
    flash(_("It is noted, and counts in the statistics."))
    return redirect(url_for("cases.show", case_id=case_id, _anchor="outcome"))


def _outcome_page(case_id: UUID, typed: dict[str, str], errors: dict[str, object]) -> str:
    session, who = http.db_session(), auth.person()
    found = service.whole(session, service.known_to(session, case_id, who), who)
    return render_template(
        "consultations/outcome.html",
        found=found,
        case=found.case,
        typed=typed,
        errors=errors,
        words=words,
        longest=outcomes.NOTE_CHARS,
    )


@blueprint.get("/statistics")
@auth.require(Right.SEE_REPORTS)
def numbers() -> ResponseReturnValue:
    """Consultations, solved, income gained: by month, topic, station."""
    session, who = http.db_session(), auth.person()
    region, found, wrong = _asked()
    stations = _stations(found)
    return render_template(
        "consultations/statistics.html",
        found=found,
        wrong=wrong,
        region=region,
        regions=[one for one in regions_in(session, who.region_code) if len(one.code) <= 9],
        stations=stations,
        places=parents_named(session, [one.region_code for one in stations.values()]),
        shown=STATIONS_SHOWN,
        bars=chart_bars([(counts.asked, counts.solved) for _month, counts in found.months]),
        yuan=yuan,
        words=words,
    )


@blueprint.get("/statistics.<any(csv, xlsx):kind>")
@auth.require(Right.SEE_REPORTS)
def numbers_file(kind: str) -> ResponseReturnValue:
    """The same numbers to take along."""
    region, found, _wrong = _asked()
    make, content_type = FILES[kind]
    name = path_of(http.db_session(), region)[-1].name if region else _("All regions")
    tops = [
        _("Consultations of %(region)s", region=name),
        _("From %(first)s to %(last)s", first=day(found.first), last=day(found.last)),
        _("Data as of %(moment)s", moment=moment(http.now())),
    ]
    data = make(tops, *_tables(found))
    headers = {"Content-Disposition": f'attachment; filename="consultations-{found.first}-{found.last}.{kind}"'}
    return Response(data, content_type=content_type, headers=headers)


def yuan(cents: int) -> str:
    """`240,000`, with cents where there are any."""
    return f"{cents / 100:,.2f}" if cents % 100 else f"{cents // 100:,}"


def _asked() -> tuple[str, Statistics, str]:
    """The region and the days of the address, a year to today where there are none; and what is wrong with them."""
    region = request.args.get("region", "") or auth.person().region_code
    auth.require_scope(region)
    today = clock.local(http.now()).date()
    first, last, wrong = (today - CHANGES).replace(day=1), today, ""
    try:
        if request.args.get("from"):
            first = date.fromisoformat(request.args["from"])
        if request.args.get("to"):
            last = date.fromisoformat(request.args["to"])
    except ValueError:
        wrong = _("Write the day as 2026-11-28.")
    if not clock.EARLIEST <= first <= last <= clock.LATEST or (last - first).days > LONGEST_DAYS:
        wrong = wrong or _("Choose a first day that is not after the last one, at most three years before it.")
        first, last = (today - CHANGES).replace(day=1), today
    return region, statistics(http.db_session(), region, first, last), wrong


def _stations(found: Statistics) -> dict[UUID, Station]:
    query = select(Station).where(Station.id.in_([one for one, _counts in found.stations]))
    return {one.id: one for one in http.db_session().scalars(query)}


def _tables(found: Statistics) -> list[Table]:
    """By station, topic and month, each with the total."""
    stations = _stations(found)
    places = parents_named(http.db_session(), [one.region_code for one in stations.values()])
    numbers = [
        Column(_("Consultations"), Kind.COUNT),
        Column(_("Answered"), Kind.COUNT),
        Column(_("Solved"), Kind.COUNT),
        Column(_("Income gained, yuan"), Kind.COUNT, width=18),
    ]
    by_station: list[list[Cell]] = [
        [stations[one].name, places[stations[one].region_code], *_cells(counts)] for one, counts in found.stations
    ]
    by_topic: list[list[Cell]] = [[words.topic(one), *_cells(counts)] for one, counts in found.topics]
    by_month: list[list[Cell]] = [[f"{month:%Y-%m}", *_cells(counts)] for month, counts in found.months]
    total = _cells(found.total)
    head = Column(_("Station"), width=20), Column(_("Region"), width=24)
    return [
        Table(_("By station"), [*head, *numbers], [*by_station, [_("Total"), "", *total]], True),
        Table(_("By topic"), [Column(_("Topic"), width=20), *numbers], [*by_topic, [_("Total"), *total]], True),
        Table(_("By month"), [Column(_("Month")), *numbers], [*by_month, [_("Total"), *total]], True),
    ]


def _cells(counts: Counts) -> list[Cell]:
    return [counts.asked, counts.answered, counts.solved, counts.income_cents / 100]
