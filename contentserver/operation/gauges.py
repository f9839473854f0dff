"""How the server stands at this moment, for Prometheus: read from the database and the disk when it asks.

Every figure is one that somebody acts upon: `docs/monitoring.md` says how. All of them together cost a few queries.
"""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from contentserver import attendance, courses, timetable
from contentserver.app import Services
from contentserver.boxes import Box
from contentserver.courses import Lesson
from contentserver.deploy import authority
from contentserver.kernel import clock, pulse
from contentserver.messaging import Message
from contentserver.processes import ProcessStep

SILENT: Final = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "7d": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and what it is of."""

    value: float
    labels: dict[str, str] = field(default_factory=dict)


Reading = Callable[[Services, Session, datetime], Iterable[Figure]]


class Standing:
    """Collects every gauge."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """The gauges with what they mean."""
        now = clock.now()
        with self._services.database.reader() as session:
            for name, (meaning, labels, read) in _GAUGES.items():
                family = GaugeMetricFamily(name, meaning, labels=labels)
                for one in read(self._services, session, now):
                    family.add_metric([one.labels[label] for label in labels], one.value)
                yield family


def _boxes(_services: Services, session: Session, _now: datetime) -> Iterable[Figure]:
    state = case((Box.revoked_at.is_not(None), "ended"), (Box.online, "online"), else_="offline")
    found: dict[str, int] = dict(session.execute(select(state, func.count()).group_by(state)).all())
    for name in ("online", "offline", "ended"):
        yield Figure(found.get(name, 0), {"state": name})


def _silent(_services: Services, session: Session, now: datetime) -> Iterable[Figure]:
    for name, long in SILENT.items():
        query = select(func.count()).where(
            Box.revoked_at.is_(None), func.coalesce(Box.seen_at, Box.enrolled_at) < now - long
        )
        yield Figure(session.scalar(query) or 0, {"for": name})


def _behind(_services: Services, session: Session, now: datetime) -> Iterable[Figure]:
    yield Figure(len(timetable.behind(session, now)))


def _lessons(_services: Services, session: Session, _now: datetime) -> Iterable[Figure]:
    for name, number in session.execute(select(Lesson.state, func.count()).group_by(Lesson.state)):
        yield Figure(number, {"state": name})


def _preparing(_services: Services, session: Session, _now: datetime) -> Iterable[Figure]:
    yield Figure(len(courses.running_transcodes(session, "")))


def _queue(services: Services, _session: Session, _now: datetime) -> Iterable[Figure]:
    yield Figure(services.queue.pending_count())


def _stale_days(_services: Services, session: Session, _now: datetime) -> Iterable[Figure]:
    yield Figure(session.scalar(select(func.count()).select_from(attendance.StaleDay)) or 0)


def _messages(_services: Services, session: Session, _now: datetime) -> Iterable[Figure]:
    for name, number in session.execute(select(Message.state, func.count()).group_by(Message.state)):
        yield Figure(number, {"state": name})


def _late(_services: Services, session: Session, now: datetime) -> Iterable[Figure]:
    open_ = (ProcessStep.decided_at.is_(None), ProcessStep.due_on < clock.local(now).date())
    yield Figure(session.scalar(select(func.count()).where(*open_)) or 0)


def _free(services: Services, _session: Session, _now: datetime) -> Iterable[Figure]:
    return [Figure(shutil.disk_usage(folder).free, {"place": name}) for name, folder in _places(services)]


def _size(services: Services, _session: Session, _now: datetime) -> Iterable[Figure]:
    return [Figure(shutil.disk_usage(folder).total, {"place": name}) for name, folder in _places(services)]


def _places(services: Services) -> Iterator[tuple[str, Path]]:
    for name, folder in {"data": services.settings.data_dir, "packages": services.settings.packages_dir}.items():
        if folder.exists():
            yield name, folder


def _certificate(services: Services, _session: Session, now: datetime) -> Iterable[Figure]:
    for name, file in (
        ("server", services.settings.certificate_file),
        ("authority", services.settings.authority_file),
    ):
        found = authority.look_at(file)
        if found is not None:
            yield Figure((found.until - now).total_seconds(), {"certificate": name})


def _pulses(services: Services, _session: Session, _now: datetime) -> Iterable[Figure]:
    for name, at in pulse.last_beats(services.settings.data_dir).items():
        yield Figure(max(0.0, time.time() - at), {"program": name})


_GAUGES: dict[str, tuple[str, Sequence[str], Reading]] = {
    "yuanjiao_boxes": (
        "Boxes that are let in, by whether the broker sees them, and those that ended",
        ["state"],
        _boxes,
    ),
    "yuanjiao_boxes_silent": ("Boxes that are let in and were not heard of for so long", ["for"], _silent),
    "yuanjiao_boxes_behind": ("Boxes that are heard of and lack a revision of a timetable", [], _behind),
    "yuanjiao_lessons": ("Lessons by how far they are", ["state"], _lessons),
    "yuanjiao_lessons_preparing": ("Lessons that are prepared, or wait for it", [], _preparing),
    "yuanjiao_queue_jobs": ("Jobs that wait for a worker", [], _queue),
    "yuanjiao_figures_stale": ("Days of stations whose figures are to be computed again", [], _stale_days),
    "yuanjiao_messages": ("Messages that somebody wrote to many, by how far they are", ["state"], _messages),
    "yuanjiao_tasks_late": ("Steps of processes whose day has passed", [], _late),
    "yuanjiao_disk_free_bytes": ("What is free on the disk", ["place"], _free),
    "yuanjiao_disk_size_bytes": ("How large the disk is", ["place"], _size),
    "yuanjiao_certificate_seconds": ("For how long a certificate still serves", ["certificate"], _certificate),
    "yuanjiao_pulse_age_seconds": ("Since when a program has given no sign of life", ["program"], _pulses),
}
