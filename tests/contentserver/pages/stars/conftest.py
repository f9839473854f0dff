"""A county of its own for the pages of stars, and a telephone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page
from sqlalchemy import select

from contentserver import figures, stations
from contentserver.attendance import SessionRow, SignInRow, StaleDay
from contentserver.boxes import Box, refresh_desired
from contentserver.kernel.auth import Role
from contentserver.members import add_member
from contentserver.stations import Station
from tests.contentserver.pages.conftest import COUNTY, VILLAGE, Office
from tests.contentserver.pages.looks import read_in
from tests.serving import PASSWORD, hire, import_regions, served, services_in

STAFF = {
    "wang": ("王立新", Role.COUNTY_STAFF, COUNTY),
    "sun": ("孙科长", Role.COUNTY_STAFF, COUNTY),
    "zhao": ("赵站长", Role.STATION_ADMIN, VILLAGE),
    "li": ("李敏", Role.SCHEDULER, COUNTY),
    "chen": ("陈外县", Role.COUNTY_STAFF, "640202"),
}
YEAR = datetime.now(UTC).year - 1
LESSON_MS = 60 * 60_000


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A county of its own: one village that showed its lessons, and a box that stands there."""
    services = services_in(tmp_path)
    now = datetime.now(UTC)
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, VILLAGE[:9])
        hire(session, STAFF, now)
        village = session.scalars(select(Station).where(Station.region_code == VILLAGE)).one()
        members = [
            add_member(session, village.id, name, f"{101 + place}") for place, name in enumerate(("马建国", "李伟"))
        ]
        for number in range(4):
            start = datetime(YEAR, 12, 1, 11, 30, tzinfo=UTC) + timedelta(days=number)
            row = SessionRow(
                airing_id=f"airing-{number}",
                station_id=village.id,
                region_code=VILLAGE,
                lesson_id="lesson",
                lesson_title="看懂化验单",
                course_title="测土配方施肥",
                planned_start=start,
                planned_ms=LESSON_MS,
                late_ms=800,
                shown_ms=LESSON_MS,
                complete=True,
                expected=2,
                present=2,
                credit_ms=2 * LESSON_MS,
                phrases="understood",
            )
            session.add(row)
            for member in members:
                session.add(
                    SignInRow(
                        airing_id=row.airing_id,
                        station_id=village.id,
                        member_id=str(member.id),
                        at=start,
                        method="number",
                    )
                )
            session.add(StaleDay(station_id=village.id, day=start.date()))
        session.flush()
        figures.refresh(session)
        box = Box(station_id=village.id, public_key="key", http_token_hash="hash", enrolled_at=now)
        session.add(box)
        session.flush()
        refresh_desired(session, box, services.signer)
        station = str(village.id)
    with served(services) as url:
        yield Office(url=url, services=services, lesson="", waiting_lesson="", course="", station=station, session="")


@pytest.fixture
def phone(browser: Browser, office: Office) -> Iterator[Page]:
    """A telephone held upright, with the style sheet as it stands in the sources."""
    made = browser.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        bypass_csp=True,
    )
    made.set_default_timeout(10_000)
    page = made.new_page()
    page.goto(office.url + "/sign-in")
    page.fill("#username", "wang")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(office.url + "/")
    read_in(page)
    yield page
    made.close()


def picture(name: str, data: bytes, kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": data}
