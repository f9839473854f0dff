"""Pages of objections: make one for a station or branch, look at one, decide it."""

import re
from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.accounts import Account
from contentserver.assessments import objecting, results, service, views, words
from contentserver.assessments.models import REASON_CHARS, AssessmentObjection, AssessmentRound, AssessmentSubject
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Forbidden, Refusal

blueprint = Blueprint(
    "assessment_objections", __name__, url_prefix="/assessments/objections", template_folder="templates"
)
scoping.decided(blueprint, "objection_id", by=objecting.objection_asked)
scoping.decided(blueprint, "subject_id", by=service.subject_asked)
_SCORE = re.compile(r"(\d{1,3})(?:[.．](\d{1,2}))?")


@blueprint.post("/about/<uuid:subject_id>")
@auth.require()
def make(subject_id: UUID) -> ResponseReturnValue:
    """Object for a station or branch."""
    session, who = http.db_session(), auth.person()
    row = service.subject_asked(session, subject_id, who)
    try:
        objecting.object_(session, row, request.form.get("text", ""), who, http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        session.rollback()
        return views.page_of_subject(service.subject_asked(session, subject_id, who), error), http.status_of(error)
    flash(_("Your objection is there. Somebody who did not assess decides it."))
    return redirect(url_for("assessments.subject", subject_id=subject_id))


@blueprint.get("/<uuid:objection_id>")
@auth.require()
def show(objection_id: UUID) -> ResponseReturnValue:
    return _page(objecting.objection_asked(http.db_session(), objection_id, auth.person()), {})


@blueprint.post("/<uuid:objection_id>")
@auth.require(Right.ASSESS)
def decide(objection_id: UUID) -> ResponseReturnValue:
    """Another score, or it stays."""
    session, who, form = http.db_session(), auth.person(), request.form
    row = objecting.objection_asked(session, objection_id, who)
    kind, why = objecting.ObjectionKind(), form.get("reason", "").strip()[:REASON_CHARS]
    try:
        if form.get("do") == "uphold":
            chosen = bool(form.get("recommended"))
            objecting.uphold(session, row, kind, _score(form.get("score", "")), chosen, why, who, http.now())
        else:
            objecting.decline(session, row, kind, why, who, http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        session.rollback()
        row = objecting.objection_asked(session, objection_id, who)
        return _page(row, error.fields or {"": error.sentence}), http.status_of(error)
    flash(_("The objection is decided."))
    return redirect(url_for("assessment_objections.show", objection_id=objection_id))


def _page(row: AssessmentObjection, errors: Mapping[str, object]) -> str:
    session, who = http.db_session(), auth.person()
    subject = session.get_one(AssessmentSubject, row.subject_id)
    found = session.get_one(AssessmentRound, subject.round_id)
    waits = results.waits(session, row)
    return render_template(
        "assessments/objection.html",
        objection=row,
        round=found,
        subject=subject,
        title=service.titles(session, service.scheme_of(found), [subject])[subject.id],
        by=session.get_one(Account, row.by).display_name if row.by else "",
        decided_by=session.get_one(Account, row.decided_by).display_name if row.decided_by else "",
        waits=waits,
        may_decide=waits and _may_decide(row),
        holds=service.holds(found, who),
        reason_chars=300,
        errors=errors,
        typed=request.form,
        words=words,
    )


def _may_decide(row: AssessmentObjection) -> bool:
    try:
        objecting.require_may_decide(http.db_session(), row, auth.person())
    except Forbidden:
        return False
    return True


def _score(text: str) -> int | None:
    """A score as it is typed, in hundredths; None where it is none."""
    found = _SCORE.fullmatch(text.strip())
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None
