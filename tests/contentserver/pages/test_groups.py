"""Groups of stations, in a browser: made, filled, searched, deleted and taken back; and a notice that goes to one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pypdfium2
import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select

from contentserver.accounts import Account
from contentserver.kernel.auth import Person, Role
from contentserver.notices import service as notices
from contentserver.notices.models import NoticeRow
from contentserver.stations import Station, groups
from contentserver.stations.models import StationGroup
from contentserver.stations.rules import GroupWords
from tests.contentserver.notices.samples import words
from tests.contentserver.pages.conftest import COUNTY, TOWNSHIP, VILLAGE, Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture(autouse=True)
def empty(office: Office) -> Iterator[None]:
    """Before and afterwards there is no group, and no notice that goes to one."""
    _clear(office)
    yield
    _clear(office)


def _clear(office: Office) -> None:
    with office.services.database.unit_of_work() as session:
        session.execute(delete(NoticeRow))
        session.execute(delete(StationGroup))


def someone(office: Office, username: str) -> Person:
    with office.services.database.reader() as session:
        found = session.scalars(select(Account).where(Account.username == username)).one()
        return Person(found.id, username, found.display_name, Role(found.role), found.region_code)


def made(office: Office, *, name: str = "灌区村", who: str = "li", region: str = COUNTY, **rule: object) -> UUID:
    """A group with the village's station, where it is picked; its id."""
    person, now = someone(office, who), datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        row = groups.make(session, GroupWords(region_code=region, name=name, **rule), person, now)  # type: ignore[arg-type]
        if row.picked:
            here = session.scalars(select(Station.id).where(Station.region_code == VILLAGE))
            groups.put(session, row, set(here) if region == COUNTY else (), (), person, now)
        return row.id


def told(office: Office, group: UUID, **changes: object) -> UUID:
    """A notice to the group; its id."""
    person, now = someone(office, "li"), datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        row = notices.draft(session, words(regions=(), groups=(group,), **changes), person, now)
        notices.publish(session, row, person, now)
        return row.id


def stations(office: Office, group: UUID) -> set[str]:
    with office.services.database.reader() as session:
        ids = groups.stations_of_groups(session, [group])
        return set(session.scalars(select(Station.name).where(Station.id.in_(ids))))


def test_a_group_is_made_and_filled_page_by_page(watched: Watched, office: Office) -> None:
    page = english(watched, "li")
    watched.go("/stations")
    page.get_by_role("link", name="Groups", exact=True).click()
    expect(page.locator("main")).to_contain_text("There is no group yet")
    page.get_by_role("link", name="Make a group").first.click()
    page.fill("#name", "Irrigated villages")
    expect(page.locator("#below")).to_be_hidden()
    page.get_by_role("button", name="Save the group").click()
    page.locator(".flash", has_text="tick its stations").wait_for()
    group = UUID(page.url.rpartition("/")[2])
    page.get_by_label("Name of the station").fill("马场")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**q=*")
    page.get_by_label("马场村").check()
    page.get_by_role("button", name="Save the ticks of this page").click()
    page.locator(".flash", has_text="1 put in, 0 taken out").wait_for()
    assert "q=" in page.url, "the filter stays"
    assert stations(office, group) == {"马场村"}
    page.get_by_role("link", name="Show all").click()
    page.select_option("#region", TOWNSHIP)
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url(f"**region={TOWNSHIP}*")
    page.get_by_role("button", name="Put in all").click()
    page.locator(".flash").wait_for()
    many = stations(office, group)
    assert len(many) > 5
    page.select_option("#in", "yes")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**in=yes*")
    assert page.locator("tbody tr").count() == len(many)
    page.get_by_label("马场村").uncheck()
    page.get_by_role("button", name="Save the ticks of this page").click()
    page.locator(".flash", has_text="0 put in, 1 taken out").wait_for()
    assert stations(office, group) == many - {"马场村"}
    page.get_by_role("button", name="Take out all").click()
    page.locator(".empty").wait_for()
    assert stations(office, group) == set()


def test_what_another_has_ticked_meanwhile_is_not_undone(watched: Watched, office: Office) -> None:
    group, page = made(office), english(watched, "li")
    watched.go(f"/stations/groups/{group}?region={TOWNSHIP}")
    boxes = page.locator("tbody input[type=checkbox]:not(:checked)")
    mine, theirs = boxes.nth(0).get_attribute("value"), boxes.nth(1).get_attribute("value")
    assert mine
    assert theirs
    with office.services.database.unit_of_work() as session:
        row = groups.group_with(session, group)
        groups.put(session, row, {UUID(theirs)}, (), someone(office, "wang"), datetime.now(UTC))
    page.check(f"input[value='{mine}']")
    page.get_by_role("button", name="Save the ticks of this page").click()
    page.locator(".flash").wait_for()
    assert page.is_checked(f"input[name=station][value='{mine}']")
    assert page.is_checked(f"input[name=station][value='{theirs}']")
    assert len(stations(office, group)) == 3


def test_a_station_of_another_county_that_was_put_in_by_hand_stays_out(watched: Watched, office: Office) -> None:
    with office.services.database.unit_of_work() as session:
        away = Station(name="外县站", region_code="640202")
        session.add(away)
        session.flush()
        foreign = away.id
    group, page = made(office), english(watched, "li")
    for value, sentence in ((str(foreign), "outside the group's region"), ("no id", "no such station")):
        watched.go(f"/stations/groups/{group}?in=no")
        page.evaluate(
            """value => { const one = document.querySelector("tbody input[name=station]"); one.value = value; }""",
            value,
        )
        page.locator("tbody input[name=station]").first.check()
        page.get_by_role("button", name="Save the ticks of this page").click()
        expect(page.locator(".bar.trouble[role=alert]")).to_contain_text(sentence)
        assert stations(office, group) == {"马场村"}
    with office.services.database.unit_of_work() as session:
        session.delete(session.get_one(Station, foreign))


def test_a_rule_shows_its_fields_and_faults_beside_them(watched: Watched, office: Office) -> None:
    made(office, name="Taken")
    page = english(watched, "li")
    watched.go("/stations/groups/new")
    page.select_option("#region_code", COUNTY)
    page.fill("#name", "Taken")
    page.locator("input[value=rule]").check()
    page.get_by_role("button", name="Save the group").click()
    page.locator("[data-error-summary]").wait_for()
    expect(page.locator("#kinds-wrong")).to_contain_text("means the whole region")
    assert page.locator("input[value=rule]").is_checked()
    assert serious(page) == []
    page.select_option("#below", TOWNSHIP)
    page.get_by_role("button", name="Save the group").click()
    expect(page.locator("#name-wrong")).to_contain_text("has this name")
    assert page.input_value("#below") == TOWNSHIP
    page.fill("#name", "Township")
    page.get_by_role("button", name="Save the group").click()
    page.locator(".flash").wait_for()
    assert page.locator("tbody tr").count() > 5
    assert page.locator("tbody input").count() == 0
    page.get_by_role("link", name="Change the group").click()
    page.get_by_label("Village", exact=True).check()
    page.get_by_label("Farm", exact=True).check()
    page.get_by_role("button", name="Save the group").click()
    page.locator(".flash").wait_for()
    assert "Farm" in page.locator("dl.facts").inner_text()


def test_of_two_who_rename_it_the_second_is_told(watched: Watched, office: Office) -> None:
    group, page = made(office), english(watched, "li")
    watched.go(f"/stations/groups/{group}/edit")
    page.fill("#name", "Mine")
    with office.services.database.unit_of_work() as session:
        row = session.get_one(StationGroup, group)
        row.name, row.saved = "Theirs", 2
    page.get_by_role("button", name="Save the group").click()
    page.locator(".bar.trouble", has_text="meanwhile").wait_for()
    assert page.input_value("#name") == "Mine"
    page.get_by_role("button", name="Save the group").click()
    page.locator("h1", has_text="Mine").wait_for()


def test_what_is_used_is_not_deleted_and_says_by_what(watched: Watched, office: Office) -> None:
    group = made(office)
    notice, page = told(office, group, title="停水通知"), english(watched, "li")
    watched.go("/stations/groups")
    expect(page.locator("tbody tr")).to_contain_text("1 notice")
    page.click("tbody a")
    page.get_by_role("button", name="Delete the group").click()
    refused = page.locator(".bar.trouble[role=alert]")
    expect(refused).to_contain_text("in use")
    assert refused.get_by_role("link", name="停水通知").get_attribute("href") == f"/notices/{notice}"
    with office.services.database.unit_of_work() as session:
        session.execute(delete(NoticeRow))
    page.get_by_role("button", name="Delete the group").click()
    page.get_by_role("button", name="Take it back").wait_for()
    watched.go("/stations/groups")
    expect(page.locator("main")).to_contain_text("There is no group yet")
    page.get_by_role("link", name="Deleted groups").click()
    page.click("tbody a")
    page.get_by_role("button", name="Take it back").click()
    page.locator(".flash", has_text="is back").wait_for()
    assert stations(office, group) == {"马场村"}


def test_a_notice_goes_to_a_region_and_a_group_once_it_is_known_how_far(watched: Watched, office: Office) -> None:
    farms = made(office, name="农场", picked=False, kinds=("farm",))
    made(office)
    page = english(watched, "li")
    watched.go("/notices/new")
    page.fill("#title", "Water off")
    page.fill("#text", "Tomorrow from eight to ten.")
    page.get_by_label("灌区村").check()
    page.get_by_role("button", name="How many stations does it reach?").click()
    expect(page.locator(".reach")).to_contain_text("It reaches 1 station")
    assert page.input_value("#title") == "Water off"
    page.select_option("#region_code", TOWNSHIP)
    page.get_by_role("button", name="Add another region").click()
    chosen = page.get_by_role("group", name="Chosen regions")
    expect(chosen.get_by_role("checkbox")).to_have_count(1)
    assert page.input_value("#region_code") == ""
    assert serious(page) == []
    page.get_by_label("农场").check()
    page.click("button[name=publish]")
    page.locator(".flash", has_text="on its way").wait_for()
    facts = page.locator("dl.facts").inner_text()
    assert "灌区村" in facts
    assert "农场" in facts
    with office.services.database.reader() as session:
        row = session.scalars(select(NoticeRow)).one()
        assert [one.region_code for one in row.regions] == [TOWNSHIP]
        assert farms in {one.group_id for one in row.groups}
        notice = row.id
    document = pypdfium2.PdfDocument(page.request.get(f"{office.url}/notices/{notice}/print.pdf").body())
    sheet = document[0].get_textpage().get_text_range()
    document.close()
    assert "灌区村" in sheet
    assert "农场" in sheet
    watched.go("/notices")
    expect(page.locator("tbody tr")).to_contain_text("灌区村")


def test_without_a_region_or_a_group_it_says_so_and_a_deleted_group_too(watched: Watched, office: Office) -> None:
    group, page = made(office), english(watched, "li")
    watched.go("/notices/new")
    page.fill("#title", "Water off")
    page.fill("#text", "Tomorrow.")
    page.click("button[name=publish]")
    expect(page.locator("#region_code-wrong")).to_contain_text("a region or a group")
    page.get_by_label("灌区村").check()
    with office.services.database.unit_of_work() as session:
        session.get_one(StationGroup, group).removed_at = datetime.now(UTC)
    page.click("button[name=publish]")
    expect(page.locator("#groups-wrong")).to_contain_text("deleted meanwhile")
    assert page.input_value("#title") == "Water off"
    with office.services.database.reader() as session:
        assert session.scalars(select(NoticeRow)).all() == []


def test_whoever_does_not_write_notices_looks_and_changes_nothing(watched: Watched, office: Office) -> None:
    group, away = made(office), made(office, name="外县", who="chen", region="640202")
    page = english(watched, "ma")
    watched.go("/stations")
    page.get_by_role("link", name="Groups", exact=True).click()
    assert page.locator("tbody tr").count() == 2  # the reviewer is the city's
    watched.go(f"/stations/groups/{group}")
    assert page.locator("main form[method=post]").count() == 0
    for path in ("new", f"{group}/edit"):
        assert page.request.get(f"{office.url}/stations/groups/{path}").status == 403, path
    page.context.clear_cookies()
    english(watched, "zhao")
    watched.go("/stations")
    assert page.get_by_role("link", name="Groups", exact=True).count() == 0
    for one in (group, away):
        assert page.request.get(f"{office.url}/stations/groups/{one}").status == 403


@every_look
def test_the_pages_are_whole_and_open_to_all(watched: Watched, office: Office, scheme: str, language: str) -> None:
    group, rule = made(office), made(office, name="农场", picked=False, kinds=("farm", "village"), below=TOWNSHIP)
    told(office, group)
    page = watched.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    watched.sign_in("li")
    if language == "en":
        read_in(page)
    paths = ("", "?q=没有", "?state=deleted", "/new", f"/{group}", f"/{group}?q=没有", f"/{group}/edit", f"/{rule}")
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        for path in [f"/stations/groups{one}" for one in paths] + ["/notices/new", "/notices"]:
            assert watched.go(path) == 200, path
            assert page.locator("h1").count() == 1, path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide at {width}"
            assert serious(page) == [], path
