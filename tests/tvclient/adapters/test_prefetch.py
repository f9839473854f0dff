from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from schedules.airings import PackageName
from schedules.wire.messages import FetchRules, PackageState
from schedules.wire.signing import Verifier, jwk_set
from tests.tvclient.awaiting import eventually
from tests.tvclient.counterpart import TOKEN, Counterpart, now
from tests.tvclient.village import showing
from tvclient.adapters import pacing, prefetch
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.prefetch import Prefetch
from tvclient.core.screens import LOCAL_ZONE


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
    fetching.prefer(showing(first, second))
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
    monkeypatch.setattr(prefetch, "FIRST_RETRY_S", 0.05)
    name = http_server.add_package(size=20_000)
    http_server.cut_after = 15_000
    fetching.prefer(showing(name))
    eventually(lambda: complete(store, name), "whole")
    assert "bytes=15000-" in http_server.ranges
    assert store.playable(name)


def test_a_package_whose_files_are_not_what_was_approved_is_refused(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefetch, "FIRST_RETRY_S", 0.05)
    name = http_server.add_package()
    segment = http_server.packages / name / "low/0.m4s"
    segment.write_bytes(bytes(len(segment.read_bytes())))
    fetching.prefer(showing(name))
    eventually(lambda: store.report(name).state is PackageState.REFUSED, "refused")


def test_a_package_not_yet_approved_is_asked_for_again(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch
) -> None:
    name = http_server.add_package()
    approval = http_server.approvals.pop(name)
    fetching.prefer(showing(name))
    eventually(lambda: f"/api/v1/packages/{name}" in http_server.requests, "asked")
    assert store.report(name).state is PackageState.WAITING
    http_server.approvals[name] = approval
    fetching.retry()
    eventually(lambda: complete(store, name), "whole")


def test_while_a_lesson_plays_it_goes_on_but_gently(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "PAUSE_WHILE_PLAYING_S", 0.01)
    fetching.playing(True)
    name = http_server.add_package()
    fetching.prefer(showing(name))
    eventually(lambda: complete(store, name), "whole")


def test_the_line_is_measured_by_what_was_fetched(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch
) -> None:
    assert fetching.line() is None
    name = http_server.add_package(size=200_000)
    fetching.prefer(showing(name))
    eventually(lambda: complete(store, name), "whole")
    line = fetching.line()
    assert line
    assert line.kbps > 0
    assert line.bytes_today >= store.report(name).stored_bytes


def test_a_better_rendition_comes_once_the_server_wants_it(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch
) -> None:
    name = http_server.add_package()
    store.limit({name: "low"})
    fetching.prefer(showing(name))
    eventually(lambda: complete(store, name), "the small one whole")
    assert store.report(name).rendition == "low"
    assert not any("/720p/" in path for path in http_server.requests)
    store.limit({})
    fetching.retry()
    eventually(lambda: store.report(name).rendition == "720p", "the best one whole")


def quiet_now() -> FetchRules:
    """Quiet from an hour ago for two hours."""
    clock = now().astimezone(LOCAL_ZONE)
    begins, ends = (clock + timedelta(hours=by) for by in (-1, 1))
    return FetchRules(quiet_from=f"{begins:%H:%M}", quiet_until=f"{ends:%H:%M}")


def test_in_quiet_hours_only_what_airs_soon_comes_and_of_that_only_the_smallest_rendition(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch
) -> None:
    soon, later = http_server.add_package(b"1"), http_server.add_package(b"2")
    fetching.follow(quiet_now())
    fetching.prefer((*showing(soon), *showing(later, after=timedelta(hours=30))))
    eventually(lambda: store.report(soon).playable, "the urgent one plays")
    assert not any(later in path or "/720p/" in path for path in http_server.requests)
    fetching.follow(FetchRules())
    eventually(lambda: complete(store, soon) and complete(store, later), "all of it, when the quiet is over")


def test_the_days_budget_is_never_exceeded(http_server: Counterpart, store: PackageStore, fetching: Prefetch) -> None:
    name = http_server.add_package(size=10_000)
    budget = 150_000
    fetching.follow(FetchRules(daily_bytes=budget))
    fetching.prefer(showing(name, after=timedelta(hours=30)))
    eventually(lambda: store.report(name).playable, "the smallest rendition")
    stored = eventually(lambda: store.stored()[name] > budget - 45_000 and store.stored()[name], "what the day allows")
    line = eventually(fetching.line, "the line is measured")
    assert line is not None
    assert stored < line.bytes_today <= budget
    assert not complete(store, name)
    fetching.follow(FetchRules())
    eventually(lambda: complete(store, name), "whole without a budget")


def test_a_half_file_that_was_altered_meanwhile_is_thrown_away_and_fetched_anew(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefetch, "FIRST_RETRY_S", 0.05)
    name = http_server.add_package()
    assert store.take_manifest(
        name, (http_server.packages / name / "manifest.json").read_bytes(), http_server.approvals[name]
    )
    for file in store.missing(name, best=False)[:3]:
        store.part(name, file).write_bytes(b"\xff" * min(file.bytes, 5))
    fetching.prefer(showing(name))
    eventually(lambda: complete(store, name), "whole")
    assert "bytes=5-" in http_server.ranges
    assert store.playable(name)


def test_a_package_that_is_no_longer_planned_makes_room_by_itself(http_server: Counterpart, tmp_path: Path) -> None:
    first, second = http_server.add_package(b"1"), http_server.add_package(b"2")
    verifier = Verifier(jwk_set([http_server.signer.public_jwk]))
    small = PackageStore(tmp_path / "small", verifier, 120_000)
    with Api(http_server.url, TOKEN) as api:
        running = Prefetch(api, small, Clock(), lambda: None)
        running.start()
        running.prefer(showing(first))
        eventually(lambda: complete(small, first), "the first")
        running.prefer(showing(second))
        eventually(lambda: complete(small, second), "the second")
        assert small.stored().keys() == {second}
        running.close()


def test_an_approval_that_ends_before_the_airing_is_asked_for_again_and_the_files_stay(
    http_server: Counterpart, store: PackageStore, fetching: Prefetch
) -> None:
    name = http_server.add_package()
    http_server.approve(name, until=now() + timedelta(seconds=1))
    fetching.prefer(showing(name))
    eventually(lambda: store.manifest(name) is not None, "its papers")
    assert store.runs_out(name, now() + timedelta(days=1))
    http_server.approve(name, until=now() + timedelta(days=30))
    fetching.retry()
    eventually(lambda: complete(store, name), "whole")
    eventually(lambda: not store.runs_out(name, now() + timedelta(days=1)), "the newer approval")
    (stored,) = store.lessons()
    assert stored.expires_at is not None
    assert stored.expires_at > now() + timedelta(days=29)
    media = [path for path in http_server.requests if path.endswith(".m4s")]
    assert len(media) == len(set(media))
