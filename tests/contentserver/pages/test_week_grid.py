"""The week grid in a browser: planned by mouse and by keys alone, clashes with a way out, two editors, live delivery."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from contentserver import regions, stations
from contentserver.accounts import Account, create_account
from contentserver.admin import OWN_REGIONS, migrate
from contentserver.app import create_app, make_services
from contentserver.boxes import Box
from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Role
from contentserver.members import add_member
from contentserver.settings import Settings
from contentserver.stations import Station
from contentserver.timetable import keep_proofs, publishing, rules, service
from contentserver.timetable.edits import AddSlot, MoveEvening
from contentserver.timetable.grid import week_of
from contentserver.timetable.programmes import draft_of
from schedules.airings import LayerId, Rank
from schedules.layers import region_layer
from schedules.wire.messages import Proof
from schedules.wire.signing import new_private_jwk
from schedules.wire.topics import BoxId
from tests.contentserver.pages.conftest import FRONT_END, PASSWORD, Office, Watched
from tests.contentserver.pages.test_every_page import serious

DIM = re.compile(r"\bdim\b")
pytestmark = pytest.mark.xdist_group("pages")
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


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office of planners: lessons with other names than the other pages' office, and boxes in every village."""
    assert FRONT_END.exists(), "the front end is not built: npm ci && npm run build"
    folder = tmp_path_factory.mktemp("planners")
    (folder / "key.jwk").write_bytes(new_private_jwk())
    settings = Settings(
        secret_key="k" * 40,
        database_url=f"sqlite:///{folder}/office.db",
        data_dir=folder / "data",
        broker_password="b" * 20,
        signing_key_file=folder / "key.jwk",
    )
    migrate(settings.database_url)
    found = Office("", make_services(settings), "", "", "", "", "")
    _furnish(found)
    server = make_server("127.0.0.1", 0, create_app(settings, found.services), threaded=True)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)
    found.services.database.engine.dispose()


def _furnish(office: Office) -> None:
    now = datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            regions.import_csv(session, lines)
        for township in (TOWNSHIP, VILLAGES, *OTHERS.values()):
            stations.add_village_stations(session, township)
        for username, (name, role, region) in STAFF.items():
            made = create_account(
                session,
                username=username,
                display_name=name,
                password=PASSWORD,
                role=role,
                region_code=region,
                now=now,
            )
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
                    uploader_id=made.id,
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
    watched.page.click("button[lang=en]")
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


def test_a_week_is_planned_by_mouse(watched: Watched, desk: Desk) -> None:
    home = village(1)
    page = enter(watched, "li", week(home))
    drag(page, middle(page.locator("[data-load]", has_text="滩羊冬季补饲")), middle(cell(page, home, 3)))
    expect(page.locator("#scheduling")).to_be_visible()
    assert page.input_value("#time") == "19:30"
    assert page.input_value("#date") == at(3).date().isoformat()
    assert page.input_value("#region") == home
    page.locator("#verdict .state.good").wait_for()
    page.click("#scheduling button[name=save]")
    saved(page, "It stands in the draft")
    assert desk.airs(home) == [("滩羊冬季补饲", "Thu 19:30")]

    drag(page, middle(card(page, "滩羊冬季补饲")), middle(cell(page, home, 1)))
    saved(page, "Moved for one evening: 滩羊冬季补饲")
    assert desk.airs(home) == [("滩羊冬季补饲", "Tue 19:30")]

    box = card(page, "滩羊冬季补饲").bounding_box()
    assert box is not None
    edge = (box["x"] + box["width"] - 3, box["y"] + 20)
    drag(page, edge, (middle(cell(page, home, 3))[0], edge[1]))
    saved(page, "Stretched over several days")
    assert [when for _title, when in desk.airs(home)] == ["Tue 19:30", "Wed 19:30", "Thu 19:30"]
    expect(card(page, "滩羊冬季补饲")).to_have_count(3)

    page.click("#toast button")
    saved(page, "Undone")
    expect(card(page, "滩羊冬季补饲")).to_have_count(1)
    page.click("#undo")
    expect(cell(page, home, 3).locator("[data-airing]")).to_have_count(1)
    assert desk.airs(home) == [("滩羊冬季补饲", "Thu 19:30")]


def test_a_course_dragged_in_becomes_a_weekly_series(watched: Watched, desk: Desk) -> None:
    home = village(2)
    page = enter(watched, "li", week(home))
    drag(page, middle(page.locator("li.series [data-load]", has_text="测土配方施肥")), middle(cell(page, home, 2)))
    assert page.input_value("#repeat") == "weekly"
    page.fill("#time", "18:00")
    page.click("#scheduling button[name=save]")
    saved(page, "It stands in the draft")
    shown = [desk.airs(home, weeks) for weeks in (1, 2, 3, 4)]
    assert shown == [[("看懂化验单", "Wed 18:00")], [("缺哪样补哪样", "Wed 18:00")], [("秋后取土样", "Wed 18:00")], []]


def test_a_lesson_is_scheduled_by_keys_alone(watched: Watched, desk: Desk) -> None:
    home = village(3)
    page = enter(watched, "li", week(home))
    keys = page.keyboard
    presses = 0
    while not page.evaluate("document.activeElement.closest('#calendar .ec-body') !== null"):
        keys.press("Tab")
        presses += 1
        assert presses < 40, "the grid cannot be reached"
    for _ in range(8):
        keys.press("ArrowDown")
    keys.press("ArrowUp")  # the last row is the television
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("n")
    expect(page.locator("#scheduling")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "lesson"
    while not page.locator("#lesson option:checked").inner_text().endswith("滩羊冬季补饲"):
        keys.press("ArrowDown")
        presses += 1
        assert presses < 60, "the lesson cannot be chosen"
    assert page.locator("#lesson option:checked").inner_text().endswith("滩羊冬季补饲")
    while page.evaluate("document.activeElement.id") != "time":
        keys.press("Tab")
    keys.type("0745PM")
    while page.evaluate("document.activeElement.name") != "save":
        keys.press("Tab")
    keys.press("Enter")
    expect(card(page, "滩羊冬季补饲")).to_be_visible()
    assert desk.airs(home) == [("滩羊冬季补饲", "Wed 19:45")]
    there = page.locator(f'.ec-day[data-day="{at(2).date().isoformat()}"]:focus-within')
    expect(there).to_have_count(1)  # the focus came back to where one was


def test_keys_open_move_cancel_and_undo(watched: Watched, desk: Desk) -> None:
    home = village(4)
    desk.plan(home, "冬季安全用电", at(1))
    page = enter(watched, "li", week(home))
    keys = page.keyboard
    card(page, "冬季安全用电").focus()
    keys.press("Shift+ArrowRight")
    expect(cell(page, home, 2).locator("[data-airing]")).to_have_count(1)
    assert desk.airs(home) == [("冬季安全用电", "Wed 19:30")]
    expect(page.locator("#calendar [data-airing]:focus")).to_have_count(1)

    keys.press("Enter")
    sheet = page.locator("#sheet")
    expect(sheet.locator("h1")).to_have_text("冬季安全用电")
    sheet.locator("input[name=moved_to_time]").first.fill("20:30")
    sheet.get_by_role("button", name="Move it").press("Enter")
    expect(sheet).to_be_hidden()
    assert desk.airs(home) == [("冬季安全用电", "Wed 20:30")]

    expect(page.locator("#calendar [data-airing]:focus")).to_have_count(1)
    keys.press("Delete")
    assert page.evaluate("document.activeElement.dataset.choice") == "keep"  # the safe one
    keys.press("Escape")
    assert desk.airs(home) == [("冬季安全用电", "Wed 20:30")]
    keys.press("Delete")
    keys.press("Tab")
    keys.press("Enter")
    expect(card(page, "冬季安全用电")).to_have_count(0)
    assert desk.airs(home) == []
    keys.press("Control+z")
    expect(card(page, "冬季安全用电")).to_have_count(1)
    keys.press("?")
    expect(page.locator("#help")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_a_clash_in_the_layer_sends_the_card_back_and_offers_the_next_free_time(watched: Watched, desk: Desk) -> None:
    home = village(5)
    desk.plan(home, "看懂化验单", at(1))
    desk.plan(home, "冬季安全用电", at(4))
    page = enter(watched, "li", week(home))
    drag(page, middle(card(page, "冬季安全用电")), middle(cell(page, home, 1)))
    refused = page.locator("#refused")
    expect(refused).to_be_visible()
    expect(refused).to_contain_text("Something else airs at that time in this layer.")
    expect(refused.locator(".slot")).to_contain_text("看懂化验单")
    expect(cell(page, home, 4).locator("[data-airing]")).to_have_count(1)
    assert ("冬季安全用电", "Fri 19:30") in desk.airs(home)
    refused.get_by_role("button", name="Take 20:10").click()
    saved(page, "Moved for one evening")
    expect(refused).to_be_hidden()
    assert desk.airs(home) == [("看懂化验单", "Tue 19:30"), ("冬季安全用电", "Tue 20:10")]


def test_what_a_higher_layer_displaces_is_said_before_submitting_and_settled_by_one_press(
    watched: Watched, desk: Desk
) -> None:
    home = village(6)
    desk.plan(COUNTY, "手机防诈骗三招", at(5), Rank.MANDATORY)
    desk.plan(home, "冬季安全用电", at(4))
    page = enter(watched, "li", week(home))
    drag(page, middle(card(page, "冬季安全用电")), middle(cell(page, home, 5)))
    saved(page, "In another layer")
    clash = page.locator("#clashes")
    expect(clash.locator("h2")).to_have_text("1 clash")
    expect(clash).to_contain_text("The other has the higher rank.")
    expect(clash).to_contain_text("1 person is expected there.")
    submit = page.locator("form[action$='/submit'] button")
    expect(submit).to_be_disabled()
    expect(submit).to_contain_text("1 clash first")
    struck = card(page, "冬季安全用电")
    assert "displaced" in (struck.get_attribute("class") or "")
    expect(page.locator("[data-row=television] .gives-way").last).to_contain_text("冬季安全用电")

    clash.get_by_role("button", name="So be it").click()
    expect(clash.locator("h2")).to_have_count(0)
    expect(submit).to_be_enabled()
    page.click("#undo")
    clash.get_by_role("button", name="Take 20:10").click()
    expect(clash.locator("h2")).to_have_count(0)
    assert desk.airs(home) == [("冬季安全用电", "Sat 20:10")]
    expect(submit).to_be_enabled()
    with page.expect_navigation():
        submit.click()
    expect(page.locator("form[action$='/submit'] button")).to_have_text("Submitted")


def test_a_repeating_slot_asks_whether_one_evening_or_all_later_ones_move(watched: Watched, desk: Desk) -> None:
    home = village(7)
    desk.plan(home, "看懂化验单", at(0), rule="FREQ=WEEKLY")
    page = enter(watched, "li", week(home))
    drag(page, middle(card(page, "看懂化验单")), middle(cell(page, home, 1)))
    ask = page.locator("#ask")
    expect(ask).to_contain_text("every week".capitalize())
    assert page.evaluate("document.activeElement.dataset.choice") == "leave"
    page.keyboard.press("Escape")
    expect(cell(page, home, 0).locator("[data-airing]")).to_have_count(1)
    assert desk.airs(home) == [("看懂化验单", "Mon 19:30")]

    drag(page, middle(card(page, "看懂化验单")), middle(cell(page, home, 1)))
    ask.get_by_role("button", name="Only this evening").click()
    saved(page, "Moved for one evening")
    assert (desk.airs(home), desk.airs(home, 2)) == ([("看懂化验单", "Tue 19:30")], [("看懂化验单", "Mon 19:30")])
    page.click("#undo")
    expect(cell(page, home, 0).locator("[data-airing]")).to_have_count(1)

    drag(page, middle(card(page, "看懂化验单")), middle(cell(page, home, 3)))
    ask.get_by_role("button", name="This and all later").click()
    saved(page, "Moved, with all later ones")
    assert (desk.airs(home), desk.airs(home, 2)) == ([("看懂化验单", "Thu 19:30")], [("看懂化验单", "Thu 19:30")])


def test_a_card_stays_in_its_layer_and_the_day_view_moves_it_to_another_time(watched: Watched, desk: Desk) -> None:
    home = village(8)
    desk.plan(home, "滩羊冬季补饲", at(6))
    page = enter(watched, "li", week(home))
    drag(page, middle(card(page, "滩羊冬季补饲")), middle(cell(page, VILLAGES, 6)))
    saved(page, "A card stays in its layer")
    expect(cell(page, home, 6).locator("[data-airing]")).to_have_count(1)
    expect(page.get_by_role("link", name="One day")).to_be_visible()
    watched.go(week(home, view="day", day=at(6).date().isoformat()))
    page.locator("#calendar .ec-body .ec-day").first.wait_for()
    x, y = middle(card(page, "滩羊冬季补饲"))
    drag(page, (x, y), (x + 120, y))  # a quarter of an hour is 60 px wide
    expect(card(page, "滩羊冬季补饲")).to_contain_text("20:00–20:40")
    assert desk.airs(home) == [("滩羊冬季补饲", "Sun 20:00")]


def test_the_past_is_asked_about(watched: Watched, desk: Desk) -> None:
    home, today = village(9), clock.local(clock.now())
    if today.weekday() == 0 or today.hour >= 23:
        pytest.skip("the week has no past day yet, or the day no coming minute")
    start = (today + timedelta(minutes=10)).replace(second=0, microsecond=0, tzinfo=None)
    desk.plan(home, "滩羊冬季补饲", start)
    page = enter(watched, "li", f"/timetable?region={home}")
    drag(page, middle(card(page, "滩羊冬季补饲")), middle(cell(page, home, start.weekday() - 1)))
    expect(page.locator("#ask")).to_contain_text("No television will show it any more")
    page.keyboard.press("Escape")
    assert desk.airs(home, 0) == [("滩羊冬季补饲", f"{start:%a %H:%M}")]


def test_two_editors_see_the_difference_and_nothing_is_overwritten(watched: Watched, desk: Desk) -> None:
    home = village(10)
    slot = desk.plan(home, "冬季安全用电", at(1))
    page = enter(watched, "li", week(home))
    with desk.database.unit_of_work() as session:  # a colleague, meanwhile
        layer = service.layer_of(session, home)
        edit = MoveEvening(slot=slot, planned=at(1), moved_to=at(1, 21, 0))
        service.edit(session, layer, edit, desk.person("zhou"), clock.now())
    expect(page.locator("#moved")).to_be_visible()  # it is said by itself
    drag(page, middle(card(page, "冬季安全用电")), middle(cell(page, home, 3)))
    ask = page.locator("#ask")
    expect(ask).to_contain_text("What 周乡 changed")
    expect(ask).to_contain_text("21:00")
    assert page.evaluate("document.activeElement.dataset.choice") == "load"
    page.keyboard.press("Enter")
    expect(card(page, "冬季安全用电")).to_contain_text("21:00")
    assert desk.airs(home) == [("冬季安全用电", "Tue 21:00")]

    with desk.database.unit_of_work() as session:
        layer = service.layer_of(session, home)
        edit = MoveEvening(slot=slot, planned=at(1, 21, 0), moved_to=at(1, 20, 0))
        service.edit(session, layer, edit, desk.person("zhou"), clock.now())
    page.route("**/stream", lambda route: route.abort())
    drag(page, middle(card(page, "冬季安全用电")), middle(cell(page, home, 3)))
    ask.get_by_role("button", name="Try mine again on top").click()
    saved(page, "Moved for one evening")
    assert desk.airs(home) == [("冬季安全用电", "Thu 21:00")]


def test_delivery_is_live_and_the_missing_boxes_are_one_press_away(watched: Watched, desk: Desk) -> None:
    home = village(11)
    desk.plan(home, "滩羊冬季补饲", at(2))
    revision = desk.publish(home)
    page = enter(watched, "li", week(home))
    state = page.locator("#state")
    expect(state).to_contain_text("Stored 0/1")
    missing = state.get_by_role("link", name="1 box missing")
    assert (missing.get_attribute("href") or "").endswith(f"/timetable/{home}/missing")
    expect(page.locator("#live")).to_have_text("live")
    desk.prove(home, revision)
    expect(state).to_contain_text("Stored 1/1")
    expect(missing).to_have_count(0)


def test_without_a_stream_the_page_asks_every_few_seconds_and_says_so(watched: Watched, desk: Desk) -> None:
    home = village(12)
    desk.plan(home, "滩羊冬季补饲", at(2))
    revision = desk.publish(home)

    def taken(route: Route) -> None:
        route.fulfill(status=422, content_type="application/json", body='{"code": "streams_taken"}')

    watched.page.route("**/stream", taken)
    page = enter(watched, "li", week(home))
    expect(page.locator("#live")).to_have_text("asked every 5 s")
    desk.prove(home, revision)
    expect(page.locator("#state")).to_contain_text("Stored 1/1", timeout=10_000)


def test_the_filter_stands_in_the_address_and_dims_the_rest(watched: Watched, desk: Desk) -> None:
    home = village(13)
    desk.plan(home, "滩羊冬季补饲", at(0))
    desk.plan(home, "冬季安全用电", at(1))
    page = enter(watched, "li", week(home))
    page.select_option("#subject", "养殖")
    assert "subject=" in page.url
    expect(card(page, "冬季安全用电")).to_have_class(DIM)
    expect(card(page, "滩羊冬季补饲")).not_to_have_class(DIM)
    expect(page.locator("[data-load]")).to_have_count(1)
    page.reload()
    expect(card(page, "冬季安全用电")).to_have_class(DIM)
    page.select_option("#subject", "")
    page.fill("#find", "化验")
    expect(page.locator("[data-load]")).to_have_text(["看懂化验单40 min"])


def test_who_plans_a_township_reads_the_layers_above(watched: Watched, desk: Desk) -> None:
    desk.plan(COUNTY, "缺哪样补哪样", at(0, 10, 0))
    page = enter(watched, "zhou", week(TOWNSHIP))
    theirs = card(page, "缺哪样补哪样")
    drag(page, middle(theirs), middle(cell(page, COUNTY, 1)))
    expect(cell(page, COUNTY, 0).locator("[data-airing]", has_text="缺哪样补哪样")).to_have_count(1)
    assert ("缺哪样补哪样", "Mon 10:00") in desk.airs(COUNTY)
    drag(page, middle(page.locator("[data-load]", has_text="滩羊冬季补饲")), middle(cell(page, COUNTY, 3)))
    saved(page, "planned by others")
    expect(page.locator("#scheduling")).to_be_hidden()


def test_a_reviewer_reads_and_is_led_to_what_waits(watched: Watched, desk: Desk) -> None:
    home = village(14)
    desk.plan(home, "滩羊冬季补饲", at(2))
    page = enter(watched, "ma", week(home))
    assert page.locator("#undo, #schedule, [data-load], form[action$='/submit']").count() == 0
    assert page.locator(".ec-draggable").count() == 0
    expect(page.get_by_role("link", name="What changes")).to_be_visible()


def test_a_station_administrator_fills_a_gap_at_once(watched: Watched, desk: Desk) -> None:
    home = f"{TOWNSHIP}205"
    page = enter(watched, "zhao", week(home))
    page.get_by_role("link", name="Schedule a lesson").click()
    page.select_option("#lesson", desk.lesson("滩羊冬季补饲"))
    page.fill("#date", at(3).date().isoformat())
    page.fill("#time", "15:00")
    page.click("#scheduling button[name=save]")
    saved(page, "The television is told now")
    expect(page.locator("#state")).to_contain_text("Revision 1")
    assert desk.airs(home) == [("滩羊冬季补饲", "Thu 15:00")]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_grid_its_sheets_and_the_day_are_open_to_all(watched: Watched, desk: Desk, scheme: str) -> None:
    home = f"{OTHERS[scheme]}201"
    desk.plan(home, "滩羊冬季补饲", at(2))
    desk.plan(home, "冬季安全用电", at(3), Rank.OPTIONAL, "FREQ=WEEKLY")
    desk.plan(OTHERS[scheme], "看懂化验单", at(3, 19, 40), Rank.MANDATORY)
    watched.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page = enter(watched, "li", week(home))
    expect(page.locator("#calendar")).to_be_visible()
    assert serious(page) == []
    card(page, "冬季安全用电").click()
    expect(page.locator("#sheet")).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#scheduling")).to_be_visible()
    assert serious(page) == []
    watched.go(week(home, view="day", day=at(3).date().isoformat()))
    page.locator("#calendar .ec-body .ec-day").first.wait_for()
    assert serious(page) == []
    page.set_viewport_size({"width": 683, "height": 384})
    watched.go(week(home))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_page_of_a_full_plan_is_lean(watched: Watched, browser: Browser, desk: Desk) -> None:
    home = village(17)
    for number in range(30):
        desk.plan(home, "看懂化验单", at(number % 7, 7 + number // 7), rule="FREQ=WEEKLY")
    page = enter(watched, "li", week(home))
    expect(card(page, "看懂化验单")).to_have_count(30)
    text = page.request.get(watched.office.url + week(home)).text()
    above = len(desk.airs(COUNTY)) + len(desk.airs(VILLAGES))
    assert text.count('"slot":') == 30 + above  # each airing of this week once as data, and no other
