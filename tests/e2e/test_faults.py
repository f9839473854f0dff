"""An evening in which every process dies: nothing is lost, nothing is counted twice.

The real system under its supervisor, a real box without a screen, a real lesson. During the lesson each part is killed
with -9, the broker once with all of its data, and the box too. In the end the server must hold the box's journal whole.
"""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.attendance import acknowledge
from contentserver.attendance.models import EventRow, QuarantinedEvent, SessionRow
from contentserver.boxes import Box
from contentserver.kernel.db import Database
from schedules.wire.codec import decode
from schedules.wire.messages import Reported
from schedules.wire.topics import BoxId
from tests.demo import story
from tests.demo.desk import Desk
from tests.demo.people import STATION
from tests.demo.samples import Sample
from tests.demo.stack import ROOT, Stack, wait_until

LENGTH_S = 40
NUMBERS = ("101", "102", "103", "104", "105")

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("faults"), pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A lesson that takes a moment to make: a test picture and a tone."""
    folder = tmp_path_factory.mktemp("recording")
    file, captions = folder / "lesson.mp4", folder / "lesson.vtt"
    captions.write_text("WEBVTT\n\n00:01.000 --> 00:03.000\n乡亲们好。\n")
    subprocess.run(
        [get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", f"testsrc=size=640x360:rate=25:duration={LENGTH_S}",
         "-f", "lavfi", "-i", f"sine=frequency=300:duration={LENGTH_S}", "-pix_fmt", "yuv420p", "-shortest", str(file)],
        check=True, timeout=60,
    )  # fmt: skip
    return Sample(
        recording=file,
        captions=captions,
        course_title="试播",
        lesson_title="测试图",
        number=1,
        subject="试播",
        audience="农户",
        summary="",
        duration_s=LENGTH_S,
    )


class DarkTelevision:
    """The box's process; its folder outlives it."""

    def __init__(self, stack: Stack) -> None:
        self._command = [
            sys.executable,
            "-m",
            "tvclient.fleet",
            "--server",
            stack.box_url,
            "--data",
            f"{stack.folder}/fleet",
        ]
        self._command += [part for number in NUMBERS for part in ("--number", number)]
        self.log = stack.folder / "logs" / "fleet.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=log)

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(20)
            self._process = None

    def restart(self) -> None:
        self.kill()
        self.start()


@contextmanager
def _evening(folder: Path, recording: Sample) -> Iterator[tuple[Stack, DarkTelevision, datetime]]:
    with Stack(folder) as stack:
        story.furnish(stack)
        box = DarkTelevision(stack)
        box.start()
        try:
            wait_until(lambda: "enrolment.offered" in box.log.read_text(), "the box asks to be let in", 240)
            code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", box.log.read_text())
            assert code is not None
            with Desk(stack.url, STATION) as station:
                station.claim(code[0], station.station_id("马场村"))
            (lesson,) = story.prepare_lessons(stack, [recording])
            evening = story.plan_evening(stack, [lesson], timedelta(seconds=25))
            yield stack, box, evening.start
        finally:
            box.kill(signal.SIGTERM)


def test_an_evening_in_which_every_process_dies(tmp_path: Path, recording: Sample) -> None:
    with _evening(tmp_path / "system", recording) as (stack, box, start):
        database = Database(stack.database_url)

        faults: list[Callable[[], None]] = [
            lambda: stack.kill("link"),
            lambda: stack.kill("server"),
            lambda: stack.kill("broker"),
            lambda: _wipe_broker(stack),
            box.restart,
            lambda: stack.kill("worker"),
            lambda: stack.kill("web"),
        ]
        _wait_for_instant(start + timedelta(seconds=4))
        for number, fault in enumerate(faults):
            _wait_for_instant(start + timedelta(seconds=4 + 4 * number))
            fault()
        _wait_for_instant(start + timedelta(seconds=LENGTH_S + 2))

        def whole() -> bool:
            with database.reader() as session:
                reported = decode(session.get_one(Box, 1).reported.encode(), Reported)
                ack = acknowledge(session, BoxId(1), reported.epoch)
                return 0 < reported.journal_through == ack.through and not ack.gaps and _ended(session)

        wait_until(whole, "the journal is on the server, whole", 90, poll_s=0.5)
        with database.reader() as session:
            assert session.scalar(select(func.count()).select_from(QuarantinedEvent)) == 0
            assert session.scalar(select(func.count(func.distinct(EventRow.epoch)))) == 1
            row = session.scalars(select(SessionRow)).one()
            assert row.present == len(NUMBERS)
            assert LENGTH_S * 1000 * 0.75 <= row.shown_ms <= LENGTH_S * 1000 + 100
        database.engine.dispose()


def _ended(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).where(EventRow.kind == "airing_ended")))


def _wipe_broker(stack: Stack) -> None:
    """The broker dies and all of its data with it; it comes back knowing the server's account alone."""
    stack.control("stopProcess", "broker")
    shutil.rmtree(stack.folder / "config" / "broker")
    stack.write_config()
    stack.control("startProcess", "broker")


def _wait_for_instant(instant: datetime) -> None:
    remaining = (instant - datetime.now(UTC)).total_seconds()
    if remaining > 0:
        wait_until(lambda: datetime.now(UTC) >= instant, "the instant", remaining + 5)
