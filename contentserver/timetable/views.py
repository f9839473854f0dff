"""Pages of the timetable: a week as one region sees it, the form that schedules, publishing and its delivery."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from wtforms import SelectChoice

from contentserver.courses import Lesson, airable, courses_seen_from, lesson_with
from contentserver.kernel import auth, clock, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.regions import Region, depth_of, path_of, region_named, regions_in
from contentserver.timetable import publishing, rules, service
from contentserver.timetable.models import LayerRecord, SlotRecord
from contentserver.timetable.rules import SlotFault, SlotVerdict
from contentserver.timetable.schemas import (
    EARLIEST,
    LATEST,
    RANK_NAMES,
    REPETITION_NAMES,
    RULES,
    ZONE,
    SlotForm,
    WeekQuery,
)
from schedules.airings import Airing
from schedules.layers import region_layer
from schedules.merge import Displaced, Reason

blueprint = Blueprint("timetable", __name__, url_prefix="/timetable", template_folder="templates")
LEVEL_NAMES = (
    lazy_gettext("Province"),
    lazy_gettext("City"),
    lazy_gettext("County"),
    lazy_gettext("Township"),
    lazy_gettext("Village"),
)
REASONS = {
    Reason.LOWER_RANK: lazy_gettext("the other has the higher rank"),
    Reason.HIGHER_REGION_FIRST: lazy_gettext("both are mandatory, and the higher region goes first"),
    Reason.NEARER_REGION_FIRST: lazy_gettext("the region nearer to the village goes first"),
    Reason.SAME_LEVEL: lazy_gettext("the other begins earlier"),
    Reason.DUPLICATE: lazy_gettext("it stands there twice"),
}
FIELD_OF = {
    SlotFault.IN_THE_PAST: "time",
    SlotFault.CLASH: "time",
    SlotFault.LESSON_NOT_READY: "lesson",
    SlotFault.LESSON_NOT_APPROVED: "lesson",
}


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One row of the week: a region on the way to the village, and its airings by day."""

    region: Region
    level: object
    days: tuple[tuple[Airing, ...], ...]


@dataclass(frozen=True, slots=True)
class TelevisionDay:
    """One day as a television of the region will show it: what plays, and what gives way to what."""

    placed: tuple[Airing, ...]
    displaced: tuple[tuple[Airing, Airing, Displaced], ...]


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
    return render_template("timetable/verdict.html", verdict=verdict, sentences=service.SENTENCES, form=form)


@blueprint.post("/slots")
@auth.require(Right.SCHEDULE)
def add_slot() -> ResponseReturnValue:
    session, asked = http.db_session(), _asked()
    form = _form(asked)
    if request.form.get("use_start"):
        try:
            form.begin_at(request.form["use_start"])
        except ValueError as error:
            raise Rejected("start_unreadable", _("Give the time, for example 19:30.")) from error
    if not http.require_valid(form):
        return _page(form, None, 422)
    try:
        record = service.add_slot(
            session, service.layer_of(session, form.region.data), form.wish(), auth.person(), http.now()
        )
    except service.SlotRefused as error:
        if http.wants_json():
            raise
        for fault in error.verdict.faults:
            field = form[FIELD_OF[fault]]
            field.errors = [*field.errors, str(service.SENTENCES[fault])]
        return _page(form, error.verdict, http.status_of(error))
    if http.wants_json():
        return {"id": str(record.id)}, 201
    flash(_("It stands in the draft. Televisions get it once you publish."))
    return redirect(_week_address(form.region.data, form.date.data))


@blueprint.post("/slots/<uuid:slot_id>/remove")
@auth.require(Right.SCHEDULE)
def remove(slot_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    record = service.slot_with(session, slot_id)
    auth.require_scope(record.layer.region_code)
    service.remove_slot(session, slot_id, auth.person(), http.now())
    if http.wants_json():
        return {"id": str(slot_id)}
    return redirect(f"{_back()}&removed={slot_id}")


@blueprint.post("/slots/<uuid:slot_id>/restore")
@auth.require(Right.SCHEDULE)
def restore(slot_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    record = service.slot_with(session, slot_id)
    auth.require_scope(record.layer.region_code)
    service.restore_slot(session, slot_id, auth.person(), http.now())
    flash(_("It is back in the draft."))
    return redirect(_back())


@blueprint.post("/<code>/publish")
@auth.require(Right.SCHEDULE)
def publish(code: str) -> ResponseReturnValue:
    session = http.db_session()
    region_named(session, code)
    auth.require_scope(code)
    layer = service.layer_of(session, code)
    if not layer.changed and not layer.revision:
        raise Rejected("nothing_to_publish", _("There is nothing in this layer yet. Schedule a lesson first."))
    signer = current_app.extensions["services"].signer
    revision = publishing.publish(session, layer, signer, auth.person(), http.now())
    if http.wants_json():
        return {"layer": layer.id, "revision": revision.revision}
    flash(_("Published. The boxes are told now; below you see which have stored it."))
    return redirect(_back())


@blueprint.get("/<code>/state")
@auth.require()
def state(code: str) -> ResponseReturnValue:
    """How far the layer's newest revision has come; for a person's page and for programs."""
    auth.require_scope(code)
    layer = http.db_session().get(LayerRecord, region_layer(code))
    delivery = publishing.delivery(http.db_session(), layer) if layer else None
    if http.wants_json():
        if layer is None or delivery is None:
            return {"revision": 0, "changed": False, "boxes": 0, "stored": 0, "applied": 0}
        return {
            "revision": layer.revision,
            "changed": layer.changed,
            "boxes": delivery.followers,
            "stored": delivery.stored,
            "applied": delivery.applied,
        }
    return render_template("timetable/state.html", layer=layer, delivery=delivery)


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
        day = min(max(date.fromisoformat(request.args.get("week", "")), EARLIEST), LATEST)
    except ValueError:
        day = clock.local(http.now()).date()
    return WeekQuery(region=code, monday=rules.monday_of(day))


def _form(asked: WeekQuery) -> SlotForm:
    session, who, form = http.db_session(), auth.person(), SlotForm()
    own = regions_in(session, who.region_code)
    top = min((depth_of(region.code) for region in own), default=0)
    form.region.choices = [
        SelectChoice(region.code, "\u2003" * (depth_of(region.code) - top) + region.name) for region in own
    ]
    form.lesson.choices = [SelectChoice("", _("Choose a lesson"))] + [
        SelectChoice(str(lesson.id), _lesson_choice(lesson))
        for course in courses_seen_from(session, who.region_code)
        for lesson in course.lessons
    ]
    if request.method == "GET":
        form.region.data = asked.region
        form.lesson.data = request.args.get("lesson", "")
        form.date.data = max(asked.monday, clock.local(http.now()).date())
    return form


def _lesson_choice(lesson: Lesson) -> str:
    words = f"{lesson.course.title} {lesson.number} · {lesson.title}"
    return words if airable(lesson.state) else _("%(lesson)s (not approved)", lesson=words)


def _judged(form: SlotForm) -> SlotVerdict:
    session = http.db_session()
    verdict, _record = service.judge(session, service.layer_of(session, form.region.data), form.wish(), http.now())
    return verdict


def _page(form: SlotForm, verdict: SlotVerdict | None, status: int) -> ResponseReturnValue:
    session, asked = http.db_session(), _asked()
    if status != 200 and form.date.data:
        asked = WeekQuery(region=asked.region, monday=rules.monday_of(form.date.data))
    if not asked.region:
        return render_template("timetable/no_regions.html"), status
    layer = session.get(LayerRecord, region_layer(asked.region))
    television = _television(session, asked)
    page = render_template(
        "timetable/week.html",
        form=form,
        verdict=verdict,
        sentences=service.SENTENCES,
        asked=asked,
        region=region_named(session, asked.region),
        regions=form.region.choices,
        days=[asked.monday + timedelta(days=offset) for offset in range(7)],
        today=clock.local(http.now()).date(),
        rows=_layer_rows(session, asked),
        television=television,
        lost={one.id for shown in television for one, _winner, _why in shown.displaced},
        reasons=REASONS,
        rank_names=RANK_NAMES,
        repetition_names=_repetitions(),
        layer=layer,
        delivery=publishing.delivery(session, layer) if layer else None,
        slots=_slots(session, layer),
        removed=_removed(session),
    )
    return page, status


def _layer_rows(session: Session, asked: WeekQuery) -> list[LayerRow]:
    """Every layer on the way to the region that holds something this week, and the region's own."""
    rows = []
    for region in path_of(session, asked.region):
        airings = service.airings_of(session, region_layer(region.code), asked.window())
        if airings or region.code == asked.region:
            days = rules.by_day(airings, asked.monday, ZONE)
            rows.append(LayerRow(region=region, level=LEVEL_NAMES[depth_of(region.code)], days=days))
    return rows


def _television(session: Session, asked: WeekQuery) -> list[TelevisionDay]:
    merged = service.timetable_of(session, asked.region, asked.window())
    everything: Mapping[str, Airing] = {airing.id: airing for airing in merged.airings}
    lost = {displaced.airing.id: displaced for displaced in merged.displaced}
    placed = rules.by_day(merged.airings, asked.monday, ZONE)
    given_way = rules.by_day((displaced.airing for displaced in merged.displaced), asked.monday, ZONE)
    return [
        TelevisionDay(
            placed=plays,
            displaced=tuple((one, everything[lost[one.id].by], lost[one.id]) for one in gives_way),
        )
        for plays, gives_way in zip(placed, given_way, strict=True)
    ]


def _slots(session: Session, layer: LayerRecord | None) -> list[tuple[SlotRecord, Lesson, datetime]]:
    if layer is None:
        return []
    return [
        (record, lesson_with(session, record.lesson_id), datetime.fromisoformat(record.local_start))
        for record in service.slots_of(session, [layer.id])
    ]


def _removed(session: Session) -> tuple[SlotRecord, Lesson] | None:
    """The slot that this person has just taken out, for as long as the page offers to undo it."""
    try:
        record = service.slot_with(session, UUID(request.args.get("removed", "")))
    except (ValueError, Refusal):
        return None
    if record.removed_at is None or not auth.person().reaches(record.layer.region_code):
        return None
    return record, lesson_with(session, record.lesson_id)


def _repetitions() -> dict[str, object]:
    return {rule: REPETITION_NAMES[name] for name, rule in RULES.items()}


def _week_address(region: str, day: date) -> str:
    return url_for("timetable.week", region=region, week=rules.monday_of(day).isoformat())


def _back() -> str:
    asked = _asked()
    return url_for("timetable.week", region=asked.region, week=request.form.get("week") or asked.monday.isoformat())
