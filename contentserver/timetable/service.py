"""Plan: keep the drafts of layers, judge and make edits, undo them.

The document is `plans.py`, what can be done to it `edits.py`, when it may stand `rules.py`, what comes of it
`programmes.py`. From draft to televisions: `review.py`, then `publishing.py`.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.regions import region_named
from contentserver.timetable import edits, plans, rules
from contentserver.timetable.edits import AnyEdit, EditImpossible, Known
from contentserver.timetable.models import HolidayRow, LayerDraft, LayerRecord
from contentserver.timetable.plans import Change, ChangeKind, PlanDocument
from contentserver.timetable.programmes import (
    Lessons,
    draft_of,
    drafted,
    holiday_table,
    layer_airings,
    lessons_named,
    lessons_with,
    passed_over,
)
from contentserver.timetable.rules import Fault, Verdict
from schedules.airings import AiringId, SlotId
from schedules.holidays import DayKind, HolidayTable
from schedules.layers import region_layer
from schedules.merge import merge
from schedules.programme import programme_of
from schedules.recurrence import expand
from schedules.slots import Slot, SlotInvalid

FAULT_SENTENCES = {
    Fault.IN_THE_PAST: _("This time has passed. Choose a later one."),
    Fault.LESSON_NOT_READY: _("This lesson is not ready yet: its transcoding has not finished."),
    Fault.LESSON_NOT_APPROVED: _("This lesson has not been approved yet. Ask a reviewer first."),
    Fault.LESSON_OUT_OF_TERM: _(
        "This lesson may not air on one of these days: its rights begin later or end before. Choose other days."
    ),
    Fault.LESSON_ELSEWHERE: _("This lesson belongs to another region and cannot air here."),
    Fault.CLASH: _("Something else airs at that time in this layer."),
    Fault.NO_SHOWING: _("By this rule nothing would ever air. Look at the days and the end again."),
    Fault.RULE_UNREADABLE: _("This repetition cannot be understood."),
    Fault.TOO_MANY: _("By this rule more would air than a timetable can hold. Choose fewer days or an earlier end."),
}
EDIT_SENTENCES = {
    "slot_unknown": _("This slot is not in the plan any more."),
    "airing_unknown": _("This airing is not in the plan any more."),
    "no_lesson": _("Choose the lesson."),
    "not_daily": _("Only a single showing can be stretched over several days."),
    "ends_before_it_begins": _("The last day lies before the first."),
    "rule_not_movable": _("This slot airs on days that its rule names; change the rule instead."),
    "repeat_out_of_range": _("A repeat comes at most 60 days later."),
}


class EditRefused(Rejected):
    """An edit that may not be made; carries the verdict for the page."""

    def __init__(self, verdict: Verdict) -> None:
        first = verdict.faults[0]
        super().__init__(first.value, FAULT_SENTENCES[first])
        self.verdict = verdict


class DraftMovedOn(Conflict):
    """Somebody else has edited meanwhile; carries what they changed."""

    def __init__(self, changes: tuple[Change, ...], by: UUID | None) -> None:
        super().__init__(
            "draft_moved_on", _("Somebody else has changed this plan meanwhile. Nothing of yours was saved.")
        )
        self.changes, self.by = changes, by


def layer_of(session: Session, region_code: str) -> LayerRecord:
    """The layer of a region, made when first asked for, and held until the unit of work ends.

    Raises:
        NotFound: there is no such region.
    """
    layer_id = region_layer(region_code)
    layer = session.get(LayerRecord, layer_id, with_for_update=True)
    if layer is None:
        region_named(session, region_code)
        layer = LayerRecord(id=layer_id, region_code=region_code)
        session.add(layer)
        session.flush()
    return layer


def edit(
    session: Session, layer: LayerRecord, change: AnyEdit, who: Person, now: datetime, *, version: int | None = None
) -> Verdict:
    """Make an edit: the draft gets a next version.

    Args:
        version: the draft that the person saw; None where a plain addition cannot harm anybody else's work.

    Returns:
        What to know of it: the clashes with other layers that it brings.

    Raises:
        DraftMovedOn: the draft is not the one that was seen.
        EditRefused: something speaks against it.
        Rejected: it means nothing for this plan.
    """
    require_version(session, layer, version)
    verdict, document = judge(session, layer, change, now)
    if verdict.faults:
        raise EditRefused(verdict)
    keep(session, layer, document, action=_name(change), who=who, now=now)
    return verdict


def require_version(session: Session, layer: LayerRecord, version: int | None) -> None:
    """Raise DraftMovedOn unless the draft is the one that a person saw."""
    if version is None or version == layer.draft_version:
        return
    newest = session.get_one(LayerDraft, (layer.id, layer.draft_version))
    try:
        seen = draft_of(session, layer, version)
    except NotFound:
        seen = PlanDocument()
    raise DraftMovedOn(plans.difference(seen, plans.read(newest.plan)), newest.made_by)


def keep(
    session: Session,
    layer: LayerRecord,
    document: PlanDocument,
    *,
    action: str,
    who: Person | None,
    now: datetime,
    parent: int | None = None,
) -> LayerDraft:
    """Make a document the newest draft; `parent` is what undoing it leads to, the draft before unless told."""
    before = draft_of(session, layer)
    changes = plans.difference(before, document)
    row = LayerDraft(
        layer_id=layer.id,
        version=layer.draft_version + 1,
        parent=layer.draft_version if parent is None else parent,
        plan=plans.written(document),
        action=action,
        subject=_titles(session, changes),
        made_by=who.id if who else None,
        made_at=now,
    )
    session.add(row)
    layer.draft_version = row.version
    layer.changed = row.plan != layer.plan and document != plans.read(layer.plan)
    session.flush()
    audit(session, who=who, action=f"plan.{action}", subject=layer.id, now=now, after=changes)
    return row


def undo(session: Session, layer: LayerRecord, who: Person, now: datetime, *, version: int | None = None) -> LayerDraft:
    """Take the newest edit back; again, and the one before it goes.

    Raises:
        Conflict: there is nothing to undo.
        DraftMovedOn: the draft is not the one that was seen.
    """
    require_version(session, layer, version)
    newest = session.get(LayerDraft, (layer.id, layer.draft_version))
    if newest is None or newest.parent < 0:
        raise Conflict("nothing_to_undo", _("There is nothing to undo."))
    document = draft_of(session, layer, newest.parent)
    before = session.get(LayerDraft, (layer.id, newest.parent))
    return keep(session, layer, document, action="undo", who=who, now=now, parent=before.parent if before else -1)


def set_holiday(session: Session, day: date, kind: DayKind | None, name: str, who: Person, now: datetime) -> None:
    """Say what kind of day a date is, over the published table; None: the published table counts again."""
    row = session.get(HolidayRow, day)
    before = {"kind": row.kind, "name": row.name} if row else None
    if kind is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(HolidayRow(day=day, kind=kind.value, name=name))
    else:
        row.kind, row.name = kind.value, name
    after = {"kind": kind, "name": name} if kind else None
    audit(session, who=who, action="holiday.set", subject=day.isoformat(), now=now, before=before, after=after)


def slots_with_lessons(document: PlanDocument, lessons: Lessons) -> tuple[Slot, ...]:
    """A document's slots as the library's values, for writing them out."""
    return plans.resolved(document, lessons.episodes).slots


def undoable(session: Session, layer: LayerRecord | None) -> LayerDraft | None:
    """The edit that undoing would take back; None where there is none."""
    newest = session.get(LayerDraft, (layer.id, layer.draft_version)) if layer else None
    if newest is None or newest.action != "undo":
        return newest
    done = select(LayerDraft).where(
        LayerDraft.layer_id == newest.layer_id, LayerDraft.parent == newest.parent, LayerDraft.action != "undo"
    )
    return session.scalar(done)


def judge(session: Session, layer: LayerRecord, change: AnyEdit, now: datetime) -> tuple[Verdict, PlanDocument]:
    """What speaks against an edit, and the plan it would make.

    Raises:
        Rejected: it means nothing for this plan.
    """
    before = draft_of(session, layer)
    lessons = lessons_named(session, [before])
    table = holiday_table(session)
    try:
        after = edits.apply(before, change, _known(session, layer, before, lessons, table, now))
    except (EditImpossible, SlotInvalid) as error:
        raise Rejected(error.code, EDIT_SENTENCES.get(error.code, FAULT_SENTENCES[Fault.RULE_UNREADABLE])) from error
    if isinstance(change, edits.BringBack | edits.RemoveSlot | edits.CancelEvening | edits.AcceptLoss):
        return Verdict(), after
    lessons = lessons_named(session, [before, after])
    return _verdict(session, layer, before, after, lessons, table, now), after


def _verdict(
    session: Session,
    layer: LayerRecord,
    before: PlanDocument,
    after: PlanDocument,
    lessons: Lessons,
    table: HolidayTable,
    now: datetime,
) -> Verdict:
    changes = plans.difference(before, after)
    starts = [change.after.local_start for change in changes if change.after] + [
        change.now.moved_to for change in changes if change.now and change.now.moved_to
    ]
    named = {lesson for change in changes for lesson in rules.lessons_wanted(change)}
    window = rules.judged_window(now, [rules.to_utc(start) for start in starts])
    past = passed_over(layer)
    try:
        standing = layer_airings(before, lessons, window, table, past)
        wanted = layer_airings(after, lessons, window, table, past)
        never = [change for change in changes if change.after and _never_airs(change, after, lessons, table, now)]
    except SlotInvalid as error:
        fault = Fault.TOO_MANY if error.code == "too_many_occurrences" else Fault.RULE_UNREADABLE
        return Verdict(faults=(fault,))
    above = [one.layer for one in drafted(session, layer.region_code, window, table) if one.record.id != layer.id]
    return rules.verdict(
        wanted=wanted,
        standing=standing,
        above=merge(above).airings,
        lessons_ready=named <= lessons.episodes.keys(),
        lessons_approved=named <= lessons.approved.keys(),
        lessons_in_term=_in_term(changes, after, lessons, window, table, past),
        lessons_ours=all(rules.ours(lessons.owners.get(one, ""), layer.region_code) for one in named),
        adds=any(change.kind is ChangeKind.ADDED and change.after for change in changes),
        first_start=min((rules.to_utc(start) for start in starts), default=None),
        never_airs=bool(never),
        now=now,
    )


def _in_term(
    changes: Sequence[Change],
    after: PlanDocument,
    lessons: Lessons,
    window: tuple[datetime, datetime],
    table: HolidayTable,
    past: Collection[AiringId],
) -> bool:
    """Whether every airing of what a change touches is on a day for which its lesson is approved."""
    touched = {change.slot for change in changes}
    made = programme_of(plans.resolved(after, lessons.episodes), *window, table=table, passed_over=past)
    return all(
        lessons.may_air(airing)
        for airing in made.airings
        if airing.slot in touched and str(airing.lesson.id) in lessons.approved
    )


def _never_airs(change: Change, after: PlanDocument, lessons: Lessons, table: HolidayTable, now: datetime) -> bool:
    """Whether a slot has no showing in the three months after its start."""
    alone = msgspec.structs.replace(after, slots=(change.after,) if change.after else (), repeats=(), make_ups=())
    plan = plans.resolved(alone, lessons.episodes)
    if not plan.slots or change.after is None:
        return False
    start = max(rules.to_utc(change.after.local_start), now) - timedelta(days=1)
    return not programme_of(plan, start, start + rules.NEVER_AFTER, table=table).airings and start >= now - timedelta(
        days=1
    )


def _known(
    session: Session,
    layer: LayerRecord,
    document: PlanDocument,
    lessons: Lessons,
    table: HolidayTable,
    now: datetime,
) -> Known:
    plan = plans.resolved(document, lessons.episodes)
    slots = {slot.id: slot for slot in plan.slots}
    past = passed_over(layer)

    def lesson_then(slot: SlotId, planned: datetime) -> str:
        start = rules.to_utc(planned, slots[slot].zone)
        then = expand(slots[slot], start, start + timedelta(seconds=1), table=table, passed_over=past)
        return str(then[0].lesson.id) if then else ""

    around = rules.around(now)
    airings = layer_airings(document, lessons, around, table, past)
    return Known(
        new_id=lambda: str(new_id()),
        slots=slots,
        airings={airing.id: airing for airing in airings},
        lesson_then=lesson_then,
    )


def _name(change: AnyEdit) -> str:
    tag = type(change).__struct_config__.tag
    return str(tag)


def _titles(session: Session, changes: Sequence[Change]) -> str:
    ids = dict.fromkeys(change.lesson for change in changes if change.lesson)
    episodes = lessons_with(session, list(ids)[:3]).episodes
    return "、".join(episodes[one].lesson.title for one in ids if one in episodes)[:200]
