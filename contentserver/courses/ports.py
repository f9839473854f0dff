"""What the slice needs of others: a place for packages, somebody who takes a lesson off the air, a virus scanner."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from contentserver.kernel.errors import Outage
from media_pipeline.manifest import Manifest


class PackageStore(Protocol):
    """Packages, and the signed addresses under which their files leave."""

    def manifest(self, package: str) -> Manifest:
        """The package's manifest."""
        ...

    def access(self, package: str, now: datetime) -> tuple[str, str, datetime]:
        """Base path, query and expiry of a signed address; a file lies at base + path + query."""
        ...

    def keep(self, package: str, check: Callable[[], None]) -> None:
        """A package that is whole where it was made is durable from now on, and found by everybody.

        Raises:
            StoreAway: try again later; nobody finds half of it.
            OSError: it cannot be read where it was made, or is not what its manifest says.
        """
        ...

    def forget_local(self, package: str) -> None:
        """Whoever made the package needs it where it was made no more."""
        ...


class OnLessonChanged(Protocol):
    """Told, in the same unit of work, that a lesson may not air any more, or may again."""

    def __call__(self, session: Session, lesson_id: str, now: datetime) -> int:
        """Gives back how many published timetables changed by it."""
        ...


@dataclass(frozen=True, slots=True)
class Holdings:
    """How far a package has come in the stations of a subtree, as their televisions reported last.

    A station counts once, with the television of it that has most.

    Attributes:
        stations: that have a television.
        best: how many have which rendition whole, and none better; under the empty name those that do not say which.
        coming: it is planned there, and nothing is whole yet.
        refused: a television takes it for altered or unsigned.
    """

    stations: int
    best: Mapping[str, int]
    coming: int = 0
    refused: int = 0

    @property
    def elsewhere(self) -> int:
        """Stations of which no television says anything of it: one reports what its timetable has still to show."""
        return self.stations - sum(self.best.values()) - self.coming - self.refused


class StationsHolding(Protocol):
    """Knows what televisions have reported of a package."""

    def __call__(self, session: Session, package: str, root: str, best_first: Sequence[str]) -> Holdings:
        """Of the stations below a region; `best_first` are the package's renditions."""
        ...


class Scanner(Protocol):
    """Looks for what does harm in a file of a stranger's."""

    def scan(self, file: Path) -> str:
        """What was found, by its name; empty where there was nothing.

        Raises:
            ScannerAway: nobody answers; ask again later.
            ScanImpossible: this file cannot be looked at.
        """
        ...


class StoreAway(Outage, OSError):
    """The store of the packages does not answer, or refuses this server."""


class ScannerAway(Outage):
    """The scanner does not answer."""


class ScanImpossible(Outage):
    """The scanner cannot look at this file."""
