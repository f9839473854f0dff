"""What is secret stands in no log: passwords, links, codes, cookies, the secrets of televisions and of stations."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from structlog.testing import capture_logs

from contentserver import app as composition
from contentserver import boxes
from contentserver.accounts import SESSION_KEY
from contentserver.app import create_app, introduction_of
from contentserver.kernel import clock
from contentserver.stations import Station, add_village_stations, keep_join_addresses
from tests.contentserver.accounts.places import COUNTY, VILLAGE, Place, staffed
from tests.serving import PASSWORD

CHOSEN = "土豆 要 早 挖 别 等 霜 降"
WRONG = "not the right one"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with staffed(tmp_path) as found:
        yield found


def a_day(place: Place, client: FlaskClient) -> list[str]:
    """A day of the office, by way of everything that has a secret; gives the secrets."""
    secrets = [PASSWORD, CHOSEN, WRONG, place.services.settings.secret_key, place.services.settings.broker_password]
    client.post("/sign-in", data={"username": "quan", "password": WRONG})
    client.post("/sign-in", data={"username": "quan", "password": PASSWORD})
    found = re.search(r'<code class="token">([^<]+)</code>', client.get("/sign-in/second-factor").text)
    assert found is not None
    secret = found[1].replace(" ", "")
    code = pyotp.TOTP(secret).now()
    page = client.post("/sign-in/second-factor", data={"code": code}, follow_redirects=True).text
    codes = re.findall(r"<li><code>([^<]+)</code>", page)
    assert len(codes) == 10
    with client.session_transaction() as cookie:
        secrets += [secret, code, cookie[SESSION_KEY], *codes]
    invited = {"username": "xin.ren", "display_name": "新人", "role": "county_staff", "region": COUNTY}
    link = re.search(r"/invitation/([\w-]{20,})", client.post("/people/new", data=invited, follow_redirects=True).text)
    assert link is not None
    secrets.append(link[1])
    guest = client.application.test_client()
    assert guest.get(f"/invitation/{link[1]}").status_code == 200
    guest.post(f"/invitation/{link[1]}", data={"new": CHOSEN, "again": CHOSEN})
    return secrets + of_a_village(place, client)


def of_a_village(place: Place, client: FlaskClient) -> list[str]:
    """A television that is let in and asks, and somebody with a phone before it."""
    settings, services = place.services.settings, place.services
    introduction = introduction_of(msgspec.structs.replace(settings, development=True), services.signer)
    with services.database.unit_of_work() as session:
        add_village_stations(session, VILLAGE)
        station = session.scalars(select(Station)).one()
        keep_join_addresses(session, settings.public_url)
        box = boxes.enrol_for_trial(session, station, "t-1", services.signer, settings.secret_key, clock.now())
        given = boxes.credentials_of(box, settings.secret_key, introduction)
        phone = station.join_address.rsplit("/", 1)[1]
    asked = client.get("/api/v1/box/desired", headers={"Authorization": f"Bearer {given.http_token}"})
    assert asked.status_code == 200
    assert client.get(f"/join/{phone}").status_code == 200
    return [given.http_token, given.broker.password, phone]


def told(place: Place, caplog: pytest.LogCaptureFixture) -> tuple[str, list[str]]:
    """Everything that is logged during a day, and the day's secrets."""
    app = create_app(place.services.settings, place.services)
    app.config["WTF_CSRF_ENABLED"] = False
    with capture_logs() as said:
        secrets = a_day(place, app.test_client())
    assert len(said) > 5
    return repr(said) + caplog.text, secrets


def test_no_secret_stands_in_the_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    log, secrets = told(place, caplog)
    assert [secret for secret in secrets if secret in log] == []


def test_it_is_seen_when_addresses_are_logged_as_they_are(
    place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "UNLOGGED_PART", "nothing")
    log, secrets = told(place, caplog)
    assert len([secret for secret in secrets if secret in log]) == 2
