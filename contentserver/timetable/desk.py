"""Pages of the planner's desk: weeks copied, templates, files read in and written out, quotas, holidays."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.kernel import auth, clock, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Rejected
from contentserver.regions import region_named, regions_in
from contentserver.timetable import copying, quotas, rules, service, words
from contentserver.timetable.models import HolidayRow
from contentserver.timetable.programmes import draft_of, holiday_table, lessons_named
from contentserver.timetable.service import EditRefused
from schedules.exchange import icalendar
from schedules.holidays import DayKind
from schedules.slots import Slot

blueprint = Blueprint("timetable_desk", __name__, url_prefix="/timetable", template_folder="templates")
MAX_FILE_BYTES = 2_000_000
MAX_QUOTA = 744
HOLIDAYS_AHEAD = timedelta(days=400)


@blueprint.get("/copies")
@auth.require(Right.SCHEDULE)
def copies() -> ResponseReturnValue:
    """Copy a week, use a template, keep a week as one."""
    return _copies_page(None, 200)


@blueprint.post("/copies")
@auth.require(Right.SCHEDULE)
def copy() -> ResponseReturnValue:
    session, code = http.db_session(), request.form.get("region", "")
    regions = request.form.getlist("regions") or [code]
    for one in {code, *regions}:
        region_named(session, one)
        auth.require_scope(one)
    week, to = _monday("week"), _monday("to")
    try:
        if request.form.get("template"):
            row = copying.template_with(session, UUID(request.form["template"]))
            added = copying.use_template(session, row, to, regions, auth.person(), http.now())
        else:
            added = copying.copy_week(session, code, week, to, regions, auth.person(), http.now())
    except EditRefused as error:
        session.rollback()
        return _copies_page(error, 422)
    flash(_("%(count)s airings were put into the drafts.", count=added))
    return redirect(url_for("timetable.week", region=regions[0], week=to.isoformat()))


@blueprint.post("/templates")
@auth.require(Right.SCHEDULE)
def keep_template() -> ResponseReturnValue:
    session, code = http.db_session(), request.form.get("region", "")
    region_named(session, code)
    auth.require_scope(code)
    name = request.form.get("name", "")
    copying.keep_template(session, code, _monday("week"), name, auth.person(), http.now())
    flash(_("The template %(name)s is kept.", name=name))
    return redirect(url_for("timetable_desk.copies", region=code, week=_monday("week").isoformat()))


@blueprint.post("/templates/<uuid:template_id>/remove")
@auth.require(Right.SCHEDULE)
def remove_template(template_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    row = copying.template_with(session, template_id)
    auth.require_scope(row.region_code)
    session.delete(row)
    flash(_("The template %(name)s is gone; what was made of it stays.", name=row.name))
    return redirect(url_for("timetable_desk.copies", region=row.region_code))


@blueprint.get("/import")
@auth.require(Right.SCHEDULE)
def import_page() -> ResponseReturnValue:
    return _import_page(None, None, 200)


@blueprint.post("/import")
@auth.require(Right.SCHEDULE)
def import_file() -> ResponseReturnValue:
    """Read a file and show what it would add; with `slots` in the form, add it."""
    session, code = http.db_session(), request.form.get("region", "")
    region_named(session, code)
    auth.require_scope(code)
    if request.form.get("slots"):
        try:
            slots = msgspec.json.decode(request.form["slots"], type=tuple[Slot, ...])
        except (msgspec.MsgspecError, ValueError) as error:
            raise Rejected("form_invalid", _("Something in this form is missing or wrong.")) from error
        try:
            added = copying.paste_imported(session, code, slots, auth.person(), http.now())
        except EditRefused as error:
            session.rollback()
            return _import_page(None, error, 422)
        flash(_("%(count)s slots were put into the draft.", count=added))
        return redirect(url_for("timetable.week", region=code))
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Rejected("no_file", _("Choose a file first."))
    data = sent.stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise Rejected("file_too_large", _("This file is too large to be a timetable."))
    return _import_page(copying.read_file(session, code, sent.filename, data), None, 200)


@blueprint.get("/<code>/slots.ics")
@auth.require()
def export(code: str) -> ResponseReturnValue:
    """The slots of a layer's draft as a calendar, to be changed elsewhere and read in again."""
    session = http.db_session()
    region = region_named(session, code)
    auth.require_scope(code)
    document = draft_of(session, service.layer_of(session, code))
    lessons = lessons_named(session, [document])
    from_plan = service.slots_with_lessons(document, lessons)
    data = icalendar.write_slots(region.name, from_plan, stamp=http.now())
    answer = Response(data, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{code}.ics"'
    return answer


@blueprint.get("/quotas")
@auth.require()
def quota_page() -> ResponseReturnValue:
    """Hours planned for every station of a month, against what is asked."""
    session, who = http.db_session(), auth.person()
    code = request.args.get("region") or who.region_code
    if code:
        region_named(session, code)
        auth.require_scope(code)
    month = _month(request.args.get("month"))
    rows = quotas.planned_months(session, code, month)
    return render_template(
        "timetable/quotas.html",
        rows=rows,
        short=sum(not row.met for row in rows),
        month=month,
        code=code,
        quota=quotas.quota_of(session, code) if code else quotas.MonthlyQuota(),
        regions=regions_in(session, who.region_code),
    )


@blueprint.post("/quotas")
@auth.require(Right.SCHEDULE)
def set_quota() -> ResponseReturnValue:
    session, code = http.db_session(), request.form.get("region", "")
    region_named(session, code)
    auth.require_scope(code)
    sessions, hours = (request.form.get(name, type=int) for name in ("sessions", "hours"))
    if sessions is None or hours is None or not (0 <= sessions <= MAX_QUOTA and 0 <= hours <= MAX_QUOTA):
        raise Rejected("quota_wrong", _("Give whole numbers from 0 to 744."))
    quotas.set_quota(session, code, sessions, hours, auth.person(), http.now())
    flash(_("From now on this is asked of every station there."))
    return redirect(url_for("timetable_desk.quota_page", region=code, month=request.form.get("month")))


@blueprint.get("/holidays")
@auth.require()
def holidays() -> ResponseReturnValue:
    """The coming year's holidays and worked days of rest, as published and as changed here."""
    session = http.db_session()
    table = holiday_table(session)
    own = {row.day: row for row in session.query(HolidayRow)}
    today = clock.local(http.now()).date()
    days = [today + timedelta(days=number) for number in range(-31, HOLIDAYS_AHEAD.days)]
    special = [(day, table.on(day), own.get(day)) for day in days if day in own or _special(table.on(day), day)]
    return render_template("timetable/holidays.html", days=special, kinds=words.DAY_KINDS, today=today)


@blueprint.post("/holidays")
@auth.require(Right.ADMINISTER)
def set_holiday() -> ResponseReturnValue:
    session = http.db_session()
    try:
        day = date.fromisoformat(request.form.get("day", ""))
        kind = DayKind(request.form["kind"]) if request.form.get("kind") else None
    except ValueError as error:
        raise Rejected("form_invalid", _("Something in this form is missing or wrong.")) from error
    service.set_holiday(session, day, kind, request.form.get("name", "").strip()[:40], auth.person(), http.now())
    flash(_("The table of holidays is changed. Layers follow with their next revision."))
    return redirect(url_for("timetable_desk.holidays"))


def _special(day: object, date_: date) -> bool:
    """Whether a day is something else than its weekday says."""
    kind = getattr(day, "kind", None)
    return kind is DayKind.HOLIDAY or (kind is DayKind.WORKING) != (date_.weekday() < 5)


def _copies_page(refused: EditRefused | None, status: int) -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    own = regions_in(session, who.region_code)
    code = request.values.get("region") or who.region_code or (own[0].code if own else "")
    region = region_named(session, code)
    auth.require_scope(code)
    week = _monday("week")
    page = render_template(
        "timetable/copies.html",
        region=region,
        regions=own,
        week=week,
        to=_monday("to") if request.values.get("to") else week + timedelta(days=7),
        slots=copying.week_slots(session, code, week),
        templates=copying.templates_for(session, code),
        refused=refused,
        sentences=service.FAULT_SENTENCES,
    )
    return page, status


def _import_page(found: object, refused: EditRefused | None, status: int) -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    slots = getattr(found, "slots", ())
    page = render_template(
        "timetable/import.html",
        regions=regions_in(session, who.region_code),
        code=request.values.get("region") or who.region_code,
        found=found,
        slots_json=msgspec.json.encode(slots).decode(),
        fault_words=words.FILE_FAULTS,
        repetition=words.repetition_of_rule,
        refused=refused,
        sentences=service.FAULT_SENTENCES,
    )
    return page, status


def _monday(name: str) -> date:
    try:
        return rules.monday_of(date.fromisoformat(request.values.get(name, "")))
    except ValueError:
        return rules.monday_of(clock.local(http.now()).date())


def _month(text: str | None) -> date:
    try:
        return datetime.strptime(text or "", "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return clock.local(http.now()).date().replace(day=1)
