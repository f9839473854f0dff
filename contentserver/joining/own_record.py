"""On the phone: one's own record, behind an address that the administrator hands out and ends (`members`).

Whoever holds it sees hours, every lesson, what they asked, and says that a lesson is missing; nobody sees anything
without it. The name stays masked: a paper with a square may be lost.
"""

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.joining import views
from contentserver.kernel import http, scoping
from contentserver.kernel.errors import Refusal
from contentserver.members import Member, masked, member_holding, seated, sit_down
from contentserver.stations import Station
from contentserver.transcripts import KeptAbove, ask_by_phone, attended_by, requests_of, sessions_lately, total

blueprint = Blueprint("own_record", __name__, template_folder="templates")
scoping.free(blueprint, "token", because="whoever holds the secret address of a record was given it by the station")
views.answer_errors(blueprint)
LESSONS_SHOWN = 100
CASES = "questions"
"""Of the tables that slices above keep about a member, the one of their questions."""


@blueprint.get("/own/<token>")
@http.limiter.limit(views.PAGES)
def mine(token: str) -> ResponseReturnValue:
    """Hours, lessons, questions, what was asked to be set right."""
    return _page(token, member_holding(http.db_session(), token))


@blueprint.post("/own/<token>")
@http.limiter.limit("30 per hour")
def ask(token: str) -> ResponseReturnValue:
    """A lesson is missing."""
    session, asked = http.db_session(), request.form
    member = member_holding(session, token)
    try:
        ask_by_phone(session, member, asked.get("airing", ""), asked.get("text", ""), http.now())
    except Refusal as error:
        session.rollback()
        return _page(token, member_holding(session, token), error), http.status_of(error)
    return redirect(url_for("own_record.mine", token=token, _anchor="asked"), 303)


@blueprint.post("/own/<token>/learn")
@http.limiter.limit("30 per hour")
def learn_here(token: str) -> ResponseReturnValue:
    """Whoever holds the address sits in this browser from now on, and goes to the online school."""
    response = make_response(redirect(url_for("school.home"), 303))
    sit_down(http.db_session(), response, token)
    return response


def _page(token: str, member: Member, error: Refusal | None = None) -> str:
    session = http.db_session()
    station = session.get_one(Station, member.station_id)
    attended = attended_by(session, member.id)
    above: KeptAbove = current_app.extensions["own_data_above"]
    tables = {
        name: [dict(zip(heads, row, strict=True)) for row in rows] for name, heads, rows in above(session, member)
    }
    return render_template(
        "joining/own_record.html",
        member=member,
        name=masked(member.name),
        station=station,
        secret=token,
        here=_sits_here(member),
        near=None,
        stands="",
        lines=attended[:LESSONS_SHOWN],
        sum=total(attended),
        cases=tables.get(CASES, ()),
        asked=requests_of(session, member),
        sessions=sessions_lately(session, station.id, http.now()),
        states={
            "open": _("waits for an answer"),
            "accepted": _("accepted"),
            "declined": _("declined"),
            "withdrawn": _("taken back"),
        },
        wrong=error.sentence if error else "",
        typed=request.form,
    )


def _sits_here(member: Member) -> bool:
    """Whether this browser has their seat already."""
    sitting = seated(http.db_session())
    return sitting is not None and sitting.id == member.id
