"""A township with sessions, rolls and five ones; people who note, inspect, decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from contentserver import figures, stations
from contentserver.attendance import SessionRow, SignInRow, StaleDay
from contentserver.kernel.auth import Person, Role
from contentserver.members import add_member
from contentserver.stars import service
from contentserver.stars.rules import FIELDS, One, OneState
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, VILLAGE, person

COUNTY, TOWNSHIP = "640221", "640221203"
YEAR = 2026
LESSON_MS = 60 * 60_000
FIRST_EVENING = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Town:
    """Stations of one township, the first that of the village; and people."""

    stations: Sequence[Station]
    staff: Person
    other_staff: Person
    keeper: Person
    outsider: Person

    @property
    def first(self) -> Station:
        """The village's station: it does everything."""
        return self.stations[0]


@pytest.fixture
def town(session: Session, village: Station) -> Town:
    """The first station does everything, the second half of it, the others nothing."""
    everybody = stations.stations_in(session, TOWNSHIP)
    ordered = [village, *(one for one in everybody if one.id != village.id)]
    people = Town(
        stations=ordered,
        staff=person(session, Role.COUNTY_STAFF, COUNTY),
        other_staff=person(session, Role.COUNTY_STAFF, COUNTY),
        keeper=person(session, Role.STATION_ADMIN, VILLAGE),
        outsider=person(session, Role.COUNTY_STAFF, "640202"),
    )
    show(session, ordered[0], held=20, of=20, people=5)
    show(session, ordered[1], held=5, of=10, people=5)
    for one in One:
        note(session, ordered[0], one, OneState.HAS, people.staff)
        note(session, ordered[1], one, OneState.PARTLY, people.staff)
    return people


def show(session: Session, station: Station, *, held: int, of: int, people: int, year: int = YEAR) -> None:
    """Sessions of an hour, a week apart, to which everybody on the roll comes; those not held were missed."""
    members = [add_member(session, station.id, f"人{number}", f"{101 + number}") for number in range(people)]
    for number in range(of):
        start = FIRST_EVENING.replace(year=year) + timedelta(days=6 * number)
        shown = number < held
        row = SessionRow(
            airing_id=f"{year}-{number}-{station.id}"[:36],
            station_id=station.id,
            region_code=station.region_code,
            lesson_id="lesson",
            lesson_title="看懂化验单",
            course_title="测土配方施肥",
            planned_start=start,
            planned_ms=LESSON_MS,
            late_ms=900 if shown else None,
            shown_ms=LESSON_MS if shown else 0,
            complete=shown,
            missed_reason="" if shown else "power",
            expected=people,
            present=people if shown else 0,
            credit_ms=people * LESSON_MS if shown else 0,
            phrases="understood" if shown else "",
        )
        session.add(row)
        for member in members if shown else ():
            session.add(
                SignInRow(
                    airing_id=row.airing_id, station_id=station.id, member_id=str(member.id), at=start, method="number"
                )
            )
        session.add(StaleDay(station_id=station.id, day=start.date()))
    session.flush()
    while figures.refresh(session):
        pass


def note(
    session: Session, station: Station, one: One, state: OneState, who: Person, *, after: UUID | None = None
) -> UUID:
    """Note one of the five, with something in its first field."""
    entry = service.note_one(
        session,
        station,
        one,
        state=state,
        fields={FIELDS[one][0]: "有" if state is not OneState.MISSING else ""},
        since=None,
        after=str(after) if after else "",
        who=who,
        now=NOW,
    )
    return entry.id
