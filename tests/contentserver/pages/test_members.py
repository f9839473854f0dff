"""Members in a browser: branches and roles, the record, search as one types, sheets, moving, registering by phone."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.app import Services
from contentserver.kernel.auth import Role
from contentserver.members import Member, add_member
from contentserver.members.identity import check_of
from contentserver.stations import Station
from tests.contentserver.pages.conftest import STAFF, TOWNSHIP, VILLAGE, Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_every_page import serious
from tests.serving import hire, import_regions, served, services_in

pytestmark = pytest.mark.xdist_group("pages")
OTHER = "640221203204"
IDENTITY = "64022119680509001" + check_of("64022119680509001")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """A township with two villages whose administrators are signed in by the tests."""
    found = services_in(tmp_path_factory.mktemp("members"))
    now = datetime.now(UTC)
    with found.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, TOWNSHIP)
        hire(session, {**STAFF, "sun": ("孙站长", Role.STATION_ADMIN, OTHER)}, now)
        for number, name in enumerate(("马建国", "王小芳", "单永强", "曾国华")):
            add_member(session, home(session).id, name, f"{101 + number}")
    return found


def home(session: Session, code: str = VILLAGE) -> Station:
    return session.scalars(select(Station).where(Station.region_code == code)).one()


@pytest.fixture(scope="module")
def url(services: Services) -> Iterator[str]:
    with served(services) as address:
        yield address


@pytest.fixture
def desk(context: BrowserContext, services: Services, url: str) -> Iterator[Watched]:
    """Somebody's browser."""
    yield from watching(context, services, url)


def watching(context: BrowserContext, services: Services, url: str) -> Iterator[Watched]:
    found = Watched(context.new_page(), Office(url, services, "", "", "", "", ""))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on("console", lambda one: found.complaints.append(one.text) if "Content Security" in one.text else None)
    yield found
    assert found.complaints == []


def signed_in(desk: Watched, username: str) -> Page:
    desk.sign_in(username)
    if desk.page.get_attribute("html", "lang") != "en":
        read_in(desk.page)
    return desk.page


def named(services: Services, number: str, code: str = VILLAGE) -> Member:
    with services.database.reader() as session:
        query = select(Member).where(Member.station_id == home(session, code).id, Member.number == number)
        return session.scalars(query).one()


def test_branches_are_founded_changed_dissolved_and_brought_back(desk: Watched, services: Services) -> None:
    page = signed_in(desk, "wang")
    desk.go("/branches")
    assert "There is no branch yet" in page.locator(".empty").inner_text()
    assert serious(page) == []
    page.get_by_role("link", name="Found a branch").first.click()
    page.get_by_role("button", name="Save the branch").click()
    page.locator(".summary-of-errors").wait_for()
    assert "A name has one to 60 characters." in page.locator(".summary-of-errors").inner_text()
    page.fill("#name", "崇岗镇党委")
    page.select_option("#kind", "committee")
    page.select_option("#region_code", TOWNSHIP)
    page.fill("#founded_on", "1985-07-01")
    page.get_by_role("button", name="Save the branch").click()
    page.get_by_role("heading", name="崇岗镇党委").wait_for()
    page.get_by_role("link", name="Found one below it").click()
    page.fill("#name", "马场村支部")
    page.select_option("#kind", "branch")
    page.select_option("#region_code", VILLAGE)
    page.get_by_role("button", name="Save the branch").click()
    page.get_by_role("heading", name="马场村支部").wait_for()
    assert "崇岗镇党委" in page.locator(".crumbs").inner_text()
    assert serious(page) == []
    desk.go(f"/members/{named(services, '101').id}")
    page.select_option("#branch", label="马场村支部")
    page.select_option("#role", "secretary")
    page.fill("#since", "2020-03-01")
    page.get_by_role("button", name="Give the role").click()
    page.locator("table", has_text="Secretary").wait_for()
    assert "2020-03-01" in page.locator("#roles").locator("..").inner_text()
    desk.go("/branches")
    page.get_by_role("link", name="马场村支部").click()
    page.get_by_role("heading", name="马场村支部").wait_for()
    assert "马*国" in page.locator("tbody").first.inner_text()
    page.locator("summary", has_text="Dissolve it").click()
    page.fill("#reason", "两村合并")
    page.get_by_role("button", name="Dissolve it").click()
    page.locator("[role=status].bar:not([hidden])").wait_for()
    assert "Dissolved on" in page.locator("[role=status].bar:not([hidden])").inner_text()
    page.get_by_role("button", name="Bring it back").click()
    page.get_by_role("link", name="Found one below it").wait_for()
    assert page.get_by_role("link", name="Found one below it").count() == 1
    desk.go("/branches")
    assert page.locator(".branch-tree ul ul").inner_text().count("马场村支部") == 1
    assert serious(page) == []
    desk.go("/branches/roles")
    assert "Secretary" in page.locator("table").inner_text()
    assert page.locator("#role_name").count() == 0


def test_a_person_is_entered_with_what_is_sealed_and_shown_whole_with_a_reason(
    desk: Watched, services: Services
) -> None:
    page = signed_in(desk, "zhao")
    desk.go("/members/new")
    assert page.input_value("#station").endswith("马场村")
    page.fill("#name", "杨秀英")
    page.fill("#phone", "13800005678")
    page.fill("#identity", IDENTITY[:-1] + ("1" if IDENTITY[-1] != "1" else "2"))
    page.get_by_role("button", name="Save the record").click()
    page.locator("#identity-wrong").wait_for()
    assert "does not fit the others" in page.locator("#identity-wrong").inner_text()
    assert page.input_value("#phone") == "13800005678"
    assert serious(page) == []
    page.fill("#identity", IDENTITY)
    page.get_by_role("button", name="Save the record").click()
    page.get_by_role("heading", name="杨*英").wait_for()
    shown = page.locator("dl.facts").first.inner_text()
    assert "138****5678" in shown
    assert "1968-**-**" in shown
    assert IDENTITY not in page.content()
    assert serious(page) == []
    page.fill("#reason", "核对身份")
    page.get_by_role("button", name="Show it once").click()
    page.get_by_role("heading", name="杨秀英").wait_for()
    assert IDENTITY in page.locator("dl.facts").first.inner_text()
    assert page.locator("h1").inner_text() == "杨秀英"
    desk.go(page.url.removesuffix("/reveal").removeprefix(desk.office.url))
    page.get_by_role("link", name="Change", exact=True).click()
    page.wait_for_url("**/edit")
    assert "Kept: 138****5678" in page.content()
    page.fill("#name", "杨秀英英")
    page.check("#without_phone")
    page.get_by_role("button", name="Save the record").click()
    page.get_by_role("heading", name="杨**英").wait_for()
    assert "138****5678" not in page.locator("dl.facts").first.inner_text()
    assert page.locator("h1").inner_text() == "杨**英"


def test_somebody_is_found_while_one_types_and_without_a_script_too(desk: Watched, browser: Browser, url: str) -> None:
    page = signed_in(desk, "zhao")
    desk.go("/members")
    page.locator("#q").press_sequentially("syq")
    page.locator("#found", has_text="1 found").wait_for()
    assert "单*强" in page.locator("#found tbody tr").inner_text()
    assert page.evaluate("document.activeElement.id") == "q"
    assert serious(page) == []
    page.fill("#q", "zeng")
    page.locator("#found tbody tr", has_text="曾*华").wait_for()
    page.fill("#q", "ceng")
    page.locator("#found .empty").wait_for()
    plain = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state(), locale="en-US")
    other = plain.new_page()
    other.goto(f"{url}/members")
    other.fill("#q", "103")
    other.press("#q", "Enter")
    assert "单*强" in other.locator("#found tbody").inner_text()
    plain.close()


def test_a_sheet_is_looked_at_and_entered_with_a_choice_for_who_is_known(desk: Watched, services: Services) -> None:
    page = signed_in(desk, "zhao")
    desk.go("/members/sheet")
    assert serious(page) == []
    wrong = IDENTITY[:-1] + ("1" if IDENTITY[-1] != "1" else "2")
    sheet = f"姓名,手机,身份证号\n马建国,13911110001,\n何秀兰,13911110002,\n何老三,,{wrong}\n"
    page.set_input_files("#file", {"name": "学员.csv", "mimeType": "text/csv", "buffer": sheet.encode("gb18030")})
    page.get_by_role("button", name="Look what it holds").click()
    page.get_by_role("heading", name="What the sheet holds").wait_for()
    assert "does not fit the others" in page.locator("section", has_text="cannot be used").inner_text()
    assert "the same name at this station" in page.locator("section", has_text="whom the server knows").inner_text()
    assert serious(page) == []
    page.select_option("#row-2", label="somebody else: enter them")
    page.get_by_role("button", name="Enter these 2 rows").click()
    page.locator(".flash, [role=status]", has_text="2 people are entered.").first.wait_for()
    desk.go("/members?q=hxl")
    assert "何*兰" in page.locator("#found tbody").inner_text()


def test_two_records_are_merged_and_parted(desk: Watched, services: Services) -> None:
    with services.database.unit_of_work() as session:
        for number in ("701", "702"):
            add_member(session, home(session).id, "白素贞", number)
    page = signed_in(desk, "zhao")
    desk.go(f"/members/{named(services, '701').id}")
    page.get_by_role("link", name="Another record is the same person's").click()
    page.get_by_role("button", name="They are one person").click()
    page.locator(".summary-of-errors").wait_for()
    assert serious(page) == []
    page.fill("#merge_reason", "本人说登记了两次")
    page.get_by_role("button", name="They are one person").click()
    page.get_by_role("heading", name="Merged with").wait_for()
    assert serious(page) == []
    desk.go("/members?q=bsz")
    assert page.locator("#found tbody tr").count() == 1
    desk.go(f"/members/{named(services, '702').id}")
    assert "another one stands for it" in page.content()
    page.get_by_role("link", name="Open that one").click()
    page.get_by_role("button", name="They are two people").click()
    page.locator("section", has_text="undone").first.wait_for()
    desk.go("/members?q=bsz")
    assert page.locator("#found tbody tr").count() == 2


def test_a_list_is_taken_along_masked_and_whole_with_a_reason(desk: Watched, services: Services) -> None:
    page = signed_in(desk, "zhao")
    desk.go("/members")
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    for reason, word, other in (("", "王*芳", "王小芳"), ("乡里要", "王小芳", "王*芳")):
        form: dict[str, str | float | bool] = {"csrf_token": token, "reason": reason}
        answer = page.request.post(f"{desk.office.url}/members/sheet/export.csv", form=form)
        assert answer.status == 200
        assert word in answer.text()
        assert other not in answer.text()


def test_three_people_move_a_member_and_their_page_tells_it(browser: Browser, services: Services, url: str) -> None:
    with services.database.unit_of_work() as session:
        mover = add_member(session, home(session).id, "许仙", "801").id
        add_member(session, home(session, OTHER).id, "法海", "801")
        there = home(session, OTHER).name
    contexts = [browser.new_context(locale="en-US") for _who in range(3)]
    desks = [Watched(one.new_page(), Office(url, services, "", "", "", "", "")) for one in contexts]
    zhao, sun, wang = (signed_in(one, who) for one, who in zip(desks, ("zhao", "sun", "wang"), strict=True))
    desks[0].go(f"/members/{mover}")
    zhao.locator("summary", has_text="They move to another station").click()
    zhao.fill("#destination", "没有这个村")
    zhao.get_by_role("button", name="Begin the move").click()
    zhao.locator("#destination-wrong").wait_for()
    assert serious(zhao) == []
    zhao.fill("#destination", there)
    zhao.get_by_role("button", name="Begin the move").click()
    zhao.wait_for_url("**/tasks/*")
    assert "许仙" not in zhao.content()
    matter = zhao.url
    sun.goto(matter)
    assert sun.get_by_role("button", name="Agree").count() == 0
    zhao.get_by_role("button", name="Agree", exact=True).click()
    zhao.locator("body", has_text="Your decision stands.").wait_for()
    sun.goto(f"{url}/tasks")
    assert sun.locator("main").inner_text().count("许*") == 1
    sun.goto(matter)
    assert serious(sun) == []
    sun.get_by_role("button", name="Agree", exact=True).click()
    sun.locator("body", has_text="Your decision stands.").wait_for()
    wang.goto(f"{url}/members/{mover}")
    assert there in wang.locator("dl.facts").first.inner_text()
    assert "No. 802" in wang.locator(".heading").inner_text()
    assert "agreed and done" in wang.locator("section", has_text="What was decided about them").inner_text()
    zhao.goto(f"{url}/members/{mover}")
    assert "This lies outside your region." in zhao.content()
    for one in contexts:
        one.close()


def join_token(services: Services) -> str:
    with services.database.unit_of_work() as session:
        station = home(session)
        stations.keep_join_addresses(session, services.settings.public_url)
        session.flush()
        return station.join_address.rpartition("/")[2]


def test_somebody_registers_by_phone_and_gets_an_own_address(browser: Browser, services: Services, url: str) -> None:
    token = join_token(services)
    phone = browser.new_context(
        viewport={"width": 390, "height": 780}, java_script_enabled=False, locale="en-US"
    ).new_page()
    office = browser.new_context(locale="en-US")
    desk = Watched(office.new_page(), Office(url, services, "", "", "", "", ""))
    answer = phone.goto(f"{url}/join/{token}")
    assert answer is not None
    if phone.get_attribute("html", "lang") != "en":
        phone.click("button[lang=en]")
    phone.get_by_role("link", name="I am not on the roll yet").click()
    phone.fill("#name", "傻逼")
    phone.fill("#phone", "13922220001")
    phone.get_by_role("button", name="Register").click()
    assert "Write your own name" in phone.locator("#name-wrong").inner_text()
    assert phone.input_value("#phone") == "13922220001"
    phone.fill("#name", "郑小燕")
    phone.fill("#number", "333")
    phone.get_by_role("button", name="Register").click()
    assert "You are registered" in phone.locator("h1").inner_text()
    page = signed_in(desk, "zhao")
    desk.go("/tasks")
    page.get_by_role("link", name="郑*燕").first.click()
    assert "139****0001" in page.content()
    page.get_by_role("button", name="Agree", exact=True).click()
    page.locator("body", has_text="Your decision stands.").wait_for()
    member = named(services, "333")
    desk.go(f"/members/{member.id}")
    page.get_by_role("button", name="Address of their own record", exact=True).click()
    page.get_by_role("heading", name="Own record on the phone").wait_for()
    assert serious(page) == []
    path = "/own/" + page.locator(".token").inner_text().rpartition("/")[2]
    answer = phone.goto(url + path)
    assert answer is not None
    assert answer.status == 200
    assert len(answer.body()) < 60_000
    assert "郑*燕" in phone.content()
    assert "郑小燕" not in phone.content()
    desk.go(f"/members/{member.id}")
    page.get_by_role("button", name="End that address").click()
    page.locator("body", has_text="leads nowhere").wait_for()
    answer = phone.goto(url + path)
    assert answer is not None
    assert answer.status == 404
    phone.context.close()
    office.close()


def test_the_phone_pages_are_light_and_open_to_all(desk: Watched, services: Services) -> None:
    page, token = desk.page, join_token(services)
    weights: list[int] = []
    page.on("response", lambda one: weights.append(len(one.body())) if one.status == 200 else None)
    desk.go(f"/join/{token}/register")
    page.wait_for_load_state("networkidle")
    assert sum(weights[:1]) < 20_000
    assert serious(page) == []
    assert desk.go("/join/wrong/register") == 404
    assert desk.go("/own/wrong") == 404
