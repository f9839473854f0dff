"""Fetches packages before they are needed: earliest deadline first, the lowest playable rendition of all first.

Resumes by missing hash and by Range; a few files at a time, one at a time while a lesson plays. What is fetched counts
only after `packages.py` has verified it. When to fetch which package is the core's word (`Prefer`); how good a
rendition at most, the server's (`Desired.renditions`), and `packages.py` keeps to it.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Condition, Lock, Thread

import structlog

from media_pipeline.manifest import MANIFEST_FILE, PackageFile
from schedules.airings import PackageName
from schedules.wire.messages import PackageAccess
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import AdapterError, Refused
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.speed import Speed

AT_ONCE = 3
PAUSE_WHILE_PLAYING_S = 0.25
RETRY_S = 15.0
MAX_MANIFEST_BYTES = 8_000_000
REFUSALS_BEFORE_GIVING_UP = 3

log = structlog.get_logger(__name__)


class Prefetch:
    """A thread that fills the store."""

    def __init__(self, api: Api, store: PackageStore, clock: Clock, changed: Callable[[], None]) -> None:
        """Fetch through `api` into `store`; `changed` is called after every file."""
        self._api, self._store, self._clock, self._changed = api, store, clock, changed
        self.speed = Speed()
        self._fetched = 0
        self._counting = Lock()
        self._wanted: tuple[PackageName, ...] = ()
        self._retry_at: dict[PackageName, float] = {}
        self._altered: dict[PackageName, int] = {}
        self._access: dict[PackageName, PackageAccess] = {}
        self._playing = False
        self._closed = False
        self._news = Condition()
        self._generation = 0
        self._thread = Thread(target=self._run, name="prefetch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def prefer(self, packages: tuple[PackageName, ...]) -> None:
        """What is wanted, earliest deadline first."""
        with self._news:
            if packages != self._wanted:
                self._wanted = packages
                self._generation += 1
                self._news.notify_all()

    def retry(self) -> None:
        """The line came back, or an approval may have come: try what failed again now."""
        with self._news:
            self._retry_at.clear()
            self._generation += 1
            self._news.notify_all()

    def playing(self, active: bool) -> None:
        """Whether a lesson plays; fetching then holds back."""
        self._playing = active

    def close(self) -> None:
        """Stop; what was fetched of a file so far is kept."""
        with self._news:
            self._closed = True
            self._news.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def _run(self) -> None:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fetch") as fetchers:
            while not self._closed:
                with self._news:
                    generation, wanted = self._generation, self._wanted
                self._retry_at = {name: at for name, at in self._retry_at.items() if name in wanted}
                try:
                    self._store.make_room(wanted)
                except OSError as error:
                    log.warning("package.room_failed", reason=str(error))
                for best in (False, True):
                    for name in wanted:
                        if self._stale(generation):
                            break
                        self._fetch(name, best, fetchers, generation)
                self._rest(generation)

    def _rest(self, generation: int) -> None:
        with self._news:
            self._news.wait_for(lambda: self._stale(generation), timeout=self._idle_s())

    def _idle_s(self) -> float:
        soonest = min(self._retry_at.values(), default=time.monotonic() + 60)
        return max(0.5, soonest - time.monotonic())

    def _stale(self, generation: int) -> bool:
        return self._closed or generation != self._generation

    def _fetch(self, name: PackageName, best: bool, fetchers: ThreadPoolExecutor, generation: int) -> None:
        if self._retry_at.get(name, 0) > time.monotonic():
            return
        self._retry_at.pop(name, None)
        try:
            if self._store.manifest(name) is None and not self._begin(name):
                self._retry_at[name] = time.monotonic() + 4 * RETRY_S
                return
            missing = self._store.missing(name, best=best)
            while missing and not self._stale(generation):
                count = 1 if self._playing else AT_ONCE
                with self._measured():
                    running = [fetchers.submit(self._file, name, file) for file in missing[:count]]
                    wait(running)
                for done in running:
                    done.result()
                self._changed()
                missing = self._store.missing(name, best=best)
                if self._playing and missing:
                    with self._news:
                        self._news.wait(PAUSE_WHILE_PLAYING_S)
        except (AdapterError, OSError) as error:
            log.info("package.fetch_failed", package=name, reason=str(error))
            self._access.pop(name, None)
            self._retry_at[name] = time.monotonic() + RETRY_S

    def _begin(self, name: PackageName) -> bool:
        access = self._access_to(name)
        data = bytearray()
        with self._api.file(access, MANIFEST_FILE) as (_, pieces):
            for piece in pieces:
                data += piece
                if len(data) > MAX_MANIFEST_BYTES:
                    break
        taken = self._store.take_manifest(name, bytes(data), access.approval) is not None
        self._changed()
        return taken

    def _file(self, name: PackageName, file: PackageFile) -> None:
        part = self._store.part(name, file)
        have = part.stat().st_size if part.exists() else 0
        if have >= file.bytes:
            have = 0 if have > file.bytes else have
        if have < file.bytes or file.bytes == 0:
            self._gather(name, file, have)
        if not self._store.accept(name, file):
            self._altered[name] = self._altered.get(name, 0) + 1
            if self._altered[name] >= REFUSALS_BEFORE_GIVING_UP:
                self._altered.pop(name)
                self._store.refuse(name)
                self._changed()
            raise AdapterError(f"{file.path} is not what the manifest says")

    def _gather(self, name: PackageName, file: PackageFile, have: int) -> None:
        part = self._store.part(name, file)
        try:
            access = self._access_to(name)
            part.touch()
            with self._api.file(access, file.path, have) as (offset, pieces), part.open("r+b") as target:
                target.seek(offset)
                target.truncate()
                for piece in pieces:
                    self._count(piece)
                    if self._closed or target.tell() + len(piece) > file.bytes:
                        break
                    target.write(piece)
        except Refused as error:
            if error.status == 416:
                part.unlink(missing_ok=True)
            raise
        if part.stat().st_size < file.bytes:
            raise AdapterError(f"{file.path} was cut off")

    @contextmanager
    def _measured(self) -> Iterator[None]:
        """The transfers inside, side by side, are one sample of the line's speed."""
        before, began = self._fetched, time.monotonic()
        yield
        self.speed.took(self._fetched - before, time.monotonic() - began, self._clock.now())

    def _count(self, piece: bytes) -> None:
        with self._counting:
            self._fetched += len(piece)

    def _access_to(self, name: PackageName) -> PackageAccess:
        access = self._access.get(name)
        if access is None or access.expires_at <= self._clock.now():
            access = self._access[name] = self._api.package(name)
        return access
