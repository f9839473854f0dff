"""A lesson's chunks shared between all workers: rows with leases, encoded by whoever takes them first.

The worker that leads a transcode writes the rows, wakes the others through the queue, and encodes along; so one worker
alone finishes too, whatever becomes of the queue. A worker that dies costs the chunk it had in hand: its lease
(`leases.py`) runs out and another takes it. The leader holds the working folder's lock meanwhile, so there is one.
"""

import errno
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from huey import Huey, group
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contentserver.courses import rules
from contentserver.courses.leases import AWAY, Lease, LostLease, holder, insist
from contentserver.courses.models import Transcode, TranscodeChunk
from contentserver.courses.rules import ChunkState, TranscodeState
from contentserver.kernel import clock
from contentserver.kernel.db import Database
from media_pipeline import chunks
from media_pipeline.errors import DiskFull, EncodeFailed, MediaError

POLL_S = 0.5
_NO_ROOM = "The disk filled up while encoding."
_DETAIL_AT_MOST = 2000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """One chunk in one worker's hand."""

    lesson_id: UUID
    number: int
    work: Path
    holder: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one chunk is."""

    state: str
    share: float
    detail: str


class ChunkTasks:
    """The chunks of one server's transcodes, for the worker that leads and for those who help."""

    def __init__(self, queue: Huey, database: Database, packages: Path, lease: timedelta) -> None:
        self._queue, self._database, self._packages, self._lease = queue, database, packages, lease
        self._task = queue.task(name="encode_chunks")(self._help)

    def crew(self, lesson_id: UUID) -> "SharedCrew":
        """Those who do the chunks of one lesson."""
        return SharedCrew(self, lesson_id)

    def lay_out(self, lesson_id: UUID, work: Path, numbers: Sequence[int]) -> None:
        """Write the rows of the chunks that are missing, and wake a helper for each but one.

        What a helper has in hand, since a leader before this one died, stays in its hand.
        """
        folder = work.relative_to(self._packages).as_posix()
        of_lesson = select(TranscodeChunk).where(TranscodeChunk.lesson_id == lesson_id)
        with self._database.unit_of_work() as session:
            now, in_hand = clock.now(), set()
            for row in session.scalars(of_lesson.order_by(TranscodeChunk.number).with_for_update()):
                if row.number in numbers and row.folder == folder and _alive(row, now):
                    in_hand.add(row.number)
                else:
                    session.delete(row)
            session.flush()
            session.add_all(
                TranscodeChunk(lesson_id=lesson_id, number=number, folder=folder, state=ChunkState.WAITING)
                for number in numbers
                if number not in in_hand
            )
        self._queue.enqueue(group([self._task.s(str(lesson_id)) for _ in numbers[1:]]))

    def clear(self, lesson_id: UUID) -> None:
        """Forget the rows; whoever still works on one stops at the next heartbeat."""
        with self._database.unit_of_work() as session:
            session.execute(delete(TranscodeChunk).where(TranscodeChunk.lesson_id == lesson_id))

    def standings(self, lesson_id: UUID) -> dict[int, Standing]:
        """How far each chunk is."""
        with self._database.reader() as session:
            rows = session.scalars(select(TranscodeChunk).where(TranscodeChunk.lesson_id == lesson_id)).all()
            return {row.number: Standing(row.state, row.fraction, row.error_detail) for row in rows}

    def encode_one(self, lesson_id: UUID, still_wanted: Callable[[], None] = lambda: None) -> bool:
        """Take a free chunk of a lesson and encode it.

        Args:
            still_wanted: asked with every sign of progress; `LostLease` from it stops the encoder.

        Returns:
            Whether there was one.
        """
        taken = self._take(lesson_id)
        if taken is None:
            return False
        done = 0.0

        def heard(_number: int, share: float) -> None:
            nonlocal done
            done = share
            still_wanted()
            lease.check()

        words = {"lesson": str(lesson_id), "chunk": taken.number, "worker": taken.holder}
        log.info("chunk.taken", **words)
        with Lease(self._lease, lambda: self._renew(taken, done)) as lease:
            try:
                chunks.make(taken.work, taken.number, heard)
            except LostLease:
                log.info("chunk.lost", **words)
            except (MediaError, OSError) as error:
                detail = _told(error)
                log.warning("chunk.failed", **words, detail=detail)
                insist(lambda: self._failed(taken, detail))
            else:
                insist(lambda: self._done(taken))
                log.info("chunk.done", **words)
        return True

    def _help(self, lesson: str) -> None:
        self.encode_one(UUID(lesson))

    def _take(self, lesson_id: UUID) -> Taken | None:
        now = clock.now()
        free = (TranscodeChunk.state == ChunkState.WAITING) | (
            (TranscodeChunk.state == ChunkState.RUNNING) & (TranscodeChunk.lease_until < now)
        )
        query = (
            select(TranscodeChunk)
            .join(Transcode, Transcode.lesson_id == TranscodeChunk.lesson_id)
            .where(TranscodeChunk.lesson_id == lesson_id, Transcode.state == TranscodeState.RUNNING, free)
            .order_by(TranscodeChunk.number)
            .limit(1)
            .with_for_update(skip_locked=True, of=TranscodeChunk)
        )
        with self._database.unit_of_work() as session:
            row = session.scalars(query).first()
            if row is None:
                return None
            if row.attempts >= rules.MAX_ATTEMPTS:
                row.state = ChunkState.FAILED
                row.error_detail = row.error_detail or "Every worker that took it stopped answering."
                return None
            row.attempts += 1
            row.state, row.worker, row.fraction = ChunkState.RUNNING, holder(), 0.0
            row.lease_until = now + self._lease
            return Taken(lesson_id, row.number, self._packages / row.folder, row.worker)

    def _renew(self, taken: Taken, share: float) -> bool:
        with self._database.unit_of_work() as session:
            row = _held(session, taken)
            wanted = session.scalar(select(Transcode.state).where(Transcode.lesson_id == taken.lesson_id))
            if row is None or wanted != TranscodeState.RUNNING:
                return False
            row.fraction, row.lease_until = share, clock.now() + self._lease
            return True

    def _done(self, taken: Taken) -> None:
        with self._database.unit_of_work() as session:
            row = _held(session, taken)
            if row is not None:
                row.state, row.lease_until, row.error_detail = ChunkState.DONE, None, ""

    def _failed(self, taken: Taken, detail: str) -> None:
        """Let another try, unless enough have, or it cannot help."""
        with self._database.unit_of_work() as session:
            row = _held(session, taken)
            if row is not None:
                final = row.attempts >= rules.MAX_ATTEMPTS or detail == _NO_ROOM
                row.state = ChunkState.FAILED if final else ChunkState.WAITING
                row.error_detail, row.lease_until = detail, None


class SharedCrew:
    """`media_pipeline.chunks.Crew` over the workers of the server."""

    def __init__(self, tasks: ChunkTasks, lesson_id: UUID) -> None:
        self._tasks, self._lesson_id = tasks, lesson_id
        self._known: dict[int, Standing] = {}

    def work(self, job: Path, numbers: Sequence[int], listen: chunks.Listener) -> None:
        """Lead and encode along until every chunk is there.

        Raises:
            EncodeFailed: a chunk could not be encoded, whoever tried.
            DiskFull: there was no room for one.
            LostLease: the rows were taken away; and whatever `listen` raises.
        """
        if not numbers:
            return
        stopped: list[BaseException] = []

        def told() -> None:
            try:
                self._tell(numbers, listen)
            except BaseException as error:
                stopped.append(error)
                raise LostLease from error

        self._tasks.lay_out(self._lesson_id, job, numbers)
        self._known = {number: Standing(ChunkState.WAITING, 0.0, "") for number in numbers}
        try:
            while not self._tell(numbers, listen):
                if not self._encoded_one(told):
                    time.sleep(POLL_S)
                if stopped:
                    raise stopped[0]
        finally:
            insist(lambda: self._tasks.clear(self._lesson_id))

    def _encoded_one(self, told: Callable[[], None]) -> bool:
        try:
            return self._tasks.encode_one(self._lesson_id, told)
        except AWAY:
            return False

    def _tell(self, numbers: Sequence[int], listen: chunks.Listener) -> bool:
        """Pass on how far everybody is; whether all is done. While the database is away, what was known."""
        try:
            self._known = self._tasks.standings(self._lesson_id)
        except AWAY as error:
            log.warning("database.away", detail=str(error.orig))
        if set(self._known) != set(numbers):
            raise LostLease
        for number, standing in self._known.items():
            if standing.state == ChunkState.FAILED:
                raise _failure(number, standing.detail)
            listen(number, 1.0 if standing.state == ChunkState.DONE else standing.share)
        return all(standing.state == ChunkState.DONE for standing in self._known.values())


def _told(error: MediaError | OSError) -> str:
    """A failure as one chunk's row keeps it for the leader; `_failure` reads it."""
    match error:
        case DiskFull() | OSError(errno=errno.ENOSPC | errno.EDQUOT):
            said = _NO_ROOM
        case EncodeFailed():
            said = f"{error.message} {error.stderr_tail}"
        case _:
            said = str(error)
    return said.strip()[:_DETAIL_AT_MOST]


def _failure(number: int, detail: str) -> MediaError:
    if detail == _NO_ROOM:
        return DiskFull(detail)
    return EncodeFailed(f"Chunk {number} could not be encoded. {detail}", (), detail)


def _alive(row: TranscodeChunk, now: datetime) -> bool:
    return row.state == ChunkState.RUNNING and row.lease_until is not None and row.lease_until > now


def _held(session: Session, taken: Taken) -> TranscodeChunk | None:
    """The row, if this worker still holds it; locked."""
    row = session.get(TranscodeChunk, (taken.lesson_id, taken.number), with_for_update=True)
    return row if row is not None and row.state == ChunkState.RUNNING and row.worker == taken.holder else None
