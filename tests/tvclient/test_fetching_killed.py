"""A power cut while packages come, and a full disk: no half file under a real name, nothing whole comes twice."""

import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_pipeline.manifest import decode_manifest
from schedules.airings import PackageName
from schedules.wire.signing import Verifier, jwk_set
from tests.tvclient.awaiting import eventually
from tests.tvclient.counterpart import Counterpart
from tests.tvclient.village import Box, showing
from tvclient.adapters import packages, prefetch
from tvclient.adapters.packages import PackageStore

_FETCHING = """
import sys, threading
from pathlib import Path
from schedules.wire.signing import Verifier
from tests.tvclient.counterpart import TOKEN
from tests.tvclient.village import BUDGET, showing
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.prefetch import Prefetch

url, folder, keys, *names = sys.argv[1:]
store = PackageStore(Path(folder), Verifier(keys.encode()), 10 * BUDGET)
prefetch = Prefetch(Api(url, TOKEN), store, Clock(), lambda: None)
prefetch.start()
prefetch.prefer(showing(*names))
threading.Event().wait()
"""


def start(server: Counterpart, folder: Path, *names: PackageName, limit: int = 0) -> "subprocess.Popen[bytes]":
    """A process that fetches; with `limit` no file of it can be longer than so many bytes."""
    keys = jwk_set([server.signer.public_jwk]).decode()
    child = subprocess.Popen(
        [sys.executable, "-c", _FETCHING, server.url, str(folder), keys, *names],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path.cwd(),
    )
    if limit:
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    return child


def kill(child: "subprocess.Popen[bytes]") -> None:
    os.kill(child.pid, signal.SIGKILL)
    child.wait(10)


def looked_at(server: Counterpart, folder: Path) -> PackageStore:
    return PackageStore(folder, Verifier(jwk_set([server.signer.public_jwk])), 100_000_000)


def whole_files(server: Counterpart, folder: Path, name: PackageName) -> set[str]:
    """Files under a real name; each must have the hash that it should have."""
    place = folder / name
    if not (place / "manifest.json").exists():
        return set()
    manifest = decode_manifest((server.packages / name / "manifest.json").read_bytes())
    here = {file.path: file.sha256 for file in manifest.files if (place / file.path).exists()}
    for path, digest in here.items():
        assert hashlib.sha256((place / path).read_bytes()).hexdigest() == digest, path
    return set(here)


def complete(server: Counterpart, folder: Path, *names: PackageName) -> bool:
    manifests = {name: decode_manifest((server.packages / name / "manifest.json").read_bytes()) for name in names}
    wanted = ("low/", "720p/", "sound/", "captions/", "poster")
    return all(
        (folder / name / file.path).exists()
        for name, manifest in manifests.items()
        for file in manifest.files
        if file.path.startswith(wanted) and not file.path.startswith("captions/") and "720p-hevc" not in file.path
    )


def test_killed_again_and_again_it_goes_on_where_it_was(http_server: Counterpart, tmp_path: Path) -> None:
    folder = tmp_path / "packages"
    names = [http_server.add_package(seed, size=60_000) for seed in (b"a", b"b", b"c")]
    chance, kills, expected = random.Random(7), 0, 0
    whole: set[str] = set()
    while not complete(http_server, folder, *names):
        before = len(http_server.requests)
        child = start(http_server, folder, *names)
        enough = before + chance.randrange(8, 30)
        eventually(
            lambda least=enough: len(http_server.requests) >= least or complete(http_server, folder, *names),  # type: ignore[misc]
            "some files",
            120,
        )
        kill(child)
        kills += 1
        asked_again = {path.removeprefix("/packages/") for path in http_server.requests[before:]} & whole
        assert asked_again == set()
        whole = {f"{name}/{path}" for name in names for path in whole_files(http_server, folder, name)}
        assert len(whole) >= expected
        expected = len(whole)
    assert kills > 2
    store = looked_at(http_server, folder)
    for name in names:
        assert store.playable(name).playlist.parent.name == "720p"


def test_a_file_that_cannot_be_written_leaves_nothing_half_and_comes_when_it_can(
    http_server: Counterpart, tmp_path: Path
) -> None:
    folder = tmp_path / "packages"
    name = http_server.add_package(size=30_000)
    child = start(http_server, folder, name)
    kill(child)
    child = start(http_server, folder, name, limit=20_000)
    try:
        eventually(lambda: sum("low/" in path for path in http_server.requests) > 2, "tried again")
        assert not any(path.endswith(".m4s") and path.startswith("low") for path in _sizes(folder / name))
        whole_files(http_server, folder, name)
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        eventually(lambda: complete(http_server, folder, name), "whole once it can be written")
        whole_files(http_server, folder, name)
    finally:
        kill(child)


def _sizes(place: Path) -> list[str]:
    return [str(file.relative_to(place)) for file in place.rglob("*") if file.is_file()] if place.exists() else []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=False)
    if mounted.returncode:
        pytest.skip("this account may not mount a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_stops_no_thread_and_room_that_comes_is_used(
    http_server: Counterpart, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "RESERVE", 0)
    monkeypatch.setattr(prefetch, "RETRY_S", 0.2)
    monkeypatch.setattr(prefetch, "IDLE_S", 0.2)
    name = http_server.add_package(size=50_000)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1024 * (1024 - 100)))
    box = Box(http_server, small_disk, 1, None)
    try:
        box.prefetch.prefer(showing(name))
        eventually(lambda: box.store.manifest(name), "the manifest")
        assert box.store.missing(name, best=True) == ()
        assert not box.store.report(name).playable
        assert box.store.room([name]).free_bytes < 100_000
        ballast.write_bytes(bytes(1024 * (1024 - 400)))
        eventually(lambda: box.store.report(name).playable, "the smallest rendition fits")
        assert box.store.report(name).rendition == "low"
        ballast.unlink()
        eventually(lambda: box.store.report(name).rendition == "720p", "the best one fits")
    finally:
        box.close()


def test_a_disk_that_others_fill_meanwhile_costs_nothing_that_is_whole(
    http_server: Counterpart, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "RESERVE", -10_000_000)
    monkeypatch.setattr(prefetch, "RETRY_S", 0.2)
    name = http_server.add_package(size=100_000)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1024 * (1024 - 250)))
    box = Box(http_server, small_disk, 1, None)
    try:
        box.prefetch.prefer(showing(name))
        eventually(lambda: sum("/low/" in path for path in http_server.requests) > 9, "no room, tried again")
        assert not box.store.report(name).playable
        stored = whole_files(http_server, small_disk / "box-1" / "packages", name)
        ballast.unlink()
        eventually(lambda: box.store.report(name).playable, "playable")
        assert stored <= whole_files(http_server, small_disk / "box-1" / "packages", name)
    finally:
        box.close()
