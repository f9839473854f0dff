"""A package that was made is brought to where packages are kept; while that is away, no lesson is called done."""

import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from contentserver.courses import StoreAway, keeping
from contentserver.courses.jobs import TranscodeJobs
from contentserver.courses.rules import LessonState, TranscodeState
from contentserver.kernel.db import Database
from contentserver.kernel.jobs import make_queue
from media_pipeline.manifest import Manifest
from tests.contentserver.courses.test_courses import Workshop

pytestmark = pytest.mark.timeout(120)


class Store:
    """A store that fails as often as it is told to."""

    def __init__(self, packages: Path, failures: int = 0, error: Callable[[], Exception] = StoreAway) -> None:
        self._packages, self.failures, self._error = packages, failures, error
        self.kept: list[str] = []
        self.forgotten: list[str] = []

    def manifest(self, package: str) -> Manifest:
        raise FileNotFoundError(package)

    def access(self, package: str, now: datetime) -> tuple[str, str, datetime]:
        return package, "", now

    def keep(self, package: str, check: Callable[[], None]) -> None:
        check()
        if self.failures:
            self.failures -= 1
            raise self._error()
        assert (self._packages / package / "manifest.json").exists()
        self.kept.append(package)

    def forget_local(self, package: str) -> None:
        self.forgotten.append(package)


@pytest.fixture
def workshop(database: Database, tmp_path: Path) -> Workshop:
    found = Workshop(database, tmp_path)
    source = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=2"]
    target = ["-pix_fmt", "yuv420p", "-f", "mp4", str(found.uploads / "one")]
    subprocess.run([get_ffmpeg_exe(), "-v", "error", *source, *target], check=True, timeout=60)
    return found


def _work(workshop: Workshop, store: Store) -> tuple[LessonState, TranscodeState, str]:
    workshop.queue = make_queue("", workshop.uploads.parent / "more-jobs.db")
    workshop.jobs = TranscodeJobs(workshop.queue, workshop.database, workshop.uploads, workshop.packages, store=store)
    workshop.jobs.wake(workshop.add("one").id)
    workshop.work()
    with workshop.database.reader() as session:
        lesson = workshop.lesson(session)
        assert lesson.transcode is not None
        return LessonState(lesson.state), TranscodeState(lesson.transcode.state), lesson.package_name or ""


def test_a_lesson_is_done_when_its_package_is_kept(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "HEARTBEAT_S", 0.01)
    store = Store(workshop.packages, failures=3)
    lesson, transcode, package = _work(workshop, store)
    assert (lesson, transcode) == (LessonState.IN_REVIEW, TranscodeState.DONE)
    assert store.kept == store.forgotten == [package]


def test_while_the_store_is_away_for_long_the_lesson_waits_for_another_go(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PATIENCE_S", -1.0)
    store = Store(workshop.packages, failures=1)
    lesson, transcode, package = _work(workshop, store)
    assert (lesson, transcode, package) == (LessonState.TRANSCODING, TranscodeState.QUEUED, "")
    assert store.forgotten == []
    workshop.jobs.wake_waiting()
    workshop.work()
    with workshop.database.reader() as session:
        found = workshop.lesson(session)
        assert (found.state, store.kept) == (LessonState.IN_REVIEW, [found.package_name])
        assert found.transcode is not None
        assert found.transcode.attempts == 1


def test_a_package_that_is_not_what_it_was_fails_with_its_reason(workshop: Workshop) -> None:
    store = Store(workshop.packages, failures=1, error=lambda: OSError("not what its manifest says"))
    lesson, transcode, _package = _work(workshop, store)
    assert (lesson, transcode) == (LessonState.FAILED, TranscodeState.FAILED)
