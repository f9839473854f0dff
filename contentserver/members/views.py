"""Pages of one person: the record, entering and changing it, reading what is sealed, what they do in branches."""

from datetime import date
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal
from contentserver.kernel.sealing import Seal
from contentserver.members import branches, history, places, record, roles, rules
from contentserver.members.models import Branch, Member
from contentserver.members.ports import HOURS, Hours
from contentserver.members.schemas import SEALED, RecordForm, day_of, uuid_of
from contentserver.processes import KINDS, of_subject
from contentserver.regions import path_of
from contentserver.stations import Station

blueprint = Blueprint("records", __name__, url_prefix="/members", template_folder="templates")
scoping.decided(blueprint, "member_id", by=record.member_asked)
scoping.decided(blueprint, "role_id", by=roles.role_asked)


@blueprint.get("/<uuid:member_id>")
@auth.require(Right.SEE_MEMBERS)
def show(member_id: UUID) -> ResponseReturnValue:
    return page_of(member_id)


@blueprint.post("/<uuid:member_id>/reveal")
@auth.require(Right.SEE_MEMBERS, Right.UNMASK)
def reveal(member_id: UUID) -> ResponseReturnValue:
    """The same page with everything whole, once; why is kept."""
    member, _station = record.member_asked(http.db_session(), member_id, auth.person())
    try:
        record.note_revealed(http.db_session(), member, _reason(), auth.person(), http.now())
    except Refusal as error:
        return refused(member_id, error)
    return page_of(member_id, whole=True)


@blueprint.get("/new")
@auth.require(Right.KEEP_MEMBERS)
def new() -> ResponseReturnValue:
    """A form for somebody new; a station with one's own region is filled in."""
    form = _form(None)
    offered = places.stations_offered(http.db_session(), auth.person().region_code)
    form.station.data = offered[0] if len(offered) == 1 else ""
    return _form_page(form, None)


@blueprint.post("/new")
@auth.require(Right.KEEP_MEMBERS)
def save_new() -> ResponseReturnValue:
    """Enter somebody."""
    session, who, form = http.db_session(), auth.person(), _form(None)
    try:
        station = places.station_called(session, who.region_code, form.station.data or "")
        member = record.enter(session, station, form.facts(), seal(), who, http.now())
    except Refusal as error:
        return _form_refused(form, None, error)
    flash(_("They are on the roll, with the number %(number)s.", number=member.number))
    return redirect(url_for("records.show", member_id=member.id))


@blueprint.get("/<uuid:member_id>/edit")
@auth.require(Right.KEEP_MEMBERS)
def edit(member_id: UUID) -> ResponseReturnValue:
    member, _station = record.member_asked(http.db_session(), member_id, auth.person())
    return _form_page(_form(member), member)


@blueprint.post("/<uuid:member_id>/edit")
@auth.require(Right.KEEP_MEMBERS)
def save(member_id: UUID) -> ResponseReturnValue:
    """Change the record."""
    session, who = http.db_session(), auth.person()
    member, station = record.member_asked(session, member_id, who)
    form = _form(member)
    try:
        record.change(session, member, station, form.facts(), seal(), who, http.now())
    except Refusal as error:
        return _form_refused(form, member, error)
    flash(_("The record is changed."))
    return redirect(url_for("records.show", member_id=member.id))


@blueprint.post("/<uuid:member_id>/roles")
@auth.require(Right.KEEP_MEMBERS)
def begin_role(member_id: UUID) -> ResponseReturnValue:
    """They begin to do something in a branch."""
    session, who, asked = http.db_session(), auth.person(), request.form
    member, _station = record.member_asked(session, member_id, who)
    branch, since = uuid_of(asked.get("branch", "")), day_of(asked.get("since", ""))
    try:
        roles.begin(session, member, branch, asked.get("role", ""), since, who, http.now(), today())
    except Refusal as error:
        return refused(member_id, error)
    flash(_("The role is written down."))
    return redirect(url_for("records.show", member_id=member_id, _anchor="roles"))


@blueprint.post("/<uuid:member_id>/roles/<uuid:role_id>/end")
@auth.require(Right.KEEP_MEMBERS)
def end_role(member_id: UUID, role_id: UUID) -> ResponseReturnValue:
    """It ends on a day; `undo` takes that back."""
    session, who, asked = http.db_session(), auth.person(), request.form
    member, _station = record.member_asked(session, member_id, who)
    until, undo = day_of(asked.get("until", "")), bool(asked.get("undo"))
    try:
        roles.end(session, member, role_id, until, who, http.now(), today(), undo=undo)
    except Refusal as error:
        return refused(member_id, error)
    flash(_("The role goes on.") if undo else _("The role has ended. It stays to be read."))
    return redirect(url_for("records.show", member_id=member_id, _anchor="roles"))


def page_of(member_id: UUID, error: Refusal | None = None, *, whole: bool = False) -> str:
    """The record."""
    session, who = http.db_session(), auth.person()
    member, station = record.member_asked(session, member_id, who)
    hours: Hours = current_app.extensions[HOURS]
    branch = session.get(Branch, member.branch_id) if member.branch_id else None
    held = roles.held_by(session, member.id)
    mine = _open_to_change(member)
    return render_template(
        "members/record.html",
        member=member,
        station=station,
        path=path_of(session, station.region_code),
        branch=branch,
        whole=whole,
        name=member.name if whole else rules.masked(member.name),
        sealed=record.opened(member, seal(), whole=whole),
        hours=hours(session, [member]).get(member.id),
        held=held,
        roles=roles.names(session),
        role_kinds=roles.kinds(session),
        choices=branches.choices_for(session, station.region_code) if mine else (),
        today=today(),
        merges=history.merges_of(session, member),
        stands_for=session.get(Member, member.merged_into) if member.merged_into else None,
        processes=of_subject(session, f"member {member.id}"),
        kinds=current_app.extensions[KINDS],
        masked=rules.masked,
        reaches=who.reaches,
        former=rules.is_former(member.number),
        may_keep=who.may(Right.KEEP_MEMBERS) and mine,
        may_unmask=who.may(Right.UNMASK) and not rules.is_former(member.number),
        error=error,
        errors=error.fields if error else {},
        typed=request.form,
    )


def refused(member_id: UUID, error: Refusal) -> ResponseReturnValue:
    """The record with what is wrong beside its field; programs get the refusal itself."""
    if http.wants_json():
        raise error
    http.db_session().rollback()
    return page_of(member_id, error), http.status_of(error)


def seal() -> Seal:
    """What seals facts about people."""
    found: Seal = current_app.extensions["services"].personal
    return found


def today() -> date:
    """The day of the stations' time."""
    return clock.local(http.now()).date()


def _open_to_change(member: Member) -> bool:
    return member.merged_into is None and not rules.is_former(member.number)


def _form(member: Member | None) -> RecordForm:
    session, who = http.db_session(), auth.person()
    if member is None:
        form, above = RecordForm(), branches.choices_within(session, who.region_code)
    else:
        station = session.get_one(Station, member.station_id)
        above = branches.choices_for(session, station.region_code)
        form = RecordForm(
            name=member.name,
            number=member.number,
            card=member.card,
            active=member.active,
            branch=str(member.branch_id or ""),
        )
    form.branch.choices = [SelectChoice("", _("none")), *(SelectChoice(str(one.id), one.name) for one in above)]
    if member is not None and member.branch_id and member.branch_id not in {one.id for one in above}:
        kept = session.get_one(Branch, member.branch_id)
        form.branch.choices.append(SelectChoice(str(kept.id), _("%(name)s (dissolved)", name=kept.name)))
    return form


def _form_page(form: RecordForm, member: Member | None) -> str:
    session, who = http.db_session(), auth.person()
    return render_template(
        "members/record_form.html",
        form=form,
        member=member,
        name=rules.masked(member.name) if member else "",
        kept=record.opened(member, seal()) if member else record.Sealed(),
        sealed=SEALED,
        offered=places.stations_offered(session, who.region_code) if member is None else (),
    )


def _form_refused(form: RecordForm, member: Member | None, error: Refusal) -> ResponseReturnValue:
    if http.wants_json():
        raise error
    http.db_session().rollback()
    for name, sentence in (error.fields or {"name": error.sentence}).items():
        form[name].errors = [str(sentence)]
    member = http.db_session().get(Member, member.id) if member else None
    return _form_page(form, member), http.status_of(error)


def _reason() -> str:
    return "".join(filter(str.isprintable, request.form.get("reason", ""))).strip()[: record.REASON_CHARS]
