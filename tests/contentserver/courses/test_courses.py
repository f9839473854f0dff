"""From recording to approval: transcodes by lease with the real encoder, approval by somebody else."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import regions
from contentserver.admin import OWN_REGIONS
from contentserver.courses import service
from contentserver.courses.jobs import TranscodeJobs
from contentserver.courses.models import Lesson, TranscodeChunk
from contentserver.courses.rules import (
    MAX_ATTEMPTS,
    ApprovalVerdict,
    ChunkState,
    LessonState,
    TranscodeState,
    approval_verdict,
)
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Forbidden, NotFound
from contentserver.kernel.ids import new_id
from contentserver.kernel.jobs import make_queue
from media_pipeline.verify import verify_package
from schedules.wire.messages import Approval
from schedules.wire.signing import Signer, Verifier, jwk_set
from tests.contentserver.conftest import NOW, person


class Workshop:
    """A database, a queue that is worked by hand, folders."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.uploads, self.packages = database, folder / "uploads", folder / "packages"
        self.uploads.mkdir()
        self.packages.mkdir()
        self.queue = make_queue("", folder / "jobs.db")
        self.jobs = TranscodeJobs(self.queue, database, self.uploads, self.packages)
        with database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            regions.import_csv(session, lines)
            self.editor = person(session, Role.SCHEDULER)
            self.reviewer = person(session, Role.REVIEWER)

    def add(self, source: str) -> Lesson:
        with self.database.unit_of_work() as session:
            course = service.add_course(
                session, title="试播", subject="", audience="", region_code="640221", who=self.editor, now=NOW
            )
            return service.add_lesson(
                session,
                course=course,
                title="测试图",
                summary="",
                source=source,
                who=self.editor,
                now=NOW,
            )

    def work(self) -> None:
        """Everything that waits in the queue, as a worker would."""
        while (task := self.queue.dequeue()) is not None:
            self.queue.execute(task)

    def lesson(self, session: Session) -> Lesson:
        return session.scalars(select(Lesson)).one()


@pytest.fixture
def workshop(database: Database, tmp_path: Path) -> Workshop:
    return Workshop(database, tmp_path)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("recording") / "lesson.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=3"]
    subprocess.run([get_ffmpeg_exe(), "-v", "error", *source, "-pix_fmt", "yuv420p", str(file)], check=True, timeout=60)
    return file.read_bytes()


def test_a_recording_becomes_a_package_that_waits_for_review(workshop: Workshop, recording: bytes) -> None:
    (workshop.uploads / "one").write_bytes(recording)
    workshop.jobs.wake(workshop.add("one").id)
    workshop.work()
    with workshop.database.reader() as session:
        lesson = workshop.lesson(session)
        assert lesson.transcode is not None
        assert (lesson.state, lesson.transcode.state) == (LessonState.IN_REVIEW, TranscodeState.DONE)
        assert lesson.package_name is not None
        assert abs(lesson.duration_ms - 3000) < 100
        assert verify_package(workshop.packages / lesson.package_name) == ()


def test_a_recording_posted_twice_makes_one_lesson(workshop: Workshop) -> None:
    first = workshop.add("one")
    assert workshop.add("one").id == first.id
    assert workshop.add("other").id != first.id
    with workshop.database.reader() as session:
        assert len(session.scalars(select(Lesson)).all()) == 2


def test_the_pieces_of_a_lesson_are_counted(workshop: Workshop) -> None:
    added = workshop.add("one")
    with workshop.database.unit_of_work() as session:
        assert service.pieces(session, added) == (0, 0)
        states = [ChunkState.DONE, ChunkState.RUNNING, ChunkState.DONE, ChunkState.WAITING]
        session.add_all(
            TranscodeChunk(lesson_id=added.id, number=number, folder="x", state=state)
            for number, state in enumerate(states)
        )
        session.flush()
        assert service.pieces(session, added) == (2, 4)


def test_what_is_no_video_fails_with_its_reason_and_leaves_nothing(workshop: Workshop) -> None:
    (workshop.uploads / "one").write_text("#EXTM3U\nhttp://127.0.0.1/x.ts\n")
    workshop.jobs.wake(workshop.add("one").id)
    workshop.work()
    with workshop.database.reader() as session:
        lesson = workshop.lesson(session)
        assert lesson.transcode is not None
        assert (lesson.state, lesson.package_name) == (LessonState.FAILED, None)
        assert lesson.transcode.error_code in {"not_a_video", "refused_format"}
    assert [path for path in workshop.packages.iterdir() if not path.name.startswith(".")] == []


def test_a_transcode_whose_worker_died_is_taken_over_when_its_lease_ran_out(
    workshop: Workshop, recording: bytes
) -> None:
    (workshop.uploads / "one").write_bytes(recording)
    workshop.add("one")
    with workshop.database.unit_of_work() as session:
        row = workshop.lesson(session).transcode
        assert row is not None
        row.state, row.worker, row.attempts = TranscodeState.RUNNING, "dead", 1
        row.lease_until = clock.now() + timedelta(minutes=5)
    workshop.jobs.wake_waiting()
    workshop.work()
    with workshop.database.unit_of_work() as session:
        row = workshop.lesson(session).transcode
        assert row is not None
        assert row.worker == "dead"
        row.lease_until = clock.now() - timedelta(seconds=1)
    workshop.jobs.wake_waiting()
    workshop.work()
    with workshop.database.reader() as session:
        assert workshop.lesson(session).state == LessonState.IN_REVIEW


def test_a_recording_that_kills_every_worker_is_given_up(workshop: Workshop) -> None:
    workshop.add("one")
    with workshop.database.unit_of_work() as session:
        row = workshop.lesson(session).transcode
        assert row is not None
        row.attempts = MAX_ATTEMPTS
    workshop.jobs.wake_waiting()
    workshop.work()
    with workshop.database.reader() as session:
        lesson = workshop.lesson(session)
        assert lesson.transcode is not None
        assert (lesson.state, lesson.transcode.error_code) == (LessonState.FAILED, "gave_up")


def test_approval_is_signed_by_the_server_and_never_given_by_the_uploader(
    workshop: Workshop, recording: bytes, signer: Signer
) -> None:
    (workshop.uploads / "one").write_bytes(recording)
    workshop.jobs.wake(workshop.add("one").id)
    workshop.work()
    with workshop.database.unit_of_work() as session:
        lesson = workshop.lesson(session)
        with pytest.raises(Forbidden):
            service.approve(session, lesson=lesson, who=workshop.editor, signer=signer, now=NOW)
        with pytest.raises(NotFound):
            service.approval_of(session, str(lesson.package_name))
        service.approve(session, lesson=lesson, who=workshop.reviewer, signer=signer, now=NOW)
        session.flush()
        word = service.approval_of(session, str(lesson.package_name))
        read = Verifier(jwk_set([signer.public_jwk])).read(word.jws.encode(), Approval)
        assert (read.package, read.approved_by) == (lesson.package_name, workshop.reviewer.display_name)
        with pytest.raises(Conflict):
            service.approve(session, lesson=lesson, who=workshop.reviewer, signer=signer, now=NOW)


def test_only_what_waits_for_review_can_be_approved() -> None:
    somebody, other = new_id(), new_id()
    verdicts = {state: approval_verdict(state, {somebody}, other) for state in LessonState}
    assert [state for state, verdict in verdicts.items() if verdict is ApprovalVerdict.ALLOWED] == [
        LessonState.IN_REVIEW
    ]
    assert approval_verdict(LessonState.IN_REVIEW, {other, somebody}, somebody) is ApprovalVerdict.OWN_UPLOAD
