"""Pages by which people plan: a week as one region sees it, the form that schedules, one airing and what can be done.

Every edit of the grid has its form here. From draft to published: `reviewing.py`. Copies, templates, files, quotas,
holidays: `desk.py`.
"""

from datetime import date, datetime, timedelta

import msgspec
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from msgspec.structs import replace
from sqlalchemy.orm import Session
from wtforms import SelectChoice

from contentserver.accounts import Account
from contentserver.courses import Lesson, approved, courses_seen_from, plannable
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.clock import EARLIEST, LATEST
from contentserver.kernel.errors import NotFound, Rejected
from contentserver.regions import depth_of, region_asked, region_named, regions_in
from contentserver.timetable import api, grid, publishing, quotas, review, rules, service, words
from contentserver.timetable.edits import AnyEdit
from contentserver.timetable.models import LayerDraft, LayerRecord
from contentserver.timetable.programmes import draft_of
from contentserver.timetable.rules import Fault, Verdict
from contentserver.timetable.schemas import (
    COURSE_PREFIX,
    SlotForm,
    WeekQuery,
)
from contentserver.timetable.service import DraftMovedOn, EditRefused
from schedules.layers import region_layer

blueprint = Blueprint("timetable", __name__, url_prefix="/timetable", template_folder="templates")
scoping.decided(blueprint, "code", by=region_asked)
FIELD_OF = {
    Fault.IN_THE_PAST: "time",
    Fault.CLASH: "time",
    Fault.LESSON_NOT_READY: "lesson",
    Fault.LESSON_NOT_APPROVED: "lesson",
    Fault.LESSON_OUT_OF_TERM: "date",
    Fault.LESSON_ELSEWHERE: "lesson",
    Fault.NO_SHOWING: "repeat",
    Fault.RULE_UNREADABLE: "repeat",
    Fault.TOO_MANY: "repeat",
}


@blueprint.get("")
@auth.require()
def week() -> ResponseReturnValue:
    return _page(_form(_asked()), None, 200)


@blueprint.post("/check")
@auth.require(Right.SCHEDULE)
def check() -> ResponseReturnValue:
    """What speaks against the form as it stands, before anything is saved."""
    form = _form(_asked())
    verdict = _judged(form) if form.lesson.data and form.date.data and form.time.data and form.validate() else None
    http.db_session().rollback()
    return render_template("timetable/verdict.html", verdict=verdict, sentences=service.FAULT_SENTENCES, form=form)


@blueprint.post("/slots")
@auth.require()
def add_slot() -> ResponseReturnValue:
    """A new slot: into the draft of a scheduler, or at once where a station's own administrator fills a gap."""
    session, who = http.db_session(), auth.person()
    local = not who.may(Right.SCHEDULE)
    if local:
        auth.require_right(Right.ADD_LOCAL)
    asked = _asked()
    form = _form(asked)
    if request.form.get("use_start"):
        try:
            form.begin_at(request.form["use_start"])
        except ValueError as error:
            raise Rejected("start_unreadable", _("Give the time, for example 19:30.")) from error
    if not http.require_valid(form):
        return _page(form, None, 422)
    layer = service.layer_of(session, form.region.data)
    change = form.edit(_lessons_chosen(session, form.lesson.data))
    try:
        if local:
            signer = current_app.extensions["services"].signer
            review.add_local(session, layer, change, signer, who, http.now())
        else:
            service.edit(session, layer, change, who, http.now())
    except EditRefused as error:
        if http.wants_json():
            raise
        for fault in error.verdict.faults:
            field = form[FIELD_OF[fault]]
            field.errors = [*field.errors, str(service.FAULT_SENTENCES[fault])]
        return _page(form, error.verdict, http.status_of(error))
    if http.wants_json():
        return {"layer": layer.id, "draft": layer.draft_version, "slot": draft_of(session, layer).slots[-1].id}, 201
    flash(
        _("It is on this village's programme. The television is told now.")
        if local
        else _("It stands in the draft. Televisions get it once it is approved.")
    )
    return redirect(_week_address(form.region.data, form.date.data))


@blueprint.get("/airing")
@auth.require(Right.SCHEDULE)
def airing() -> ResponseReturnValue:
    """One airing of a layer's draft, and everything that can be done with it, as forms."""
    return _airing_page(None, 200)


@blueprint.post("/<code>/edit")
@auth.require(Right.SCHEDULE)
def edit(code: str) -> ResponseReturnValue:
    """Any edit, from a form whose fields are the edit's own (`do`, `slot`, `planned`, …)."""
    session = http.db_session()
    layer = service.layer_of(session, code)
    version = request.form.get("version", type=int)
    try:
        service.edit(session, layer, _edit_of_form(), auth.person(), http.now(), version=version)
    except EditRefused as error:
        if http.wants_json() or request.form.get("from") != "airing":
            raise
        return _airing_page(error.verdict, 422)
    except DraftMovedOn as error:
        return _moved_on(error, code)
    if http.wants_json():
        return {"draft": layer.draft_version}
    newest = service.undoable(session, layer)
    if newest is not None:
        flash(f"{words.ACTIONS[newest.action]}: {newest.subject}")
    return redirect(_back(code))


@blueprint.post("/<code>/undo")
@auth.require(Right.SCHEDULE)
def undo(code: str) -> ResponseReturnValue:
    session = http.db_session()
    layer = service.layer_of(session, code)
    try:
        service.undo(session, layer, auth.person(), http.now(), version=request.form.get("version", type=int))
    except DraftMovedOn as error:
        return _moved_on(error, code)
    if http.wants_json():
        return {"draft": layer.draft_version}
    flash(_("Undone."))
    return redirect(_back(code))


@blueprint.get("/<code>/state")
@auth.require()
def state(code: str) -> ResponseReturnValue:
    """How far the layer's newest revision has come; for a person's page and for programs."""
    session = http.db_session()
    if http.wants_json():
        return api.delivery_state(session, region_layer(code))
    return render_template("timetable/state.html", **_state(session, code))


@blueprint.get("/<code>/hours")
@auth.require()
def hours(code: str) -> ResponseReturnValue:
    """A part of the week's page that may take longer: what the stations of a region are planned to show this month."""
    month = clock.local(http.now()).date().replace(day=1)
    rows = quotas.planned_months(http.db_session(), code, month)
    return render_template("timetable/hours.html", rows=rows, short=sum(not row.met for row in rows))


def _state(session: Session, code: str) -> dict[str, object]:
    layer = session.get(LayerRecord, region_layer(code))
    draft = session.get(LayerDraft, (layer.id, layer.draft_version)) if layer and layer.changed else None
    return {
        "layer": layer,
        "draft": draft,
        "aired": grid.aired(session, layer, http.now()) if layer and layer.revision else (0, 0),
        "region": region_named(session, code),
        "delivery": publishing.delivery(session, layer) if layer else None,
        "may_approve": layer is not None
        and auth.person().may(Right.APPROVE)
        and review.may_approve(session, layer, auth.person()),
        "waiting": len(review.waiting_changes(session, layer)) if layer else 0,
        "drafted": len(review.drafted_changes(session, layer)) if layer else 0,
        "losses": review.losses(session, layer, http.now()) if layer and layer.changed else (),
    }


def _asked() -> WeekQuery:
    """Whose television and which week; the person's own region and this week where the address does not say."""
    session, who = http.db_session(), auth.person()
    code = request.values.get("region") or who.region_code
    if not code:
        first = regions_in(session, "")
        code = next((region.code for region in first if depth_of(region.code) == 2), first[0].code if first else "")
    if code:
        region_named(session, code)
        auth.require_scope(code)
    try:
        day = min(max(date.fromisoformat(request.values.get("week", "")), EARLIEST), LATEST)
    except ValueError:
        day = clock.local(http.now()).date()
    return WeekQuery(region=code, monday=rules.monday_of(day))


def _form(asked: WeekQuery) -> SlotForm:
    session, who, form = http.db_session(), auth.person(), SlotForm()
    own = regions_in(session, who.region_code)
    plans_here = who.may(Right.SCHEDULE)
    top = min((depth_of(region.code) for region in own), default=0)
    form.region.choices = [
        SelectChoice(region.code, "\u2003" * (depth_of(region.code) - top) + region.name) for region in own
    ]
    courses = courses_seen_from(session, who.region_code)
    form.lesson.choices = [SelectChoice("", _("Choose a lesson"))]
    for course in courses:
        ready = [lesson for lesson in course.lessons if _ready(lesson)]
        if len(ready) > 1:
            series = _("%(course)s: all %(count)s lessons in turn", course=course.title, count=len(ready))
            form.lesson.choices.append(SelectChoice(f"{COURSE_PREFIX}{course.id}", series))
        shown = course.lessons if plans_here else ready
        form.lesson.choices += [SelectChoice(str(lesson.id), _lesson_choice(lesson)) for lesson in shown]
    if request.method == "GET":
        form.region.data = asked.region
        form.lesson.data = request.args.get("lesson", "")
        form.date.data = max(asked.monday, clock.local(http.now()).date())
        if request.args.get("start"):
            try:
                form.begin_at(request.args["start"])
            except ValueError:
                form.time.data = None
    return form


def _lesson_choice(lesson: Lesson) -> str:
    title = f"{lesson.course.title} {lesson.number} · {lesson.title}"
    if _ready(lesson):
        return title
    expired = approved(lesson.state)
    return str(_("%(lesson)s (expired)", lesson=title) if expired else _("%(lesson)s (not approved)", lesson=title))


def _ready(lesson: Lesson) -> bool:
    return plannable(lesson.state, lesson.terms, clock.local(http.now()).date())


def _lessons_chosen(session: Session, chosen: str) -> tuple[str, ...]:
    """The lessons that a choice stands for: one, or a course's approved ones in order."""
    if not chosen.startswith(COURSE_PREFIX):
        return (chosen,)
    key = chosen.removeprefix(COURSE_PREFIX)
    for course in courses_seen_from(session, auth.person().region_code):
        if str(course.id) == key:
            return tuple(str(lesson.id) for lesson in course.lessons if _ready(lesson))
    raise NotFound("course_unknown", _("There is no such course."))


def _judged(form: SlotForm) -> Verdict:
    session = http.db_session()
    change = form.edit(_lessons_chosen(session, form.lesson.data))
    verdict, _document = service.judge(session, service.layer_of(session, form.region.data), change, http.now())
    return verdict


def _edit_of_form() -> AnyEdit:
    """The posted fields as an edit.

    Raises:
        Rejected: they are none.
    """
    fields: dict[str, object] = {
        name: value for name, value in request.form.items() if value and name not in {"csrf_token", "version"}
    }
    if lessons := [one for one in request.form.getlist("lessons") if one]:
        fields["lessons"] = _lessons_chosen(http.db_session(), lessons[0]) if len(lessons) == 1 else lessons
    if "at" in fields:  # a time of the day, as a form's field has it
        hour, _colon, minute = str(fields["at"]).partition(":")
        fields["at_min"] = int(hour or 0) * 60 + int(minute or 0) if f"{hour}{minute}".isdigit() else -1
    for name in ("moved_to", "start", "planned"):
        if f"{name}_date" in fields:
            fields[name] = f"{fields[f'{name}_date']}T{fields.get(f'{name}_time', '')}"
        if name in fields:
            try:
                fields[name] = datetime.fromisoformat(str(fields[name]))
            except ValueError as error:
                raise Rejected("start_unreadable", _("Give day and time, for example 2026-11-23 and 19:30.")) from error
    try:
        found: AnyEdit = msgspec.convert(fields, AnyEdit, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise Rejected("form_invalid", _("Something in this form is missing or wrong.")) from error
    return found


def _moved_on(error: DraftMovedOn, code: str) -> ResponseReturnValue:
    session = http.db_session()
    session.rollback()
    by = session.get(Account, error.by) if error.by else None
    page = render_template(
        "timetable/moved_on.html",
        sentence=error.sentence,
        changes=api.sentences_of(session, error.changes),
        by=by.display_name if by else "",
        back=_back(code),
    )
    return page, http.status_of(error)


def _undoable(session: Session, shown: grid.Week) -> tuple[grid.Row, LayerDraft] | None:
    """The newest edit among the layers that the person may edit here, and its layer."""
    found = []
    for row in shown.rows:
        layer = session.get(LayerRecord, row.layer) if row.mine and row.version else None
        if (newest := service.undoable(session, layer)) is not None:
            found.append((row, newest))
    return max(found, key=lambda one: one[1].made_at, default=None)


def _day_shown(monday: date, today: date) -> date:
    """The day of the week that the page looks at closer."""
    days = [monday + timedelta(days=number) for number in range(7)]
    try:
        asked = date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        asked = today
    return asked if asked in days else days[0]


def _page(form: SlotForm, verdict: Verdict | None, status: int) -> ResponseReturnValue:
    session, asked, who = http.db_session(), _asked(), auth.person()
    if status != 200 and form.date.data:
        asked = WeekQuery(region=asked.region, monday=rules.monday_of(form.date.data))
    if not asked.region:
        return render_template("timetable/no_regions.html"), status
    shown = grid.week_of(session, asked.region, asked.monday, who, http.now())
    today, palette = clock.local(http.now()).date(), tuple[grid.PaletteCourse, ...]()
    if who.may(Right.SCHEDULE):
        palette = grid.palette(courses_seen_from(session, who.region_code), today)
    page = render_template(
        "timetable/week.html",
        form=form,
        verdict=verdict,
        sentences=service.FAULT_SENTENCES,
        asked=asked,
        week=shown,
        regions=form.region.choices,
        days=[asked.monday + timedelta(days=offset) for offset in range(7)],
        today=today,
        day_shown=_day_shown(asked.monday, today),
        by_day=request.values.get("view") == "day",
        subject=request.values.get("subject", ""),
        audience=request.values.get("audience", ""),
        rank_names=words.RANK_NAMES,
        subjects=sorted({*shown.subjects, *(course.subject for course in palette)} - {""}),
        audiences=sorted({*shown.audiences, *(course.audience for course in palette)} - {""}),
        data=msgspec.to_builtins({"week": replace(shown, clashes=()), "palette": palette, "today": today}),
        undoable=_undoable(session, shown),
        actions=words.ACTIONS,
        **_state(session, asked.region),
    )
    return page, status


def _airing_page(verdict: Verdict | None, status: int) -> ResponseReturnValue:
    session, asked = http.db_session(), _asked()
    slot = request.values.get("slot", "")
    try:
        planned = datetime.fromisoformat(request.values.get("planned", ""))
    except ValueError as error:
        raise NotFound("evening_unknown", _("This airing is not in the plan any more.")) from error
    layer_code = request.values.get("layer", asked.region)
    auth.require_scope(layer_code)
    airs = request.values.get("airs", "")  # a moved evening may air in another week than it was planned for
    try:
        monday = rules.monday_of(date.fromisoformat(airs)) if airs else rules.monday_of(planned.date())
    except ValueError:
        monday = rules.monday_of(planned.date())
    shown = grid.week_of(session, layer_code, monday, auth.person(), http.now())
    found = next(
        (one for one in shown.events if one.slot == slot and one.planned == planned and one.mine),
        None,
    )
    if found is None:
        raise NotFound("evening_unknown", _("This airing is not in the plan any more."))
    page = render_template(
        "timetable/airing.html",
        event=found,
        code=layer_code,
        layer_name=shown.name,
        asked=asked,
        version=shown.version,
        verdict=verdict,
        sentences=service.FAULT_SENTENCES,
        lessons=_form(asked).lesson.choices[1:],
        clash=next((one for one in shown.clashes if one.loser.id == found.id), None),
        rank_names=words.RANK_NAMES,
        days_names=words.DAYS_NAMES,
    )
    return page, status


def _week_address(region: str, day: date) -> str:
    return url_for("timetable.week", region=region, week=rules.monday_of(day).isoformat())


def _back(code: str) -> str:
    asked = _asked()
    return url_for("timetable.week", region=request.form.get("region") or code, week=asked.monday.isoformat())
