"""Every kind of damage is found and named."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from media_pipeline.manifest import package_name
from media_pipeline.verify import DamageKind, measure, verify_package


def relist(folder: Path, *paths: str) -> Path:
    """Make the manifest vouch for changed files, as a forger would, and give the folder its new name."""
    manifest = folder / "manifest.json"
    raw = json.loads(manifest.read_bytes())
    for file in raw["files"]:
        if file["path"] in paths:
            found = measure(folder, file["path"])
            file.update(bytes=found.bytes, sha256=found.sha256)
    manifest.write_text(json.dumps(raw))
    return folder.rename(folder.with_name(package_name(manifest.read_bytes())))


def cut(folder: Path) -> Path:
    segment = folder / "360p/seg-00000.m4s"
    segment.write_bytes(segment.read_bytes()[:-1])
    return folder


def flip(folder: Path) -> Path:
    segment = folder / "360p/seg-00001.m4s"
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    return folder


def lose(folder: Path) -> Path:
    (folder / "captions/zh.vtt").unlink()
    return folder


def add(folder: Path) -> Path:
    (folder / "360p/extra.sh").write_text("#!/bin/sh\n")
    return folder


def link(folder: Path) -> Path:
    (folder / "poster.jpg").unlink()
    (folder / "poster.jpg").symlink_to("/etc/hostname")
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
        playlist = folder / "360p/index.m3u8"
        playlist.write_text(playlist.read_text().replace("seg-00001.m4s", address))
        return relist(folder, "360p/index.m3u8")

    return write


def stray_map(folder: Path) -> Path:
    playlist = folder / "360p/index.m3u8"
    playlist.write_text(playlist.read_text().replace('URI="init.mp4"', 'URI="file:///etc/passwd"'))
    return relist(folder, "360p/index.m3u8")


def no_playlist(folder: Path) -> Path:
    (folder / "master.m3u8").write_text("360p/index.m3u8\n")
    return relist(folder, "master.m3u8")


DAMAGES: dict[str, tuple[Callable[[Path], Path], DamageKind, str]] = {
    "a byte short": (cut, DamageKind.WRONG_SIZE, "360p/seg-00000.m4s"),
    "one bit turned": (flip, DamageKind.ALTERED, "360p/seg-00001.m4s"),
    "a file lost": (lose, DamageKind.MISSING, "captions/zh.vtt"),
    "a file too many": (add, DamageKind.EXTRA, "360p/extra.sh"),
    "a link": (link, DamageKind.NOT_A_FILE, "poster.jpg"),
    "a pipe": (pipe, DamageKind.NOT_A_FILE, "poster.jpg"),
    "another name": (rename, DamageKind.WRONG_NAME, "sha256-" + "0" * 64),
    "no manifest": (no_manifest, DamageKind.NO_MANIFEST, "manifest.json"),
    "a broken manifest": (bad_manifest, DamageKind.BAD_MANIFEST, "manifest.json"),
    "a web address": (stray("https://example.org/x.m4s"), DamageKind.STRAY_ADDRESS, "360p/index.m3u8"),
    "a path that climbs": (stray("../../other/x.m4s"), DamageKind.STRAY_ADDRESS, "360p/index.m3u8"),
    "a file not there": (stray("seg-00009.m4s"), DamageKind.STRAY_ADDRESS, "360p/index.m3u8"),
    "a foreign beginning": (stray_map, DamageKind.STRAY_ADDRESS, "360p/index.m3u8"),
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
