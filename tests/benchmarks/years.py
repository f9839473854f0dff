"""Two years of 326 villages in a SQLite file: events, what is derived from them, and the figures above, in bulk.

Written by the million, so not by taking them in; what lies above the events is made by the product's pure rules.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.app import Services
from contentserver.boxes import Box
from contentserver.figures.models import Bucket, PersonOrdinal, StationOrdinal
from contentserver.figures.rules import DAY, MONTH, Figures, SessionFacts, by_course, joined
from contentserver.figures.service import _row as bucket_row
from contentserver.kernel import clock
from contentserver.regions import Region
from contentserver.stations import Station
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.codec import encode
from schedules.wire.messages import (
    AiringEnded,
    AiringStarted,
    EventBody,
    HeadCounted,
    PlaybackSpan,
    SignedIn,
    SignInMethod,
)
from tests.serving import import_regions, services_in

LAST, DAYS = date(2026, 11, 28), 731
HOURS_UTC = (7, 11)
"""Lessons of a day: at three in the afternoon and at seven in the evening of the stations' time."""
MEMBERS, FEWEST, MOST = 40, 20, 32
"""Of a village's roll, and how many of them come."""
SPANS, SPAN_MS = 10, 240_000
EVENTS_OF_SESSION = (FEWEST + MOST) // 2 + SPANS + 3
TITLE, COURSES = "看懂化验单", ("测土配方施肥", "滩羊冬季补饲", "健康知识")
LENGTH_MS = SPANS * SPAN_MS
AT_ONCE = 20_000
BEGUN = datetime(2024, 1, 1, tzinfo=UTC)
INDEX_OF = ("ix_events_airing_station", "ix_sign_ins_%", "ix_sessions_%")
"""Indexes that are in another order than the rows come in."""
EVENT = "box_id, epoch, sequence, station_id, at, uncertainty_ms, kind, airing_id, body, received_at"
EPOCH = "box_id, number, name, first_seen_at, station_id"
SESSION = (
    "airing_id, station_id, region_code, lesson_id, lesson_title, course_title, planned_start, planned_ms, late_ms,"
    " shown_ms, live_ms, complete, missed_reason, expected, present, head_count, present_seen, head_count_seen,"
    " credit_ms"
)
SIGN_IN = "airing_id, station_id, member_id, at, method, present_ms, credit_ms"

Told = tuple[str, str, str]
"""One event: when, which kind, and its body."""


@dataclass(frozen=True, slots=True)
class Showing:
    """One session: which airing, which of the station's members came, how many were counted besides."""

    slot: int
    first: int
    came: int
    guests: int

    @property
    def day(self) -> date:
        """Of the stations' time."""
        return LAST - timedelta(days=DAYS - 1 - self.slot // len(HOURS_UTC))

    @property
    def start(self) -> datetime:
        """The planned second."""
        day = self.day
        return datetime(day.year, day.month, day.day, HOURS_UTC[self.slot % len(HOURS_UTC)], tzinfo=UTC)

    @property
    def airing(self) -> AiringId:
        """The same at every station: one layer airs it for all."""
        return AiringId(f"00000000-0000-7000-8000-{self.slot:012d}")

    @property
    def lesson(self) -> LessonCard:
        """What was shown."""
        return LessonCard(id=LessonId(f"l{self.slot % 60}"), title=TITLE, course=COURSES[self.slot % len(COURSES)])

    @property
    def members(self) -> list[int]:
        """Places on the station's roll, in the order in which they signed in."""
        return [(self.first + place) % MEMBERS for place in range(self.came)]


Homes = Sequence[tuple[UUID, str]]
"""Stations and the villages they stand in; a station's number is its place, from 1, and that of its box."""
Shown = Mapping[int, Sequence[Showing]]
"""Sessions by the number of their station, the oldest first."""


@dataclass(frozen=True, slots=True)
class Years:
    """A database that is filled."""

    services: Services
    file: Path
    events: int

    @staticmethod
    def day_of(start: datetime) -> date:
        """The day of the stations' time."""
        return clock.local(start).date()


def fill(folder: Path, events: int) -> Years:
    """A server with about so many events."""
    services = services_in(folder)
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, "64")
        homes = list(session.execute(select(Station.id, Station.region_code).order_by(Station.region_code)).tuples())
        parents = dict(session.execute(select(Region.code, Region.parent_code)).tuples().all())
        for number, (station, _home) in enumerate(homes, 1):
            session.add(
                Box(
                    id=number,
                    station_id=station,
                    public_key=f"k{number}",
                    http_token_hash=f"h{number}",
                    enrolled_at=BEGUN,
                )
            )
            session.execute(insert(StationOrdinal), [{"id": number, "station_id": station}])
            people = [{"id": _ordinal(number, one), "member_id": _member(number, one)} for one in range(MEMBERS)]
            session.execute(insert(PersonOrdinal), people)
    dice, share = Random(7), events / EVENTS_OF_SESSION / (len(homes) * DAYS * len(HOURS_UTC))
    shown = {
        number: [
            Showing(slot, dice.randrange(MEMBERS), dice.randint(FEWEST, MOST), dice.randrange(4))
            for slot in range(DAYS * len(HOURS_UTC))
            if dice.random() < share
        ]
        for number in range(1, len(homes) + 1)
    }
    file = folder / "server.db"
    written = _write_rows(file, homes, shown)
    with services.database.unit_of_work() as session:
        _write_figures(session, homes, parents, shown)
    services.database.engine.dispose()
    with closing(sqlite3.connect(file)) as bare:
        bare.execute("ANALYZE")
    return Years(services, file, written)


def _write_rows(file: Path, homes: Homes, shown: Shown) -> int:
    """Events, sessions and sign-ins by the fastest way there is, in the order of their keys; gives how many events."""
    with closing(sqlite3.connect(file)) as bare:
        bare.execute("PRAGMA synchronous=OFF")
        likes = " OR ".join("name LIKE ?" for _one in INDEX_OF)
        made = dict(bare.execute(f"SELECT name, sql FROM sqlite_master WHERE {likes}", INDEX_OF).fetchall())  # noqa: S608
        for name in made:
            bare.execute(f"DROP INDEX {name}")
        count = 0
        for number, (station, _home) in enumerate(homes, 1):
            rows = list(_events(number, station.hex, shown[number]))
            _insert(bare, "events", EVENT, rows)
            count += len(rows)
        _insert(bare, "epochs", EPOCH, [(n, 1, "e", _text(BEGUN), one.hex) for n, (one, _home) in enumerate(homes, 1)])
        stations_of: dict[int, list[tuple[int, Showing]]] = defaultdict(list)
        for number, several in shown.items():
            for one in several:
                stations_of[one.slot].append((number, one))
        for _slot, places in sorted(stations_of.items()):
            _insert(bare, "sessions", SESSION, [_session(*homes[number - 1], one) for number, one in places])
            signed = [row for number, one in places for row in _signed(number, homes[number - 1][0], one)]
            _insert(bare, "sign_ins", SIGN_IN, sorted(signed))
        for sql in made.values():
            bare.execute(sql)
        bare.commit()
    return count


def _insert(bare: sqlite3.Connection, table: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    marks = ", ".join("?" * (columns.count(",") + 1))
    bare.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608
    bare.commit()


def _events(box: int, station: str, shown: Sequence[Showing]) -> Iterator[tuple[object, ...]]:
    sequence = 0
    for one in shown:
        for at, kind, body in told(box, one):
            sequence += 1
            yield box, 1, sequence, station, at, 5, kind, one.airing, body, at


def told(box: int, one: Showing) -> Iterator[Told]:
    """What the box says of a session: when, which kind, and the body."""
    begun, (signed, times), after, (counted_at, kind, counted) = _told_alike(one.slot)
    yield begun
    for at, member in zip(times, one.members, strict=False):
        yield at, str(SignedIn.__struct_config__.tag), signed.replace("@@", _member(box, member))
    yield from after
    yield counted_at, kind, counted.replace("4242", str(one.came + one.guests))


@cache
def _told_alike(slot: int) -> tuple[Told, tuple[str, list[str]], list[Told], Told]:
    """What every station says of an airing; member and number of people are filled in."""
    one = Showing(slot, 0, MOST, 0)
    start, card, airing, package = one.start, one.lesson, one.airing, PackageName("p")
    begun = AiringStarted(
        airing=airing, planned_start=start, duration_ms=LENGTH_MS, lesson=card, package=package, late_ms=300
    )
    signed = SignedIn(airing=airing, lesson=card, member="@@", method=SignInMethod.NUMBER)
    spans = [
        PlaybackSpan(
            airing=airing,
            lesson=card,
            package=package,
            from_ms=place * SPAN_MS,
            to_ms=(place + 1) * SPAN_MS,
            started_at=start + timedelta(milliseconds=place * SPAN_MS),
        )
        for place in range(SPANS)
    ]
    end = start + timedelta(milliseconds=LENGTH_MS)
    after = [_said(one.started_at + timedelta(milliseconds=SPAN_MS), one) for one in spans]
    return (
        _said(start, begun),
        (encode(signed).decode(), [_text(_signed_at(one, place)) for place in range(MOST)]),
        [*after, _said(end + timedelta(seconds=1), AiringEnded(airing=airing, complete=True))],
        _said(end + timedelta(seconds=20), HeadCounted(airing=airing, people=4242)),
    )


def _said(at: datetime, body: EventBody) -> Told:
    return _text(at), str(body.__struct_config__.tag), encode(body).decode()


def _signed_at(one: Showing, place: int) -> datetime:
    return one.start + timedelta(seconds=10 + 6 * place)


def _session(station: UUID, home: str, one: Showing) -> tuple[object, ...]:
    people, start, card = one.came + one.guests, _text(one.start), one.lesson
    names = (one.airing, station.hex, home, card.id, card.title, card.course, start)
    shown = (LENGTH_MS, 300, LENGTH_MS, LENGTH_MS, 1, "")
    return (*names, *shown, MEMBERS, one.came, people, one.came, people, one.came * LENGTH_MS)


def _signed(box: int, station: UUID, one: Showing) -> Iterator[tuple[object, ...]]:
    _begun, (_body, times), _after, _counted = _told_alike(one.slot)
    for at, member in zip(times, one.members, strict=False):
        yield one.airing, station.hex, _member(box, member), at, "number", LENGTH_MS, LENGTH_MS


def _write_figures(session: Session, homes: Homes, parents: Mapping[str, str | None], shown: Shown) -> None:
    """Each day from its sessions, each region's from what lies below it, months from days, as the product does."""
    of_days: dict[date, dict[int, list[Showing]]] = defaultdict(lambda: defaultdict(list))
    for number, several in shown.items():
        for one in several:
            of_days[one.day][number].append(one)
    rows: list[dict[str, object]] = []
    months: dict[tuple[str, date], list[dict[str, Figures]]] = defaultdict(list)
    for day in sorted(of_days):
        level: dict[str, list[dict[str, Figures]]] = defaultdict(list)
        for number, several in of_days[day].items():
            station, home = homes[number - 1]
            found = by_course([_facts(number, one) for one in several])
            level[home].append(found)
            months[str(station), day.replace(day=1)].append(found)
            rows += [bucket_row(str(station), DAY, day, *one) for one in found.items()]
        while level:
            above: dict[str, list[dict[str, Figures]]] = defaultdict(list)
            for code, parts in level.items():
                found = _together(parts)
                months[code, day.replace(day=1)].append(found)
                rows += [bucket_row(code, DAY, day, *one) for one in found.items()]
                if (up := parents[code]) is not None:
                    above[up].append(found)
            level = above
        rows = _written(session, rows)
        if (day + timedelta(days=1)).day == 1 or day == max(of_days):
            for (node, first), parts in months.items():
                rows += [bucket_row(node, MONTH, first, *one) for one in _together(parts).items()]
            months.clear()
    _written(session, rows, least=1)


def _written(session: Session, rows: list[dict[str, object]], least: int = AT_ONCE) -> list[dict[str, object]]:
    if len(rows) < least:
        return rows
    session.execute(insert(Bucket), rows)
    return []


def _together(parts: list[dict[str, Figures]]) -> dict[str, Figures]:
    courses: dict[str, list[Figures]] = defaultdict(list)
    for one in parts:
        for course, found in one.items():
            courses[course].append(found)
    return {course: joined(several) for course, several in courses.items()}


def _facts(number: int, one: Showing) -> SessionFacts:
    return SessionFacts(
        course=one.lesson.course,
        planned_ms=LENGTH_MS,
        shown_ms=LENGTH_MS,
        late_ms=300,
        complete=True,
        missed=False,
        expected=MEMBERS,
        present=one.came,
        guests=one.guests,
        credit_ms=one.came * LENGTH_MS,
        people=frozenset(_ordinal(number, member) for member in one.members),
        airing=one.airing,
        station=number,
    )


def _ordinal(station: int, member: int) -> int:
    return (station - 1) * MEMBERS + member + 1


def _member(station: int, member: int) -> str:
    return f"00000000-0000-7000-9000-{_ordinal(station, member):012d}"


def _text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
