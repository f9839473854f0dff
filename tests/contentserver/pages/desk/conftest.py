"""An office of planners: its database, what its people do in it, and the hands that sit at the planner's desk."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.accounts import Account
from contentserver.boxes import Box
from contentserver.courses import Course, Lesson, LessonState
from contentserver.courses import service as courses
from contentserver.kernel.auth import Person, Role
from contentserver.stations import Station
from contentserver.timetable import review, service
from contentserver.timetable.edits import AddSlot
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.plans import PlanDocument
from contentserver.timetable.programmes import draft_of
from media_pipeline.transcode import Package
from schedules.layers import region_layer
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.serving import hire, import_regions, served, services_in

COUNTY, OTHER_COUNTY = "640221", "640202"
STAFF = {
    "li": ("李敏", Role.SCHEDULER, COUNTY),
    "ma": ("马晓峰", Role.REVIEWER, "6402"),
    "chen": ("陈管理", Role.SYSTEM_ADMIN, COUNTY),
    "gao": ("高总管", Role.SYSTEM_ADMIN, ""),
    "zhao": ("赵站长", Role.STATION_ADMIN, "640221203205"),
    "fang": ("方外县", Role.SCHEDULER, OTHER_COUNTY),
}
TITLES = ("看懂化验单", "缺哪样补哪样", "秋后取土样", "滩羊冬季补饲", "冬季安全用电", "手机防诈骗三招")
MISSING = "640221203"
"""Its villages have stations and boxes."""
WITHDRAWN = "不该再播的课"
NEXT_MONDAY = (today := datetime.now(ZoneInfo("Asia/Shanghai")).date()) + timedelta(days=7 - today.weekday())
TOWNSHIPS = {
    "review": "640221101",
    "history": "640221102",
    "copy": "640221103",
    "template": "640221104",
    "import": "640221105",
    "missing": MISSING,
    "withdrawn": "640221106",
    "own": "640221200",
    "sent back": "640221201",
    "moved on": "640221202",
    "shown": "640221204",
    "rubbish": "640221205",
    "empty": "640221100",
}


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, package: tuple[Path, Package]) -> Iterator[Office]:
    """An office of planners with a reviewer, an administrator, and two boxes in a township."""
    found = Office("", services_in(tmp_path_factory.mktemp("desk")), "", "", "", "", "")
    (found.services.store.folder / package[1].name).symlink_to(package[1].path)
    furnish(found, package[1].name)
    with served(found.services) as found.url:
        yield found


def furnish(office: Office, package: str) -> None:
    """People, lessons, and boxes in one township's villages; one lesson has a real package."""
    now = datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, TOWNSHIPS["missing"])
        people = hire(session, STAFF, now)
        course = Course(title="测土配方施肥", subject="种植", audience="农户", region_code=COUNTY, created_at=now)
        session.add(course)
        session.flush()
        for number, title in enumerate((*TITLES, WITHDRAWN), start=1):
            lesson = Lesson(
                course_id=course.id,
                number=number,
                title=title,
                state=LessonState.IN_REVIEW,
                uploader_id=people["li"].id,
                created_at=now,
                package_name=package if title == WITHDRAWN else f"sha256-{title}",
                package_bytes=1000,
                duration_ms=40 * 60_000,
            )
            session.add(lesson)
            session.flush()
            courses.approve(session, lesson=lesson, who=people["ma"], signer=office.services.signer, now=now)
            if title == WITHDRAWN:
                office.lesson = str(lesson.id)
        for number, station in enumerate(session.scalars(select(Station).order_by(Station.region_code))):
            box = Box(station_id=station.id, public_key=f"k{number}", http_token_hash=f"h{number}", enrolled_at=now)
            box.online, box.seen_at = number % 3 != 1, None if number % 5 == 4 else now - timedelta(hours=number)
            session.add(box)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A naive wall-clock time in the week after this one."""
    return datetime.combine(NEXT_MONDAY + timedelta(days=day), time(hour, minute))


def staff(session: Session, username: str) -> Person:
    """Somebody of the office."""
    account = session.scalars(select(Account).where(Account.username == username)).one()
    name, role, region = STAFF[username]
    return Person(id=account.id, username=username, display_name=name, role=role, region_code=region)


def lesson_id(session: Session, title: str) -> str:
    """A lesson's id."""
    return str(session.scalars(select(Lesson.id).where(Lesson.title == title)).one())


def plan(office: Office, code: str, title: str, start: datetime, *, who: str = "li", rule: str = "") -> None:
    """One more slot in a region's draft."""
    with office.services.database.unit_of_work() as session:
        edit = AddSlot(lessons=(lesson_id(session, title),), local_start=start, rule=rule)
        service.edit(session, service.layer_of(session, code), edit, staff(session, who), datetime.now(UTC))


def submit(office: Office, code: str, who: str = "li") -> None:
    """Send a region's draft to be approved."""
    with office.services.database.unit_of_work() as session:
        review.submit(session, service.layer_of(session, code), staff(session, who), datetime.now(UTC))


def publish(office: Office, code: str) -> int:
    """Submit and approve what is drafted; the revision."""
    submit(office, code)
    with office.services.database.unit_of_work() as session:
        layer = service.layer_of(session, code)
        made = review.approve(session, layer, office.services.signer, staff(session, "ma"), datetime.now(UTC))
        return made.revision


def layer_now(office: Office, code: str) -> LayerRecord:
    """A region's layer as the database has it."""
    with office.services.database.reader() as session:
        return session.get_one(LayerRecord, region_layer(code))


def drafted_titles(office: Office, code: str) -> list[str]:
    """The titles of a draft's slots."""
    with office.services.database.reader() as session:
        layer = session.get(LayerRecord, region_layer(code))
        document = draft_of(session, layer) if layer else PlanDocument()
        return [session.get_one(Lesson, UUID(slot.lessons[0])).title for slot in document.slots]


def sit_down(watched: Watched, username: str) -> Page:
    """Sign somebody in, in English; who sat there before leaves."""
    watched.page.context.clear_cookies()
    watched.sign_in(username)
    read_in(watched.page)
    return watched.page


def send(watched: Watched, path: str, **fields: str) -> tuple[int, str]:
    """Post a form past the page, as somebody with tools would; the status and the words of the answer."""
    token = watched.page.get_attribute("meta[name=csrf-token]", "content") or ""
    answer = watched.page.context.request.post(
        watched.office.url + path, form={**fields, "csrf_token": token}, headers={"Accept": "text/html"}
    )
    return answer.status, answer.text()
