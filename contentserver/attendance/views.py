"""Pages of evidence: the sessions of one's region, and that somebody has looked at a doubtful one.

One session with its roll: `roll.py`. Quarantine: `inspecting.py`.
"""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import doubting, roll
from contentserver.attendance.models import SessionRow
from contentserver.attendance.words import MISSED, MISSED_OTHERWISE
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Rejected
from contentserver.kernel.pagination import paginate
from contentserver.regions import subtree_filter
from contentserver.stations import Station

blueprint = Blueprint("attendance", __name__, url_prefix="/sessions", template_folder="templates")
scoping.lies(blueprint, "airing_id", "station_id", where=roll.where_session)


@blueprint.get("")
@auth.require(Right.SEE_REPORTS)
def index() -> ResponseReturnValue:
    session, root = http.db_session(), auth.person().region_code
    which = request.args.get("doubts", "")
    if which in ("new", "all"):
        query = doubting.doubtful(root, everything=which == "all")
    else:
        which, query = "", select(SessionRow).where(subtree_filter(SessionRow.region_code, root))
    query = query.order_by(SessionRow.planned_start.desc(), SessionRow.region_code)
    page = paginate(session, query, request.args.get("page", 1, int))
    return render_template(
        "attendance/index.html",
        page=page,
        which=which,
        waiting=doubting.waiting_doubts(session, root),
        doubts_in_words=roll.doubts_in_words,
        stations=_stations(session, page.rows),
        missed=MISSED,
        missed_otherwise=MISSED_OTHERWISE,
    )


@blueprint.get("/<airing_id>/<uuid:station_id>")
@auth.require(Right.SEE_REPORTS)
def one(airing_id: str, station_id: UUID) -> ResponseReturnValue:
    return roll.page_of(roll.session_asked(airing_id, station_id))


@blueprint.post("/<airing_id>/<uuid:station_id>/doubts")
@auth.require(Right.INSPECT)
def looked_at(airing_id: str, station_id: UUID) -> ResponseReturnValue:
    """Somebody has asked in the village: what was found out is kept beside the doubts; no number changes."""
    found, note = roll.session_asked(airing_id, station_id), request.form.get("note", "").strip()
    if not note:
        raise Rejected("note_missing", _("Please write what was found out."))
    doubting.look_at(http.db_session(), found, note, auth.person(), http.now())
    flash(gettext("It is noted. The session leaves the list."))
    return redirect(url_for("attendance.one", airing_id=airing_id, station_id=station_id))


def _stations(session: Session, rows: Sequence[SessionRow]) -> dict[UUID, Station]:
    wanted = select(Station).where(Station.id.in_({row.station_id for row in rows}))
    return {station.id: station for station in session.scalars(wanted)}
