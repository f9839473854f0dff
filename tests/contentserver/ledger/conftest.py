"""A village with a work book, people who write in it, and what entries arise from."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow
from contentserver.kernel.auth import Person, Role
from contentserver.ledger import kinds, service
from contentserver.ledger.drafting import Picture, Typed
from contentserver.ledger.models import LedgerEntry
from contentserver.stations import Station
from schedules.holidays import PUBLISHED
from tests.contentserver.conftest import VILLAGE, person
from tests.contentserver.stars import hostile

WRITTEN_AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY, MONTH = date(2026, 11, 20), date(2026, 11, 1)


@dataclass(frozen=True, slots=True)
class Book:
    """A station and people."""

    station: Station
    keeper: Person
    staff: Person
    outsider: Person
    folder: Path


@pytest.fixture
def book(session: Session, village: Station, tmp_path: Path) -> Book:
    return Book(
        station=village,
        keeper=person(session, Role.STATION_ADMIN, VILLAGE),
        staff=person(session, Role.COUNTY_STAFF, "640221"),
        outsider=person(session, Role.STATION_ADMIN, "640202"),
        folder=tmp_path / "ledger",
    )


def meeting(day: str = "2026-11-20", **changes: str) -> Typed:
    """A branch meeting with two who signed."""
    values = {"subject": "讨论冬灌", "form": "0", "place": "村委会", "chair": "马建国", "people": "23", **changes}
    return Typed(day, values, "马建国\n李伟")


def write(session: Session, book: Book, typed: Typed, kind: str = "meeting", now: datetime = WRITTEN_AT) -> LedgerEntry:
    """Write an entry as the keeper."""
    found = kinds.KINDS.one(session, book.station.region_code, kind)
    return service.write(session, book.station, found, typed, book.keeper, now, PUBLISHED)


def picture(name: str = "hall.jpg", *, signature: bool = False) -> Picture:
    """A photograph from a camera that writes where it was."""
    return Picture(hostile.camera_jpeg(), name, signature)


def held(station: Station, airing: str, start: datetime, **changes: object) -> SessionRow:
    """A session of forty minutes with three people."""
    values: dict[str, object] = {
        "airing_id": airing,
        "station_id": station.id,
        "region_code": station.region_code,
        "lesson_id": "lesson",
        "lesson_title": "看懂化验单",
        "course_title": "测土配方施肥",
        "planned_start": start,
        "planned_ms": 40 * 60_000,
        "shown_ms": 40 * 60_000,
        "present": 3,
        **changes,
    }
    return SessionRow(**values)
