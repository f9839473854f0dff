"""Pages about boxes: enter a television's code, see the boxes of one's stations."""

from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.accounts import audit
from contentserver.boxes import service
from contentserver.boxes.schemas import ClaimForm
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import NotFound, Refusal
from contentserver.stations import stations_in

blueprint = Blueprint("boxes", __name__, url_prefix="/boxes", template_folder="templates")


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    found = service.boxes_in(http.db_session(), auth.person().region_code, request.args.get("page", 1, int))
    return render_template("boxes/index.html", page=found)


@blueprint.get("/claim")
@auth.require(Right.CLAIM_BOX)
def claim() -> ResponseReturnValue:
    form = _claim_form()
    form.code.data = request.args.get("code", "")[:20]
    return render_template("boxes/claim.html", form=form)


@blueprint.post("/claim")
@auth.require(Right.CLAIM_BOX)
def claim_submitted() -> ResponseReturnValue:
    form = _claim_form()
    if not form.validate():
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
        form.code.errors = [str(error.sentence)]
        return render_template("boxes/claim.html", form=form), http.status_of(error)
    flash(_("The television is connected. It is box %(number)s; tonight's lessons come by themselves.", number=box.id))
    return redirect(url_for("boxes.index"))


def _claim_form() -> ClaimForm:
    form = ClaimForm()
    stations = stations_in(http.db_session(), auth.person().region_code)
    form.station.choices = [("", "")] + [(str(station.id), station.name) for station in stations]
    return form
