"""Pages about boxes: the list of all, enter a television's code, one station whole. One box: `tending.py`."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms import SelectChoice

from contentserver.boxes import enrolling, listing, service, words
from contentserver.boxes.desiring import refresh_at
from contentserver.boxes.models import Box
from contentserver.boxes.rules import Care
from contentserver.boxes.schemas import ClaimForm
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Forbidden, Refusal
from contentserver.members import masked_roster_of
from contentserver.regions import parents_named, path_of
from contentserver.stations import MOST_STARS, note_stars, station_named, stations_in, where_station
from schedules.wire.messages import Reported

blueprint = Blueprint("boxes", __name__, template_folder="templates")
scoping.lies(blueprint, "station_id", where=where_station)
scoping.lies(blueprint, "box_id", where=service.where_box)


@blueprint.get("/boxes")
@auth.require()
def index() -> ResponseReturnValue:
    asked = _asked()
    found = listing.listing(http.db_session(), auth.person().region_code, asked, http.now())
    reports = {one.id: msgspec.json.decode(one.reported, type=Reported) for one in found.page.rows if one.reported}
    return render_template(
        "boxes/index.html", found=found, page=found.page, asked=asked, reports=reports, cares_words=words.CARES
    )


def _asked() -> listing.Query:
    """The list's query as the address says it; what cannot be read is left out."""
    care = request.args.get("state", "")
    return listing.Query(
        words=request.args.get("q", "").strip()[:60],
        care=Care(care) if care in set(Care) else None,
        order=request.args.get("sort", listing.USUAL_ORDER),
        page=request.args.get("page", 1, int),
    )


@blueprint.get("/stations/<uuid:station_id>")
@auth.require()
def station(station_id: UUID) -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    found = station_named(session, station_id)
    boxes = session.scalars(select(Box).where(Box.station_id == station_id).order_by(Box.id)).all()
    return render_template(
        "boxes/station.html",
        station=found,
        path=path_of(session, found.region_code),
        boxes=boxes,
        most_stars=MOST_STARS,
        reports={box.id: reported(box) for box in boxes},
        members=masked_roster_of(session, station_id).members if who.may(Right.SEE_MEMBERS) else None,
    )


@blueprint.post("/stations/<uuid:station_id>/stars")
@auth.require(Right.ADMINISTER)
def assess(station_id: UUID) -> ResponseReturnValue:
    """The station's stars; its televisions learn them at once."""
    session = http.db_session()
    station = station_named(session, station_id)
    stars = request.form.get("stars", type=int)
    note_stars(session, station, -1 if stars is None else stars, auth.person(), http.now())
    refresh_at(session, station_id, current_app.extensions["services"].signer)
    flash(_("The station's televisions show its stars from now on.") if stars else _("The station has no stars now."))
    return redirect(url_for("boxes.station", station_id=station_id))


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
        box = enrolling.claim(
            session,
            code=form.code.data,
            station_id=UUID(form.station.data),
            who=who,
            signer=services.signer,
            secret=services.settings.secret_key,
            now=now,
        )
    except Refusal as error:
        if error.code in {"claim_unknown", "claim_misfit"}:
            enrolling.claim_failed(session, code=form.code.data, who=who, now=now)
            session.commit()  # the wrong code counts towards the limit, and one that does not fit has ended
        if http.wants_json():
            raise
        (form.station if isinstance(error, Forbidden) else form.code).errors = [str(error.sentence)]
        return render_template("boxes/claim.html", form=form), http.status_of(error)
    if http.wants_json():
        return {"box": box.id}, 201
    flash(_("The television is connected. It is box %(number)s; tonight's lessons come by themselves.", number=box.id))
    return redirect(url_for("boxes.station", station_id=box.station_id))


def reported(box: Box) -> Reported | None:
    """What a box said of itself last."""
    return msgspec.json.decode(box.reported, type=Reported) if box.reported else None


def station_choices() -> Sequence[SelectChoice]:
    """Every station of the person's region, each told from its namesakes by its township."""
    session = http.db_session()
    stations = stations_in(session, auth.person().region_code)
    places = parents_named(session, [one.region_code for one in stations])
    return [SelectChoice("", _("Choose a station"))] + [
        SelectChoice(str(one.id), f"{one.name} · {places[one.region_code]}") for one in stations
    ]


def _claim_form() -> ClaimForm:
    form = ClaimForm()
    form.station.choices = station_choices()
    return form
