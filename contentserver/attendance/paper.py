"""Pages of paper rolls: print the sheet, say that a lesson was held without a box, type in who signed.

A number is typed, Enter begins the next line, and beside it stands whom it means; nothing is kept before all is right,
and nothing that was typed is lost. What may be kept: `correcting.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import correcting, roll
from contentserver.attendance.correcting import REASON_CHARS
from contentserver.attendance.corrections import Kind, in_force
from contentserver.attendance.models import SessionRow
from contentserver.attendance.service import corrections_of
from contentserver.audit import audit
from contentserver.kernel import auth, clock, http, pdf, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Refusal, Rejected
from contentserver.kernel.pagination import cut
from contentserver.members import masked_roster_of, roster_of
from contentserver.stations import Station, station_named, where_station
from schedules.airings import Airing

blueprint = Blueprint("paper", __name__, template_folder="templates")
scoping.lies(blueprint, "station_id", where=where_station)
scoping.lies(blueprint, "airing_id", "station_id", where=roll.where_session, at=("entry", "names", "keep"))
scoping.free(
    blueprint, "airing_id", at=("sheet", "sheet_with_names"), because="a lesson of the station, past or to come"
)
TYPED_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class Evening:
    """One lesson of a station's timetable, and its session where one is here."""

    airing: Airing
    session: SessionRow | None
    over: bool


@blueprint.get("/stations/<uuid:station_id>/rolls")
@auth.require(Right.SEE_MEMBERS)
def rolls(station_id: UUID) -> ResponseReturnValue:
    """The lessons of a station, past and to come: print a sheet, type one in."""
    return _rolls_page(_station(station_id))


@blueprint.post("/stations/<uuid:station_id>/rolls")
@auth.require(Right.CORRECT_ROLL, Right.SEE_MEMBERS)
def held(station_id: UUID) -> ResponseReturnValue:
    """A lesson was held that no box has reported; its paper roll comes next."""
    station, airing_id = _station(station_id), "".join(filter(str.isprintable, request.form.get("airing", "")))[:36]
    reason = request.form.get("reason", "")
    try:
        correcting.hold_without_box(http.db_session(), (airing_id, station_id), reason, auth.person(), http.now())
    except Forbidden:
        raise
    except Refusal as error:
        return _rolls_page(station, airing_id, error.sentence), http.status_of(error)
    flash(gettext("It is noted that the lesson was held. Now the roll."))
    return redirect(url_for("paper.entry", airing_id=airing_id, station_id=station_id))


@blueprint.get("/sessions/<airing_id>/<uuid:station_id>/paper")
@auth.require(Right.CORRECT_ROLL, Right.SEE_MEMBERS)
def entry(airing_id: str, station_id: UUID) -> ResponseReturnValue:
    """Type a paper roll in."""
    return _entry_page(roll.session_asked(airing_id, station_id))


@blueprint.post("/sessions/<airing_id>/<uuid:station_id>/paper/names")
@auth.require(Right.CORRECT_ROLL, Right.SEE_MEMBERS)
def names(airing_id: str, station_id: UUID) -> ResponseReturnValue:
    """Whom the numbers typed so far mean; nothing is kept."""
    found = roll.session_asked(airing_id, station_id)
    lines = correcting.read_sheet(http.db_session(), (found.airing_id, found.station_id), _typed())
    return render_template("attendance/paper_names.html", lines=lines)


@blueprint.post("/sessions/<airing_id>/<uuid:station_id>/paper")
@auth.require(Right.CORRECT_ROLL, Right.SEE_MEMBERS)
def keep(airing_id: str, station_id: UUID) -> ResponseReturnValue:
    """Keep the sheet."""
    found, reason = roll.session_asked(airing_id, station_id), request.form.get("reason", "")
    key = (airing_id, station_id)
    try:
        new = correcting.keep_sheet(http.db_session(), key, _typed(), reason, auth.person(), http.now())
    except Forbidden:
        raise
    except Refusal as error:
        return _entry_page(found, error), http.status_of(error)
    flash(gettext("The paper roll is kept. %(people)s", people=roll.kept_in_words(new)))
    return redirect(url_for("attendance.one", airing_id=airing_id, station_id=station_id))


@blueprint.get("/sessions/<airing_id>/<uuid:station_id>/roll.pdf")
@auth.require(Right.SEE_MEMBERS)
def sheet(airing_id: str, station_id: UUID) -> ResponseReturnValue:
    """The sheet to be signed, with masked names."""
    return _sheet(airing_id, _station(station_id), whole=False)


@blueprint.post("/sessions/<airing_id>/<uuid:station_id>/roll.pdf")
@auth.require(Right.SEE_MEMBERS, Right.UNMASK)
def sheet_with_names(airing_id: str, station_id: UUID) -> ResponseReturnValue:
    """The sheet with whole names; why stands in the audit trail."""
    station = _station(station_id)
    reason = "".join(filter(str.isprintable, request.form.get("reason", ""))).strip()[:REASON_CHARS]
    if not reason:
        raise Rejected("reason_missing", _("Please write why the whole names are needed. It is kept."))
    made = _sheet(airing_id, station, whole=True)
    audit(
        http.db_session(),
        who=auth.person(),
        action="names.unmasked",
        subject=f"roll {airing_id[:36]}/{station_id}",
        now=http.now(),
        after={"reason": reason},
    )
    return made


def _rolls_page(station: Station, held_asked: str = "", wrong: object = "") -> str:
    session, now = http.db_session(), http.now()
    evenings = _evenings(session, station, now)
    asked = held_asked or request.args.get("held", "")
    return render_template(
        "attendance/rolls.html",
        station=station,
        page=cut(evenings, request.args.get("page", 1, int)),
        held=next((one for one in evenings if one.airing.id == asked and one.over and one.session is None), None),
        wrong=wrong,
        typed=request.form,
        may_correct=auth.person().may(Right.CORRECT_ROLL),
        may_unmask=auth.person().may(Right.UNMASK),
    )


def _entry_page(found: SessionRow, error: Refusal | None = None) -> str:
    session, key = http.db_session(), (found.airing_id, found.station_id)
    typed = _typed()
    standing = in_force(corrections_of(session, *key))
    return render_template(
        "attendance/paper.html",
        found=found,
        station=station_named(session, found.station_id),
        lines=correcting.read_sheet(session, key, typed),
        typed=typed,
        reason=request.form.get("reason", gettext("Signed on paper")),
        wrong=error.sentence if error else "",
        wrong_reason=error is not None and error.code == "reason_missing",
        without_box=any(one.kind is Kind.HELD for one in standing) and not found.shown_ms,
    )


def _evenings(session: Session, station: Station, now: datetime) -> Sequence[Evening]:
    airings = correcting.airings_at(session, station, now, correcting.AHEAD)
    rows = select(SessionRow).where(
        SessionRow.station_id == station.id, SessionRow.planned_start >= now - 2 * correcting.WITHOUT_BOX
    )
    known = {row.airing_id: row for row in session.scalars(rows)}
    return [Evening(one, known.get(one.id), one.start <= now) for one in airings]


def _sheet(airing_id: str, station: Station, *, whole: bool) -> Response:
    session = http.db_session()
    found = session.get(SessionRow, (airing_id, station.id)) if airing_id.isprintable() else None
    if found is not None:
        title, course, start = found.lesson_title, found.course_title, found.planned_start
    else:
        near = correcting.airings_at(session, station, http.now(), correcting.AHEAD)
        airing = next((one for one in near if one.id == airing_id), None)
        if airing is None:
            raise NotFound("airing_unknown", _("The timetable of this station has no such lesson."))
        title, course, start = airing.lesson.title, airing.lesson.course, airing.start
    members = (roster_of if whole else masked_roster_of)(session, station.id).members
    if not members:
        raise Conflict("roll_empty", _("Nobody is on the roll of this station yet."))
    page = render_template(
        "attendance/roll_print.html", station=station, title=title, course=course, start=start, members=members
    )
    response = Response(pdf.pdf_of(page), content_type="application/pdf")
    name = f"{station.name} {clock.local(start).date()}.pdf"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def _station(station_id: UUID) -> Station:
    return station_named(http.db_session(), station_id)


def _typed() -> str:
    return request.form.get("numbers", "")[:TYPED_CHARS]
