"""An evening before the core: a driver that carries out effects with a simulated player, and sample values."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from schedules.airings import Airing, AiringId, LessonCard, LessonId, PackageName, Rank, SlotId, airing_id
from schedules.wire.messages import (
    Alert,
    EventBody,
    PackageReport,
    PackageState,
    PlaybackSpan,
    Roster,
    RosterMember,
    Severity,
)
from tvclient.core import effects, events
from tvclient.core.keys import focused
from tvclient.core.pages import today
from tvclient.core.recording import Beginning, begun, first_state, happened
from tvclient.core.screens import current_screen
from tvclient.core.state import NumberVerdict, PlayPhase, Screen, StoredLesson
from tvclient.core.step import step

NOON = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
"""19:30 in the village."""

WANG = RosterMember(id="m-1", name="王*芳", number="0427")
MA = RosterMember(id="m-2", name="马*国", number="042")
LI = RosterMember(id="m-3", name="李*", number="31507")
ROSTER = Roster(version="1", members=(WANG, MA, LI))


def lesson(title: str = "测土配方施肥") -> LessonCard:
    """A lesson as a television shows it."""
    return LessonCard(id=LessonId(title), title=title, course="种植")


def airing(start: datetime = NOON, seconds: float = 60, package: str = "sha256-a", slot: str = "slot") -> Airing:
    """An airing of that many seconds."""
    return Airing(
        id=airing_id(SlotId(slot), start),
        slot=SlotId(slot),
        start=start,
        duration_ms=round(seconds * 1000),
        rank=Rank.REGULAR,
        lesson=lesson(),
        package=PackageName(package),
    )


def library_of(count: int) -> tuple[StoredLesson, ...]:
    """So many lessons of several subjects and courses, some of which stand alone."""
    made = []
    for place in range(count):
        course = "" if place % 5 == 0 else f"课{place % 7}"
        card = LessonCard(
            id=LessonId(f"l{place}"), title=f"第{place}课", course=course, subject=f"门{place % 3}", number=place
        )
        made.append(StoredLesson(PackageName(f"sha256-l{place}"), card, 600_000, "李敏"))
    return tuple(made)


def village_of(count: int) -> Roster:
    """So many people with a few surnames."""
    names = (f"{'马王李张欧阳'[place % 5]}{place}" for place in range(count))
    return Roster(
        version=str(count),
        members=tuple(
            RosterMember(id=f"m{place}", name=name, number=f"{1000 + place}") for place, name in enumerate(names)
        ),
    )


def alert(
    name: str = "w",
    sent: datetime = NOON,
    *,
    effective: datetime | None = None,
    seconds: float = 3600,
    severity: Severity = Severity.SEVERE,
    references: tuple[str, ...] = (),
) -> Alert:
    """A warning of hail, standing that long from when it begins."""
    begins = effective or sent
    return Alert(
        id=name,
        sent=sent,
        effective=begins,
        expires=begins + timedelta(seconds=seconds),
        headline="冰雹红色预警",
        sender="石嘴山市气象台",
        description="马场村一带有冰雹。",
        instructions=("马上进屋，关好门窗", "牛羊赶进圈"),
        severity=severity,
        references=references,
    )


def stored(*airings: Airing) -> events.PackagesChanged:
    """Their packages are on the disk."""
    report = PackageReport(state=PackageState.STORED, stored_bytes=10, wanted_bytes=10)
    return events.PackagesChanged({one.package: report for one in airings})


def way_to(screen: Screen) -> tuple[events.Key, ...]:
    """The keys that lead to a screen behind the buttons below today's programme, from anywhere."""
    place = [opened for _button, opened in today.PLACES].index(screen)
    return events.Key.MENU, events.Key.MENU, events.Key.DOWN, *(events.Key.RIGHT,) * place, events.Key.OK


@dataclass
class SimulatedPlayer:
    """Media time that runs on simulated time, at a rate and with a delay of its own."""

    rate: float = 1.0
    cue_takes: timedelta = timedelta(milliseconds=300)
    airing: Airing | None = None
    ready_at: datetime | None = None
    position_ms: float = 0
    speed: float = 1.0
    moving: bool = False
    shown: list[tuple[float, float]] = field(default_factory=list)

    def carry_out(self, effect: effects.Effect, now: datetime) -> None:
        match effect:
            case effects.Cue(one, from_ms):
                assert self.airing is None or not self.moving, "two airings at once"
                self.airing, self.position_ms, self.moving, self.speed = one, from_ms, False, 1.0
                self.ready_at = now + self.cue_takes
            case effects.Play(one):
                assert self.airing is not None
                assert self.airing.id == one.id
                self.moving = True
            case effects.Pause():
                self.moving = False
            case effects.Seek(position_ms):
                self.position_ms = position_ms
            case effects.SetSpeed(factor):
                self.speed = factor
            case effects.StopPlayer():
                self.airing, self.ready_at, self.moving = None, None, False
            case _:
                pass

    def passes(self, span: timedelta, now: datetime) -> list[events.Event]:
        if self.airing is None:
            return []
        if self.ready_at is not None:
            if now < self.ready_at:
                return []
            self.ready_at = None
            return [events.PlayerCued(self.airing.id)]
        if not self.moving:
            return []
        before = self.position_ms
        self.position_ms = min(
            before + span / timedelta(milliseconds=1) * self.rate * self.speed, self.airing.duration_ms
        )
        self.shown.append((before, self.position_ms))
        if self.position_ms >= self.airing.duration_ms:
            one, self.airing, self.moving = self.airing, None, False
            return [events.PlayerEnded(one.id, one.duration_ms)]
        return [events.PlayerMoved(self.airing.id, round(self.position_ms))]


class Television:
    """The core and a simulated player on simulated time; every state that was shown, and the evening's recording."""

    def __init__(self, now: datetime, *, enrolled: bool = True, player: SimulatedPlayer | None = None) -> None:
        self._beginning = Beginning(at=now)
        self._happened: list[tuple[events.Event, datetime]] = []
        self.state = first_state(self._beginning)
        self.states = [self.state]
        self.player = player or SimulatedPlayer()
        self.effects: list[effects.Effect] = []
        if enrolled:
            self.take(events.Enrolled())

    @property
    def now(self) -> datetime:
        return self.state.now

    @property
    def recording(self) -> bytes:
        return begun(self._beginning) + b"".join(happened(event, at) for event, at in self._happened)

    def screen(self) -> Screen:
        return current_screen(self.state)

    def verdict(self) -> NumberVerdict:
        return self.state.number.verdict

    def phase(self) -> PlayPhase | None:
        return self.state.playback.phase if self.state.playback else None

    def focus(self) -> str | None:
        return focused(self.state)

    @property
    def facts(self) -> list[EventBody]:
        return [effect.body for effect in self.effects if isinstance(effect, effects.Record)]

    def facts_of(self, kind: type) -> list[EventBody]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def take(self, event: events.Event, now: datetime | None = None) -> None:
        at = now or self.state.now
        self._happened.append((event, at))
        self.state, todo = step(self.state, event, at)
        self.states.append(self.state)
        self.effects.extend(todo)
        for effect in todo:
            self.player.carry_out(effect, at)

    def press(self, *keys: events.Key) -> None:
        for key in keys:
            self.take(events.KeyPressed(key))

    def type(self, digits: str) -> None:
        self.press(*(events.Key(digit) for digit in digits))

    def run(self, until: datetime, every: timedelta = timedelta(milliseconds=250)) -> None:
        while self.now < until:
            now = min(self.now + every, until)
            passed = now - self.now
            for event in self.player.passes(passed, now):
                self.take(event, now)
            self.take(events.Ticked(), now)

    def seconds_shown(self, one: Airing) -> float:
        return shown_ms(self.facts, one.id) / 1000


def shown_ms(facts: list[EventBody], one: AiringId) -> int:
    """Length of the union of an airing's spans, in milliseconds."""
    spans = sorted(
        (fact.from_ms, fact.to_ms) for fact in facts if isinstance(fact, PlaybackSpan) and fact.airing == one
    )
    total, reached = 0, 0
    for start, end in spans:
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total
