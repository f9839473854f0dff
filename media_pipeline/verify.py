"""Is this folder the package it claims to be? Every difference is named; nothing is mended.

Used after making, on arrival, and from the command line. Needs no encoder and no decoder: files are read once, hashed,
and looked into by `contents`; `check_tracks`, `check_master` and `check_extras` then say whether they fit together, so
that a manifest which vouches for wrong bytes is found out too. The kinds of damage: `damage`.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from media_pipeline import check_extras, check_master, check_tracks, contents
from media_pipeline.contents import MOST_BYTES, Contents
from media_pipeline.damage import Damage, DamageKind
from media_pipeline.errors import ManifestInvalid
from media_pipeline.manifest import MANIFEST_FILE, Manifest, PackageFile, decode_manifest, package_name

__all__ = ["Damage", "DamageKind", "damages", "listing", "measure", "verify_package"]


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
    found, wrong = contents.expected(manifest)
    said = [*wrong, *_files(folder, manifest, found)]
    if manifest.format >= 2:
        examined = check_tracks.examine(manifest, found)
        said += examined.damages
        said += check_master.damages(manifest, found, examined)
        said += check_extras.damages(manifest, found)
    return tuple(said)


def listing(folder: Path) -> list[str]:
    """Every path in the folder that is no directory, sorted, without the manifest."""
    paths = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(name for path in paths if (name := path.relative_to(folder).as_posix()) != MANIFEST_FILE)


def measure(folder: Path, path: str) -> PackageFile:
    """Size and SHA-256 of one file."""
    with (folder / path).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
        return PackageFile(path, stream.tell(), digest.hexdigest())


def _files(folder: Path, manifest: Manifest, found: Contents) -> Iterator[Damage]:
    """Every file against the list; what is whole is looked into."""
    present = set(listing(folder))
    for file in manifest.files:
        path = folder / file.path
        if file.path not in present:
            yield Damage(DamageKind.MISSING, file.path, "listed, but not there")
        elif path.is_symlink() or not path.is_file():
            yield Damage(DamageKind.NOT_A_FILE, file.path, "not an ordinary file")
        elif (size := path.stat().st_size) != file.bytes:
            yield Damage(DamageKind.WRONG_SIZE, file.path, f"{size} bytes instead of {file.bytes}")
        elif file.path in found.roles:
            yield from _looked_into(folder, file, found)
        elif measure(folder, file.path) != file:
            yield _altered(file)
    for extra in sorted(present - {file.path for file in manifest.files}):
        yield Damage(DamageKind.EXTRA, extra, "there, but not listed")


def _looked_into(folder: Path, file: PackageFile, found: Contents) -> Iterator[Damage]:
    if file.bytes > MOST_BYTES:
        role = found.roles[file.path]
        yield Damage(DamageKind.BAD_MANIFEST, MANIFEST_FILE, f"{file.path} is too large for a {role}")
        return
    data = (folder / file.path).read_bytes()
    if hashlib.sha256(data).hexdigest() != file.sha256:
        yield _altered(file)
        return
    yield from found.take(file.path, data)


def _altered(file: PackageFile) -> Damage:
    return Damage(DamageKind.ALTERED, file.path, "its bytes are not those that were made")
