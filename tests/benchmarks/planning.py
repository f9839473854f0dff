"""What an editor waits for: the merge itself, a week for every village of a county, the page with a full plan."""

import logging
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import structlog
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from contentserver import regions, stations
from contentserver.accounts import Account, create_account
from contentserver.admin import OWN_REGIONS
from contentserver.app import Services, create_app
from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel.auth import Person, Role
from contentserver.regions import ancestors_and_self
from contentserver.timetable import plans, publishing, service, timetables_in_force
from contentserver.timetable.plans import PlanDocument, PlannedSlot
from schedules.airings import Rank, SlotId
from schedules.merge import merge
from tests.benchmarks.measure import Result, seconds
from tests.benchmarks.merging import layers
from tests.serving import services_in

PLACE, CITY, PASSWORD = "640221203205", "6402", "a long password"
SLOTS = 2000
VILLAGES = 326
MONDAY = datetime(2026, 11, 23)  # noqa: DTZ001  # wall-clock
_LESSONS = 40


def run(rounds: int) -> list[Result]:
    """Seconds, each against the limit that a person feels."""
    county = layers()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    found = [seconds("merge of 8 layers, 14 days", lambda: merge(county), rounds, goal=0.005, share=0.5)]
    with tempfile.TemporaryDirectory(prefix="planning-") as name:
        services = furnished(Path(name))
        with services.database.reader() as session:
            codes = [one.region_code for one in stations.stations_in(session, CITY)][:VILLAGES]
        start = MONDAY.replace(tzinfo=UTC)

        def preview() -> None:
            with services.database.reader() as session:
                timetables_in_force(session, codes, (start, start + timedelta(days=7)))

        found.append(seconds(f"a week of {len(codes)} villages", preview, rounds, goal=1.0, share=0.5))
        client = create_app(services.settings, services).test_client()
        _sign_in(client)
        for what, path in (
            (f"week page, {SLOTS} slots", f"/timetable?region={PLACE}&week=2026-11-23"),
            (f"week as JSON, {SLOTS} slots", f"/api/v1/timetable/{PLACE}/week?week=2026-11-23"),
        ):
            found.append(seconds(what, partial(_get, client, path), rounds * 3, goal=1.0))
        services.database.engine.dispose()
    return found


def _get(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code}")


def _sign_in(client: FlaskClient) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/sign-in", data={"username": "li", "password": PASSWORD, "csrf_token": token})


def furnished(folder: Path) -> Services:
    """A server with a city's stations, forty lessons, and 2,000 slots on the way down to one village."""
    services = services_in(folder)
    now = MONDAY.replace(tzinfo=UTC) - timedelta(days=1)
    with services.database.unit_of_work() as session:
        with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            regions.import_csv(session, lines)
        stations.add_village_stations(session, CITY)
        account = create_account(
            session,
            username="li",
            display_name="李敏",
            password=PASSWORD,
            role=Role.SCHEDULER,
            region_code="",
            now=now,
        )
        who = Person(id=account.id, username="li", display_name="李敏", role=Role.SCHEDULER, region_code="")
        lessons = _lessons(session, account, now)
        path = ancestors_and_self(PLACE)
        for place, code in enumerate(path):
            document = _plan(lessons, place, SLOTS // len(path))
            layer = service.layer_of(session, code)
            service.keep(session, layer, document, action="paste", who=who, now=now)
            publishing.publish(
                session, layer, document, services.signer, submitted_by=None, approved_by=who, version=1, now=now
            )
    return services


def _lessons(session: Session, uploader: Account, now: datetime) -> list[str]:
    course = Course(title="测土配方施肥", region_code=CITY, created_at=now)
    session.add(course)
    session.flush()
    made = [
        Lesson(
            course_id=course.id,
            number=number + 1,
            title=f"第{number + 1}讲",
            state=LessonState.APPROVED,
            uploader_id=uploader.id,
            created_at=now,
            package_name=f"sha256-{number:064x}",
            duration_ms=10 * 60_000,
        )
        for number in range(_LESSONS)
    ]
    session.add_all(made)
    session.flush()
    return [str(lesson.id) for lesson in made]


def _plan(lessons: list[str], place: int, slots: int) -> PlanDocument:
    """A season of one layer: most slots air in other weeks, a fifth repeat every week."""
    made = []
    for number in range(slots):
        start = MONDAY + timedelta(days=number % 100, hours=6 + place * 3, minutes=11 * (number // 100 % 16))
        made.append(
            PlannedSlot(
                id=SlotId(f"slot-{place}-{number}"),
                lessons=(lessons[number % len(lessons)],),
                local_start=start,
                rule="FREQ=WEEKLY" if number % 5 == 0 else "",
                rank=(Rank.MANDATORY, Rank.REGULAR, Rank.OPTIONAL)[number % 3],
            )
        )
    document = PlanDocument(slots=tuple(made))
    assert msgspec.json.decode(plans.written(document), type=PlanDocument) == document
    return document
