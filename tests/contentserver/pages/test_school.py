"""The online school in a real browser: come in, watch a real package, and what really played counts, line or none."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from contentserver import stations
from contentserver.courses import Lesson, LessonState
from contentserver.courses import service as courses
from contentserver.members import Member, add_member, own_link
from contentserver.school import keeping
from contentserver.school.models import SchoolProgress, ViewingSpan
from contentserver.school.rules import Told
from contentserver.school.tickets import Ticket
from contentserver.stations import Station
from media_pipeline.transcode import Package
from tests.contentserver.pages.conftest import COUNTY, STAFF, TOWNSHIP, VILLAGE, Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious
from tests.contentserver.pages.test_player import until
from tests.contentserver.pages.test_transcripts import post, square_of
from tests.serving import hire, import_regions, served, services_in

pytestmark = pytest.mark.xdist_group("pages")
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('school:')).length"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, package: tuple[Path, Package]) -> Iterator[Office]:
    """A village with a course of its county: two lessons are approved, a third one waits."""
    services = services_in(tmp_path_factory.mktemp("school"))
    (services.store.folder / package[1].name).symlink_to(package[1].path)
    now = datetime.now(UTC)
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, TOWNSHIP)
        people = hire(session, STAFF, now)
        course = courses.add_course(
            session,
            title="测土配方施肥",
            subject="种植",
            audience="农户",
            region_code=COUNTY,
            who=people["li"],
            now=now,
        )
        lessons = [
            Lesson(
                course_id=course.id,
                number=number,
                title=title,
                summary="土样怎样取，化验单怎样看，缺哪样补哪样。",
                state=LessonState.IN_REVIEW,
                uploader_id=people["li"].id,
                created_at=now,
                package_name=package[1].name,
                duration_ms=package[1].manifest.duration_ms,
            )
            for number, title in enumerate(("看懂化验单", "滩羊冬季补饲", "还没批准"), start=1)
        ]
        session.add_all(lessons)
        session.flush()
        for lesson in lessons[:2]:
            courses.approve(session, lesson=lesson, who=people["ma"], signer=services.signer, now=now)
        station = session.scalars(select(Station).where(Station.region_code == VILLAGE)).one()
        found = Office(
            "", services, str(lessons[0].id), str(lessons[1].id), str(course.id), str(station.id), str(lessons[2].id)
        )
    with served(services) as found.url:
        yield found


@pytest.fixture
def give_address(office: Office) -> Callable[[], str]:
    """Makes somebody new, and the address of their record."""
    return lambda: _given(office)


@pytest.fixture
def address(office: Office) -> str:
    """The address of the record of somebody new."""
    return _given(office)


def _given(office: Office) -> str:
    with office.services.database.unit_of_work() as session:
        station = session.scalars(select(Station).where(Station.region_code == VILLAGE)).one()
        number = str(101 + len(session.scalars(select(Member.id)).all()))
        member = add_member(session, station.id, "马建国", number)
        who = hire(session, {f"giver{number}": STAFF["gao"]}, datetime.now(UTC))[f"giver{number}"]
        return f"/own/{own_link.give(session, member, who, datetime.now(UTC))}"


@pytest.fixture
def seated(watched: Watched, address: str) -> Page:
    """Their browser, with their seat in the online school, in English."""
    page = watched.page
    watched.go(address)
    read_in(page)
    page.get_by_role("button", name="Learn on this device").click()
    page.get_by_role("heading", name="Online school", level=1).wait_for()
    return page


def open_lesson(page: Page, title: str = "看懂化验单") -> None:
    page.get_by_role("link", name=title).first.click()
    page.locator("[data-controls]").wait_for()
    page.evaluate("document.querySelector('video').muted = true")


def spans(office: Office) -> list[ViewingSpan]:
    with office.services.database.reader() as session:
        return list(session.scalars(select(ViewingSpan).order_by(ViewingSpan.viewing_id, ViewingSpan.sequence)))


def seen_ms(office: Office, address: str) -> int:
    """What the server has of somebody's first lesson."""
    with office.services.database.reader() as session:
        member = own_link.member_holding(session, address.removeprefix("/own/"))
        return session.scalar(select(SchoolProgress.seen_ms).where(SchoolProgress.person_id == member.id)) or 0


def stands_at_ms(page: Page) -> float:
    """Where the lesson stands: all that played of one that began at its beginning."""
    at: float = page.evaluate("document.querySelector('video').currentTime * 1000")
    return at


def nothing_waits(page: Page) -> None:
    """Wait until the server has acknowledged everything."""
    until(page, f"{KEPT} === 0")


def test_who_is_not_seated_learns_how_to_come_in_and_sees_nothing(watched: Watched, browser: Browser) -> None:
    page, office = watched.page, watched.office
    watched.go("/school")
    read_in(page)
    assert "Ask the administrator of your station" in page.locator("main").inner_text()
    assert "看懂化验单" not in page.locator("main").inner_text()
    assert serious(page) == []
    assert watched.go(f"/school/lessons/{office.lesson}") == 401
    assert "/media/" not in page.content()
    watched.go(f"/site/lessons/{office.lesson}")
    page.get_by_role("link", name="Watch it in the online school").click()
    page.get_by_role("heading", name="How to come in").wait_for()


def test_seconds_that_really_played_stand_in_the_own_record(watched: Watched, seated: Page, address: str) -> None:
    page, office = seated, watched.office
    assert "还没批准" not in page.locator("main").inner_text()
    assert watched.go(f"/school/lessons/{office.session}") == 404
    page.get_by_role("link", name="All lessons").click()
    open_lesson(page)
    showing = "[...video.textTracks].filter((track) => track.mode === 'showing').length === 1"
    until(page, showing)
    page.get_by_role("button", name="00:11 看懂化验单").click()
    until(page, "!video.paused && video.currentTime > 11.5 && video.readyState > 2")
    page.click("[data-play]")
    played = stands_at_ms(page) - 11_000
    page.locator("[data-seek] input").press("Home")
    until(page, "video.currentTime < 1 && !video.seeking")
    page.keyboard.press("k")
    until(page, "video.currentTime > 2 && video.currentTime < 5")
    page.keyboard.press("k")
    played += stands_at_ms(page)
    nothing_waits(page)
    expect(page.locator("[data-stands]")).to_contain_text("it does not count yet")
    assert abs(seen_ms(office, address) - played) < 700, "what was jumped over was not played"
    page.keyboard.press("k")
    until(page, "video.ended")
    nothing_waits(page)
    expect(page.locator("[data-stands]")).to_contain_text("of it count")
    length = page.evaluate("document.querySelector('video').duration") * 1000
    assert length - 900 < seen_ms(office, address) <= length
    assert serious(page) == []
    watched.go(address)
    lines = page.locator(".own-list li", has_text="online")
    assert "看懂化验单" in lines.inner_text()
    assert "1 lesson" in page.locator(".join-card").inner_text()
    watched.go("/school")
    assert "counts:" in page.locator(".school-list").inner_text()
    page.get_by_role("button", name="Leave").click()
    page.get_by_role("heading", name="How to come in").wait_for()


def test_the_same_hours_stand_on_the_transcript_its_paper_and_behind_its_square(
    watched: Watched, office: Office, address: str
) -> None:
    opened = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    with office.services.database.unit_of_work() as session:
        member = own_link.member_holding(session, address.removeprefix("/own/"))
        ticket = Ticket(member.id, UUID(office.lesson), "p", 45 * 60_000, opened)
        told = [Told(one + 1, one * 60_000, (one + 1) * 60_000, one * 60_000, 60_000) for one in range(45)]
        assert len(keeping.take_in(session, member, ticket, uuid4(), told, opened + timedelta(hours=1)).kept) == 45
        own = f"/members/{member.id}"
    page = english(watched, "wang")
    watched.go(f"{own}/transcript")
    row = page.locator("tr", has_text="watched online")
    assert "45 min 00 s" in row.inner_text()
    assert row.locator("a").count() == 0, "there is no session to open"
    assert "0.8 h" in page.locator("dl.figures").inner_text()
    status, printed = post(page, f"{office.url}{own}/transcript.pdf")
    assert status == 200
    square, text = square_of(printed)
    assert "watched online" in text
    watched.go(square[square.index("/verify") :])
    assert "The numbers of today say the same" in page.locator("main").inner_text()
    assert "0.8 h" in page.locator("main").inner_text()
    watched.go(own)
    assert "0.8 h" in page.locator("main").inner_text()
    watched.go(address)
    assert "0.8 h" in page.locator(".join-card").inner_text()


def test_no_line_and_a_reload_lose_nothing_and_count_nothing_twice(
    watched: Watched, seated: Page, address: str
) -> None:
    page, office = seated, watched.office
    before = len(spans(office))
    open_lesson(page)
    page.click("[data-play]")
    until(page, "video.currentTime > 1 && video.buffered.length && video.buffered.end(0) > 6")
    page.context.set_offline(True)
    until(page, "video.currentTime > 3")
    page.keyboard.press("k")
    until(page, f"{KEPT} > 0")
    page.locator("[data-school-trouble]").wait_for()
    assert "No line" in page.locator("[data-school-trouble]").inner_text()
    assert serious(page) == []
    assert len(spans(office)) == before
    played = stands_at_ms(page)
    page.context.set_offline(False)
    nothing_waits(page)
    assert abs(seen_ms(office, address) - played) < 700
    page.keyboard.press("k")
    until(page, f"video.currentTime > {played / 1000 + 2}")
    played = stands_at_ms(page)
    page.reload()
    page.locator("[data-controls]").wait_for()
    nothing_waits(page)
    assert abs(seen_ms(office, address) - played) < 900
    found = spans(office)[before:]
    assert len({(one.viewing_id, one.sequence) for one in found}) == len(found)
    watched.go("/school")
    card = page.get_by_role("link", name="看懂化验单").first
    assert "t=" in (card.get_attribute("href") or ""), "one goes on where one stopped"
    card.click()
    until(page, "video.currentTime > 4")


def test_what_a_window_left_behind_is_told_by_the_next_page(watched: Watched, seated: Page, address: str) -> None:
    page, office = seated, watched.office
    open_lesson(page)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('no line')); }")
    page.click("[data-play]")
    until(page, "video.currentTime > 2")
    played = stands_at_ms(page)
    watched.go("/school")
    nothing_waits(page)
    assert seen_ms(office, address) > played - 500


def test_two_who_share_a_device_keep_each_their_own(
    watched: Watched, seated: Page, address: str, give_address: Callable[[], str]
) -> None:
    page, office, other = seated, watched.office, give_address()
    open_lesson(page)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('no line')); }")
    page.click("[data-play]")
    until(page, "video.currentTime > 2")
    played = stands_at_ms(page)
    page.context.clear_cookies()
    watched.go(other)
    page.click("form[action$='/learn'] button")
    page.locator(".school-list").first.wait_for()
    open_lesson(page)
    page.click("[data-play]")
    until(page, "video.currentTime > 1.5")
    page.keyboard.press("k")
    expect(page.locator("[data-stands]")).not_to_be_empty()
    assert page.evaluate(KEPT) > 0, "what the first one watched waits for them"
    assert (seen_ms(office, address), seen_ms(office, other) > 1000) == (0, True)
    watched.go(address)
    page.click("form[action$='/learn'] button")
    page.locator(".school-list").first.wait_for()
    nothing_waits(page)
    assert seen_ms(office, address) > played - 500


def test_a_lesson_that_was_withdrawn_stops_and_what_was_seen_stays(
    watched: Watched, seated: Page, address: str
) -> None:
    page, office = seated, watched.office
    open_lesson(page, "滩羊冬季补饲")
    page.click("[data-play]")
    until(page, "video.currentTime > 1.5")
    with office.services.database.unit_of_work() as session:
        lesson = session.scalars(select(Lesson).where(Lesson.title == "滩羊冬季补饲")).one()
        lesson.state = LessonState.WITHDRAWN
    try:
        page.keyboard.press("k")
        page.locator("[data-school-trouble]").wait_for()
        assert "was taken away" in page.locator("[data-school-trouble]").inner_text()
        assert seen_ms(office, address) > 1000
        assert watched.go(f"/school/lessons/{office.waiting_lesson}") == 404
    finally:
        with office.services.database.unit_of_work() as session:
            session.merge(lesson).state = LessonState.APPROVED


def test_an_address_that_was_ended_ends_the_seat(watched: Watched, seated: Page, address: str) -> None:
    page, office = seated, watched.office
    open_lesson(page)
    page.click("[data-play]")
    until(page, "video.currentTime > 1")
    with office.services.database.unit_of_work() as session:
        own_link.member_holding(session, address.removeprefix("/own/")).own_link_hash = ""
    page.keyboard.press("k")
    page.locator("[data-school-trouble]").wait_for()
    assert "Nobody sits at this device any more" in page.locator("[data-school-trouble]").inner_text()
    watched.go("/school")
    page.get_by_role("heading", name="How to come in").wait_for()


def test_nonsense_and_forgery_are_refused_in_words(watched: Watched, seated: Page) -> None:
    page, office = seated, watched.office
    open_lesson(page)
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    ticket = page.get_attribute("[data-school]", "data-ticket") or ""
    url = f"{office.url}/school/lessons/{office.lesson}/played"
    span = {"sequence": 1, "from_ms": 0, "to_ms": 10_000, "at_ms": 0, "clock_ms": 10_000}
    viewing = "11111111-1111-4111-8111-111111111111"
    body = {"ticket": ticket, "viewing": viewing, "spans": [span]}
    with_token = {"X-CSRFToken": token, "Accept": "application/json"}

    def post(data: object, headers: dict[str, str]) -> tuple[int, dict[str, object]]:
        answer = page.request.post(url, data=data, headers=headers)
        return answer.status, answer.json()

    assert post(body, {"Accept": "application/json"})[0] == 400
    status, said = post(body, with_token)
    assert (status, said["kept"]) == (200, [])
    assert "More was told than time has passed" in str(said["refused"])
    for wrong in (
        {**body, "ticket": ticket + "x"},
        {**body, "spans": []},
        {**body, "spans": [{**span, "to_ms": -5}]},
        {**body, "spans": [span] * 101},
        {**body, "credit_ms": 99},
    ):
        assert post(wrong, with_token)[0] == 422
    assert page.request.post(url, data="x" * 40_000, headers=with_token).status == 422
    assert [one for one in spans(office) if str(one.viewing_id) == viewing] == []


def test_without_a_script_the_page_says_so(browser: Browser, office: Office, address: str) -> None:
    plain = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    plain.goto(f"{office.url}{address}")
    plain.click("form[action$='/learn'] button")
    plain.get_by_role("link", name="看懂化验单").first.click()
    assert plain.locator("noscript .school-note").is_visible()
    cookie = next(one for one in plain.context.cookies() if one["name"] == "seat")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    plain.context.close()


@every_look
def test_the_school_in_every_look(watched: Watched, address: str, scheme: str, language: str) -> None:
    page, office = watched.page, watched.office
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    watched.go("/school")
    if language == "en":
        read_in(page)
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        watched.go("/school")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious(page) == []
    watched.go(address)
    page.click("form[action$='/learn'] button")
    page.locator(".school-list").first.wait_for()
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        for path in (address, "/school", "/school?q=没有", f"/school/lessons/{office.lesson}"):
            watched.go(path)
            assert page.locator("h1").count() == 1
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert serious(page) == []
