"""Pages: stars at a glance, what stations have of the five ones, one station with its stars by year, photographs."""

from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contentserver.bylaws import LARGEST_REGION_DIGITS, may_govern
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.kernel.pagination import cut
from contentserver.members import masked
from contentserver.regions import parents_named, path_of, regions_in
from contentserver.stars import appeals, photographs, pictures, rounds, rulebook, service, words
from contentserver.stars.models import OneEntry, StarRound
from contentserver.stars.rules import FIELDS, MOST_STARS, One, OneState
from contentserver.stations import Station, station_named, where_station

blueprint = Blueprint("stars", __name__, url_prefix="/stars", template_folder="templates")
scoping.lies(blueprint, "station_id", where=where_station)
scoping.lies(blueprint, "photograph_id", where=service.where_photograph)
scoping.free(blueprint, "name", because="one of the five ones")


@blueprint.get("")
@auth.require(Right.SEE_REPORTS)
def index() -> ResponseReturnValue:
    """Rounds, rules and five ones of one's region."""
    session, who = http.db_session(), auth.person()
    found = service.lacking(session, who.region_code, None, "")
    seen = rounds.rounds_seen(session, who)
    return render_template(
        "stars/index.html",
        rounds=seen,
        spreads={one.id: rounds.spread(session, one, who.region_code) for one in seen},
        names=region_names(session, seen),
        rules=rulebook.in_force(session, who.region_code),
        govern=may_govern(who),
        regions=_regions_for_rounds(session, who.region_code) if may_govern(who) else [],
        ones=[(one, sum(states[one] is OneState.HAS for _station, states in found)) for one in One],
        stations=len(found),
        this_year=http.now().year,
        words=words,
        most=MOST_STARS,
    )


@blueprint.get("/ones")
@auth.require(Right.SEE_REPORTS)
def ones() -> ResponseReturnValue:
    """The stations of one's region with what is missing."""
    session = http.db_session()
    which = _one(request.args["missing"]) if request.args.get("missing") else None
    typed = request.args.get("q", "").strip()[:40]
    page = cut(service.lacking(session, auth.person().region_code, which, typed), request.args.get("page", 1, type=int))
    return render_template(
        "stars/ones.html",
        page=page,
        which=which,
        typed=typed,
        places=parents_named(session, [station.region_code for station, _states in page.rows]),
        words=words,
        One=One,
    )


@blueprint.get("/stations/<uuid:station_id>")
@auth.require()
def station(station_id: UUID) -> ResponseReturnValue:
    """A station's five ones, and its stars by year."""
    session, who = http.db_session(), auth.person()
    found = station_named(session, station_id)
    standings = service.standings(session, station_id)
    keep = service.may_keep(who, found)
    results = session.scalars(rounds.published_results(station_id)).all()
    history = [(session.get_one(StarRound, row.round_id), row) for row in results]
    return render_template(
        "stars/station.html",
        station=found,
        path=path_of(session, found.region_code),
        standings=standings,
        history=history,
        drafts=[one for one in rounds.rounds_seen(session, who) if one.published_at is None and _holds(one, found)],
        keep=keep,
        appeal=next((one for one in history if appeals.may_appeal(session, *one, found, who, http.now())), None),
        names=service.names_of(session, [entry.by for one in standings for entry in one.history]),
        said=lambda entry: _said(entry, whole=keep),
        words=words,
    )


@blueprint.route("/stations/<uuid:station_id>/ones/<name>", methods=["GET", "POST"])
@auth.require(Right.KEEP_RECORD)
def one(station_id: UUID, name: str) -> ResponseReturnValue:
    """Note how a station stands with one of the five."""
    session, which = http.db_session(), _one(name)
    found = station_named(session, station_id)
    standing = next(one for one in service.standings(session, station_id) if one.one is which)
    if request.method == "GET":
        typed = {"state": standing.state.value, "since": _iso(standing.entry), **standing.fields}
        return _one_page(found, standing, typed, {}), 200
    typed, does = request.form.to_dict(), request.form.get("do", pictures.KEEP)
    try:
        pictures.carry_out(
            session,
            does,
            standing.photographs,
            lambda data: service.add_photograph(
                session, pictures.folder(), found, data, one=which, who=auth.person(), now=http.now()
            ),
            lambda row, back: service.remove_photograph(session, row, auth.person(), http.now(), back=back),
        )
        if pictures.only_pictures(does):
            session.flush()
            standing = next(one for one in service.standings(session, station_id) if one.one is which)
            return _one_page(found, standing, typed, {}), 200
        _note(session, found, which, typed)
    except (Rejected, Conflict) as error:
        if http.wants_json():
            raise
        session.rollback()
        standing = next(one for one in service.standings(session, station_id) if one.one is which)
        return _one_page(found, standing, typed, error.fields or {"": error.sentence}), http.status_of(error)
    flash(_("It is noted."))
    return redirect(url_for("stars.station", station_id=station_id, _anchor=which.value))


@blueprint.get("/photographs/<uuid:photograph_id>.jpg")
@auth.require()
def photograph(photograph_id: UUID) -> ResponseReturnValue:
    """A photograph, to those in whose region the station lies; `small` for lists."""
    session = http.db_session()
    row = service.photograph_with(session, photograph_id)
    if row.round_id is not None:
        rounds.round_with(session, row.round_id, auth.person())
    file = photographs.file_of(pictures.folder(), row.digest, small="small" in request.args)
    if not file.is_file():
        raise NotFound("photograph_unknown", _("There is no such photograph."))
    answer = send_file(file.resolve(), mimetype="image/jpeg", etag=f"{row.digest}{file.suffixes[0]}")
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


def region_names(session: Session, several: list[StarRound]) -> dict[str, str]:
    """The names of the regions of some rounds."""
    return {one.region_code: path_of(session, one.region_code)[-1].name for one in several}


def _note(session: Session, found: Station, which: One, typed: dict[str, str]) -> None:
    try:
        since = date.fromisoformat(typed["since"]) if typed.get("since") else None
    except ValueError as error:
        sentence = _("Write the day as 2026-11-28.")
        raise Rejected("since_wrong", sentence, {"since": sentence}) from error
    if typed.get("state") not in set(OneState):
        raise Rejected("state_wrong", _("Choose one."), {"state": _("Choose one.")})
    service.note_one(
        session,
        found,
        which,
        state=OneState(typed["state"]),
        fields={name: typed.get(name, "") for name in FIELDS[which]},
        since=since,
        after=typed.get("after", ""),
        who=auth.person(),
        now=http.now(),
    )


def _one_page(found: Station, standing: service.Standing, typed: dict[str, str], errors: object) -> str:
    return render_template(
        "stars/one.html",
        station=found,
        standing=standing,
        typed=typed,
        errors=errors,
        fields=FIELDS[standing.one],
        longest=service.FIELD_LONGEST,
        words=words,
        states=OneState,
    )


def _said(entry: OneEntry, *, whole: bool) -> list[tuple[str, str]]:
    """What was written, field by field; the administrator's name masked for those who do not keep the record."""
    return [
        (name, masked(text) if name == "name" and not whole else text)
        for name, text in service.written_in(entry).items()
        if text
    ]


def _holds(found: StarRound, station: Station) -> bool:
    return any(UUID(one) == station.id for one, _township in rounds.population_of(found))


def _regions_for_rounds(session: Session, root: str) -> list[tuple[str, str]]:
    return [
        (region.code, region.name) for region in regions_in(session, root) if len(region.code) <= LARGEST_REGION_DIGITS
    ]


def _iso(entry: OneEntry | None) -> str:
    return entry.since.isoformat() if entry and entry.since else ""


def _one(name: str) -> One:
    if name not in set(One):
        raise NotFound("one_unknown", _("There is no such page."))
    return One(name)
