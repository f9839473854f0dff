"""Pages from draft to published: submit, the reviewer's page, the history, the boxes that lack a revision."""

from collections import Counter
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.accounts import Account
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.kernel.pagination import cut
from contentserver.regions import Region, parents_named, region_asked, region_named
from contentserver.timetable import api, plans, publishing, review, service, words
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.plans import PlanDocument
from contentserver.timetable.programmes import draft_of
from schedules.layers import region_layer

blueprint = Blueprint("timetable_review", __name__, url_prefix="/timetable", template_folder="templates")
scoping.decided(blueprint, "code", by=region_asked)
scoping.free(blueprint, "revision", because="a number within the region's layer")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the list: `changes` are sentences on its page; `mine`: this person planned it and may not approve."""

    layer: LayerRecord
    region: Region
    author: str
    changes: int
    mine: bool


@blueprint.get("/reviews")
@auth.require()
def reviews() -> ResponseReturnValue:
    """The layers whose draft waits for somebody's word."""
    session, who = http.db_session(), auth.person()
    rows = [
        Waiting(
            layer=layer,
            region=region_named(session, layer.region_code),
            author=_author(layer),
            changes=len(_differences(_in_force(layer), draft_of(session, layer, layer.submitted_version))),
            mine=who.may(Right.APPROVE) and not review.may_approve(session, layer, who),
        )
        for layer in review.layers_waiting(session, who.region_code)
    ]
    places = parents_named(session, [row.region.code for row in rows])
    return render_template("timetable/reviews.html", rows=rows, places=places, code=who.region_code)


@blueprint.get("/<code>/review")
@auth.require()
def page(code: str) -> ResponseReturnValue:
    return _review_page(code, None)


def _review_page(code: str, refused: Rejected | None) -> ResponseReturnValue:
    """What a submission would change, and the two decisions; also the draft's author sees it here."""
    session, layer, who = http.db_session(), _layer(code), auth.person()
    waiting = layer.submitted_version is not None
    answer = render_template(
        "timetable/review.html",
        layer=layer,
        code=code,
        region=region_named(session, code),
        waiting=waiting,
        edited_since=waiting and layer.draft_version != layer.submitted_version,
        changes=_differences(_in_force(layer), draft_of(session, layer, layer.submitted_version)),
        losses=review.losses(session, layer, http.now()),
        author=_author(layer),
        may_approve=who.may(Right.APPROVE) and review.may_approve(session, layer, who),
        refused=refused,
        note=request.form.get("note", ""),
    )
    return answer, http.status_of(refused) if refused else 200


@blueprint.post("/<code>/submit")
@auth.require(Right.SCHEDULE)
def submit(code: str) -> ResponseReturnValue:
    layer = service.layer_of(http.db_session(), code)
    review.submit(http.db_session(), layer, auth.person(), http.now())
    return _done(code, _("It waits for another person's approval now."))


@blueprint.post("/<code>/take-back")
@auth.require(Right.SCHEDULE)
def take_back(code: str) -> ResponseReturnValue:
    layer = service.layer_of(http.db_session(), code)
    review.take_back(http.db_session(), layer, auth.person(), http.now())
    return _done(code, _("It is a draft again."))


@blueprint.post("/<code>/approve")
@auth.require(Right.APPROVE)
def approve(code: str) -> ResponseReturnValue:
    session = http.db_session()
    _require_seen(service.layer_of(session, code))
    signer = current_app.extensions["services"].signer
    revision = review.approve(session, service.layer_of(session, code), signer, auth.person(), http.now())
    if http.wants_json():
        return {"layer": revision.layer_id, "revision": revision.revision}
    return _done(code, _("Published. The boxes are told now; below you see which have stored it."))


@blueprint.post("/<code>/send-back")
@auth.require(Right.APPROVE)
def send_back(code: str) -> ResponseReturnValue:
    session, note = http.db_session(), request.form.get("note", "")
    layer = service.layer_of(session, code)
    _require_seen(layer)
    try:
        review.send_back(session, layer, note, auth.person(), http.now())
    except Rejected as error:
        if http.wants_json():
            raise
        return _review_page(code, error)
    return _done(code, _("It went back to its author with your word."))


@blueprint.get("/<code>/history")
@auth.require()
def history(code: str) -> ResponseReturnValue:
    """Every revision that people made, with what it changed."""
    session, layer = http.db_session(), _layer(code)
    past = review.history(session, layer)
    documents = [plans.read(one.revision.plan) for one in past]
    before = [*documents, PlanDocument()][1:]
    changes = [_differences(old, new) for old, new in zip(before, documents, strict=True)]
    if past and len(past) == review.HISTORY:
        changes[-1] = api.sentences_of(session, past[-1].changes)
    return render_template(
        "timetable/history.html",
        layer=layer,
        code=code,
        region=region_named(session, code),
        past=list(zip(past, changes, strict=True)),
    )


@blueprint.post("/<code>/history/<int:revision>")
@auth.require(Right.SCHEDULE)
def go_back_to(code: str, revision: int) -> ResponseReturnValue:
    session = http.db_session()
    review.go_back_to(session, service.layer_of(session, code), revision, auth.person(), http.now())
    return _done(code, _("The draft is revision %(number)s again. Submit it to bring it on the air.", number=revision))


@blueprint.get("/<code>/missing")
@auth.require()
def missing(code: str) -> ResponseReturnValue:
    """The boxes that have not stored the newest revision: since when, and what to do."""
    session, layer = http.db_session(), _layer(code)
    every = publishing.boxes_missing(session, layer, http.now())
    cause = request.args.get("cause", "")
    chosen = [one for one in every if cause in ("", one.cause.value)]
    page = cut(chosen, request.args.get("page", 1, type=int))
    return render_template(
        "timetable/missing.html",
        layer=layer,
        code=code,
        region=region_named(session, code),
        delivery=publishing.delivery(session, layer),
        page=page,
        cause=cause,
        causes=words.MISSING_CAUSES,
        counts=Counter(one.cause.value for one in every),
        missing=len(every),
        places=parents_named(session, [one.station.region_code for one in page.rows]),
    )


def _layer(code: str) -> LayerRecord:
    """The region's layer; an empty one, which nobody saves, where nothing has been planned yet."""
    found = http.db_session().get(LayerRecord, region_layer(code))
    return found or LayerRecord(
        id=region_layer(code), region_code=code, revision=0, draft_version=0, changed=False, plan="", sent_back=""
    )


def _in_force(layer: LayerRecord) -> PlanDocument:
    return plans.read(layer.plan)


def _author(layer: LayerRecord) -> str:
    found = http.db_session().get(Account, layer.submitted_by) if layer.submitted_by else None
    return found.display_name if found else "—"


def _differences(old: PlanDocument, new: PlanDocument) -> list[str]:
    """What differs between two plans, in sentences; also what was agreed to give way."""
    said = api.sentences_of(http.db_session(), plans.difference(old, new))
    more = len(set(new.accepted) - set(old.accepted))
    return [*said, words.agreed(more)] if more else said


def _require_seen(layer: LayerRecord) -> None:
    """A decision made on a page is about the submission that the page showed.

    Raises:
        Conflict: another one waits by now.
    """
    if "version" not in request.form:
        return
    if request.form.get("version", type=int) != layer.submitted_version:
        raise Conflict(
            "submission_moved_on", _("What waits here has changed since you opened the page. Look at it again first.")
        )


def _done(code: str, sentence: str) -> ResponseReturnValue:
    if http.wants_json():
        return {"layer": region_layer(code)}
    flash(sentence)
    week = request.form.get("week")
    return redirect(url_for("timetable.week", region=request.form.get("region") or code, week=week))
