"""A warning's whole way: approved in the office, on a box's screen within two seconds, gone when it is cancelled."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from contentserver import regions, stations
from contentserver.accounts import create_account
from contentserver.admin import OWN_REGIONS
from contentserver.alerts import publishing, service
from contentserver.alerts.models import AlertRecord
from contentserver.app import Services, create_app, make_services
from contentserver.boxes.enrolling import claim
from contentserver.boxes.models import Enrolment
from contentserver.ingest import Link
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Role
from contentserver.settings import Settings
from schedules.layers import region_layer
from schedules.wire import topics
from schedules.wire.messages import AlertsMessage
from schedules.wire.signing import Signer, Verifier, jwk_set, new_private_jwk
from tests.contentserver.alerts.samples import words
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.migrated import make_tables
from tests.serving import write_key
from tests.tvclient.awaiting import eventually
from tvclient.core.alerts import alert_on_screen
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen
from tvclient.fleet import DarkBox

COUNTY, VILLAGE = "640221", "640221203205"
WITHIN_S = 2.0


class Office:
    """The server over HTTP, its link to the broker, and two people who may warn."""

    def __init__(self, services: Services, broker: RunningBroker) -> None:
        self.services, self._broker = services, broker
        self._http = make_server("127.0.0.1", 0, create_app(services.settings, services), threaded=True)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._threads = [threading.Thread(target=self._http.serve_forever)]
        self.start_link()
        with services.database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            regions.import_csv(session, lines)
            stations.add_village_stations(session, "640221203")
            self.writer, self.second = (self._person(session, name) for name in ("li", "ma"))
        self._threads[0].start()

    @staticmethod
    def _person(session: Session, name: str) -> Person:
        account = create_account(
            session,
            username=name,
            display_name=name,
            password="a long password",
            role=Role.REVIEWER,
            region_code=COUNTY,
            now=clock.now(),
        )
        return Person(id=account.id, username=name, display_name=name, role=Role.REVIEWER, region_code=COUNTY)

    def start_link(self) -> None:
        self._link = Link(self.services, self._broker.server("link"))
        self._link_thread = threading.Thread(target=self._link.run)
        self._link_thread.start()

    def stop_link(self) -> None:
        self._link.stop()
        self._link_thread.join(20)

    def let_in(self) -> None:
        """Somebody enters the code that the one waiting television shows."""
        settings = self.services.settings
        code = eventually(self._claim_code, "the claim code") or ""
        with self.services.database.unit_of_work() as session:
            station = stations.stations_in(session, VILLAGE)[0]
            claim(
                session,
                code=code,
                station_id=station.id,
                who=self.writer,
                signer=self.services.signer,
                secret=settings.secret_key,
                now=clock.now(),
            )

    def _claim_code(self) -> str | None:
        with self.services.database.reader() as session:
            return session.scalar(select(Enrolment.claim_code))

    def warn(self, headline: str, region: str = COUNTY, minutes: int = 120) -> AlertRecord:
        now = clock.now()
        wanted = words(headline=headline, regions=(region,), expires=now + timedelta(minutes=minutes))
        with self.services.database.unit_of_work() as session:
            record = service.draft(session, wanted, self.writer, now)
            service.submit(session, record, self.writer, now)
            service.approve(session, record, self.services.signer, self.second, now)
        return record

    def cancel(self, record: AlertRecord) -> None:
        with self.services.database.unit_of_work() as session:
            again = service.alert_with(session, record.id)
            service.cancel(session, [again], "云已散", self.services.signer, self.writer, clock.now())

    def stored_on(self, record: AlertRecord) -> int:
        with self.services.database.reader() as session:
            return publishing.progress(session, service.alert_with(session, record.id)).stored

    def close(self) -> None:
        self.stop_link()
        self._http.shutdown()
        self._http.server_close()
        self._threads[0].join(10)
        self.services.database.engine.dispose()


@pytest.fixture
def office(tmp_path: Path, broker: RunningBroker) -> Iterator[Office]:
    key = tmp_path / "key.jwk"
    write_key(key)
    settings = Settings(
        secret_key="s" * 40,
        database_url=f"sqlite:///{tmp_path}/test.db",
        data_dir=tmp_path / "data",
        broker_password=PASSWORD,
        broker_port=broker.port,
        signing_key_file=key,
        development=True,
    )
    settings.data_dir.mkdir()
    make_tables(settings.database_url)
    found = Office(make_services(settings), broker)
    yield found
    found.close()


@pytest.fixture
def box(office: Office, tmp_path: Path) -> Iterator[DarkBox]:
    """An enrolled box at 马场村 with its line up."""
    television = DarkBox(office.url, tmp_path / "box", "serial-1")
    television.start()
    try:
        office.let_in()
        eventually(lambda: television.shell.state.online and television.shell.state.station, "the line")
        yield television
    finally:
        television.close()


def shown(box: DarkBox) -> str:
    alert = alert_on_screen(box.shell.state)
    return alert.headline if alert else ""


def test_an_approved_alert_fills_the_screen_and_a_cancelled_one_leaves_it(office: Office, box: DarkBox) -> None:
    assert current_screen(box.shell.state) is not Screen.ALERT
    record = office.warn("冰雹红色预警")
    eventually(lambda: shown(box) == "冰雹红色预警", "the alert", WITHIN_S)
    assert current_screen(box.shell.state) is Screen.ALERT
    eventually(lambda: office.stored_on(record) == 1, "the box's word that it is stored")
    office.cancel(record)
    eventually(lambda: shown(box) == "", "the screen without it", WITHIN_S)


def test_alerts_of_every_region_above_come_and_of_no_other(office: Office, box: DarkBox) -> None:
    office.warn("惠民乡大风", "640221201")
    office.warn("全县冰雹", COUNTY)
    eventually(lambda: shown(box) == "全县冰雹", "the county's alert", WITHIN_S)
    office.warn("马场村洪水", VILLAGE)
    eventually(lambda: shown(box) == "马场村洪水", "the village's own, newer one", WITHIN_S)
    assert {alert.headline for alert in box.shell.state.alerts} == {"全县冰雹", "马场村洪水"}


def test_forged_words_change_nothing(office: Office, box: DarkBox, broker: RunningBroker) -> None:
    record = office.warn("冰雹红色预警")
    eventually(lambda: shown(box) == "冰雹红色预警", "the alert", WITHIN_S)
    layer = region_layer(COUNTY)
    with office.services.database.reader() as session:
        row = publishing.newest_alerts(session, layer)
        assert row is not None
    true = Verifier(jwk_set([office.services.signer.public_jwk])).read(row.jws.encode(), AlertsMessage)
    stranger = Signer(new_private_jwk())
    empty = AlertsMessage(layer=layer, revision=99, published_at=true.published_at)
    mouth = broker.server("mouth")
    mouth.start((), lambda _topic, _payload: None, lambda: None)
    eventually(mouth.connected.is_set, "the forger's line")
    for token in (stranger.sign(empty), row.jws.encode()[:-6] + b"AAAAAA", b"", b"\xff", stranger.sign(true)):
        mouth.confirm(mouth.publish(topics.alerts(layer), token, retain=True))
    mouth.stop()
    office.warn("第二条预警", VILLAGE)
    eventually(lambda: len(box.shell.state.alerts) == 2, "the next true word")
    assert {alert.id for alert in box.shell.state.alerts} >= {str(record.id)}


def test_what_was_approved_while_the_link_was_down_goes_out_later(office: Office, box: DarkBox) -> None:
    office.stop_link()
    office.warn("冰雹红色预警")
    with office.services.database.reader() as session:
        assert len(publishing.due_alerts(session)) == 1
    office.start_link()
    eventually(lambda: shown(box) == "冰雹红色预警", "the alert")


def test_a_box_that_restarts_shows_it_again_from_its_disk(office: Office, tmp_path: Path) -> None:
    first = DarkBox(office.url, tmp_path / "box", "serial-1")
    first.start()
    try:
        office.let_in()
        eventually(lambda: first.shell.state.online, "the line")
        office.warn("冰雹红色预警")
        eventually(lambda: shown(first) == "冰雹红色预警", "the alert", WITHIN_S)
    finally:
        first.close()
    alone = DarkBox("http://127.0.0.1:9", tmp_path / "box", "serial-1")
    alone.start()
    try:
        eventually(lambda: shown(alone) == "冰雹红色预警", "the stored alert")
        assert not alone.shell.state.online
    finally:
        alone.close()


def test_a_box_without_a_broker_gets_it_by_http(office: Office, broker: RunningBroker, box: DarkBox) -> None:
    broker.kill()
    eventually(lambda: not box.shell.state.online, "no line")
    office.warn("冰雹红色预警")
    eventually(lambda: shown(box) == "冰雹红色预警", "the alert by HTTP")
