"""Villages with boxes that report, lessons that air, and a shelf of packages, for readiness's tests and pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from contentserver.boxes import Box, accept_report, note_presence
from contentserver.boxes.models import Presence
from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel.auth import Person
from contentserver.regions import ancestors_and_self
from contentserver.stations import Station
from contentserver.timetable import LayerRecord, programmes, publishing
from contentserver.timetable import service as timetable
from contentserver.timetable.edits import AddSlot
from media_pipeline.manifest import Manifest
from schedules.airings import LayerId, PackageName, Rank
from schedules.layers import region_layer
from schedules.wire.messages import (
    ClockReport,
    DiskReport,
    LayerProof,
    LineReport,
    PackageReport,
    PackageState,
    Reported,
)
from schedules.wire.signing import Signer
from schedules.wire.topics import BoxId
from tests.tvclient.packing import pack

MB = 1_000_000
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BEGUN = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
FIRST_EVENING = (BEGUN + DAY).replace(hour=19, minute=30, tzinfo=None)
"""Wall-clock time."""
STORED = PackageReport(
    state=PackageState.STORED,
    playable=True,
    missing_bytes=0,
    stored_bytes=300 * MB,
    wanted_bytes=300 * MB,
    rendition="720p",
)
WAITING = PackageReport(state=PackageState.WAITING)


def fetching(missing: int, stored: int = 0, wanted: int = 300 * MB) -> PackageReport:
    """A package of which the smallest rendition still lacks some bytes."""
    return PackageReport(state=PackageState.FETCHING, missing_bytes=missing, stored_bytes=stored, wanted_bytes=wanted)


@dataclass(slots=True)
class Shelf:
    """Packages whose manifests say: 360p 45 MB, 720p 300 MB, sound included."""

    known: dict[str, Manifest] = field(default_factory=dict)

    def manifest(self, package: str) -> Manifest:
        """The package's manifest; every name has one that begins as a package's name does."""
        if not package.startswith("sha256-"):
            raise FileNotFoundError(package)
        if package not in self.known:
            _files, made = pack(package.encode(), 2400, 10, muxed=True)
            sizes = {"360p": 45 * MB, "720p": 300 * MB}
            renditions = tuple(
                msgspec.structs.replace(one, bytes=sizes[one.name]) for one in made.renditions if one.name in sizes
            )
            self.known[package] = msgspec.structs.replace(made, renditions=renditions, sounds=())
        return self.known[package]


def add_lesson(session: Session, who: Person, title: str, minutes: int = 40, course: str = "政策与农技") -> Lesson:
    """An approved lesson of a course of its own in the person's region."""
    made = Course(title=course, region_code=who.region_code or "64", created_at=datetime.now().astimezone())
    session.add(made)
    session.flush()
    lesson = Lesson(
        course_id=made.id,
        number=1,
        title=title,
        state=LessonState.APPROVED,
        uploader_id=who.id,
        created_at=made.created_at,
        duration_ms=minutes * 60_000,
        package_bytes=345 * MB,
    )
    session.add(lesson)
    session.flush()
    lesson.package_name = f"sha256-{lesson.id.hex}"
    session.flush()
    return lesson


def air(
    session: Session,
    signer: Signer,
    who: Person,
    region: str,
    lesson: Lesson,
    local_start: datetime,
    now: datetime,
    *,
    rank: Rank = Rank.REGULAR,
    rule: str = "",
) -> LayerRecord:
    """Plan a lesson in a region's layer and publish it."""
    layer = timetable.layer_of(session, region)
    change = AddSlot(lessons=(str(lesson.id),), local_start=local_start, rank=rank, rule=rule)
    timetable.edit(session, layer, change, who, now)
    document = programmes.draft_of(session, layer)
    publishing.publish(
        session,
        layer,
        document,
        signer,
        submitted_by=who.id,
        approved_by=who,
        version=layer.draft_version,
        now=now,
    )
    return layer


def air_everywhere(session: Session, signer: Signer, who: Person, number: int) -> list[Lesson]:
    """Lessons that air in the person's region, one on each of the next evenings at half past seven."""
    lessons = [add_lesson(session, who, f"第{one}讲") for one in range(number)]
    for days, one in enumerate(lessons):
        air(session, signer, who, who.region_code, one, FIRST_EVENING + days * DAY, BEGUN)
    return lessons


def add_boxes(session: Session, places: Sequence[Station], numbers: Iterable[int], lessons: Sequence[Lesson]) -> None:
    """Boxes that have stored all lessons, but every twentieth, which fetches the first."""
    held = {one.package_name or "": STORED for one in lessons}
    for number in numbers:
        lacking = {lessons[0].package_name or "": fetching(40 * MB)} if number % 20 == 0 else {}
        report(session, add_box(session, places[number % len(places)], BEGUN), BEGUN, {**held, **lacking})


def add_box(session: Session, station: Station, now: datetime, *, on_every_evening: bool = True) -> Box:
    """An enrolled box that is connected now; with a month of evenings behind it where asked."""
    number = session.query(Box).count() + 1
    box = Box(
        station_id=station.id,
        public_key=f"key-{number}",
        http_token_hash=f"hash-{number}",
        enrolled_at=now - 30 * DAY,
    )
    session.add(box)
    session.flush()
    if on_every_evening:
        session.add(Presence(box_id=box.id, since=now - 29 * DAY, until=None))
        session.flush()
    note_presence(session, box, True, now)
    return box


def report(
    session: Session,
    box: Box,
    now: datetime,
    packages: Mapping[str, PackageReport],
    *,
    stale: int = 0,
    kbps: int | None = 800,
    uncertainty_ms: int | None = 20,
    free_bytes: int = 8_000 * MB,
    **changes: Any,
) -> Reported:
    """A box reports: every layer of its region proved, but for `stale` revisions, and what is given."""
    station = session.get_one(Station, box.station_id)
    layers = {}
    for code in ancestors_and_self(station.region_code):
        record = session.get(LayerRecord, region_layer(code))
        if record is not None and record.revision > stale:
            proof = LayerProof(revision=record.revision - stale, stored_at=now, applied=True)
            layers[LayerId(record.id)] = proof
    said = Reported(
        box=BoxId(box.id),
        epoch="e1",
        at=now,
        layers=layers,
        packages={PackageName(name): one for name, one in packages.items()},
        clock=None if uncertainty_ms is None else ClockReport(offset_ms=3, uncertainty_ms=uncertainty_ms),
        line=None if kbps is None else LineReport(kbps=kbps, measured_at=now, bytes_today=30 * MB),
        disk=DiskReport(free_bytes=free_bytes, budget_bytes=16_000 * MB),
        software="yuanjiao-tv/0.1.0",
    )
    said = msgspec.structs.replace(said, **changes)
    accept_report(session, box, said, now)
    return said
