"""Real parts for the integration tests: a broker on a free port, with the server's own configuration."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from contentserver import deploy
from contentserver.adapters.broker import Broker
from tests.demo.stack import free_port, listens, wait_until

PASSWORD = "the server's broker password"


@dataclass
class RunningBroker:
    """A Mosquitto of one test's own; can be killed and started again, with or without its data."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        config = deploy.write_broker(
            self.folder, host="127.0.0.1", port=self.port, username="contentserver", password=PASSWORD
        )
        self.process = subprocess.Popen(["mosquitto", "-c", str(config)], stderr=subprocess.DEVNULL)
        wait_until(lambda: listens(self.port), "broker", 10)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def server(self, client_id: str = "server") -> Broker:
        return Broker("127.0.0.1", self.port, "contentserver", PASSWORD, client_id)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RunningBroker]:
    running = RunningBroker(tmp_path / "broker", free_port())
    running.start()
    yield running
    running.kill()
