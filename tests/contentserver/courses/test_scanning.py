"""The virus scanner before the transcode: what it finds is put aside, and while it is away everything waits."""

from pathlib import Path

import pytest
from sqlalchemy import select

from contentserver.audit.models import AuditEntry
from contentserver.courses import service
from contentserver.courses.jobs import TranscodeJobs
from contentserver.courses.ports import ScanImpossible, ScannerAway
from contentserver.courses.rules import LessonState, TranscodeState
from contentserver.kernel import clock
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict
from contentserver.kernel.jobs import make_queue
from tests.contentserver.courses.test_courses import Workshop

SAMPLE = b"found"


class Bytes:
    """A scanner that knows one content; `away` and `blind` are how it fails."""

    def __init__(self) -> None:
        self.away = self.blind = False

    def scan(self, file: Path) -> str:
        if self.away:
            raise ScannerAway("no answer")
        if self.blind:
            raise ScanImpossible("too large")
        return "Sample" if file.read_bytes() == SAMPLE else ""


@pytest.fixture
def guarded(database: Database, tmp_path: Path) -> tuple[Workshop, Bytes]:
    shop, scanner = Workshop(database, tmp_path), Bytes()
    shop.queue = make_queue("", tmp_path / "guarded.db")
    shop.jobs = TranscodeJobs(shop.queue, database, shop.uploads, shop.packages, scanner=scanner)
    return shop, scanner


def outcome(shop: Workshop) -> tuple[str, str, str]:
    with shop.database.reader() as session:
        lesson = shop.lesson(session)
        assert lesson.transcode is not None
        return lesson.state, lesson.transcode.state, lesson.transcode.error_code


def test_what_is_found_is_put_aside_and_audited(guarded: tuple[Workshop, Bytes], tmp_path: Path) -> None:
    shop, _scanner = guarded
    (shop.uploads / "one").write_bytes(SAMPLE)
    shop.jobs.wake(shop.add("one").id)
    shop.work()
    assert outcome(shop) == (LessonState.FAILED, TranscodeState.FAILED, "infected")
    assert not (shop.uploads / "one").exists()
    assert (tmp_path / "quarantine" / "one").read_bytes() == SAMPLE
    with shop.database.unit_of_work() as session:
        assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "lesson.infected")).all()
        with pytest.raises(Conflict):
            service.retry_transcode(session, shop.lesson(session), shop.editor, clock.now())


def test_while_the_scanner_is_away_the_lesson_waits_and_then_goes_on(guarded: tuple[Workshop, Bytes]) -> None:
    shop, scanner = guarded
    scanner.away = True
    (shop.uploads / "one").write_bytes(SAMPLE)
    added = shop.add("one").id
    for _turn in range(5):
        shop.jobs.wake(added)
        shop.work()
        assert outcome(shop) == (LessonState.TRANSCODING, TranscodeState.QUEUED, "")
    scanner.away = False
    shop.jobs.wake_waiting()
    shop.work()
    assert outcome(shop)[2] == "infected"


def test_what_cannot_be_looked_at_is_not_prepared(guarded: tuple[Workshop, Bytes]) -> None:
    shop, scanner = guarded
    scanner.blind = True
    (shop.uploads / "one").write_bytes(b"x")
    shop.jobs.wake(shop.add("one").id)
    shop.work()
    assert outcome(shop) == (LessonState.FAILED, TranscodeState.FAILED, "scan_failed")
    assert (shop.uploads / "one").exists()
