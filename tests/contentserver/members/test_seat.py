"""A member's seat: who has it, and everything that ends it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask, Response, g
from itsdangerous import URLSafeSerializer
from sqlalchemy import select

from contentserver import stations
from contentserver.app import Services, create_app
from contentserver.audit import AuditEntry
from contentserver.kernel import clock, http
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import NotFound
from contentserver.members import SEAT, Member, add_member, own_link, seated, sit_down, stand_up
from tests.serving import SECRET, hire, import_regions, services_in

VILLAGE = "640221203205"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    found = services_in(tmp_path_factory.mktemp("seat"))
    with found.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, VILLAGE[:9])
    yield found
    found.database.engine.dispose()


@pytest.fixture
def app(services: Services) -> Iterator[Flask]:
    """Within a request that changes something; rolled back afterwards."""
    found = create_app(services.settings, services)
    with found.test_request_context(method="POST", base_url="https://county.example"):
        yield found


@pytest.fixture
def member(app: Flask) -> Member:
    session = http.db_session()
    return add_member(session, next(iter(stations.stations_in(session, VILLAGE))).id, "马建国", "101")


@pytest.fixture
def giver(app: Flask) -> Person:
    return hire(http.db_session(), {"gao": ("高总管", Role.SYSTEM_ADMIN, "")}, clock.now())["gao"]


def asks_with(app: Flask, cookie: str, now: datetime | None = None) -> Member | None:
    """Who is seated in the browser that has this cookie."""
    session = http.db_session()
    with app.test_request_context(headers={"Cookie": f"{SEAT}={cookie}"}):
        g.now = now or clock.now()
        return seated(session)


def given(secret: str) -> tuple[str, str]:
    """The cookie that a browser gets, and how it is set."""
    response = Response()
    sit_down(http.db_session(), response, secret)
    line = response.headers["Set-Cookie"]
    return line.partition("=")[2].partition(";")[0], line


def test_whoever_holds_the_address_is_seated_for_thirty_days(app: Flask, member: Member, giver: Person) -> None:
    cookie, line = given(own_link.give(http.db_session(), member, giver, clock.now()))
    assert {"HttpOnly", "Secure", "SameSite=Lax"} <= {part.strip() for part in line.split(";")}
    assert asks_with(app, cookie) is member
    assert asks_with(app, cookie, clock.now() + timedelta(days=29)) is member
    assert asks_with(app, cookie, clock.now() + timedelta(days=31)) is None
    assert asks_with(app, cookie, clock.now() - timedelta(days=1)) is None
    taken = select(AuditEntry.subject).where(AuditEntry.action == "seat.taken")
    http.db_session().flush()
    assert http.db_session().scalars(taken).all() == [f"member {member.id}"]
    response = Response()
    stand_up(response)
    assert "Max-Age=0" in response.headers["Set-Cookie"]


def test_the_records_secret_is_the_authority(app: Flask, member: Member, giver: Person) -> None:
    session, now = http.db_session(), clock.now()
    cookie, _line = given(own_link.give(session, member, giver, now))
    own_link.end(session, member, giver, now)
    session.flush()
    assert asks_with(app, cookie) is None
    with pytest.raises(NotFound):
        given("nobody's secret")
    cookie, _line = given(own_link.give(session, member, giver, now))
    other = add_member(session, member.station_id, "马建国", "102")
    member.merged_into = other.id
    session.flush()
    assert asks_with(app, cookie) is None
    member.merged_into, member.active = None, False
    session.flush()
    assert asks_with(app, cookie) is None


@pytest.mark.parametrize("forged", ["", "nonsense", "x" * 400])
def test_a_cookie_that_was_not_signed_here_seats_nobody(app: Flask, member: Member, giver: Person, forged: str) -> None:
    secret = own_link.give(http.db_session(), member, giver, clock.now())
    assert asks_with(app, forged) is None
    assert asks_with(app, str(URLSafeSerializer("t" * 40, salt="seat").dumps([secret, 0]))) is None
    other_purpose = URLSafeSerializer(SECRET, salt="transcript").dumps([secret, int(clock.now().timestamp())])
    assert asks_with(app, str(other_purpose)) is None
