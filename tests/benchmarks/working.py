"""Fifty editors at work on one server: weeks looked at, edits judged and saved, lessons listed, for ninety seconds.

Real gunicorn with two processes behind nginx, on the machine that the editors run on too. Each of them has a township
of their own, does something every two to six seconds, and saves every fifth time.
"""

import logging
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import httpx
import structlog
from sqlalchemy import select

from contentserver.app import Services
from contentserver.courses import Lesson
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.regions import Region
from tests.benchmarks.measure import Result
from tests.benchmarks.planning import MONDAY, furnished
from tests.demo.stack import free_port
from tests.fronted import fronted
from tests.serving import PASSWORD, hire

EDITORS, SECONDS, GOAL_S = 50, 90.0, 0.3
WEEK = f"{MONDAY:%Y-%m-%d}"


class _Editor(threading.Thread):
    """One person with a browser: `took` has the seconds of each request, by what it was for."""

    def __init__(self, address: str, username: str, region: str, lesson: str, number: int) -> None:
        super().__init__()
        self._address, self._username, self._region, self._lesson = address, username, region, lesson
        self._dice, self._saved = Random(number), 0
        self._hour = 8 + 4 * (number // 20)  # some share a township: nothing clashes
        self.took: list[tuple[str, float]] = []
        self.failed: list[str] = []
        self.until = 0.0
        self.signed_in, self.go = threading.Event(), threading.Event()

    def run(self) -> None:
        with httpx.Client(base_url=self._address, timeout=60, follow_redirects=True) as client:
            token = _token(client.get("/sign-in").text)
            form = {"username": self._username, "password": PASSWORD, "csrf_token": token}
            self._token = _token(client.post("/sign-in", data=form).text)

            self.signed_in.set()
            self.go.wait()
            while time.monotonic() < self.until:
                time.sleep(self._dice.uniform(2, 6))
                what, ask = self._dice.choices(self._ways(client), weights=(3, 3, 2, 1, 2))[0]
                begun = time.perf_counter()
                answer = ask()
                self.took.append((what, time.perf_counter() - begun))
                if answer.status_code not in (200, 201):
                    self.failed.append(f"{what}: {answer.status_code}")

    def _ways(self, client: httpx.Client) -> list[tuple[str, Callable[[], httpx.Response]]]:
        address = f"/api/v1/timetable/{self._region}"
        return [
            ("page of a week", lambda: client.get(f"/timetable?region={self._region}&week={WEEK}")),
            ("week", lambda: client.get(f"{address}/week?week={WEEK}")),
            ("edit judged", lambda: self._edit(client, dry=True)),
            ("edit saved", lambda: self._edit(client, dry=False)),
            ("courses", lambda: client.get("/courses")),
        ]

    def _edit(self, client: httpx.Client, *, dry: bool) -> httpx.Response:
        self._saved += not dry
        days = 60 + self._dice.randrange(60) if dry else 30 + self._saved
        start: datetime = MONDAY + timedelta(days=days, hours=self._hour)
        edit = {"do": "add_slot", "lessons": [self._lesson], "local_start": start.isoformat(), "rank": "optional"}
        return client.post(
            f"/api/v1/timetable/{self._region}/edits",
            json={"edit": edit, "dry": dry},
            headers={"X-CSRFToken": self._token},
        )


def run() -> list[Result]:
    """Of all requests, and of each kind, how long 95 of 100 took at most."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="working-") as name:
        folder = Path(name)
        services, port = furnished(folder), free_port()
        people, lesson = _hired(services)
        with fronted(folder, services, port):
            editors = [
                _Editor(f"http://127.0.0.1:{port}", username, region, lesson, number)
                for number, (username, region) in enumerate(people.items())
            ]
            _work(editors)
        services.database.engine.dispose()
    if failed := [one for editor in editors for one in editor.failed]:
        raise RuntimeError(f"{len(failed)} requests failed: {failed[:5]}")
    took = [pair for editor in editors for pair in editor.took]
    kinds = sorted({what for what, _seconds in took})
    lines = [("all requests", [seconds for _what, seconds in took])]
    lines += [(kind, [seconds for what, seconds in took if what == kind]) for kind in kinds]
    return [_line(f"{EDITORS} editors: {kind}, p95", samples) for kind, samples in lines]


def _work(editors: list[_Editor]) -> None:
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.signed_in.wait(120)
    until = time.monotonic() + SECONDS
    for editor in editors:
        editor.until = until
        editor.go.set()
    for editor in editors:
        editor.join()


def _line(name: str, samples: list[float]) -> Result:
    value = sorted(samples)[min(int(len(samples) * 0.95), len(samples) - 1)]
    return Result(
        name=name, value=value, goal=GOAL_S, better="lower", against="seconds, not a ratio", samples=tuple(samples)
    )


def _hired(services: Services) -> tuple[dict[str, str], str]:
    """The region of each editor by user name, and a lesson that they plan."""
    with services.database.unit_of_work() as session:
        townships = session.scalars(select(Region.code).where(Region.level == "township").limit(EDITORS)).all()
        regions = {f"editor{number}": townships[number % len(townships)] for number in range(EDITORS)}
        staff = {name: (name, Role.SCHEDULER, region) for name, region in regions.items()}
        hire(session, staff, clock.now())
        lesson = session.scalars(select(Lesson.id).limit(1)).one()
    return regions, str(lesson)


def _token(page: str) -> str:
    return page.split('name="csrf-token" content="')[1].split('"', maxsplit=1)[0]
