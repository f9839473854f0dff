"""HLS playlists as text (RFC 8216), read and written. Pure.

The encoder's own master playlist would advertise nominal rates, so ours is written from measured segments.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from media_pipeline.manifest import CaptionTrack, Rendition, Sounding

_SEGMENT = re.compile(r"#EXTINF:([0-9.]+),[^\n]*\n(?:#[^\n]*\n)*([^#\n][^\n]*)")
_URI = re.compile(r'URI="([^"]*)"')
_SUBTITLES = "captions"


@dataclass(frozen=True, slots=True)
class Segment:
    """A media segment: its address as written in the playlist, and its length in seconds."""

    uri: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class IFrame:
    """An I-frame with the boxes in front of it: where it lies in a segment, and how long it stands."""

    uri: str
    offset: int
    bytes: int
    duration_s: float


def segments(text: str) -> tuple[Segment, ...]:
    """The segments of a media playlist, in order."""
    return tuple(Segment(uri.strip(), float(duration)) for duration, uri in _SEGMENT.findall(text))


def addresses(text: str) -> tuple[str, ...]:
    """Every address that a playlist names, in lines and in `URI=` attributes."""
    lines = [line.strip() for line in text.splitlines()]
    return tuple(line for line in lines if line and not line.startswith("#")) + tuple(
        uri for line in lines if line.startswith("#") for uri in _URI.findall(line)
    )


def media_playlist(parts: Sequence[Segment], init: str | None) -> str:
    """A complete (VOD) media playlist."""
    lines = _head(max((part.duration_s for part in parts), default=0), init)
    for part in parts:
        lines += [f"#EXTINF:{part.duration_s:.6f},", part.uri]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def iframe_playlist(frames: Sequence[IFrame], init: str) -> str:
    """A playlist of I-frames alone (RFC 8216, 4.3.3.6): each a range of a segment's bytes."""
    lines = _head(max((frame.duration_s for frame in frames), default=0), init)
    lines.insert(5, "#EXT-X-I-FRAMES-ONLY")
    for frame in frames:
        lines += [f"#EXTINF:{frame.duration_s:.6f},", f"#EXT-X-BYTERANGE:{frame.bytes}@{frame.offset}", frame.uri]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def _head(longest_s: float, init: str | None) -> list[str]:
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(round(longest_s), 1)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    return lines if init is None else [*lines, "#EXT-X-INDEPENDENT-SEGMENTS", f'#EXT-X-MAP:URI="{init}"']


def master_playlist(
    renditions: Sequence[Rendition], sounds: Sequence[Sounding], captions: Sequence[CaptionTrack]
) -> str:
    """The master playlist, from measured rates; renditions in the order given, captions in one group."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for sound in sounds:
        language = f'LANGUAGE="{sound.language}",' if sound.language else ""
        default = "YES" if sound.default else "NO"
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{sound.group}",NAME="{_name(sound.label)}",{language}'
            f'DEFAULT={default},AUTOSELECT=YES,CHANNELS="{sound.channels}",URI="{sound.playlist}"'
        )
    for index, track in enumerate(captions):
        default = "YES" if index == 0 else "NO"
        lines.append(
            f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{_SUBTITLES}",NAME="{_name(track.label)}",'
            f'LANGUAGE="{track.language}",DEFAULT={default},AUTOSELECT=YES,FORCED=NO,URI="{track.playlist}"'
        )
    for rendition in renditions:
        facts = [
            f"BANDWIDTH={rendition.peak_bps}",
            f"AVERAGE-BANDWIDTH={rendition.average_bps}",
            f'CODECS="{rendition.codecs}"',
        ]
        if rendition.kind == "video":
            facts += [f"RESOLUTION={rendition.width}x{rendition.height}", f"FRAME-RATE={rendition.frame_rate:.3f}"]
        if rendition.sound:
            facts.append(f'AUDIO="{rendition.sound}"')
        if captions:
            facts.append(f'SUBTITLES="{_SUBTITLES}"')
        lines += [f"#EXT-X-STREAM-INF:{','.join(facts)}", rendition.playlist]
    return "\n".join([*lines, *_iframe_streams(renditions), ""])


def _iframe_streams(renditions: Sequence[Rendition]) -> list[str]:
    return [
        f'#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={rendition.iframes_bps},CODECS="{rendition.codecs.split(",")[0]}",'
        f'RESOLUTION={rendition.width}x{rendition.height},URI="{rendition.iframes}"'
        for rendition in renditions
        if rendition.iframes
    ]


def _name(label: str) -> str:
    """A label that cannot break out of its quotes."""
    return "".join(letter for letter in label if letter.isprintable() and letter != '"') or "—"


def measured(parts: Sequence[Segment], sizes: Sequence[int]) -> tuple[int, int]:
    """Peak and average bits per second over whole segments (RFC 8216, 4.3.4.2).

    A last segment shorter than half the longest counts only in the average, as the definition of the peak has it.
    """
    longest = max(part.duration_s for part in parts)
    rates = [size * 8 / part.duration_s for part, size in zip(parts, sizes, strict=True)]
    whole = [rate for part, rate in zip(parts, rates, strict=True) if 2 * part.duration_s >= longest]
    average = ceil(sum(sizes) * 8 / sum(part.duration_s for part in parts))
    return max(ceil(max(whole)), average), average
