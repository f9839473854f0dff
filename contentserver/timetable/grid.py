"""One week of one place, as its editor sees it: every layer's airings, what the merge makes of them, and the clashes.

The same value makes the page and its JSON. Reads drafts; decides nothing. The words: `words.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.courses import Course, plannable
from contentserver.kernel.auth import Person, Right
from contentserver.members import Member
from contentserver.regions import Region, depth_of, path_of, subtree_filter
from contentserver.stations import Station
from contentserver.timetable import plans, rules, words
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.plans import ZONE, PlannedSlot
from contentserver.timetable.programmes import (
    Drafted,
    drafted,
    holiday_table,
    layer_airings,
    lessons_named,
    passed_over,
)
from schedules.airings import Airing, AiringId
from schedules.gaps import next_free_time
from schedules.layers import region_layer
from schedules.merge import Displaced, Timetable, merge
from schedules.programme import Origin, Showing

_ZONE = ZoneInfo(ZONE)
ROWS_WITH_THE_TOP = 4
"""Beyond so many rows, the highest layer is left out of a week in which it airs nothing."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One layer. `mine`: the person may edit it; `version`: its newest draft; `changed`: that is not published yet."""

    layer: str
    code: str
    name: str
    level: str
    mine: bool
    version: int = 0
    changed: bool = False


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One airing of the week. Times are naive wall-clock times; `planned` is the one that edits name.

    Attributes:
        state: `plays`, `displaced`, `cancelled`, `not_airable` (its lesson is not approved for that day).
        by: title of the airing that displaces it; `reason` says why, in words.
        makes_up: id of the airing that this one makes up for; empty for any other.
    """

    id: str
    layer: str
    slot: str
    planned: datetime
    start: datetime
    end: datetime
    lesson: str
    title: str
    course: str
    subject: str
    audience: str
    rank: str
    rank_name: str
    repeats: str
    once: bool
    origin: str
    state: str
    by: str = ""
    reason: str = ""
    makes_up: str = ""
    is_repeat: bool = False
    is_series: bool = False
    mine: bool = False


class Clash(msgspec.Struct, frozen=True, kw_only=True):
    """An airing that gives way, and what could be done.

    Attributes:
        blocks: it is the editor's own and its layer cannot be submitted before this is settled.
        expected: members of the place's stations.
        free: the next start at which it meets nothing; None where there is none in 60 days.
        another_day: the same time on the next day at which it meets nothing.
    """

    loser: Event
    winner: Event | None
    reason: str
    blocks: bool
    accepted: bool
    expected: int
    free: datetime | None = None
    another_day: datetime | None = None


class TelevisionEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a day on the place's televisions; a displaced one says why."""

    id: str
    start: datetime
    end: datetime
    title: str
    plays: bool
    reason: str = ""


class PaletteLesson(msgspec.Struct, frozen=True, kw_only=True):
    """A lesson that may be dragged into the week."""

    id: str
    title: str
    minutes: int


class PaletteCourse(msgspec.Struct, frozen=True, kw_only=True):
    """A course with its lessons that may air, in order; dragged in whole, it is a series."""

    id: str
    title: str
    subject: str
    audience: str
    lessons: tuple[PaletteLesson, ...]


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `now` is the stations' wall clock."""

    region: str
    name: str
    monday: date
    now: datetime
    version: int
    rows: tuple[Row, ...]
    events: tuple[Event, ...]
    television: tuple[tuple[TelevisionEntry, ...], ...]
    clashes: tuple[Clash, ...]
    subjects: tuple[str, ...]
    audiences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What events are made of."""

    slots: Mapping[str, PlannedSlot]
    repeats: Mapping[str, str]
    audiences: Mapping[str, tuple[str, str]]
    displaced: Mapping[tuple[AiringId, str], Displaced]
    titles: Mapping[AiringId, str]


def week_of(session: Session, region_code: str, monday: date, who: Person, now: datetime) -> Week:
    """The week from a Monday, as the televisions of a region will show it once all drafts are published."""
    start = datetime.combine(monday, datetime.min.time(), _ZONE)
    window = (start, start + timedelta(days=7))
    layers = drafted(session, region_code, window)
    merged = merge(one.layer for one in layers)
    facts = _facts(session, layers, merged)
    path = path_of(session, region_code)
    records = {one.record.region_code: one.record for one in layers}
    rows = [_row(region, records.get(region.code), who) for region in path]
    mine = {row.layer for row in rows if row.mine}
    events = tuple(event for one in layers for event in _events(one, facts, one.record.id in mine))
    if len(rows) > ROWS_WITH_THE_TOP and not rows[0].mine and all(event.layer != rows[0].layer for event in events):
        del rows[0]
    return Week(
        region=region_code,
        name=path[-1].name,
        monday=monday,
        now=naive(now),
        version=next(row.version for row in rows if row.code == region_code),
        rows=tuple(rows),
        events=events,
        television=_television(merged, facts, monday),
        clashes=_clashes(session, region_code, layers, merged, events, now),
        subjects=tuple(sorted({event.subject for event in events} - {""})),
        audiences=tuple(sorted({event.audience for event in events} - {""})),
    )


def palette(courses: Iterable[Course], today: date) -> tuple[PaletteCourse, ...]:
    """The courses that have a lesson which may air, today or later."""
    found = []
    for course in courses:
        lessons = tuple(
            PaletteLesson(id=str(lesson.id), title=lesson.title, minutes=-(-lesson.duration_ms // 60_000))
            for lesson in course.lessons
            if plannable(lesson.state, lesson.terms, today)
        )
        if lessons:
            found.append(
                PaletteCourse(
                    id=str(course.id),
                    title=course.title,
                    subject=course.subject,
                    audience=course.audience,
                    lessons=lessons,
                )
            )
    return tuple(found)


def aired(session: Session, layer: LayerRecord, now: datetime) -> tuple[int, int]:
    """Of this week's airings of a layer as published, how many have ended, and how many there are."""
    monday = rules.to_utc(datetime.combine(rules.monday_of(naive(now).date()), time()))
    plan = plans.read(layer.plan)
    lessons = lessons_named(session, [plan])
    window = (monday, monday + timedelta(days=7))
    airings = layer_airings(plan, lessons, window, holiday_table(session), passed_over(layer))
    return sum(airing.end <= now for airing in airings), len(airings)


def _row(region: Region, record: LayerRecord | None, who: Person) -> Row:
    return Row(
        layer=region_layer(region.code),
        code=region.code,
        name=region.name,
        level=str(words.LEVEL_NAMES[depth_of(region.code)]),
        mine=who.may(Right.SCHEDULE) and who.reaches(region.code),
        version=record.draft_version if record else 0,
        changed=bool(record and record.changed),
    )


def _facts(session: Session, layers: Iterable[Drafted], merged: Timetable) -> _Facts:
    layers = list(layers)
    lessons = {showing.airing.lesson.id for one in layers for showing in one.programme.showings}
    query = select(Course.title, Course.subject, Course.audience).distinct()
    by_course = {title: (subject, audience) for title, subject, audience in session.execute(query)}
    return _Facts(
        slots={slot.id: slot for one in layers for slot in one.document.slots},
        repeats={repeat.id: repeat.of for one in layers for repeat in one.document.repeats},
        audiences=by_course if lessons else {},
        displaced={(lost.airing.id, lost.layer): lost for lost in merged.displaced},
        titles={airing.id: airing.lesson.title for airing in merged.airings},
    )


def _events(one: Drafted, facts: _Facts, mine: bool) -> Iterable[Event]:
    standing = {airing.id for airing in one.layer.airings}
    for showing in one.programme.showings:
        state = "plays" if showing.airing.id in standing else "not_airable"
        yield _event(showing, one.layer.id, facts, mine, state)
    for planned in one.programme.cancelled:
        yield _event(Showing(airing=planned, planned=planned), one.layer.id, facts, mine, "cancelled")


def _event(showing: Showing, layer: str, facts: _Facts, mine: bool, state: str) -> Event:
    airing = showing.airing
    origin = facts.repeats.get(airing.slot, airing.slot)
    slot = facts.slots.get(origin)
    lost = facts.displaced.get((airing.id, layer)) if state == "plays" else None
    subject, audience = facts.audiences.get(airing.lesson.course, (airing.lesson.subject, ""))
    return Event(
        id=airing.id,
        layer=layer,
        slot=airing.slot,
        planned=naive(showing.planned.start),
        start=naive(airing.start),
        end=naive(airing.end),
        lesson=airing.lesson.id,
        title=airing.lesson.title,
        course=airing.lesson.course,
        subject=subject,
        audience=audience,
        rank=airing.rank.value,
        rank_name=str(words.RANK_NAMES[airing.rank]),
        repeats=words.repetition(slot) if slot else "",
        once=slot is None or not slot.rule,
        origin=showing.origin.value,
        state="displaced" if lost else state,
        by=facts.titles.get(lost.by, "") if lost else "",
        reason=str(words.REASONS[lost.reason]) if lost else "",
        makes_up=showing.first or "" if showing.origin is Origin.MAKE_UP else "",
        is_repeat=airing.slot in facts.repeats,
        is_series=bool(slot and len(slot.lessons) > 1),
        mine=mine,
    )


def _television(merged: Timetable, facts: _Facts, monday: date) -> tuple[tuple[TelevisionEntry, ...], ...]:
    entries = [_entry(airing, True, "") for airing in merged.airings]
    for lost in merged.displaced:
        why = f"{facts.titles.get(lost.by, '')}: {words.REASONS[lost.reason]}"
        entries.append(_entry(lost.airing, False, why))
    entries.sort(key=lambda entry: (entry.start, not entry.plays))
    days = [monday + timedelta(days=number) for number in range(7)]
    return tuple(tuple(entry for entry in entries if entry.start.date() == day) for day in days)


def _entry(airing: Airing, plays: bool, reason: str) -> TelevisionEntry:
    return TelevisionEntry(
        id=airing.id,
        start=naive(airing.start),
        end=naive(airing.end),
        title=airing.lesson.title,
        plays=plays,
        reason=reason,
    )


def _clashes(
    session: Session,
    region_code: str,
    layers: list[Drafted],
    merged: Timetable,
    events: tuple[Event, ...],
    now: datetime,
) -> tuple[Clash, ...]:
    known = {(event.id, event.layer): event for event in events}
    playing = {placed.airing.id: known.get((placed.airing.id, placed.layer)) for placed in merged.placed}
    accepted = {key for one in layers for key in one.document.accepted}
    if not merged.displaced:
        return ()
    here = select(Station.id).where(subtree_filter(Station.region_code, region_code))
    expected = session.scalar(select(func.count()).where(Member.station_id.in_(here), Member.active)) or 0
    standing = merged.airings
    if any(lost.airing.end > now for lost in merged.displaced):
        start = min(lost.airing.start for lost in merged.displaced)
        horizon = (start - timedelta(days=1), max(start, now) + rules.FREE_HORIZON)
        standing = merge(one.layer for one in drafted(session, region_code, horizon)).airings
    found = []
    for lost in merged.displaced:
        loser = known.get((lost.airing.id, lost.layer))
        if loser is None or lost.airing.end <= now:
            continue
        free, another = _free(standing, lost.airing, now)
        found.append(
            Clash(
                loser=loser,
                winner=playing.get(lost.by),
                reason=str(words.REASONS[lost.reason]),
                blocks=loser.mine and lost.airing.id not in accepted,
                accepted=lost.airing.id in accepted,
                expected=expected,
                free=free,
                another_day=another,
            )
        )
    return tuple(found)


def _free(standing: tuple[Airing, ...], airing: Airing, now: datetime) -> tuple[datetime | None, datetime | None]:
    length = airing.end - airing.start
    free = next_free_time(
        standing, max(airing.start, now), length, hours=rules.BROADCAST_HOURS, horizon=rules.FREE_HORIZON
    )
    for days in range(1, rules.FREE_HORIZON.days):
        other = airing.start + timedelta(days=days)
        if other > now and next_free_time(standing, other, length, horizon=timedelta()) == other:
            return free and naive(free), naive(other)
    return free and naive(free), None


def naive(instant: datetime) -> datetime:
    """An instant as the stations' wall clock shows it."""
    return instant.astimezone(_ZONE).replace(tzinfo=None)
