"""Fetches packages before they are needed: earliest deadline first, the lowest playable rendition of all first.

Each file is asked of the neighbours, then of the server when it is this box's turn; a few at a time, one at a time
while a lesson plays, fewer when the line is slow to answer. What is fetched counts only after `packages.py` has
verified it. Which airings are ahead is the core's word (`Prefer`); how good a rendition at most, and when, the server's
(`Desired.renditions`, `Desired.fetching`). How bytes come: `origin.py`, `neighbours.py`.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from datetime import datetime
from threading import Condition

import structlog

from media_pipeline.manifest import PackageFile
from schedules.airings import Airing, PackageName
from schedules.wire.messages import FetchRules, LineReport
from tvclient.adapters.allowance import urgent
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import AdapterError, Refused
from tvclient.adapters.neighbours import Neighbours
from tvclient.adapters.origin import Origin
from tvclient.adapters.pacing import AT_ONCE, Pacing
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.ration import Ration, Rationed
from tvclient.adapters.speed import Speed
from tvclient.adapters.turning import OwnThread, Turn, Turning

RETRY_S = 15.0
FIRST_RETRY_S = 0.25
"""After a failure; doubled at each further one, up to `RETRY_S`."""
TURN_S = 1.0
"""Another box fetches it: look again after so long."""
IDLE_S = 60.0
"""So often everything is looked at again: neighbours' shelves, the hour, what has become urgent."""
COLLECT_FOR_S = 3600.0
REFUSALS_BEFORE_GIVING_UP = 3

log = structlog.get_logger(__name__)


class AnothersTurn(AdapterError):
    """A neighbour fetches this package for all, and has not got so far yet."""


class Prefetch:
    """Fills the store, turn by turn."""

    def __init__(
        self,
        api: Api,
        store: PackageStore,
        clock: Clock,
        changed: Callable[[], None],
        ration: Ration | None = None,
        neighbours: Neighbours | None = None,
        run: Callable[[str, Turn], Turning] = OwnThread,
        fetchers: Executor | None = None,
    ) -> None:
        """Fetch through `api` into `store`; `changed` is called after every file. Without `neighbours` it is alone.

        Args:
            run: gives turns; its own thread unless told otherwise.
            fetchers: carry out what is done side by side; they end with this.
        """
        self._store, self._clock, self._changed, self._neighbours = store, clock, changed, neighbours
        self._ration = ration or Ration()
        self._pacing = Pacing()
        self._speed = Speed()
        self._origin = Origin(api, clock, self._ration, self._pacing, self._speed)
        self._airings: tuple[Airing, ...] = ()
        self._retry_at: dict[PackageName, float] = {}
        self._failures: dict[PackageName, int] = {}
        self._altered: dict[PackageName, int] = {}
        self._playing = False
        self.busy = False
        """Whether packages are being fetched just now."""
        self._collect_until = 0.0
        self._closed = False
        self._news = Condition()
        self._generation = 0
        self._fetchers = fetchers or ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fetch")
        self._running = run("prefetch", self.turn)
        self._begun = False

    def start(self) -> None:
        """Begin."""
        self._running.start()

    def prefer(self, airings: tuple[Airing, ...]) -> None:
        """What is to be shown; the packages of these are wanted, earliest deadline first."""
        with self._news:
            if airings != self._airings:
                self._airings = airings
                self._wake()

    def follow(self, rules: FetchRules) -> None:
        """The server's rules for the station's line."""
        if rules != self._ration.rules:
            self._ration.rules = rules
            if self._neighbours:
                self._neighbours.allow(rules.neighbours)
            self.retry()

    def retry(self) -> None:
        """The line came back, or an approval may have come: try what failed again now."""
        with self._news:
            self._retry_at.clear()
            self._failures.clear()
            self._wake()

    def collect(self) -> None:
        """For an hour fetch whatever the quiet hours and the budget: somebody in the county asks for it."""
        self._collect_until = time.monotonic() + COLLECT_FOR_S
        self.retry()

    def playing(self, active: bool) -> None:
        """Whether a lesson plays; fetching then holds back."""
        self._playing = active

    def line(self) -> LineReport | None:
        """How fast the server's packages came lately, and how much of them today; None while too little came."""
        return self._speed.report(self._ration.today(self._clock.now()))

    def close(self) -> None:
        """Stop; what was fetched of a file so far is kept."""
        self._origin.close()
        with self._news:
            self._closed = True
            self._news.notify_all()
        self._running.close(15)
        self._fetchers.shutdown(wait=False)
        if self._neighbours:
            self._neighbours.close()

    def _wake(self) -> None:
        self._generation += 1
        self._news.notify_all()
        self._running.wake()

    def turn(self) -> float:
        """Bring all that can be brought now; gives seconds until there may be more."""
        if self._neighbours and not self._begun:
            self._neighbours.start()
        self._begun = True
        with self._news:
            generation = self._generation
            wanted = _wanted(self._airings, self._clock.now())
            self._retry_at = {name: at for name, at in self._retry_at.items() if name in wanted}
        self.busy = True
        try:
            self._store.plan(tuple(wanted))
            self._store.make_room()
            self._advertise(wanted)
            self._fill(wanted, generation)
            self._advertise(wanted)
        except OSError as error:
            log.warning("package.room_failed", reason=str(error))
        finally:
            self.busy = False
        return self._idle_s()

    def _idle_s(self) -> float:
        soonest = min(self._retry_at.values(), default=time.monotonic() + IDLE_S)
        return min(IDLE_S, max(0.2, soonest - time.monotonic()))

    def _stale(self, generation: int) -> bool:
        return self._closed or generation != self._generation

    def _advertise(self, wanted: dict[PackageName, datetime]) -> None:
        if self._neighbours:
            self._neighbours.want([name for name in wanted if not self._complete(name)])

    def _complete(self, name: PackageName) -> bool:
        return self._store.manifest(name) is not None and not self._store.missing(name, best=True)

    def _fill(self, wanted: dict[PackageName, datetime], generation: int) -> None:
        """Carry out all jobs that can be done now, a few side by side."""
        jobs = self._jobs(wanted, generation)
        running: dict[Future[None], PackageName] = {}
        while True:
            while len(running) < self._at_once() and (job := next(jobs, None)):
                name, file, better = job
                running[self._fetchers.submit(self._file, name, file, wanted[name], better)] = name
            if not running:
                return
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                self._settle(running.pop(done), done.exception())
            self._changed()
            pause_s = self._pacing.pause_s(playing=self._playing)
            if pause_s:
                with self._news:
                    self._news.wait_for(lambda: self._stale(generation), timeout=pause_s)

    def _at_once(self) -> int:
        return self._pacing.at_once(time.monotonic(), playing=self._playing)

    def _jobs(
        self, wanted: dict[PackageName, datetime], generation: int
    ) -> Iterator[tuple[PackageName, PackageFile, bool]]:
        """Files in the order in which they are needed, each once; nothing of a package that was put off.

        Yields:
            Package and file, and whether only a better rendition than the smallest needs it.
        """
        taken: set[tuple[PackageName, str]] = set()
        for best in (False, True):
            for name, airs_at in wanted.items():
                if not best and not self._off(name):
                    self._begin(name, airs_at)
                for file in self._store.missing(name, best=best):
                    if self._stale(generation):
                        return
                    if self._off(name):
                        break
                    if (name, file.path) not in taken:
                        taken.add((name, file.path))
                        yield name, file, best

    def _off(self, name: PackageName) -> bool:
        return self._retry_at.get(name, 0) > time.monotonic()

    def _begin(self, name: PackageName, airs_at: datetime) -> None:
        """Bring a package's manifest and approval; an approval that ends before it airs may have been given anew."""
        renewing = self._store.manifest(name) is not None
        if renewing and not self._store.runs_out(name, airs_at):
            return
        try:
            if renewing:
                self._origin.forget(name)
            papers = self._neighbours.papers(name) if self._neighbours and not renewing else None
            if papers is None:
                self._await_turn(name)
                papers = self._origin.papers(name, urgent=self._urgent(airs_at, playable=False))
            if self._store.take_manifest(name, *papers) is None or self._store.runs_out(name, airs_at):
                self._origin.forget(name)  # there may be another approval by then
                self._put_off(name, 4 * RETRY_S)
            self._changed()
        except (AdapterError, OSError) as error:
            self._settle(name, error)

    def _file(self, name: PackageName, file: PackageFile, airs_at: datetime, better: bool) -> None:
        """Bring one file, from wherever it can be had."""
        self._store.make_room(file.bytes)
        if self._neighbours and self._neighbours.fetch(name, file):
            return
        self._await_turn(name)
        playable = better or self._store.report(name).playable
        part = self._store.part(name, file)
        self._origin.gather(name, file, part, urgent=self._urgent(airs_at, playable=playable))
        if not self._store.accept(name, file):
            self._altered[name] = self._altered.get(name, 0) + 1
            if self._altered[name] >= REFUSALS_BEFORE_GIVING_UP:
                self._altered.pop(name)
                self._store.refuse(name)
            raise AdapterError(f"{file.path} is not what the manifest says")

    def _urgent(self, airs_at: datetime, *, playable: bool) -> bool:
        collecting = time.monotonic() < self._collect_until
        return collecting or urgent(airs_at, self._clock.now(), playable=playable)

    def _await_turn(self, name: PackageName) -> None:
        if self._neighbours and not self._neighbours.may_fetch(name):
            raise AnothersTurn(name)

    def _settle(self, name: PackageName, error: BaseException | None) -> None:
        """What follows from how a job ended."""
        match error:
            case None:
                self._failures.pop(name, None)
                return
            case AnothersTurn():
                self._put_off(name, TURN_S)
                return
            case Rationed(until=until):
                wait_s = (until - self._clock.now()).total_seconds()
                self._put_off(name, min(IDLE_S, max(FIRST_RETRY_S, wait_s)))
            case AdapterError() | OSError():
                log.info("package.fetch_failed", package=name, reason=str(error))
                if isinstance(error, Refused):
                    self._origin.forget(name)
                failures = self._failures[name] = self._failures.get(name, 0) + 1
                again = FIRST_RETRY_S * 2 ** min(failures - 1, 8)
                self._put_off(name, RETRY_S if isinstance(error, Refused | OSError) else min(RETRY_S, again))
            case _:
                raise error
        if self._neighbours:
            self._neighbours.give_way(name)

    def _put_off(self, name: PackageName, seconds: float) -> None:
        self._retry_at[name] = time.monotonic() + seconds


def _wanted(airings: tuple[Airing, ...], now: datetime) -> dict[PackageName, datetime]:
    """Packages still to be shown, and when each is shown next, the earliest first."""
    first: dict[PackageName, datetime] = {}
    for airing in sorted(airings, key=lambda airing: airing.start):
        if airing.end > now:
            first.setdefault(airing.package, airing.start)
    return first
