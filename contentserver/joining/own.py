"""On the phone: how many lessons and hours one has, in all. No more: a number is no proof of who holds the phone.

What was when and where stands on the printed transcript, which the station gives out (`transcripts`).
"""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from contentserver.joining import views
from contentserver.kernel import http, scoping
from contentserver.members import masked
from contentserver.transcripts import sums_of

blueprint = Blueprint("joining_own", __name__, template_folder="templates")
scoping.free(blueprint, "token", because="whoever holds a station's secret address stands before its television")
views.answer_errors(blueprint)


@blueprint.get("/join/<token>/hours")
@http.limiter.limit(views.PAGES)
def hours(token: str) -> ResponseReturnValue:
    """Lessons and hours in all, wherever they were."""
    known = views.known(token)
    if known is None:
        return redirect(url_for("joining.number", token=token))
    station, member = known
    found = sums_of(http.db_session(), [member]).get(member.id)
    return render_template("joining/hours.html", station=station, secret=token, name=masked(member.name), sum=found)
