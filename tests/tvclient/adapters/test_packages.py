from pathlib import Path

import pytest

from media_pipeline.manifest import decode_manifest
from schedules.airings import PackageName
from schedules.wire.messages import PackageState
from schedules.wire.signing import Signer, Verifier, jwk_set, new_private_jwk
from tests.tvclient.counterpart import Counterpart
from tvclient.adapters.errors import NotPlayable
from tvclient.adapters.packages import PackageStore

BUDGET = 10_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "packages"


def store(folder: Path, server: Counterpart, budget: int = BUDGET) -> PackageStore:
    return PackageStore(folder, Verifier(jwk_set([server.signer.public_jwk])), budget)


def begin(kept: PackageStore, server: Counterpart, name: PackageName) -> None:
    manifest = (server.packages / name / "manifest.json").read_bytes()
    assert kept.take_manifest(name, manifest, server.approvals[name])


def fill(kept: PackageStore, server: Counterpart, name: PackageName, *, best: bool) -> None:
    for file in kept.missing(name, best=best):
        kept.part(name, file).write_bytes((server.packages / name / file.path).read_bytes())
        assert kept.accept(name, file)


def test_the_lowest_rendition_comes_first_and_plays_then_the_better_one(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    assert kept.report(name).state is PackageState.WAITING
    begin(kept, http_server, name)
    assert kept.report(name).state is PackageState.FETCHING
    fill(kept, http_server, name, best=False)
    low = kept.report(name)
    assert low.state is PackageState.STORED
    assert low.stored_bytes < low.wanted_bytes
    assert kept.playable(name).playlist == folder / name / "240p/index.m3u8"
    fill(kept, http_server, name, best=True)
    assert kept.report(name).stored_bytes == low.wanted_bytes
    assert kept.playable(name).playlist == folder / name / "720p/index.m3u8"
    assert kept.playable(name).captions == folder / name / "captions/zh.vtt"
    assert kept.poster(name) == folder / name / "poster.jpg"


def test_a_tight_budget_keeps_to_the_lowest(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(), store(folder, http_server, budget=100_000)
    begin(kept, http_server, name)
    assert not [file for file in kept.missing(name, best=True) if file.path.startswith("720p")]


def test_everything_is_known_again_after_a_restart(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=True)
    again = store(folder, http_server)
    assert again.report(name) == kept.report(name)
    assert again.playable(name) == kept.playable(name)


def test_a_half_file_is_never_visible(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    file = kept.missing(name, best=False)[-1]
    kept.part(name, file).write_bytes((http_server.packages / name / file.path).read_bytes()[:-1])
    assert not kept.accept(name, file)
    assert not (folder / name / file.path).exists()
    assert not kept.part(name, file).exists()
    with pytest.raises(NotPlayable, match="not_stored"):
        kept.playable(name)


def test_a_file_altered_on_the_disk_is_thrown_away_and_a_whole_rendition_plays(
    folder: Path, http_server: Counterpart
) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=True)
    victim = folder / name / "720p/1.m4s"
    data = bytearray(victim.read_bytes())
    data[100] ^= 1
    victim.write_bytes(bytes(data))
    assert kept.playable(name).playlist == folder / name / "240p/index.m3u8"
    assert [file.path for file in kept.missing(name, best=True)] == ["720p/1.m4s"]
    assert not victim.exists()


def test_an_altered_manifest_is_refused_while_running_and_after_a_restart(
    folder: Path, http_server: Counterpart
) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=True)
    manifest = folder / name / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"240p", b"241p"))
    for one in (kept, store(folder, http_server)):
        with pytest.raises(NotPlayable, match="refused"):
            one.playable(name)
        assert one.report(name).state is PackageState.REFUSED


def test_without_the_servers_approval_of_just_this_package_nothing_is_taken(
    folder: Path, http_server: Counterpart
) -> None:
    name, other, kept = http_server.add_package(b"a"), http_server.add_package(b"b"), store(folder, http_server)
    manifest = (http_server.packages / name / "manifest.json").read_bytes()
    good = http_server.approvals[name]
    assert kept.take_manifest(name, manifest, http_server.approvals[other]) is None
    http_server.approve(name, signer=Signer(new_private_jwk()))
    assert kept.take_manifest(name, manifest, http_server.approvals[name]) is None
    assert kept.take_manifest(name, manifest, "") is None
    assert kept.take_manifest(name, manifest + b" ", good) is None
    assert kept.report(name).state is PackageState.REFUSED
    assert not (folder / name).exists()
    assert kept.take_manifest(name, manifest, good) == decode_manifest(manifest)
    assert kept.report(name).state is PackageState.FETCHING


def test_what_nothing_plans_to_show_makes_room(folder: Path, http_server: Counterpart) -> None:
    names = [http_server.add_package(seed) for seed in (b"a", b"b", b"c")]
    kept = store(folder, http_server, budget=200_000)
    for name in names:
        begin(kept, http_server, name)
        fill(kept, http_server, name, best=True)
    kept.make_room([names[2]])
    assert kept.manifest(names[2])
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 200_000
    kept.make_room([])
    assert kept.manifest(names[2])
