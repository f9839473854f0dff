"""The page of the signing keys: whoever looks sees which key signs, who believes it, and who is still missing."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from contentserver import key_commands, stations, trust
from contentserver.boxes import Box
from contentserver.kernel.auth import Role
from contentserver.key_commands import KeyOffice
from schedules.wire.messages import Reported
from schedules.wire.signing import Purpose
from schedules.wire.topics import BoxId
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_every_page import serious
from tests.serving import hire, import_regions, served, services_in

VILLAGE = "640221203205"
NOW = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A server of its own: what happens to its keys concerns no other test."""
    services = services_in(tmp_path)
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, VILLAGE[:9])
        staff = {"quan": ("权管理", Role.SYSTEM_ADMIN, ""), "wang": ("王立新", Role.COUNTY_STAFF, VILLAGE[:6])}
        staff |= {"li": ("李敏", Role.SCHEDULER, VILLAGE[:6]), "zhao": ("赵站长", Role.STATION_ADMIN, VILLAGE)}
        hire(session, staff, NOW)
    with served(services) as url:
        yield Office(url, services, "", "", "", "", "")


@pytest.fixture
def keys(office: Office) -> KeyOffice:
    """Two boxes at one station: one has the newest set of keys, the other one never said anything."""
    services = office.services
    with services.database.unit_of_work() as session:
        station = next(iter(stations.stations_in(session, VILLAGE)))
        for key in ("a", "b"):
            box = Box(station_id=station.id, public_key=key, http_token_hash=key, enrolled_at=NOW, seen_at=NOW)
            session.add(box)
            session.flush()
            report = Reported(box=BoxId(box.id), epoch="e", at=NOW, keys_no=1)
            box.reported = msgspec.json.encode(report).decode() if key == "a" else ""
    key_commands.enter_first(services.settings)
    return KeyOffice(services.settings, services.database)


def test_the_state_of_each_key_and_who_lacks_it(watched: Watched, keys: KeyOffice) -> None:
    keys.prepare(Purpose.APPROVALS, "")
    page = watched.page
    watched.sign_in("quan")
    if page.get_attribute("html", "lang") != "en":
        read_in(page)
    watched.go("/boxes")
    page.get_by_role("link", name="Signing keys").press("Enter")
    page.wait_for_url("**/boxes/keys")
    approvals = page.locator("section.card").filter(has_text="Approvals of lessons").locator("tbody tr")
    assert approvals.count() == 2
    assert "Prepared, does not sign yet" in approvals.first.inner_text()
    assert "Signs" in approvals.nth(1).inner_text()
    approvals.first.get_by_role("link", name="1 does not yet").press("Enter")
    page.wait_for_url("**/boxes/keys?lacking=*")
    lacking = page.locator("#lacking tbody tr")
    assert lacking.count() == 1
    lacking.get_by_role("link").press("Enter")
    page.wait_for_url("**/boxes/2")
    keys.use(Purpose.APPROVALS, "", anyway=True)
    keys.retire(Purpose.APPROVALS, "")
    watched.go("/boxes/keys")
    assert "Retired" in page.locator("main").inner_text()
    assert serious(page) == []


@pytest.mark.parametrize(("scheme", "language", "width"), [("dark", "zh-CN", 1366), ("light", "en", 390)])
def test_the_page_is_whole(watched: Watched, keys: KeyOffice, scheme: str, language: str, width: int) -> None:
    page = watched.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 768})
    watched.sign_in("quan")
    if page.get_attribute("html", "lang") != language:
        read_in(page, language)
    kid = keys.prepare(Purpose.APPROVALS, "") and _coming(keys)
    for path in ("/boxes/keys", f"/boxes/keys?lacking={kid}&for=approvals", "/boxes/keys?lacking=x&for=x&page=9"):
        assert watched.go(path) == 200, path
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
        assert serious(page) == [], path
        if folder := os.environ.get("YUANJIAO_PICTURES"):
            page.screenshot(path=Path(folder) / f"keys-{language}-{len(path)}.png", full_page=True)


def test_before_any_key_was_entered_the_page_says_what_to_do(watched: Watched) -> None:
    watched.sign_in("quan")
    assert watched.go("/boxes/keys") == 200
    assert "signing-keys" in watched.page.locator("main").inner_text()


@pytest.mark.parametrize("who", ["li", "wang", "zhao"])
def test_only_system_administrators_see_it(watched: Watched, who: str) -> None:
    watched.sign_in(who)
    assert watched.go("/boxes/keys") == 403
    watched.go("/boxes")
    assert watched.page.locator("a[href='/boxes/keys']").count() == 0


def _coming(keys: KeyOffice) -> str:
    with keys.database.reader() as session:
        row = trust.coming_row(session, Purpose.APPROVALS)
    return row.kid if row else ""
