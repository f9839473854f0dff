"""The planner's desk in a browser: from draft to published, back again, copies, files, quotas, holidays, missing boxes."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from contentserver import regions, stations
from contentserver.accounts import create_account
from contentserver.admin import OWN_REGIONS, migrate
from contentserver.app import create_app, make_services
from contentserver.boxes import Box
from contentserver.courses import Course, Lesson, LessonState
from contentserver.courses import service as courses
from contentserver.kernel.auth import Person, Role
from contentserver.settings import Settings
from contentserver.stations import Station
from contentserver.timetable import keep_proofs, review, service
from contentserver.timetable.edits import AddRepeat, AddSlot, CancelEvening
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.plans import PlannedSlot
from contentserver.timetable.programmes import draft_of
from schedules.airings import LayerId, Rank
from schedules.layers import region_layer
from schedules.wire.messages import Proof
from schedules.wire.signing import new_private_jwk
from schedules.wire.topics import BoxId
from tests.contentserver.pages.conftest import FRONT_END, PASSWORD, Office, Watched
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("planning-desk")
COUNTY, OTHER_COUNTY = "640221", "640202"
STAFF = {
    "li": ("李敏", Role.SCHEDULER, COUNTY),
    "ma": ("马晓峰", Role.REVIEWER, "6402"),
    "chen": ("陈管理", Role.SYSTEM_ADMIN, COUNTY),
    "zhao": ("赵站长", Role.STATION_ADMIN, "640221203205"),
    "fang": ("方外县", Role.SCHEDULER, OTHER_COUNTY),
}
TITLES = ("看懂化验单", "缺哪样补哪样", "秋后取土样", "滩羊冬季补饲", "冬季安全用电", "手机防诈骗三招")
TOWNSHIPS = {
    "review": "640221101",
    "history": "640221102",
    "copy": "640221103",
    "template": "640221104",
    "import": "640221105",
    "missing": "640221203",
    "withdrawn": "640221106",
    "words": "640221200",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office of planners with a reviewer, an administrator, and two boxes in a township."""
    assert FRONT_END.exists(), "the front end is not built: npm ci && npm run build"
    folder = tmp_path_factory.mktemp("desk")
    (folder / "key.jwk").write_bytes(new_private_jwk())
    settings = Settings(
        secret_key="k" * 40,
        database_url=f"sqlite:///{folder}/office.db",
        data_dir=folder / "data",
        broker_password="b" * 20,
        signing_key_file=folder / "key.jwk",
    )
    migrate(settings.database_url)
    found = Office("", make_services(settings), "", "", "", "", "")
    furnish(found)
    server = make_server("127.0.0.1", 0, create_app(settings, found.services), threaded=True)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)
    found.services.database.engine.dispose()


def furnish(office: Office) -> None:
    """People, lessons, and boxes in one township's villages."""
    now = datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            regions.import_csv(session, lines)
        stations.add_village_stations(session, TOWNSHIPS["missing"])
        for username, (name, role, region) in STAFF.items():
            made = create_account(
                session,
                username=username,
                display_name=name,
                password=PASSWORD,
                role=role,
                region_code=region,
                now=now,
            )
        course = Course(title="测土配方施肥", subject="种植", audience="农户", region_code=COUNTY, created_at=now)
        session.add(course)
        session.flush()
        for number, title in enumerate(TITLES, start=1):
            session.add(
                Lesson(
                    course_id=course.id,
                    number=number,
                    title=title,
                    state=LessonState.APPROVED,
                    uploader_id=made.id,
                    created_at=now,
                    package_name=f"sha256-{title}",
                    package_bytes=1000,
                    duration_ms=40 * 60_000,
                )
            )
        for number, station in enumerate(session.scalars(select(Station).order_by(Station.region_code))):
            box = Box(station_id=station.id, public_key=f"k{number}", http_token_hash=f"h{number}", enrolled_at=now)
            box.online, box.seen_at = number % 3 != 1, None if number % 5 == 4 else now - timedelta(hours=number)
            session.add(box)
