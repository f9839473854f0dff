"""Watching over the real programs: web processes count together, the link tells what it heard, logs bear ids.

A real Prometheus reads them by the configuration that `write-config` writes, and answers what the dashboard asks.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from contentserver import deploy
from tests import processes
from tests.demo.stack import free_port, listens, wait_until
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.serving import SECRET, services_in

ROOT = Path(__file__).parents[2]
REQUESTS = 30
UNHEARD = {
    "任务 · Jobs per minute",
    "耗时 p95 · Job seconds",
    "证书剩余 · Certificates",
    "消息 · Messages per second",
}
"""Panels that may be empty on a server that has had no job, heard no box and has no certificate."""


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


@pytest.mark.skipif(not shutil.which("prometheus"), reason="Prometheus is not on this machine")
def test_a_real_prometheus_answers_what_the_dashboard_asks(folder: Path, broker: RunningBroker) -> None:
    web, worker, link, port = (free_port() for _ in range(4))
    config = deploy.write_monitoring(folder / "etc", app_address=f"127.0.0.1:{web}")
    written = config.read_text().replace("127.0.0.1:9102", f"127.0.0.1:{worker}").replace(":9103", f":{link}")
    config.write_text(written.replace("scrape_interval: 30s", "scrape_interval: 1s"))
    prometheus = ["prometheus", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"]
    prometheus.append(f"--storage.tsdb.path={folder / 'tsdb'}")

    def told(path: str, **asked: str) -> dict[str, Any]:
        answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/{path}", params=asked, timeout=30).json()
        assert answer["status"] == "success", answer
        found: dict[str, Any] = answer["data"]
        return found

    with (
        _program(folder, "serve", "--bind", f"127.0.0.1:{web}"),
        _program(folder, "worker", "--metrics", f"127.0.0.1:{worker}"),
        _program(folder, "ingest", "--metrics", f"127.0.0.1:{link}", YUANJIAO_BROKER_PORT=str(broker.port)),
        (folder / "prometheus").open("wb") as log,
        processes.ending(subprocess.Popen(prometheus, stderr=log)),
    ):
        wait_until(lambda: all(map(listens, (web, worker, link, port))), "all four programs", 120)
        wait_until(lambda: len(told("query", query="up == 1")["result"]) == 3, "Prometheus reads all three", 60)
        for _ in range(REQUESTS):
            httpx.get(f"http://127.0.0.1:{web}/sign-in", timeout=30)
        rate = 'rate(yuanjiao_http_requests_total{part="accounts"}[1m]) > 0'
        wait_until(lambda: bool(told("query", query=rate)["result"]), "a rate", 60)
        panels = json.loads((folder / "etc" / "grafana.json").read_text())["panels"]
        asked = [(panel["title"], one["expr"]) for panel in panels for one in panel.get("targets", ())]
        empty = {title for title, expression in asked if not told("query", query=expression)["result"]}
        assert empty <= UNHEARD
        rules = [one for group in told("rules")["groups"] for one in group["rules"]]
        assert len(rules) > 5
        assert {one["health"] for one in rules} <= {"ok", "unknown"}, rules
