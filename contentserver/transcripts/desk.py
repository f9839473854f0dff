"""The page of what members ask to have set right: what waits, what was decided; accept, decline, take back."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Refusal
from contentserver.members import masked
from contentserver.regions import parents_named
from contentserver.transcripts import asking
from contentserver.transcripts.models import CorrectionRequest

blueprint = Blueprint("member_requests", __name__, url_prefix="/members/requests", template_folder="templates")
scoping.lies(blueprint, "request_id", where=asking.where_request)
Answer = Callable[[Session, UUID, str, Person, datetime], CorrectionRequest]


@blueprint.get("")
@auth.require(Right.SEE_MEMBERS)
def index() -> ResponseReturnValue:
    return _page()


@blueprint.post("/<uuid:request_id>/accept")
@auth.require(Right.CORRECT_ROLL)
def accept(request_id: UUID) -> ResponseReturnValue:
    """They were there: a correction puts them on the roll."""
    return _answered(asking.accept, request_id, gettext("They are on the roll of that session now."))


@blueprint.post("/<uuid:request_id>/decline")
@auth.require(Right.CORRECT_ROLL)
def decline(request_id: UUID) -> ResponseReturnValue:
    """The roll stays as it is."""
    return _answered(
        asking.decline, request_id, gettext("The roll stays as it is. Your answer stands beside the request.")
    )


@blueprint.post("/<uuid:request_id>/withdraw")
@auth.require(Right.SEE_MEMBERS)
def withdraw(request_id: UUID) -> ResponseReturnValue:
    """Whoever wrote it down takes it back."""
    row = asking.withdraw(http.db_session(), request_id, auth.person(), http.now())
    flash(gettext("The request is taken back."))
    return redirect(url_for("transcripts.one", member_id=row.member_id))


def _answered(answer: Answer, request_id: UUID, told: str) -> ResponseReturnValue:
    try:
        answer(http.db_session(), request_id, request.form.get("answer", ""), auth.person(), http.now())
    except Refusal as error:
        http.db_session().rollback()
        return _page(request_id, error), http.status_of(error)
    flash(told)
    return redirect(url_for("member_requests.index"))


def _page(wrong_at: UUID | None = None, error: Refusal | None = None) -> str:
    session, who = http.db_session(), auth.person()
    decided = request.args.get("which") == "decided"
    page = asking.page_of_requests(session, who.region_code, request.args.get("page", 1, int), decided=decided)
    return render_template(
        "transcripts/requests.html",
        page=page,
        decided=decided,
        places=parents_named(session, [one.station.region_code for one in page.rows]),
        masked=masked,
        may_decide=who.may(Right.CORRECT_ROLL),
        me=who.id,
        wrong_at=wrong_at,
        wrong=error.sentence if error else "",
        typed=request.form,
    )
