"""Pages of messages: the list, writing one with a look at whom it reaches, and what became of it."""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

import msgspec
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms.fields.choices import SelectChoice

from contentserver.accounts import Account
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.kernel.phones import masked_number
from contentserver.members import Branch, Member, branches_within, masked
from contentserver.messaging import audience, keeping, rules, service, words
from contentserver.messaging.audience import ACCOUNT, Counted
from contentserver.messaging.models import TEXT_CHARS, TITLE_CHARS, Delivery, Message
from contentserver.messaging.releasing import ReleaseKind
from contentserver.messaging.rules import Channel, State, Way
from contentserver.messaging.schemas import MOST_MISSED, MessageForm
from contentserver.messaging.service import Draft, Means
from contentserver.processes import under_way
from contentserver.regions import Region, depth_of, regions_in
from contentserver.stations import groups_within, stations_by_group

blueprint = Blueprint("messages", __name__, url_prefix="/messages", template_folder="templates")
scoping.lies(blueprint, "message_id", where=service.where_message)


@blueprint.get("")
@auth.require(Right.SEND_MESSAGES)
def index() -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    state, asked = request.args.get("state", ""), request.args.get("q", "").strip()[:TITLE_CHARS]
    state = state if state in {*State} else ""
    page = service.page_of_messages(session, who.region_code, state, asked, request.args.get("page", 1, int))
    return render_template(
        "messaging/index.html",
        page=page,
        ways=service.ways_of(session, [row.id for row in page.rows]),
        names=_names({row.made_by for row in page.rows}),
        state=state,
        asked=asked,
        words=words,
        State=State,
        Way=Way,
        channels=_channels(),
    )


@blueprint.get("/new")
@auth.require(Right.SEND_MESSAGES)
def new() -> ResponseReturnValue:
    """Write one; `template` and `group` begin it, or `title` and `text`."""
    session, who, form = http.db_session(), auth.person(), _form()
    form.title.data = request.args.get("title", "")[:TITLE_CHARS]
    form.text.data = request.args.get("text", "")[:TEXT_CHARS]
    template = keeping.template_seen(session, request.args.get("template", ""), who)
    if template is not None:
        form.title.data, form.text.data = template.name, template.text
    group = keeping.group_seen(session, request.args.get("group", ""), who)
    if group is not None:
        form.fill(audience.read(group.audience))
    if Channel.SMS not in _channels() and Channel.MAIL in _channels():
        form.channel.data, form.whom.data = Channel.MAIL.value, "staff"
    return _form_page(form)


@blueprint.post("/new")
@auth.require(Right.SEND_MESSAGES)
def write() -> ResponseReturnValue:
    """Look whom it reaches; send it once exactly that was looked at; or keep to whom as a group."""
    session, who, now, form = http.db_session(), auth.person(), http.now(), _form()
    if not form.validate():
        return _form_page(form), 422
    draft, means = form.draft(), means_of()
    try:
        if "keep" in request.form:
            group = keeping.keep_group(session, request.form.get("group_name", ""), draft.audience, who, now)
            flash(_("“%(name)s” is kept. Choose it the next time.", name=group.name))
            return redirect(url_for("message_desk.groups"))
        reach = service.preview(session, draft, means, who, now)
        if "send" not in request.form or request.form.get("looked_at") != _fingerprint(draft, reach):
            changed = "send" in request.form
            return _form_page(form, draft, reach, changed=changed), 409 if changed else 200
        if draft.channel not in _channels():
            raise Rejected("no_gateway", _("This server has no gateway for it yet."), {"channel": _no_gateway()})
        row = service.send(session, draft, ReleaseKind(means), means, who, now)
    except Refusal as error:
        session.rollback()
        _blame(form, error)
        return _form_page(form), http.status_of(error)
    if row.state == State.WAITING:
        flash(_("Somebody else has to agree, since it reaches many. It stands among their tasks."))
    else:
        flash(_("It is on its way."))
    return redirect(url_for("messages.show", message_id=row.id))


@blueprint.get("/<uuid:message_id>")
@auth.require(Right.SEND_MESSAGES)
def show(message_id: UUID) -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    row = service.message_asked(session, message_id, who)
    state = request.args.get("way", "")
    state = state if state in {*Way} else ""
    page = service.page_of_deliveries(session, row.id, state, request.args.get("page", 1, int))
    rule = audience.read(row.audience)
    return render_template(
        "messaging/one.html",
        message=row,
        page=page,
        way=state,
        ways=service.ways_of(session, [row.id])[row.id],
        names=_names({row.made_by, row.released_by}),
        told=told_of(row),
        length=rules.length_of(row.text),
        fen=_fen(),
        process=under_way(session, service.subject_of(row), service.KIND_CODE),
        addresses={one.id: _address(one, row) for one in page.rows},
        people=_people(page.rows),
        words=words,
        State=State,
        Way=Way,
        rule=rule,
    )


@blueprint.post("/<uuid:message_id>/stop")
@auth.require(Right.SEND_MESSAGES)
def stop(message_id: UUID) -> ResponseReturnValue:
    """What has not left stays here."""
    count = service.stop(http.db_session(), message_id, auth.person(), http.now())
    flash(ngettext("%(num)s message did not leave.", "%(num)s messages did not leave.", count))
    return redirect(url_for("messages.show", message_id=message_id))


@blueprint.post("/<uuid:message_id>/again")
@auth.require(Right.SEND_MESSAGES)
def again(message_id: UUID) -> ResponseReturnValue:
    """Once more to whom it did not reach."""
    count = service.again(http.db_session(), message_id, auth.person(), http.now())
    flash(ngettext("%(num)s goes once more.", "%(num)s go once more.", count))
    return redirect(url_for("messages.show", message_id=message_id))


def means_of() -> Means:
    """What this server writes with."""
    services = current_app.extensions["services"]
    return Means(services.personal, services.settings.sms_signature)


def told_of(row: Message) -> str:
    """To whom a message goes, in words."""
    session, rule = http.db_session(), audience.read(row.audience)
    region = session.get(Region, rule.region)
    groups = {str(one.id): one.name for one in groups_within(session, "")} if rule.groups else {}
    groups |= {one: found.name for one in rule.branches if (found := session.get(Branch, UUID(one))) is not None}
    return words.audience(rule, region.name if region else rule.region, groups)


def _form() -> MessageForm:
    """The form with every region of the person's own down to townships, and the groups of stations within it."""
    session, who, form = http.db_session(), auth.person(), MessageForm()
    found = [
        one for one in regions_in(session, who.region_code) if depth_of(one.code) <= 3 or one.code == who.region_code
    ]
    top = min((depth_of(one.code) for one in found), default=0)
    form.region.choices = [SelectChoice(one.code, "\u2003" * (depth_of(one.code) - top) + one.name) for one in found]
    branches = branches_within(session, who.region_code)
    form.branches.choices = [SelectChoice(str(one.id), one.name) for one in branches]
    form.groups.choices = [SelectChoice(str(one.id), one.name) for one in groups_within(session, who.region_code)]
    return form


def _form_page(
    form: MessageForm, draft: Draft | None = None, reach: Counted | None = None, *, changed: bool = False
) -> str:
    session, who = http.db_session(), auth.person()
    sizes = stations_by_group(session, [UUID(one.value) for one in form.groups.choices])
    sample = reach.reached[0] if reach and reach.reached else None
    shown = means_of().signed(draft.channel, draft.text) if draft else ""
    return render_template(
        "messaging/form.html",
        form=form,
        draft=draft,
        reach=reach,
        changed=changed,
        sample=rules.filled(shown, masked(sample.name), sample.station) if sample else "",
        length=rules.length_of(shown),
        looked_at=_fingerprint(draft, reach) if draft and reach else "",
        agreement=reach is not None and rules.needs_agreement(len(reach.reached)),
        goes_at=rules.goes_at(http.now(), draft.not_before, urgent=False, zone=clock.SHANGHAI) if draft else None,
        fen=_fen(),
        templates=keeping.templates_seen(session, who),
        kept=keeping.groups_seen(session, who),
        sizes={str(one): len(found) for one, found in sizes.items()},
        channels=_channels(),
        no_gateway=_no_gateway(),
        limits={"title": TITLE_CHARS, "text": TEXT_CHARS, "missed": MOST_MISSED},
        placeholders=(rules.NAME, rules.STATION),
        now=http.now(),
    )


def _blame(form: MessageForm, error: Refusal) -> None:
    for name, sentence in error.fields.items():
        form[name].errors = [str(sentence)]
    if not error.fields:
        form.form_errors.append(str(error.sentence))


def _fingerprint(draft: Draft, reach: Counted) -> str:
    """Of what was looked at: the same words to as many people."""
    said = msgspec.json.encode((draft, len(reach.reached), reach.parts))
    return sha256(said).hexdigest()[:16]


def _channels() -> frozenset[Channel]:
    found: frozenset[Channel] = current_app.extensions["message_channels"]
    return found


def _no_gateway() -> str:
    return str(
        _("Whoever runs this server names a gateway in YUANJIAO_SMS_GATEWAY, or a mail server in YUANJIAO_SMTP_URL.")
    )


def _fen() -> int:
    fen: int = current_app.extensions["services"].settings.sms_part_fen
    return fen


def _names(ids: set[UUID | None]) -> dict[UUID, str]:
    session = http.db_session()
    return {one: session.get_one(Account, one).display_name for one in ids if one is not None}


def _address(one: Delivery, row: Message) -> str:
    text = means_of().seal.open(one.address_sealed)
    if not text:
        return "—"
    return masked_number(text) if row.channel == Channel.SMS else f"{text[:2]}***@{text.rpartition('@')[2]}"


def _people(rows: Sequence[Delivery]) -> dict[UUID, str]:
    """Whom deliveries were for, members by masked names."""
    session, found = http.db_session(), dict[UUID, str]()
    for one in rows:
        if one.kind == ACCOUNT:
            account = session.get(Account, one.person_id)
            found[one.id] = account.display_name if account else "—"
        else:
            member = session.get(Member, one.person_id)
            found[one.id] = masked(member.name) if member else "—"
    return found
