"""What programs count for Prometheus, and how several processes of one program count together.

Names end in their unit. Nothing is registered at import time: whoever counts makes its meters, in its own registry.
What the database says is no counter: `operation/gauges.py`.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import structlog
from huey import Huey, signals
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server, values
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
JOB_SECONDS: Final = (0.1, 1.0, 10.0, 60.0, 600.0, 3600.0, 6 * 3600.0)
FOLDER_NAME: Final = "PROMETHEUS_MULTIPROC_DIR"
"""By this variable prometheus-client knows the folder in which processes count together."""


class Collecting(Protocol):
    """Says what there is at this moment."""

    def collect(self) -> Iterable[Metric]:
        """Every figure with its name and what it means."""


def share(folder: Path) -> None:
    """From now on, what this process and its children count lies in a folder; what an earlier start counted goes.

    To be called before any meter is made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink()
    os.environ[FOLDER_NAME] = str(folder)
    values.ValueClass = values.MultiProcessValue()


def exposition(registry: CollectorRegistry, further: Iterable[Collecting] = ()) -> bytes:
    """Everything in Prometheus' text format: of all processes where they share, otherwise of this one."""
    whole = CollectorRegistry()
    if FOLDER_NAME in os.environ:
        MultiProcessCollector(whole)
    else:
        whole.register(registry)
    for one in further:
        whole.register(one)
    return generate_latest(whole)


def serve(registry: CollectorRegistry, address: str) -> None:
    """Answer Prometheus at `host:port`, in a thread of its own.

    Raises:
        ValueError: that is no address.
    """
    host, _colon, port = address.rpartition(":")
    start_http_server(int(port), host.strip("[]") or "127.0.0.1", registry)


class WebMeters:
    """Requests, by the slice that answered."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "yuanjiao_http_requests",
            "Requests answered, by part of the server, method and class of status",
            ("part", "method", "status"),
            registry=registry,
        )
        self.seconds = Histogram(
            "yuanjiao_http_request_seconds",
            "From the first line of a request to its answer",
            ("part",),
            buckets=SECONDS,
            registry=registry,
        )

    def answered(self, part: str, method: str, status: int, seconds: float) -> None:
        """One request is over."""
        self.requests.labels(part, method, f"{status // 100}xx").inc()
        self.seconds.labels(part).observe(seconds)


class LinkMeters:
    """What the link and its helpers hear and do."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.heard = Counter(
            "yuanjiao_link_messages", "Messages of boxes that were taken in, by kind", ("kind",), registry=registry
        )
        self.events = Counter("yuanjiao_link_events", "Events in these messages", registry=registry)
        self.faults = Counter(
            "yuanjiao_link_faults", "Turns that a fault of database or broker ended", registry=registry
        )
        self.units = Histogram(
            "yuanjiao_link_unit_seconds",
            "Units of work that kept messages of boxes",
            buckets=SECONDS,
            registry=registry,
        )
        self.connected = Gauge("yuanjiao_link_connected", "Whether the broker is there: 1 or 0", registry=registry)
        self.waiting = Gauge("yuanjiao_link_waiting", "Messages that came and are not taken in yet", registry=registry)


class JobMeters:
    """Jobs of the worker; while one runs, everything that is logged bears its id."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.jobs = Counter(
            "yuanjiao_jobs", "Jobs that are over, by name and outcome", ("job", "outcome"), registry=registry
        )
        self.seconds = Histogram(
            "yuanjiao_job_seconds", "How long jobs took", ("job",), buckets=JOB_SECONDS, registry=registry
        )
        self._begun: dict[str, float] = {}

    def watch(self, queue: Huey) -> None:
        """Count the jobs of a queue from now on."""
        queue.signal(signals.SIGNAL_EXECUTING)(self._executing)
        for outcome in (signals.SIGNAL_COMPLETE, signals.SIGNAL_ERROR, signals.SIGNAL_INTERRUPTED):
            queue.signal(outcome)(self._over)

    def _executing(self, _signal: str, task: "_Job") -> None:
        structlog.contextvars.bind_contextvars(job=task.id)
        self._begun[task.id] = time.monotonic()

    def _over(self, signal: str, task: "_Job", *_error: BaseException) -> None:
        structlog.contextvars.unbind_contextvars("job")
        begun = self._begun.pop(task.id, None)
        self.jobs.labels(task.name, str(signal)).inc()
        if begun is not None:
            self.seconds.labels(task.name).observe(time.monotonic() - begun)


class _Job(Protocol):
    """As huey hands a task to a signal."""

    id: str
    name: str


@contextmanager
def timed(histogram: Histogram, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Observe how long the block takes, also where it fails."""
    begun = clock()
    try:
        yield
    finally:
        histogram.observe(clock() - begun)
