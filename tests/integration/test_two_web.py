"""Two web processes behind nginx: one is killed with -9 while pages are asked for, and hardly anybody notices."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from contentserver import deploy
from contentserver.deploy import authority
from contentserver.kernel import clock
from tests import processes
from tests.demo.stack import free_port
from tests.fronted import program
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
