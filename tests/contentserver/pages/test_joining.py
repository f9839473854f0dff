"""On a phone, without an account: a number, a masked name, the television's answer, and nothing else gets out."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from contentserver import stations
from contentserver.attendance import SessionRow
from contentserver.boxes import Box
from contentserver.courses import Lesson
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.clock import local
from contentserver.kernel.http import limiter
from contentserver.members import add_member
from contentserver.stations import Station
from contentserver.support import CommandRow, take_reply
from contentserver.timetable import service as planning
from contentserver.timetable.edits import AddSlot
from contentserver.timetable.programmes import draft_of
from contentserver.timetable.publishing import publish
from contentserver.transcripts.models import CorrectionRequest
from schedules.wire.messages import Reply, ReplyState
from schedules.wire.topics import BoxId
from tests.contentserver.pages.conftest import COUNTY, Office, Watched
from tests.contentserver.pages.looks import every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")
REGION, NAME, NUMBER = "640221102", "吴玉琴", "0427"


@dataclass(slots=True)
class Hall:
    """A village where a lesson begins, and the box in its hall."""

    office: Office
    station: str
    path: str
    box: int

    def command(self) -> CommandRow:
        """The newest."""
        with self.office.services.database.reader() as session:
            mine = select(CommandRow).where(CommandRow.box_id == self.box)
            return session.scalars(mine.order_by(CommandRow.asked_at.desc(), CommandRow.id.desc())).one()

    def answers(self, state: ReplyState, detail: str = "") -> None:
        """The box has done, or not done, what it was asked last."""
        with self.office.services.database.unit_of_work() as session:
            mine = select(CommandRow.id).where(CommandRow.box_id == self.box)
            asked = session.scalars(mine.order_by(CommandRow.asked_at.desc(), CommandRow.id.desc())).first()
            now = datetime.now(UTC)
            reply = Reply(box=BoxId(self.box), command=str(asked), state=state, at=now, detail=detail)
            take_reply(session, self.box, reply, now)

    def line(self, *, up: bool) -> None:
        """The box's line comes or goes."""
        with self.office.services.database.unit_of_work() as session:
            session.get_one(Box, self.box).online = up

    def forget(self) -> None:
        """Nothing was asked of the box."""
        with self.office.services.database.unit_of_work() as session:
            for row in session.scalars(select(CommandRow).where(CommandRow.box_id == self.box)):
                session.delete(row)


@pytest.fixture(scope="session")
def furnished(office: Office) -> Hall:
    """A lesson begins in three minutes or four and lasts for forty."""
    now = datetime.now(UTC)
    start = local(now + timedelta(minutes=4)).replace(second=0, microsecond=0, tzinfo=None)
    with office.services.database.unit_of_work() as session:
        station = session.scalars(select(Station).where(Station.region_code.startswith(REGION))).first()
        assert station is not None
        station.place = "村委会一楼活动室"
        stations.keep_join_addresses(session, office.services.settings.public_url)
        add_member(session, station.id, NAME, NUMBER)
        box = Box(station_id=station.id, public_key="hall", http_token_hash="hall", enrolled_at=now, online=True)
        session.add(box)
        lesson = session.get_one(Lesson, UUID(office.lesson))
        who = Person(id=lesson.uploader_id, username="li", display_name="李敏", role=Role.SCHEDULER, region_code=COUNTY)
        layer = planning.layer_of(session, station.region_code)
        planning.edit(session, layer, AddSlot(lessons=(office.lesson,), local_start=start), who, now)
        session.flush()
        publish(
            session,
            layer,
            draft_of(session, layer),
            office.services.signer,
            submitted_by=None,
            approved_by=who,
            version=layer.draft_version,
            now=now,
        )
        path = "/join/" + station.join_address.rpartition("/")[2]
        return Hall(office, str(station.id), path, box.id)


@pytest.fixture
def hall(furnished: Hall) -> Iterator[Hall]:
    """Each test begins with a line, nothing asked, and the whole allowance."""
    furnished.line(up=True)
    furnished.forget()
    limiter.reset()
    yield furnished
    limiter.reset()


@pytest.fixture
def phone(watched: Watched, hall: Hall) -> Watched:
    """The page as somebody has scanned it."""
    watched.page.set_viewport_size({"width": 390, "height": 844})
    assert watched.go(hall.path) == 200
    return watched


def type_number(phone: Watched, number: str) -> None:
    phone.page.fill("#number", number)
    phone.page.press("#number", "Enter")


@every_look
def test_one_signs_in_hears_the_television_and_takes_it_back(
    phone: Watched, hall: Hall, scheme: str, language: str
) -> None:
    page = phone.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    if language == "en":
        read_in(page)
    assert page.get_attribute("html", "lang") == language.replace("_", "-")
    whole(phone)
    assert "看懂化验单" in page.locator("main").inner_text()
    assert page.get_attribute("#number", "inputmode") == "numeric"
    type_number(phone, NUMBER)
    expect(page.locator(".join-name")).to_have_text("吴*琴")
    whole(phone)
    page.click(".join-form button")
    expect(page.locator(".join-card.waits")).to_be_visible()
    whole(phone)
    assert hall.command().asked_by is None
    hall.answers(ReplyState.DONE)
    expect(page.locator(".join-card.good")).to_be_visible()
    whole(phone)
    page.click(".join-form button")
    expect(page.locator(".join-card.waits")).to_be_visible()
    hall.answers(ReplyState.DONE, "taken_back")
    expect(page.locator(".join-card.good")).to_be_visible()
    assert NAME not in page.content()


def whole(phone: Watched) -> None:
    """The page fits a phone, has one heading, and axe holds nothing serious against it."""
    assert phone.page.locator("h1").count() == 1
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious(phone.page) == []


def test_the_keyboard_alone_is_enough(phone: Watched, hall: Hall) -> None:
    page = phone.page
    page.keyboard.type(NUMBER)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{hall.path}/you")
    expect(page.locator("button:focus")).to_be_visible()  # an address is there before its page is
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{hall.path}/answer")
    hall.answers(ReplyState.DONE, "already")
    expect(page.locator(".join-card.good")).to_be_visible()
    assert page.locator("form[action$=undo]").count() == 0


@pytest.mark.parametrize("detail", ["nothing_on", "not_on_roll", "interrupted"])
def test_what_did_not_work_says_what_to_do_and_can_be_tried_again(phone: Watched, hall: Hall, detail: str) -> None:
    page = phone.page
    type_number(phone, NUMBER)
    page.click(".join-form button")
    hall.answers(ReplyState.FAILED, detail)
    expect(page.locator(".join-card.bad")).to_be_visible()
    whole(phone)
    page.click(".join-form button")
    hall.answers(ReplyState.DONE)
    expect(page.locator(".join-card.good")).to_be_visible()


def test_without_a_line_the_remote_is_named_at_once(phone: Watched, hall: Hall) -> None:
    hall.line(up=False)
    type_number(phone, NUMBER)
    phone.page.click(".join-form button")
    expect(phone.page.locator(".join-card.bad")).to_be_visible()
    expect(phone.page.locator("[role=status] p").last).to_contain_text(re.compile("遥控器|remote"))


def test_a_wrong_number_stays_to_be_mended_and_all_are_answered_alike(phone: Watched, hall: Hall) -> None:
    said = set()
    for number in ("999", "042", "12"):
        type_number(phone, number)
        said.add(phone.page.locator("#number-wrong").inner_text())
        assert phone.page.input_value("#number") == number
    assert len(said) == 1
    whole(phone)


def test_after_ten_wrong_numbers_one_waits_and_right_ones_are_not_counted(hall: Hall) -> None:
    with httpx.Client(base_url=hall.office.url, trust_env=False) as client:
        for _right in range(20):
            assert post(client, hall.path, number=NUMBER).status_code == 302
        assert [post(client, hall.path, number="999").status_code for _wrong in range(11)] == [422] * 10 + [429]
        sorry = post(client, hall.path, number="999")
        assert (sorry.status_code, NUMBER in sorry.text) == (429, False)


@pytest.mark.parametrize("number", ["9" * 100_000, "１２３", "' OR 1=1 --", ""], ids=range(4))
def test_strange_input_finds_nobody(hall: Hall, number: str) -> None:
    with httpx.Client(base_url=hall.office.url, trust_env=False) as client:
        assert post(client, hall.path, number=number).status_code == 422


@pytest.mark.parametrize("token", ["x", "a" * 22, "_" * 22, "a" * 4000, "%E9%A9%AC" * 20], ids=range(5))
def test_an_address_that_does_not_hold_says_so(hall: Hall, token: str) -> None:
    with httpx.Client(base_url=hall.office.url, trust_env=False) as client:
        for path in ("", "/you", "/answer"):
            answer = client.get(f"/join/{token}{path}")
            assert answer.status_code == 404
            assert "join-card" in answer.text


def test_what_no_phone_can_type_is_no_request(hall: Hall) -> None:
    with httpx.Client(base_url=hall.office.url, trust_env=False) as client:
        assert post(client, hall.path, number="0427\0").status_code == 400
        assert client.get("/join/a%00").status_code == 400


def test_nothing_is_done_out_of_order_or_for_another_phone(hall: Hall) -> None:
    with httpx.Client(base_url=hall.office.url, trust_env=False) as client:
        for path in ("/you", "/answer"):
            assert client.get(hall.path + path).headers["Location"].endswith(hall.path)
        assert post(client, hall.path, "/sign-in").headers["Location"].endswith(hall.path)
        assert post(client, hall.path, "/undo").status_code == 409
        assert client.post(f"{hall.path}/sign-in").status_code == 400
        post(client, hall.path, number=NUMBER)
        assert post(client, hall.path, "/undo").status_code == 409
        post(client, hall.path, "/sign-in")
        hall.answers(ReplyState.DONE)
    with httpx.Client(base_url=hall.office.url, trust_env=False) as other:
        assert post(other, hall.path, "/undo").status_code == 409
    assert '"undo":true' not in hall.command().body


def test_the_page_asks_nobody_else_and_is_kept_nowhere(hall: Hall) -> None:
    with httpx.Client(base_url=hall.office.url, trust_env=False) as client:
        answer = client.get(hall.path)
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "script>" not in answer.text.replace("></script>", "")


def test_a_new_square_is_made_on_the_stations_page(watched: Watched, hall: Hall) -> None:
    page = watched.page
    watched.sign_in("li")
    watched.go(f"/stations/{hall.station}")
    page.click("section[aria-labelledby=by-phone] summary")
    assert serious(page) == []
    page.click("section[aria-labelledby=by-phone] form button")
    page.wait_for_url(f"**/stations/{hall.station}")
    assert watched.go(hall.path) == 404
    with hall.office.services.database.reader() as session:
        hall.path = "/join/" + session.get_one(Station, UUID(hall.station)).join_address.rpartition("/")[2]
    assert watched.go(hall.path) == 200


def test_only_those_in_charge_make_a_new_square(hall: Hall) -> None:
    with httpx.Client(base_url=hall.office.url, trust_env=False) as client:
        page = client.get(hall.path)
        token = {"csrf_token": csrf(page.text)}
        answer = client.post(f"/stations/{hall.station}/join", data=token)
        assert (answer.status_code, "/sign-in" in answer.headers["Location"]) == (302, True)
        assert client.get(hall.path).status_code == 200


def post(client: httpx.Client, path: str, further: str = "", **fields: str) -> httpx.Response:
    """Post as the page's own form does."""
    return client.post(path + further, data={"csrf_token": csrf(client.get(path).text), **fields})


def csrf(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found
    return found[1]


def test_who_was_at_an_earlier_lesson_asks_and_hears_the_same_as_everybody(phone: Watched, hall: Hall) -> None:
    page, earlier = phone.page, datetime.now(UTC) - timedelta(days=3)
    read_in(page)
    page.locator("html[lang=en]").wait_for(state="attached")
    phone.go(hall.path + "/was-there")
    page.wait_for_url("**" + hall.path)
    type_number(phone, NUMBER)
    page.get_by_role("link", name="Yes, and I was at an earlier lesson").press("Enter")
    page.wait_for_url("**/was-there")
    assert "No lesson of the last 30 days" in page.locator("main").inner_text()
    assert serious(page) == []
    with hall.office.services.database.unit_of_work() as session:
        place = session.get_one(Station, UUID(hall.station))
        session.add(
            SessionRow(
                airing_id="earlier",
                station_id=place.id,
                region_code=place.region_code,
                lesson_id=hall.office.lesson,
                lesson_title="滩羊冬季补饲",
                course_title="",
                planned_start=earlier,
                planned_ms=60_000,
            )
        )
    page.reload()
    page.fill("#text", "坐在门口")
    page.press("#text", "Enter")
    assert page.locator("[role=alert]").inner_text() == "Choose which lesson."
    assert page.input_value("#text") == "坐在门口"
    assert serious(page) == []
    page.select_option("#airing", index=1)
    page.press("#text", "Enter")
    page.get_by_role("heading", name="It is written down").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious(page) == []
    assert NAME not in page.content()
    with hall.office.services.database.unit_of_work() as session:
        (row,) = session.scalars(select(CorrectionRequest).where(CorrectionRequest.airing_id == "earlier"))
        assert (row.text, row.state, row.by) == ("坐在门口", "open", None)
        session.delete(row)
        session.delete(session.get_one(SessionRow, ("earlier", UUID(hall.station))))


def test_the_phone_leads_to_the_week_the_questions_and_the_hours_in_all(phone: Watched, hall: Hall) -> None:
    page = phone.page
    read_in(page)
    page.get_by_role("link", name="This week's programme").click()
    page.wait_for_url(f"**/programme/{hall.station}")
    phone.go(hall.path)
    type_number(phone, NUMBER)
    page.get_by_role("link", name="My hours").click()
    page.wait_for_url("**/hours")
    expect(page.locator("main")).to_contain_text("吴*琴")
    expect(page.locator("main")).to_contain_text("No lesson is counted yet")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nobody_who_typed_no_number_sees_hours(phone: Watched, hall: Hall) -> None:
    phone.go(f"{hall.path}/hours")
    assert phone.page.url.endswith(hall.path)


@pytest.mark.parametrize("path", ["", "/ask", "/cases", "/hours"])
def test_a_first_visit_by_an_old_phone_stays_below_sixty_kilobytes(phone: Watched, hall: Hall, path: str) -> None:
    """Packed as nginx sends them; each address once."""
    type_number(phone, NUMBER)
    phone.page.wait_for_url("**/you")
    came: dict[str, int] = {}
    phone.page.on("response", lambda answer: came.update({answer.url: len(gzip.compress(answer.body()))}))
    assert phone.go(hall.path + path) == 200
    phone.page.wait_for_load_state("networkidle")
    assert 0 < sum(came.values()) < 60_000, came
