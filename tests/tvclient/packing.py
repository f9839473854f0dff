"""Packages as the pipeline makes them, except that their media are just bytes."""

import hashlib

from media_pipeline.manifest import (
    CaptionTrack,
    MadeWith,
    Manifest,
    PackageFile,
    Rendition,
    Sounding,
    SourceFacts,
)

SEGMENTS = 3
H264, HEVC, AAC = "avc1.640028", "hvc1.1.6.L93.90", "mp4a.40.2"
PICTURES = (("720p", 720, 4, H264), ("720p-hevc", 720, 3, HEVC), ("360p", 360, 2, H264), ("low", 360, 1, H264))
LANGUAGES = (("zh", "普通话"), ("en", "English"))


def pack(
    seed: bytes, seconds: float, size: int, *, muxed: bool, segments: int = SEGMENTS
) -> tuple[dict[str, bytes], Manifest]:
    """Files by path, and their manifest: four renditions, the sound alone, two languages of sound and of captions.

    Args:
        size: bytes of a segment of the lowest rendition; a sound's is a fifth of it.
        muxed: the sound is in the picture's segments, as in format 1.
        segments: of each track.
    """
    files = {"master.m3u8": b"#EXTM3U " + seed, "poster.jpg": b"poster" + seed}
    for language, _label in LANGUAGES:
        files[f"captions/{language}.vtt"] = b"WEBVTT " + language.encode() + seed
        files[f"captions/{language}.m3u8"] = b"#EXTM3U captions " + language.encode() + seed
    renditions = [_rendition(files, seed, *picture, size, segments, muxed) for picture in PICTURES]
    places = [(group, place) for group in ("main", "low") for place in (0, 1) if not muxed]
    sounds = [_sounding(files, seed, group, place, size, segments) for group, place in places]
    length_ms = round(seconds * 1000)
    return files, Manifest(
        duration_ms=length_ms,
        renditions=(*renditions, *(_alone(sound) for sound in sounds if sound.group == "low" and sound.default)),
        sounds=tuple(sounds),
        files=tuple(
            PackageFile(path=path, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
            for path, data in sorted(files.items())
        ),
        made_with=MadeWith(encoder="x264", pipeline="1"),
        source=SourceFacts(duration_ms=length_ms, bytes=1, codec="h264"),
        captions=tuple(
            CaptionTrack(language, label, f"captions/{language}.vtt", f"captions/{language}.m3u8")
            for language, label in LANGUAGES
        ),
        poster="poster.jpg",
        format=1 if muxed else 2,
    )


def _media(files: dict[str, bytes], home: str, seed: bytes, size: int, segments: int) -> int:
    """Add a track's files; returns their bytes together."""
    mark = hashlib.sha256(home.encode()).digest()[:4] + seed
    media = {f"{home}/{n}.m4s": bytes([n]) * size + mark for n in range(segments)}
    media |= {f"{home}/init.mp4": b"init" + mark, f"{home}/index.m3u8": b"#EXTM3U " + mark}
    files |= media
    return sum(map(len, media.values()))


def _rendition(
    files: dict[str, bytes],
    seed: bytes,
    name: str,
    height: int,
    factor: int,
    codec: str,
    size: int,
    segments: int,
    muxed: bool,
) -> Rendition:
    return Rendition(
        name=name,
        kind="video",
        width=height * 16 // 9,
        height=height,
        frame_rate=25,
        codecs=f"{codec},{AAC}",
        peak_bps=2000 * factor,
        average_bps=1000 * factor,
        playlist=f"{name}/index.m3u8",
        bytes=_media(files, name, seed, size * factor, segments),
        init=f"{name}/init.mp4",
        segments=tuple(f"{name}/{n}.m4s" for n in range(segments)),
        sound="" if muxed else "low" if name == "low" else "main",
    )


def _sounding(files: dict[str, bytes], seed: bytes, group: str, place: int, size: int, segments: int) -> Sounding:
    home = f"sound/{group}-{place}"
    language, label = LANGUAGES[place]
    return Sounding(
        group=group,
        language=language,
        label=label,
        default=place == 0,
        channels=1,
        codecs=AAC,
        peak_bps=500,
        average_bps=400,
        playlist=f"{home}/index.m3u8",
        init=f"{home}/init.mp4",
        segments=tuple(f"{home}/{n}.m4s" for n in range(segments)),
        bytes=_media(files, home, seed, size // 5, segments),
    )


def _alone(sound: Sounding) -> Rendition:
    return Rendition(
        name="sound",
        kind="audio",
        width=0,
        height=0,
        frame_rate=0,
        codecs=sound.codecs,
        peak_bps=sound.peak_bps,
        average_bps=sound.average_bps,
        playlist=sound.playlist,
        bytes=0,
        sound=sound.group,
    )
