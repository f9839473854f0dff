"""Tells the core what is stored, whenever something about it is different."""

from collections.abc import Callable, Iterable

from schedules.airings import PackageName
from schedules.wire.messages import PackageReport
from tvclient.adapters.packages import PackageStore
from tvclient.core import events
from tvclient.core.state import StoredLesson


class Stocktaking:
    """What the core was last told of the packages of one box."""

    def __init__(self, post: Callable[[events.Event], None]) -> None:
        self._post = post
        self._due = True
        self._lessons: tuple[StoredLesson, ...] = ()
        self._packages: dict[PackageName, PackageReport] | None = None
        self._scarred: frozenset[PackageName] = frozenset()

    @property
    def packages(self) -> dict[PackageName, PackageReport]:
        """How far each wanted package was at the last look."""
        return self._packages or {}

    def changed(self) -> None:
        """Something on the disk, or what is wanted, is different."""
        self._due = True

    def turn(self, store: PackageStore, wanted: Iterable[PackageName]) -> None:
        """Look, if there is a reason to, and tell what is new."""
        if not self._due:
            return
        self._due = False
        packages = {name: store.report(name) for name in wanted}
        scarred = frozenset(name for name in packages if store.scarred(name))
        if (packages, scarred) != (self._packages, self._scarred):
            self._packages, self._scarred = packages, scarred
            self._post(events.PackagesChanged(packages, scarred))
        lessons = store.lessons()
        if lessons != self._lessons:
            self._lessons = lessons
            self._post(events.LibraryChanged(lessons))
