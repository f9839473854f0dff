"""Pages of forms: those that wait for the signed-in person, and one of them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.assessments import filling, service, words
from contentserver.assessments.models import AssessmentForm, AssessmentRound, AssessmentSubject
from contentserver.assessments.rules import TEXT_CHARS, Part
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.errors import NotFound, Refusal
from contentserver.kernel.pagination import paginate
from contentserver.regions import parents_named

blueprint = Blueprint("assessment_forms", __name__, url_prefix="/assessments/forms", template_folder="templates")
scoping.decided(blueprint, "form_id", by=filling.form_asked)


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    """My forms: those that wait, the first due first; or those that I have sent."""
    session, sent = http.db_session(), request.args.get("which") == "sent"
    today = clock.local(http.now()).date()
    query = filling.forms_of(auth.person(), today, waiting=not sent)
    page = paginate(session, query, request.args.get("page", 1, type=int))
    about = [session.get_one(AssessmentSubject, one.subject_id) for one in page.rows]
    rounds = {one.round_id: session.get_one(AssessmentRound, one.round_id) for one in about}
    names = dict[UUID, str]()
    for found in rounds.values():
        names |= service.titles(session, service.scheme_of(found), [one for one in about if one.round_id == found.id])
    return render_template(
        "assessments/forms.html",
        page=page,
        sent=sent,
        about={one.id: one for one in about},
        rounds=rounds,
        parts={
            one.id: _part(one, rounds[session.get_one(AssessmentSubject, one.subject_id).round_id]) for one in page.rows
        },
        names=names,
        places=parents_named(session, [one.region_code for one in about]),
        today=today,
        words=words,
    )


@blueprint.get("/<uuid:form_id>")
@auth.require()
def show(form_id: UUID) -> ResponseReturnValue:
    row = filling.form_asked(http.db_session(), form_id, auth.person())
    return _page(row, {name: str(value) for name, value in filling.answers_of(row).items()}, {})


@blueprint.post("/<uuid:form_id>")
@auth.require()
def send(form_id: UUID) -> ResponseReturnValue:
    """Send it; it cannot be changed afterwards."""
    session, who = http.db_session(), auth.person()
    row = filling.form_asked(session, form_id, who)
    try:
        filling.send(session, row, request.form, who, http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        session.rollback()
        row = filling.form_asked(session, form_id, who)
        return _page(row, request.form, error.fields or {"": error.sentence}), http.status_of(error)
    flash(_("Your form is sent."))
    today = clock.local(http.now()).date()
    following: Sequence[AssessmentForm] = session.scalars(filling.forms_of(who, today, waiting=True)).all()
    if following:
        return redirect(url_for("assessment_forms.show", form_id=following[0].id))
    return redirect(url_for("assessment_forms.index"))


def _page(row: AssessmentForm, typed: Mapping[str, str], errors: Mapping[str, object]) -> str:
    session = http.db_session()
    subject = session.get_one(AssessmentSubject, row.subject_id)
    found = session.get_one(AssessmentRound, subject.round_id)
    scheme = service.scheme_of(found)
    part = _part(row, found)
    asked = {field.name: words.name_of(field) for field in part.fields}
    waiting = session.scalars(filling.forms_of(auth.person(), clock.local(http.now()).date(), waiting=True)).all()
    return render_template(
        "assessments/form.html",
        form=row,
        round=found,
        part=part,
        name=service.titles(session, scheme, [subject])[subject.id],
        place=parents_named(session, [subject.region_code])[subject.region_code],
        left=len(waiting),
        waits=row.id in {one.id for one in waiting},
        text_chars=TEXT_CHARS,
        typed=typed,
        errors=errors,
        summary={name: f"{asked[name]}: {said}" if name in asked else said for name, said in errors.items()},
        words=words,
    )


def _part(row: AssessmentForm, found: AssessmentRound) -> Part:
    part = service.scheme_of(found).part(row.part)
    if part is None:
        raise NotFound("form_unknown", _("There is no such form, or somebody else is asked for it."))
    return part
