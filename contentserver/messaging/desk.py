"""Pages beside the messages: templates, saved groups, and who wants none."""

from typing import TypeVar
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.kernel.pagination import paginate
from contentserver.kernel.phones import masked_number, mobile_number
from contentserver.members import Branch
from contentserver.messaging import audience, keeping, service, words
from contentserver.messaging.models import NAME_CHARS, TEXT_CHARS, MessageGroup, MessageTemplate, OptOut
from contentserver.messaging.views import means_of
from contentserver.regions import Region
from contentserver.stations import groups_within

blueprint = Blueprint("message_desk", __name__, url_prefix="/messages", template_folder="templates")
scoping.lies(blueprint, "template_id", where=keeping.where_template)
scoping.lies(blueprint, "kept_group_id", where=keeping.where_group)
scoping.free(blueprint, "mark", because="a hash of a number; whoever has it wants no messages of anybody, or again all")
UNDO_CHARS = 40
_Kept = TypeVar("_Kept", MessageTemplate, MessageGroup)


@blueprint.get("/templates")
@auth.require(Right.SEND_MESSAGES)
def templates() -> ResponseReturnValue:
    return _templates_page(None)


@blueprint.post("/templates")
@auth.require(Right.SEND_MESSAGES)
def keep_template() -> ResponseReturnValue:
    """Keep words for later."""
    session, who, form = http.db_session(), auth.person(), request.form
    try:
        region = form.get("region", "") or who.region_code
        row = keeping.keep_template(session, form.get("name", ""), form.get("text", ""), region, who, http.now())
    except Refusal as error:
        session.rollback()
        return _templates_page(error), http.status_of(error)
    flash(_("“%(name)s” is kept. Choose it the next time.", name=row.name))
    return redirect(url_for("message_desk.templates"))


@blueprint.post("/templates/<uuid:template_id>/remove")
@auth.require(Right.SEND_MESSAGES)
def remove_template(template_id: UUID) -> ResponseReturnValue:
    """Put it away; with `undo` fetch it back."""
    undo = "undo" in request.form
    keeping.remove(http.db_session(), MessageTemplate, template_id, auth.person(), http.now(), undo=undo)
    return redirect(url_for("message_desk.templates", gone=None if undo else template_id))


@blueprint.get("/groups")
@auth.require(Right.SEND_MESSAGES)
def groups() -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    names = {str(one.id): one.name for one in groups_within(session, "")}
    rows = []
    for row in keeping.groups_seen(session, who):
        rule = audience.read(row.audience)
        region = session.get(Region, rule.region)
        branches = {one: found.name for one in rule.branches if (found := session.get(Branch, UUID(one))) is not None}
        rows.append((row, words.audience(rule, region.name if region else rule.region, names | branches)))
    return render_template("messaging/groups.html", rows=rows, gone=_gone(MessageGroup))


@blueprint.post("/groups/<uuid:kept_group_id>/remove")
@auth.require(Right.SEND_MESSAGES)
def remove_group(kept_group_id: UUID) -> ResponseReturnValue:
    """Put it away; with `undo` fetch it back."""
    undo = "undo" in request.form
    keeping.remove(http.db_session(), MessageGroup, kept_group_id, auth.person(), http.now(), undo=undo)
    return redirect(url_for("message_desk.groups", gone=None if undo else kept_group_id))


@blueprint.get("/opt-outs")
@auth.require(Right.SEND_MESSAGES)
def opt_outs() -> ResponseReturnValue:
    return _opt_outs_page(None)


@blueprint.post("/opt-outs")
@auth.require(Right.SEND_MESSAGES)
def note_opt_out() -> ResponseReturnValue:
    """Somebody told us that they want no messages."""
    session, number = http.db_session(), mobile_number(request.form.get("number", ""))
    if number is None:
        sentence = _("This is no mobile number: eleven digits that begin with 1.")
        error = Rejected("phone_wrong", sentence, {"number": sentence})
        return _opt_outs_page(error), http.status_of(error)
    service.opt_out(session, number, "desk", means_of().seal, auth.person(), http.now())
    flash(_("%(number)s gets no messages any more.", number=masked_number(number)))
    return redirect(url_for("message_desk.opt_outs"))


@blueprint.post("/opt-outs/<mark>/end")
@auth.require(Right.SEND_MESSAGES)
def end_opt_out(mark: str) -> ResponseReturnValue:
    """They want messages again."""
    service.opt_in(http.db_session(), mark, auth.person(), http.now())
    flash(_("They get messages again."))
    return redirect(url_for("message_desk.opt_outs"))


def _templates_page(error: Refusal | None) -> str:
    session, who = http.db_session(), auth.person()
    rows = keeping.templates_seen(session, who)
    regions = {row.region_code: session.get_one(Region, row.region_code).name for row in rows}
    return render_template(
        "messaging/templates.html",
        rows=rows,
        regions=regions,
        reaches=who.reaches,
        region=who.region_code,
        wrong=_sentences(error),
        typed=request.form,
        gone=_gone(MessageTemplate),
        limits={"name": NAME_CHARS, "text": TEXT_CHARS},
    )


def _opt_outs_page(error: Refusal | None) -> str:
    query = select(OptOut).order_by(OptOut.since.desc(), OptOut.address_mark)
    page, seal = paginate(http.db_session(), query, request.args.get("page", 1, int)), means_of().seal
    numbers = {row.address_mark: masked_number(seal.open(row.address_sealed) or "") for row in page.rows}
    return render_template(
        "messaging/opt_outs.html",
        page=page,
        numbers=numbers,
        how=words.HOW,
        wrong=_sentences(error),
        typed=request.form,
    )


def _sentences(error: Refusal | None) -> dict[str, object]:
    return (error.fields or {"": error.sentence}) if error else {}


def _gone(kind: type[_Kept]) -> _Kept | None:
    """What was just put away, so that it can be fetched back."""
    try:
        row = http.db_session().get(kind, UUID(request.args.get("gone", "")[:UNDO_CHARS]))
    except ValueError:
        return None
    return row if row is not None and row.removed_at is not None and auth.person().reaches(row.region_code) else None
