"""What a box of a fleet runs on: shared hands, one wire, an imagined line and clock; everything above them is real."""

import random
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import httpx
import msgspec
import paho.mqtt.client as mqtt

from schedules.wire.signing import Verifier
from schedules.wire.topics import BoxId
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock, boot_time
from tvclient.adapters.documents import Documents
from tvclient.adapters.durable import write_durably
from tvclient.adapters.journal import Journal
from tvclient.adapters.means import Means
from tvclient.adapters.reserve import Reserve
from tvclient.adapters.trust import trusting
from tvclient.adapters.turning import Turn, Turning
from tvclient.fleet.hands import Hands
from tvclient.fleet.lines import Quality, Way
from tvclient.fleet.shared import Merges, SharedVerifier
from tvclient.fleet.slow_http import SlowTransport
from tvclient.fleet.wire import Wire
from tvclient.fleet.wire_client import WireClient

SCREENS, LINES, FETCHERS = 4, 48, 128
"""Hands of each kind. Those who talk and those who fetch wait for a line most of the time."""
IDLE_BOXES_A_SECOND = 1000.0
"""So many lines are looked after where nothing happens; what happens is seen to at once."""
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Imagined(msgspec.Struct, frozen=True):
    """What is not real in a fleet.

    Attributes:
        quality: of every box's line.
        clock_error_s: wall clocks are up to so much wrong at the start.
        drift_ppm: oscillators are up to so much too fast or too slow.
        seed: the same seed, the same lines, outages and clocks.
        durable: whether files are synced, as a box's are.
    """

    quality: Quality = msgspec.field(default_factory=Quality)
    clock_error_s: float = 0.0
    drift_ppm: float = 0.0
    seed: str = "1"
    durable: bool = True


class Common:
    """What the boxes of one process share."""

    def __init__(self, boxes: int, imagined: Imagined) -> None:
        self.imagined = imagined
        self.wire = Wire()
        self.screens, self.lines = Hands("screen", SCREENS), Hands("line", min(boxes, LINES))
        self.fetchers = Hands("fetcher", min(boxes, FETCHERS))
        self.openers = ThreadPoolExecutor(2, thread_name_prefix="open")
        self.merges = Merges()
        self.look_every_s = boxes / IDLE_BOXES_A_SECOND
        self._verifiers: dict[bytes, SharedVerifier] = {}

    def verifier(self, signing_keys: bytes) -> Verifier:
        """The one for these keys."""
        return self._verifiers.setdefault(signing_keys, SharedVerifier(signing_keys))

    def close(self) -> None:
        """End the threads."""
        for hands in (self.fetchers, self.lines, self.screens):
            hands.close()
        self.openers.shutdown(cancel_futures=True)
        self.wire.close()


class FleetMeans(Means):
    """One box's."""

    def __init__(self, common: Common, name: str, happened: Callable[[], None]) -> None:
        """`happened` is told that something waits for the box's shell."""
        self._common, self._happened = common, happened
        imagined = common.imagined
        dice = random.Random(f"{imagined.seed}/{name}")  # noqa: S311 - an imagined line, no secret
        self._wrong_s = dice.uniform(-1, 1) * imagined.clock_error_s
        self._rate = 1 + dice.uniform(-1, 1) * imagined.drift_ppm / 1e6
        self.way = None if imagined.quality.flawless else Way(imagined.quality, dice)
        self.made_clock: Clock | None = None
        self.made_journal: Journal | None = None
        self._transports: list[SlowTransport] = []

    def clock(self, memory: Path) -> Clock:
        """A wall clock that is wrong, an oscillator that drifts."""
        began = boot_time()
        self.made_clock = Clock(
            memory, lambda: time.time() + self._wrong_s, lambda: began + (boot_time() - began) * self._rate
        )
        return self.made_clock

    def journal(self, path: Path, reserve: Reserve) -> Journal:
        """A real journal; where nobody waits for the disk it is not synced."""
        self.made_journal = (Journal if self._common.imagined.durable else HastyJournal)(path, reserve, alone=True)
        return self.made_journal

    def verifier(self, signing_keys: msgspec.Raw) -> Verifier:
        """One for all."""
        return self._common.verifier(bytes(signing_keys))

    def documents(self, folder: Path, verifier: Verifier, box: BoxId) -> Documents:
        """Real documents; timetables are merged once for all."""
        write = write_durably if self._common.imagined.durable else write_hastily
        return Documents(folder, verifier, box, write, self._common.merges.of)

    def api(self, server: str, http_token: str, authority: str) -> Api:
        """The real one, over the imagined line."""
        context = trusting(authority)
        transport = SlowTransport(lambda: httpx.HTTPTransport(verify=context), self.way)
        self._transports.append(transport)
        return Api(server, http_token, transport=transport, authority=authority)

    def client(self) -> Callable[[str], mqtt.Client]:
        """One that is carried by the common wire."""
        return lambda client_id: cast("mqtt.Client", WireClient(client_id, self._common.wire, self.way))

    def run(self, name: str, turn: Turn) -> Turning:
        """Turns by the hands for its kind of work."""
        if name in ("prefetch", "answer_files"):
            return self._common.fetchers.take(turn)
        if name == "line":
            return self._common.lines.take(partial(self._look_after, turn))
        return self._common.screens.take(turn)

    def fetchers(self) -> Executor:
        """The hand that gives the turn does it itself."""
        return AtOnce()

    def opener(self) -> Executor:
        """A few for all."""
        return Lent(self._common.openers)

    def happened(self) -> None:
        """Something waits for the shell."""
        self._happened()

    def _look_after(self, turn: Turn) -> float:
        pause_s = turn() or 0.0
        for transport in self._transports:
            transport.rest()
        return max(pause_s, self._common.look_every_s)


class HastyJournal(Journal):
    """A journal that does not wait for the disk, for measuring a server on a machine that is not the boxes'."""

    def __init__(self, path: Path, reserve: Reserve | None = None, *, alone: bool = False) -> None:
        super().__init__(path, reserve, alone=alone)
        self._db.execute("PRAGMA synchronous = OFF")


def write_hastily(path: Path, data: bytes) -> None:
    """Replace a file without waiting for the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


class AtOnce(Executor):
    """Does everything in the thread that asks."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """See `Executor`."""
        done: Future[_T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


class Lent(Executor):
    """Somebody else's executor; it goes on after this user has left."""

    def __init__(self, real: Executor) -> None:
        self._real = real

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """See `Executor`."""
        return self._real.submit(fn, *args, **kwargs)
