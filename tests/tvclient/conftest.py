"""Real parts for the television's tests: a Mosquitto of one's own, and a small content server that really signs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tvclient.broker import Broker
from tests.tvclient.counterpart import Counterpart


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running Mosquitto on a free port."""
    running = Broker(tmp_path / "broker")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def server(tmp_path: Path, broker: Broker) -> Iterator[Counterpart]:
    """A running content server of the contract, joined to the broker."""
    running = Counterpart(tmp_path / "server", broker.port)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def http_server(tmp_path: Path) -> Iterator[Counterpart]:
    """A content server whose broker is never there."""
    running = Counterpart(tmp_path / "server", 9)
    running.start()
    yield running
    running.stop()
