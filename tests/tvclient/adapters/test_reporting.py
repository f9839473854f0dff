"""What is worth a report at once, what waits, and what is not worth one at all."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from schedules.airings import LayerId, PackageName
from schedules.wire.messages import (
    ClockReport,
    DiskReport,
    LayerProof,
    LineReport,
    PackageReport,
    PackageState,
    Reported,
)
from schedules.wire.topics import BoxId
from tvclient.adapters.reporting import PROGRESS_EVERY_S, Pace

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PACKAGE = PackageName("sha256-1")
FETCHING = PackageReport(
    state=PackageState.FETCHING, stored_bytes=1_000_000, wanted_bytes=10_000_000, missing_bytes=2_000_000
)
REPORT = Reported(
    box=BoxId(7),
    epoch="e",
    at=AT,
    packages={PACKAGE: FETCHING},
    clock=ClockReport(offset_ms=1, uncertainty_ms=20),
    line=LineReport(kbps=800, measured_at=AT),
    disk=DiskReport(free_bytes=5 * 10**9, budget_bytes=10**10),
)


def told() -> Pace:
    pace = Pace()
    assert pace.due(REPORT, 0.0)
    pace.sent(REPORT, 0.0)
    return pace


def package(**changes: object) -> Reported:
    return msgspec.structs.replace(REPORT, packages={PACKAGE: msgspec.structs.replace(FETCHING, **changes)})


@pytest.mark.parametrize(
    "changed",
    [
        package(state=PackageState.STORED, playable=True, missing_bytes=0, rendition="low"),
        package(state=PackageState.REFUSED),
        package(wanted_bytes=3_000_000),
        package(missing_bytes=None),
        package(stored_bytes=10_000_000),
        msgspec.structs.replace(REPORT, packages={}),
        msgspec.structs.replace(REPORT, clock=None),
        msgspec.structs.replace(REPORT, journal_through=1),
        msgspec.structs.replace(REPORT, epoch="f"),
        msgspec.structs.replace(REPORT, decoder="vaapi-copy"),
        msgspec.structs.replace(REPORT, layers={LayerId("region-64"): LayerProof(revision=1, stored_at=AT)}),
    ],
)
def test_what_the_server_must_know_goes_at_once(changed: Reported) -> None:
    assert told().due(changed, 0.1)


@pytest.mark.parametrize(
    "changed",
    [
        package(stored_bytes=1_300_000, missing_bytes=1_700_000),
        msgspec.structs.replace(REPORT, line=LineReport(kbps=300, measured_at=AT)),
        msgspec.structs.replace(REPORT, disk=DiskReport(free_bytes=4 * 10**9, budget_bytes=10**10)),
    ],
)
def test_what_only_trickles_waits(changed: Reported) -> None:
    pace = told()
    assert not pace.due(changed, PROGRESS_EVERY_S - 0.1)
    assert pace.due(changed, PROGRESS_EVERY_S)


@pytest.mark.parametrize(
    "changed",
    [
        msgspec.structs.replace(REPORT, at=AT + timedelta(hours=9)),
        msgspec.structs.replace(REPORT, clock=ClockReport(offset_ms=2, uncertainty_ms=25)),
        package(stored_bytes=1_000_100, missing_bytes=1_999_900),
        msgspec.structs.replace(REPORT, line=LineReport(kbps=840, measured_at=AT, bytes_today=5)),
        msgspec.structs.replace(REPORT, disk=DiskReport(free_bytes=5 * 10**9 - 1, budget_bytes=10**10)),
    ],
)
def test_what_hardly_differs_is_never_told(changed: Reported) -> None:
    assert not told().due(changed, 1e9)


def test_a_new_line_is_told_everything() -> None:
    pace = told()
    pace.begin()
    assert pace.due(REPORT, 0.1)


def test_rows_on_their_way_are_told_with_the_progress_and_a_shrinking_reserve_at_once() -> None:
    pace = told()
    waiting = msgspec.structs.replace(REPORT, journal_waiting=3)
    assert not pace.due(waiting, 1.0)
    assert pace.due(waiting, PROGRESS_EVERY_S)
    assert pace.due(msgspec.structs.replace(REPORT, journal_bytes=1024), 1.0)
