"""The board: for one moment of airing, every box of a subtree with its verdict; counts of a week; power cuts.

Computed anew whenever somebody looks. What changes by itself each minute: `refreshing.py`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.audit import audit
from contentserver.courses import Lesson, LessonState
from contentserver.kernel.auth import Person, Right, Role
from contentserver.kernel.errors import Forbidden, NotFound, Rejected
from contentserver.members import masked
from contentserver.readiness import rules
from contentserver.readiness.gathering import BoxNow, Fleet, boxes_at
from contentserver.readiness.models import PowerCut
from contentserver.readiness.notes import Note, told_of
from contentserver.readiness.ports import Packages, Telling
from contentserver.readiness.reasons import GOOD, WORST_FIRST, Light, Remedy, Verdict
from contentserver.regions import Region, ancestors_and_self, subtree_filter
from schedules.airings import Airing

PAST, COMING = timedelta(days=7), timedelta(days=14)
"""How far back and ahead the board can be turned."""
LONGEST_CUT = timedelta(days=7)
SUBSTITUTES = 3
PLANS = (Right.SCHEDULE, Right.ADMINISTER)
"""Who holds one of them may announce power cuts in their region."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A moment at which something begins in a subtree: which lessons, the most boxes first, and when the last ends."""

    start: datetime
    end: datetime
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One box on the board.

    Attributes:
        boxes: how many stand in its station.
        covered: another box of the station is ready (or has shown it), so the village will see the lesson.
        told: what the station was told of this airing.
    """

    box: BoxNow
    airing: Airing
    verdict: Verdict
    boxes: int
    covered: bool
    told: Note | None


@dataclass(frozen=True, slots=True)
class Board:
    """Every box on which something begins at the moment, the worst first; and the moments one may turn to."""

    occasion: Occasion | None
    coming: tuple[Occasion, ...]
    past: tuple[Occasion, ...]
    rows: tuple[Row, ...]
    boxes: int
    """All boxes of the subtree, those on which nothing begins included."""


@dataclass(frozen=True, slots=True)
class Substitute:
    """A lesson that a box has stored and that fits in place of an airing."""

    lesson_id: UUID
    title: str


def board(session: Session, root: str, moment: datetime | None, now: datetime, packages: Packages) -> Board:
    """The board of a subtree for a moment (aware); None or one at which nothing begins: what begins next."""
    fleet = Fleet(session, root, (now - PAST, now + COMING), packages)
    found = _occasions(fleet)
    coming = tuple(one for one in found if one.end > now)
    past = tuple(reversed([one for one in found if one.end <= now]))
    chosen = next((one for one in found if one.start == moment), next(iter(coming + past), None))
    rows = _rows(session, fleet, chosen.start, now) if chosen else ()
    return Board(chosen, coming, past, rows, len(fleet.boxes))


def week(
    session: Session, root: str, monday: date, now: datetime, packages: Packages, zone: str
) -> dict[date, Counter[Light]]:
    """For each day of a week, how many boxes carry which light; a box with several airings counts by its worst."""
    start = datetime.combine(monday, datetime.min.time(), ZoneInfo(zone))
    end = datetime.combine(monday + timedelta(days=7), datetime.min.time(), ZoneInfo(zone))
    days: dict[date, Counter[Light]] = {monday + timedelta(days=offset): Counter() for offset in range(7)}
    fleet = Fleet(session, root, (min(start, now), end), packages)
    for box in fleet.boxes:
        worst: dict[date, Light] = {}
        for airing in fleet.airings.get(box.region_code, ()):
            day = airing.start.astimezone(ZoneInfo(zone)).date()
            if day in days:
                light = rules.verdict(fleet.facts(box, airing, now), airing, now).light
                worst[day] = min(worst.get(day, light), light, key=WORST_FIRST.index)
        for day, light in worst.items():
            days[day][light] += 1
    return days


def to_tell(rows: Sequence[Row]) -> list[Telling]:
    """What the stations of a board should be told, each its worst: where somebody can do something, and must."""
    tellings: dict[UUID, Telling] = {}
    for row in rows:
        if Remedy.TELL in row.verdict.remedies and not row.covered:
            telling = Telling(
                station_id=row.box.station_id,
                airing_id=row.airing.id,
                airing_start=row.airing.start,
                lesson_title=row.airing.lesson.title,
                reason=row.verdict.reasons[0],
            )
            tellings.setdefault(row.box.station_id, telling)
    return list(tellings.values())


def may_tell(who: Person) -> bool:
    """Whether somebody may have stations told: who sees reports of more than one station."""
    return who.may(Right.SEE_REPORTS) and len(who.region_code) < 12


def administrators(session: Session, rows: Sequence[Row]) -> dict[str, str]:
    """Masked names of the administrators of the stations of some rows, by region code."""
    codes = sorted({row.box.region_code for row in rows})
    query = select(Account.region_code, Account.display_name).where(
        Account.role == Role.STATION_ADMIN.value, Account.active, Account.region_code.in_(codes)
    )
    return {code: masked(name) for code, name in session.execute(query.order_by(Account.created_at.desc()))}


def substitutes(session: Session, rows: Sequence[Row]) -> dict[int, list[Substitute]]:
    """Approved lessons that a box has stored and that fit into the airing's time, for each box in want of one."""
    asking = [row for row in rows if Remedy.SUBSTITUTE in row.verdict.remedies and row.box.reported]
    stored = {
        row.box.id: {name for name, held in row.box.reported.packages.items() if rules.playable(held)}
        for row in asking
        if row.box.reported
    }
    wanted = sorted({name for names in stored.values() for name in names})
    query = select(Lesson).where(Lesson.package_name.in_(wanted), Lesson.state == LessonState.APPROVED)
    lessons = session.scalars(query.order_by(Lesson.duration_ms.desc(), Lesson.id)).all() if wanted else []
    return {
        row.box.id: [
            Substitute(lesson.id, lesson.title)
            for lesson in lessons
            if lesson.package_name in stored[row.box.id] and lesson.duration_ms <= row.airing.duration_ms
        ][:SUBSTITUTES]
        for row in asking
    }


def power_cuts(session: Session, root: str, now: datetime) -> list[tuple[PowerCut, Region]]:
    """Announced power cuts that are not over, in a subtree and in the regions above it, the soonest first."""
    above = ancestors_and_self(root) if root else ()
    query = (
        select(PowerCut, Region)
        .join(Region, Region.code == PowerCut.region_code)
        .where(
            PowerCut.ends_at > now,
            PowerCut.removed_at.is_(None),
            subtree_filter(PowerCut.region_code, root) | PowerCut.region_code.in_(above),
        )
        .order_by(PowerCut.starts_at)
    )
    return [(cut, region) for cut, region in session.execute(query)]


def add_power_cut(
    session: Session, region_code: str, starts_at: datetime, ends_at: datetime, reason: str, who: Person, now: datetime
) -> PowerCut:
    """Write an announced power cut down (instants aware).

    Raises:
        Rejected: it ends before it begins, is over already, or is longer than a week.
        Forbidden: it lies outside the person's region, or their role may not plan.
    """
    _may_plan(who, region_code)
    if ends_at <= starts_at:
        raise Rejected("cut_backwards", _("It must end after it begins."), {"until": _("This is before it begins.")})
    if ends_at <= now:
        raise Rejected("cut_over", _("This power cut is over already."), {"until": _("This time has passed.")})
    if ends_at - starts_at > LONGEST_CUT:
        raise Rejected("cut_long", _("Give at most a week."), {"until": _("This is more than a week later.")})
    cut = PowerCut(
        region_code=region_code, starts_at=starts_at, ends_at=ends_at, reason=reason, made_by=who.id, made_at=now
    )
    session.add(cut)
    session.flush()
    after = {"region": region_code, "from": starts_at, "to": ends_at, "reason": reason}
    audit(session, who=who, action="power_cut.added", subject=f"power cut {cut.id}", now=now, after=after)
    return cut


def remove_power_cut(session: Session, cut_id: UUID, who: Person, now: datetime) -> None:
    """The power stays on after all; removing it twice changes nothing.

    Raises:
        NotFound: there is no such power cut.
        Forbidden: it lies outside the person's region, or their role may not plan.
    """
    cut = _cut_with(session, cut_id)
    _may_plan(who, cut.region_code)
    if cut.removed_at is None:
        cut.removed_at = now
        audit(session, who=who, action="power_cut.removed", subject=f"power cut {cut_id}", now=now)


def where_power_cut(session: Session, cut_id: UUID) -> str:
    """The code of the region in which the power is cut.

    Raises:
        NotFound: there is no such power cut.
    """
    return _cut_with(session, cut_id).region_code


def _cut_with(session: Session, cut_id: UUID) -> PowerCut:
    cut = session.get(PowerCut, cut_id)
    if cut is None:
        raise NotFound("cut_unknown", _("There is no such power cut."))
    return cut


def may_plan(who: Person) -> bool:
    """Whether somebody may announce power cuts in their region."""
    return any(who.may(right) for right in PLANS)


def _may_plan(who: Person, region_code: str) -> None:
    if not may_plan(who):
        raise Forbidden("no_right", _("Your role may not do this."))
    if not who.reaches(region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))


def _occasions(fleet: Fleet) -> list[Occasion]:
    """Every moment at which something begins, in order."""
    here = Counter(box.region_code for box in fleet.boxes)
    titles: dict[datetime, Counter[str]] = {}
    ends: dict[datetime, datetime] = {}
    for code, airings in fleet.airings.items():
        for airing in airings:
            titles.setdefault(airing.start, Counter())[airing.lesson.title] += here[code]
            ends[airing.start] = max(ends.get(airing.start, airing.end), airing.end)
    return [
        Occasion(start, ends[start], tuple(title for title, _boxes in titles[start].most_common()))
        for start in sorted(titles)
    ]


def _rows(session: Session, fleet: Fleet, start: datetime, now: datetime) -> tuple[Row, ...]:
    boxes = boxes_at(fleet.boxes)
    judged = []
    for box in fleet.boxes:
        airing = fleet.starting_at(box, start)
        if airing is not None:
            judged.append((box, airing, rules.verdict(fleet.facts(box, airing, now), airing, now)))
    well = {box.station_id for box, _airing, found in judged if found.light in GOOD}
    told = told_of(session, [airing.id for _box, airing, _found in judged])
    rows = [
        Row(
            box=box,
            airing=airing,
            verdict=found,
            boxes=boxes[box.station_id],
            covered=found.light not in GOOD and box.station_id in well,
            told=told.get(box.station_id),
        )
        for box, airing, found in judged
    ]
    rows.sort(key=lambda row: WORST_FIRST.index(row.verdict.light))
    return tuple(rows)
