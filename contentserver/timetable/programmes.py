"""What airs: plans with their lessons, expanded, merged; of drafts for those who plan, as published for everybody else.

Reads only. Publishing asks `compiled`; readiness and the guide ask `timetables_in_force`; the editor's week `drafted`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.courses import Lesson, Terms, approved, lesson_card
from contentserver.kernel.errors import NotFound
from contentserver.regions import ancestors_and_self, depth_of
from contentserver.timetable import plans
from contentserver.timetable.models import HolidayRow, LayerDraft, LayerRecord
from contentserver.timetable.plans import PlanDocument
from schedules.airings import Airing, AiringId, PackageName
from schedules.catching_up import caught_up
from schedules.holidays import DayEntry, DayKind, HolidayTable
from schedules.layers import Layer, region_layer
from schedules.merge import Timetable, merge
from schedules.programme import Programme, programme_of
from schedules.slots import Episode

Window = tuple[datetime, datetime]
"""Aware; start included, end not."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """The lessons that some plans name: with a package, which are approved and for which days, and whose they are."""

    episodes: dict[str, Episode]
    approved: dict[str, Terms]
    owners: dict[str, str]

    def may_air(self, airing: Airing) -> bool:
        """Whether an airing's lesson is approved for the time at which it airs."""
        terms = self.approved.get(str(airing.lesson.id))
        return terms is not None and terms.hold(airing.start, airing.end)


def draft_of(session: Session, layer: LayerRecord, version: int | None = None) -> PlanDocument:
    """The newest draft of a layer's plan, or the one of a version.

    Raises:
        NotFound: there is no such version.
    """
    version = layer.draft_version if version is None else version
    if version == 0:
        return PlanDocument()
    row = session.get(LayerDraft, (layer.id, version))
    if row is None:
        raise NotFound("draft_unknown", _("There is no such draft."))
    return plans.read(row.plan)


def lessons_named(session: Session, documents: Iterable[PlanDocument]) -> Lessons:
    """Every lesson that some plans name and that has a package."""
    ids = {lesson for document in documents for lesson in plans.lessons_of(document)}
    return lessons_with(session, ids)


def lessons_with(session: Session, ids: Collection[str]) -> Lessons:
    """The lessons of some ids that have a package; ids that are none are left out."""
    found: list[Lesson] = []
    keys = sorted(key for one in ids if (key := _uuid(one)) is not None)
    for first in range(0, len(keys), 500):
        found += session.scalars(select(Lesson).where(Lesson.id.in_(keys[first : first + 500])))
    episodes = {
        str(lesson.id): Episode(
            lesson=lesson_card(lesson), package=PackageName(lesson.package_name), duration_ms=lesson.duration_ms
        )
        for lesson in found
        if lesson.package_name and lesson.duration_ms > 0
    }
    return Lessons(
        episodes,
        approved={str(lesson.id): lesson.terms for lesson in found if approved(lesson.state)},
        owners={str(lesson.id): lesson.course.region_code for lesson in found},
    )


def holiday_table(session: Session) -> HolidayTable:
    """The published table of holidays under the one that people have edited."""
    rows = session.scalars(select(HolidayRow).order_by(HolidayRow.day))
    return HolidayTable(tuple(DayEntry(day=row.day, kind=DayKind(row.kind), name=row.name) for row in rows))


def passed_over(layer: LayerRecord) -> frozenset[AiringId]:
    """The airings of a layer's series that did not, or will not, show their lesson."""
    return frozenset(
        AiringId(key) for key, _start in msgspec.json.decode(layer.passed_over, type=list[tuple[str, str]])
    )


def airings_of(session: Session, layer_id: str, window: Window) -> tuple[Airing, ...]:
    """The airings of a layer's draft inside a window, in order of start; lessons that may not air are left out."""
    layer = session.get(LayerRecord, layer_id)
    if layer is None:
        return ()
    document = draft_of(session, layer)
    lessons = lessons_named(session, [document])
    return layer_airings(document, lessons, window, holiday_table(session), passed_over(layer))


def compiled(
    session: Session, layer: LayerRecord, document: PlanDocument, window: Window, now: datetime
) -> tuple[tuple[Airing, ...], tuple[tuple[str, str], ...]]:
    """What a layer publishes of a plan: series go on where the layers above displace them.

    Returns:
        The airings of the window, and the passed-over airings of series with their starts, to be kept with the layer.
    """
    table = holiday_table(session)
    lessons = lessons_named(session, [document])
    past = [
        (key, start)
        for key, start in msgspec.json.decode(layer.passed_over, type=list[tuple[str, str]])
        if datetime.fromisoformat(start) < now
    ]
    above = [region_layer(code) for code in ancestors_and_self(layer.region_code)[:-1]]
    since = min(window[0], layer.caught_up_to or window[0])
    others = layers_in_force(session, above, (since, window[1]), table)
    made = caught_up(
        plans.resolved(document, lessons.episodes),
        _as_layer(layer, ()),
        tuple(others.values()),
        (since, window[1]),
        table=table,
        passed_over=[AiringId(key) for key, _start in past],
    )
    starts = {lost.airing.id: lost.airing.start.isoformat() for lost in made.timetable.displaced}
    kept = dict(past) | {str(key): starts[key] for key in sorted(made.passed_over) if key in starts}
    airings = plans.airable_only(made.programme.airings, lessons.may_air)
    within = tuple(airing for airing in airings if window[0] <= airing.start < window[1])
    return within, tuple(kept.items())


def timetable_of(session: Session, region_code: str, window: Window) -> Timetable:
    """What a place will see once every draft is published: the same merge that its boxes run."""
    return merge(one.layer for one in drafted(session, region_code, window))


def layers_in_force(
    session: Session, layer_ids: Collection[str], window: Window, table: HolidayTable | None = None
) -> dict[str, Layer]:
    """The published layers among some, by id, with what they air in a window."""
    wanted = set(layer_ids)
    records = [
        record
        for record in session.scalars(select(LayerRecord).where(LayerRecord.revision > 0))
        if record.id in wanted and record.plan
    ]
    documents = {record.id: plans.read(record.plan) for record in records}
    lessons = lessons_named(session, documents.values())
    table = table or holiday_table(session)
    return {
        record.id: _as_layer(record, layer_airings(documents[record.id], lessons, window, table, passed_over(record)))
        for record in records
    }


def timetables_in_force(session: Session, region_codes: Sequence[str], window: Window) -> dict[str, Timetable]:
    """What the televisions of many regions play by the layers as published: the merge that their boxes run.

    Args:
        region_codes: regions at any level, each the place of a station.
        window: aware; start included, end not.

    Returns:
        One timetable for each region; places that follow the same layers share one value.
    """
    paths = {code: [region_layer(one) for one in ancestors_and_self(code)] for code in region_codes}
    layers = layers_in_force(session, {one for path in paths.values() for one in path}, window)
    merged: dict[tuple[str, ...], Timetable] = {}
    found = {}
    for code, path in paths.items():
        followed = tuple(one for one in path if one in layers and layers[one].airings)
        if followed not in merged:
            merged[followed] = merge(layers[one] for one in followed)
        found[code] = merged[followed]
    return found


@dataclass(frozen=True, slots=True)
class Drafted:
    """One layer of a place as drafted: what it airs, how that came, and as the merge takes it."""

    record: LayerRecord
    document: PlanDocument
    programme: Programme
    layer: Layer


def drafted(session: Session, region_code: str, window: Window, table: HolidayTable | None = None) -> list[Drafted]:
    """The layers that a place follows, as drafted, highest first; series go on past what the layers above displace."""
    table = table or holiday_table(session)
    found: list[Drafted] = []
    codes = ancestors_and_self(region_code)
    rows = {
        row.region_code: row for row in session.scalars(select(LayerRecord).where(LayerRecord.region_code.in_(codes)))
    }
    documents = {code: draft_of(session, row) for code, row in rows.items()}
    lessons = lessons_named(session, documents.values())
    for code in codes:
        if code not in rows:
            continue
        record = rows[code]
        made = caught_up(
            plans.resolved(documents[code], lessons.episodes),
            _as_layer(record, ()),
            [one.layer for one in found],
            window,
            table=table,
            passed_over=passed_over(record),
        )
        airings = plans.airable_only(made.programme.airings, lessons.may_air)
        found.append(Drafted(record, documents[code], made.programme, _as_layer(record, airings)))
    return found


def layer_airings(
    document: PlanDocument,
    lessons: Lessons,
    window: Window,
    table: HolidayTable,
    past: Collection[AiringId],
) -> tuple[Airing, ...]:
    plan = plans.resolved(document, lessons.episodes)
    made = programme_of(plan, *window, table=table, passed_over=past)
    return plans.airable_only(made.airings, lessons.may_air)


def _as_layer(record: LayerRecord, airings: tuple[Airing, ...]) -> Layer:
    return Layer(
        id=region_layer(record.region_code),
        owner=record.region_code,
        depth=depth_of(record.region_code),
        revision=record.revision,
        airings=airings,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
