"""What county staff does with a round: look at what it would be, begin it, take somebody out, recommend, close."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.assessments import objecting, results, schemes, service, views, words
from contentserver.assessments.models import TITLE_CHARS
from contentserver.assessments.service import Preview
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import NotFound, Refusal, Rejected
from contentserver.kernel.sealing import Seal
from contentserver.regions import Region, regions_in
from contentserver.timetable import holiday_table

blueprint = Blueprint("assessment_desk", __name__, url_prefix="/assessments", template_folder="templates")
scoping.decided(blueprint, "assessment_id", by=service.round_asked)
scoping.decided(blueprint, "subject_id", by=service.subject_asked)
SMALLEST_REGION_DIGITS = 9
"""A round is held in a township at least."""


@blueprint.get("/new")
@auth.require(Right.ASSESS)
def new() -> ResponseReturnValue:
    """Choose a region and a scheme, and see what the round would be."""
    return _page({})


@blueprint.post("/new")
@auth.require(Right.ASSESS)
def begin() -> ResponseReturnValue:
    """Begin it."""
    session, who, form = http.db_session(), auth.person(), request.form
    try:
        row = service.begin(
            session,
            form.get("region", ""),
            form.get("scheme", ""),
            form.get("title", ""),
            who,
            seal(),
            http.now(),
            holiday_table(session),
        )
    except Refusal as error:
        if http.wants_json():
            raise
        session.rollback()
        return _page(error.fields or {"": error.sentence}), http.status_of(error)
    flash(_("The round has begun. The forms stand in “My tasks”, and on the members' own pages."))
    return redirect(url_for("assessments.show", assessment_id=row.id))


@blueprint.post("/<uuid:assessment_id>/recommend")
@auth.require(Right.ASSESS)
def recommend(assessment_id: UUID) -> ResponseReturnValue:
    """Say who is recommended, and ask somebody else to agree."""
    session, who, form = http.db_session(), auth.person(), request.form
    row = service.round_asked(session, assessment_id, who)
    try:
        chosen = {_id(one) for one in form.getlist("chosen")}
        results.recommend(session, row, chosen, form.get("why", ""), who, http.now())
        objecting.submit(session, row, who, http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        session.rollback()
        return views.page_of(service.round_asked(session, assessment_id, who), error), http.status_of(error)
    flash(_("Somebody else has to agree now. Then it is published."))
    return redirect(url_for("assessments.show", assessment_id=assessment_id))


@blueprint.post("/<uuid:assessment_id>/close")
@auth.require(Right.ASSESS)
def close(assessment_id: UUID) -> ResponseReturnValue:
    """The round is over."""
    session, who = http.db_session(), auth.person()
    try:
        results.close(session, service.round_asked(session, assessment_id, who), who, http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        session.rollback()
        return views.page_of(service.round_asked(session, assessment_id, who), error), http.status_of(error)
    flash(_("The round is closed. Nothing of it changes any more."))
    return redirect(url_for("assessments.show", assessment_id=assessment_id))


@blueprint.post("/subjects/<uuid:subject_id>/take-out")
@auth.require(Right.ASSESS)
def take_out(subject_id: UUID) -> ResponseReturnValue:
    """Somebody leaves the round, with a reason."""
    session, who = http.db_session(), auth.person()
    row = service.subject_asked(session, subject_id, who)
    try:
        service.take_out(session, row, request.form.get("reason", ""), who, http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        session.rollback()
        return views.page_of_subject(service.subject_asked(session, subject_id, who), error), http.status_of(error)
    flash(_("It is out of the round. Its forms stay, and it gets no score."))
    return redirect(url_for("assessments.subject", subject_id=subject_id))


def seal() -> Seal:
    """What marks members are known by."""
    found: Seal = current_app.extensions["services"].personal
    return found


def _page(errors: Mapping[str, object]) -> str:
    session, who, asked = http.db_session(), auth.person(), request.values
    regions = _regions(who.region_code)
    region = next((one for one in regions if one.code == asked.get("region")), regions[0] if regions else None)
    here = schemes.SCHEMES.holding(session, region.code) if region else {}
    code = asked.get("scheme", "")
    found, errors = None, dict(errors)
    if region and code in here:
        try:
            found = service.preview(session, region.code, code, http.now(), holiday_table(session))
        except Rejected as error:
            errors |= error.fields or {"": error.sentence}
    return render_template(
        "assessments/new.html",
        regions=regions,
        region=region,
        schemes=here,
        code=code,
        preview=found,
        title=asked.get("title", "") or _title(found),
        title_chars=TITLE_CHARS,
        errors=errors,
        words=words,
    )


def _title(found: Preview | None) -> str:
    year = clock.local(http.now()).year
    return f"{year} {words.name_of(found.scheme)}" if found else ""


def _regions(root: str) -> list[Region]:
    return [one for one in regions_in(http.db_session(), root) if len(one.code) <= SMALLEST_REGION_DIGITS]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("assessment_unknown", _("There is no such round.")) from error
