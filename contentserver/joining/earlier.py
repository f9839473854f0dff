"""On the phone: "I was at an earlier lesson". What is said is written down for somebody to decide (`transcripts`).

A number is no proof of who holds the phone, so these pages say nothing of who was where: the lessons are those of the
station, and the answer is the same whether the member stands on the list already or not.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from contentserver.joining import views
from contentserver.kernel import http, scoping
from contentserver.kernel.errors import Refusal
from contentserver.members import Member, masked
from contentserver.stations import Station
from contentserver.transcripts import ask_by_phone, sessions_lately

blueprint = Blueprint("joining_earlier", __name__, template_folder="templates")
scoping.free(blueprint, "token", because="whoever holds a station's secret address stands before its television")
views.answer_errors(blueprint)


@blueprint.get("/join/<token>/was-there")
@http.limiter.limit(views.PAGES)
def was_there(token: str) -> ResponseReturnValue:
    """The station's lessons of the last weeks."""
    known = views.known(token)
    if known is None:
        return redirect(url_for("joining.number", token=token))
    return _page(token, *known)


@blueprint.post("/join/<token>/was-there")
@http.limiter.limit("30 per hour", key_func=views.whence)
def ask(token: str) -> ResponseReturnValue:
    """Write it down."""
    known = views.known(token)
    if known is None:
        return redirect(url_for("joining.number", token=token), 303)
    station, member = known
    asked = request.form
    try:
        ask_by_phone(http.db_session(), member, asked.get("airing", ""), asked.get("text", ""), http.now())
    except Refusal as error:
        return _page(token, station, member, error.sentence), http.status_of(error)
    return render_template("joining/asked.html", **_about(station, token), name=masked(member.name))


def _page(token: str, station: Station, member: Member, wrong: object = "") -> str:
    return render_template(
        "joining/was_there.html",
        **_about(station, token),
        name=masked(member.name),
        sessions=sessions_lately(http.db_session(), station.id, http.now()),
        wrong=wrong,
        typed=request.form,
    )


def _about(station: Station, token: str) -> dict[str, Any]:
    return {"station": station, "secret": token, "near": None, "stands": ""}
