"""Real worker processes over one lesson, one killed with -9: the package is the same, one chunk is made twice."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from contentserver import regions
from contentserver.admin import OWN_REGIONS
from contentserver.app import Services, make_services
from contentserver.courses import service
from contentserver.courses.models import Lesson, Transcode, TranscodeChunk
from contentserver.courses.rules import ChunkState, TranscodeState
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.settings import from_environment
from media_pipeline.transcode import transcode
from tests.contentserver.conftest import NOW, person
from tests.demo.stack import ROOT, free_port, listens, wait_until
from tests.media_pipeline.recordings import PLAIN, ffmpeg, picture, tone
from tests.migrated import make_tables
from tests.postgres import cluster
from tests.serving import write_key

CHUNKS = 4
LENGTH_S = 30 * CHUNKS - 10
POLL_S = 0.01

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("workers")]


class Said(msgspec.Struct):
    """A line of a worker's log."""

    event: str
    chunk: int | None = None


class Works:
    """A server's database, queue and folders, and its workers."""

    def __init__(self, folder: Path, recording: Path, database_url: str, queue_url: str) -> None:
        folder.mkdir()
        self.folder = folder
        write_key(folder / "key.jwk")
        self._environment = {
            "YUANJIAO_SECRET_KEY": "x" * 32,
            "YUANJIAO_DATABASE_URL": database_url or f"sqlite:///{folder}/server.db",
            "YUANJIAO_DATA_DIR": str(folder),
            "YUANJIAO_BROKER_PASSWORD": "x",
            "YUANJIAO_SIGNING_KEY_FILE": str(folder / "key.jwk"),
            "YUANJIAO_QUEUE_URL": queue_url,
            "YUANJIAO_LEASE_S": "3",
        }
        settings = from_environment(self._environment)
        make_tables(settings.database_url)
        self.services: Services = make_services(settings)
        os.link(recording, settings.uploads_dir / "kept-one")
        with self.services.database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            regions.import_csv(session, lines)
            editor = person(session, Role.SCHEDULER)
            course = service.add_course(
                session, title="试播", subject="", audience="", region_code="640221", who=editor, now=NOW
            )
            self.lesson = service.add_lesson(
                session, course=course, title="测试图", summary="", source="kept-one", who=editor, now=NOW
            ).id
        self.services.transcodes.wake(self.lesson)
        self.workers: dict[int, subprocess.Popen[bytes]] = {}

    def start(self) -> int:
        """Start a worker with one encoder; its process id."""
        with (self.folder / f"worker-{len(self.workers)}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "contentserver", "worker", "--encoders", "1"],
                cwd=ROOT,
                env={**os.environ, **self._environment},
                stdout=log,
                stderr=log,
            )
        self.workers[worker.pid] = worker
        return worker.pid

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self.workers[pid].wait(20)

    def close(self) -> None:
        for worker in self.workers.values():
            worker.kill()
            worker.wait(20)
        self.services.database.engine.dispose()
        self.services.queue.storage.close()

    def transcode(self) -> Transcode:
        with self.services.database.reader() as session:
            return session.get_one(Transcode, self.lesson)

    def leader(self) -> int:
        """Process id of the worker that leads."""
        wait_until(lambda: self.transcode().state == TranscodeState.RUNNING, self.said("a leader"), 60, POLL_S)
        return int(self.transcode().worker.split("-")[-2])

    def in_hand(self) -> dict[int, int]:
        """Chunks being encoded, by the process id of their worker; each stands in its worker's log too."""
        running = select(TranscodeChunk).where(TranscodeChunk.state == ChunkState.RUNNING)
        with self.services.database.reader() as session:
            held = {int(row.worker.split("-")[-2]): row.number for row in session.scalars(running)}
        logged = self.taken()
        return {pid: number for pid, number in held.items() if number in logged}

    def package(self) -> str | None:
        """The package's name, once it is there."""
        wait_until(lambda: self.transcode().state == TranscodeState.DONE, self.said("the package"), 240)
        with self.services.database.reader() as session:
            return session.get_one(Lesson, self.lesson).package_name

    def taken(self) -> Counter[int]:
        """How often each chunk was taken in hand."""
        lines = [
            line for log in self.folder.glob("worker-*.log") for line in log.read_bytes().splitlines(keepends=True)
        ]
        said = (
            msgspec.json.decode(line, type=Said) for line in lines if line.startswith(b"{") and line.endswith(b"\n")
        )
        return Counter(line.chunk for line in said if line.event == "chunk.taken" and line.chunk is not None)

    def said(self, awaited: str) -> str:
        return f"{awaited}; the logs are in {self.folder}"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("recording") / "lesson.mp4"
    ffmpeg(*picture(LENGTH_S, "320x180", "25"), *tone(LENGTH_S), *PLAIN, file)
    return file


@pytest.fixture(scope="module")
def undisturbed(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of the package, which is that of its content, as one process makes it."""
    return transcode(recording, tmp_path_factory.mktemp("undisturbed"), workers=2).name


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    port = free_port()
    argv = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port), "redis", 240)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def works(request: pytest.FixtureRequest, tmp_path: Path, recording: Path) -> Iterator[Works]:
    """With the queue in each of the places that it may live in; in PostgreSQL the database too."""
    with ExitStack() as stack:
        database_url = queue_url = ""
        if request.param == "postgresql":
            database_url = queue_url = stack.enter_context(cluster())
        elif request.param == "redis":
            queue_url = stack.enter_context(redis(tmp_path))
        found = Works(tmp_path / "server", recording, database_url, queue_url)
        stack.callback(found.close)
        yield found


@pytest.mark.parametrize(
    "works", ["sqlite", *(pytest.param(one, marks=pytest.mark.long) for one in ("postgresql", "redis"))], indirect=True
)
def test_a_helper_killed_costs_its_chunk(works: Works, undisturbed: str) -> None:
    pids = {works.start(), works.start()}
    (helper,) = pids - {works.leader()}
    wait_until(lambda: helper in works.in_hand(), works.said("the helper at work"), 100, POLL_S)
    works.kill(helper)
    lost = works.in_hand()[helper]
    assert works.package() == undisturbed
    assert works.taken() == Counter({number: 1 + (number == lost) for number in range(CHUNKS)})


@pytest.mark.parametrize("works", ["sqlite"], indirect=True)
def test_a_leader_killed_costs_its_chunk(works: Works, undisturbed: str) -> None:
    pids = {works.start(), works.start()}
    leader = works.leader()
    wait_until(lambda: works.in_hand().keys() == pids, works.said("both at work"), 100, POLL_S)
    works.kill(leader)
    lost = works.in_hand()[leader]

    def run_out() -> bool:
        until = works.transcode().lease_until
        return until is not None and until < clock.now()

    wait_until(run_out, "the leader's lease runs out", 240)
    works.start()
    assert works.package() == undisturbed
    assert works.taken() == Counter({number: 1 + (number == lost) for number in range(CHUNKS)})
