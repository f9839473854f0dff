"""Pages of alerts: what runs, waits and is past; write one and see it as the television shows it; decide; cancel."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from wtforms import SelectChoice

from contentserver.accounts import Account
from contentserver.alerts import rules, service
from contentserver.alerts.cap import MAX_BYTES, CapRefused, read_cap
from contentserver.alerts.models import AlertRecord
from contentserver.alerts.publishing import progress
from contentserver.alerts.rules import AlertState, AlertWords
from contentserver.alerts.schemas import KIND_NAMES, SEVERITY_NAMES, URGENCY_NAMES, AlertForm, ImportForm
from contentserver.alerts.service import AlertRefused, ChangedMeanwhile
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Forbidden, NotFound, Refusal
from contentserver.regions import Region, depth_of, parents_named, region_names, regions_in
from schedules.alerts import (
    DESCRIPTION_MAX,
    HEADLINE_MAX,
    HEADLINE_WIDTH,
    STEP_MAX,
    STEP_WIDTH,
    TEXT_WIDTH,
    lines_of,
    sign_of,
    sizes_of,
    words_shown,
)
from schedules.wire.messages import Alert
from schedules.wire.signing import Signer

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts", template_folder="templates")
scoping.decided(blueprint, "alert_id", by=service.alert_asked)
STATE_NAMES = {
    AlertState.DRAFT: lazy_gettext("Draft"),
    AlertState.WAITING: lazy_gettext("Waits for the second person"),
    AlertState.SENT: lazy_gettext("On the televisions"),
    AlertState.CANCELLED: lazy_gettext("Cancelled"),
    AlertState.EXPIRED: lazy_gettext("Has ended"),
}
CAP_REFUSED = {
    "too_large": lazy_gettext("The file is larger than 1 MB. An alert is not."),
    "unreadable": lazy_gettext("This is no XML file, or it is damaged."),
    "document_type": lazy_gettext("The file brings a document type of its own. Such files are not read."),
    "not_cap": lazy_gettext("This file does not follow CAP 1.2."),
    "not_actual": lazy_gettext(
        "This file is an exercise, a test or a draft. Only actual alerts are sent to televisions."
    ),
    "not_public": lazy_gettext("This file is not meant for the public."),
    "not_an_alert": lazy_gettext("This file is a receipt or an error message, no alert."),
    "no_info": lazy_gettext("This file does not say what the alert is about."),
    "no_references": lazy_gettext("This file changes or cancels an alert, and does not say which one."),
}


@blueprint.get("")
@auth.require(Right.WARN)
def index() -> ResponseReturnValue:
    session, who, now = http.db_session(), auth.person(), http.now()
    running = service.alerts_seen(session, who, [AlertState.SENT], 1)
    current = [one for one in running.rows if one.expires > now]
    waiting = service.alerts_seen(session, who, [AlertState.WAITING, AlertState.DRAFT], 1)
    past = service.alerts_seen(
        session, who, [AlertState.CANCELLED, AlertState.EXPIRED], request.args.get("page", 1, int)
    )
    everything = [*running.rows, *waiting.rows, *past.rows]
    return render_template(
        "alerts/index.html",
        running=current,
        waiting=waiting.rows,
        past=past,
        just_over=[one for one in running.rows if one.expires <= now],
        progress={one.id: progress(session, one) for one in current},
        places=_places(everything),
        people=_people(everything),
        **_names(),
    )


@blueprint.get("/new")
@auth.require(Right.WARN)
def new() -> ResponseReturnValue:
    form = _form()
    form.begin(http.now(), service.usual_sender(http.db_session(), auth.person()))
    return _form_page(form, None)


@blueprint.post("/new")
@auth.require(Right.WARN)
def save_new() -> ResponseReturnValue:
    return _saved(_form(), None)


@blueprint.get("/<uuid:alert_id>/edit")
@auth.require(Right.WARN)
def edit(alert_id: UUID) -> ResponseReturnValue:
    record = _alert(alert_id)
    if record.state != AlertState.DRAFT:
        return redirect(url_for("alerts.show", alert_id=alert_id))
    form, words = _form(), service.words_of(record)
    form.fill(words, record.version)
    form.blame(rules.faults(words, http.now()) if record.source == service.CAP else ())
    return _form_page(form, record)


@blueprint.post("/<uuid:alert_id>/edit")
@auth.require(Right.WARN)
def save(alert_id: UUID) -> ResponseReturnValue:
    return _saved(_form(), _alert(alert_id))


@blueprint.post("/preview")
@auth.require(Right.WARN)
def preview() -> ResponseReturnValue:
    """The television's picture of a form that is being written."""
    return render_template("alerts/preview.html", shown=_television(_form().words(http.now()), http.now()))


@blueprint.get("/<uuid:alert_id>")
@auth.require(Right.WARN)
def show(alert_id: UUID) -> ResponseReturnValue:
    record, who, now = _alert(alert_id), auth.person(), http.now()
    words = service.words_of(record)
    state = rules.shown_state(AlertState(record.state), record.expires, now)
    sent = record.sent_at is not None
    return render_template(
        "alerts/show.html",
        record=record,
        words=words,
        state=state,
        shown=_television(words, record.sent_at or now),
        progress=progress(http.db_session(), record) if sent else None,
        faults=rules.faults(words, now) if state in {AlertState.DRAFT, AlertState.WAITING} else (),
        may_decide=all(who.reaches(code) for code in words.regions),
        may_approve=rules.may_approve(AlertState(record.state), service.authors_of(record), who.id),
        places=_places([record]),
        people=_people([record]),
        replaced=_replaced(record),
        **_names(),
    )


@blueprint.get("/<uuid:alert_id>/arrived")
@auth.require(Right.WARN)
def arrived(alert_id: UUID) -> ResponseReturnValue:
    """How many boxes have it by now; the page asks every few seconds."""
    return render_template("alerts/arrived.html", progress=progress(http.db_session(), _alert(alert_id)))


@blueprint.post("/<uuid:alert_id>/submit")
@auth.require(Right.WARN)
def submit(alert_id: UUID) -> ResponseReturnValue:
    record = _alert(alert_id)
    service.submit(http.db_session(), record, auth.person(), http.now())
    flash(_("The alert waits for a second person."))
    return redirect(url_for("alerts.show", alert_id=alert_id))


@blueprint.post("/<uuid:alert_id>/approve")
@auth.require(Right.WARN)
def approve(alert_id: UUID) -> ResponseReturnValue:
    record = _alert(alert_id)
    service.approve(http.db_session(), record, _signer(), auth.person(), http.now())
    flash(_("The alert is on its way to the televisions."))
    return redirect(url_for("alerts.show", alert_id=alert_id))


@blueprint.post("/<uuid:alert_id>/send")
@auth.require(Right.WARN, Right.EMERGENCY)
def send_now(alert_id: UUID) -> ResponseReturnValue:
    record, reason = _alert(alert_id), request.form.get("reason", "")[:500]
    service.send_now(http.db_session(), record, reason, _signer(), auth.person(), http.now())
    flash(_("The alert is on its way to the televisions. That you sent it alone is noted."))
    return redirect(url_for("alerts.show", alert_id=alert_id))


@blueprint.post("/<uuid:alert_id>/return")
@auth.require(Right.WARN)
def give_back(alert_id: UUID) -> ResponseReturnValue:
    record, note = _alert(alert_id), request.form.get("note", "").strip()[:500]
    service.give_back(http.db_session(), record, note, auth.person(), http.now())
    flash(_("The alert is a draft again."))
    return redirect(url_for("alerts.show", alert_id=alert_id))


@blueprint.post("/<uuid:alert_id>/discard")
@auth.require(Right.WARN)
def discard(alert_id: UUID) -> ResponseReturnValue:
    service.discard(http.db_session(), _alert(alert_id), auth.person(), http.now())
    flash(_("The draft is gone."))
    return redirect(url_for("alerts.index"))


@blueprint.get("/cancel")
@auth.require(Right.WARN)
def cancel() -> ResponseReturnValue:
    """Ask once more: it cannot be undone."""
    records = _asked(request.args.getlist("alert", UUID)[:20])
    if not records:
        raise NotFound("alert_unknown", _("There is no such alert."))
    return _cancel_page(records, request.args.get("reason", "")[:500], "")


@blueprint.post("/cancel")
@auth.require(Right.WARN)
def cancel_confirmed() -> ResponseReturnValue:
    records = _asked(request.form.getlist("alert", UUID)[:20])
    reason = request.form.get("reason", "").strip()[:500]
    if records and not reason:
        return _cancel_page(records, "", _("Say why it is cancelled.")), 422
    service.cancel(http.db_session(), records, reason, _signer(), auth.person(), http.now())
    flash(_("The alert is cancelled; the televisions let it go within seconds."))
    return redirect(url_for("alerts.index"))


@blueprint.get("/import")
@auth.require(Right.WARN)
def import_cap() -> ResponseReturnValue:
    return render_template("alerts/import.html", form=ImportForm())


@blueprint.post("/import")
@auth.require(Right.WARN)
def import_cap_submitted() -> ResponseReturnValue:
    form, session, who, now = ImportForm(), http.db_session(), auth.person(), http.now()
    if not form.validate():
        return render_template("alerts/import.html", form=form), 422
    data = form.file.data.stream.read(MAX_BYTES + 1)
    try:
        cap = read_cap(data)
        if cap.message == "Cancel":
            standing = [one for one in service.cap_records(session, cap) if one.state == AlertState.SENT]
            if not standing:
                raise NotFound("cap_cancels_nothing", _("The alert that this file cancels does not stand here."))
            reason = cap.description or cap.headline or _("Cancelled by its sender.")
            ids = [str(one.id) for one in standing]
            return redirect(url_for("alerts.cancel", alert=ids, reason=reason[:500]))
        record = service.take_in_cap(session, cap, data, who, now)
    except CapRefused as error:
        form.file.errors = [str(CAP_REFUSED[error.code])]
        return render_template("alerts/import.html", form=form, detail=error.detail), 422
    except Refusal as error:
        form.file.errors = [str(error.sentence)]
        return render_template("alerts/import.html", form=form), http.status_of(error)
    flash(_("The file is read. Look at every word, then have it approved."))
    return redirect(url_for("alerts.edit", alert_id=record.id))


def _saved(form: AlertForm, record: AlertRecord | None) -> ResponseReturnValue:
    """Save the form; with `send` also lay it before the second person; with `look` only show the preview."""
    session, who, now = http.db_session(), auth.person(), http.now()
    valid, words = form.validate(), form.words(now)
    if "look" in request.form:
        form.form_errors.clear()
        return _form_page(form, record, clean=True)
    form.blame(rules.faults(words, now))
    if not valid or form.errors:
        return _form_page(form, record), 422
    try:
        if record is None:
            record = service.draft(session, words, who, now)
        else:
            service.change(session, record, words, form.version.data or 0, who, now)
        if "send" in request.form:
            service.submit(session, record, who, now)
    except ChangedMeanwhile as error:
        form.stand_on(error.record.version)
        return _form_page(form, record, theirs=service.words_of(error.record), refused=error), 409
    except AlertRefused as error:
        form.blame(error.faults)
        return _form_page(form, record), 422
    except Forbidden as error:
        form.regions.errors = [str(error.sentence)]
        return _form_page(form, record), 403
    flash(_("The alert waits for a second person.") if "send" in request.form else _("The draft is saved."))
    return redirect(url_for("alerts.show", alert_id=record.id))


def _form_page(
    form: AlertForm,
    record: AlertRecord | None,
    *,
    clean: bool = False,
    theirs: AlertWords | None = None,
    refused: Refusal | None = None,
) -> str:
    if clean:
        for field in form:
            field.errors = []
    words = form.words(http.now())
    differing = [
        (str(form[name].label.text), str(getattr(theirs, name)))
        for name in ("headline", "description", "sender_name")
        if theirs is not None and getattr(theirs, name) != getattr(words, name)
    ]
    if theirs is not None and theirs.instructions != words.instructions:
        differing.append((_("What to do"), "；".join(theirs.instructions)))
    return render_template(
        "alerts/form.html",
        form=form,
        record=record,
        shown=_television(words, http.now()),
        differing=differing,
        refused=refused,
        limits={"headline": HEADLINE_MAX, "description": DESCRIPTION_MAX, "step": STEP_MAX},
    )


def _cancel_page(records: list[AlertRecord], reason: str, wrong: str) -> str:
    return render_template(
        "alerts/cancel.html", records=records, reason=reason, wrong=wrong, places=_places(records), **_names()
    )


def _form() -> AlertForm:
    """The form with every region of the person's own, indented by level."""
    form = AlertForm()
    regions = regions_in(http.db_session(), auth.person().region_code)
    top = min((depth_of(region.code) for region in regions), default=0)
    form.regions.choices = [SelectChoice(one.code, _indented(one, top)) for one in regions]
    return form


def _indented(region: Region, top: int) -> str:
    return "\u2003" * (depth_of(region.code) - top) + region.name


def _alert(alert_id: UUID) -> AlertRecord:
    """The alert of an address."""
    return service.alert_with(http.db_session(), alert_id)


def _asked(alert_ids: Iterable[UUID]) -> list[AlertRecord]:
    """The alerts of a form."""
    return [service.alert_asked(http.db_session(), one, auth.person()) for one in alert_ids]


def _signer() -> Signer:
    signer: Signer = current_app.extensions["services"].signer
    return signer


def _television(words: AlertWords, sent: datetime) -> dict[str, object]:
    """What the television will show: the same cut, the same sizes, the same line breaks."""
    alert = Alert(
        id="",
        sent=sent,
        effective=words.effective or sent,
        expires=words.expires,
        headline=words.headline,
        sender=words.sender_name,
        description=words.description,
        instructions=words.instructions,
    )
    headline, description, steps = words_shown(alert)
    sizes = sizes_of(headline, description, steps)
    return {
        "kind": words.kind.value,
        "fit": sizes.number,
        "headline": lines_of(headline, sizes.headline, HEADLINE_WIDTH),
        "description": lines_of(description, sizes.description, TEXT_WIDTH),
        "steps": [(sign_of(step).value, lines_of(step, sizes.step, STEP_WIDTH)) for step in steps],
        "sender": words.sender_name,
        "sent": sent,
    }


def _names() -> dict[str, object]:
    return {
        "state_names": STATE_NAMES,
        "kind_names": KIND_NAMES,
        "severity_names": SEVERITY_NAMES,
        "urgency_names": URGENCY_NAMES,
    }


def _places(records: list[AlertRecord]) -> dict[UUID, str]:
    """For each alert the names of its regions, each with the county and township it lies in."""
    codes = {code for record in records for code in service.regions_of(record)}
    session = http.db_session()
    names = region_names(session, codes)
    parents = parents_named(session, codes)
    return {
        record.id: "、".join(f"{parents[code]} {names.get(code, code)}".strip() for code in service.regions_of(record))
        for record in records
    }


def _people(records: list[AlertRecord]) -> dict[UUID, str]:
    ids = {one for record in records for one in (record.made_by, record.approved_by, record.ended_by) if one}
    query = select(Account.id, Account.display_name).where(Account.id.in_(ids))
    return dict(http.db_session().execute(query).all())


def _replaced(record: AlertRecord) -> list[AlertRecord]:
    ids = [UUID(one) for one in msgspec.json.decode(record.replaces, type=list[str])]
    return list(http.db_session().scalars(select(AlertRecord).where(AlertRecord.id.in_(ids))))
