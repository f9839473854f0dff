"""`python -m tests.demo.scale`: two of everything on one machine, one of each killed during a fleet's evening.

PostgreSQL with rows and queue, two web processes behind nginx, the link and a second ingest, two workers, a city's and
a county's broker with a bridge by TLS, packages in an S3 store. The day is `fleet_day.py`'s; beside it somebody asks
for pages all the time. 1 where the boxes' books and the server's differ, a page failed twice, or a television has not
proved the evening's timetable.
"""

import argparse
import os
import signal
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
from sqlalchemy import func, select

from contentserver.boxes import Box
from contentserver.courses.models import Transcode
from contentserver.courses.rules import TranscodeState
from contentserver.kernel.db import Database
from contentserver.timetable.models import LayerProofRecord
from tests import processes
from tests.demo import fleet_day
from tests.demo.desk import Desk, Refused
from tests.demo.fleet_report import Day
from tests.demo.stack import ROOT, NotReady, Stack, free_port, fresh, listens, wait_until
from tests.object_store import ObjectStore
from tests.postgres import cluster

LINE = ("--outages", "60", "--outage-s", "10")
VICTIMS = ((3.0, "server"), (10.0, "link"), (18.0, "county"), (28.0, "broker"))
"""Seconds into the middle lesson; the workers' turn comes while a lesson is made."""
REPORT = f"/reports/attendance?region={fleet_day.CITY}"
PAGES = ("/", "/courses", "/timetable", "/sessions", "/stations", "/boxes", REPORT)
PATIENCE_S = 20.0
AGAIN_S = 1.0


class ScaleStack(Stack):
    """The whole system, two of everything."""

    box_broker, box_broker_folder = "county", "config/county"
    measured = ("broker", "county", "web", "server", "server-two", "link", "beside", "store")
    idle = ()

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder, database_url=database_url)
        self.second_app, self.county_mqtt, self.county_mqtts = free_port(), free_port(), free_port()
        self.store = ObjectStore(self.folder / "store")

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings of two of everything."""
        mine = dict(super().environment)
        password = mine["YUANJIAO_BROKER_PASSWORD"]
        return mine | {
            "YUANJIAO_QUEUE_URL": self.database_url,
            "YUANJIAO_PACKAGES_URL": self.store.url,
            "YUANJIAO_BOX_BROKERS": f"mqtt://contentserver:{password}@127.0.0.1:{self.county_mqtt}",
            "YUANJIAO_BOX_BROKER_PORT": str(self.county_mqtts),
            "YUANJIAO_LEASE_S": "8",
        }

    def programs(self) -> dict[str, tuple[int, str, bool]]:
        """The parts, with their twins."""
        python, found = sys.executable, super().programs()
        return found | {
            "store": (5, " ".join(self.store.command), True),
            "county": (15, f"mosquitto -c {self.folder}/{self.box_broker_folder}/mosquitto.conf", False),
            "server-two": (30, f"{python} -m contentserver serve --bind 127.0.0.1:{self.second_app}", True),
            "worker": (30, f"{python} -m contentserver worker --encoders 1", True),
            "worker-two": (30, f"{python} -m contentserver worker --encoders 1 --beside", True),
            "beside": (30, f"{python} -m contentserver ingest --beside two", True),
        }

    def start(self) -> None:
        """Start everything; the county's broker when the city's has let it in."""
        super().start()
        self.store.make_bucket()
        self.admin(
            "write-county-broker", f"{self.folder}/{self.box_broker_folder}", "--name", "pingluo",
            "--hosts", "127.0.0.1,localhost", "--to", f"127.0.0.1:{self.ports.mqtts}",
            "--mqtts", f"127.0.0.1:{self.county_mqtts}", "--mqtt", f"127.0.0.1:{self.county_mqtt}",
        )  # fmt: skip
        self.control("startProcess", "county")
        wait_until(lambda: listens(self.county_mqtts), "the county's broker", 60)

    def write_config(self) -> None:
        """As in the demonstration, with two web processes."""
        ports = self.ports
        self.admin(
            "write-config", str(self.folder / "config"), "--development",
            "--https", f"127.0.0.1:{ports.https}", "--http", f"127.0.0.1:{ports.http}",
            "--app", f"127.0.0.1:{ports.app},127.0.0.1:{self.second_app}",
            "--mqtts", f"127.0.0.1:{ports.mqtts}", "--mqtt", f"127.0.0.1:{ports.mqtt}",
        )  # fmt: skip

    def kill(self, program: str) -> None:
        """kill -9 a part with all that it started."""
        if (running := self.pid(program)) > 0:
            for one in processes.family(running):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)


@dataclass
class Asked:
    """What somebody found who asked for pages all the time."""

    took_s: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    failed_twice: list[str] = field(default_factory=list)


@contextmanager
def reader_of(stack: Stack) -> Iterator[Asked]:
    """Somebody who asks for one page after the other, and for one that did not come once more a second later.

    They begin when their account is there.
    """
    asked, over = Asked(), threading.Event()

    def read() -> None:
        desk = None
        while desk is None and not over.wait(1.0):
            with suppress(Refused, httpx.HTTPError):
                desk = Desk(stack.url, fleet_day.STAFF)
        number = 0
        while desk is not None and not over.wait(0.2):
            path = PAGES[number % len(PAGES)]
            number += 1
            if (fault := _asked(desk, path, asked)) and not over.wait(AGAIN_S):
                asked.failed.append(fault)
                if again := _asked(desk, path, asked):
                    asked.failed_twice.append(f"{fault}; {again}")

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        over.set()
        thread.join(60)


def _asked(desk: Desk, path: str, asked: Asked) -> str:
    """Ask for a page; what was wrong, empty where it came."""
    began = time.monotonic()
    status, fault = 0, ""
    try:
        status = desk.status(path, PATIENCE_S)
    except httpx.HTTPError as error:
        fault = repr(error)
    asked.took_s.append(time.monotonic() - began)
    return "" if status == 200 else f"{path}: {fault or status}"


@contextmanager
def _a_worker_dies(stack: ScaleStack, died: list[str]) -> Iterator[None]:
    """While the block makes lessons, the worker that leads a transcode is killed once, in the midst of it."""
    over = threading.Event()

    def watch() -> None:
        database = Database(stack.database_url)
        leading = select(Transcode.worker).where(Transcode.state == TranscodeState.RUNNING, Transcode.fraction > 0.0)
        while not over.wait(0.1):
            with database.reader() as session:
                holder = session.scalar(leading.limit(1))
            if holder:
                led_by = next((one for one in ("worker", "worker-two") if f"-{stack.pid(one)}-" in holder), "")
                if led_by:
                    stack.kill(led_by)
                    died.append(led_by)
                    break
        database.engine.dispose()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(30)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    day: Day
    killed: tuple[str, ...]
    proved: int
    attempts: int
    packages: int
    left_here: int
    pages: int
    failed: tuple[str, ...]
    failed_twice: tuple[str, ...]
    page_p95_s: float

    @property
    def differs(self) -> list[str]:
        """Everything that is not as it must be."""
        day, found = self.day, []
        if not day.true:
            found.append(
                f"the books: {day.made} signed in, {day.counted} counted, {day.reported} reported; "
                f"{day.written} facts written, {day.stored} stored, {day.quarantined} in quarantine"
            )
        if self.proved != day.boxes:
            found.append(f"{self.proved} of {day.boxes} televisions have proved the evening's timetable")
        if len(self.killed) != len(VICTIMS) + 1:
            found.append(f"killed were {', '.join(self.killed)} alone")
        if day.missed:
            found.append(f"in {day.missed} sessions nothing could be shown")
        if self.packages != day.lessons:
            found.append(f"{self.packages} packages in the store")
        return found + [f"failed twice: {one}" for one in self.failed_twice]


def run(folder: Path, boxes: int, lessons: int, say: Callable[[str], None]) -> Outcome:
    """Play it in a fresh folder."""
    died: list[str] = []
    with ExitStack() as ending:
        url = ending.enter_context(cluster())
        stack = ScaleStack(fresh(folder), url)
        ending.enter_context(stack)
        database = Database(url)
        with reader_of(stack) as asked:
            day = fleet_day.on(
                stack, boxes, lessons, say, line=LINE, victims=VICTIMS, making=lambda: _a_worker_dies(stack, died)
            )
        with database.reader() as session:
            applied = select(func.count()).where(
                LayerProofRecord.layer_id == f"region-{fleet_day.CITY}",
                LayerProofRecord.applied >= 2,
                LayerProofRecord.box_id.in_(select(Box.id)),
            )
            proved, attempts = session.scalar(applied) or 0, session.scalar(select(func.sum(Transcode.attempts))) or 0
        database.engine.dispose()
        names = stack.store.names()
        here = list((stack.folder / "server" / "packages").glob("sha256-*"))
    return Outcome(
        day=day,
        killed=(*died, *day.killed),
        proved=proved,
        attempts=attempts,
        packages=sum(name.endswith("/manifest.json") for name in names),
        left_here=len(here),
        pages=len(asked.took_s),
        failed=tuple(asked.failed),
        failed_twice=tuple(asked.failed_twice),
        page_p95_s=statistics.quantiles(asked.took_s or [0.0, 0.0], n=20)[-1],
    )


def table(outcome: Outcome) -> str:
    """The outcome in words, as docs/scaling.md has it."""
    day = outcome.day
    late = sorted(day.late_ms) or [float("nan")]
    rows = {
        "televisions, stations, lessons": f"{day.boxes}, {day.stations}, {day.lessons}",
        "killed with -9": ", ".join(outcome.killed),
        "starts of a transcode": f"{outcome.attempts} for {day.lessons} lessons",
        "packages in the S3 store; left where they were made": f"{outcome.packages}; {outcome.left_here}",
        "every lesson on every television": f"{day.fetched_s:.0f} s after it was planned",
        "televisions that proved the evening's timetable": f"{outcome.proved} of {day.boxes}",
        "pictures that started; how late": f"{len(day.late_ms)}; median {statistics.median(late):+.0f} ms",
        "pictures that joined while the lesson ran": f"{day.joined_late}",
        "people who signed in: televisions, database, report page": f"{day.made}, {day.counted}, {day.reported}",
        "facts: in the journals, in the database, in quarantine": f"{day.written}, {day.stored}, {day.quarantined}",
        "pages asked for; failed once; failed twice": (
            f"{outcome.pages}; {len(outcome.failed)}; {len(outcome.failed_twice)}"
        ),
        "a page, 95 of 100": f"{outcome.page_p95_s:.2f} s",
        "all of it": f"{day.took_s / 60:.1f} minutes on {day.machine}",
    }
    uses = "\n".join(f"| {one.program} | {one.memory_mb:.0f} MB | {one.processor_s:.0f} s |" for one in day.uses)
    lines = "\n".join(f"| {name} | {figure} |" for name, figure in rows.items())
    return f"| | |\n|---|---|\n{lines}\n\n| program | memory (PSS, most) | processor |\n|---|---|---|\n{uses}\n"


def main() -> int:
    """Play it, print the table; 1 with what differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo.scale", description=__doc__)
    parser.add_argument("--boxes", type=int, default=610, metavar="N")
    parser.add_argument("--lessons", type=int, default=2, metavar="N")
    given = parser.parse_args()
    began = time.monotonic()

    def say(words: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {words}", flush=True)

    folder = ROOT / "var" / "scale"
    try:
        outcome = run(folder, given.boxes, given.lessons, say)
    except NotReady as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    (folder / "outcome.json").write_bytes(msgspec.json.encode(outcome))
    print(f"\n{table(outcome)}")
    for one in outcome.failed:
        print(f"failed once: {one}")
    for one in outcome.differs:
        print(f"DIFFERS: {one}", file=sys.stderr)
    return 1 if outcome.differs else 0


if __name__ == "__main__":
    sys.exit(main())
