"""A lesson's chunks shared between all workers: rows with leases, encoded by whoever takes them first.

The worker that leads a transcode writes the rows, wakes the others through the queue, and encodes along; so one worker
alone finishes too. A worker that dies costs the chunk it had in hand: its lease runs out and another takes it.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

import structlog
from huey import Huey
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contentserver.courses import rules
from contentserver.courses.models import TranscodeChunk
from contentserver.courses.rules import ChunkState
from contentserver.kernel import clock
from contentserver.kernel.db import Database
from media_pipeline import chunks
from media_pipeline.errors import EncodeFailed, MediaError

HEARTBEAT_S = 2.0
POLL_S = 0.5

log = structlog.get_logger()


class LostLease(Exception):
    """The row is no longer ours: cancelled, or taken over by another worker."""


class ChunkTasks:
    """The chunks of one server's transcodes, for the worker that leads and for those who help."""

    def __init__(self, queue: Huey, database: Database, packages: Path) -> None:
        self._database, self._packages = database, packages
        self._task: Callable[[str], object] = queue.task(name="encode_chunks")(self._help)

    def crew(self, lesson_id: UUID) -> "SharedCrew":
        """Those who do the chunks of one lesson."""
        return SharedCrew(self, lesson_id)

    def lay_out(self, lesson_id: UUID, work: Path, numbers: Sequence[int]) -> None:
        """Write the rows of the chunks that are missing, and wake a helper for each but one."""
        with self._database.unit_of_work() as session:
            session.execute(delete(TranscodeChunk).where(TranscodeChunk.lesson_id == lesson_id))
            folder = work.relative_to(self._packages).as_posix()
            session.add_all(
                TranscodeChunk(lesson_id=lesson_id, number=number, folder=folder, state=ChunkState.WAITING)
                for number in numbers
            )
        for _ in numbers[1:]:
            self._task(str(lesson_id))

    def clear(self, lesson_id: UUID) -> None:
        """Forget the rows; whoever still works on one stops at the next heartbeat."""
        with self._database.unit_of_work() as session:
            session.execute(delete(TranscodeChunk).where(TranscodeChunk.lesson_id == lesson_id))

    def shares(self, lesson_id: UUID) -> dict[int, tuple[str, float, str]]:
        """State, share done and error of each chunk."""
        with self._database.reader() as session:
            rows = session.scalars(select(TranscodeChunk).where(TranscodeChunk.lesson_id == lesson_id)).all()
            return {row.number: (row.state, row.fraction, row.error_detail) for row in rows}

    def encode_one(self, lesson_id: UUID, still_wanted: Callable[[], None] = lambda: None) -> bool:
        """Take a free chunk of a lesson and encode it.

        Args:
            still_wanted: asked with every sign of progress; what it raises stops the encoder.

        Returns:
            Whether there was one.
        """
        taken = self._take(lesson_id)
        if taken is None:
            return False
        number, work, token = taken
        try:
            chunks.make(work, number, self._heartbeat(lesson_id, number, token, still_wanted))
        except LostLease:
            log.info("chunk.lost", lesson=str(lesson_id), chunk=number)
        except (MediaError, OSError) as error:
            log.warning("chunk.failed", lesson=str(lesson_id), chunk=number, detail=str(error))
            self._set(lesson_id, number, token, failed=str(error))
        else:
            self._set(lesson_id, number, token, failed="")
        return True

    def _help(self, lesson: str) -> None:
        self.encode_one(UUID(lesson))

    def _take(self, lesson_id: UUID) -> tuple[int, Path, str] | None:
        now = clock.now()
        token = f"{socket.gethostname()}-{os.getpid()}-{threading.get_native_id()}"
        with self._database.unit_of_work() as session:
            free = (TranscodeChunk.state == ChunkState.WAITING) | (
                (TranscodeChunk.state == ChunkState.RUNNING) & (TranscodeChunk.lease_until < now)
            )
            query = select(TranscodeChunk).where(TranscodeChunk.lesson_id == lesson_id, free)
            row = session.scalars(
                query.order_by(TranscodeChunk.number).limit(1).with_for_update(skip_locked=True)
            ).first()
            if row is None:
                return None
            row.attempts += 1
            if row.attempts > rules.MAX_ATTEMPTS:
                row.state, row.error_detail = ChunkState.FAILED, "every worker that took it stopped answering"
                return None
            row.state, row.worker, row.fraction = ChunkState.RUNNING, token, 0.0
            row.lease_until = now + rules.CHUNK_LEASE
            return row.number, self._packages / row.folder, token

    def _heartbeat(self, lesson_id: UUID, number: int, token: str, still_wanted: Callable[[], None]) -> chunks.Listener:
        last = time.monotonic()

        def beat(_number: int, share: float) -> None:
            nonlocal last
            still_wanted()
            if time.monotonic() - last < HEARTBEAT_S:
                return
            last = time.monotonic()
            with self._database.unit_of_work() as session:
                row = _held(session, lesson_id, number, token)
                if row is None:
                    raise LostLease
                row.fraction, row.lease_until = share, clock.now() + rules.CHUNK_LEASE

        return beat

    def _set(self, lesson_id: UUID, number: int, token: str, *, failed: str) -> None:
        with self._database.unit_of_work() as session:
            row = _held(session, lesson_id, number, token)
            if row is not None:
                row.state = ChunkState.FAILED if failed else ChunkState.DONE
                row.error_detail, row.lease_until = failed[-2000:], None


class SharedCrew:
    """`media_pipeline.chunks.Crew` over the workers of the server."""

    def __init__(self, tasks: ChunkTasks, lesson_id: UUID) -> None:
        self._tasks, self._lesson_id = tasks, lesson_id

    def work(self, job: Path, numbers: Sequence[int], listen: chunks.Listener) -> None:
        """Lead and encode along until every chunk is there.

        Raises:
            EncodeFailed: a chunk could not be encoded; and whatever `listen` raises.
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
        try:
            while not self._tell(numbers, listen):
                if not self._tasks.encode_one(self._lesson_id, told):
                    time.sleep(POLL_S)
                if stopped:
                    raise stopped[0]
        finally:
            self._tasks.clear(self._lesson_id)

    def _tell(self, numbers: Sequence[int], listen: chunks.Listener) -> bool:
        """Pass on how far everybody is; whether all is done."""
        found = self._tasks.shares(self._lesson_id)
        if set(found) != set(numbers):
            raise EncodeFailed("The chunks of this lesson were taken away.", (), "")
        for number, (state, share, detail) in found.items():
            if state == ChunkState.FAILED:
                raise EncodeFailed(f"Chunk {number} could not be encoded.", (), detail)
            listen(number, 1.0 if state == ChunkState.DONE else share)
        return all(state == ChunkState.DONE for state, _, _ in found.values())


def _held(session: Session, lesson_id: UUID, number: int, token: str) -> TranscodeChunk | None:
    """The row, if this worker still holds it; locked."""
    row = session.get(TranscodeChunk, (lesson_id, number), with_for_update=True)
    return row if row is not None and row.state == ChunkState.RUNNING and row.worker == token else None
