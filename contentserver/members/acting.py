"""What is done with a whole record: merged and parted, moved, forgotten; and the address of somebody's own pages."""

from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.kernel import auth, http, pdf, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal
from contentserver.members import erasing, merging, moving, own_link, record, rules
from contentserver.members.models import Member
from contentserver.members.ports import EVIDENCE, HOURS, Evidence
from contentserver.members.schemas import uuid_of
from contentserver.members.searching import called, look_up
from contentserver.members.views import refused
from contentserver.processes import CALENDAR, KINDS
from contentserver.stations import Station
from schedules.holidays import HolidayTable

blueprint = Blueprint("record_matters", __name__, url_prefix="/members", template_folder="templates")
scoping.decided(blueprint, "member_id", by=record.member_asked)
scoping.decided(blueprint, "merge_id", by=merging.merge_asked)


@blueprint.get("/<uuid:member_id>/merge")
@auth.require(Right.KEEP_MEMBERS)
def choose(member_id: UUID) -> ResponseReturnValue:
    """Which record is the same person's."""
    return _choose_page(member_id)


@blueprint.post("/<uuid:member_id>/merge")
@auth.require(Right.KEEP_MEMBERS)
def merge(member_id: UUID) -> ResponseReturnValue:
    """The other record's evidence counts for this one."""
    session, who, asked = http.db_session(), auth.person(), request.form
    member, _station = record.member_asked(session, member_id, who)
    other = uuid_of(asked.get("other", ""))
    try:
        merging.merge(session, member, other or member.id, asked.get("merge_reason", ""), who, _evidence(), http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        session.rollback()
        return _choose_page(member_id, error), http.status_of(error)
    flash(_("The two records are one now. It can be undone on this page."))
    return redirect(url_for("records.show", member_id=member_id))


@blueprint.post("/<uuid:member_id>/merges/<uuid:merge_id>/undo")
@auth.require(Right.KEEP_MEMBERS)
def part(member_id: UUID, merge_id: UUID) -> ResponseReturnValue:
    """They were two people."""
    session, who = http.db_session(), auth.person()
    member, _station = record.member_asked(session, member_id, who)
    try:
        merging.undo(session, member, merge_id, who, _evidence(), http.now())
    except Refusal as error:
        return refused(member_id, error)
    flash(_("They are two records again."))
    return redirect(url_for("records.show", member_id=member_id))


@blueprint.post("/<uuid:member_id>/move")
@auth.require(Right.KEEP_MEMBERS)
def move(member_id: UUID) -> ResponseReturnValue:
    """Begin a move to another station."""
    session, who, asked = http.db_session(), auth.person(), request.form
    member, _station = record.member_asked(session, member_id, who)
    kind: moving.TransferKind = current_app.extensions[KINDS][moving.TransferKind.code]
    to, branch = asked.get("destination", ""), asked.get("to_branch", "")
    try:
        process = moving.propose(session, kind, member, to, branch, who, http.now(), _calendar())
    except Refusal as error:
        return refused(member_id, error)
    flash(_("The move is begun. First this side lets them go, then the other side takes them."))
    return redirect(url_for("processes.show", process_id=process.id))


@blueprint.post("/<uuid:member_id>/forget")
@auth.require(Right.KEEP_MEMBERS)
def forget(member_id: UUID) -> ResponseReturnValue:
    """They wish to be forgotten; somebody else decides."""
    session, who = http.db_session(), auth.person()
    member, _station = record.member_asked(session, member_id, who)
    kind: erasing.ErasureKind = current_app.extensions[KINDS][erasing.ErasureKind.code]
    try:
        process = erasing.wish(session, kind, member, who, http.now(), _calendar())
    except Refusal as error:
        return refused(member_id, error)
    flash(_("The wish is written down. Somebody else decides."))
    return redirect(url_for("processes.show", process_id=process.id))


@blueprint.post("/<uuid:member_id>/link")
@auth.require(Right.KEEP_MEMBERS)
def link(member_id: UUID) -> ResponseReturnValue:
    """The address of their own pages, shown this once; `end` takes it away."""
    session, who = http.db_session(), auth.person()
    member, station = record.member_asked(session, member_id, who)
    if request.form.get("end"):
        own_link.end(session, member, who, http.now())
        flash(_("The address leads nowhere any more."))
        return redirect(url_for("records.show", member_id=member_id))
    try:
        secret = own_link.give(session, member, who, http.now())
    except Refusal as error:
        return refused(member_id, error)
    address = f"{current_app.extensions['services'].settings.public_url}{url_for('own_record.mine', token=secret)}"
    return render_template(
        "members/link.html",
        member=member,
        station=station,
        name=rules.masked(member.name),
        address=address,
        qr=pdf.qr_of(address),
    )


def _choose_page(member_id: UUID, error: Refusal | None = None) -> str:
    session, who = http.db_session(), auth.person()
    member, station = record.member_asked(session, member_id, who)
    words = request.args.get("q", "").strip()[:40]
    if words:
        found = list(look_up(session, who.region_code, words)[0])
    else:
        found = [one for one in called(session, [member.name]) if _reached(one)]
    found = [one for one in found if one.id != member.id and one.merged_into is None][:20]
    hours = current_app.extensions[HOURS](session, [member, *found])
    return render_template(
        "members/merge.html",
        member=member,
        station=station,
        name=rules.masked(member.name),
        found=found,
        stations={one.id: session.get_one(Station, one.station_id) for one in found},
        hours=hours,
        words=words,
        masked=rules.masked,
        error=error,
        errors=error.fields if error else {},
        typed=request.form,
    )


def _reached(member: Member) -> bool:
    return auth.person().reaches(http.db_session().get_one(Station, member.station_id).region_code)


def _evidence() -> Evidence:
    found: Evidence = current_app.extensions[EVIDENCE]
    return found


def _calendar() -> HolidayTable:
    table: HolidayTable = current_app.extensions[CALENDAR](http.db_session())
    return table
