"""Is what arrived what was sent? The worker compares it; a broken-off upload goes on, another file in it is noticed."""

from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from contentserver.courses import deciding, service
from contentserver.courses.checking import Checksums, ChecksumWrong
from contentserver.courses.models import Lesson
from contentserver.courses.rules import LessonState, TranscodeState
from contentserver.courses.uploads import Kept, Uploads
from contentserver.kernel.errors import Conflict, Rejected
from media_pipeline.verify import verify_package
from tests.contentserver.conftest import NOW
from tests.contentserver.courses.test_courses import Workshop, recording, workshop

__all__ = ["recording", "workshop"]
OWNER = "li"
PIECE = 5000


class Line:
    """Uploads of one person, piece by piece, as a browser sends them."""

    def __init__(self, folder: Path) -> None:
        self.uploads = Uploads(folder, 10**9, lambda: OWNER)

    def announce(self, size: int) -> str:
        answer = self.uploads.handle("POST", "", {"Tus-Resumable": "1.0.0", "Upload-Length": str(size)}, b"")
        assert answer.status == 201
        return answer.headers["Location"].rsplit("/", 1)[1]

    def arrived(self, upload: str) -> int:
        """How many bytes the server has, as a browser asks after a break."""
        return int(self.uploads.handle("HEAD", upload, {"Tus-Resumable": "1.0.0"}, b"").headers["Upload-Offset"])

    def send(self, upload: str, data: bytes, until: int) -> None:
        """On from where it stopped."""
        about = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
        while (at := self.arrived(upload)) < until:
            piece = data[at : min(at + PIECE, until)]
            assert self.uploads.handle("PATCH", upload, {**about, "Upload-Offset": str(at)}, piece).status == 204


@pytest.fixture
def line(workshop: Workshop) -> Line:
    return Line(workshop.uploads)


def make_lesson(shop: Workshop, kept: Kept) -> None:
    """What the form does with an upload that has arrived, then the worker."""
    with shop.database.unit_of_work() as session:
        course = service.add_course(
            session, title="试播", subject="", audience="", region_code="640221", who=shop.editor, now=NOW
        )
        made = service.add_lesson(
            session,
            course=course,
            title="测试图",
            summary="",
            source=kept.name,
            sha256=kept.sha256,
            who=shop.editor,
            now=NOW,
        )
    shop.jobs.wake(made.id)
    shop.work()


def outcome(shop: Workshop, session: Session) -> tuple[Lesson, str, str]:
    lesson = shop.lesson(session)
    assert lesson.transcode is not None
    return lesson, lesson.transcode.state, lesson.transcode.error_code


def test_an_upload_that_broke_off_makes_no_lesson_goes_on_and_is_whole(
    workshop: Workshop, line: Line, recording: bytes
) -> None:
    upload = line.announce(len(recording))
    line.send(upload, recording, 2 * PIECE)
    checksum = sha256(recording).hexdigest()
    with pytest.raises(Rejected) as refused:
        line.uploads.take(upload, sha256=checksum)
    assert refused.value.code == "upload_unfinished"
    assert line.arrived(upload) == 2 * PIECE, "nothing of it is lost"
    line.send(upload, recording, len(recording))
    make_lesson(workshop, line.uploads.take(upload, sha256=checksum.upper()))
    with workshop.database.reader() as session:
        lesson, state, code = outcome(workshop, session)
        assert (lesson.state, state, code) == (LessonState.IN_REVIEW, TranscodeState.DONE, "")
        assert lesson.package_name is not None
        assert verify_package(workshop.packages / lesson.package_name) == ()


def test_another_file_that_went_on_after_the_break_is_noticed_and_the_right_one_takes_its_place(
    workshop: Workshop, line: Line, recording: bytes
) -> None:
    checksum, upload = sha256(recording).hexdigest(), line.announce(len(recording))
    line.send(upload, recording, 2 * PIECE)
    line.send(upload, bytes(len(recording)), len(recording))
    make_lesson(workshop, line.uploads.take(upload, sha256=checksum))
    with workshop.database.reader() as session:
        lesson, state, code = outcome(workshop, session)
        assert (lesson.state, state, code) == (LessonState.FAILED, TranscodeState.FAILED, "checksum_wrong")
        assert lesson.package_name is None
        assert lesson.transcode is not None
        assert lesson.transcode.sha256 == "", "whoever brings the recording itself brings nothing twice"
        assert checksum in lesson.transcode.error_detail
    assert [path for path in workshop.packages.iterdir() if not path.name.startswith(".")] == []
    assert workshop.uploads.joinpath(f"kept-{upload}").exists(), "nothing is deleted"
    with workshop.database.unit_of_work() as session, pytest.raises(Conflict) as conflict:
        service.retry_transcode(session, workshop.lesson(session), workshop.editor, NOW)
    assert conflict.value.code == "checksum_wrong"

    again = line.announce(len(recording))
    line.send(again, recording, len(recording))
    kept = line.uploads.take(again, sha256=checksum)
    with workshop.database.unit_of_work() as session:
        lesson = workshop.lesson(session)
        deciding.replace_recording(
            session, lesson=lesson, source=kept.name, sha256=kept.sha256, who=workshop.editor, now=NOW
        )
    workshop.jobs.wake(lesson.id)
    workshop.work()
    with workshop.database.reader() as session:
        lesson, state, code = outcome(workshop, session)
        assert (lesson.state, state, code) == (LessonState.IN_REVIEW, TranscodeState.DONE, "")
        assert lesson.transcode is not None
        assert lesson.transcode.sha256 == checksum


def test_a_recording_that_is_gone_is_a_fault_of_the_server(workshop: Workshop, line: Line, recording: bytes) -> None:
    upload = line.announce(len(recording))
    line.send(upload, recording, len(recording))
    kept = line.uploads.take(upload, sha256=sha256(recording).hexdigest())
    (workshop.uploads / kept.name).unlink()
    make_lesson(workshop, kept)
    with workshop.database.reader() as session:
        assert outcome(workshop, session)[1:] == (TranscodeState.FAILED, "server_fault")


def test_whoever_is_told_to_stop_reads_no_further(tmp_path: Path) -> None:
    file, compare = tmp_path / "long", Checksums().compare
    file.write_bytes(bytes(9 * 1024**2))
    asked = 0

    def stop_at_second() -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        compare(file, sha256(file.read_bytes()).hexdigest(), stop_at_second)
    assert asked == 2
    with pytest.raises(ChecksumWrong):
        compare(file, "0" * 64, lambda: None)
    compare(file, "", stop_at_second)
    assert asked == 2, "where nothing was told, nothing is read"


def test_what_was_right_is_read_again_only_once_it_has_changed(tmp_path: Path) -> None:
    file, compare, read = tmp_path / "one", Checksums().compare, 0
    file.write_bytes(b"right")
    checksum = sha256(b"right").hexdigest()

    def count() -> None:
        nonlocal read
        read += 1

    for _turn in range(3):
        compare(file, checksum, count)
    assert read == 1
    file.write_bytes(b"wrong!")
    for turn in range(2, 4):
        with pytest.raises(ChecksumWrong):
            compare(file, checksum, count)
        assert read == turn, "what was wrong is looked at every time"
