"""Prices and the bulletin on their pages: entered by keyboard, doubted, confirmed, from a sheet, put in, approved."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from playwright.sync_api import FilePayload, Page, ViewportSize
from sqlalchemy import delete

from contentserver import market, papers
from contentserver.kernel import clock
from contentserver.market.models import Commodity, Feed, MarketPlace, Offer, Price
from contentserver.papers.models import PaperRow
from schedules.wire.messages import Market, PaperKind
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")
DESK, PHONE = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=780)


@pytest.fixture(autouse=True)
def _as_it_was(office: Office) -> Iterator[None]:
    yield
    with office.services.database.unit_of_work() as session:
        for table in (Price, Offer, Feed, Commodity, MarketPlace):
            session.execute(delete(table))
        session.execute(delete(PaperRow).where(PaperRow.kind == PaperKind.MARKET))


def paper(office: Office) -> Market:
    """What the village's television gets now."""
    with office.services.database.unit_of_work() as session:
        market.lay_out(session, clock.now())
        found = papers.of_kind(session, UUID(office.station), PaperKind.MARKET)
    return msgspec.json.decode(found[1], type=Market) if found else Market(version="")


def begin(watched: Watched, username: str) -> Page:
    """Signed in, in English."""
    watched.sign_in(username)
    if watched.page.get_attribute("html", "lang") != "en":
        read_in(watched.page)
    return watched.page


def name_goods(watched: Watched, *names: str) -> None:
    """Commodities and a market, by their forms and the keyboard alone."""
    page = watched.page
    watched.go("/market/goods")
    for name in names:
        page.fill("#commodity-name", name)
        page.fill("#commodity-unit", "斤")
        page.fill("#commodity-keywords", "化验单")
        page.press("#commodity-keywords", "Enter")
        page.get_by_role("status").filter(has_text=name).wait_for()
    page.fill("#place-name", "平罗批发市场")
    page.press("#place-name", "Enter")
    page.get_by_role("rowheader", name="平罗批发市场").wait_for()


def enter(watched: Watched, day: str, *prices: tuple[str, str]) -> None:
    """A day's prices, by the form."""
    watched.go("/market/enter")
    watched.page.fill("#day", day)
    for name, price in prices:
        watched.page.get_by_label(name, exact=True).fill(price)
    watched.page.keyboard.press("Enter")


def day(back: int = 0) -> str:
    return (clock.local(clock.now()).date() - timedelta(days=back)).isoformat()


def test_prices_are_entered_doubted_confirmed_and_reach_the_television(watched: Watched) -> None:
    page = begin(watched, "li")
    watched.go("/market")
    page.get_by_text("There are no prices yet").wait_for()
    assert serious(page) == []
    name_goods(watched, "玉米", "大米")
    for back, cents in ((9, "1.00"), (8, "1.02"), (1, "1.15")):
        enter(watched, day(back), ("玉米", cents))
        page.get_by_role("status").filter(has_text="1 price is kept").wait_for()
    enter(watched, day(), ("玉米", "1180"), ("大米", "2.98"))
    page.get_by_role("status").filter(has_text="2 prices are kept").wait_for()
    page.get_by_role("heading", name="1 price waits to be confirmed").wait_for()
    assert serious(page) == []
    assert {(one.commodity, one.cents) for one in paper(watched.office).prices} == {("玉米", 115), ("大米", 298)}
    page.get_by_role("link", name="Correct it 玉米").press("Enter")
    page.get_by_label("玉米", exact=True).fill("1.18")
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="1 price is kept").wait_for()
    assert page.get_by_text("waits to be confirmed").count() == 0
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="玉米"))
    assert "▲ up 0.03" in row.inner_text()
    assert {(one.commodity, one.cents) for one in paper(watched.office).prices} == {("玉米", 118), ("大米", 298)}
    page.get_by_role("heading", name="玉米 has risen by 15% in a week").wait_for()
    page.get_by_role("link", name="Plan it 看懂化验单").press("Enter")
    page.wait_for_url("**/timetable?lesson=*")
    assert page.locator("#schedule select[name=lesson]").input_value() == watched.office.lesson
    watched.go("/market")
    page.get_by_role("link", name="玉米").first.press("Enter")
    page.get_by_role("heading", name="玉米").wait_for()
    assert page.locator("svg.price-line.large circle").count() == 4
    assert page.locator("tbody tr").count() == 4
    assert serious(page) == []


def test_a_doubtful_price_is_right_or_goes(watched: Watched) -> None:
    page = begin(watched, "wang")
    name_goods(watched, "玉米", "大米")
    enter(watched, day(1), ("玉米", "1.15"), ("大米", "3"))
    page.get_by_role("status").filter(has_text="2 prices are kept").wait_for()
    enter(watched, day(), ("玉米", "4.20"), ("大米", "3000"))
    page.get_by_role("heading", name="2 prices wait to be confirmed").wait_for()
    page.get_by_role("button", name="It is right 玉米").press("Enter")
    page.get_by_role("heading", name="1 price waits to be confirmed").wait_for()
    page.get_by_role("button", name="Take it away 大米").press("Enter")
    page.get_by_role("status").filter(has_text="The price is gone").wait_for()
    assert {(one.commodity, one.cents) for one in paper(watched.office).prices} == {("玉米", 420), ("大米", 300)}


def test_what_cannot_be_a_price_stands_beside_its_field_and_nothing_is_lost(watched: Watched) -> None:
    page = begin(watched, "li")
    name_goods(watched, "玉米", "大米")
    for price, sentence in (("0", "A price is more than zero"), ("-3", "more than zero"), ("dear", "Write the price")):
        enter(watched, day(), ("大米", "2.98"), ("玉米", price))
        page.locator(".summary-of-errors").wait_for()
        assert sentence in page.locator("td .wrong").inner_text()
        assert page.get_by_label("大米", exact=True).input_value() == "2.98"
        assert page.get_by_label("玉米", exact=True).input_value() == price
    assert serious(page) == []
    enter(watched, (clock.local(clock.now()).date() + timedelta(days=1)).isoformat(), ("玉米", "1.18"))
    assert "has not come yet" in page.locator("#day-wrong").inner_text()
    enter(watched, day())
    page.get_by_text("Write at least one price.").wait_for()
    assert paper(watched.office).prices == ()
    watched.go("/market/goods")
    page.fill("#commodity-name", "玉米")
    page.press("#commodity-name", "Enter")
    page.locator("#commodity-unit-wrong").wait_for()
    assert page.input_value("#commodity-name") == "玉米"
    assert serious(page) == []


def test_a_sheet_is_looked_at_before_it_is_kept(watched: Watched) -> None:
    page = begin(watched, "li")
    name_goods(watched, "玉米")
    head = "品种,市场,日期,价格\n"
    good = [f"玉米,平罗批发市场,{day(back)},1.1{back}" for back in range(3)]
    for rows, name in ((["玉米,平罗批发市场,2026-01-01,0", *good], "1 row cannot be used"), (good, "3 rows are good")):
        watched.go("/market/import")
        sheet = (head + "\n".join(rows)).encode()
        page.set_input_files("#file", FilePayload(name="prices.csv", mimeType="text/csv", buffer=sheet))
        page.get_by_role("button", name="Look what it holds").press("Enter")
        page.get_by_role("heading", name=name).wait_for()
        assert serious(page) == []
        assert paper(watched.office).prices == ()
    page.get_by_role("button", name="Keep them all").press("Enter")
    page.get_by_role("status").filter(has_text="3 prices are kept").wait_for()
    (corn,) = paper(watched.office).prices
    assert corn.days[-3:] == (112, 111, 110)
    watched.go("/market/import")
    page.set_input_files("#file", FilePayload(name="x.xlsx", mimeType="application/zip", buffer=b"PK no sheet"))
    page.get_by_role("button", name="Look what it holds").press("Enter")
    assert "no sheet" in page.locator(".summary-of-errors").inner_text()


def test_a_feed_is_made_shown_once_and_ended(watched: Watched) -> None:
    page = begin(watched, "wang")
    name_goods(watched, "玉米")
    watched.go("/market/feeds")
    page.fill("#name", "批发市场的程序")
    page.press("#name", "Enter")
    secret = page.locator("code.token").inner_text()
    assert serious(page) == []
    sent = {"prices": [{"commodity": "玉米", "market": "平罗批发市场", "day": day(), "cents": 118}]}
    bring = {"Authorization": f"Bearer {secret}"}
    answer = page.request.post(f"{watched.office.url}/api/v1/market/prices", data=sent, headers=bring)
    assert (answer.status, answer.json()["new"]) == (200, 1)
    watched.go("/market/feeds")
    assert secret not in page.content()
    assert "last used" in page.locator("section:has(#feeds)").inner_text()
    page.get_by_role("button", name="End it").press("Enter")
    page.get_by_role("status").filter(has_text="has ended").wait_for()
    assert page.request.post(f"{watched.office.url}/api/v1/market/prices", data=sent, headers=bring).status == 401


def test_a_village_puts_something_in_the_county_looks_at_it_and_the_television_shows_it(
    watched: Watched,
) -> None:
    page = begin(watched, "zhao")
    watched.go("/market/bulletin")
    page.get_by_role("link", name="Put something in").first.press("Enter")
    page.fill("#title", "滩" * 19)
    page.press("#title", "Enter")
    page.locator(".summary-of-errors").wait_for()
    assert "At most 18" in page.locator("#title-wrong").inner_text()
    assert "whom to ask" in page.locator("#contact-wrong").inner_text()
    assert serious(page) == []
    page.fill("#title", "滩羊羔四十只")
    page.fill("#text", "三个月大，打过防疫针。")
    page.fill("#contact", "王主任 0952-0000000")
    page.press("#contact", "Enter")
    page.get_by_role("heading", name="滩羊羔四十只").wait_for()
    assert page.get_by_role("button", name="Show it").count() == 0
    assert serious(page) == []
    address = page.url
    assert paper(watched.office).offers == ()
    begin(watched, "wang")
    watched.go("/market")
    page.get_by_role("link", name="1 waits").press("Enter")
    page.get_by_role("link", name="滩羊羔四十只").press("Enter")
    page.get_by_role("button", name="Refuse it").press("Enter")
    page.locator("#reason-wrong").wait_for()
    page.fill("#reason", "请写明价钱")
    page.press("#reason", "Enter")
    page.get_by_role("status").filter(has_text="It is refused").wait_for()
    begin(watched, "zhao")
    page.goto(address)
    page.get_by_text("请写明价钱").wait_for()
    page.get_by_role("link", name="Change it").press("Enter")
    page.fill("#text", "三个月大，一千一只。")
    page.press("#title", "Enter")
    page.get_by_text("Waits to be looked at").wait_for()
    begin(watched, "wang")
    page.goto(address)
    page.get_by_role("button", name="Show it").press("Enter")
    page.get_by_role("status").filter(has_text="within a minute").wait_for()
    (card,) = paper(watched.office).offers
    assert (card.title, card.text) == ("滩羊羔四十只", "三个月大，一千一只。")
    begin(watched, "zhao")
    page.goto(address)
    page.get_by_role("button", name="Take it back").press("Enter")
    page.get_by_role("status").filter(has_text="taken back").wait_for()
    assert paper(watched.office).offers == ()


def test_a_station_administrator_reads_prices_and_keeps_none(watched: Watched) -> None:
    page = begin(watched, "zhao")
    watched.go("/market")
    page.get_by_text("The county enters them").wait_for()
    here = page.get_by_role("navigation", name="Exchange").get_by_role("link", name="Prices")
    assert here.get_attribute("aria-current") == "page"
    for path in ("/market/enter", "/market/goods", "/market/feeds", "/market/import"):
        assert watched.go(path) == 403, path
    begin(watched, "ma")
    assert here.count() == 0
    assert watched.go("/market") == 403


@every_look
def test_every_page_of_the_market_is_whole_and_narrow_enough(watched: Watched, scheme: str, language: str) -> None:
    page = begin(watched, "li")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    name_goods(watched, "玉米", "大米")
    for back in range(4):
        enter(watched, day(back), ("玉米", f"1.{10 + back % 3}"), ("大米", f"2.{90 - back}"))
        page.wait_for_url("**/market?market=*")
    enter(watched, day(), ("玉米", "118"))
    page.wait_for_url("**/market?market=*")
    watched.go("/market/bulletin/new")
    page.fill("#title", "滩羊羔四十只")
    page.fill("#contact", "王主任")
    page.press("#contact", "Enter")
    page.get_by_role("heading", name="滩羊羔四十只").wait_for()
    shown = page.url.removeprefix(watched.office.url)
    watched.go("/market")
    history = page.get_by_role("link", name="玉米").last.get_attribute("href") or ""
    if language == "zh_CN":
        read_in(page, "zh-CN")
    paths = ["/market", f"/market?day={day(3)}", f"/market?day={day(300)}", history, "/market/enter", "/market/import"]
    paths += [
        "/market/goods",
        "/market/feeds",
        "/market/bulletin",
        "/market/bulletin?q=x",
        "/market/bulletin/new",
        shown,
    ]
    for path in paths:
        page.set_viewport_size(DESK)
        assert watched.go(path) == 200, path
        page.locator("html.scripted").wait_for(state="attached")
        assert page.locator("h1").count() == 1, path
        assert serious(page) == [], path
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
