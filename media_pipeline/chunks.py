"""The picture in pieces: each chunk is one piece of work that any worker can do, twice without harm, in any order.

What a chunk is stands in the job's folder (`job.json`), so a worker needs only the folder and the chunk's number. A
chunk is there when its folder is; it is renamed into place whole. Who does which chunk when is a `Crew`'s business:
`LocalCrew` here runs them in threads of this process, the content server shares them between its workers.
"""

import shutil
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Protocol

import msgspec

from media_pipeline import command, encode, folder
from media_pipeline.command import Film, Source
from media_pipeline.errors import EncodeFailed
from media_pipeline.ladder import Rung
from media_pipeline.plan import Plan

JOB = "job.json"
POSTER = "poster.png"
ATTEMPTS = 3

Listener = Callable[[int, float], None]
"""Called with a chunk's number and how much of it is done, 0 to 1, from any thread. Raising from it stops the work."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What every chunk of one making has in common."""

    source: str
    plan: Plan

    def rungs(self, caps: dict[str, int]) -> tuple[Rung, ...]:
        """The plan's rungs, or those alone that are to be held to a cap of their own."""
        if not caps:
            return self.plan.rungs
        replaced = (rung for rung in self.plan.rungs if rung.name in caps)
        return tuple(msgspec.structs.replace(rung, cap_bps=caps[rung.name]) for rung in replaced)


class Crew(Protocol):
    """Those who do the chunks."""

    def work(self, job: Path, numbers: Sequence[int], listen: Listener) -> None:
        """Do these chunks of the job in this folder; return when all are there.

        Raises:
            EncodeFailed: a chunk failed again and again; and whatever `listen` raises.
        """
        ...


class LocalCrew:
    """Threads of this process, each with one encoder at a time."""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def work(self, job: Path, numbers: Sequence[int], listen: Listener) -> None:
        """See `Crew`."""
        stopped: list[BaseException] = []

        def heard(number: int, share: float) -> None:
            if stopped:
                raise stopped[0]
            listen(number, share)

        with ThreadPoolExecutor(self._workers, thread_name_prefix="chunk") as pool:
            waiting: set[Future[None]] = {pool.submit(make, job, number, heard) for number in numbers}
            try:
                while waiting:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    for one in done:
                        one.result()
            except BaseException as error:
                stopped.append(error)
                for one in waiting:
                    one.cancel()
                raise


def begin(work: Path, job: Job) -> None:
    """Write down what the chunks are."""
    (work / "chunks").mkdir(exist_ok=True)
    folder.write(work / JOB, msgspec.json.encode(job))


def place(work: Path, number: int) -> Path:
    """Folder of a finished chunk."""
    return work / "chunks" / f"{number:05d}"


def make(work: Path, number: int, listen: Listener) -> None:
    """Encode one chunk, unless it is there; an encoder that was killed is started again.

    Raises:
        EncodeFailed: it failed.
    """
    if place(work, number).is_dir():
        return
    job = msgspec.json.decode((work / JOB).read_bytes(), type=Job)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _encode(work, job, number, {}, listen)
        except EncodeFailed as error:
            killed = error.status is not None and error.status < 0
            if not killed or attempt == ATTEMPTS:
                raise
        else:
            return


def remake(work: Path, number: int, caps: dict[str, int], listen: Listener) -> None:
    """Encode the named rungs of a finished chunk again, each held to a cap of its own."""
    job = msgspec.json.decode((work / JOB).read_bytes(), type=Job)
    _encode(work, job, number, caps, listen)


def _encode(work: Path, job: Job, number: int, caps: dict[str, int], listen: Listener) -> None:
    start, frames = job.plan.chunks[number]
    seconds = float(frames / job.plan.timing.rate)
    rungs = job.rungs(caps)
    if job.plan.picture is None:
        argv = command.encode_still(encode.program(), str(work / POSTER), job.plan, frames, rungs)
    else:
        film = Film(Source(Path(job.source), job.plan.opening), job.plan.picture, job.plan.timing)
        argv = command.encode_chunk(encode.program(), film, start, frames, rungs)
    made = work / "chunks" / f".{number:05d}-{uuid.uuid4().hex}"
    made.mkdir(parents=True)
    try:
        encode.run(argv, made, seconds, lambda done_s, _speed: listen(number, min(done_s / seconds, 1.0)))
        for rung in rungs:
            folder.sync(made / f"{rung.name}.mp4")
        if caps:
            for rung in rungs:
                (made / f"{rung.name}.mp4").replace(place(work, number) / f"{rung.name}.mp4")
        elif not place(work, number).is_dir():
            made.rename(place(work, number))
    finally:
        shutil.rmtree(made, ignore_errors=True)
    listen(number, 1.0)
