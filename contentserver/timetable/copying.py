"""Plans used again: a week copied to another one or to other regions, templates, files of other programs.

Everything ends as a `Paste` (`edits.py`), judged like any other edit. What files mean: `schedules.exchange`.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.courses import courses_seen_from
from contentserver.kernel.auth import Person
from contentserver.kernel.clock import EARLIEST, LATEST
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.regions import ancestors_and_self
from contentserver.timetable import plans, rules, service
from contentserver.timetable.edits import Paste, shifted_slots
from contentserver.timetable.grid import naive
from contentserver.timetable.models import LayerTemplate
from contentserver.timetable.plans import ZONE, PlanDocument, PlannedSlot
from contentserver.timetable.programmes import drafted, lessons_with
from contentserver.timetable.rules import Verdict
from contentserver.timetable.service import EditRefused
from schedules.airings import SlotId
from schedules.exchange import icalendar, spreadsheet
from schedules.exchange.imports import FileRefused, Imported
from schedules.exchange.spreadsheet import MAX_ROWS
from schedules.slots import Episode, Slot

TEMPLATE_MONDAY = date(2001, 1, 1)
_REFUSED = {
    "too_large": _("This file is too large to be a timetable."),
    "too_many_rows": _("This file has more rows than a timetable can hold."),
    "no_header": _("The first row must name the columns: 课件, 日期, 时间."),
}


class PasteRefused(EditRefused):
    """An edit of several layers that one of them does not take; `region_code` is that one's."""

    def __init__(self, verdict: Verdict, region_code: str) -> None:
        super().__init__(verdict)
        self.region_code = region_code


def copy_week(
    session: Session,
    region_code: str,
    week: date,
    to: date,
    regions: Sequence[str],
    who: Person,
    now: datetime,
) -> int:
    """Copy what airs in a week of a layer's draft into another week, evening by evening, for some regions' layers.

    Returns:
        How many slots were added, over all regions.

    Raises:
        EditRefused: something stands in the way in one of the layers; none was changed.
    """
    slots = week_slots(session, region_code, rules.monday_of(week))
    if not slots:
        raise Rejected("nothing_to_copy", _("There is nothing in this week to copy."))
    moved = shifted_slots(slots, rules.monday_of(to) - rules.monday_of(week))
    return _paste(session, moved, regions, who, now)


def week_slots(session: Session, region_code: str, monday: date) -> tuple[PlannedSlot, ...]:
    """What a layer's draft airs in a week, each airing as a slot of its own."""
    start = rules.to_utc(datetime.combine(monday, datetime.min.time()))
    layers = drafted(session, region_code, (start, start + timedelta(days=7)))
    own = next((one for one in layers if one.record.region_code == region_code), None)
    return tuple(
        PlannedSlot(
            id=SlotId(""),
            lessons=(str(airing.lesson.id),),
            local_start=naive(airing.start),
            rank=airing.rank,
        )
        for airing in (own.layer.airings if own else ())
    )


def keep_template(
    session: Session, region_code: str, monday: date, name: str, who: Person, now: datetime
) -> LayerTemplate:
    """Keep a week of a layer's draft to be used again.

    Raises:
        Rejected: the week is empty, or the template has no name.
        Conflict: another one that is seen here has this name.
    """
    name = name.strip()[:60]
    slots = week_slots(session, region_code, monday)
    if not slots or not name:
        raise Rejected("template_empty", _("A template needs a name and a week in which something airs."))
    if any(one.name == name for one in templates_for(session, region_code)):
        raise Conflict("template_name_taken", _("There is a template of this name already. Choose another name."))
    based = shifted_slots(slots, TEMPLATE_MONDAY - monday)
    document = plans.written(PlanDocument(slots=based))
    row = LayerTemplate(region_code=region_code, name=name, plan=document, made_by=who.id, made_at=now)
    session.add(row)
    session.flush()
    after = {"name": name, "slots": len(slots)}
    audit(session, who=who, action="template.kept", subject=str(row.id), now=now, after=after)
    return row


def remove_template(session: Session, row: LayerTemplate, who: Person, now: datetime) -> None:
    """The template is gone; what was made of it stays."""
    before = {"name": row.name, "region": row.region_code, "plan": row.plan}
    session.delete(row)
    audit(session, who=who, action="template.removed", subject=str(row.id), now=now, before=before)


def templates_for(session: Session, region_code: str) -> Sequence[LayerTemplate]:
    """The templates of a region and of the regions above it, by name."""
    codes = ancestors_and_self(region_code)
    query = select(LayerTemplate).where(LayerTemplate.region_code.in_(codes)).order_by(LayerTemplate.name)
    return session.scalars(query).all()


def template_with(session: Session, template_id: UUID) -> LayerTemplate:
    """The template with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(LayerTemplate, template_id)
    if row is None:
        raise NotFound("template_unknown", _("There is no such template."))
    return row


def where_template(session: Session, template_id: UUID) -> str:
    """The code of the region whose template it is.

    Raises:
        NotFound: there is none.
    """
    return template_with(session, template_id).region_code


def use_template(
    session: Session, row: LayerTemplate, to: date, regions: Sequence[str], who: Person, now: datetime
) -> int:
    """Put a template into a week of some regions' layers; gives back how many slots were added.

    Raises:
        EditRefused: something stands in the way in one of the layers; none was changed.
    """
    slots = shifted_slots(plans.read(row.plan).slots, rules.monday_of(to) - TEMPLATE_MONDAY)
    return _paste(session, slots, regions, who, now)


def read_file(session: Session, region_code: str, name: str, data: bytes) -> Imported:
    """What a calendar (.ics) or a sheet (.xlsx, .csv) holds, with every fault of what cannot be used.

    Raises:
        Rejected: it is none of these.
    """
    lessons = _lessons_by_name(session, region_code)
    try:
        if data.lstrip()[:15].upper() == b"BEGIN:VCALENDAR" or name.lower().endswith(".ics"):
            return icalendar.read_slots(data, lessons, zone=ZONE)
        return spreadsheet.read_sheet(data, lessons, zone=ZONE)
    except FileRefused as error:
        sentence = _REFUSED.get(error.code, _("This is neither a calendar (.ics) nor a sheet (.xlsx, .csv)."))
        raise Rejected(f"file_{error.code}", sentence) from error


def planned(slots: Sequence[Slot]) -> tuple[PlannedSlot, ...]:
    """Imported slots as a plan keeps them; ids are given when they are pasted."""
    return tuple(
        PlannedSlot(
            id=SlotId(""),
            lessons=(str(slot.lesson.id),),
            local_start=slot.local_start,
            zone=slot.zone,
            rule=slot.rule,
            exceptions=slot.exceptions,
            rank=slot.rank,
            days=slot.days,
        )
        for slot in slots
    )


def paste_imported(session: Session, region_code: str, slots: Sequence[Slot], who: Person, now: datetime) -> int:
    """Put imported slots into a region's draft."""
    return paste_planned(session, region_code, planned(slots), who, now)


def paste_planned(
    session: Session, region_code: str, slots: tuple[PlannedSlot, ...], who: Person, now: datetime
) -> int:
    """Put slots that came back from a person's page into a region's draft; nothing about them is believed.

    Raises:
        Rejected: they name other lessons than those seen from the region, or times that are none.
        EditRefused: something stands in the way.
    """
    if not 0 < len(slots) <= MAX_ROWS or not all(map(_meaningful, slots)):
        raise Rejected("slots_unreadable", _("These slots cannot be read any more. Read the file again."))
    seen = {str(lesson.id) for course in courses_seen_from(session, region_code) for lesson in course.lessons}
    if not seen.issuperset(lesson for slot in slots for lesson in slot.lessons):
        raise Rejected("lesson_unknown", _("One of these lessons does not exist, or is not for this region."))
    return _paste(session, slots, (region_code,), who, now)


def _meaningful(slot: PlannedSlot) -> bool:
    """Whether a slot's lessons, times and zone are such that a plan may hold them."""
    times = (slot.local_start, *slot.exceptions)
    return (
        bool(slot.lessons)
        and _zone_known(slot.zone)
        and all(time.tzinfo is None and EARLIEST <= time.date() <= LATEST for time in times)
    )


def _zone_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _paste(session: Session, slots: tuple[PlannedSlot, ...], regions: Sequence[str], who: Person, now: datetime) -> int:
    for code in regions:
        try:
            service.edit(session, service.layer_of(session, code), Paste(slots=slots), who, now)
        except EditRefused as error:
            raise PasteRefused(error.verdict, code) from error
    return len(slots) * len(regions)


def _lessons_by_name(session: Session, region_code: str) -> dict[str, Episode]:
    ids = [str(lesson.id) for course in courses_seen_from(session, region_code) for lesson in course.lessons]
    named: dict[str, Episode] = {}
    for key, episode in lessons_with(session, ids).episodes.items():
        named[key] = episode
        named.setdefault(episode.lesson.title, episode)
        named.setdefault(f"{episode.lesson.course} {episode.lesson.title}", episode)
    return named
