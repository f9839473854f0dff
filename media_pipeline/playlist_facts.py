"""What a playlist says, as values, read as strictly as a package deserves. Pure; written by `playlist`.

A tag that has no place in a package is refused, for it might change what is played: EXT-X-KEY, EXT-X-GAP,
EXT-X-DISCONTINUITY, a second EXT-X-MAP.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)(?:,|$)')
_MEDIA_ONCE = {"VERSION", "TARGETDURATION", "MEDIA-SEQUENCE", "PLAYLIST-TYPE", "INDEPENDENT-SEGMENTS", "MAP"}
_MEDIA_ONCE |= {"I-FRAMES-ONLY", "ENDLIST"}
_MASTER_ONCE = {"VERSION", "INDEPENDENT-SEGMENTS"}


class PlaylistBroken(ValueError):
    """The text is no such playlist; the message is a clause that says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A segment or a part of one: address, seconds, and (length, offset) in bytes where only a part is meant."""

    uri: str
    duration_s: float
    part: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Media:
    """A media playlist: `tags` are those that stand once, without `EXT-X-`, with what follows the colon.

    `init` is the address of the initialisation, empty where none is named.
    """

    tags: dict[str, str]
    entries: tuple[Entry, ...]
    ended: bool
    init: str


@dataclass(frozen=True, slots=True)
class Stream:
    """An entry of a master playlist: its attributes without quotes, and where it is."""

    facts: dict[str, str]
    uri: str


@dataclass(frozen=True, slots=True)
class Master:
    """A master playlist: variants, tracks in groups (EXT-X-MEDIA), and streams of I-frames alone."""

    tags: dict[str, str]
    variants: tuple[Stream, ...]
    tracks: tuple[Stream, ...]
    iframes: tuple[Stream, ...]


def attributes(text: str) -> dict[str, str]:
    """An attribute list (RFC 8216, 4.2).

    Raises:
        PlaylistBroken: it is none, or an attribute stands twice.
    """
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _ATTRIBUTE.match(text, at)
        if match is None or match[1] in found:
            raise PlaylistBroken(f"{text[at : at + 40]!r} is no attribute")
        found[match[1]] = match[2].strip('"')
        at = match.end()
    return found


def media(text: str) -> Media:
    """A media playlist.

    Raises:
        PlaylistBroken: it is none.
    """
    tags: dict[str, str] = {}
    entries: list[Entry] = []
    length: float | None = None
    part: tuple[int, int] | None = None
    last = ""
    for name, value in _lines(text):
        last = name
        if name == "EXTINF":
            length = _seconds(value.partition(",")[0])
        elif name == "BYTERANGE":
            part = _range(value)
        elif name in _MEDIA_ONCE and name not in tags:
            tags[name] = value
        elif name or length is None:
            raise PlaylistBroken(f"{name or value!r} has no place there")
        else:
            entries.append(Entry(value, length, part))
            length = part = None
    if length is not None or not entries:
        raise PlaylistBroken("a segment is promised that does not come")
    init = attributes(tags.get("MAP", "")).get("URI", "")
    return Media(tags, tuple(entries), last == "ENDLIST", init)


def master(text: str) -> Master:
    """A master playlist.

    Raises:
        PlaylistBroken: it is none.
    """
    tags: dict[str, str] = {}
    variants: list[Stream] = []
    tracks: list[Stream] = []
    iframes: list[Stream] = []
    facts: dict[str, str] | None = None
    for name, value in _lines(text):
        if name and facts is not None:
            raise PlaylistBroken("EXT-X-STREAM-INF without an address")
        if name == "STREAM-INF":
            facts = attributes(value)
        elif name in {"MEDIA", "I-FRAME-STREAM-INF"}:
            found = attributes(value)
            (tracks if name == "MEDIA" else iframes).append(Stream(found, found.get("URI", "")))
        elif name in _MASTER_ONCE and name not in tags:
            tags[name] = value
        elif name or facts is None:
            raise PlaylistBroken(f"{name or value!r} has no place there")
        else:
            variants.append(Stream(facts, value))
            facts = None
    if facts is not None:
        raise PlaylistBroken("EXT-X-STREAM-INF without an address")
    return Master(tags, tuple(variants), tuple(tracks), tuple(iframes))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Tags without `EXT-X-` and what follows them; an address has an empty name. Comments are left out."""
    lines = [line.strip() for line in text.splitlines()]
    if not lines or lines[0] != "#EXTM3U":
        raise PlaylistBroken("does not begin with #EXTM3U")
    for line in lines[1:]:
        if line.startswith("#EXT"):
            name, _, value = line[1:].partition(":")
            yield name.removeprefix("EXT-X-"), value
        elif line and not line.startswith("#"):
            yield "", line


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", text):
        raise PlaylistBroken(f"{text[:40]!r} is no length")
    return float(text)


def _range(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9]{1,12})@([0-9]{1,12})", text)
    if match is None:
        raise PlaylistBroken(f"{text[:40]!r} is no range of bytes")
    return int(match[1]), int(match[2])
