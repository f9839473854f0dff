"""On the phone, by the address of one's own record: forms that a member may write, and objections of their own.

Nobody signs in and nothing that is kept says whose form it is (`filling.py`).
"""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from contentserver.assessments import filling, objecting, service, words
from contentserver.assessments.desk import seal
from contentserver.assessments.models import OBJECTION_CHARS, AssessmentObjection, AssessmentRound, AssessmentSubject
from contentserver.assessments.rules import TEXT_CHARS
from contentserver.kernel import http, scoping
from contentserver.kernel.errors import NotFound, Refusal
from contentserver.members import Member, masked, member_holding
from contentserver.stations import Station

blueprint = Blueprint("own_assessments", __name__, template_folder="templates")
scoping.free(blueprint, "token", because="whoever holds the secret address of a record was given it by the station")
PAGES, SENT = "240 per minute", "60 per hour"


@blueprint.get("/own/<token>/assessments")
@http.limiter.limit(PAGES)
def mine(token: str) -> ResponseReturnValue:
    """The forms, and what was published about oneself and one's station."""
    return _page(token, member_holding(http.db_session(), token))


@blueprint.post("/own/<token>/assessments")
@http.limiter.limit(SENT)
def send(token: str) -> ResponseReturnValue:
    """Send a form, or object."""
    session, form = http.db_session(), request.form
    member = member_holding(session, token)
    subject_id, part = _id(form.get("subject", "")), form.get("part", "")
    try:
        if form.get("do") == "object":
            subject = session.get(AssessmentSubject, subject_id) if subject_id else None
            if subject is None:
                raise NotFound("assessment_unknown", _("There is no such round."))
            objecting.object_by_phone(session, member, subject, form.get("text", ""), seal(), http.now())
            flash(_("Your objection is there. Somebody who did not assess decides it."))
        else:
            filling.send_by_phone(session, member, subject_id, part, form, seal(), http.now())
            flash(_("Thank you. It is sent, without your name."))
    except Refusal as error:
        session.rollback()
        return _page(token, member_holding(session, token), error), http.status_of(error)
    return redirect(url_for("own_assessments.mine", token=token), 303)


def waiting_for(member: Member) -> int:
    """How many forms wait for a member, and results that they may object to."""
    session, now = http.db_session(), http.now()
    dues = filling.dues_for(session, member, seal(), now)
    return sum(not one.used for one in dues) + len(objecting.about(session, member, now))


def _page(token: str, member: Member, error: Refusal | None = None) -> str:
    session, now = http.db_session(), http.now()
    dues = filling.dues_for(session, member, seal(), now)
    published = objecting.about(session, member, now)
    rounds = {one.round_id: session.get_one(AssessmentRound, one.round_id) for one in published}
    rounds |= {one.round.id: one.round for one in dues}
    names = dict[UUID, str]()
    for row in [*(one.subject for one in dues), *published]:
        names |= service.titles(session, service.scheme_of(rounds[row.round_id]), [row])
    marks = {objecting.objector(seal(), one, member): one.id for one in published}
    query = select(AssessmentObjection).where(AssessmentObjection.mark.in_(list(marks)))
    fields: Mapping[str, object] = error.fields if error else {}
    return render_template(
        "assessments/phone.html",
        member=member,
        name=masked(member.name),
        station=session.get_one(Station, member.station_id),
        secret=token,
        near=None,
        stands="",
        waiting=[one for one in dues if not one.used],
        sent=[one for one in dues if one.used],
        published=published,
        objections={marks[one.mark]: one for one in session.scalars(query)},
        rounds=rounds,
        dues_of=service.dues_of,
        names=names,
        own=member.id,
        wrong=error.sentence if error else "",
        errors=fields,
        typed=request.form,
        about=(request.form.get("subject", ""), request.form.get("part", "")),
        text_chars=TEXT_CHARS,
        objection_chars=OBJECTION_CHARS,
        words=words,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
