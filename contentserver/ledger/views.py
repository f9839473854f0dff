"""Pages of the ledger to look at: how complete months are, lists of entries, a station's month, one entry, the book."""

from datetime import date
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contentserver import bylaws
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.display import moment
from contentserver.kernel.errors import NotFound, Rejected
from contentserver.kernel.sheets import CSV_TYPE, XLSX_TYPE
from contentserver.ledger import book, completeness, drafting, exports, history, kinds, listing, rules, service, words
from contentserver.ledger.completeness import Part
from contentserver.ledger.models import LedgerPhotograph
from contentserver.members import masked
from contentserver.regions import Region, parents_named, path_of, region_named, regions_in
from contentserver.stars import photograph_file
from contentserver.stations import station_named, where_station
from contentserver.timetable import holiday_table

blueprint = Blueprint("ledger", __name__, url_prefix="/ledger", template_folder="templates")
scoping.lies(blueprint, "station_id", where=where_station)
scoping.lies(blueprint, "entry_id", where=service.where_entry)
scoping.lies(blueprint, "picture_id", where=service.where_photograph)
scoping.free(blueprint, "kind", because="a kind of file")
FILES = {
    "csv": (exports.csv_of, CSV_TYPE),
    "xlsx": (exports.xlsx_of, XLSX_TYPE),
    "pdf": (exports.pdf_of, "application/pdf"),
}
MONTHS_OFFERED = 24
LARGEST_CHOICE = 9
"""Digits of the regions that the filter offers; villages are reached through their township."""


@blueprint.get("")
@auth.require(Right.SEE_REPORTS)
def index() -> ResponseReturnValue:
    """How complete a region's month is, with the way down to a station."""
    session, (region, month, wrong) = http.db_session(), asked()
    if region is None:
        return render_template("ledger/no_regions.html")
    found = completeness.completeness(session, region.code, month, this_month())
    return render_template(
        "ledger/index.html",
        found=found,
        wrong=wrong,
        path=path_of(session, region.code),
        expected=[code for code in found.kinds if found.total.parts.get(code, Part()).expected],
        nothing=Part(),
        regions=_choices(session, region),
        months=months_offered(),
        closes_on=history.closes_on(month, holiday_table(session)),
        govern=bylaws.may_govern(auth.person()),
        today=today(),
        words=words,
    )


@blueprint.get("/completeness.<any(csv, xlsx, pdf):kind>")
@auth.require(Right.SEE_REPORTS)
def completeness_file(kind: str) -> ResponseReturnValue:
    """The same month to take along."""
    region, month, _wrong = asked()
    if region is None:
        raise NotFound("no_regions", _("There are no regions yet."))
    make, content_type = FILES[kind]
    data = make(completeness.completeness(http.db_session(), region.code, month, this_month()), http.now())
    name = f"ledger-{region.code}-{words.month(month)}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, content_type=content_type, headers=headers)


@blueprint.get("/entries")
@auth.require(Right.SEE_REPORTS)
def entries() -> ResponseReturnValue:
    """The entries of a region's month."""
    session, (region, month, wrong) = http.db_session(), asked()
    if region is None:
        return render_template("ledger/no_regions.html")
    here = kinds.KINDS.holding(session, region.code, ended=True)
    kind, typed = request.args.get("kind", "")[:20], request.args.get("q", "").strip()[:40]
    page = listing.page_of_entries(
        session, region.code, month, kind=kind, words_=typed, number=request.args.get("page", 1, type=int)
    )
    stations = listing.stations_named(session, [row.station_id for row in page.rows])
    return render_template(
        "ledger/entries.html",
        page=page,
        shown=listing.shown(session, page.rows),
        stations=stations,
        places=parents_named(session, [one.region_code for one in stations.values()]),
        kinds=here,
        kind=kind,
        typed=typed,
        region=region,
        regions=_choices(session, region),
        month=month,
        months=months_offered(),
        wrong=wrong,
        words=words,
    )


@blueprint.get("/stations/<uuid:station_id>")
@auth.require(Right.SEE_REPORTS)
def station(station_id: UUID) -> ResponseReturnValue:
    """A station's month: what is there, what is missing, what to write."""
    session, who = http.db_session(), auth.person()
    found, (month, wrong) = station_named(session, station_id), month_asked()
    shown = listing.month_of_station(session, station_id, month)
    here = kinds.KINDS.holding(session, found.region_code)
    counts = {code: sum(one.row.kind == code for one in shown) for code in here}
    parts = {
        code: Part(counts[code], min(counts[code], one.law.monthly), one.law.monthly) for code, one in here.items()
    }
    begun = month <= this_month()
    return render_template(
        "ledger/station.html",
        station=found,
        path=path_of(session, found.region_code),
        month=month,
        months=months_offered(),
        wrong=wrong,
        kinds=here,
        parts=parts,
        whole=sum(parts.values(), Part()) if begun else Part(),
        shown=shown,
        drafts=drafting.drafts_of(session, station_id, who),
        keep=drafting.may_keep(who, found),
        closes_on=history.closes_on(month, holiday_table(session)),
        names=history.names_of(session, (one.row.written_by for one in shown)),
        today=today(),
        words=words,
    )


@blueprint.get("/stations/<uuid:station_id>/book.pdf")
@auth.require(Right.SEE_REPORTS)
def printed(station_id: UUID) -> ResponseReturnValue:
    """The book on paper: a month, or the months of a year up to it; names whole for those who write in it."""
    session, who = http.db_session(), auth.person()
    found, (last, _wrong) = station_named(session, station_id), month_asked()
    first = last.replace(month=1) if request.args.get("of") == "year" else last
    data = book.printed(
        session,
        found,
        first,
        last,
        folder=folder(),
        today=today(),
        issued=moment(http.now()),
        name=str if drafting.may_keep(who, found) else masked,
    )
    response = Response(data, content_type="application/pdf")
    name = f"{found.name} {words.month(first)}–{words.month(last)}.pdf"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@blueprint.get("/entries/<uuid:entry_id>")
@auth.require(Right.SEE_REPORTS)
def entry(entry_id: UUID) -> ResponseReturnValue:
    """One entry with its photographs, signatures and history."""
    return render_template("ledger/entry.html", **entry_page(http.db_session(), entry_id), errors={})


@blueprint.get("/photographs/<uuid:picture_id>.jpg")
@auth.require(Right.SEE_REPORTS)
def photograph(picture_id: UUID) -> ResponseReturnValue:
    """A photograph, to those in whose region the station lies; `small` for lists."""
    row = http.db_session().get_one(LedgerPhotograph, picture_id)
    file = photograph_file(folder(), row.digest, small="small" in request.args)
    if not file.is_file():
        raise NotFound("photograph_unknown", _("There is no such photograph."))
    answer = send_file(file.resolve(), mimetype="image/jpeg", etag=f"{row.digest}{file.suffixes[0]}")
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


def entry_page(session: Session, entry_id: UUID) -> dict[str, object]:
    """What the page of an entry shows."""
    row, who = service.entry_with(session, entry_id), auth.person()
    found = station_named(session, row.station_id)
    shown, changes = listing.shown(session, [row])[0], history.changes_of(session, entry_id)
    keep = drafting.may_keep(who, found)
    return {
        "row": row,
        "shown": shown,
        "station": found,
        "changes": [(change, said, words.lines_of(shown.kind, said.fields)) for change, said in changes],
        "names": history.names_of(session, (row.written_by, *(change.by for change, _said in changes))),
        "signers": [one if keep else masked(one) for one in row.signers.split("\n") if one],
        "keep": keep,
        "words": words,
    }


def folder() -> Path:
    """Where photographs of the ledger lie on this server."""
    return drafting.folder_of(current_app.extensions["services"].settings.data_dir)


def today() -> date:
    """The stations' day."""
    return clock.local(http.now()).date()


def this_month() -> date:
    """The first day of the month that runs."""
    return rules.month_of(today())


def months_offered() -> list[date]:
    """Months to choose from, the one that runs first."""
    return [rules.month_before(this_month(), back) for back in range(MONTHS_OFFERED)]


def month_asked() -> tuple[date, object]:
    """The month that the address names, the one that runs where it names none; and what is wrong with it."""
    text = request.args.get("month", "")
    if not text:
        return this_month(), ""
    found = rules.day_of(f"{text[:7]}-01")
    if found is None or len(text) > len("2026-11") or not clock.EARLIEST <= found <= clock.LATEST:
        return this_month(), _("Write the month as 2026-11.")
    return found, ""


def asked() -> tuple[Region | None, date, object]:
    """The region and the month that the address names; the region is None where there is none at all.

    Raises:
        Forbidden: the region lies elsewhere.
        Rejected: it is no region.
    """
    session, who = http.db_session(), auth.person()
    month, wrong = month_asked()
    code = request.args.get("region", "") or who.region_code
    if not code:
        every = regions_in(session, "")
        code = every[0].code if every else ""
    if not code:
        return None, month, wrong
    auth.require_scope(code)
    if not code.isdigit():
        raise Rejected("region_wrong", _("There is no such region."))
    return region_named(session, code), month, wrong


def _choices(session: Session, region: Region) -> list[tuple[str, str]]:
    return [
        (one.code, one.name)
        for one in regions_in(session, auth.person().region_code)
        if len(one.code) <= LARGEST_CHOICE or one.code == region.code
    ]
