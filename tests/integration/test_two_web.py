"""Two web processes behind nginx: both work, and when one is killed with -9 hardly anybody notices."""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from contentserver import deploy
from contentserver.deploy import authority
from contentserver.kernel import clock
from tests import processes
from tests.demo.stack import free_port
from tests.fronted import fronted, program
from tests.serving import SECRET, services_in

pytestmark = pytest.mark.timeout(240)


def test_pages_go_on_when_one_of_two_is_killed_and_forms_are_never_sent_twice(tmp_path: Path) -> None:
    services, ports, plain = services_in(tmp_path), (free_port(), free_port()), free_port()
    settings = services.settings
    authority.make_authority(tmp_path / "authority.pem", clock.now())
    certificate = authority.issue(tmp_path / "authority.pem", tmp_path / "server.pem", ("127.0.0.1",), clock.now()).file
    config = deploy.write_web(
        tmp_path / "web",
        secure=deploy.Listener("127.0.0.1", free_port()),
        plain=deploy.Listener("127.0.0.1", plain),
        certificate=certificate,
        app_address=",".join(f"127.0.0.1:{port}" for port in ports),
        packages=settings.packages_dir,
        static=tmp_path,
        development=True,
    )
    environment = {
        "YUANJIAO_SECRET_KEY": SECRET,
        "YUANJIAO_DATABASE_URL": settings.database_url,
        "YUANJIAO_DATA_DIR": str(settings.data_dir),
        "YUANJIAO_BROKER_PASSWORD": settings.broker_password,
        "YUANJIAO_SIGNING_KEY_FILE": str(settings.signing_key_file),
    }
    serve = [sys.executable, "-m", "contentserver", "serve", "--workers", "1", "--bind"]
    with (
        program([*serve, f"127.0.0.1:{ports[0]}"], ports[0], environment) as first,
        program([*serve, f"127.0.0.1:{ports[1]}"], ports[1], environment),
        program(["nginx", "-p", str(config.parent), "-c", str(config), "-e", "stderr"], plain),
        httpx.Client(base_url=f"http://127.0.0.1:{plain}", timeout=30) as client,
    ):
        assert all(client.get("/sign-in").status_code == 200 for _ in range(6))
        for one in processes.family(first.pid):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        first.wait(20)
        assert [client.get("/sign-in").status_code for _ in range(40)] == [200] * 40
        assert all(client.post("/sign-in", data={}).status_code < 500 for _ in range(6))
    services.database.engine.dispose()


def test_the_processes_of_one_program_share_what_is_asked(tmp_path: Path) -> None:
    """Connections that nginx keeps would all end at whichever process took them up first."""
    services, plain = services_in(tmp_path, accel_prefix="/internal/packages/"), free_port()
    with fronted(tmp_path, services, plain) as web, httpx.Client(base_url=f"http://127.0.0.1:{plain}") as client:
        workers = processes.family(web.pid) - {web.pid}

        def ask(times: int) -> dict[int, float]:
            before = {one: processes.processor_seconds([one]) for one in workers}
            with ThreadPoolExecutor(4) as hands:
                assert set(hands.map(lambda _: client.get("/sign-in", timeout=60).status_code, range(times))) == {200}
            return {one: processes.processor_seconds([one]) - before[one] for one in workers}

        ask(100)  # both have come up
        worked = sorted(ask(600).values())[-2:]
    services.database.engine.dispose()
    assert worked[0] > worked[1] / 4, worked
