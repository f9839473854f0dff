"""Pages: the board from the city down to the box, telling stations, the list to take along, power cuts, notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from wtforms import SelectChoice

from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.display import WEEKDAYS
from contentserver.kernel.errors import Forbidden, NotFound, Rejected
from contentserver.kernel.sheets import CSV_TYPE, XLSX_TYPE, as_csv, as_xlsx
from contentserver.members import masked
from contentserver.readiness import notes, service, sheets, tree, words
from contentserver.readiness.gathering import region_names
from contentserver.readiness.notes import Note
from contentserver.readiness.ports import Packages, Telling, TellStation
from contentserver.readiness.reasons import GOOD, Remedy
from contentserver.readiness.schemas import BoardQuery, PowerCutForm, board_query
from contentserver.readiness.service import Board, Row, Substitute
from contentserver.readiness.tree import COUNTY_DIGITS, MARK_OF, TOWNSHIP_DIGITS, Branch
from contentserver.regions import depth_of, regions_in

blueprint = Blueprint("readiness", __name__, url_prefix="/readiness", template_folder="templates")
scoping.decided(blueprint, "note_id", by=notes.note_asked)
scoping.lies(blueprint, "cut_id", where=service.where_power_cut)
scoping.free(blueprint, "kind", because="a kind of file")
WELL_SHOWN = 5
"""So many boxes that are well are listed; the others on request."""
KINDS = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE}


@dataclass(frozen=True, slots=True)
class Line:
    """One box in the list, in words."""

    row: Row
    name: str
    mark: str
    headline: str
    outlook: str
    administrator: str
    substitutes: Sequence[Substitute]
    to_tell: bool
    to_move: bool


@dataclass(frozen=True, slots=True)
class Columns:
    """The three columns of the tree: counties, townships of the chosen one, boxes of the chosen township."""

    counties: tuple[Branch, ...]
    county: str
    townships: tuple[Branch, ...]
    township: str
    lines: tuple[Line, ...]
    total: int
    hidden: int


@blueprint.get("")
@auth.require(Right.SEE_REPORTS)
def index() -> ResponseReturnValue:
    session, asked, now = http.db_session(), _asked(), http.now()
    shown = _board(session, asked)
    codes = [row.box.region_code for row in shown.rows]
    columns = _columns(session, shown, asked, now)
    return render_template(
        "readiness/index.html",
        board=shown,
        now=now,
        asked=asked,
        columns=columns,
        fields=tree.fields(columns.counties),
        tally=tree.tally(row.verdict.light for row in shown.rows),
        names=region_names(session, codes),
        over=shown.occasion is not None and shown.occasion.end <= now,
        tellings=_untold(shown) if service.may_tell(auth.person()) else [],
        may_tell=service.may_tell(auth.person()),
        lights=words.LIGHTS,
        when=words.when,
        masked=masked,
        day_of=clock.local,
        weekday_of=lambda instant: WEEKDAYS[clock.local(instant).weekday()],
    )


@blueprint.get("/list.<kind>")
@auth.require(Right.SEE_REPORTS)
def listed(kind: str) -> ResponseReturnValue:
    """The board as a file: every box below the region of the address."""
    session, asked, now = http.db_session(), _asked(), http.now()
    shown = _board(session, asked)
    if kind not in KINDS or shown.occasion is None:
        raise NotFound("list_unknown", _("There is no such page."))
    rows = [row for row in shown.rows if row.box.region_code.startswith(asked.region)]
    names = region_names(session, [row.box.region_code for row in rows])
    place = names.get(asked.region) or names.get(auth.person().region_code) or _("all regions")
    tops, table = [sheets.heading(place, shown.occasion, now)], sheets.table(rows, names, now)
    made = as_csv(tops, table) if kind == "csv" else as_xlsx(tops, table)
    name = f"readiness-{asked.region or 'all'}-{shown.occasion.start:%Y%m%dT%H%MZ}.{kind}"
    return Response(made, content_type=KINDS[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'})


@blueprint.get("/tell")
@auth.require(Right.SEE_REPORTS)
def tell() -> ResponseReturnValue:
    """Which stations would be told what, before anybody is."""
    _require_tell()
    session, asked, now = http.db_session(), _asked(), http.now()
    shown = _board(session, asked)
    wanted = {telling.station_id: telling for telling in _untold(shown)}
    lines = [line for line in _lines(session, shown.rows, now) if line.row.box.station_id in wanted]
    once = {line.row.box.station_id: line for line in reversed(lines)}
    names = region_names(session, [line.row.box.region_code for line in lines])
    return render_template(
        "readiness/tell.html", board=shown, asked=asked, lines=list(reversed(once.values())), names=names
    )


@blueprint.post("/tell")
@auth.require(Right.SEE_REPORTS)
def tell_submitted() -> ResponseReturnValue:
    """Tell the stations where somebody must look, or one alone; what was told before is not told again."""
    _require_tell()
    session, asked, who = http.db_session(), _asked(), auth.person()
    shown = _board(session, asked)
    if shown.occasion is None or (asked.at is not None and shown.occasion.start != asked.at):
        raise Rejected("airing_gone", _("This airing is no longer planned. Nobody was told."))
    tellings = [
        telling
        for telling in service.to_tell(shown.rows)
        if asked.station is None or telling.station_id == asked.station
    ]
    way: TellStation = current_app.extensions["tell_station"]
    told, before = notes.tell_all(session, tellings, way, who, http.now())
    if http.wants_json():
        return {"told": told, "told_before": before}
    sentence = ngettext("%(num)s station is told.", "%(num)s stations are told.", told)
    if before:
        sentence += " " + ngettext("%(num)s had been told before.", "%(num)s had been told before.", before)
    flash(sentence)
    return redirect(_address(asked))


@blueprint.post("/notes/<uuid:note_id>/read")
@auth.require()
def note_read(note_id: UUID) -> ResponseReturnValue:
    """Somebody of the station says that they know."""
    notes.mark_read(http.db_session(), note_id, auth.person(), http.now())
    if http.wants_json():
        return {"id": str(note_id)}
    flash(_("Noted. The county sees that you know."))
    return redirect(http.local_path(request.referrer))


@blueprint.get("/power-cuts")
@auth.require(Right.SEE_REPORTS)
def power_cuts() -> ResponseReturnValue:
    return _power_page(_power_form(), 200)


@blueprint.post("/power-cuts")
@auth.require_one_of(*service.PLANS)
def add_power_cut() -> ResponseReturnValue:
    form = _power_form()
    if not http.require_valid(form):
        return _power_page(form, 422)
    session, who = http.db_session(), auth.person()
    begins, ends = form.instants()
    try:
        cut = service.add_power_cut(session, form.region.data, begins, ends, form.reason.data or "", who, http.now())
    except Rejected as error:
        if http.wants_json():
            raise
        for name, sentence in error.fields.items():
            form[name].errors = [str(sentence)]
        return _power_page(form, 422)
    if http.wants_json():
        return {"id": str(cut.id)}, 201
    flash(_("Noted. The board now counts with it."))
    return redirect(url_for("readiness.power_cuts"))


@blueprint.post("/power-cuts/<uuid:cut_id>/remove")
@auth.require_one_of(*service.PLANS)
def remove_power_cut(cut_id: UUID) -> ResponseReturnValue:
    service.remove_power_cut(http.db_session(), cut_id, auth.person(), http.now())
    if http.wants_json():
        return {"id": str(cut_id)}
    flash(_("The power cut is taken out."))
    return redirect(url_for("readiness.power_cuts"))


def notes_shown(station_id: UUID | None = None) -> list[tuple[Note, str, str]]:
    """What is told to a station, or to all of the person's own, each in words; for pages of other slices."""
    session, now = http.db_session(), http.now()
    found = notes.open_notes(session, auth.person().region_code, now, station_id)
    return [(note, *words.noted(note.reason, now)) for note in found]


def _asked() -> BoardQuery:
    """The address; a region that is out of reach counts as none."""
    given = request.values
    asked = board_query(given.get("at", ""), given.get("region", ""), given.get("all", ""), given.get("station", ""))
    if not auth.person().reaches(asked.region):
        return BoardQuery(at=asked.at, region="", every=asked.every, station=asked.station)
    return asked


def _board(session: Session, asked: BoardQuery) -> Board:
    packages: Packages = current_app.extensions["services"].store
    return service.board(session, auth.person().region_code, asked.at, http.now(), packages)


def _columns(session: Session, shown: Board, asked: BoardQuery, now: datetime) -> Columns:
    lit = [(row.box.region_code, row.verdict.light) for row in shown.rows]
    counties = tree.branches(lit, COUNTY_DIGITS)
    worst = tree.branches(lit, COUNTY_DIGITS, worst_first=True)
    county = _chosen(asked.region[:COUNTY_DIGITS], worst)
    townships = tree.branches(
        [one for one in lit if one[0][:COUNTY_DIGITS] == county], TOWNSHIP_DIGITS, worst_first=True
    )
    township = _chosen(asked.region[:TOWNSHIP_DIGITS], townships)
    rows = [row for row in shown.rows if row.box.region_code[:TOWNSHIP_DIGITS] == township]
    trouble = sum(row.verdict.light not in GOOD for row in rows)
    kept = rows if asked.every or len(rows) <= trouble + WELL_SHOWN + 1 else rows[: trouble + WELL_SHOWN]
    return Columns(
        counties, county, townships, township, tuple(_lines(session, kept, now)), len(rows), len(rows) - len(kept)
    )


def _chosen(code: str, found: Sequence[Branch]) -> str:
    """The branch asked for where it is there; else the first."""
    codes = [branch.code for branch in found]
    return code if code in codes else next(iter(codes), "")


def _lines(session: Session, rows: Sequence[Row], now: datetime) -> list[Line]:
    people, offers = service.administrators(session, rows), service.substitutes(session, rows)
    return [
        Line(
            row=row,
            name=row.box.station
            if row.boxes == 1
            else _("%(station)s, box %(box)s", station=row.box.station, box=row.box.id),
            mark=MARK_OF[row.verdict.light],
            headline=words.headline(row.verdict, now),
            outlook=words.outlook(row.verdict, row.box.limits.get(row.airing.package, ""), now),
            administrator=people.get(row.box.region_code, ""),
            substitutes=offers.get(row.box.id, []),
            to_tell=Remedy.TELL in row.verdict.remedies and not row.covered,
            to_move=Remedy.MOVE in row.verdict.remedies,
        )
        for row in rows
    ]


def _untold(shown: Board) -> list[Telling]:
    """What stations should be told and have not been told anything of this airing."""
    told = {row.box.station_id for row in shown.rows if row.told}
    return [telling for telling in service.to_tell(shown.rows) if telling.station_id not in told]


def _require_tell() -> None:
    if not service.may_tell(auth.person()):
        raise Forbidden("no_right", _("Your role may not do this."))


def _address(asked: BoardQuery) -> str:
    at = asked.at.isoformat() if asked.at else None
    return url_for("readiness.index", at=at, region=asked.region or None)


def _power_form() -> PowerCutForm:
    form = PowerCutForm()
    own = regions_in(http.db_session(), auth.person().region_code)
    top = min((depth_of(region.code) for region in own), default=0)
    form.region.choices = [
        SelectChoice(region.code, "\u2003" * (depth_of(region.code) - top) + region.name) for region in own
    ]
    return form


def _power_page(form: PowerCutForm, status: int) -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    cuts = service.power_cuts(session, who.region_code, http.now())
    page = render_template("readiness/power_cuts.html", form=form, cuts=cuts, may_plan=service.may_plan(who))
    return page, status
