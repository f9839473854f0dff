"""A whole server by TLS, in this process: the real application, link and broker, and somebody who lets boxes in."""

import threading
from collections.abc import Callable
from pathlib import Path

from werkzeug.serving import make_server

from contentserver import regions, stations
from contentserver.accounts import create_account
from contentserver.admin import OWN_REGIONS
from contentserver.app import Services, create_app, make_services
from contentserver.boxes import Box, enrolling
from contentserver.deploy.authority import new_journal_key
from contentserver.ingest import Link
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Role
from contentserver.settings import Settings
from contentserver.stations import Station
from tests.demo.stack import free_port
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.serving import SECRET, services_in, write_key
from tests.tvclient.awaiting import eventually
from tvclient.core.state import EnrolmentPhase
from tvclient.fleet import DarkBox

VILLAGE = "640221203205"


class SecureOffice:
    """Everything of the server but nginx; `services` and `url` are what tests use."""

    def __init__(self, folder: Path, broker: RunningBroker, database_url: str = "") -> None:
        self.broker, self._port = broker, free_port()
        self.url = f"https://127.0.0.1:{self._port}"
        key = broker.keys / "signing-key.jwk"
        write_key(key)
        (broker.keys / "journal-key").write_text(new_journal_key())
        folder.mkdir()
        self.services: Services = services_in(
            folder,
            database_url=database_url or f"sqlite:///{folder}/server.db",
            signing_key_file=key,
            broker_password=PASSWORD,
            broker_port=broker.port,
            box_broker_port=broker.secure_port,
            public_url=self.url,
        )
        with self.services.database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            regions.import_csv(session, lines)
            stations.add_village_stations(session, "640221203")
            account = create_account(
                session,
                username="quan",
                display_name="权",
                password="a long password",
                role=Role.SYSTEM_ADMIN,
                region_code="",
                now=clock.now(),
            )
            self.who = Person(id=account.id, username="quan", display_name="权", role=Role.SYSTEM_ADMIN, region_code="")
        self._start()

    def reopen(self, settings: Settings) -> None:
        """After `close`: the same address, another machine behind it."""
        self.services = make_services(settings)
        self._start()

    def _start(self) -> None:
        certificate = str(self.broker.keys / "server.pem")
        app = create_app(self.services.settings, self.services)
        self._http = make_server("127.0.0.1", self._port, app, threaded=True, ssl_context=(certificate, certificate))
        self._threads = [threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})]
        self._link = Link(self.services, self.broker.server("link"))
        self._threads.append(threading.Thread(target=self._link.run))
        for thread in self._threads:
            thread.start()

    def change(self, change: Callable[..., object], *arguments: object, box: int = 0, **more: object) -> None:
        """Call a service on a fresh session, with a box in front where one is named."""
        with self.services.database.unit_of_work() as session:
            first = (session.get_one(Box, box),) if box else ()
            change(session, *first, *arguments, **more)

    def station(self) -> Station:
        """The village's."""
        with self.services.database.reader() as session:
            return stations.stations_in(session, VILLAGE)[0]

    def let_in(self, code: str) -> None:
        """Somebody enters a code as it stands on a television."""
        self.change(
            enrolling.claim,
            code=code,
            station_id=self.station().id,
            who=self.who,
            signer=self.services.signer,
            secret=SECRET,
            now=clock.now(),
        )

    def welcome(self, box: DarkBox) -> None:
        """Wait for the box's code, enter it, wait until the box is at the broker."""
        phase = EnrolmentPhase.OFFERED
        eventually(lambda: box.shell.state.enrolment.phase is phase, "the box shows a code")
        self.let_in(box.shell.state.enrolment.claim_code)
        eventually(lambda: box.shell.state.online, "the box is at the broker")

    def close(self) -> None:
        """End everything."""
        self._link.stop()
        self._http.shutdown()
        self._http.server_close()
        for thread in self._threads:
            thread.join(20)
        self.services.database.engine.dispose()
