"""Is this folder the package it claims to be? Every difference is named; nothing is mended.

Used after making, on arrival, and from the command line. Needs no encoder and no decoder.
"""

import hashlib
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from media_pipeline.errors import ManifestInvalid
from media_pipeline.manifest import (
    MANIFEST_FILE,
    Manifest,
    PackageFile,
    decode_manifest,
    is_package_path,
    package_name,
)
from media_pipeline.playlist import addresses


class DamageKind(StrEnum):
    """What can be wrong with a package."""

    NO_MANIFEST = "no_manifest"
    BAD_MANIFEST = "bad_manifest"
    WRONG_NAME = "wrong_name"
    MISSING = "missing"
    EXTRA = "extra"
    NOT_A_FILE = "not_a_file"
    WRONG_SIZE = "wrong_size"
    ALTERED = "altered"
    BAD_PLAYLIST = "bad_playlist"
    STRAY_ADDRESS = "stray_address"


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is wrong, where, and how."""

    kind: DamageKind
    path: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind} {self.path}: {self.detail}"


def verify_package(folder: Path) -> tuple[Damage, ...]:
    """Everything that is wrong with a package's folder, its name included; empty where it is whole."""
    found = list(damages(folder))
    manifest = folder / MANIFEST_FILE
    if manifest.is_file():
        name = package_name(manifest.read_bytes())
        if folder.resolve().name != name:
            found.insert(0, Damage(DamageKind.WRONG_NAME, folder.resolve().name, f"its manifest makes it {name}"))
    return tuple(found)


def damages(folder: Path) -> tuple[Damage, ...]:
    """Like `verify_package`, for a folder that does not have its name yet."""
    path = folder / MANIFEST_FILE
    if path.is_symlink() or not path.is_file():
        return (Damage(DamageKind.NO_MANIFEST, MANIFEST_FILE, "there is no manifest"),)
    try:
        manifest = decode_manifest(path.read_bytes())
    except ManifestInvalid as error:
        return (Damage(DamageKind.BAD_MANIFEST, MANIFEST_FILE, error.message),)
    return (*_files(folder, manifest), *_playlists(folder, manifest))


def listing(folder: Path) -> list[str]:
    """Every path in the folder that is no directory, sorted, without the manifest."""
    paths = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(name for path in paths if (name := path.relative_to(folder).as_posix()) != MANIFEST_FILE)


def measure(folder: Path, path: str) -> PackageFile:
    """Size and SHA-256 of one file."""
    with (folder / path).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
        return PackageFile(path, stream.tell(), digest.hexdigest())


def _files(folder: Path, manifest: Manifest) -> Iterator[Damage]:
    present = set(listing(folder))
    for file in manifest.files:
        if file.path not in present:
            yield Damage(DamageKind.MISSING, file.path, "listed, but not there")
            continue
        if (folder / file.path).is_symlink() or not (folder / file.path).is_file():
            yield Damage(DamageKind.NOT_A_FILE, file.path, "not an ordinary file")
            continue
        found = measure(folder, file.path)
        if found.bytes != file.bytes:
            yield Damage(DamageKind.WRONG_SIZE, file.path, f"{found.bytes} bytes instead of {file.bytes}")
        elif found.sha256 != file.sha256:
            yield Damage(DamageKind.ALTERED, file.path, "its bytes are not those that were made")
    for path in sorted(present - {file.path for file in manifest.files}):
        yield Damage(DamageKind.EXTRA, path, "there, but not listed")


def _playlists(folder: Path, manifest: Manifest) -> Iterator[Damage]:
    listed = {file.path for file in manifest.files}
    for file in manifest.files:
        playlist = folder / file.path
        if not file.path.endswith(".m3u8") or playlist.is_symlink() or not playlist.is_file():
            continue
        text = playlist.read_bytes().decode("utf-8", errors="replace")
        if not text.startswith("#EXTM3U"):
            yield Damage(DamageKind.BAD_PLAYLIST, file.path, "does not begin with #EXTM3U")
            continue
        for address in addresses(text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), address))
            if not is_package_path(address) or target not in listed:
                yield Damage(DamageKind.STRAY_ADDRESS, file.path, f"points at {address!r}, which is not in the package")
