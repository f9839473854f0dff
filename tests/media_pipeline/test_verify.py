"""Every kind of damage is found and named."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_pipeline.damage import MEANINGS
from media_pipeline.manifest import decode_manifest, package_name
from media_pipeline.transcode import Package
from media_pipeline.verify import DamageKind, verify_package
from tests.media_pipeline.forger import Forger
from tests.media_pipeline.test_forgeries import FORGERIES


def cut(folder: Path) -> Path:
    segment = folder / "90p/seg-00000.m4s"
    segment.write_bytes(segment.read_bytes()[:-1])
    return folder


def flip(folder: Path) -> Path:
    segment = folder / "90p/seg-00001.m4s"
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    return folder


def lose(folder: Path) -> Path:
    (folder / "captions/zh.vtt").unlink()
    return folder


def add(folder: Path) -> Path:
    (folder / "90p/extra.sh").write_text("#!/bin/sh\n")
    return folder


def link(folder: Path) -> Path:
    (folder / "poster.jpg").unlink()
    (folder / "poster.jpg").symlink_to("/etc/hostname")
    return folder


def redirect(folder: Path) -> Path:
    (folder / "low").rename(folder.parent / "elsewhere")
    (folder / "low").symlink_to(folder.parent / "elsewhere")
    return folder


def pipe(folder: Path) -> Path:
    (folder / "poster.jpg").unlink()
    os.mkfifo(folder / "poster.jpg")
    return folder


def rename(folder: Path) -> Path:
    return folder.rename(folder.with_name("sha256-" + "0" * 64))


def no_manifest(folder: Path) -> Path:
    (folder / "manifest.json").unlink()
    return folder


def bad_manifest(folder: Path) -> Path:
    (folder / "manifest.json").write_text('{"duration_ms": "long"}')
    return folder.rename(folder.with_name(package_name((folder / "manifest.json").read_bytes())))


def stray(address: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        forger = Forger(folder)
        forger.text("90p/index.m3u8", "seg-00001.m4s", address)
        return forger.sealed()

    return write


def stray_map(folder: Path) -> Path:
    forger = Forger(folder)
    forger.text("90p/index.m3u8", 'URI="init.mp4"', 'URI="file:///etc/passwd"')
    return forger.sealed()


def no_playlist(folder: Path) -> Path:
    forger = Forger(folder)
    forger.data("master.m3u8", lambda _: b"90p/index.m3u8\n")
    return forger.sealed()


DAMAGES: dict[str, tuple[Callable[[Path], Path], DamageKind, str]] = {
    "a byte short": (cut, DamageKind.WRONG_SIZE, "90p/seg-00000.m4s"),
    "one bit turned": (flip, DamageKind.ALTERED, "90p/seg-00001.m4s"),
    "a file lost": (lose, DamageKind.MISSING, "captions/zh.vtt"),
    "a file too many": (add, DamageKind.EXTRA, "90p/extra.sh"),
    "a link": (link, DamageKind.NOT_A_FILE, "poster.jpg"),
    "a pipe": (pipe, DamageKind.NOT_A_FILE, "poster.jpg"),
    "another name": (rename, DamageKind.WRONG_NAME, "sha256-" + "0" * 64),
    "no manifest": (no_manifest, DamageKind.NO_MANIFEST, "manifest.json"),
    "a broken manifest": (bad_manifest, DamageKind.BAD_MANIFEST, "manifest.json"),
    "a web address": (stray("https://example.org/x.m4s"), DamageKind.STRAY_ADDRESS, "90p/index.m3u8"),
    "a path that climbs": (stray("../../other/x.m4s"), DamageKind.STRAY_ADDRESS, "90p/index.m3u8"),
    "a file not there": (stray("seg-00009.m4s"), DamageKind.STRAY_ADDRESS, "90p/index.m3u8"),
    "a foreign beginning": (stray_map, DamageKind.STRAY_ADDRESS, "90p/index.m3u8"),
    "no playlist": (no_playlist, DamageKind.BAD_PLAYLIST, "master.m3u8"),
}


def test_a_whole_package_has_no_damage(copied: Path) -> None:
    assert verify_package(copied) == ()


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_named(copied: Path, name: str) -> None:
    do, kind, path = DAMAGES[name]
    found = verify_package(do(copied))
    assert [(damage.kind, damage.path) for damage in found] == [(kind, path)]
    assert found[0].detail


def test_all_damages_are_told_at_once(copied: Path) -> None:
    found = verify_package(add(lose(flip(cut(copied)))))
    assert {damage.kind for damage in found} == {
        DamageKind.WRONG_SIZE,
        DamageKind.ALTERED,
        DamageKind.MISSING,
        DamageKind.EXTRA,
    }


def test_every_kind_of_damage_is_shown_here_and_has_its_sentence() -> None:
    shown = {kind for _, kind, _ in DAMAGES.values()} | {kind for _, kinds, _ in FORGERIES.values() for kind in kinds}
    assert shown == set(MEANINGS) == set(DamageKind)


def test_a_folder_that_leads_elsewhere(copied: Path) -> None:
    found = verify_package(redirect(copied))
    assert {damage.kind for damage in found} == {DamageKind.MISSING, DamageKind.EXTRA}


@pytest.fixture(scope="module")
def spare(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that is whole again after each use."""
    return Path(shutil.copytree(package.path, tmp_path_factory.mktemp("spare") / package.name))


@settings(deadline=None, max_examples=60)
@given(draw=st.data())
def test_any_changed_byte_is_found(spare: Path, draw: st.DataObject) -> None:
    files = [file for file in decode_manifest((spare / "manifest.json").read_bytes()).files if file.bytes]
    file = draw.draw(st.sampled_from(files))
    at = draw.draw(st.integers(0, file.bytes - 1))
    path, before = spare / file.path, (spare / file.path).read_bytes()
    changed = before[at] ^ draw.draw(st.integers(1, 255))
    path.write_bytes(before[:at] + bytes([changed]) + before[at + 1 :])
    found = verify_package(spare)
    path.write_bytes(before)
    assert [(damage.kind, damage.path) for damage in found] == [(DamageKind.ALTERED, file.path)]


@settings(deadline=None, max_examples=60)
@given(draw=st.data())
def test_bytes_that_a_forger_vouches_for_never_break_the_check(spare: Path, draw: st.DataObject) -> None:
    """Whatever a file holds, there is an answer, and the same one twice."""
    files = decode_manifest((spare / "manifest.json").read_bytes()).files
    file = draw.draw(st.sampled_from(files))
    at = draw.draw(st.integers(0, file.bytes))
    junk = draw.draw(st.binary(max_size=12))
    saved = {path: (spare / path).read_bytes() for path in (file.path, "manifest.json")}
    (spare / file.path).write_bytes(saved[file.path][:at] + junk + saved[file.path][at + len(junk) :])
    forged = Forger(spare).sealed()
    try:
        assert verify_package(forged) == verify_package(forged)
    finally:
        forged.rename(spare)
        for path, content in saved.items():
            (spare / path).write_bytes(content)
