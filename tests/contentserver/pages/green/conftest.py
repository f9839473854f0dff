"""A village that asks, people who answer, and how a test looks at their pages."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import select

from contentserver import stations
from contentserver.attendance import take_in
from contentserver.boxes import Box
from contentserver.consultations import lay_out, take_questions, tend
from contentserver.consultations.models import Case
from contentserver.kernel.auth import Role
from contentserver.kernel.http import limiter
from contentserver.members import add_member
from contentserver.papers import of_kind
from contentserver.stations import Station
from schedules import asking
from schedules.airings import AiringId, LessonCard, LessonId
from schedules.wire.codec import decode
from schedules.wire.messages import EventBatch, EventBody, GreenChannel, PaperKind, QuestionAsked
from schedules.wire.topics import BoxId
from tests.contentserver.journals import records
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_every_page import serious
from tests.serving import hire

COUNTY = "640205"
STAFF = {
    "green.expert": ("孙农艺师", Role.EXPERT, COUNTY),
    "green.other": ("周兽医", Role.EXPERT, COUNTY),
    "green.staff": ("何主任", Role.COUNTY_STAFF, COUNTY),
    "green.master": ("谢总管", Role.SYSTEM_ADMIN, COUNTY),
}
NUMBER = "0612"


@dataclass(slots=True)
class Green:
    """A village that asks, and its box."""

    office: Office
    station: UUID
    box: int
    join: str
    said: int = 0

    def says(self, *bodies: EventBody) -> None:
        """The box reports something, and the link takes it in."""
        now = datetime.now(UTC)
        since = now - timedelta(seconds=self.said + len(bodies))  # the last of them is of this moment
        with self.office.services.database.unit_of_work() as session:
            box = session.get_one(Box, self.box)
            events = records(*bodies, first=self.said + 1, since=since)
            take_in(session, box, EventBatch(box=BoxId(self.box), epoch="green", events=events), now)
            self.said += len(bodies)
            session.flush()
            take_questions(session, now)
            tend(session, now)

    def asks(self, topic: str = asking.SOIL, sentence: str = "how_much_fertiliser") -> str:
        """A question with the remote; gives back its id."""
        self.withdrawn()
        lesson = LessonCard(id=LessonId(self.office.lesson), title="看懂化验单", course="测土配方施肥")
        airing = AiringId("5b4c1a3e-0000-5000-8000-00000000c0de")
        self.says(QuestionAsked(topic=topic, sentence=sentence, airing=airing, lesson=lesson, position_ms=7_000))
        return str(self.newest().id)

    def withdrawn(self) -> None:
        """What was asked before is not asked any more, so that the same question is another one."""
        with self.office.services.database.unit_of_work() as session:
            for case in session.scalars(select(Case).where(Case.station_id == self.station)):
                case.state = "withdrawn" if case.answered_at is None else "closed"

    def newest(self) -> Case:
        """The station's last question."""
        with self.office.services.database.reader() as session:
            mine = select(Case).where(Case.station_id == self.station).order_by(Case.number.desc())
            found = session.scalars(mine).first()
        assert found is not None
        return found

    def paper(self) -> GreenChannel:
        """What the televisions of the village read."""
        with self.office.services.database.unit_of_work() as session:
            lay_out(session, datetime.now(UTC))
            session.flush()
            found = of_kind(session, self.station, PaperKind.GREEN_CHANNEL)
        assert found is not None
        return decode(found[1], GreenChannel)


@pytest.fixture(scope="session")
def furnished(office: Office) -> Green:
    """People and a village of another county than that of most tests."""
    now = datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        hire(session, STAFF, now)
        stations.add_village_stations(session, COUNTY)
        stations.keep_join_addresses(session, office.services.settings.public_url)
        station = session.scalars(
            select(Station).where(Station.region_code.startswith(COUNTY)).order_by(Station.region_code)
        ).first()
        assert station is not None
        add_member(session, station.id, "白银花", NUMBER)
        box = Box(station_id=station.id, public_key="green", http_token_hash="green", enrolled_at=now, online=True)
        session.add(box)
        session.flush()
        join = "/join/" + station.join_address.rpartition("/")[2]
        return Green(office, station.id, box.id, join)


@pytest.fixture
def green(furnished: Green) -> Iterator[Green]:
    limiter.reset()
    yield furnished
    limiter.reset()


def signed_in(watched: Watched, who: str, language: str = "en") -> Page:
    """Somebody's browser, in a language."""
    watched.page.context.clear_cookies()
    watched.sign_in(who)
    if watched.page.get_attribute("html", "lang") != language.replace("_", "-"):
        read_in(watched.page, language.replace("_", "-"))
    return watched.page


def whole(page: Page) -> None:
    """One heading, nothing too wide, nothing that axe holds against it."""
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is too wide"
    assert serious(page) == []


def photograph() -> bytes:
    """A picture as a telephone takes it."""
    made = io.BytesIO()
    Image.effect_noise((640, 480), 60).convert("RGB").save(made, "JPEG")
    return made.getvalue()


def on_a_phone(watched: Watched, green: Green, language: str = "en") -> Page:
    """A phone that has typed its number."""
    page = watched.page
    page.context.clear_cookies()
    page.set_viewport_size({"width": 390, "height": 844})
    watched.go(f"{green.join}/ask")
    if page.get_attribute("html", "lang") != language.replace("_", "-"):
        read_in(page, language.replace("_", "-"))
    page.fill("#number", NUMBER)
    page.press("#number", "Enter")
    page.locator("#text").wait_for()
    return page
