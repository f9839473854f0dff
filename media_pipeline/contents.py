"""What a package's files hold, as far as its checks need it. Pure: each file's bytes are given once and not kept.

Says what is wrong with one file by itself; whether files fit together is for `check_tracks`, `check_master` and
`check_extras`. A file that is damaged stands in no table here, so that they say nothing of what nobody can know.
"""

import io
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from PIL import Image, UnidentifiedImageError

from media_pipeline import boxes, playlist_facts
from media_pipeline.boxes import BoxesBroken, Fragment
from media_pipeline.damage import Damage, DamageKind
from media_pipeline.manifest import MANIFEST_FILE, Manifest, is_package_path
from media_pipeline.playlist import addresses
from media_pipeline.playlist_facts import Master, Media, PlaylistBroken

MOST_BYTES = 64 << 20
"""No file that has to be looked into is larger."""
_LARGEST_PICTURE = 16_384


class Role(StrEnum):
    """What a file is for."""

    MASTER = "master playlist"
    MEDIA = "media playlist"
    PLAYLIST = "playlist of unknown use"
    TEXT = "text"
    INIT = "initialisation"
    PICTURES = "segment of pictures"
    SOUND = "segment of sound"
    JPEG = "picture"


@dataclass(frozen=True, slots=True)
class Init:
    """An initialisation: RFC 6381 codec, ticks a second, its track, and the picture's size (None for sound)."""

    codec: str
    timescale: int
    track_id: int
    size: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class SegmentFacts:
    """A segment's size in bytes and its fragments, at least one."""

    bytes: int
    fragments: tuple[Fragment, ...]

    @property
    def duration(self) -> int:
        """In ticks."""
        return sum(fragment.duration for fragment in self.fragments)


@dataclass(slots=True)
class Contents:
    """What was read of a package, by path; `texts` are empty where they are no UTF-8."""

    listed: frozenset[str]
    roles: dict[str, Role]
    codecs: dict[str, str]
    master: Master | None = None
    media: dict[str, Media] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    inits: dict[str, Init] = field(default_factory=dict)
    segments: dict[str, SegmentFacts] = field(default_factory=dict)
    jpegs: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, path: str, data: bytes) -> Iterator[Damage]:
        """Look into a file that has a role."""
        match self.roles[path]:
            case Role.MASTER | Role.MEDIA | Role.PLAYLIST as role:
                yield from self._playlist(role, path, data)
            case Role.TEXT:
                try:
                    self.texts[path] = data.decode("utf-8")
                except UnicodeDecodeError:
                    self.texts[path] = ""
            case Role.INIT | Role.PICTURES | Role.SOUND as role:
                try:
                    if role is Role.INIT:
                        self.inits[path] = _init(data)
                    else:
                        self.segments[path] = _segment(data)
                except BoxesBroken as error:
                    yield Damage(DamageKind.BROKEN_BOXES, path, str(error))
                    return
                if role is Role.PICTURES:
                    yield from self._keyframes(path, data)
            case Role.JPEG:
                size = _jpeg_size(data)
                if size is None:
                    yield Damage(DamageKind.BAD_PICTURE, path, "no whole JPEG of a sensible size")
                else:
                    self.jpegs[path] = size
            case role:
                assert_never(role)

    def _playlist(self, role: Role, path: str, data: bytes) -> Iterator[Damage]:
        text = data.decode("utf-8", errors="replace")
        if not text.startswith("#EXTM3U"):
            yield Damage(DamageKind.BAD_PLAYLIST, path, "does not begin with #EXTM3U")
            return
        stray = [address for address in addresses(text) if target(path, address) not in self.listed]
        for address in stray:
            yield Damage(DamageKind.STRAY_ADDRESS, path, f"points at {address!r}, which is not in the package")
        if stray:
            return
        try:
            if role is Role.MASTER:
                self.master = playlist_facts.master(text)
            elif role is Role.MEDIA:
                self.media[path] = playlist_facts.media(text)
        except PlaylistBroken as error:
            yield Damage(DamageKind.BAD_PLAYLIST, path, str(error))

    def _keyframes(self, path: str, data: bytes) -> Iterator[Damage]:
        for number, one in enumerate(self.segments[path].fragments):
            sample = data[one.offset + one.first_sample : one.offset + one.first_sample_end]
            if not one.sync or not begins_anew(self.codecs[path], sample):
                yield Damage(DamageKind.NO_KEYFRAME, path, f"group {number + 1} cannot be decoded from its beginning")


def expected(manifest: Manifest) -> tuple[Contents, tuple[Damage, ...]]:
    """An empty table for a package's files, and how the manifest contradicts itself.

    Packages of format 1 had other segments; of those, playlists alone are looked into.
    """
    roles: dict[str, Role] = {}
    codecs: dict[str, str] = {}
    wrong: list[Damage] = []
    for path, role in _used(manifest) if manifest.format >= 2 else ():
        if roles.setdefault(path, role) is not role:
            wrong.append(Damage(DamageKind.BAD_MANIFEST, MANIFEST_FILE, f"{path} is to be {roles[path]} and {role}"))
    for file in manifest.files:
        if file.path.endswith(".m3u8"):
            roles.setdefault(file.path, Role.PLAYLIST)
    if not manifest.renditions:
        wrong.append(Damage(DamageKind.BAD_MANIFEST, MANIFEST_FILE, "there is nothing to play"))
    for rendition in manifest.renditions:
        if manifest.format >= 2 and rendition.kind == "video" and not rendition.init:
            wrong.append(Damage(DamageKind.BAD_MANIFEST, MANIFEST_FILE, f"{rendition.name} has no initialisation"))
        codecs |= dict.fromkeys(rendition.segments, rendition.codecs)
    return Contents(frozenset(file.path for file in manifest.files), roles, codecs), tuple(wrong)


def target(playlist: str, address: str) -> str:
    """The package's path that a playlist's address means; empty where it can mean none."""
    if not is_package_path(address):
        return ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(playlist), address))


def begins_anew(codec: str, sample: bytes) -> bool:
    """Whether a sample really holds a picture that needs no other, whatever its flags say.

    IDR in H.264 (nal_unit_type 5) and H.265 (16 to 21), a sequence header in AV1.
    """
    if codec.startswith("av01"):
        return bool(sample) and sample[0] >> 3 & 0xF == 1
    at, wide = 0, codec.startswith(("hvc1", "hev1"))
    while at + 5 <= len(sample):
        kind = sample[at + 4] >> 1 & 0x3F if wide else sample[at + 4] & 0x1F
        if (16 <= kind <= 21) if wide else kind == 5:
            return True
        at += 4 + int.from_bytes(sample[at : at + 4])
    return False


def _used(manifest: Manifest) -> Iterator[tuple[str, Role]]:
    yield manifest.master, Role.MASTER
    for rendition in manifest.renditions:
        yield rendition.playlist, Role.MEDIA
        if rendition.iframes:
            yield rendition.iframes, Role.MEDIA
        if rendition.init:
            yield rendition.init, Role.INIT
        yield from ((path, Role.PICTURES) for path in rendition.segments)
    for sound in manifest.sounds:
        yield sound.playlist, Role.MEDIA
        yield sound.init, Role.INIT
        yield from ((path, Role.SOUND) for path in sound.segments)
    for track in manifest.captions:
        yield track.playlist, Role.MEDIA
        yield track.path, Role.TEXT
    if manifest.thumbnails is not None:
        yield manifest.thumbnails.index, Role.TEXT
        yield from ((path, Role.JPEG) for path in manifest.thumbnails.sheets)
    if manifest.poster is not None:
        yield manifest.poster, Role.JPEG


def _init(data: bytes) -> Init:
    head, fragments = boxes.split(data)
    codec = boxes.codec(head)
    if codec is None or fragments:
        raise BoxesBroken("an initialisation of a codec that has no place here, or with pictures in it")
    size = None if codec.startswith("mp4a") else boxes.picture_size(head)
    return Init(codec, boxes.timescale(head), boxes.track_id(head), size)


def _segment(data: bytes) -> SegmentFacts:
    head, fragments = boxes.split(data)
    if head or not fragments:
        raise BoxesBroken("a segment without fragments, or with an initialisation in it")
    if any(fragment.duration == 0 for fragment in fragments):
        raise BoxesBroken("a fragment that lasts no time")
    return SegmentFacts(len(data), fragments)


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None where it is no whole JPEG or absurdly large. Nothing is decoded."""
    if not (data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")):
        return None
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
            width, height = picture.size
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    return (width, height) if min(width, height) >= 1 and max(width, height) <= _LARGEST_PICTURE else None
