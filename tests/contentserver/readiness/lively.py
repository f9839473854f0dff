"""A city's evening in a mixed state: 610 boxes, most of them ready, some in every kind of trouble."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import regions, stations
from contentserver.admin import OWN_REGIONS
from contentserver.boxes import Box, note_presence, want_renditions
from contentserver.boxes.models import Presence
from contentserver.courses import Lesson
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Role
from contentserver.readiness import service
from contentserver.stations import Station
from schedules.airings import PackageName
from schedules.wire.messages import PackageReport, PackageState, Reported
from schedules.wire.signing import Signer
from tests.contentserver.readiness.furnishing import (
    DAY,
    HOUR,
    MB,
    MINUTE,
    STORED,
    add_box,
    add_lesson,
    air,
    fetching,
    report,
)
from tests.serving import hire

CITY, COUNTY = "6402", "640221"
STAFF = {
    "chen": ("陈静", Role.SYSTEM_ADMIN, CITY),
    "li": ("李敏", Role.SCHEDULER, COUNTY),
    "wang": ("王立新", Role.COUNTY_STAFF, COUNTY),
}
SHARES = {"640202": 148, "640205": 186, "640221": 276}
YAOFU = "640221104"
ADMINISTRATORS = ("马建国", "杨秀英", "李伟", "王小芳", "丁学军", "吴海燕", "赵永福", "白玉莲")


@dataclass(frozen=True, slots=True)
class Lively:
    """What was furnished."""

    people: dict[str, Person]
    lesson: Lesson
    start: datetime
    troubled: dict[str, Box]


def furnish(session: Session, signer: Signer, now: datetime, *, days_ahead: int = 0) -> Lively:
    """The city's stations, people, boxes, lessons; the lesson airs at half past seven, in so many days."""
    with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
    stations.add_village_stations(session, CITY)
    people = hire(session, STAFF, now)
    evening = datetime.combine(clock.local(now).date() + timedelta(days=days_ahead), datetime.min.time())
    evening = evening.replace(hour=19, minute=30)
    start = evening.replace(tzinfo=clock.SHANGHAI)
    lesson = add_lesson(session, people["chen"], "土地延包政策问答")
    others = [
        add_lesson(session, people["chen"], title, 38) for title in ("看懂化验单", "滩羊冬季补饲", "防范养老诈骗")
    ]
    air(session, signer, people["chen"], CITY, lesson, evening, now)
    for number, other in enumerate(others, start=1):
        air(session, signer, people["chen"], CITY, other, evening + timedelta(days=number), now)
    held = {one.package_name or "": STORED for one in (lesson, *others)}
    boxes = [add_box(session, station, now) for station in _stations(session)]
    for box in boxes:
        report(session, box, now - 2 * MINUTE, held)
    troubled = _trouble(session, boxes, lesson, held, now, start)
    session.flush()
    _administrators(session, troubled, now)
    mine = people["chen"]
    service.add_power_cut(
        session, _region(session, troubled["cut"]), start - HOUR, start + 2 * HOUR, "线路检修", mine, now
    )
    return Lively(people, lesson, start, troubled)


def _stations(session: Session) -> list[Station]:
    """As many stations in each county as it has boxes: the villages', then second rooms."""
    found: list[Station] = []
    for county, wanted in SHARES.items():
        villages = list(stations.stations_in(session, county))
        rooms = [
            Station(name=f"{village.name}文化室", kind="social", region_code=village.region_code)
            for village in villages[: max(0, wanted - len(villages))]
        ]
        farms = [
            Station(name=f"{village.name}合作社", kind="farm", region_code=village.region_code)
            for village in villages[: max(0, wanted - len(villages) - len(rooms))]
        ]
        session.add_all([*rooms, *farms])
        session.flush()
        found += [*villages, *rooms, *farms][:wanted]
    return found


def _trouble(
    session: Session,
    boxes: list[Box],
    lesson: Lesson,
    held: dict[str, PackageReport],
    now: datetime,
    start: datetime,
) -> dict[str, Box]:
    """Give twenty boxes their troubles; five of them stand in one township."""
    places = {box.id: _region(session, box) for box in boxes}
    near = [box for box in boxes if places[box.id].startswith(YAOFU)]
    rest = [box for box in boxes if not places[box.id].startswith(YAOFU)]
    name = PackageName(lesson.package_name or "")
    one = near[2], near[4], near[7], near[9]
    far = rest[3::31]
    without = {key: value for key, value in held.items() if key != name}

    def says(box: Box, package: PackageReport | None, **changes: object) -> None:
        packages = without if package is None else {**without, name: package}
        report(session, box, now - MINUTE, packages, **changes)  # type: ignore[arg-type]

    _silent(session, one[0], now - 3 * DAY)
    seconds = (start - now).total_seconds()
    says(one[1], fetching(13 * MB, 32 * MB, 45 * MB), kbps=30)
    want_renditions(one[1], {name: "360p"})
    says(one[2], STORED, uncertainty_ms=None)
    says(one[3], STORED, stale=1)
    for box, hours in zip(far[:3], (75, 52, 100), strict=True):
        _silent(session, box, now - hours * HOUR)
    says(far[3], PackageReport(state=PackageState.REFUSED))
    says(far[4], fetching(70 * MB, 20 * MB, 90 * MB), kbps=max(1, int(70 * MB * 8 / 1000 / seconds * 0.7)))
    want_renditions(far[4], {name: "360p"})
    says(far[5], fetching(45 * MB, 0, 300 * MB), free_bytes=12 * MB)
    for box, missing in zip(far[6:11], (10, 21, 33, 40, 44), strict=True):
        says(box, fetching(missing * MB, (45 - missing) * MB), kbps=120 + missing)
    says(far[11], fetching(45 * MB), kbps=None)
    _usually_off(session, far[12], now, start)
    says(far[13], STORED, at=now + 42 * MINUTE)
    _silent(session, far[14], now - 28 * HOUR)
    return {
        "silent": one[0],
        "fetching": one[1],
        "clock": one[2],
        "behind": one[3],
        "refused": far[3],
        "slow": far[4],
        "disk": far[5],
        "off": far[12],
        "cut": far[15],
    }


def _silent(session: Session, box: Box, since: datetime) -> None:
    note_presence(session, box, False, since)
    said = msgspec.json.decode(box.reported, type=Reported)
    box.reported = msgspec.json.encode(msgspec.structs.replace(said, at=since)).decode()
    box.reported_at = box.seen_at = since


def _usually_off(session: Session, box: Box, now: datetime, start: datetime) -> None:
    for presence in session.scalars(select(Presence).where(Presence.box_id == box.id)):
        session.delete(presence)
    for days in range(1, 20):
        morning = start - days * DAY - 9 * HOUR
        session.add(Presence(box_id=box.id, since=morning, until=morning + HOUR))
    session.add(Presence(box_id=box.id, since=now - HOUR, until=None))


def _administrators(session: Session, troubled: dict[str, Box], now: datetime) -> None:
    pairs = enumerate(zip(ADMINISTRATORS, troubled.values(), strict=False))
    keepers = {f"keeper{number}": (name, Role.STATION_ADMIN, _region(session, box)) for number, (name, box) in pairs}
    hire(session, keepers, now)


def _region(session: Session, box: Box) -> str:
    return session.get_one(Station, box.station_id).region_code
