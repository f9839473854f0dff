"""Transcode at work: take a queued row by lease, run the media pipeline, keep the row's progress true.

Runs in `contentserver worker`. huey only says that there is something to do; which row, and whether it is still
ours, is decided in the database, so that a killed worker costs nothing but the time until its lease runs out.
"""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from huey import Huey, crontab
from sqlalchemy import or_, select

from contentserver.courses import rules
from contentserver.courses.crew import ChunkTasks, LostLease
from contentserver.courses.models import Lesson, Transcode
from contentserver.courses.rules import FileKind, LessonState, TranscodeState
from contentserver.kernel import clock
from contentserver.kernel.db import Database
from media_pipeline.captions import CaptionInput
from media_pipeline.errors import MediaError
from media_pipeline.transcode import Package, Progress, SoundInput, transcode

HEARTBEAT_S = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What one package is made of."""

    recording: Path
    captions: list[CaptionInput]
    sounds: list[SoundInput]


class TranscodeJobs:
    """The transcodes of one server: `wake(lesson)` from the web, everything else in the worker."""

    def __init__(self, queue: Huey, database: Database, uploads: Path, packages: Path) -> None:
        self._database, self._uploads, self._packages = database, uploads, packages
        self._chunks = ChunkTasks(queue, database, packages)
        self._worker = f"{socket.gethostname()}-{os.getpid()}"
        self._task: Callable[[str], object] = queue.task(name="transcode")(self._run)
        queue.periodic_task(crontab(minute="*"), name="wake_waiting")(self.wake_waiting)

    def wake(self, lesson_id: UUID) -> None:
        """Tell the workers that a lesson's transcode waits. Call after the commit that queued it."""
        self._task(str(lesson_id))

    def wake_waiting(self) -> None:
        """Wake for every row that waits or whose worker died; run at start and every minute."""
        now = clock.now()
        with self._database.reader() as session:
            waiting = session.scalars(
                select(Transcode.lesson_id).where(
                    or_(
                        Transcode.state == TranscodeState.QUEUED,
                        (Transcode.state == TranscodeState.RUNNING) & (Transcode.lease_until < now),
                    )
                )
            ).all()
        for lesson_id in waiting:
            self.wake(lesson_id)

    def _run(self, lesson: str) -> None:
        lesson_id = UUID(lesson)
        taken = self._take(lesson_id)
        if taken is None:
            return
        log.info("transcode.started", lesson=lesson)
        try:
            package = transcode(
                taken.recording,
                self._packages,
                taken.captions,
                self._heartbeat(lesson_id),
                audio=taken.sounds,
                crew=self._chunks.crew(lesson_id),
            )
        except LostLease:
            log.info("transcode.cancelled", lesson=lesson)
        except MediaError as error:
            log.warning("transcode.failed", lesson=lesson, code=error.code, detail=error.message)
            self._fail(lesson_id, error.code, error.message)
        except OSError as error:
            log.exception("transcode.broke", lesson=lesson)
            self._fail(lesson_id, "server_fault", str(error))
        else:
            self._finish(lesson_id, package)
            log.info("transcode.done", lesson=lesson, package=package.name)

    def _take(self, lesson_id: UUID) -> _Inputs | None:
        now = clock.now()
        with self._database.unit_of_work() as session:
            row = session.get(Transcode, lesson_id)
            if row is None or not rules.may_take(row.state, row.lease_until, now):
                return None
            if row.attempts >= rules.MAX_ATTEMPTS:
                row.state, row.error_code, row.finished_at = TranscodeState.FAILED, "gave_up", now
                session.get_one(Lesson, lesson_id).state = LessonState.FAILED
                return None
            row.state, row.worker, row.attempts = TranscodeState.RUNNING, self._worker, row.attempts + 1
            row.lease_until, row.heartbeat_at = now + rules.LEASE, now
            row.fraction, row.error_code, row.error_detail = 0.0, "", ""
            files = [(file.kind, self._uploads / file.file, file.language) for file in row.files]
            return _Inputs(
                recording=self._uploads / row.source,
                captions=[CaptionInput(path, tag) for kind, path, tag in files if kind == FileKind.CAPTIONS],
                sounds=[SoundInput(path, tag) for kind, path, tag in files if kind == FileKind.SOUND],
            )

    def _heartbeat(self, lesson_id: UUID) -> Callable[[Progress], None]:
        last = 0.0

        def beat(progress: Progress) -> None:
            nonlocal last
            if time.monotonic() - last < HEARTBEAT_S:
                return
            last = time.monotonic()
            with self._database.unit_of_work() as session:
                row = self._ours(session.get(Transcode, lesson_id))
                now = clock.now()
                row.stage, row.fraction = progress.stage, progress.fraction
                row.speed, row.eta_s = progress.speed or 0.0, progress.eta_s
                row.heartbeat_at, row.lease_until = now, now + rules.LEASE

        return beat

    def _ours(self, row: Transcode | None) -> Transcode:
        if row is None or row.state != TranscodeState.RUNNING or row.worker != self._worker:
            raise LostLease
        return row

    def _fail(self, lesson_id: UUID, code: str, detail: str) -> None:
        with self._database.unit_of_work() as session:
            row = self._ours(session.get(Transcode, lesson_id))
            row.state, row.error_code, row.error_detail = TranscodeState.FAILED, code, detail[-2000:]
            row.finished_at = clock.now()
            session.get_one(Lesson, lesson_id).state = LessonState.FAILED

    def _finish(self, lesson_id: UUID, package: Package) -> None:
        with self._database.unit_of_work() as session:
            row = self._ours(session.get(Transcode, lesson_id))
            row.state, row.fraction, row.eta_s, row.finished_at = TranscodeState.DONE, 1.0, 0.0, clock.now()
            lesson = session.get_one(Lesson, lesson_id)
            lesson.package_name = package.name
            lesson.duration_ms = package.manifest.duration_ms
            lesson.package_bytes = sum(file.bytes for file in package.manifest.files)
            lesson.state = LessonState.IN_REVIEW
