"""What a package is: the contract between the pipeline, the content server and the box. Pure and light.

Law of evolution: fields are only ever added, each with a default; a field's meaning and unit never change; readers
ignore fields they do not know. `format` rises only when an older reader could no longer play the package, and a reader
refuses a higher one. A package is named by the SHA-256 of its manifest's bytes, and the manifest holds the SHA-256 of
every other file, so the name vouches for every byte. Signing stays outside. Who writes packages: `transcode.py`; who
checks a folder against its manifest: `verify.py`.
"""

import hashlib
from pathlib import PurePosixPath
from typing import Annotated, Literal

import msgspec

from media_pipeline.errors import ManifestInvalid

FORMAT = 1
MANIFEST_FILE = "manifest.json"

Count = Annotated[int, msgspec.Meta(ge=0)]
Sha256Hex = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
PackagePath = Annotated[str, msgspec.Meta(min_length=1, max_length=240)]


class PackageFile(msgspec.Struct, frozen=True):
    """One file of a package; `path` is relative, with forward slashes."""

    path: PackagePath
    bytes: Count
    sha256: Sha256Hex


class Rendition(msgspec.Struct, frozen=True):
    """One encoding of the lesson.

    Attributes:
        name: `1080p`, also the folder's name.
        width, height: pixels; 0 for sound alone.
        frame_rate: frames per second; 0 for sound alone.
        codecs: RFC 6381 list, as in the master playlist.
        peak_bps, average_bps: measured over whole segments, sound included.
        playlist: path of its media playlist.
        bytes: every file of this rendition together.
        init: path of its initialisation segment.
        segments: paths in playing order.
    """

    name: str
    kind: Literal["video", "audio"]
    width: Count
    height: Count
    frame_rate: float
    codecs: str
    peak_bps: Count
    average_bps: Count
    playlist: PackagePath
    bytes: Count
    init: str = ""
    segments: tuple[PackagePath, ...] = ()


class CaptionTrack(msgspec.Struct, frozen=True):
    """One language of captions: `path` is the whole WebVTT file, `playlist` wraps it for HLS."""

    language: str
    label: str
    path: PackagePath
    playlist: PackagePath


class MadeWith(msgspec.Struct, frozen=True):
    """Which programs made the package."""

    encoder: str
    pipeline: str


class SourceFacts(msgspec.Struct, frozen=True):
    """What the recording was."""

    duration_ms: Count
    bytes: Count
    codec: str


class Manifest(msgspec.Struct, frozen=True):
    """Everything in a package. `files` lists every file but the manifest itself, sorted by path."""

    duration_ms: Count
    renditions: tuple[Rendition, ...]
    files: tuple[PackageFile, ...]
    made_with: MadeWith
    source: SourceFacts
    captions: tuple[CaptionTrack, ...] = ()
    poster: str | None = None
    master: PackagePath = "master.m3u8"
    format: int = FORMAT


def encode_manifest(manifest: Manifest) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8. The same manifest always gives the same bytes."""
    return msgspec.json.encode(manifest, order="sorted")


def package_name(manifest_bytes: bytes) -> str:
    """`sha256-<hex>` of the manifest's bytes: the name of the package and of its folder."""
    return f"sha256-{hashlib.sha256(manifest_bytes).hexdigest()}"


def decode_manifest(manifest_bytes: bytes) -> Manifest:
    """Read a manifest from an untrusted source.

    Raises:
        ManifestInvalid: no manifest, a newer format, a path that is absolute, climbs out, repeats, or is not listed.
    """
    try:
        manifest = msgspec.json.decode(manifest_bytes, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ManifestInvalid(f"not a manifest: {error}") from error
    if not 1 <= manifest.format <= FORMAT:
        raise ManifestInvalid(f"format {manifest.format} is not known here")
    listed: set[str] = set()
    for file in manifest.files:
        if not is_package_path(file.path):
            raise ManifestInvalid(f"path leaves the package: {file.path!r}")
        if file.path in listed or file.path == MANIFEST_FILE:
            raise ManifestInvalid(f"path stands twice: {file.path!r}")
        listed.add(file.path)
    for path in _referenced(manifest):
        if path not in listed:
            raise ManifestInvalid(f"path is used but not listed: {path!r}")
    return manifest


def is_package_path(path: str) -> bool:
    """Whether `path` is relative, already normal, printable, and stays inside the package."""
    if not path or path.startswith("/") or "\\" in path or not path.isprintable():
        return False
    return all(part not in {"", ".", ".."} for part in path.split("/")) and str(PurePosixPath(path)) == path


def _referenced(manifest: Manifest) -> list[str]:
    paths = [manifest.master]
    if manifest.poster is not None:
        paths.append(manifest.poster)
    for rendition in manifest.renditions:
        paths += [rendition.playlist, *([rendition.init] if rendition.init else []), *rendition.segments]
    for track in manifest.captions:
        paths += [track.path, track.playlist]
    return paths
