"""On the phone: "I am not on the roll yet". What is typed waits for the station's administrator (`members`)."""

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from contentserver.joining import views
from contentserver.kernel import http, scoping
from contentserver.kernel.errors import Refusal
from contentserver.members import RegistrationKind, register
from contentserver.processes import CALENDAR, KINDS
from contentserver.stations import Station

blueprint = Blueprint("joining_register", __name__, template_folder="templates")
scoping.free(blueprint, "token", because="whoever holds a station's secret address stands before its television")
views.answer_errors(blueprint)


@blueprint.get("/join/<token>/register")
@http.limiter.limit(views.PAGES)
def begin(token: str) -> ResponseReturnValue:
    """Name, number, phone."""
    return _page(token, views.joined(token))


@blueprint.post("/join/<token>/register")
@http.limiter.limit("20 per hour", key_func=views.whence)
def send(token: str) -> ResponseReturnValue:
    """Write it down; the station decides."""
    station, asked, session = views.joined(token), request.form, http.db_session()
    kind: RegistrationKind = current_app.extensions[KINDS][RegistrationKind.code]
    seal = current_app.extensions["services"].personal
    calendar = current_app.extensions[CALENDAR](session)
    typed = (asked.get("name", ""), asked.get("number", ""), asked.get("phone", ""))
    try:
        register(session, kind, station, *typed, seal, http.now(), calendar)
    except Refusal as error:
        session.rollback()
        return _page(token, views.joined(token), error), http.status_of(error)
    return render_template("joining/registered.html", station=station, secret=token, near=None, stands="")


def _page(token: str, station: Station, error: Refusal | None = None) -> str:
    return render_template(
        "joining/register.html",
        station=station,
        secret=token,
        near=None,
        stands="",
        error=error,
        errors=error.fields if error else {},
        typed=request.form,
    )
