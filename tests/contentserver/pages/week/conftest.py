"""An office of planners: its database, what somebody else does in it, and the hands that work on the week grid."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from contentserver import stations
from contentserver.accounts import Account
from contentserver.boxes import Box
from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Role
from contentserver.members import add_member
from contentserver.stations import Station
from contentserver.timetable import keep_proofs, publishing, rules, service
from contentserver.timetable.edits import AddSlot
from contentserver.timetable.grid import week_of
from contentserver.timetable.programmes import draft_of
from schedules.airings import LayerId, Rank
from schedules.layers import region_layer
from schedules.wire.messages import Proof
from schedules.wire.topics import BoxId
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.serving import hire, import_regions, served, services_in

COUNTY, TOWNSHIP = "640221", "640221203"
VILLAGES = "640221104"
"""The township whose villages tests plan; nothing airs in its own layer."""
OTHERS = {"dark": "640221101", "light": "640221102"}
STAFF = {
    "li": ("李敏", Role.SCHEDULER, COUNTY),
    "zhou": ("周乡", Role.SCHEDULER, TOWNSHIP),
    "ma": ("马晓峰", Role.REVIEWER, "6402"),
    "zhao": ("赵站长", Role.STATION_ADMIN, f"{TOWNSHIP}205"),
}
COURSES = (
    ("测土配方施肥", "种植", "农户", ("看懂化验单", "缺哪样补哪样", "秋后取土样")),
    ("滩羊养殖", "养殖", "养殖户", ("滩羊冬季补饲",)),
    ("冬季安全", "安全", "全体村民", ("冬季安全用电", "手机防诈骗三招")),
)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office of planners: lessons with other names than the other pages' office, and boxes in every village."""
    found = Office("", services_in(tmp_path_factory.mktemp("planners")), "", "", "", "", "")
    _furnish(found)
    with served(found.services) as found.url:
        yield found


def _furnish(office: Office) -> None:
    now = datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        import_regions(session)
        for township in (TOWNSHIP, VILLAGES, *OTHERS.values()):
            stations.add_village_stations(session, township)
        people = hire(session, STAFF, now)
        for title, subject, audience, names in COURSES:
            course = Course(title=title, subject=subject, audience=audience, region_code="6402", created_at=now)
            session.add(course)
            session.flush()
            for number, name in enumerate(names, start=1):
                lesson = Lesson(
                    course_id=course.id,
                    number=number,
                    title=name,
                    state=LessonState.APPROVED,
                    uploader_id=people["li"].id,
                    created_at=now,
                    package_name=f"sha256-{name}",
                    package_bytes=1000,
                    duration_ms=40 * 60_000,
                )
                session.add(lesson)
        for number, station in enumerate(session.scalars(select(Station))):
            box = Box(station_id=station.id, public_key=f"k{number}", http_token_hash=f"h{number}", enrolled_at=now)
            box.online, box.seen_at = True, now
            session.add(box)
            session.flush()
            add_member(session, station.id, "马建国", "101")


def monday(weeks: int = 1) -> date:
    """The Monday of a coming week, so that no test meets the past."""
    return rules.monday_of(clock.local(clock.now()).date()) + timedelta(weeks=weeks)


def at(day: int, hour: int = 19, minute: int = 30) -> datetime:
    """A wall-clock time of the coming week, Monday being 0."""
    return datetime.combine(monday() + timedelta(days=day), time(hour, minute))


class Desk:
    """The planners' database beside the browser: what stands there, and what somebody else does."""

    def __init__(self, office: Office) -> None:
        self.database, self.signer = office.services.database, office.services.signer

    def lesson(self, title: str) -> str:
        with self.database.reader() as session:
            return str(session.scalars(select(Lesson).where(Lesson.title == title)).one().id)

    def person(self, username: str) -> Person:
        with self.database.reader() as session:
            row = session.scalars(select(Account).where(Account.username == username)).one()
            name, role, region = STAFF[username]
            return Person(id=row.id, username=username, display_name=name, role=role, region_code=region)

    def plan(self, code: str, title: str, start: datetime, rank: Rank = Rank.REGULAR, rule: str = "") -> str:
        """Put a lesson into a layer; gives back the slot's id."""
        lesson, who = self.lesson(title), self.person("li")
        with self.database.unit_of_work() as session:
            layer = service.layer_of(session, code)
            service.edit(
                session,
                layer,
                AddSlot(lessons=(lesson,), local_start=start, rank=rank, rule=rule),
                who,
                clock.now(),
            )
            return draft_of(session, layer).slots[-1].id

    def airs(self, code: str, weeks: int = 1) -> list[tuple[str, str]]:
        """What a layer airs in a week: title and start, as drafted."""
        with self.database.reader() as session:
            week = week_of(session, code, monday(weeks), self.person("li"), clock.now())
        mine = [one for one in week.events if one.layer == region_layer(code) and one.state != "cancelled"]
        return [(one.title, f"{one.start:%a %H:%M}") for one in mine]

    def publish(self, code: str) -> int:
        """Put the draft into force; gives back the revision."""
        with self.database.unit_of_work() as session:
            layer = service.layer_of(session, code)
            made = publishing.publish(
                session,
                layer,
                draft_of(session, layer),
                self.signer,
                submitted_by=None,
                approved_by=self.person("ma"),
                version=layer.draft_version,
                now=clock.now(),
            )
            return made.revision

    def prove(self, code: str, revision: int) -> None:
        """Every box of a region says that it has stored and applied a revision."""
        with self.database.unit_of_work() as session:
            query = select(Box).join(Station, Station.id == Box.station_id)
            boxes = session.scalars(query.where(Station.region_code.startswith(code))).all()
            layer = LayerId(region_layer(code))
            now = clock.now()
            proofs = [
                Proof(box=BoxId(box.id), layer=layer, revision=revision, stored_at=now, applied=revision)
                for box in boxes
            ]
            keep_proofs(session, proofs, now)


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def village(number: int) -> str:
    """A village that one test has for itself."""
    return f"{VILLAGES}{200 + number}"


def enter(watched: Watched, username: str, address: str) -> Page:
    """Sign in, in English, and open an address; waits until the grid stands."""
    watched.sign_in(username)
    read_in(watched.page)
    watched.go(address)
    watched.page.locator("#calendar .ec-body .ec-day").first.wait_for()
    return watched.page


def week(code: str, **more: str) -> str:
    further = "".join(f"&{name}={value}" for name, value in more.items())
    return f"/timetable?region={code}&week={monday().isoformat()}{further}"


def cell(page: Page, code: str, day: int) -> Locator:
    return page.locator(f'.ec-days[data-row="{region_layer(code)}"] .ec-day').nth(day)


def card(page: Page, title: str) -> Locator:
    return page.locator("#calendar .ec-event[data-airing]:not(.ec-preview):not(.ec-ghost)", has_text=title)


def middle(where: Locator) -> tuple[float, float]:
    box = where.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press, draw in small steps, let go."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 8, start[1] + 3, steps=3)
    page.mouse.move(*end, steps=10)
    page.mouse.up()


def saved(page: Page, sentence: str) -> None:
    expect(page.locator("#toast [data-said]")).to_contain_text(sentence)
