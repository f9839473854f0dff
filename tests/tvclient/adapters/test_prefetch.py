from collections.abc import Iterator
from pathlib import Path

import pytest

from schedules.airings import PackageName
from schedules.wire.messages import PackageState
from schedules.wire.signing import Verifier, jwk_set
from tests.tvclient.awaiting import eventually
from tests.tvclient.counterpart import TOKEN, Counterpart
from tvclient.adapters import prefetch
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.prefetch import Prefetch


@pytest.fixture
def store(tmp_path: Path, http_server: Counterpart) -> PackageStore:
    return PackageStore(tmp_path / "packages", Verifier(jwk_set([http_server.signer.public_jwk])), 10_000_000)


@pytest.fixture
def fetching(http_server: Counterpart, store: PackageStore) -> Iterator[Prefetch]:
    with Api(http_server.url, TOKEN) as api:
        running = Prefetch(api, store, Clock(), lambda: None)
        running.start()
        yield running
        running.close()


def complete(store: PackageStore, name: PackageName) -> bool:
    report = store.report(name)
    return report.state is PackageState.STORED and report.stored_bytes == report.wanted_bytes


def test_lowest_of_all_first_in_the_order_of_deadlines(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch
) -> None:
    first, second = http_server.add_package(b"1"), http_server.add_package(b"2")
    fetching.prefer((first, second))
    eventually(lambda: complete(store, first) and complete(store, second), "both whole")
    media = [path for path in http_server.requests if path.endswith(".m4s")]
    better = [any(part in path for part in ("/720p/", "/sound/main-")) for path in media]
    order = [(path.split("/")[2], is_better) for path, is_better in zip(media, better, strict=True)]
    assert list(dict.fromkeys(order)) == [(first, False), (second, False), (first, True), (second, True)]
    assert len(media) == 36
    assert len(set(media)) == 36


def test_a_download_that_is_cut_off_goes_on_where_it_was(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefetch, "RETRY_S", 0.05)
    name = http_server.add_package(size=20_000)
    http_server.cut_after = 15_000
    fetching.prefer((name,))
    eventually(lambda: complete(store, name), "whole")
    assert "bytes=15000-" in http_server.ranges
    assert store.playable(name)


def test_a_package_whose_files_are_not_what_was_approved_is_refused(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefetch, "RETRY_S", 0.05)
    name = http_server.add_package()
    segment = http_server.packages / name / "low/0.m4s"
    segment.write_bytes(bytes(len(segment.read_bytes())))
    fetching.prefer((name,))
    eventually(lambda: store.report(name).state is PackageState.REFUSED, "refused")


def test_a_package_not_yet_approved_is_asked_for_again(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch
) -> None:
    name = http_server.add_package()
    approval = http_server.approvals.pop(name)
    fetching.prefer((name,))
    eventually(lambda: f"/api/v1/packages/{name}" in http_server.requests, "asked")
    assert store.report(name).state is PackageState.WAITING
    http_server.approvals[name] = approval
    fetching.retry()
    eventually(lambda: complete(store, name), "whole")


def test_while_a_lesson_plays_it_goes_on_but_gently(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefetch, "PAUSE_WHILE_PLAYING_S", 0.01)
    fetching.playing(True)
    name = http_server.add_package()
    fetching.prefer((name,))
    eventually(lambda: complete(store, name), "whole")


def test_the_line_is_measured_by_what_was_fetched(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch
) -> None:
    assert fetching.speed.report(Clock().now()) is None
    name = http_server.add_package(size=200_000)
    fetching.prefer((name,))
    eventually(lambda: complete(store, name), "whole")
    line = fetching.speed.report(Clock().now())
    assert line
    assert line.kbps > 0
    assert line.bytes_today >= store.report(name).stored_bytes


def test_a_better_rendition_comes_once_the_server_wants_it(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch
) -> None:
    name = http_server.add_package()
    store.limit({name: "low"})
    fetching.prefer((name,))
    eventually(lambda: complete(store, name), "the small one whole")
    assert store.report(name).rendition == "low"
    assert not any("/720p/" in path for path in http_server.requests)
    store.limit({})
    fetching.retry()
    eventually(lambda: store.report(name).rendition == "720p", "the best one whole")
