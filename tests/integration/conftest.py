"""Real parts for the integration tests: a broker on a free port, with the server's own configuration."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from contentserver import deploy
from contentserver.adapters.broker import Broker
from contentserver.deploy import authority
from contentserver.kernel import clock
from tests.demo.stack import free_port, listens, wait_until

PASSWORD = "the server's broker password"


@dataclass
class RunningBroker:
    """A Mosquitto of one test's own; can be killed and started again, with or without its data."""

    folder: Path
    port: int
    secure_port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        authority.make_authority(self.authority_file, clock.now())
        issued = authority.issue(self.authority_file, self.keys / "server.pem", ("127.0.0.1",), clock.now())
        config = deploy.write_broker(
            self.folder,
            plain=deploy.Listener("127.0.0.1", self.port),
            secure=deploy.Listener("127.0.0.1", self.secure_port),
            certificate=issued.file,
            username="contentserver",
            password=PASSWORD,
        )
        self.process = subprocess.Popen(["mosquitto", "-c", str(config)], stderr=subprocess.DEVNULL)
        wait_until(lambda: listens(self.port) and listens(self.secure_port), "broker", 240)

    @property
    def keys(self) -> Path:
        """The authority's folder; it outlives the broker's data."""
        return self.folder.with_name(f"{self.folder.name}-keys")

    @property
    def authority_file(self) -> Path:
        return self.keys / "authority.pem"

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def server(self, client_id: str = "server") -> Broker:
        return Broker("127.0.0.1", self.port, "contentserver", PASSWORD, client_id)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RunningBroker]:
    running = RunningBroker(tmp_path / "broker", free_port(), free_port())
    running.start()
    yield running
    running.kill()
