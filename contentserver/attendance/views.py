"""Pages of evidence: the sessions of one's region, and one session with its roll."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance.models import SessionRow, SignInRow
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import NotFound
from contentserver.kernel.pagination import paginate
from contentserver.members import roster_of
from contentserver.regions import path_of, subtree_filter
from contentserver.stations import Station, station_named
from schedules.wire.messages import RosterMember

blueprint = Blueprint("attendance", __name__, url_prefix="/sessions", template_folder="templates")
METHODS = {"number": _("by number"), "name": _("by name"), "card": _("by card"), "phone": _("by phone")}
MISSED = {
    "not_stored": _("The lesson had not arrived on the box in time."),
    "refused": _("The lesson was unsigned or altered, and was not played."),
    "player_failed": _("The box could not play it."),
    "alert": _("An alert was on the screen."),
}
MISSED_OTHERWISE = _("The box reported that it could not show it.")


@blueprint.get("")
@auth.require(Right.SEE_REPORTS)
def index() -> ResponseReturnValue:
    session = http.db_session()
    query = (
        select(SessionRow)
        .where(subtree_filter(SessionRow.region_code, auth.person().region_code))
        .order_by(SessionRow.planned_start.desc(), SessionRow.region_code)
    )
    page = paginate(session, query, request.args.get("page", 1, int))
    return render_template(
        "attendance/index.html",
        page=page,
        stations=_stations(session, page.rows),
        missed=MISSED,
        missed_otherwise=MISSED_OTHERWISE,
    )


@blueprint.get("/<airing_id>/<uuid:station_id>")
@auth.require(Right.SEE_REPORTS)
def one(airing_id: str, station_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    found = session.get(SessionRow, (airing_id, station_id))
    if found is None:
        raise NotFound("session_unknown", _("There is no such session, or it has not been reported yet."))
    auth.require_scope(found.region_code)
    return render_template(
        "attendance/session.html",
        found=found,
        station=station_named(session, station_id),
        path=path_of(session, found.region_code),
        roll=_roll(session, found) if auth.person().may(Right.SEE_MEMBERS) else None,
        methods=METHODS,
        missed=MISSED,
        missed_otherwise=MISSED_OTHERWISE,
    )


def _stations(session: Session, rows: Sequence[SessionRow]) -> dict[UUID, Station]:
    wanted = select(Station).where(Station.id.in_({row.station_id for row in rows}))
    return {station.id: station for station in session.scalars(wanted)}


def _roll(session: Session, found: SessionRow) -> list[tuple[SignInRow, RosterMember | None]]:
    """The arrivals in order, each with the masked name and number where the person is still on the roll."""
    known = {member.id: member for member in roster_of(session, found.station_id).members}
    rows = session.scalars(
        select(SignInRow)
        .where(SignInRow.airing_id == found.airing_id, SignInRow.station_id == found.station_id)
        .order_by(SignInRow.at, SignInRow.member_id)
    )
    return [(row, known.get(row.member_id)) for row in rows]
