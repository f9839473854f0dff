"""Chunks shared between workers: leases, takeovers, failures, cancellation; workers are threads, encoders real."""

import threading
from collections.abc import Iterator, MutableMapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from contentserver import regions
from contentserver.admin import OWN_REGIONS
from contentserver.courses import leases, service
from contentserver.courses.crew import ChunkTasks, SharedCrew
from contentserver.courses.jobs import TranscodeJobs
from contentserver.courses.leases import Lease, LostLease, insist
from contentserver.courses.models import Lesson, Transcode, TranscodeChunk
from contentserver.courses.rules import MAX_ATTEMPTS, ChunkState, LessonState, TranscodeState
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Database
from contentserver.kernel.jobs import make_queue
from media_pipeline import chunks, plan
from media_pipeline.chunks import Job
from media_pipeline.errors import DiskFull, EncodeFailed
from media_pipeline.ladder import Rung
from media_pipeline.meter import Progress, Stage
from media_pipeline.plan import Plan, Timing
from media_pipeline.recording import Picture
from media_pipeline.transcode import transcode
from media_pipeline.verify import verify_package
from tests.contentserver.conftest import NOW, person
from tests.demo.stack import wait_until
from tests.media_pipeline.recordings import X264, ffmpeg, picture

LEASE = timedelta(seconds=30)
CHUNKS = 4
PLAN = Plan(
    duration_ms=6000 * CHUNKS,
    timing=Timing(source_rate="10", step=1, frames=60 * CHUNKS),
    rungs=(Rung(name="360p", width=160, height=90, crf=30, cap_bps=400_000),),
    picture=Picture(index=0, codec="h264", width=160, height=90, frame_rate="10", bps=0),
    sounds=(),
)


class Plant:
    """A database, a queue, folders, a lesson that waits to be prepared."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.uploads, self.packages = database, folder / "uploads", folder / "packages"
        self.uploads.mkdir()
        self.packages.mkdir()
        self.queue = make_queue("", folder / "jobs.db")
        self.jobs = TranscodeJobs(self.queue, database, self.uploads, self.packages, lease=LEASE)
        self.tasks = ChunkTasks(make_queue("", folder / "other.db"), database, self.packages, LEASE)
        with database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            regions.import_csv(session, lines)
            self.editor = person(session, Role.SCHEDULER)
            course = service.add_course(
                session, title="试播", subject="", audience="", region_code="640221", who=self.editor, now=NOW
            )
            self.lesson = service.add_lesson(
                session, course=course, title="测试图", summary="", source="one", who=self.editor, now=NOW
            ).id

    def work(self) -> None:
        """Everything that waits in the queue, as a worker would."""
        while (task := self.queue.dequeue()) is not None:
            self.queue.execute(task)

    def lead(self, source: Path) -> Path:
        """Lead the transcode without encoding; the folder of its chunks."""
        work = self.packages / ".making-x"
        work.mkdir()
        chunks.begin(work, Job(source=str(source), plan=PLAN))
        with self.database.unit_of_work() as session:
            session.get_one(Transcode, self.lesson).state = TranscodeState.RUNNING
        self.tasks.lay_out(self.lesson, work, range(CHUNKS))
        return work

    def take(self, number: int, worker: str, lease: timedelta) -> None:
        """Put a chunk into another worker's hand."""
        with self.database.unit_of_work() as session:
            row = session.get_one(TranscodeChunk, (self.lesson, number))
            row.state, row.worker, row.lease_until = ChunkState.RUNNING, worker, clock.now() + lease

    def chunk(self, number: int) -> TranscodeChunk:
        with self.database.reader() as session:
            return session.get_one(TranscodeChunk, (self.lesson, number))

    def transcode(self) -> Transcode:
        with self.database.reader() as session:
            return session.get_one(Transcode, self.lesson)

    def cancel(self) -> None:
        with self.database.unit_of_work() as session:
            service.cancel_transcode(session, session.get_one(Lesson, self.lesson), self.editor, NOW)


class Diary:
    """What was logged, by which thread."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, int | None, str]] = []

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        self.lines.append((event["event"], event.get("chunk"), threading.current_thread().name))
        raise structlog.DropEvent

    def chunks(self, event: str) -> list[int]:
        return sorted(number for said, number, _ in self.lines if said == event and number is not None)


@pytest.fixture
def plant(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    monkeypatch.setattr(plan, "SEGMENTS_PER_CHUNK", 1)
    return Plant(database, tmp_path)


@pytest.fixture
def diary() -> Iterator[Diary]:
    found, before = Diary(), structlog.get_config()
    structlog.configure(processors=[found], cache_logger_on_first_use=False)
    yield found
    structlog.configure(**before)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of `CHUNKS` segments."""
    file = tmp_path_factory.mktemp("recording") / "lesson.mp4"
    ffmpeg(*picture(6 * CHUNKS, "160x90", "10"), *X264, file)
    return file


def test_two_workers_share_a_lesson(plant: Plant, recording: Path, diary: Diary) -> None:
    (plant.uploads / "one").write_bytes(recording.read_bytes())
    plant.jobs.wake(plant.lesson)
    over = threading.Event()

    def help_along() -> None:
        while not over.wait(0.01):
            plant.work()

    workers = [threading.Thread(target=help_along, name=name) for name in ("first", "second")]
    for worker in workers:
        worker.start()
    try:
        wait_until(lambda: plant.transcode().state != TranscodeState.QUEUED, "a worker begins", 240)
        wait_until(lambda: plant.transcode().state != TranscodeState.RUNNING, "the lesson is ready", 240)
    finally:
        over.set()
        for worker in workers:
            worker.join(30)
    assert plant.transcode().state == TranscodeState.DONE
    assert diary.chunks("chunk.done") == diary.chunks("chunk.taken") == list(range(CHUNKS))
    assert {name for event, _, name in diary.lines if event == "chunk.done"} == {"first", "second"}
    with plant.database.reader() as session:
        name = session.get_one(Lesson, plant.lesson).package_name
        assert session.scalars(select(TranscodeChunk)).all() == []
    assert name is not None
    assert verify_package(plant.packages / name) == ()


def test_two_workers_that_lead_a_lesson_each_finish_both(plant: Plant, recording: Path) -> None:
    ffmpeg("-i", recording, "-c", "copy", "-t", "13", plant.uploads / "two.mp4")
    (plant.uploads / "one").write_bytes(recording.read_bytes())
    with plant.database.unit_of_work() as session:
        course = session.get_one(Lesson, plant.lesson).course
        other = service.add_lesson(
            session, course=course, title="另一课", summary="", source="two.mp4", who=plant.editor, now=NOW
        ).id
    plant.jobs.wake(plant.lesson)
    plant.jobs.wake(other)
    workers = [threading.Thread(target=plant.work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(100)
    with plant.database.reader() as session:
        assert {row.state for row in session.scalars(select(Transcode))} == {TranscodeState.DONE}
        assert len({lesson.package_name for lesson in session.scalars(select(Lesson))}) == 2


def test_one_worker_does_all_and_what_is_left_in_the_queue_does_nothing(
    plant: Plant, recording: Path, diary: Diary
) -> None:
    (plant.uploads / "one").write_bytes(recording.read_bytes())
    plant.jobs.wake(plant.lesson)
    task = plant.queue.dequeue()
    plant.queue.execute(task)
    assert plant.transcode().state == TranscodeState.DONE
    assert plant.queue.pending_count() == CHUNKS - 1
    before = len(diary.lines)
    plant.work()
    assert len(diary.lines) == before


def test_a_chunk_whose_worker_died_is_taken_over(plant: Plant, recording: Path) -> None:
    work = plant.lead(recording)
    plant.take(0, "dead", timedelta(seconds=-1))
    plant.take(1, "alive", LEASE)
    assert plant.tasks.encode_one(plant.lesson)
    assert plant.chunk(0).state == ChunkState.DONE
    assert chunks.place(work, 0).is_dir()
    assert plant.chunk(1).worker == "alive"


def test_another_leader_leaves_living_helpers_their_chunks(plant: Plant, recording: Path) -> None:
    work = plant.lead(recording)
    plant.take(1, "alive", LEASE)
    plant.take(2, "dead", timedelta(seconds=-1))
    plant.tasks.lay_out(plant.lesson, work, range(1, CHUNKS))
    with plant.database.reader() as session:
        rows = session.execute(select(TranscodeChunk.number, TranscodeChunk.state, TranscodeChunk.worker))
        assert sorted(tuple(row) for row in rows) == [
            (1, ChunkState.RUNNING, "alive"),
            (2, ChunkState.WAITING, ""),
            (3, ChunkState.WAITING, ""),
        ]


def test_a_worker_that_was_taken_for_dead_stops_and_changes_nothing(plant: Plant, recording: Path) -> None:
    plant.lead(recording)

    def robbed() -> None:
        plant.take(0, "other", LEASE)
        keepers = [thread for thread in threading.enumerate() if thread.name == "lease"]
        wait_until(lambda: not any(keeper.is_alive() for keeper in keepers), "the heartbeat finds out", 240)

    assert plant.tasks.encode_one(plant.lesson, robbed)
    assert (plant.chunk(0).state, plant.chunk(0).worker) == (ChunkState.RUNNING, "other")


def test_a_chunk_that_nobody_can_encode_fails_in_words(plant: Plant, tmp_path: Path, diary: Diary) -> None:
    work = plant.lead(tmp_path / "gone.mp4")
    with pytest.raises(EncodeFailed, match=r"^encode_failed: Chunk 0 could not be encoded\..*No such file"):
        SharedCrew(plant.tasks, plant.lesson).work(work, [0], lambda _number, _share: None)
    assert diary.chunks("chunk.failed") == [0] * MAX_ATTEMPTS
    with plant.database.reader() as session:
        assert session.scalars(select(TranscodeChunk)).all() == []


def test_a_full_disk_is_told_at_once(plant: Plant, recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = plant.lead(recording)
    (work / "chunks" / "x").symlink_to("/dev/full")

    def full(*_given: object) -> None:
        with (work / "chunks" / "x").open("wb") as stream:
            stream.write(b"x")

    monkeypatch.setattr(chunks, "make", full)
    with pytest.raises(DiskFull):
        SharedCrew(plant.tasks, plant.lesson).work(work, range(CHUNKS), lambda _number, _share: None)


def test_a_chunk_that_kills_every_worker_fails_in_words(plant: Plant, recording: Path) -> None:
    work = plant.lead(recording)
    for _ in range(MAX_ATTEMPTS):
        with plant.database.unit_of_work() as session:
            session.get_one(TranscodeChunk, (plant.lesson, 0)).attempts += 1
    assert not plant.tasks.encode_one(plant.lesson)
    assert plant.chunk(0).state == ChunkState.FAILED
    assert "stopped answering" in plant.chunk(0).error_detail
    assert not chunks.place(work, 0).exists()


def test_nobody_helps_with_what_was_cancelled(plant: Plant, recording: Path) -> None:
    plant.lead(recording)
    plant.cancel()
    assert not plant.tasks.encode_one(plant.lesson)


def test_cancelling_stops_encoders_within_seconds(plant: Plant, tmp_path: Path, diary: Diary) -> None:
    ffmpeg(*picture(90, "640x360", "25"), *X264, tmp_path / "long.mp4")
    (tmp_path / "long.mp4").rename(plant.uploads / "one")
    plant.jobs.wake(plant.lesson)
    leader = threading.Thread(target=plant.work, name="leader")
    leader.start()
    wait_until(lambda: diary.chunks("chunk.taken") != [], "the first chunk is begun", 240)
    plant.cancel()
    leader.join(8)
    assert not leader.is_alive()
    assert plant.transcode().state == TranscodeState.CANCELLED
    assert ("transcode.cancelled", None, "leader") in diary.lines
    assert [path for path in plant.packages.iterdir() if not path.name.startswith(".")] == []


def test_a_recording_that_is_being_encoded_already_waits(plant: Plant, recording: Path) -> None:
    (plant.uploads / "one").write_bytes(recording.read_bytes())
    seen: list[tuple[str, int]] = []

    def meanwhile(progress: Progress) -> None:
        if progress.stage is Stage.ENCODE and not seen:
            plant.jobs.wake(plant.lesson)
            plant.work()
            seen.append((plant.transcode().state, plant.transcode().attempts))

    made = transcode(plant.uploads / "one", plant.packages, progress=meanwhile)
    assert seen == [(TranscodeState.QUEUED, 0)]
    plant.jobs.wake_waiting()
    plant.jobs.wake_waiting()
    assert plant.queue.pending_count() == 1
    plant.work()
    with plant.database.reader() as session:
        lesson = session.get_one(Lesson, plant.lesson)
        assert (lesson.state, lesson.package_name) == (LessonState.IN_REVIEW, made.name)


def test_a_database_that_restarts_costs_nothing(plant: Plant, recording: Path) -> None:
    plant.lead(recording)

    def restarted() -> None:
        if plant.database.engine.dialect.name == "postgresql":
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            with pytest.raises(OperationalError), plant.database.reader() as session:
                session.execute(text(others))
        else:
            plant.database.engine.dispose()

    assert plant.tasks.encode_one(plant.lesson, restarted)
    assert plant.chunk(0).state == ChunkState.DONE


AWAY = OperationalError("SELECT 1", {}, Exception("away"))


def test_a_lease_outlasts_a_database_that_is_away_for_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "HEARTBEAT_S", 0.001)
    calls: list[None] = []
    enough = threading.Event()

    def renew() -> bool:
        calls.append(None)
        if len(calls) > 30:
            enough.set()
        if len(calls) % 10:
            raise AWAY
        return True

    with Lease(timedelta(seconds=60), renew) as lease:
        assert enough.wait(20)
        lease.check()


@pytest.mark.parametrize("away", [True, False])
def test_a_lease_is_lost_with_its_row_or_with_the_database(away: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "HEARTBEAT_S", 0.001)

    def renew() -> bool:
        if away:
            raise AWAY
        return False

    def lost() -> bool:
        try:
            lease.check()
        except LostLease:
            return True
        return False

    with Lease(timedelta(seconds=0.05), renew) as lease:
        wait_until(lost, "the lease is lost", 20, 0.01)


def test_a_result_waits_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "HEARTBEAT_S", 0.001)
    answers: Iterator[OperationalError | None] = iter([AWAY, AWAY, None])

    def write() -> str:
        answer = next(answers)
        if answer is not None:
            raise answer
        return "written"

    assert insist(write) == "written"
    monkeypatch.setattr(leases, "PATIENCE_S", 0.0)
    answers = iter([AWAY, AWAY])
    with pytest.raises(OperationalError):
        insist(write)
