"""One application with two counties, for all tests of who sees and changes what."""

from collections.abc import Iterator

import pytest

from contentserver.accounts.models import Account
from contentserver.app import create_app
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.regions import Region, regions_in
from tests.contentserver.scope.asking import SECRET, Office, by_program, sign_in
from tests.contentserver.scope.furnish import furnish
from tests.serving import import_regions, services_in

HOME, AWAY, OTHER_CITY = "640221203205", "640205", "6403"
NOBODY, CLOSED, BOX, PROGRAM, EVERYWHERE = "nobody", "closed account", "television", "program", "everywhere"


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Home and away are furnished alike; everybody who asks works at home, or beside away."""
    services = services_in(tmp_path_factory.mktemp("scope"))
    app = create_app(services.settings, services)
    app.config["WTF_CSRF_ENABLED"] = False
    now = clock.now()
    with services.database.unit_of_work() as session:
        import_regions(session)
        session.add(Region(code=OTHER_CITY, level="city", parent_code="64", name="Other city"))
        villages = [one.code for one in regions_in(session, AWAY) if one.level == "village"]
        away = villages[0]
        beside = next(code for code in villages if code[:9] != away[:9])
        home = furnish(session, services, "QXHOME", HOME, now)
        home.named[SECRET] = "QXHOME-join-secret-000000"[:22]
        other = furnish(session, services, "QXAWAY", away, now)
        other.named[SECRET] = "QXAWAY-join-secret-000000"[:22]
    found = Office(app, services.settings.data_dir.parent / "server.db", home, other)
    with services.database.unit_of_work() as session:
        for role in Role:
            sign_in(session, found, role.value, role, home.village if role is Role.STATION_ADMIN else home.county, now)
        for name, role, region in (
            ("administrator of the township", Role.SYSTEM_ADMIN, home.township),
            ("administrator of the village", Role.SYSTEM_ADMIN, home.village),
            ("administrator of another city", Role.SYSTEM_ADMIN, OTHER_CITY),
            ("administrator of the township beside", Role.SYSTEM_ADMIN, beside[:9]),
            (EVERYWHERE, Role.SYSTEM_ADMIN, ""),
            (CLOSED, Role.SYSTEM_ADMIN, ""),
        ):
            sign_in(session, found, name, role, region, now)
        closed = session.query(Account).where(Account.username == f"asking.{CLOSED}").one()
        closed.active = False
    found.headers[NOBODY] = {}
    by_program(found, BOX, home.box_token)
    by_program(found, PROGRAM, home.api_token)
    found.keep()
    yield found
    found.close()
    services.database.engine.dispose()
