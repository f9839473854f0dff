"""Decisions about edits before they are kept and layers before they are published. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from contentserver.timetable.plans import ZONE, Change
from schedules.airings import Airing
from schedules.conflicts import Clash, clashes
from schedules.gaps import Hours, next_free_time

WINDOW = timedelta(days=14)
RENEW_WHEN_LEFT = timedelta(days=13)
"""A layer is published anew once its window reaches less far than this."""
NEVER_AFTER = timedelta(days=92)
"""A slot that airs nothing for so long after its start is taken for a mistake."""
BROADCAST_HOURS = Hours(zone=ZONE, opens_min=6 * 60, closes_min=23 * 60)
"""Within these hours a free time is looked for; an editor may choose others."""
FREE_HORIZON = timedelta(days=14)
"""How far ahead another time is proposed."""
AROUND = timedelta(days=62)


PROOF_DUE = timedelta(seconds=20)
"""A box on the line that has not proved a revision by then is told to fetch it."""
SILENT_AFTER = timedelta(minutes=10)


class MissingCause(StrEnum):
    """Why a box has not stored a revision, as far as the server can tell."""

    NOT_SENT = "not_sent"
    """The broker has not confirmed it yet."""
    NEVER_SEEN = "never_seen"
    OFFLINE = "offline"
    SILENT = "silent"
    """It counts as connected, but says nothing."""
    ON_ITS_WAY = "on_its_way"


def missing_cause(*, published: bool, online: bool, seen_at: datetime | None, now: datetime) -> MissingCause:
    """Why a box lacks the newest revision."""
    if seen_at is None:
        return MissingCause.NEVER_SEEN
    if not online:
        return MissingCause.OFFLINE
    if not published:
        return MissingCause.NOT_SENT
    return MissingCause.SILENT if now - seen_at > SILENT_AFTER else MissingCause.ON_ITS_WAY


class Fault(StrEnum):
    """Why an edit cannot be made."""

    IN_THE_PAST = "in_the_past"
    LESSON_NOT_READY = "lesson_not_ready"
    LESSON_NOT_APPROVED = "lesson_not_approved"
    LESSON_OUT_OF_TERM = "lesson_out_of_term"
    """Its rights begin later, or end before it would be over."""
    LESSON_ELSEWHERE = "lesson_elsewhere"
    CLASH = "clash"
    NO_SHOWING = "no_showing"
    RULE_UNREADABLE = "rule_unreadable"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to know of an edit.

    Attributes:
        faults: why it cannot be made; empty where it can.
        clashes: with airings of the same layer, which forbid it.
        elsewhere: with airings of the layers above, by which one of the two will not play.
        next_free: the next start (UTC) at which its first clashing airing meets nothing.
    """

    faults: tuple[Fault, ...] = ()
    clashes: tuple[Clash, ...] = ()
    elsewhere: tuple[Clash, ...] = ()
    next_free: datetime | None = None


def verdict(
    *,
    wanted: Sequence[Airing],
    standing: Sequence[Airing],
    above: Sequence[Airing],
    lessons_ready: bool,
    lessons_approved: bool,
    lessons_in_term: bool,
    lessons_ours: bool,
    adds: bool,
    first_start: datetime | None,
    never_airs: bool,
    now: datetime,
) -> Verdict:
    """Judge an edit before it is made.

    Args:
        wanted: the layer's airings as they would be.
        lessons_in_term: nothing that is new or changed airs on days for which its lesson is not approved.
        standing: the layer's airings as they are.
        above: what the layers above air, merged.
        adds: something new is planned; its first start must not have passed.
        first_start: the earliest start among what is new or moved.
    """
    faults = []
    if adds and first_start is not None and first_start <= now:
        faults.append(Fault.IN_THE_PAST)
    if not lessons_ready:
        faults.append(Fault.LESSON_NOT_READY)
    elif not lessons_approved:
        faults.append(Fault.LESSON_NOT_APPROVED)
    elif not lessons_in_term:
        faults.append(Fault.LESSON_OUT_OF_TERM)
    elif not lessons_ours:
        faults.append(Fault.LESSON_ELSEWHERE)
    elif never_airs and Fault.IN_THE_PAST not in faults:
        faults.append(Fault.NO_SHOWING)
    before = {(airing.id, airing.start, airing.end) for airing in standing}
    fresh = [airing for airing in wanted if (airing.id, airing.start, airing.end) not in before and airing.end > now]
    inside = tuple(_overlaps(fresh, wanted))
    if inside:
        faults.append(Fault.CLASH)
    outside = clashes(fresh, above)
    free = None
    if inside or outside:
        first = (inside or outside)[0].wanted
        others = [airing for airing in (*wanted, *above) if airing.id != first.id]
        free = next_free_time(others, max(first.start, now), first.end - first.start, hours=BROADCAST_HOURS)
    return Verdict(faults=tuple(faults), clashes=inside, elsewhere=outside, next_free=free)


def _overlaps(fresh: Sequence[Airing], layer: Sequence[Airing]) -> Iterator[Clash]:
    """Each fresh airing with every other one of the layer that it meets, two fresh ones once."""
    seen: set[frozenset[str]] = set()
    for clash in clashes(fresh, layer):
        pair = frozenset((clash.wanted.id, clash.standing.id))
        if len(pair) == 2 and pair not in seen:
            seen.add(pair)
            yield clash


def ours(owner: str, region_code: str) -> bool:
    """Whether a region's lesson may stand in a layer: it is above the layer's region, below it, or the same."""
    return owner.startswith(region_code) or region_code.startswith(owner)


def lessons_wanted(change: Change) -> tuple[str, ...]:
    """The lessons that a change newly asks for."""
    found = list(change.after.lessons) if change.after else []
    if change.before:
        found = [lesson for lesson in found if lesson not in change.before.lessons]
    if change.now and change.now.lesson and (change.was is None or change.was.lesson != change.now.lesson):
        found.append(change.now.lesson)
    return tuple(found)


def to_utc(local: datetime, zone: str = ZONE) -> datetime:
    """A wall-clock time of a zone as an instant; an aware one stays as it is."""
    return local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))


def around(now: datetime) -> tuple[datetime, datetime]:
    """Two months either way: what may be made up for."""
    return now - AROUND, now + AROUND


def window_at(now: datetime) -> tuple[datetime, datetime]:
    """The window to publish: from the start of the hour six hours ago, so that a late box still knows what is on."""
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
    return start, now + WINDOW


def judged_window(now: datetime, starts: Sequence[datetime]) -> tuple[datetime, datetime]:
    """The window in which an edit is compared: from a day before its first start to two weeks after the last."""
    return min(starts, default=now) - timedelta(days=1), max(starts, default=now) + WINDOW


def window_runs_out(window_end: datetime | None, now: datetime) -> bool:
    """Whether a layer must be published anew although nobody changed it."""
    return window_end is None or window_end - now < RENEW_WHEN_LEFT


def monday_of(day: date) -> date:
    """The Monday of the week that holds the day."""
    return day - timedelta(days=day.weekday())


def by_day(airings: Iterable[Airing], monday: date, zone: str) -> tuple[tuple[Airing, ...], ...]:
    """Seven days from Monday, each with the airings that start on it in the zone's wall-clock time."""
    days: list[list[Airing]] = [[] for _ in range(7)]
    for airing in airings:
        place = (airing.start.astimezone(ZoneInfo(zone)).date() - monday).days
        if 0 <= place < 7:
            days[place].append(airing)
    return tuple(tuple(sorted(day, key=lambda airing: airing.start)) for day in days)
