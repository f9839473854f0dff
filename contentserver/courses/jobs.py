"""Transcode at work: take a queued row by lease, run the media pipeline, keep the row's progress true.

Runs in `contentserver worker`. huey only says that there is something to do; which row, and whether it is still
ours, is decided in the database, so that a killed worker costs nothing but the time until its lease runs out.
How the chunks are shared is in `crew.py`, what is cleared away in `clearing.py`.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from huey import Huey, crontab
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.courses import checking, clearing, keeping, rules, scanning
from contentserver.courses.checking import CHECKSUM_WRONG, Checksums, ChecksumWrong
from contentserver.courses.crew import ChunkTasks
from contentserver.courses.leases import Lease, LostLease, holder, insist
from contentserver.courses.models import Lesson, Transcode
from contentserver.courses.ports import PackageStore, ScanImpossible, Scanner, ScannerAway, StoreAway
from contentserver.courses.rules import FileKind, LessonState, TranscodeState
from contentserver.courses.scanning import INFECTED, SCAN_FAILED, Infected
from contentserver.kernel import clock
from contentserver.kernel.db import Database
from media_pipeline import folder
from media_pipeline.captions import CaptionInput
from media_pipeline.errors import Busy, MediaError
from media_pipeline.transcode import Package, Progress, SoundInput, Stage, transcode

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Taken:
    """One lesson's transcode in this worker's hand, and what its package is made of."""

    lesson_id: UUID
    holder: str
    recording: Path
    sha256: str
    captions: list[CaptionInput]
    sounds: list[SoundInput]


class TranscodeJobs:
    """The transcodes of one server: `wake(lesson)` from the web, everything else in the worker."""

    def __init__(
        self,
        queue: Huey,
        database: Database,
        uploads: Path,
        packages: Path,
        *,
        store: PackageStore | None = None,
        lease: timedelta = rules.LEASE,
        keep_recordings: timedelta | None = None,
        scanner: Scanner | None = None,
    ) -> None:
        """`lease`: how long a worker may be silent; `keep_recordings`: for how long after approval, None for ever.

        Args:
            store: where whole packages are kept; None where they stay in `packages`.
        """
        self._queue, self._database, self._lease = queue, database, lease
        self._uploads, self._packages, self._keep_recordings = uploads, packages, keep_recordings
        self._store, self._scanner, self._checksums = store, scanner, Checksums()
        self._chunks = ChunkTasks(queue, database, packages, lease)
        self._task = queue.task(name="transcode")(self._run)
        queue.periodic_task(crontab(minute="*"), name="wake_waiting")(self.wake_waiting)
        queue.periodic_task(crontab(minute="17"), name="clear_away")(self.clear_away)

    def wake(self, lesson_id: UUID) -> None:
        """Tell the workers that a lesson's transcode waits. Call after the commit that queued it."""
        self._task(str(lesson_id))

    def wake_waiting(self) -> None:
        """Wake for every row that waits or whose worker died, unless its turn is to come; at start and every minute."""
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
        queued = {task.args for task in self._queue.pending() if task.name == "transcode"}
        for lesson_id in waiting:
            if (str(lesson_id),) not in queued:
                self.wake(lesson_id)

    def clear_away(self) -> None:
        """Remove recordings that nobody needs any more and half-made packages that nobody goes on with; every hour."""
        if self._keep_recordings is not None:
            clearing.clear_recordings(self._database, self._uploads, self._keep_recordings, clock.now())
        folder.sweep(self._packages)

    def _run(self, lesson: str) -> None:
        taken = self._take(UUID(lesson))
        if taken is None:
            return
        log.info("transcode.started", lesson=lesson, worker=taken.holder)
        try:
            self._transcode(taken)
        except LostLease:
            log.info("transcode.cancelled", lesson=lesson)
        except Busy:  # another lesson with the same recording, or a worker that was taken for dead and is not
            log.info("transcode.postponed", lesson=lesson)
            insist(lambda: self._postpone(taken))
        except ScannerAway as error:
            log.warning("scan.away", lesson=lesson, detail=str(error))
            insist(lambda: self._postpone(taken))
        except StoreAway as error:
            log.warning("store.away", lesson=lesson, detail=str(error))
            insist(lambda: self._postpone(taken))
        except ScanImpossible as error:
            log.warning("scan.impossible", lesson=lesson, detail=str(error))
            self._failed(taken, SCAN_FAILED, str(error))
        except Infected as found:
            self._failed(taken, INFECTED, str(found))
        except ChecksumWrong as error:
            log.warning("upload.differs", lesson=lesson, detail=str(error))
            self._failed(taken, CHECKSUM_WRONG, str(error))
        except MediaError as error:
            log.warning("transcode.failed", lesson=lesson, code=error.code, detail=error.message)
            self._failed(taken, error.code, error.message)
        except OSError as error:
            log.exception("transcode.broke", lesson=lesson)
            self._failed(taken, "server_fault", str(error))

    def _transcode(self, taken: _Taken) -> None:
        seen: Progress | None = None

        def listen(progress: Progress) -> None:
            nonlocal seen
            seen = progress
            lease.check()

        with Lease(self._lease, lambda: self._renew(taken, seen)) as lease:
            self._checksums.compare(taken.recording, taken.sha256, lease.check)
            seen = Progress(Stage.PROBE, 0.0)
            beside = [*(one.path for one in taken.captions), *(one.path for one in taken.sounds)]
            scanning.look(self._scanner, [taken.recording, *beside])
            package = transcode(
                taken.recording,
                self._packages,
                taken.captions,
                listen,
                audio=taken.sounds,
                crew=self._chunks.crew(taken.lesson_id),
            )
            if self._store is not None:
                keeping.keep(self._store, package.name, lease.check)
            insist(lambda: self._finish(taken, package))
        if self._store is not None:
            self._store.forget_local(package.name)
        log.info("transcode.done", lesson=str(taken.lesson_id), package=package.name)

    def _take(self, lesson_id: UUID) -> _Taken | None:
        now = clock.now()
        with self._database.unit_of_work() as session:
            row = session.get(Transcode, lesson_id, with_for_update=True)
            if row is None or not rules.may_take(row.state, row.lease_until, now):
                return None
            if row.attempts >= rules.MAX_ATTEMPTS:
                row.state, row.error_code, row.finished_at = TranscodeState.FAILED, "gave_up", now
                session.get_one(Lesson, lesson_id).state = LessonState.FAILED
                return None
            row.state, row.worker, row.attempts = TranscodeState.RUNNING, holder(), row.attempts + 1
            row.lease_until, row.heartbeat_at = now + self._lease, now
            row.fraction, row.error_code, row.error_detail = 0.0, "", ""
            row.stage, row.speed, row.eta_s = checking.STAGE if row.sha256 else Stage.PROBE, 0.0, None
            files = [(file.kind, self._uploads / file.file, file.language) for file in row.files]
            return _Taken(
                lesson_id=lesson_id,
                holder=row.worker,
                recording=self._uploads / row.source,
                sha256=row.sha256,
                captions=[CaptionInput(path, tag) for kind, path, tag in files if kind == FileKind.CAPTIONS],
                sounds=[SoundInput(path, tag) for kind, path, tag in files if kind == FileKind.SOUND],
            )

    def _renew(self, taken: _Taken, seen: Progress | None) -> bool:
        """`seen` is None while the recording is compared with its checksum."""
        with self._database.unit_of_work() as session:
            row = _held(session, taken)
            if row is None:
                return False
            now = clock.now()
            if seen is not None:
                row.stage, row.fraction = seen.stage, seen.fraction
                row.speed, row.eta_s = seen.speed or 0.0, seen.eta_s
            row.heartbeat_at, row.lease_until = now, now + self._lease
            return True

    def _postpone(self, taken: _Taken) -> None:
        """Back into the queue: `wake_waiting` comes by; it does not count as an attempt."""
        with self._database.unit_of_work() as session:
            row = _held(session, taken)
            if row is not None:
                row.state, row.attempts, row.lease_until = TranscodeState.QUEUED, row.attempts - 1, None

    def _failed(self, taken: _Taken, code: str, detail: str) -> None:
        def write() -> None:
            with self._database.unit_of_work() as session:
                row = _held(session, taken)
                if row is None:
                    return
                row.state, row.error_code, row.error_detail = TranscodeState.FAILED, code, detail[:2000]
                row.finished_at = clock.now()
                session.get_one(Lesson, taken.lesson_id).state = LessonState.FAILED
                if code == CHECKSUM_WRONG:
                    row.sha256 = ""  # of a recording that is not here: whoever brings it brings nothing twice
                if code == INFECTED:
                    subject, said = f"lesson {taken.lesson_id}", {"finding": detail[:500]}
                    audit(session, who=None, action="lesson.infected", subject=subject, now=clock.now(), after=said)

        insist(write)

    def _finish(self, taken: _Taken, package: Package) -> None:
        with self._database.unit_of_work() as session:
            row = _held(session, taken)
            if row is None:
                raise LostLease
            row.state, row.fraction, row.eta_s, row.finished_at = TranscodeState.DONE, 1.0, 0.0, clock.now()
            lesson = session.get_one(Lesson, taken.lesson_id)
            lesson.package_name = package.name
            lesson.duration_ms = package.manifest.duration_ms
            lesson.package_bytes = sum(file.bytes for file in package.manifest.files)
            lesson.state = LessonState.IN_REVIEW


def _held(session: Session, taken: _Taken) -> Transcode | None:
    """The row, if it is still in this hand; locked."""
    row = session.get(Transcode, taken.lesson_id, with_for_update=True)
    return row if row is not None and row.state == TranscodeState.RUNNING and row.worker == taken.holder else None
