"""HLS playlists as text (RFC 8216), read and written. Pure.

The encoder's own master playlist would advertise nominal rates, so ours is written from measured segments.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from media_pipeline.manifest import CaptionTrack, Rendition

_SEGMENT = re.compile(r"#EXTINF:([0-9.]+),[^\n]*\n(?:#[^\n]*\n)*([^#\n][^\n]*)")
_MAP = re.compile(r'#EXT-X-MAP:URI="([^"]+)"')
_URI = re.compile(r'URI="([^"]*)"')
_SUBTITLES = "captions"


@dataclass(frozen=True, slots=True)
class Segment:
    """A media segment: its address as written in the playlist, and its length in seconds."""

    uri: str
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
    target = ceil(max((part.duration_s for part in parts), default=0))
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{target}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    if init is not None:
        lines += ["#EXT-X-INDEPENDENT-SEGMENTS", f'#EXT-X-MAP:URI="{init}"']
    for part in parts:
        lines += [f"#EXTINF:{part.duration_s:.6f},", part.uri]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def master_playlist(renditions: Sequence[Rendition], captions: Sequence[CaptionTrack]) -> str:
    """The master playlist, from measured rates; renditions in the order given, captions in one group."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for index, track in enumerate(captions):
        default = "YES" if index == 0 else "NO"
        lines.append(
            f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{_SUBTITLES}",NAME="{track.label}",LANGUAGE="{track.language}",'
            f'DEFAULT={default},AUTOSELECT=YES,FORCED=NO,URI="{track.playlist}"'
        )
    for rendition in renditions:
        facts = [
            f"BANDWIDTH={rendition.peak_bps}",
            f"AVERAGE-BANDWIDTH={rendition.average_bps}",
            f'CODECS="{rendition.codecs}"',
        ]
        if rendition.kind == "video":
            facts += [f"RESOLUTION={rendition.width}x{rendition.height}", f"FRAME-RATE={rendition.frame_rate:.3f}"]
        if captions:
            facts.append(f'SUBTITLES="{_SUBTITLES}"')
        lines += [f"#EXT-X-STREAM-INF:{','.join(facts)}", rendition.playlist]
    return "\n".join([*lines, ""])


def measured(parts: Sequence[Segment], sizes: Sequence[int]) -> tuple[int, int]:
    """Peak and average bits per second over whole segments (RFC 8216, 4.3.4.2)."""
    peak = max(ceil(size * 8 / part.duration_s) for part, size in zip(parts, sizes, strict=True))
    average = ceil(sum(sizes) * 8 / sum(part.duration_s for part in parts))
    return peak, average


def avc_codec(init: bytes) -> str | None:
    """RFC 6381 name of the H.264 stream in an initialisation segment, such as `avc1.640028`."""
    at = init.find(b"avcC")
    if at < 0 or len(init) < at + 8:
        return None
    return f"avc1.{init[at + 5 : at + 8].hex()}"
