"""Will this box be able to play that airing? One verdict for one box and one airing, with reasons and remedies. Pure.

The light is that of the worst reason; without a reason it is ready. Every threshold is named here, with its why. Facts
are gathered in `gathering.py`; the values of reasons: `reasons.py`; when something will have come: `forecast.py`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from contentserver.readiness.forecast import PLAYING_SHARE, Slow, finish
from contentserver.readiness.reasons import (
    WORST_FIRST,
    AnyReason,
    ClockAhead,
    ClockUnsure,
    DiskFull,
    Fetching,
    LayerBehind,
    LayerMissing,
    Light,
    LineDown,
    NeverCalled,
    NotOnYet,
    NotReported,
    NotShown,
    PartlyShown,
    PowerCutAnnounced,
    Refused,
    Remedy,
    Silent,
    SpeedUnknown,
    TooSlow,
    UsuallyOff,
    Verdict,
)
from schedules.airings import Airing, Rank
from schedules.wire.messages import PackageReport, PackageState

CLOCK_SURE_MS = 1000
"""A clock that may be further off starts a lesson visibly late; the box itself calls it unsure."""
MOST_MS = 86_400_000
"""Said of a clock that is further off: a day is enough to say."""
CLOCK_AHEAD = timedelta(minutes=1)
"""A report from further in the future than the line can explain: the clock lies, whatever it says of itself."""
SILENT_RISK = timedelta(hours=26)
"""A box that is on every evening was heard within a day and two hours; a longer silence is not its habit."""
SILENT_DEAD = timedelta(hours=48)
"""Two evenings without a word: somebody has to look at power and cable."""
SWITCHED_ON_BEFORE = timedelta(minutes=30)
"""By then the room is being opened; a box that is still off may be forgotten."""
NOW_COUNTS_FOR = timedelta(hours=2)
"""A box that is on so shortly before the start stays on, whatever its habit."""
HABIT_DAYS = 7
HABIT_KNOWN_DAYS = 3
"""With fewer days of history nothing is said of a habit."""
HABIT_WEEKS = 2
"""On at this hour and weekday in so many weeks running is a habit too: many lessons are weekly."""
DISK_HURRY = timedelta(hours=24)
"""Until then, lessons that are over make room by themselves."""
WHOLE_SHARE = 0.95
"""A session of which this share was shown was shown whole; as in the reports."""
TELL_BEFORE = timedelta(hours=24)
"""A station is told by itself of what will not play so long before: a working day to do something about it."""


BY_ITSELF = (Fetching, SpeedUnknown, LayerMissing, LayerBehind, ClockUnsure, LineDown)
"""While they only put an airing at risk, these mend themselves."""


@dataclass(frozen=True, slots=True)
class Cut:
    """An announced power cut at the box's place, aware UTC."""

    starts_at: datetime
    ends_at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Stale:
    """A layer of which the box holds revision `has` (0 for none) where `newest` is published."""

    owner: str
    has: int
    newest: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What the session of the airing at the station says."""

    begun: bool
    shown_ms: int
    planned_ms: int
    complete: bool
    missed: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one box with a view to one airing.

    Attributes:
        online, seen_at: by the broker's word; `reported_at` is None while the box has reported nothing.
        ahead_ms: how far the box's last report came from the future.
        stale: layers of its timetable that are not proved at their newest revision.
        package: what it reports of the airing's package; None where it does not speak of it.
        smallest_bytes: of the package's smallest rendition, for boxes that do not say what they lack.
        before_bytes: what its line brings first, for lessons that air earlier.
        kbps: of its line; None where no transfer has told.
        clock_ms: uncertainty of its clock; None where it calls itself unsure.
        free_bytes: room for packages; None where it does not say.
        playing: stretches in which it plays and fetches slowly.
        on_days, known_days: on how many of the last days it was on at this hour, of how many that are known.
        on_weeks, known_weeks: the same for this weekday.
        smaller: the rendition beyond which it need not fetch; empty for no limit.
    """

    online: bool = False
    seen_at: datetime | None = None
    reported_at: datetime | None = None
    ahead_ms: int = 0
    stale: tuple[Stale, ...] = ()
    package: PackageReport | None = None
    smallest_bytes: int = 0
    before_bytes: int = 0
    kbps: int | None = None
    clock_ms: int | None = None
    free_bytes: int | None = None
    playing: tuple[tuple[datetime, datetime], ...] = ()
    cuts: tuple[Cut, ...] = ()
    on_days: int = 0
    known_days: int = 0
    on_weeks: int = 0
    known_weeks: int = 0
    smaller: str = ""
    session: Seen | None = None


def verdict(facts: Facts, airing: Airing, now: datetime) -> Verdict:
    """Judge one airing on one box at an instant (aware UTC)."""
    if now >= airing.end:
        return _afterwards(facts)
    if facts.session is not None and facts.session.begun:
        return Verdict(Light.READY)
    reasons = tuple(
        sorted(
            [
                *_presence(facts, airing, now),
                *_power(facts, airing, now),
                *_package(facts, airing, now),
                *_layers(facts, airing, now),
                *_clock(facts),
            ],
            key=lambda reason: WORST_FIRST.index(reason.light),
        )
    )
    light = reasons[0].light if reasons else Light.READY
    return Verdict(light, reasons, _ready_by(facts, now), _remedies(facts, airing, light, reasons))


def playable(report: PackageReport | None) -> bool:
    """Whether a box can show a package; older boxes say `stored` and nothing more."""
    if report is None or report.state is PackageState.REFUSED:
        return False
    return report.playable or report.state is PackageState.STORED


def missing_bytes(report: PackageReport | None, smallest_bytes: int) -> int:
    """What a box must still fetch before a package plays; above zero as long as it does not."""
    if playable(report):
        return 0
    if report is None or report.state is PackageState.REFUSED:
        return max(1, smallest_bytes)
    if report.missing_bytes is not None:
        return max(1, report.missing_bytes)
    return max(1, smallest_bytes - report.stored_bytes)


def slow_stretches(facts: Facts) -> tuple[Slow, ...]:
    """When the box's line brings less: its own lessons, and power cuts."""
    playing = (Slow(start, end, PLAYING_SHARE) for start, end in facts.playing)
    return (*playing, *(Slow(cut.starts_at, cut.ends_at, 0.0) for cut in facts.cuts))


def worth_telling(found: Verdict, airing: Airing, now: datetime) -> AnyReason | None:
    """The reason of which a station is told without anybody asking; None while it is too early or mends itself."""
    if found.light is not Light.WILL_NOT_PLAY or not now < airing.start <= now + TELL_BEFORE:
        return None
    return found.reasons[0]


def _presence(facts: Facts, airing: Airing, now: datetime) -> Iterator[AnyReason]:
    if facts.seen_at is None and not facts.online:
        yield NeverCalled(light=Light.WILL_NOT_PLAY)
        return
    if facts.online or facts.seen_at is None:
        return
    silence = now - facts.seen_at
    if silence >= SILENT_DEAD:
        yield Silent(light=Light.WILL_NOT_PLAY, since=facts.seen_at)
    elif silence >= SILENT_RISK:
        yield Silent(light=Light.AT_RISK, since=facts.seen_at)
    elif airing.start - now <= SWITCHED_ON_BEFORE:
        yield NotOnYet(light=Light.AT_RISK, since=facts.seen_at)


def _power(facts: Facts, airing: Airing, now: datetime) -> Iterator[AnyReason]:
    for cut in facts.cuts:
        if cut.starts_at < airing.end and cut.ends_at > max(airing.start, now):
            yield PowerCutAnnounced(
                light=Light.WILL_NOT_PLAY, starts_at=cut.starts_at, ends_at=cut.ends_at, why=cut.why
            )
    sits_there = facts.online and airing.start - now <= NOW_COUNTS_FOR
    if facts.known_days < HABIT_KNOWN_DAYS or sits_there:
        return
    weekly = facts.known_weeks >= HABIT_WEEKS and facts.on_weeks >= facts.known_weeks
    if facts.on_days * 2 <= facts.known_days and not weekly:
        yield UsuallyOff(light=Light.AT_RISK, on_days=facts.on_days, known_days=facts.known_days)


def _package(facts: Facts, airing: Airing, now: datetime) -> Iterator[AnyReason]:
    report = facts.package
    if report is not None and report.state is PackageState.REFUSED:
        yield Refused(light=Light.WILL_NOT_PLAY)
        return
    if playable(report):
        return
    missing = missing_bytes(report, facts.smallest_bytes)
    needed = facts.before_bytes + missing
    full = facts.free_bytes is not None and needed > facts.free_bytes
    if facts.free_bytes is not None and full:
        hurry = airing.start - now <= DISK_HURRY
        yield DiskFull(light=Light.WILL_NOT_PLAY if hurry else Light.AT_RISK, short_bytes=needed - facts.free_bytes)
    by = finish(now, needed, facts.kbps, slow_stretches(facts)) if facts.kbps is not None else None
    too_late = now >= airing.start or (facts.kbps is not None and (by is None or by > airing.start))
    if not facts.online:
        light = Light.WILL_NOT_PLAY if too_late else Light.AT_RISK
        yield LineDown(light=light, missing_bytes=missing, since=facts.seen_at)
    elif too_late:
        yield TooSlow(light=Light.WILL_NOT_PLAY, missing_bytes=missing, ready_by=by)
    elif full:
        return
    elif by is None:
        yield SpeedUnknown(light=Light.AT_RISK, missing_bytes=missing)
    else:
        yield Fetching(light=Light.AT_RISK, missing_bytes=missing, ready_by=by, percent=_percent(report, missing))


def _layers(facts: Facts, airing: Airing, now: datetime) -> Iterator[AnyReason]:
    hopeless = not facts.online and airing.start - now <= SWITCHED_ON_BEFORE
    for stale in facts.stale:
        if stale.has:
            yield LayerBehind(light=Light.AT_RISK, owner=stale.owner, has=stale.has, newest=stale.newest)
        else:
            yield LayerMissing(light=Light.WILL_NOT_PLAY if hopeless else Light.AT_RISK, owner=stale.owner)


def _clock(facts: Facts) -> Iterator[AnyReason]:
    if facts.reported_at is None:
        return
    if facts.ahead_ms > CLOCK_AHEAD / timedelta(milliseconds=1):
        yield ClockAhead(light=Light.AT_RISK, ahead_ms=facts.ahead_ms)
    elif facts.clock_ms is None or facts.clock_ms > CLOCK_SURE_MS:
        known = None if facts.clock_ms is None else min(facts.clock_ms, MOST_MS)
        yield ClockUnsure(light=Light.AT_RISK, uncertainty_ms=known)


def _percent(report: PackageReport | None, missing: int) -> int:
    """How much of what the first showing needs is there, 0 to 99."""
    stored = max(0, report.stored_bytes) if report else 0
    return min(99, stored * 100 // (stored + missing))


def _ready_by(facts: Facts, now: datetime) -> datetime | None:
    if not facts.online or facts.kbps is None or playable(facts.package):
        return None
    if facts.package is not None and facts.package.state is PackageState.REFUSED:
        return None
    needed = facts.before_bytes + missing_bytes(facts.package, facts.smallest_bytes)
    return finish(now, needed, facts.kbps, slow_stretches(facts))


def _remedies(facts: Facts, airing: Airing, light: Light, reasons: Iterable[AnyReason]) -> tuple[Remedy, ...]:
    if light is Light.READY:
        return ()
    found = [Remedy.SMALLER] if facts.smaller else []
    kinds = list(reasons)
    if any(isinstance(one, PowerCutAnnounced) for one in kinds):
        found.append(Remedy.MOVE)
    if light is Light.WILL_NOT_PLAY:
        stored = playable(facts.package)
        alone = all(isinstance(one, TooSlow | DiskFull | Refused) for one in kinds if one.light is light)
        if alone and not stored and airing.rank is not Rank.MANDATORY:
            found.append(Remedy.SUBSTITUTE)
        found.append(Remedy.TELL)
    elif all(isinstance(one, BY_ITSELF) for one in kinds):
        found.append(Remedy.WAIT)
    else:
        found.append(Remedy.TELL)
    return tuple(found)


def _afterwards(facts: Facts) -> Verdict:
    seen = facts.session
    if seen is None or not (seen.begun or seen.missed or seen.shown_ms):
        return Verdict(Light.UNREPORTED, (NotReported(light=Light.UNREPORTED, seen_at=facts.seen_at),))
    if seen.complete or (seen.planned_ms and seen.shown_ms >= WHOLE_SHARE * seen.planned_ms):
        return Verdict(Light.SHOWN)
    if seen.shown_ms:
        partly = PartlyShown(light=Light.PARTLY, shown_ms=seen.shown_ms, planned_ms=seen.planned_ms)
        return Verdict(Light.PARTLY, (partly,))
    if seen.missed:
        return Verdict(Light.MISSED, (NotShown(light=Light.MISSED, why=seen.missed),))
    return Verdict(Light.UNREPORTED, (NotReported(light=Light.UNREPORTED, seen_at=facts.seen_at),))
