"""The link holds the day that is over against its timetable by itself; the worker sends what is due by mail."""

import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from contentserver import figures, stations
from contentserver.ingest import Link
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.reports import keeping
from tests.contentserver.readiness.furnishing import add_lesson, air
from tests.contentserver.reports.test_mailing import Office
from tests.demo.stack import ROOT, free_port
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.serving import hire, import_regions, services_in
from tests.tvclient.awaiting import eventually

COUNTY, TOWNSHIP = "640221", "640221203"


def test_the_day_that_is_over_is_held_against_its_timetable(tmp_path: Path, broker: RunningBroker) -> None:
    services = services_in(tmp_path, broker_password=PASSWORD, broker_port=broker.port)
    yesterday = clock.local(clock.now()) - timedelta(days=1)
    with services.database.unit_of_work() as session:
        import_regions(session)
        villages = stations.add_village_stations(session, TOWNSHIP)
        who = hire(session, {"li": ("李敏", Role.SCHEDULER, COUNTY)}, clock.now())["li"]
        lesson = add_lesson(session, who, "看懂化验单")
        start = yesterday.replace(hour=19, minute=30, second=0, microsecond=0, tzinfo=None)
        air(session, services.signer, who, COUNTY, lesson, start, clock.now() - timedelta(days=2))

    def planned() -> tuple[int, int]:
        with services.database.reader() as session:
            found = figures.figures_of(session, [COUNTY], yesterday.date(), yesterday.date())[COUNTY]
            return found.sums.kept, found.sums.planned

    link = Link(services, broker.server("link"))
    thread = threading.Thread(target=link.run)
    thread.start()
    try:
        eventually(lambda: planned()[1] > 0, "yesterday is counted")
    finally:
        link.stop()
        thread.join(20)
    assert planned() == (0, villages)
    services.database.engine.dispose()


@pytest.mark.timeout(240)
def test_a_worker_sends_the_mail_that_is_due(tmp_path: Path) -> None:
    found, port, long_ago = services_in(tmp_path), free_port(), clock.now() - timedelta(days=40)
    with found.database.unit_of_work() as session:
        import_regions(session)
        who = hire(session, {"wang": ("王立新", Role.COUNTY_STAFF, COUNTY)}, long_ago)["wang"]
        kept = keeping.keep(session, who, "月报", {"region": COUNTY}, "zh_CN", long_ago)
        keeping.set_mail(session, who, kept.id, "monthly", "office@county.example", long_ago)
    office = Office()
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    settings = found.settings
    environment = {
        "YUANJIAO_SECRET_KEY": settings.secret_key,
        "YUANJIAO_DATABASE_URL": settings.database_url,
        "YUANJIAO_DATA_DIR": str(settings.data_dir),
        "YUANJIAO_BROKER_PASSWORD": settings.broker_password,
        "YUANJIAO_SIGNING_KEY_FILE": str(settings.signing_key_file),
        "YUANJIAO_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "YUANJIAO_MAIL_FROM": "reports@server.example",
    }
    command = [sys.executable, "-m", "contentserver", "worker", "--encoders", "1"]
    worker = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: bool(office.came), "the mail comes", within_s=120)
    finally:
        worker.terminate()
        worker.wait(30)
        controller.stop()
    (mail,) = office.mails()
    assert "月报" in mail["Subject"]
    assert len(list(mail.iter_attachments())) == 2
    found.database.engine.dispose()
