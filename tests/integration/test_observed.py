"""Watching over the real programs: web processes count together, the link tells what it heard, logs bear ids."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.demo.stack import free_port, listens, wait_until
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.serving import SECRET, services_in

ROOT = Path(__file__).parents[2]
REQUESTS = 30


@contextmanager
def _program(folder: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    settings = {
        "YUANJIAO_SECRET_KEY": SECRET,
        "YUANJIAO_DATABASE_URL": f"sqlite:///{folder}/server.db",
        "YUANJIAO_DATA_DIR": str(folder / "data"),
        "YUANJIAO_BROKER_PASSWORD": PASSWORD,
        "YUANJIAO_SIGNING_KEY_FILE": str(folder / "key.jwk"),
    }
    argv = [sys.executable, "-m", "contentserver", *arguments]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **settings, **environment}, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    services_in(tmp_path).database.engine.dispose()
    return tmp_path


def _figures(port: int) -> dict[str, float]:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    return {
        f"{one.name}{{{','.join(f'{key}={value}' for key, value in sorted(one.labels.items()))}}}": one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def _children(process: subprocess.Popen[bytes]) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def test_web_processes_count_together_and_one_that_dies_takes_nothing_along(folder: Path) -> None:
    port = free_port()
    with _program(folder, "serve", "--bind", f"127.0.0.1:{port}", "--workers", "2") as web:
        wait_until(lambda: listens(port), "web server", 120)
        for number in range(REQUESTS):
            httpx.get(f"http://127.0.0.1:{port}/sign-in", headers={"X-Request-Id": f"r{number}"}, timeout=30)
        counted = "yuanjiao_http_requests_total{method=GET,part=accounts,status=2xx}"
        assert _figures(port)[counted] == REQUESTS
        before = _children(web)
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: len(set(_children(web)) - set(before)) == 1, "another process", 60)
        httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=30)
        assert _figures(port)[counted] == REQUESTS + 1
        assert httpx.get(f"http://127.0.0.1:{port}/ready", timeout=30).json() == {"status": "ready", "missing": []}
    lines = [json.loads(line) for line in (folder / "log").read_text().splitlines() if line.startswith("{")]
    assert {one["request"] for one in lines if one["event"] == "http.request"} >= {f"r{n}" for n in range(REQUESTS)}


def test_the_link_tells_systemd_that_it_works_and_prometheus_what_it_hears(folder: Path, broker: RunningBroker) -> None:
    port, heard = free_port(), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.bind(str(folder / "notify"))
    heard.settimeout(60)
    environment = {"YUANJIAO_BROKER_PORT": str(broker.port), "NOTIFY_SOCKET": str(folder / "notify")}
    with _program(folder, "ingest", "--metrics", f"127.0.0.1:{port}", **environment), heard:
        assert heard.recv(100) == b"READY=1"
        assert heard.recv(100) == b"WATCHDOG=1"
        wait_until(lambda: listens(port), "metrics", 60)
        wait_until(lambda: _figures(port)["yuanjiao_link_connected{}"] == 1, "the broker", 60)
        broker.kill()
        wait_until(lambda: _figures(port)["yuanjiao_link_connected{}"] == 0, "its absence", 60)
