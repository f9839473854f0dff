"""When a report is worth the line: at once for what the server must know, seldom for bytes that only trickle in.

Six hundred boxes report over weak lines. What changed in kind (a layer, a package that plays now, a clock no longer
sure) goes out with the next second; progress, speed and room alone wait. Who sends it: `line.py`.
"""

from datetime import UTC, datetime

import msgspec

from schedules.airings import PackageName
from schedules.wire.messages import PackageReport, Reported
from tvclient.adapters.clock import Clock
from tvclient.adapters.household import Household
from tvclient.adapters.journal import Journal
from tvclient.core.ports import Updates
from tvclient.settings import SOFTWARE

PROGRESS_EVERY_S = 10.0
PROGRESS_SHARE = 0.02
"""Of a package's bytes: a smaller step forward is not worth a report."""
SPEED_SHARE = 0.25
ROOM_SHARE = 0.02
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def report_of(
    household: Household,
    journal: Journal,
    clock: Clock,
    packages: dict[PackageName, PackageReport],
    wanted: tuple[PackageName, ...],
    updates: Updates | None,
    decoder: str,
) -> Reported:
    """What the box has and does at this moment."""
    desired = household.documents.desired
    return Reported(
        box=household.box,
        epoch=journal.epoch,
        at=clock.now(),
        desired_version=desired.version if desired else 0,
        layers=household.documents.proofs(),
        alerts=household.alerts.revisions(),
        packages=packages,
        clock=clock.report() if not clock.unsure() else None,
        journal_through=journal.through(),
        journal_waiting=journal.waiting(),
        journal_bytes=journal.reserve.left(),
        credential_no=household.credentials.credential_no,
        keys_no=household.credentials.keys_no,
        software=SOFTWARE,
        release=updates.running if updates else "",
        release_given_up=updates.given_up() if updates else "",
        line=household.prefetch.line(),
        disk=household.store.room(wanted),
        decoder=decoder,
    )


class Pace:
    """Remembers what the server was told last."""

    def __init__(self) -> None:
        self._last: Reported | None = None
        self._at = 0.0

    def begin(self) -> None:
        """The line is new: whatever was told, tell it again."""
        self._last = None

    def due(self, reported: Reported, ticks: float) -> bool:
        """Whether this is worth sending at `ticks` (seconds of a monotonic clock)."""
        if self._last is None or _kind(reported) != _kind(self._last):
            return True
        return ticks - self._at >= PROGRESS_EVERY_S and _moved(reported, self._last)

    def sent(self, reported: Reported, ticks: float) -> None:
        """It is on its way."""
        self._last, self._at = reported, ticks


def _kind(reported: Reported) -> tuple[Reported, dict[PackageName, tuple[bool, bool]], bool]:
    """The report without what only trickles: the hour, the clock's drift, bytes, speed, room, rows on their way."""
    packages = {
        name: msgspec.structs.replace(one, stored_bytes=0, missing_bytes=None)
        for name, one in reported.packages.items()
    }
    whole = {
        name: (one.stored_bytes >= one.wanted_bytes, one.missing_bytes is None)
        for name, one in reported.packages.items()
    }
    still = {"at": _NEVER, "clock": None, "line": None, "disk": None, "journal_waiting": 0}
    return msgspec.structs.replace(reported, packages=packages, **still), whole, reported.clock is None


def _moved(reported: Reported, before: Reported) -> bool:
    if any(_progressed(one, before.packages[name]) for name, one in reported.packages.items()):
        return True
    if reported.journal_waiting != before.journal_waiting:
        return True
    line, line_before = reported.line, before.line
    if line is not None and (line_before is None or abs(line.kbps - line_before.kbps) > SPEED_SHARE * line_before.kbps):
        return True
    disk, disk_before = reported.disk, before.disk
    if disk is None or disk_before is None:
        return disk is not disk_before
    return abs(disk.free_bytes - disk_before.free_bytes) > ROOM_SHARE * max(1, disk.budget_bytes)


def _progressed(one: PackageReport, before: PackageReport) -> bool:
    return abs(one.stored_bytes - before.stored_bytes) >= max(1, PROGRESS_SHARE * one.wanted_bytes)
