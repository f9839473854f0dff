"""Pages from draft to published: submit, the reviewer's page, the history, the boxes that lack a revision."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.accounts import Account
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import NotFound
from contentserver.regions import region_named
from contentserver.timetable import api, publishing, review, service
from contentserver.timetable.models import LayerRecord
from schedules.layers import region_layer

blueprint = Blueprint("timetable_review", __name__, url_prefix="/timetable", template_folder="templates")


@blueprint.get("/reviews")
@auth.require()
def reviews() -> ResponseReturnValue:
    """The layers whose draft waits for somebody's word."""
    session, who = http.db_session(), auth.person()
    rows = [
        (
            layer,
            region_named(session, layer.region_code),
            session.get(Account, layer.submitted_by) if layer.submitted_by else None,
            len(review.waiting_changes(session, layer)),
        )
        for layer in review.layers_waiting(session, who.region_code)
    ]
    return render_template("timetable/reviews.html", rows=rows)


@blueprint.get("/<code>/review")
@auth.require()
def page(code: str) -> ResponseReturnValue:
    """What a submission would change, and the two decisions; also the draft's author sees it here."""
    session, layer = http.db_session(), _layer(code)
    waiting = layer.submitted_version is not None
    changes = review.waiting_changes(session, layer) if waiting else review.drafted_changes(session, layer)
    return render_template(
        "timetable/review.html",
        layer=layer,
        region=region_named(session, code),
        waiting=waiting,
        changes=api.sentences_of(session, changes),
        losses=review.losses(session, layer, http.now()),
        author=session.get(Account, layer.submitted_by) if layer.submitted_by else None,
        may_approve=auth.person().may(Right.APPROVE) and review.may_approve(session, layer, auth.person()),
    )


@blueprint.post("/<code>/submit")
@auth.require(Right.SCHEDULE)
def submit(code: str) -> ResponseReturnValue:
    auth.require_scope(code)
    layer = service.layer_of(http.db_session(), code)
    review.submit(http.db_session(), layer, auth.person(), http.now())
    return _done(code, _("It waits for another person's approval now."))


@blueprint.post("/<code>/take-back")
@auth.require(Right.SCHEDULE)
def take_back(code: str) -> ResponseReturnValue:
    auth.require_scope(code)
    layer = service.layer_of(http.db_session(), code)
    review.take_back(http.db_session(), layer, auth.person(), http.now())
    return _done(code, _("It is a draft again."))


@blueprint.post("/<code>/approve")
@auth.require(Right.APPROVE)
def approve(code: str) -> ResponseReturnValue:
    auth.require_scope(code)
    session = http.db_session()
    signer = current_app.extensions["services"].signer
    revision = review.approve(session, service.layer_of(session, code), signer, auth.person(), http.now())
    if http.wants_json():
        return {"layer": revision.layer_id, "revision": revision.revision}
    return _done(code, _("Published. The boxes are told now; below you see which have stored it."))


@blueprint.post("/<code>/send-back")
@auth.require(Right.APPROVE)
def send_back(code: str) -> ResponseReturnValue:
    auth.require_scope(code)
    session, note = http.db_session(), request.form.get("note", "")
    review.send_back(session, service.layer_of(session, code), note, auth.person(), http.now())
    return _done(code, _("It went back to its author with your word."))


@blueprint.get("/<code>/history")
@auth.require()
def history(code: str) -> ResponseReturnValue:
    """Every revision that people made, with what it changed."""
    session, layer = http.db_session(), _layer(code)
    past = [(one, api.sentences_of(session, one.changes)) for one in review.history(session, layer)]
    return render_template("timetable/history.html", layer=layer, region=region_named(session, code), past=past)


@blueprint.post("/<code>/history/<int:revision>")
@auth.require(Right.SCHEDULE)
def go_back_to(code: str, revision: int) -> ResponseReturnValue:
    auth.require_scope(code)
    session = http.db_session()
    review.go_back_to(session, service.layer_of(session, code), revision, auth.person(), http.now())
    return _done(code, _("The draft is revision %(number)s again. Submit it to bring it on the air.", number=revision))


@blueprint.get("/<code>/missing")
@auth.require()
def missing(code: str) -> ResponseReturnValue:
    """The boxes that have not stored the newest revision: since when, and what to do."""
    session, layer = http.db_session(), _layer(code)
    return render_template(
        "timetable/missing.html",
        layer=layer,
        region=region_named(session, code),
        delivery=publishing.delivery(session, layer),
        rows=publishing.boxes_missing(session, layer, http.now()),
    )


def _layer(code: str) -> LayerRecord:
    region_named(http.db_session(), code)
    auth.require_scope(code)
    layer = http.db_session().get(LayerRecord, region_layer(code))
    if layer is None:
        raise NotFound("layer_unknown", _("Nothing has been planned in this region yet."))
    return layer


def _done(code: str, sentence: str) -> ResponseReturnValue:
    if http.wants_json():
        return {"layer": region_layer(code)}
    flash(sentence)
    week = request.form.get("week")
    return redirect(url_for("timetable.week", region=request.form.get("region") or code, week=week))
