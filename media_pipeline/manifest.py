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
from media_pipeline.recording import Chapter
from media_pipeline.remarks import Remark

FORMAT = 2
"""1: picture and sound in the same segments. 2: sound apart, in groups that renditions name."""
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
    """One encoding of the lesson's picture, or of its sound alone.

    Attributes:
        name: `1080p`, also the folder's name; `sound` for sound alone.
        width, height: pixels; 0 for sound alone.
        frame_rate: frames per second; 0 for sound alone.
        codecs: RFC 6381 list, as in the master playlist: picture and the sound of its group.
        peak_bps, average_bps: measured over whole segments, the group's heaviest sound included.
        playlist: path of its media playlist.
        bytes: every file of this rendition, without the sound of its group.
        init: path of its initialisation segment.
        segments: paths in playing order.
        sound: group of sound tracks that is heard with it (`Sounding.group`); empty in a silent lesson.
        iframes: path of its playlist of I-frames alone, for seeking pictures; empty where there is none.
        iframes_bps: what playing those alone needs at most, in bits per second.
        vmaf, vmaf_p5: mean and 5th percentile, measured on samples at the size of the largest rendition
            (libvmaf, model v0.6.1); None where not measured.
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
    sound: str = ""
    iframes: str = ""
    iframes_bps: Count = 0
    vmaf: float | None = None
    vmaf_p5: float | None = None


class Sounding(msgspec.Struct, frozen=True):
    """One sound track in one group's encoding.

    Attributes:
        group: `main`, or `low` for weak lines; every group has the same tracks.
        language: BCP 47, empty where unknown; label: for people.
        loudness_lufs, true_peak_dbtp: measured on the decoded AAC (EBU R 128); None for silence.
    """

    group: str
    language: str
    label: str
    default: bool
    channels: Count
    codecs: str
    peak_bps: Count
    average_bps: Count
    playlist: PackagePath
    init: PackagePath
    segments: tuple[PackagePath, ...]
    bytes: Count
    loudness_lufs: float | None = None
    true_peak_dbtp: float | None = None


class Thumbnails(msgspec.Struct, frozen=True):
    """Sheets of small pictures for the seek bar, one each `interval_ms`; row by row, `columns` x `rows` on a sheet.

    `index` is a WebVTT file whose cues name a sheet and `#xywh=`.
    """

    sheets: tuple[PackagePath, ...]
    index: PackagePath
    interval_ms: Count
    width: Count
    height: Count
    columns: Count
    rows: Count


class CaptionTrack(msgspec.Struct, frozen=True):
    """One language of captions: `path` is the whole WebVTT file, `playlist` wraps it for HLS; `cues` counts them."""

    language: str
    label: str
    path: PackagePath
    playlist: PackagePath
    cues: Count = 0


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
    """Everything in a package. `files` lists every file but the manifest itself, sorted by path.

    Attributes:
        content: what kind of picture was measured: `slides`, `head`, `board`, `field`, or `sound`.
        remarks: what was done to the recording and what a reviewer should look at.
    """

    duration_ms: Count
    renditions: tuple[Rendition, ...]
    files: tuple[PackageFile, ...]
    made_with: MadeWith
    source: SourceFacts
    captions: tuple[CaptionTrack, ...] = ()
    sounds: tuple[Sounding, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    thumbnails: Thumbnails | None = None
    remarks: tuple[Remark, ...] = ()
    content: str = ""
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
    groups = {sound.group for sound in manifest.sounds}
    if any(rendition.sound and rendition.sound not in groups for rendition in manifest.renditions):
        raise ManifestInvalid("a rendition names a group of sounds that is not there")
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
        paths += [rendition.playlist, *rendition.segments, *filter(None, (rendition.init, rendition.iframes))]
    for sound in manifest.sounds:
        paths += [sound.playlist, sound.init, *sound.segments]
    if manifest.thumbnails is not None:
        paths += [manifest.thumbnails.index, *manifest.thumbnails.sheets]
    for track in manifest.captions:
        paths += [track.path, track.playlist]
    return paths
