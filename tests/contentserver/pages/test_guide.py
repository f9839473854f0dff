"""The programme for people: open to all, on a telephone, on paper, in other programs; and nothing else gets out."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pypdfium2
import pytest
import zxingcpp
from icalendar import Calendar
from lxml import etree
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from contentserver.courses import Lesson
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.clock import SHANGHAI
from contentserver.kernel.http import limiter
from contentserver.stations import Station
from contentserver.timetable import service as planning
from contentserver.timetable.edits import AddSlot
from contentserver.timetable.programmes import draft_of
from contentserver.timetable.publishing import publish
from tests.contentserver.pages.conftest import COUNTY, Office, Watched
from tests.contentserver.pages.looks import every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")
REGION = "640221101201"


@dataclass(frozen=True, slots=True)
class Programme:
    """A station with a lesson every evening from tomorrow on."""

    station: str
    name: str
    first: datetime
    """Start of the first airing, local and naive."""

    @property
    def path(self) -> str:
        return f"/programme/{self.station}"


@pytest.fixture(scope="session")
def programme(office: Office) -> Programme:
    """The evenings of a village that no other test plans for."""
    now = datetime.now(UTC)
    first = datetime.combine(now.astimezone(SHANGHAI).date() + timedelta(days=1), datetime.min.time()).replace(hour=19)
    with office.services.database.unit_of_work() as session:
        station = session.scalars(select(Station).where(Station.region_code.startswith("640221101"))).first()
        assert station is not None
        station.place = "村委会一楼活动室"
        lesson = session.get_one(Lesson, UUID(office.lesson))
        who = Person(id=lesson.uploader_id, username="li", display_name="李敏", role=Role.SCHEDULER, region_code=COUNTY)
        layer = planning.layer_of(session, station.region_code)
        for minutes, rule in ((30, "FREQ=DAILY"), (90, "FREQ=WEEKLY")):
            start = first + timedelta(minutes=minutes)
            planning.edit(session, layer, AddSlot(lessons=(office.lesson,), local_start=start, rule=rule), who, now)
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
        return Programme(str(station.id), station.name, first + timedelta(minutes=30))


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Each test begins with the whole allowance."""
    limiter.reset()
    yield
    limiter.reset()


@pytest.fixture
def people(office: Office) -> Iterator[httpx.Client]:
    """Somebody who is not signed in."""
    with httpx.Client(base_url=office.url, headers={"Accept": "*/*"}, trust_env=False) as client:
        yield client


def week_of_first(programme: Programme) -> str:
    return programme.first.date().isoformat()


def test_one_finds_the_village_and_reads_the_week_without_signing_in(watched: Watched, programme: Programme) -> None:
    page = watched.page
    watched.go("/programme")
    assert page.locator("h1").count() == 1
    page.fill("#q", programme.name[:3])
    page.press("#q", "Enter")
    page.get_by_role("link", name=programme.name).first.click()
    page.wait_for_url(f"**{programme.path}")
    assert page.locator("h1").inner_text() == programme.name
    assert "村委会一楼活动室" in page.locator("main").inner_text()
    watched.go(f"{programme.path}?week={week_of_first(programme)}")
    day = page.locator(f"section[aria-labelledby=day-{week_of_first(programme)}]")
    assert "19:30" in day.inner_text()
    assert "看懂化验单" in day.inner_text()
    assert "20:30" in day.inner_text()
    assert watched.page.context.cookies() == [] or all(
        "token" not in str(cookie.get("name")) for cookie in watched.page.context.cookies()
    )


def test_weeks_are_turned_within_what_is_published(watched: Watched, programme: Programme) -> None:
    page = watched.page
    watched.go(programme.path)
    assert page.locator("a[rel=prev]").count() == 0
    today = datetime.now(SHANGHAI).date()
    assert page.locator("[aria-current=date]").count() == 1
    assert page.locator(f"#day-{today.isoformat()}").is_visible()
    turned = 0
    while page.locator("a[rel=next]").count():
        page.click("a[rel=next]")
        turned += 1
    assert turned in {2, 3}
    assert page.locator("[aria-current=date]").count() == 0
    watched.go(f"{programme.path}?week=2099-01-01")
    assert page.locator("a[rel=next]").count() == 0
    page.click("a[rel=prev]")
    expect(page.locator("a[rel=next]")).to_have_count(1)


@every_look
@pytest.mark.parametrize("width", [360, 1366])
def test_every_size_skin_and_language_is_open_to_all(
    watched: Watched, programme: Programme, scheme: str, language: str, width: int
) -> None:
    page = watched.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 740})
    watched.go("/programme")
    if language == "en":
        read_in(page)
    for path in (
        "/programme",
        f"/programme?q={programme.name[:2]}",
        "/programme?q=没有这个村",
        f"/programme?region={COUNTY}",
        programme.path,
        f"{programme.path}?week={week_of_first(programme)}",
        "/programme/nothing",
    ):
        assert watched.go(path) == (404 if path.endswith("nothing") else 200), path
        page.locator("html.scripted").wait_for(state="attached")
        assert page.locator("h1").count() == 1, path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
        assert serious(page) == [], path
    small = page.evaluate(
        """() => [...document.querySelectorAll("main a, main button, main p, main li")]
        .filter((one) => one.innerText && parseFloat(getComputedStyle(one).fontSize) < 16)
        .map((one) => one.outerHTML)"""
    )
    assert small == [], "people of sixty read this"


def test_on_the_way_down_through_the_regions(watched: Watched, programme: Programme) -> None:
    page = watched.page
    watched.go("/programme")
    for _level in range(4):
        if page.get_by_role("link", name=programme.name).count():
            break
        links = page.locator("main .public-list a")
        chosen = next(link for link in links.all() if _leads_to(link.get_attribute("href") or "", "640221101"))
        chosen.click()
        page.wait_for_load_state()
    assert page.get_by_role("link", name=programme.name).count() or "640221101" in page.url


def _leads_to(href: str, code: str) -> bool:
    region = href.partition("region=")[2]
    return bool(region) and (code.startswith(region) or region.startswith(code))


def test_an_unknown_station_says_so_and_leads_on(watched: Watched) -> None:
    assert watched.go("/programme/0197a3c1-0000-7000-8000-000000000000") == 404
    watched.page.click("main a")
    watched.page.wait_for_url("**/programme")


def test_it_works_without_a_script_and_prints_without_buttons(
    browser: Browser, office: Office, programme: Programme
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{office.url}{programme.path}?week={week_of_first(programme)}")
    assert page.locator(".guide-days time").count() >= 1
    page.emulate_media(media="print")
    assert page.locator(".guide-more").is_hidden()
    assert page.locator(".guide-days").is_visible()
    context.close()


def test_the_poster_is_one_sheet_of_a3_with_the_titles_and_a_square_that_leads_here(
    people: httpx.Client, office: Office, programme: Programme
) -> None:
    answer = people.get(f"{programme.path}/poster.pdf", params={"week": week_of_first(programme)})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    document = pypdfium2.PdfDocument(answer.content)
    assert len(document) == 1
    width, height = document[0].get_size()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (297, 420)
    text = document[0].get_textpage().get_text_range()
    for words in (programme.name, "看懂化验单", "19:30", "20:30", "村委会一楼活动室"):
        assert words in text, words
    assert text.count("看懂化验单") >= 2
    picture = document[0].render(scale=2).to_pil()
    (square,) = zxingcpp.read_barcodes(picture)
    assert square.text == f"{office.services.settings.public_url}{programme.path}"
    fonts = {one.get_font().get_family_name() for one in document[0].get_objects() if hasattr(one, "get_font")}
    assert fonts == {"Noto Sans CJK SC"}, "the forms of the mainland"


def test_the_poster_is_not_made_twice(people: httpx.Client, programme: Programme) -> None:
    first = people.get(f"{programme.path}/poster.pdf")
    tag = first.headers["etag"]
    again = people.get(f"{programme.path}/poster.pdf", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


def test_the_calendar_is_stable_and_whole(people: httpx.Client, programme: Programme) -> None:
    answer = people.get(f"{programme.path}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=600"
    assert "set-cookie" not in answer.headers
    calendar = Calendar.from_ical(answer.content)
    events = list(calendar.walk("VEVENT"))
    assert len(events) >= 14
    starts = {event.decoded("dtstart").astimezone(SHANGHAI).replace(tzinfo=None) for event in events}
    assert programme.first in starts
    assert all(str(event["SUMMARY"]) == "看懂化验单" for event in events)
    assert len({str(event["UID"]) for event in events}) == len(events)
    again = people.get(f"{programme.path}.ics", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert people.get(f"{programme.path}.ics").content == answer.content


def test_xmltv_of_a_station_and_of_a_region(people: httpx.Client, programme: Programme) -> None:
    one = people.get(f"{programme.path}.xml")
    assert one.headers["content-type"] == "application/xml; charset=utf-8"
    guide = etree.fromstring(one.content)
    (channel,) = guide.findall("channel")
    assert channel.get("id") == f"{programme.station}.stations.127.0.0.1"
    assert channel.findtext("display-name") == programme.name
    shown = guide.findall("programme")
    assert len(shown) >= 14
    assert {node.get("channel") for node in shown} == {channel.get("id")}
    county = people.get("/programme/region/640221.xml")
    everything = etree.fromstring(county.content)
    assert len(everything.findall("channel")) > 100
    assert channel.get("id") in {node.get("id") for node in everything.findall("channel")}
    kept = people.get("/programme/region/640221.xml", headers={"If-None-Match": county.headers["etag"]})
    assert kept.status_code == 304


@pytest.mark.parametrize(
    "path", ["/programme/x.ics", "/programme/0197a3c1-0000-7000-8000-000000000000.ics",
             "/programme/0197a3c1-0000-7000-8000-000000000000.xml", "/programme/region/999.xml",
             "/programme/x/poster.pdf", "/programme?region=99"],
)  # fmt: skip
def test_what_is_not_there_is_said_in_words(people: httpx.Client, path: str) -> None:
    answer = people.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


def test_nobody_is_named_in_public(people: httpx.Client, office: Office, programme: Programme) -> None:
    page = people.get(f"/programme/{office.station}").text + people.get(programme.path).text
    for name in ("马建国", "王小芳", "李敏", "马晓峰", "box", "hash"):
        assert name not in page


def test_too_many_posters_are_refused_politely(office: Office, programme: Programme) -> None:
    with httpx.Client(base_url=office.url, trust_env=False, headers={"Accept": "text/html"}) as greedy:
        statuses = [greedy.get(f"{programme.path}/poster.pdf").status_code for _ in range(24)]
    assert statuses[-1] == 429
    assert set(statuses) <= {200, 429}


def test_the_station_page_of_the_office_leads_here(watched: Watched, office: Office) -> None:
    watched.sign_in("li")
    watched.go(f"/stations/{office.station}")
    watched.page.click(f"a[href='/programme/{office.station}']")
    expect(watched.page.locator("h1")).to_have_count(1)


def test_a_picture_of_nothing_outside_is_fetched_for_a_poster() -> None:
    from contentserver.guide.poster import pdf_of, qr_of

    page = '<img src="http://127.0.0.1:9/x.png"><img src="file:///etc/passwd"><p>ok</p>'
    document = pypdfium2.PdfDocument(io.BytesIO(pdf_of(page)))
    assert "ok" in document[0].get_textpage().get_text_range()
    assert qr_of("http://x").startswith("data:image/svg+xml")
