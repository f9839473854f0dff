"""The other boxes of the local network: asked before the server, and one of them fetches for all.

Decides whose turn it is: among those who want a package it is whoever already fetches it, else the one that comes first
(`lan.Neighbour`'s order). The others take its files as they come, and wait no longer than `PATIENCE_S` for the next
one. Nothing a neighbour says is believed but files that have the right hash; one that lies or dawdles is left alone for
a while. How neighbours are found: `lan.py`; what they are given: `lending.py`.
"""

import ssl
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from threading import Lock
from urllib.parse import quote

import httpx
import structlog

from media_pipeline.manifest import MANIFEST_FILE, PackageFile
from schedules.airings import PackageName
from schedules.wire.codec import Unreadable, decode
from schedules.wire.messages import Holding, Shelf
from schedules.wire.topics import BoxId
from tvclient.adapters.lan import Lan, Neighbour, private
from tvclient.adapters.lending import APPROVAL, Lending
from tvclient.adapters.origin import MAX_MANIFEST_BYTES
from tvclient.adapters.packages import PackageStore

PATIENCE_S = 120.0
"""So long without one good file from anybody, and a box fetches a package itself."""
LOOK_EVERY_S = 2.0
DROPPED_S = 600.0
"""A neighbour that lied or was too slow is not asked for so long."""
ABSENT_S = 5.0
"""One that does not answer may be busy, or switched off."""
SLOWEST_BYTES_PER_S = 100_000
CONNECT_S, ANSWER_S, START_S = 1.0, 3.0, 5.0
MAX_SHELF_BYTES = 1_000_000

log = structlog.get_logger(__name__)


class _Useless(Exception):
    """The neighbour does not answer as one should; leave it alone for so long."""

    def __init__(self, reason: str, for_s: float = DROPPED_S) -> None:
        super().__init__(reason)
        self.for_s = for_s


def my_turn(me: Neighbour, name: PackageName, shelves: Iterable[tuple[Neighbour, Shelf]], *, fetching: bool) -> bool:
    """Whether this box is the one that fetches a package for all. Pure.

    Args:
        fetching: it has begun to.
    """
    rivals = [(who, shelf.packages[name]) for who, shelf in shelves if name in shelf.packages]
    busy = [who for who, holding in rivals if holding.fetching]
    if busy or fetching:
        return fetching and all(me < who for who in busy)
    return all(me < who for who, holding in rivals if holding.wanted)


class Neighbours:
    """What this box knows of the others, and lends to them. Safe to use from any thread."""

    def __init__(
        self,
        box: BoxId,
        lan: Lan,
        store: PackageStore,
        address: str = "",
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is said before `start`; `address` is where to lend, empty for all of this machine's."""
        self._box, self._lan, self._store, self._address, self._ticks = box, lan, store, address, ticks
        self._me = Neighbour(box, "")
        self._lock, self._looking = Lock(), Lock()
        self._allowed = True
        self._wanted: frozenset[PackageName] = frozenset()
        self._fetching: set[PackageName] = set()
        self._shelves: list[tuple[Neighbour, Shelf]] = []
        self._looked = float("-inf")
        self._waiting: dict[PackageName, float] = {}
        self._dropped: dict[tuple[str, int], float] = {}
        self._lending: Lending | None = None
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # plain HTTP: what comes is held against its hash
        self._client = httpx.Client(verify=nobody, timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S), trust_env=False)

    def start(self) -> None:
        """Lend, and look around."""
        self._lending = Lending(self._store, self._shelf, self._address)
        self._me = self._lan.start(self._lending.port)

    def close(self) -> None:
        """Lend nothing more and say goodbye."""
        self._lan.close()
        if self._lending is not None:
            self._lending.close()
        self._client.close()

    def allow(self, allowed: bool) -> None:
        """Whether the rules let neighbours be asked, and given."""
        self._allowed = allowed

    def want(self, packages: Collection[PackageName]) -> None:
        """Packages of which something is still wanted; look at the others' shelves again."""
        with self._lock:
            if self._wanted != frozenset(packages):
                self._wanted = frozenset(packages)
                self._fetching &= self._wanted
                self._waiting = {name: since for name, since in self._waiting.items() if name in self._wanted}
                self._looked = float("-inf")

    def give_way(self, name: PackageName) -> None:
        """This box does not get on with a package: the line is down, or the rules forbid it."""
        self._fetching.discard(name)

    def may_fetch(self, name: PackageName) -> bool:
        """Whether to fetch a package from the server now; otherwise somebody else does, and it is worth waiting."""
        if not self._allowed:
            return True
        if not self._lan.settled():
            return False
        shelves = self._look()
        with self._lock:
            if my_turn(self._me, name, shelves, fetching=name in self._fetching):
                self._fetching.add(name)
                return True
            self._fetching.discard(name)
            since = self._waiting.setdefault(name, self._ticks())
            return self._ticks() - since > PATIENCE_S

    def papers(self, name: PackageName) -> tuple[bytes, str] | None:
        """Manifest and approval from a neighbour, if they are good."""
        for who, _ in self._holders(name, 0):
            try:
                data = self._get(who, name, MANIFEST_FILE, MAX_MANIFEST_BYTES)
                approval = self._get(who, name, APPROVAL, MAX_MANIFEST_BYTES)
            except _Useless as error:
                self._drop(who, error)
                continue
            if data is None or approval is None:
                continue
            if self._store.trusted(name, data, approval) is None:
                self._drop(who, _Useless("papers are not what they should be"))
                continue
            return data, approval.decode()
        return None

    def fetch(self, name: PackageName, file: PackageFile) -> bool:
        """Take a file from a neighbour that has more of its package than this box; whether it is stored now."""
        for who, _ in self._holders(name, self._store.stored().get(name, 0)):
            part = self._store.part(name, file).with_suffix(".lan")
            try:
                if not self._copy(who, name, file, part):
                    continue
            except _Useless as error:
                part.unlink(missing_ok=True)
                self._drop(who, error)
                continue
            if self._store.accept(name, file, part):
                with self._lock:
                    self._waiting.clear()
                return True
            self._drop(who, _Useless("a file is not what it should be"))
        return False

    def _holders(self, name: PackageName, more_than: int) -> Sequence[tuple[Neighbour, Holding]]:
        if not self._allowed:
            return ()
        found = ((who, shelf.packages.get(name, Holding())) for who, shelf in self._look())
        return sorted(
            ((who, holding) for who, holding in found if holding.stored_bytes > more_than),
            key=lambda one: -one[1].stored_bytes,
        )

    def _shelf(self) -> Shelf | None:
        if not self._allowed:
            return None
        stored = self._store.stored()
        with self._lock:
            return Shelf(
                box=self._box,
                packages={
                    name: Holding(
                        stored_bytes=stored.get(name, 0), wanted=name in self._wanted, fetching=name in self._fetching
                    )
                    for name in stored.keys() | self._wanted
                },
            )

    def _look(self) -> list[tuple[Neighbour, Shelf]]:
        """Every neighbour's shelf, as of a moment ago."""
        with self._looking:
            if self._ticks() - self._looked < LOOK_EVERY_S:
                return self._shelves
            self._looked = self._ticks()
            seen = [(who, shelf) for who in self._lan.others() if (shelf := self._shelf_of(who)) is not None]
            self._shelves = seen
            return seen

    def _shelf_of(self, who: Neighbour) -> Shelf | None:
        if not private(who.host) or self._dropped.get((who.host, who.port), 0) > self._ticks():
            return None
        try:
            said = self._get(who, PackageName(""), "", MAX_SHELF_BYTES)
            return None if said is None else decode(said, Shelf)
        except _Useless as error:
            self._drop(who, error)
        except Unreadable as error:
            self._drop(who, _Useless(str(error)))
        return None

    def _drop(self, who: Neighbour, reason: _Useless) -> None:
        log.info("neighbour.dropped", box=who.box, host=who.host, reason=str(reason), for_s=reason.for_s)
        self._dropped[who.host, who.port] = self._ticks() + reason.for_s
        self._shelves = [one for one in self._shelves if one[0] != who]

    def _copy(self, who: Neighbour, name: PackageName, file: PackageFile, part: Path) -> bool:
        with part.open("wb") as target:
            return self._stream(who, f"/{name}/{file.path}", file.bytes, target.write)

    def _get(self, who: Neighbour, name: PackageName, path: str, most: int) -> bytes | None:
        data = bytearray()
        given = self._stream(who, f"/{name}/{path}" if name else "/", most, data.extend)
        return bytes(data) if given else None

    def _stream(self, who: Neighbour, path: str, most: int, take: Callable[[bytes], object]) -> bool:
        """Whether the neighbour gave it; what it has not, it need not give.

        Raises:
            _Useless: it is too slow, gives too much, or does not answer.
        """
        deadline = time.monotonic() + START_S + most / SLOWEST_BYTES_PER_S
        size = 0
        try:
            with self._client.stream("GET", f"http://{who.host}:{who.port}{quote(path)}") as answer:
                if answer.status_code != httpx.codes.OK:
                    return False
                for piece in answer.iter_raw():
                    size += len(piece)
                    if size > most or time.monotonic() > deadline:
                        raise _Useless("too much" if size > most else "too slow")
                    take(piece)
        except httpx.ReadTimeout as error:
            raise _Useless("too slow") from error
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:  # RuntimeError: the client was closed
            raise _Useless(str(error), ABSENT_S) from error
        return True
