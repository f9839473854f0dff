"""Pages of rounds: begin, results, how the sample was drawn, publish; one result explained, taken down, appealed."""

import csv
from io import StringIO
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.bylaws import may_govern
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.kernel.pagination import paginate
from contentserver.kernel.sheets import CSV_TYPE, XLSX_TYPE, as_csv, as_xlsx
from contentserver.regions import parents_named, path_of
from contentserver.stars import appeals, exports, gathering, rounds, rules, service, words
from contentserver.stars.models import StarCheck, StarResult, StarRound
from contentserver.stars.rules import MOST_STARS, Criterion
from contentserver.stations import Station, station_named, where_station
from schedules.wire.signing import Signer

blueprint = Blueprint("star_rounds", __name__, url_prefix="/stars/rounds", template_folder="templates")
scoping.decided(blueprint, "round_id", by=rounds.round_with)
scoping.lies(blueprint, "station_id", where=where_station)
scoping.free(blueprint, "kind", because="a kind of file")
FILES = {"csv": (as_csv, CSV_TYPE), "xlsx": (as_xlsx, XLSX_TYPE)}


@blueprint.post("")
@auth.require(Right.ASSESS)
def begin() -> ResponseReturnValue:
    """Begin a year's round."""
    who, form = auth.person(), request.form
    found = rounds.begin(
        http.db_session(),
        form.get("region") or who.region_code,
        form.get("year", 0, type=int),
        form.get("seed", ""),
        who,
        http.now(),
    )
    flash(_("The round has begun. Nobody but you who give stars sees it before it is published."))
    return redirect(url_for("star_rounds.show", round_id=found.id))


@blueprint.get("/<uuid:round_id>")
@auth.require(Right.SEE_REPORTS)
def show(round_id: UUID) -> ResponseReturnValue:
    """A round: results, spot checks, appeals, what is to be done next."""
    session, who = http.db_session(), auth.person()
    found = rounds.round_with(session, round_id, who)
    stars = request.args.get("stars", type=int)
    query = rounds.results(found, who.region_code, stars).order_by(StarResult.region_code, StarResult.station_id)
    page = paginate(session, query, request.args.get("page", 1, type=int))
    waiting = appeals.waiting(session, found)
    stations = _stations(session, {row.station_id for row in page.rows} | {one.station_id for one in waiting})
    checks = rounds.checks_of(session, found, who.region_code)
    return render_template(
        "stars/round.html",
        round=found,
        region=path_of(session, found.region_code)[-1],
        page=page,
        stars=stars,
        stations=stations,
        places=parents_named(session, [row.region_code for row in page.rows]),
        spread=rounds.spread(session, found, who.region_code),
        checks=checks,
        open=sum(1 for check, _station in checks if not check.outcome),
        inspected=gathering.inspected,
        check_places=parents_named(session, [station.region_code for _check, station in checks]),
        appeals=[one for one in waiting if who.reaches(stations[one.station_id].region_code)],
        govern=may_govern(who) and who.reaches(found.region_code),
        appeal_days=rounds.rules_of(found).appeal_days,
        most=MOST_STARS,
        words=words,
    )


@blueprint.get("/<uuid:round_id>.<any(csv, xlsx):kind>")
@auth.require(Right.SEE_REPORTS)
def results_file(round_id: UUID, kind: str) -> ResponseReturnValue:
    """The results to take along, as the page shows them."""
    session, who = http.db_session(), auth.person()
    found = rounds.round_with(session, round_id, who)
    rows = session.scalars(
        rounds.results(found, who.region_code, request.args.get("stars", type=int)).order_by(
            StarResult.region_code, StarResult.station_id
        )
    ).all()
    made = exports.table(
        rounds.rules_of(found),
        rows,
        _stations(session, {row.station_id for row in rows}),
        parents_named(session, [row.region_code for row in rows]),
    )
    make, content_type = FILES[kind]
    data = make(exports.tops(found, path_of(session, found.region_code)[-1].name), made)
    headers = {"Content-Disposition": f'attachment; filename="stars-{found.region_code}-{found.year}.{kind}"'}
    return Response(data, content_type=content_type, headers=headers)


@blueprint.post("/<uuid:round_id>/count")
@auth.require(Right.ASSESS)
def count(round_id: UUID) -> ResponseReturnValue:
    """Read the evidence of a draft anew."""
    session, who = http.db_session(), auth.person()
    found = rounds.round_with(session, round_id, who, locked=True)
    rounds.require_govern(who, found.region_code)
    rounds.require_draft(found)
    rounds.count(session, found, http.now())
    flash(_("The evidence was read anew."))
    return redirect(url_for("star_rounds.show", round_id=round_id))


@blueprint.post("/<uuid:round_id>/publish")
@auth.require(Right.ASSESS)
def publish(round_id: UUID) -> ResponseReturnValue:
    """Let everybody see."""
    session, who = http.db_session(), auth.person()
    found = rounds.round_with(session, round_id, who, locked=True)
    rounds.publish(session, found, who, _signer(), http.now())
    flash(_("The stars are published, and the televisions show them."))
    return redirect(url_for("star_rounds.show", round_id=round_id))


@blueprint.post("/<uuid:round_id>/discard")
@auth.require(Right.ASSESS)
def discard(round_id: UUID) -> ResponseReturnValue:
    """Throw a draft away."""
    session, who = http.db_session(), auth.person()
    rounds.discard(session, rounds.round_with(session, round_id, who, locked=True), who, http.now())
    flash(_("The draft was thrown away."))
    return redirect(url_for("stars.index"))


@blueprint.get("/<uuid:round_id>/sample")
@auth.require(Right.ASSESS)
def sample(round_id: UUID) -> ResponseReturnValue:
    """How the spot checks were drawn: seed, population, lots; drawn again for everybody who looks."""
    session = http.db_session()
    found = rounds.round_with(session, round_id, auth.person())
    lots = rounds.lots_of(found)
    kept = {str(one) for one in session.scalars(select(StarCheck.station_id).where(StarCheck.round_id == round_id))}
    stations = _stations(session, {UUID(lot.station) for lot in lots})
    written = rounds.rules_of(found)
    return render_template(
        "stars/sample.html",
        round=found,
        lots=lots,
        same=kept == {lot.station for lot in lots if lot.drawn},
        drawn=sum(lot.drawn for lot in lots),
        stations={str(one): station for one, station in stations.items()},
        places=parents_named(session, [station.region_code for station in stations.values()]),
        percent=written.percent,
        least=written.least,
    )


@blueprint.get("/<uuid:round_id>/sample.csv")
@auth.require(Right.ASSESS)
def sample_file(round_id: UUID) -> ResponseReturnValue:
    """The population with its lots, to be drawn again elsewhere."""
    found = rounds.round_with(http.db_session(), round_id, auth.person())
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["seed", found.seed])
    writer.writerow(["township", "station", "lot", "drawn"])
    writer.writerows([lot.township, lot.station, lot.number, int(lot.drawn)] for lot in rounds.lots_of(found))
    headers = {"Content-Disposition": f'attachment; filename="sample-{found.region_code}-{found.year}.csv"'}
    return Response(text.getvalue().encode("utf-8-sig"), content_type=CSV_TYPE, headers=headers)


@blueprint.get("/<uuid:round_id>/stations/<uuid:station_id>")
@auth.require(Right.SEE_REPORTS)
def result(round_id: UUID, station_id: UUID) -> ResponseReturnValue:
    """A station's stars, line by line."""
    return _result_page(round_id, station_id, {})


@blueprint.post("/<uuid:round_id>/stations/<uuid:station_id>")
@auth.require(Right.SEE_REPORTS)
def decided(round_id: UUID, station_id: UUID) -> ResponseReturnValue:
    """Take stars away, give them back, appeal, or decide an appeal; the button says which."""
    session, who, form, now = http.db_session(), auth.person(), request.form, http.now()
    station = station_named(session, station_id)
    found = rounds.round_with(session, round_id, who, locked=True)
    row = rounds.result_of(session, found, station_id)
    stars, text = form.get("stars", -1, type=int), form.get("text", "")
    try:
        match form.get("do"):
            case "take_down":
                rounds.take_down(session, found, row, stars, text, who, _signer(), now)
                flash(_("The station has fewer stars now; the reason stands beside them."))
            case "give_back":
                rounds.give_back(session, found, row, who, now)
                flash(_("The station has the stars again that were counted."))
            case "appeal":
                appeals.appeal(session, found, row, station, text, who, now)
                flash(_("The appeal is with the county. The answer will stand here."))
            case "decide":
                appeals.decide(session, found, row, _id(form.get("appeal", "")), stars, text, who, _signer(), now)
                flash(_("The appeal is decided."))
            case _:
                raise Rejected("nothing_chosen", _("Choose one."))
    except (Rejected, Conflict) as error:
        if http.wants_json():
            raise
        session.rollback()
        return _result_page(round_id, station_id, {"": error.sentence}), http.status_of(error)
    return redirect(url_for("star_rounds.result", round_id=round_id, station_id=station_id))


def _result_page(round_id: UUID, station_id: UUID, errors: object) -> str:
    session, who = http.db_session(), auth.person()
    station = station_named(session, station_id)
    found = rounds.round_with(session, round_id, who)
    row = rounds.result_of(session, found, station_id)
    judged = rules.judged(rounds.rules_of(found), gathering.unpacked(row.evidence))
    made = appeals.appeals_of(session, found, station_id)
    govern = may_govern(who) and who.reaches(found.region_code)
    return render_template(
        "stars/result.html",
        round=found,
        station=station,
        path=path_of(session, station.region_code),
        row=row,
        judged=judged,
        since=rounds.evidence_since(session, found, row),
        thresholds=rounds.rules_of(found).thresholds,
        links={line.weighed.criterion: _evidence_link(found, station, line.weighed.criterion) for line in judged.lines},
        drawn=session.get(StarCheck, (round_id, station_id)) is not None,
        appeals=made,
        names=service.names_of(session, [row.changed_by, *(x for one in made for x in (one.by, one.decided_by))]),
        may_appeal=appeals.may_appeal(session, found, row, station, who, http.now()),
        govern=govern,
        errors=errors,
        typed=request.form.get("text", ""),
        most=MOST_STARS,
        words=words,
    )


def _evidence_link(found: StarRound, station: Station, criterion: Criterion) -> str:
    """The page behind a number."""
    match criterion:
        case Criterion.FIVE_ONES:
            return url_for("stars.station", station_id=station.id)
        case Criterion.INSPECTION:
            return url_for("star_checks.show", round_id=found.id, station_id=station.id)
        case _:
            days = urlencode({"from": found.first, "to": found.last, "region": station.region_code})
            return f"{url_for('reports.attendance')}?{days}#sessions"


def _stations(session: Session, ids: set[UUID]) -> dict[UUID, Station]:
    return {station.id: station for station in session.scalars(select(Station).where(Station.id.in_(ids)))}


def _id(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise Rejected("appeal_unknown", _("There is no such appeal.")) from error


def _signer() -> Signer:
    signer: Signer = current_app.extensions["services"].signer
    return signer
