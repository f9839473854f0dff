"""A station's stars: noted on its page by an administrator, told to its televisions at once."""

from collections.abc import Iterator

import msgspec
import pytest

from schedules.wire.messages import Desired
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_boxes import Fleet
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture
def county(office: Office) -> Iterator[Fleet]:
    found = Fleet(office)
    yield found
    found.clear()


def test_a_station_is_given_its_stars_and_its_televisions_know_at_once(watched: Watched, county: Fleet) -> None:
    page = watched.page
    watched.sign_in("chen")
    if page.get_attribute("html", "lang") != "en":
        read_in(page)
    place, version = county.places[0], county.box(county.well).desired_version
    watched.go(f"/stations/{place.id}")
    page.locator("#stars").select_option("4")
    page.get_by_role("button", name="Keep these stars").press("Enter")
    page.get_by_role("status").filter(has_text="show its stars from now on").wait_for()
    assert page.locator("#stars").input_value() == "4"
    assert "4 stars" in page.locator(".heading").inner_text()
    wanted = msgspec.json.decode(county.box(county.well).desired_fingerprint, type=Desired)
    assert (wanted.station.stars, county.box(county.well).desired_version) == (4, version + 1)
    token = page.locator("form[action$='/stars'] input[name=csrf_token]").get_attribute("value") or ""
    for stars in ("6", "-1", "x", ""):
        answer = page.request.post(
            f"{watched.office.url}/stations/{place.id}/stars",
            form={"csrf_token": token, "stars": stars},
            max_redirects=0,
        )
        assert answer.status == 422, stars
    watched.go(f"/stations/{place.id}")
    assert page.locator("#stars").input_value() == "4"
    assert serious(page) == []
