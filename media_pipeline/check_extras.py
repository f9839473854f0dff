"""Do captions and thumbnails fit the lesson? Pure. Whether a picture is a picture is `contents`' to say."""

import re
from collections.abc import Iterator

from media_pipeline.caption_formats import CaptionsBroken, Cue, Format, parsed
from media_pipeline.contents import Contents, target
from media_pipeline.damage import Damage, DamageKind
from media_pipeline.manifest import CaptionTrack, Manifest, Thumbnails

_PLACE = re.compile(r"([^#\s]+)#xywh=([0-9]{1,6}),([0-9]{1,6}),([0-9]{1,6}),([0-9]{1,6})")


def damages(manifest: Manifest, contents: Contents) -> Iterator[Damage]:
    """Everything that is wrong with captions and thumbnails."""
    for track in manifest.captions:
        if track.path in contents.texts:
            yield from _captions(track, contents.texts[track.path], manifest.duration_ms)
    sheets = manifest.thumbnails
    if sheets is not None and sheets.index in contents.texts:
        yield from _thumbnails(sheets, contents, manifest.duration_ms)


def _captions(track: CaptionTrack, text: str, duration_ms: int) -> Iterator[Damage]:
    try:
        cues = _cues(text)
    except CaptionsBroken as error:
        yield Damage(DamageKind.BAD_CAPTIONS, track.path, str(error))
        return
    late = [cue for cue in cues if cue.end_ms > duration_ms]
    if late:
        detail = f"{len(late)} of {len(cues)} end after the lesson, at {late[-1].end_ms / 1000:.3f} s at the latest"
        yield Damage(DamageKind.LATE_CAPTIONS, track.path, detail)


def _cues(text: str) -> list[Cue]:
    if not text:
        raise CaptionsBroken("empty, or not UTF-8")
    form, cues = parsed(text)
    if form is not Format.WEBVTT or not text.startswith("WEBVTT"):
        raise CaptionsBroken("not WebVTT")
    if not cues:
        raise CaptionsBroken("holds no captions")
    return cues


def _thumbnails(sheets: Thumbnails, contents: Contents, duration_ms: int) -> Iterator[Damage]:
    path = sheets.index
    try:
        cues = _cues(contents.texts[path])
    except CaptionsBroken as error:
        yield Damage(DamageKind.BAD_THUMBNAILS, path, str(error))
        return
    for cue in cues:
        place = _PLACE.fullmatch(cue.text)
        if place is None:
            yield Damage(DamageKind.BAD_THUMBNAILS, path, f"{cue.text[:40]!r} names no part of a sheet")
            continue
        sheet = target(path, place[1])
        if sheet not in sheets.sheets:
            yield Damage(DamageKind.BAD_THUMBNAILS, path, f"{place[1]} is none of the sheets")
        elif sheet in contents.jpegs:
            x, y, width, height = (int(place[at]) for at in range(2, 6))
            across, down = contents.jpegs[sheet]
            if not (0 < width <= across - x and 0 < height <= down - y):
                yield Damage(DamageKind.BAD_THUMBNAILS, path, f"{cue.text} lies outside a sheet of {across}x{down}")
    if cues[-1].end_ms > duration_ms:
        yield Damage(DamageKind.BAD_THUMBNAILS, path, "runs past the end of the lesson")
