"""Pages of the planner's desk: weeks copied, templates, files read in and written out, quotas, holidays.

What a form got wrong stands on its own page, with what was typed; nothing was changed then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import msgspec
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.clock import EARLIEST, LATEST
from contentserver.kernel.errors import Forbidden, Refusal, Rejected
from contentserver.kernel.pagination import cut
from contentserver.regions import Region, ancestors_and_self, depth_of, region_asked, region_named, regions_in
from contentserver.timetable import copying, quotas, rules, service, words
from contentserver.timetable.models import HolidayRow, LayerTemplate
from contentserver.timetable.plans import PlannedSlot
from contentserver.timetable.programmes import draft_of, holiday_table, lessons_named, lessons_with
from schedules.exchange import icalendar
from schedules.exchange.imports import Imported
from schedules.holidays import DayKind

blueprint = Blueprint("timetable_desk", __name__, url_prefix="/timetable", template_folder="templates")
scoping.decided(blueprint, "code", by=region_asked)
scoping.lies(blueprint, "template_id", where=copying.where_template)
MAX_FILE_BYTES = 2_000_000
MAX_QUOTA = 744
HOLIDAYS_AHEAD = timedelta(days=400)
HOLIDAYS_BACK = timedelta(days=31)
ROWS_SHOWN = 200
VILLAGE_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """A region to choose: `depth` below the topmost one that the person reaches; `village`: nothing is below it."""

    code: str
    name: str
    depth: int
    village: bool


@blueprint.get("/copies")
@auth.require(Right.SCHEDULE)
def copies() -> ResponseReturnValue:
    """Copy a week, use a template, keep a week as one."""
    return _copies_page(None)


@blueprint.post("/copies")
@auth.require(Right.SCHEDULE)
def copy() -> ResponseReturnValue:
    session, region = http.db_session(), _own_region()
    regions = {one: region_named(session, one) for one in request.form.getlist("regions")}
    for one in regions:
        auth.require_scope(one)
    try:
        if not regions:
            raise Rejected("no_region", _("Choose at least one region."))
        to = _monday_given("to")
        if request.form.get("template"):
            row = _template(request.form["template"], region.code)
            added = copying.use_template(session, row, to, list(regions), auth.person(), http.now())
        else:
            week = _monday_given("week")
            added = copying.copy_week(session, region.code, week, to, list(regions), auth.person(), http.now())
    except Rejected as error:
        return _refused(error, _copies_page)
    names = [one.name for one in regions.values()]
    into = words.listed(names[:3]) if len(names) <= 3 else words.listed([*names[:3], "…"])
    flash(
        ngettext(
            "%(num)s airing was put into the draft of %(regions)s.",
            "%(num)s airings were put into the drafts of %(regions)s.",
            added,
            regions=into,
        )
    )
    return redirect(url_for("timetable.week", region=next(iter(regions)), week=to.isoformat()))


@blueprint.post("/templates")
@auth.require(Right.SCHEDULE)
def keep_template() -> ResponseReturnValue:
    session, region = http.db_session(), _own_region()
    try:
        week = _monday_given("week")
        name = request.form.get("name", "")
        row = copying.keep_template(session, region.code, week, name, auth.person(), http.now())
    except Refusal as error:
        return _refused(error, _copies_page)
    flash(_("The template %(name)s is kept.", name=row.name))
    return redirect(url_for("timetable_desk.copies", region=region.code, week=week.isoformat()))


@blueprint.post("/templates/<uuid:template_id>/remove")
@auth.require(Right.SCHEDULE)
def remove_template(template_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    row = copying.template_with(session, template_id)
    copying.remove_template(session, row, auth.person(), http.now())
    flash(_("The template %(name)s is gone; what was made of it stays.", name=row.name))
    return redirect(url_for("timetable_desk.copies", region=row.region_code))


@blueprint.get("/import")
@auth.require(Right.SCHEDULE)
def import_page() -> ResponseReturnValue:
    return _import_page(None)


@blueprint.post("/import")
@auth.require(Right.SCHEDULE)
def import_file() -> ResponseReturnValue:
    """Read a file and show what it would add; with `slots` in the form, add it."""
    session, region = http.db_session(), _own_region()
    try:
        if "slots" in request.form:
            slots = _slots_given()
            added = copying.paste_planned(session, region.code, slots, auth.person(), http.now())
            flash(ngettext("%(num)s slot was put into the draft.", "%(num)s slots were put into the draft.", added))
            start = min(slot.local_start for slot in slots).date()
            return redirect(url_for("timetable.week", region=region.code, week=start.isoformat()))
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise Rejected("no_file", _("Choose a file first."))
        data = sent.stream.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise Rejected("file_too_large", _("This file is too large to be a timetable."))
        return _import_page(None, copying.read_file(session, region.code, sent.filename, data))
    except Rejected as error:
        return _refused(error, _import_page)


@blueprint.get("/<code>/slots.ics")
@auth.require()
def export(code: str) -> ResponseReturnValue:
    """The slots of a layer's draft as a calendar, to be changed elsewhere and read in again."""
    session = http.db_session()
    region = region_named(session, code)
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
    return _quota_page(None)


def _quota_page(refused: Refusal | None) -> ResponseReturnValue:
    """Hours planned for every station of a month, against what is asked."""
    session, who = http.db_session(), auth.person()
    code = request.values.get("region") or who.region_code
    if code:
        region_named(session, code)
        auth.require_scope(code)
    month = _month(request.values.get("month"))
    rows = quotas.planned_months(session, code, month)
    quota = quotas.quota_of(session, code) if code else quotas.MonthlyQuota()
    return render_template(
        "timetable/quotas.html",
        page=cut(rows, request.args.get("page", 1, type=int)),
        short=sum(not row.met for row in rows),
        month=month,
        code=code,
        quota=quota,
        set_by=region_named(session, quota.region) if quota.region else None,
        sessions=request.form.get("sessions", str(quota.sessions)),
        hours=request.form.get("hours", str(quota.hours)),
        regions=_choices(),
        refused=refused,
    )


@blueprint.post("/quotas")
@auth.require(Right.SCHEDULE)
def set_quota() -> ResponseReturnValue:
    session, region = http.db_session(), _own_region()
    if "clear" in request.form:
        quotas.clear_quota(session, region.code, auth.person(), http.now())
        flash(_("Here the same is asked again as in the region above."))
    else:
        sessions, hours = (request.form.get(name, type=int) for name in ("sessions", "hours"))
        if sessions is None or hours is None or not (0 <= sessions <= MAX_QUOTA and 0 <= hours <= MAX_QUOTA):
            return _refused(Rejected("quota_wrong", _("Give whole numbers from 0 to 744.")), _quota_page)
        quotas.set_quota(session, region.code, sessions, hours, auth.person(), http.now())
        flash(_("From now on this is asked of every station there."))
    month = _month(request.form.get("month"))
    return redirect(url_for("timetable_desk.quota_page", region=region.code, month=month.strftime("%Y-%m")))


@blueprint.get("/holidays")
@auth.require()
def holidays() -> ResponseReturnValue:
    return _holidays_page(None)


def _holidays_page(refused: Refusal | None) -> ResponseReturnValue:
    """The coming year's holidays and worked days of rest, as published and as changed here, however far ahead."""
    session = http.db_session()
    table = holiday_table(session)
    today = clock.local(http.now()).date()
    first = today - HOLIDAYS_BACK
    own = {row.day: row for row in session.scalars(select(HolidayRow).where(HolidayRow.day >= first))}
    days = sorted(own.keys() | {first + timedelta(days=number) for number in range(HOLIDAYS_AHEAD.days)})
    special = [(day, table.on(day), own.get(day)) for day in days if day in own or _special(table.on(day), day)]
    return render_template(
        "timetable/holidays.html",
        days=special,
        kinds=words.DAY_KINDS,
        today=today,
        code=auth.person().region_code,
        refused=refused,
        typed=request.form,
    )


@blueprint.post("/holidays")
@auth.require(Right.ADMINISTER)
def set_holiday() -> ResponseReturnValue:
    """Change a day of the one table by which every region plans."""
    auth.require_administers_all()
    session = http.db_session()
    try:
        day = _day_given("day")
        try:
            kind = DayKind(request.form["kind"]) if request.form.get("kind", "-") else None
        except (KeyError, ValueError) as error:
            raise Rejected("kind_unknown", _("Say what kind of day it is.")) from error
        name = request.form.get("name", "").strip()[:40]
        service.set_holiday(session, day, kind, name, auth.person(), http.now())
    except Rejected as error:
        return _refused(error, _holidays_page)
    flash(_("The table of holidays is changed. Layers follow with their next revision."))
    return redirect(url_for("timetable_desk.holidays"))


def _special(day: object, date_: date) -> bool:
    """Whether a day is something else than its weekday says."""
    kind = getattr(day, "kind", None)
    return kind is DayKind.HOLIDAY or (kind is DayKind.WORKING) != (date_.weekday() < 5)


def _copies_page(refused: Refusal | None) -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    own = _choices()
    code = request.values.get("region") or who.region_code or (own[0].code if own else "")
    region = region_named(session, code)
    auth.require_scope(code)
    week = _monday("week")
    return render_template(
        "timetable/copies.html",
        region=region,
        code=code,
        regions=own,
        week=week,
        to=_monday("to") if request.values.get("to") else week + timedelta(days=7),
        slots=copying.week_slots(session, code, week),
        templates=copying.templates_for(session, code),
        chosen=request.form.getlist("regions") or [code],
        typed=request.form,
        refused=refused,
        refused_in=_refused_in(refused),
        sentences=service.FAULT_SENTENCES,
    )


def _import_page(refused: Refusal | None, found: Imported | None = None) -> ResponseReturnValue:
    """The file's form; with what was found in it, or with what came back from this page and was refused."""
    who = auth.person()
    slots = copying.planned(found.slots) if found else ()
    if refused is not None and refused.code != "slots_unreadable" and "slots" in request.form:
        slots = _slots_given()
    lessons = lessons_with(http.db_session(), {lesson for slot in slots for lesson in slot.lessons}).episodes
    titles = {key: episode.lesson.title for key, episode in lessons.items()}
    return render_template(
        "timetable/import.html",
        regions=_choices(),
        code=request.values.get("region") or who.region_code,
        found=found,
        faults=found.faults if found else (),
        slots=slots,
        shown=[(words.local(one.local_start), titles.get(one.lessons[0], "—"), one) for one in slots[:ROWS_SHOWN]],
        slots_json=msgspec.json.encode(slots).decode(),
        fault_words=words.FILE_FAULTS,
        columns=words.FILE_COLUMNS,
        repetition=words.pattern,
        rank_names=words.RANK_NAMES,
        refused=refused,
        refused_in=_refused_in(refused),
        sentences=service.FAULT_SENTENCES,
        rows_shown=ROWS_SHOWN,
    )


def _refused(error: Refusal, page: Callable[[Refusal], ResponseReturnValue]) -> ResponseReturnValue:
    """The page again, with what is wrong and what was typed; programs get the error as it is.

    Raises:
        Refusal: the caller reads JSON.
    """
    http.db_session().rollback()
    if http.wants_json():
        raise error
    answer = make_response(page(error))
    answer.status_code = http.status_of(error)
    return answer


def _refused_in(refused: Refusal | None) -> str:
    """The name of the region in whose layer something stood in the way, where several were asked for."""
    if not isinstance(refused, copying.PasteRefused):
        return ""
    return region_named(http.db_session(), refused.region_code).name


def _own_region() -> Region:
    """The region that a form is about.

    Raises:
        NotFound: there is no such region.
        Forbidden: it lies outside the person's.
    """
    found = region_named(http.db_session(), request.form.get("region", ""))
    auth.require_scope(found.code)
    return found


def _choices() -> list[Choice]:
    own = regions_in(http.db_session(), auth.person().region_code)
    top = min((depth_of(region.code) for region in own), default=0)
    depths = [(region, depth_of(region.code)) for region in own]
    return [Choice(region.code, region.name, depth - top, depth == VILLAGE_DEPTH) for region, depth in depths]


def _template(text: str, code: str) -> LayerTemplate:
    """A template that a region may use: its own, or one of a region above.

    Raises:
        Rejected: this is no template's id.
        Forbidden: it is another region's.
    """
    try:
        row = copying.template_with(http.db_session(), UUID(text))
    except ValueError as error:
        raise Rejected("template_unknown", _("There is no such template.")) from error
    if row.region_code not in ancestors_and_self(code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    return row


def _slots_given() -> tuple[PlannedSlot, ...]:
    try:
        return msgspec.json.decode(request.form["slots"], type=tuple[PlannedSlot, ...])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Rejected("slots_unreadable", _("These slots cannot be read any more. Read the file again.")) from error


def _monday(name: str) -> date:
    """The Monday of a day in the address; of this week where it is none."""
    try:
        day = date.fromisoformat(request.values.get(name, ""))
    except ValueError:
        day = clock.local(http.now()).date()
    return rules.monday_of(min(max(day, EARLIEST), LATEST))


def _day_given(name: str) -> date:
    """The day that a form gives.

    Raises:
        Rejected: it is none that a timetable knows.
    """
    try:
        day = date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        raise Rejected("day_unreadable", _("Give a day, for example 2026-11-23.")) from error
    if not EARLIEST <= day <= LATEST:
        raise Rejected("day_out_of_range", _("This day lies outside the years that a timetable knows."))
    return day


def _monday_given(name: str) -> date:
    return rules.monday_of(_day_given(name))


def _month(text: str | None) -> date:
    try:
        day = date.fromisoformat(f"{text}-01")
    except ValueError:
        day = clock.local(http.now()).date()
    return min(max(day, EARLIEST), LATEST).replace(day=1)
