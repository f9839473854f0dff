"""Several boxes of one village: each fetches in earnest, and their local network is a list of explicit addresses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from schedules.airings import Airing, PackageName
from schedules.wire.messages import PackageState
from schedules.wire.signing import Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.tvclient.counterpart import TOKEN, Counterpart, now
from tests.tvclient.evening import airing
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.lan import Neighbour
from tvclient.adapters.neighbours import Neighbours
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.prefetch import Prefetch
from tvclient.adapters.ration import Ration

LOOPBACK = "127.0.0.1"
BUDGET = 10_000_000


class Cable:
    """A local network of which everybody knows everybody at once."""

    def __init__(self) -> None:
        self.boxes: list[Neighbour] = []

    def plug(self, box: int) -> "Plug":
        return Plug(self, box)


class Plug:
    """One box's end of it."""

    def __init__(self, cable: Cable, box: int) -> None:
        self._cable, self._me = cable, Neighbour(box, f"box-{box}")

    def start(self, port: int) -> Neighbour:
        self._me = Neighbour(self._me.box, self._me.name, LOOPBACK, port)
        self._cable.boxes.append(self._me)
        return self._me

    def close(self) -> None:
        if self._me in self._cable.boxes:
            self._cable.boxes.remove(self._me)

    def others(self) -> tuple[Neighbour, ...]:
        return tuple(sorted(one for one in self._cable.boxes if one.box != self._me.box))

    def settled(self) -> bool:
        return True


class Box:
    """A store and what fills it."""

    def __init__(self, server: Counterpart, folder: Path, number: int, cable: Cable | None, url: str = "") -> None:
        self.number, self.ration = number, Ration()
        verifier = Verifier(jwk_set([server.signer.public_jwk]))
        self.store = PackageStore(folder / f"box-{number}" / "packages", verifier, BUDGET)
        self.neighbours = Neighbours(BoxId(number), cable.plug(number), self.store, LOOPBACK) if cable else None
        self._api = Api(url or server.url, TOKEN)
        self.prefetch = Prefetch(self._api, self.store, Clock(), lambda: None, self.ration, self.neighbours)
        self.prefetch.start()

    def close(self) -> None:
        self.prefetch.close()
        self._api.close()

    def whole(self, name: PackageName) -> bool:
        report = self.store.report(name)
        return report.state is PackageState.STORED and report.stored_bytes == report.wanted_bytes

    @property
    def given(self) -> int:
        """Bytes that the server gave."""
        return self.ration.today(now())


@contextmanager
def village(server: Counterpart, folder: Path, *numbers: int, cable: Cable | None = None) -> Iterator[list[Box]]:
    """Running boxes on one cable."""
    cable = cable or Cable()
    boxes = [Box(server, folder, number, cable) for number in numbers]
    try:
        yield boxes
    finally:
        for box in boxes:
            box.close()


def showing(*names: PackageName, after: timedelta = timedelta(hours=1)) -> tuple[Airing, ...]:
    """One airing of each, an hour apart."""
    begins = now() + after
    return tuple(
        airing(start=begins + timedelta(hours=place), package=name, slot=name) for place, name in enumerate(names)
    )
