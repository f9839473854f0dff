"""Pages about boxes: enter a television's code, see the boxes of one's stations, one station whole."""

from uuid import UUID

import msgspec
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms import SelectChoice

from contentserver.accounts import audit
from contentserver.boxes import service
from contentserver.boxes.models import Box
from contentserver.boxes.schemas import ClaimForm
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Forbidden, NotFound, Refusal
from contentserver.members import roster_of
from contentserver.regions import parents_named, path_of
from contentserver.stations import station_named, stations_in
from schedules.wire.messages import Reported

blueprint = Blueprint("boxes", __name__, template_folder="templates")


@blueprint.get("/boxes")
@auth.require()
def index() -> ResponseReturnValue:
    session = http.db_session()
    found = service.boxes_in(session, auth.person().region_code, request.args.get("page", 1, int))
    places = parents_named(session, [station.region_code for _box, station in found.rows])
    reports = {box.id: _reported(box) for box, _station in found.rows}
    return render_template("boxes/index.html", page=found, places=places, reports=reports)


@blueprint.get("/stations/<uuid:station_id>")
@auth.require()
def station(station_id: UUID) -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    found = station_named(session, station_id)
    auth.require_scope(found.region_code)
    boxes = session.scalars(select(Box).where(Box.station_id == station_id).order_by(Box.id)).all()
    return render_template(
        "boxes/station.html",
        station=found,
        path=path_of(session, found.region_code),
        boxes=boxes,
        reports={box.id: _reported(box) for box in boxes},
        members=roster_of(session, station_id).members if who.may(Right.SEE_MEMBERS) else None,
    )


@blueprint.get("/boxes/claim")
@auth.require(Right.CLAIM_BOX)
def claim() -> ResponseReturnValue:
    form = _claim_form()
    form.code.data = request.args.get("code", "")[:20]
    form.station.data = request.args.get("station", "")
    return render_template("boxes/claim.html", form=form)


@blueprint.post("/boxes/claim")
@auth.require(Right.CLAIM_BOX)
def claim_submitted() -> ResponseReturnValue:
    form = _claim_form()
    if not http.require_valid(form):
        return render_template("boxes/claim.html", form=form), 422
    session, who, now = http.db_session(), auth.person(), http.now()
    services = current_app.extensions["services"]
    try:
        box = service.claim(
            session,
            code=form.code.data,
            station_id=UUID(form.station.data),
            who=who,
            signer=services.signer,
            secret=services.settings.secret_key,
            now=now,
        )
    except Refusal as error:
        if isinstance(error, NotFound):
            audit(session, who=who, action="box.claim_failed", subject="claim", now=now)
            session.commit()  # the wrong code counts towards the limit
        if http.wants_json():
            raise
        (form.station if isinstance(error, Forbidden) else form.code).errors = [str(error.sentence)]
        return render_template("boxes/claim.html", form=form), http.status_of(error)
    if http.wants_json():
        return {"box": box.id}, 201
    flash(_("The television is connected. It is box %(number)s; tonight's lessons come by themselves.", number=box.id))
    return redirect(url_for("boxes.station", station_id=box.station_id))


def _reported(box: Box) -> Reported | None:
    return msgspec.json.decode(box.reported, type=Reported) if box.reported else None


def _claim_form() -> ClaimForm:
    """The form with every station of the person's region, each told from its namesakes by its township."""
    form, session = ClaimForm(), http.db_session()
    stations = stations_in(session, auth.person().region_code)
    places = parents_named(session, [one.region_code for one in stations])
    form.station.choices = [SelectChoice("", _("Choose a station"))] + [
        SelectChoice(str(one.id), f"{one.name} · {places[one.region_code]}") for one in stations
    ]
    return form
