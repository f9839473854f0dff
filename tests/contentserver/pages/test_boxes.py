"""The boxes' pages by keyboard: the list and its filters, one box, moved, replaced, ended, announced; programs."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page
from sqlalchemy import delete, select, update

from contentserver import stations
from contentserver.boxes import Box, BoxStation, ExpectedBox, add_release, rules
from contentserver.boxes.desiring import refresh_desired
from contentserver.boxes.models import ReleaseRow
from contentserver.boxes.placing import stand
from contentserver.stations import Station
from schedules.airings import PackageName
from schedules.wire.messages import (
    ClockReport,
    DiskReport,
    LineReport,
    PackageReport,
    PackageState,
    Reported,
)
from schedules.wire.topics import BoxId
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")
TOWNSHIP = "640202001"
GB = 10**9
NEEDS = "ab" * 32


def archive(version: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        out.writestr("tvclient/__main__.py", f"print({version!r})")
        out.comment = f"{version} {NEEDS}".encode()
    return made.getvalue()


class Fleet:
    """Boxes of every kind in another county, whose administrator is chen."""

    def __init__(self, office: Office) -> None:
        self.office, self.services = office, office.services
        self.now = datetime.now(UTC)
        with self.services.database.unit_of_work() as session:
            self._session = session
            stations.add_village_stations(session, TOWNSHIP)
            self.places = list(stations.stations_in(session, TOWNSHIP))
            for version in ("0.3.0", "0.3.1"):
                add_release(session, archive(version), self.services.store, self.now)
            self.well = self._box("well", 0, kbps=2400)
            self.away = self._box("away", 1, online=False, seen=timedelta(days=2))
            self.lost = self._box("lost", 2, online=False, seen=timedelta(days=20))
            self.ill = self._box("ill", 3, waiting=1234, free=GB, clock_ms=4200)
            self.old = self._box("old", 4, release="0.3.0", wanted="0.3.1")
            self.failed = self._box("failed", 5, given_up="0.3.1", wanted="0.3.1")
            self.young = self._box("young", 6, silent=True)

    def _box(
        self,
        name: str,
        place: int,
        *,
        online: bool = True,
        seen: timedelta = timedelta(minutes=1),
        waiting: int = 0,
        free: int = 20 * GB,
        clock_ms: int = 12,
        kbps: int = 800,
        release: str = "",
        given_up: str = "",
        wanted: str | None = None,
        silent: bool = False,
    ) -> int:
        session = self._session
        box = Box(
            station_id=self.places[place].id,
            public_key=f"fleet-{name}",
            http_token_hash=f"fleet-{name}",
            serial=f"YJ-{name.upper()}",
            enrolled_at=self.now - timedelta(days=40),
            online=online and not silent,
            seen_at=None if silent else self.now - seen,
        )
        session.add(box)
        session.flush()
        box.release = wanted
        stand(session, box, self.places[place + 1], self.now - timedelta(days=40))
        stand(session, box, self.places[place], self.now - timedelta(days=3))
        refresh_desired(session, box, self.services.signer)
        names = {
            row.version: rules.release_name(row.version, row.sha256) for row in session.scalars(select(ReleaseRow))
        }
        report = Reported(
            box=BoxId(box.id),
            epoch="one",
            at=self.now - seen,
            desired_version=box.desired_version,
            packages={
                PackageName(f"sha256-{number:064}"): PackageReport(
                    state=PackageState.STORED if number < 3 else PackageState.FETCHING,
                    stored_bytes=80_000_000,
                    wanted_bytes=90_000_000,
                )
                for number in range(4)
            },
            clock=ClockReport(offset_ms=3, uncertainty_ms=clock_ms),
            journal_through=4711,
            journal_waiting=waiting,
            software="yuanjiao-tv 0.3",
            line=LineReport(kbps=kbps, measured_at=self.now - seen, bytes_today=120_000_000),
            disk=DiskReport(free_bytes=free, budget_bytes=60 * GB),
            release=names.get(release, ""),
            release_given_up=names.get(given_up, ""),
        )
        if not silent:
            box.reported, box.reported_at = msgspec.json.encode(report).decode(), self.now - seen
        return box.id

    def box(self, box_id: int) -> Box:
        with self.services.database.reader() as session:
            return session.get_one(Box, box_id)

    def expected(self) -> dict[str, str]:
        with self.services.database.reader() as session:
            return {row.serial: row.note for row in session.scalars(select(ExpectedBox))}

    def clear(self) -> None:
        """Take everything away again: other pages' tests share the office."""
        with self.services.database.unit_of_work() as session:
            ids = select(Box.id).where(Box.public_key.startswith("fleet-"))
            session.execute(delete(BoxStation).where(BoxStation.box_id.in_(ids)))
            session.execute(delete(ExpectedBox))
            session.execute(delete(Box).where(Box.public_key.startswith("fleet-")))
            session.execute(update(Box).values(release=None))
            session.execute(delete(ReleaseRow))
            session.execute(delete(Station).where(Station.region_code.startswith(TOWNSHIP)))


@pytest.fixture
def fleet(office: Office) -> Iterator[Fleet]:
    found = Fleet(office)
    yield found
    found.clear()


def _english(watched: Watched, username: str = "chen") -> Page:
    watched.sign_in(username)
    if watched.page.get_attribute("html", "lang") != "en":
        read_in(watched.page)
    return watched.page


def _numbers(page: Page) -> list[str]:
    return page.locator("tbody th").all_inner_texts()


def test_the_list_is_filtered_sorted_and_searched_by_keyboard(watched: Watched, fleet: Fleet) -> None:
    page = _english(watched)
    watched.go("/boxes")
    assert _numbers(page) == [
        str(one)
        for one in sorted(
            (fleet.well, fleet.away, fleet.lost, fleet.ill, fleet.old, fleet.failed, fleet.young), reverse=True
        )
    ]
    for words, boxes in (
        ("Journal waits 1", [fleet.ill]),
        ("Silent for a week 2", [fleet.young, fleet.lost]),
        ("Program given up 1", [fleet.failed]),
        ("Program old 1", [fleet.old]),
    ):
        page.get_by_role("link", name=words, exact=True).press("Enter")
        page.locator("nav a[aria-current]", has_text=words).wait_for()
        assert _numbers(page) == [str(one) for one in boxes]
        assert serious(page) == []
    page.get_by_role("link", name="All 7", exact=True).press("Enter")
    page.get_by_role("link", name="Last heard from").press("Enter")
    page.locator("th[aria-sort=descending]").wait_for()
    assert _numbers(page)[-1] == str(fleet.young)
    page.get_by_role("link", name="Last heard from").press("Enter")
    page.locator("th[aria-sort=ascending]").wait_for()
    assert _numbers(page)[0] == str(fleet.young)
    page.fill("#q", "yj-ill")
    page.press("#q", "Enter")
    page.wait_for_url("**q=yj-ill*")
    assert _numbers(page) == [str(fleet.ill)]
    page.get_by_role("link", name=str(fleet.ill), exact=True).press("Enter")
    page.wait_for_url(f"**/boxes/{fleet.ill}")
    text = page.locator("main").inner_text()
    for said in ("1234 rows wait for the server", "800 kbit/s", "1,000 MB free of 60,000 MB", "±4,200 ms", "3 of 4"):
        assert said in text


def test_a_box_is_moved_and_its_past_stands_there(watched: Watched, fleet: Fleet) -> None:
    page = _english(watched)
    watched.go(f"/boxes/{fleet.well}")
    page.select_option("#station", str(fleet.places[2].id))
    page.locator("form[action$='/move'] button").press("Enter")
    page.get_by_role("status").filter(has_text="now stands").wait_for()
    assert fleet.box(fleet.well).station_id == fleet.places[2].id
    stood = page.locator("table", has_text="Where it stands").locator("tbody tr").all_inner_texts()
    assert [fleet.places[place].name in row for place, row in zip((2, 0, 1), stood, strict=True)] == [True] * 3
    page.locator("form[action$='/move'] button").press("Enter")
    page.locator("#station-wrong").wait_for()


def test_the_lines_hours_are_set_and_a_half_is_refused(watched: Watched, fleet: Fleet) -> None:
    page = _english(watched)
    watched.go(f"/boxes/{fleet.well}")
    page.fill("#quiet_from", "19:00")
    page.fill("#daily_mb", "900")
    page.locator("form[action$='/fetching'] button").press("Enter")
    page.locator("#quiet_until-wrong").wait_for()
    assert page.input_value("#daily_mb") == "900"
    assert fleet.box(fleet.well).fetching == "{}"
    page.fill("#quiet_until", "21:30")
    page.locator("form[action$='/fetching'] button").press("Enter")
    page.get_by_role("status").filter(has_text="keeps to these hours").wait_for()
    kept = msgspec.json.decode(fleet.box(fleet.well).fetching)
    assert (kept["quiet_from"], kept["quiet_until"], kept["daily_bytes"]) == ("19:00", "21:30", 900_000_000)
    assert page.input_value("#quiet_from") == "19:00"


def test_a_broken_box_is_replaced_by_a_new_one(watched: Watched, fleet: Fleet) -> None:
    page = _english(watched)
    watched.go(f"/boxes/{fleet.lost}")
    page.get_by_role("link", name="Replace").press("Enter")
    page.wait_for_url("**/replace")
    for wrong in (str(fleet.lost), "99999"):
        page.fill("#successor", wrong)
        page.press("#successor", "Enter")
        page.locator("[data-error-summary]").wait_for()
        assert fleet.box(fleet.lost).revoked_at is None
    page.fill("#successor", str(fleet.young))
    page.press("#successor", "Enter")
    page.wait_for_url(f"**/boxes/{fleet.young}")
    assert fleet.box(fleet.young).station_id == fleet.places[2].id
    assert str(fleet.young) in fleet.box(fleet.lost).ended_reason
    watched.go(f"/boxes/{fleet.lost}")
    assert "Its enrolment ended" in page.locator("main").inner_text()
    assert page.get_by_role("link", name="Replace").count() == 0


def test_an_enrolment_ends_with_a_reason_after_its_consequences_were_read(watched: Watched, fleet: Fleet) -> None:
    page = _english(watched)
    watched.go(f"/boxes/{fleet.well}")
    page.get_by_role("link", name="End its enrolment").press("Enter")
    page.wait_for_url("**/end")
    assert "This cannot be taken back" in page.locator("main").inner_text()
    page.get_by_role("button", name="End it now").press("Enter")
    page.locator("#reason-wrong").wait_for()
    assert fleet.box(fleet.well).revoked_at is None
    page.fill("#reason", "机顶盒丢失，请联系县里")
    page.get_by_role("button", name="End it now").press("Enter")
    page.wait_for_url(f"**/boxes/{fleet.well}")
    ended = fleet.box(fleet.well)
    assert (ended.ended_reason, ended.revoked_at is not None) == ("机顶盒丢失，请联系县里", True)
    assert serious(page) == []


def test_a_credential_is_renewed(watched: Watched, fleet: Fleet) -> None:
    page = _english(watched)
    watched.go(f"/boxes/{fleet.well}")
    page.locator("form[action$='/rotate'] button").press("Enter")
    page.get_by_role("status").filter(has_text="new credential").wait_for()
    assert fleet.box(fleet.well).credential_no == 2
    assert "it still uses number 1" in page.locator("main").inner_text()


def test_who_may_not_is_not_offered_and_is_refused(watched: Watched, fleet: Fleet) -> None:
    watched.sign_in("wang")
    assert watched.go(f"/boxes/{fleet.well}") == 403
    assert watched.go("/boxes/expected") == watched.go("/boxes/programs") == 403
    own = next(one for one in _all_boxes(watched.office) if one not in fleet_ids(fleet))
    assert watched.go(f"/boxes/{own}") == 200
    for action in ("move", "fetching", "rotate"):
        assert watched.page.locator(f"form[action$='/{action}']").count() == 0
    watched.sign_in("zhao")
    assert watched.go(f"/boxes/{own}/end") == 403
    assert watched.go(f"/boxes/{own}") == 200
    assert watched.page.locator("form[action$='/move']").count() == 1
    assert watched.page.locator("form[action$='/rotate']").count() == 0
    assert watched.go("/boxes/99999") == 404


def fleet_ids(fleet: Fleet) -> set[int]:
    return {fleet.well, fleet.away, fleet.lost, fleet.ill, fleet.old, fleet.failed, fleet.young}


def _all_boxes(office: Office) -> list[int]:
    with office.services.database.reader() as session:
        query = select(Box.id).join(Station, Station.id == Box.station_id)
        return list(session.scalars(query.where(Station.region_code == "640221203205", Box.revoked_at.is_(None))))


def test_boxes_are_announced_from_the_filled_in_template_and_removal_is_undone(
    watched: Watched, fleet: Fleet, tmp_path: Path
) -> None:
    page = _english(watched)
    watched.go("/boxes/expected")
    page.locator("form[action$='/read'] button").press("Enter")
    page.locator("[data-error-summary]").wait_for()
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download the empty sheet").press("Enter")
    coming.value.save_as(tmp_path / "empty.xlsx")
    book = load_workbook(tmp_path / "empty.xlsx")
    for row in (
        ["YJ-21", fleet.places[0].name, "", "第一批"],
        ["YJ-22", fleet.places[1].region_code],
        ["YJ-23", "没有"],
    ):
        book.worksheets[0].append(row)
    book.save(tmp_path / "filled.xlsx")
    page.set_input_files("#file", str(tmp_path / "filled.xlsx"))
    page.locator("form[action$='/read'] button").press("Enter")
    page.locator("#faults-heading").wait_for()
    assert "1 row cannot be used" in page.locator("#faults-heading").inner_text()
    assert fleet.expected() == {}
    assert serious(page) == []
    page.get_by_role("button", name="Announce them").press("Enter")
    page.get_by_role("status").filter(has_text="2 televisions are expected").wait_for()
    assert fleet.expected() == {"YJ-21": "第一批", "YJ-22": ""}
    page.get_by_role("button", name="Remove YJ-21").press("Enter")
    page.get_by_role("status").filter(has_text="YJ-21 is expected no more").wait_for()
    assert fleet.expected() == {"YJ-22": ""}
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_role("status").filter(has_text="1 television is expected").wait_for()
    assert fleet.expected() == {"YJ-21": "第一批", "YJ-22": ""}
    watched.go("/boxes?q=YJ-2")
    assert "第一批" in page.locator("tbody").inner_text()
    watched.go("/boxes/expected?q=yj-22")
    assert _numbers(page) == ["YJ-22"]


def test_rows_that_were_changed_on_the_way_are_not_believed(watched: Watched, fleet: Fleet) -> None:
    page = _english(watched)
    for rows, status in (
        ("no json", 422),
        (f'[["YJ-9", "{watched.office.station}", ""]]', 422),
        ('[["YJ-9", "x", ""]]', 422),
    ):
        watched.go("/boxes/expected")
        token = page.locator("form[action$='/read'] input[name=csrf_token]").get_attribute("value") or ""
        answer = page.request.post(
            watched.office.url + "/boxes/expected", form={"csrf_token": token, "rows": rows}, max_redirects=0
        )
        assert answer.status == status, rows
    assert fleet.expected() == {}


def test_a_program_is_tried_in_one_village_and_then_wanted_everywhere(watched: Watched, fleet: Fleet) -> None:
    page = _english(watched)
    watched.go("/boxes/programs")
    newest, older = page.locator("section.card").all()
    assert "1 television tried it and went back" in newest.inner_text()
    assert newest.get_by_role("button", name="Everywhere").count() == 0
    newest.locator("select").select_option(fleet.places[0].region_code)
    newest.get_by_role("button", name="Try it there first").press("Enter")
    page.get_by_role("status").filter(has_text="1 television fetches the program").wait_for()
    assert fleet.box(fleet.well).release == "0.3.1"
    assert fleet.box(fleet.ill).release is None
    older.get_by_role("button", name="Everywhere").press("Enter")
    page.get_by_role("status").filter(has_text="7 televisions fetch the program").wait_for()
    assert fleet.box(fleet.ill).release == fleet.box(fleet.well).release == "0.3.0"
    page.get_by_role("button", name="Ask no more").press("Enter")
    page.get_by_role("status").filter(has_text="Nobody is asked for 0.3.0").wait_for()
    assert fleet.box(fleet.ill).release is None
    page.locator("section.card").first.get_by_role("button", name="Try it there first").press("Enter")
    page.get_by_role("status").wait_for()
    assert serious(page) == []


@pytest.mark.parametrize(("scheme", "language", "width"), [("dark", "zh-CN", 1366), ("light", "en", 390)])
def test_the_boxes_pages_are_whole(watched: Watched, fleet: Fleet, scheme: str, language: str, width: int) -> None:
    page = watched.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 768})
    watched.sign_in("chen")
    if page.get_attribute("html", "lang") != language:
        read_in(page, language)
    for path in (
        "/boxes",
        "/boxes?state=ended",
        f"/boxes/{fleet.ill}",
        f"/boxes/{fleet.young}",
        f"/boxes/{fleet.failed}",
        f"/boxes/{fleet.ill}/replace",
        f"/boxes/{fleet.ill}/end",
        "/boxes/expected",
        "/boxes/programs",
        f"/stations/{fleet.places[0].id}",
    ):
        assert watched.go(path) == 200, path
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
        assert serious(page) == [], path


def test_without_any_box_the_list_says_how_to_add_the_first(watched: Watched) -> None:
    page = _english(watched)
    watched.go("/boxes")
    text = page.locator("main").inner_text()
    assert "No television is connected yet" in text
    page.get_by_role("link", name="Announce boxes").press("Enter")
    page.wait_for_url("**/boxes/expected")
    assert "No television is expected" in page.locator("main").inner_text()
