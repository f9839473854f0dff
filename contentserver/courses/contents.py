"""Is this file what it says it is? Known by its first bytes, never by its name. Pure.

A recording begins as one of the containers that the media pipeline opens (`media_pipeline.allowed.DEMUXERS`); programs,
web pages, pictures, archives and playlists begin otherwise. The whole file is looked at later, in a confined process.
"""

import re
from collections.abc import Callable
from typing import Final

from contentserver.courses.rules import FileKind
from media_pipeline.caption_formats import CaptionsBroken, decoded

HEAD_BYTES: Final = 64 * 1024
"""So much of a file's beginning is looked at."""
CAPTIONS_LIMIT_BYTES: Final = 5_000_000

_MP4_BOXES: Final = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_ASF: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_MXF: Final = bytes.fromhex("060e2b34020501010d0102")
_RIFF_FORMS: Final = {b"AVI ", b"WAVE", b"AMV "}
_MARKUP: Final = re.compile(r"^\s*<(?:!doctype|html|head|body|script|svg|\?xml)|<script[\s>]|<svg[\s>]", re.IGNORECASE)
_PLAYLIST: Final = re.compile(r"^\s*(?:#EXTM3U|ffconcat|\[playlist\])", re.IGNORECASE)


def is_recording(head: bytes) -> bool:
    """Whether a file that begins so may be a recording or a sound track."""
    return any(begins(head) for begins in _CONTAINERS)


def _transport_stream(head: bytes) -> bool:
    """Packets of 188 bytes, or of 192 with a time before each (cameras), or of 204; five of them agree."""
    for packet, offset in ((188, 0), (192, 4), (204, 0)):
        marks = head[offset : offset + 5 * packet : packet]
        if len(marks) == 5 and set(marks) == {0x47}:
            return True
    return False


def _mp3_or_aac(head: bytes) -> bool:
    if head.startswith(b"ID3"):
        return True
    if len(head) < 4 or head[0] != 0xFF:
        return False
    if head[1] & 0xF6 == 0xF0:  # ADTS
        return True
    layered = head[1] & 0xE0 == 0xE0 and head[1] & 0x06 in {0x02, 0x04} and head[1] & 0x18 != 0x08  # layers III, II
    return layered and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C


_CONTAINERS: Final[tuple[Callable[[bytes], bool], ...]] = (
    lambda head: (head[4:8] in _MP4_BOXES and head[:1] == b"\0") or head[4:8] == b"ftyp",
    lambda head: head.startswith(b"\x1a\x45\xdf\xa3"),  # Matroska, WebM
    lambda head: head[:4] in {b"RIFF", b"RF64"} and head[8:12] in _RIFF_FORMS,
    lambda head: head.startswith((b"\0\0\1\xba", b"\0\0\1\xb3")),  # MPEG programme stream, MPEG video
    _transport_stream,
    lambda head: head.startswith(_ASF),
    lambda head: head.startswith((b"FLV\1", b".RMF", b"OggS", b"fLaC", b"#!AMR")),
    lambda head: _MXF in head,
    lambda head: head[:4] in {b"\x1f\x07\x00\x3f", b"\x1f\x07\x00\xbf"},  # DV
    _mp3_or_aac,
)


def are_captions(data: bytes) -> bool:
    """Whether these bytes are text, in UTF-8, UTF-16 or GB18030, that is neither a web page nor a playlist."""
    try:
        text, _encoding = decoded(data)
    except CaptionsBroken:
        return False
    return not (_controls(text) or _MARKUP.search(text) or _PLAYLIST.match(text))


def _controls(text: str) -> bool:
    return any(char < " " and char not in "\t\n\r\f" for char in text)


def fits(kind: FileKind | None, head: bytes) -> bool:
    """Whether the beginning of a file, at most `HEAD_BYTES` of it, fits what it is to be; None is a recording."""
    return are_captions(head) if kind is FileKind.CAPTIONS else is_recording(head)
