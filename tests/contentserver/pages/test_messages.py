"""Messages and tasks, in a browser and over a real message centre: looked at, agreed to, delivered, kept, refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select, update

from contentserver import stations
from contentserver.adapters.smpp import SmppGateway
from contentserver.app import Services, message_means
from contentserver.members import add_member, set_phone
from contentserver.messaging import Channel, Post
from contentserver.messaging.models import Delivery
from contentserver.stations import Station
from tests.centre import message_centre
from tests.contentserver.pages.conftest import STAFF, VILLAGE, Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_every_page import serious
from tests.serving import hire, import_regions, served, services_in

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A county with sixty members who have numbers, and a message centre."""
    with message_centre() as (_program, url):
        found = services_in(tmp_path_factory.mktemp("messages"), sms_gateway=url)
        now = datetime.now(UTC)
        with found.database.unit_of_work() as session:
            import_regions(session)
            stations.add_village_stations(session, VILLAGE[:9])
            hire(session, STAFF, now)
            station = session.scalars(select(Station).where(Station.region_code == VILLAGE)).one()
            for number in range(60):
                member = add_member(session, station.id, f"村民{number:02}", str(1000 + number))
                set_phone(session, member, f"138000{number:04}0", found.personal)
            for number in (7, 8):
                set_phone(
                    session,
                    add_member(session, station.id, "不在", str(2000 + number)),
                    f"1380001000{number - 6}",
                    found.personal,
                )
            add_member(session, station.id, "没电话", "3000")
        yield found


@pytest.fixture(scope="module")
def url(services: Services) -> Iterator[str]:
    with served(services) as address:
        yield address


@pytest.fixture
def desk(context: BrowserContext, services: Services, url: str) -> Watched:
    """Somebody's browser."""
    office = Office(url, services, "", "", "", "", "")
    return Watched(context.new_page(), office)


def carry(services: Services) -> None:
    """Let everything leave and every receipt come, whatever the hour is at which this test runs."""
    with services.database.unit_of_work() as session:
        session.execute(update(Delivery).values(next_at=datetime.now(UTC) - timedelta(days=1)))
    gateway = SmppGateway(services.settings.sms_gateway)
    post = Post(services.database, {Channel.SMS: gateway}, message_means(services))
    for _turn in range(200):
        busy = post.turn()
        with services.database.reader() as session:
            open_ones = select(Delivery.id).where(Delivery.state.in_(("waiting", "submitted")))
            silent = open_ones.where(Delivery.state == "submitted")
            if not busy and len(session.scalars(open_ones).all()) == len(session.scalars(silent).all()) <= 1:
                break
    gateway.close()


def write(page: Page, title: str, text: str) -> None:
    page.fill("#title", title)
    page.fill("#text", text)
    page.click("button[name=look]")


def test_many_are_written_to_somebody_else_agrees_and_each_one_s_fate_stands_there(
    desk: Watched, context: BrowserContext, services: Services
) -> None:
    desk.sign_in("wang")
    read_in(desk.page)
    desk.go("/messages")
    assert desk.page.get_by_text("No message yet").is_visible()
    assert serious(desk.page) == []
    desk.page.get_by_role("link", name="Write a message").first.click()
    write(desk.page, "今晚有课", "{name},今晚七点半{station}放《冬小麦越冬管理》。")
    preview = desk.page.locator(".preview-card")
    assert "62 addresses are reached" in preview.inner_text().replace("\n", " ")
    assert "3.10 yuan" in preview.inner_text()
    assert "村**0" in preview.inner_text(), "the sample shows no whole name"
    assert serious(desk.page) == []
    desk.page.get_by_role("button", name="Ask for agreement").click()
    assert desk.page.get_by_text("Somebody else has to agree", exact=False).first.is_visible()
    message = desk.page.url
    other = Watched(context.browser.new_context().new_page(), desk.office)  # type: ignore[union-attr]
    other.sign_in("li")
    read_in(other.page)
    assert other.page.locator(".top-right .count").inner_text() == "1"
    other.go("/tasks")
    assert serious(other.page) == []
    other.page.get_by_role("link", name="今晚有课").click()
    assert serious(other.page) == []
    other.page.get_by_role("button", name="Do not agree").click()
    assert other.page.locator("#reason[aria-invalid=true]").is_visible(), "a no needs a reason"
    other.page.get_by_role("button", name="Agree", exact=True).click()
    assert other.page.get_by_text("agreed and done").is_visible()
    carry(services)
    desk.page.goto(message)
    table = desk.page.locator("main table").first.inner_text()
    assert "delivered" in table
    assert "60" in table
    assert "handed over, no receipt yet" in table
    assert serious(desk.page) == []
    desk.page.get_by_role("link", name="not delivered").click()
    assert "138****0001" in desk.page.locator("#deliveries").inner_text()
    desk.page.get_by_role("button", name="Once more to whom it did not reach").click()
    assert desk.page.get_by_text("1 goes once more.").is_visible()
    other.page.context.close()


def test_what_changed_after_the_look_is_looked_at_once_more_and_what_is_wrong_stands_beside_its_field(
    desk: Watched, services: Services
) -> None:
    desk.sign_in("li")
    read_in(desk.page)
    desk.go("/messages/new")
    desk.page.click("button[name=look]")
    assert desk.page.locator("[data-error-summary] a").count() == 2
    write(desk.page, "通知", "明天开会")
    desk.page.fill("#text", "后天开会")
    desk.page.get_by_role("button", name="Ask for agreement").click()
    assert desk.page.get_by_text("Something is different", exact=False).is_visible()
    desk.page.check("input[name=channel][value=mail]")
    desk.page.click("button[name=look]")
    assert desk.page.get_by_text("Only people with an account have a mail address here", exact=False).first.is_visible()


def test_templates_groups_and_who_wants_none(desk: Watched) -> None:
    desk.sign_in("li")
    read_in(desk.page)
    page = desk.page
    desk.go("/messages/templates")
    page.fill("#name", "开课提醒")
    page.fill("#text", "今晚有课")
    page.get_by_role("button", name="Keep it").click()
    assert serious(page) == []
    page.get_by_role("link", name="Write with it").click()
    assert page.input_value("#text") == "今晚有课"
    page.fill("#missed", "3")
    page.click("button[name=look]")
    page.fill("#group_name", "三次没来的")
    page.get_by_role("button", name="Keep the group").click()
    assert "who missed the last 3 lessons" in page.locator("main table").inner_text()
    assert serious(page) == []
    page.get_by_role("button", name="Put away").click()
    page.get_by_role("button", name="Fetch it back").click()
    assert page.locator("main table tbody tr").count() == 1
    desk.go("/messages/opt-outs")
    page.fill("#number", "12")
    page.get_by_role("button", name="No messages to this number").click()
    assert page.locator("#number[aria-invalid=true]").is_visible()
    page.fill("#number", "138 0000 0000")
    page.get_by_role("button", name="No messages to this number").click()
    assert "138****0000" in page.locator("main table").inner_text()
    assert serious(page) == []
    page.get_by_role("button", name="Wants messages again").click()
    assert page.get_by_text("Nobody so far.").is_visible()


@pytest.mark.parametrize("width", [1366, 390])
@pytest.mark.parametrize("path", ["/messages", "/messages/new", "/tasks", "/messages/templates", "/messages/groups"])
def test_nothing_sticks_out_at_the_side(desk: Watched, path: str, width: int) -> None:
    desk.page.set_viewport_size({"width": width, "height": 768})
    desk.sign_in("li")
    desk.go(path)
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= width
