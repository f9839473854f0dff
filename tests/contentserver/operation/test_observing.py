"""What watchers are told: metrics to those who may know, ready or not, ids in the log."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from contentserver.app import Services, create_app
from contentserver.kernel.jobs import make_queue
from contentserver.kernel.metrics import JobMeters, exposition
from contentserver.operation import observe
from tests.serving import services_in


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    found = services_in(tmp_path)
    yield found
    found.database.engine.dispose()


def _client(services: Services) -> FlaskClient:
    return observe(create_app(services.settings, services), services).test_client()


def _values(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_say_how_the_server_stands_and_what_it_answered(services: Services) -> None:
    client = _client(services)
    client.get("/sign-in")
    client.get("/sign-in")
    found = _values(client.get("/metrics").get_data(as_text=True))
    key = {("part", "accounts"), ("method", "GET"), ("status", "2xx")}
    assert found["yuanjiao_http_requests_total", frozenset(key)] == 2
    assert found["yuanjiao_http_request_seconds_count", frozenset({("part", "accounts")})] == 2
    assert found["yuanjiao_boxes_silent", frozenset({("for", "1d")})] == 0
    assert found["yuanjiao_queue_jobs", frozenset()] == 0
    assert found["yuanjiao_disk_free_bytes", frozenset({("place", "data")})] > 0


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1"])
def test_nobody_else_is_told_that_there_are_metrics(services: Services, address: str) -> None:
    assert _client(services).get("/metrics", headers={"X-Forwarded-For": address}).status_code == 404


def test_ready_says_what_is_missing(services: Services) -> None:
    client = _client(services)
    assert client.get("/ready").status_code == 200
    with services.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    services.settings.signing_key_file.unlink()
    answer = client.get("/ready")
    assert answer.status_code == 503
    missing = answer.get_json()["missing"]
    assert any("revision 0001" in one for one in missing)
    assert any("signing key" in one for one in missing)
    assert client.get("/health").status_code == 200, "the process lives all the same"


def test_jobs_are_counted_and_what_they_log_bears_their_id(tmp_path: Path) -> None:
    queue, registry, seen = make_queue("", tmp_path / "jobs.db"), CollectorRegistry(), list[object]()
    JobMeters(registry).watch(queue)

    def good() -> None:
        seen.append(structlog.contextvars.get_contextvars().get("job"))

    def bad() -> None:
        raise ValueError("bad")

    for task in (good, bad):
        queue.task()(task)()
        queue.execute(queue.dequeue())
    found = _values(exposition(registry).decode())
    assert found["yuanjiao_jobs_total", frozenset({("job", "good"), ("outcome", "complete")})] == 1
    assert found["yuanjiao_jobs_total", frozenset({("job", "bad"), ("outcome", "error")})] == 1
    assert seen[0]
    assert "job" not in structlog.contextvars.get_contextvars()
