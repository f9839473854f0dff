"""Do pictures and sounds play through? Playlists against fragments against manifest, and renditions side by side. Pure.

A damage that makes later questions meaningless ends the questions about its track. What one file holds by itself is
`contents`' to say; the master playlist is `check_master`'s.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from media_pipeline.contents import Contents, Init, SegmentFacts, target
from media_pipeline.damage import Damage, DamageKind
from media_pipeline.manifest import MANIFEST_FILE, CaptionTrack, Manifest, Rendition, Sounding
from media_pipeline.playlist import Segment, measured
from media_pipeline.playlist_facts import Media

SLACK_S = 0.002
"""Rounding, in a playlist or in milliseconds."""
SOUND_SLACK_S = 0.5
_PLAYS_FMP4 = 6


@dataclass(frozen=True, slots=True)
class Track:
    """A rendition's picture, or a sound; `frame_rate` and `size` of the picture, 0 and None for sound."""

    playlist: str
    init: str
    segments: tuple[str, ...]
    codecs: tuple[str, ...]
    bytes: int
    frame_rate: float = 0
    size: tuple[int, int] | None = None
    iframes: str = ""


@dataclass(frozen=True, slots=True)
class Laid:
    """A track whose times are in order: where each fragment begins, in seconds, its length, its rates.

    Attributes:
        segments: how many fragments each segment holds.
        rates: peak and average bits per second.
    """

    starts_s: tuple[float, ...]
    segments: tuple[int, ...]
    samples: int
    duration_s: float
    rates: tuple[int, int]

    @property
    def frame_rate(self) -> float:
        """Samples a second."""
        return self.samples / self.duration_s


@dataclass(slots=True)
class Examined:
    """What was found; `laid` by playlist, `iframes_bps` by playlist of I-frames, both only where they are known."""

    damages: list[Damage] = field(default_factory=list)
    laid: dict[str, Laid] = field(default_factory=dict)
    iframes_bps: dict[str, float] = field(default_factory=dict)


def examine(manifest: Manifest, contents: Contents) -> Examined:
    """Everything that is wrong with the tracks, and what they measure."""
    found = Examined()
    tracks = [_pictures(rendition) for rendition in manifest.renditions if rendition.kind == "video"]
    tracks += [_sound(sound) for sound in manifest.sounds]
    sizes = {file.path: file.bytes for file in manifest.files}
    for track in dict.fromkeys(tracks):
        found.damages += _weight(track, sizes)
        laid = _examined(track, contents, found)
        if laid is not None:
            found.laid[track.playlist] = laid
            found.damages += _length(track, laid, manifest.duration_ms / 1000)
    found.damages += _alignment(tracks, found.laid)
    for caption in manifest.captions:
        found.damages += _caption_list(caption, contents, manifest.duration_ms / 1000)
    return found


def version(tags: dict[str, str]) -> int:
    """What EXT-X-VERSION declares; 1 without it."""
    value = tags.get("VERSION", "1")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 4 else 0


def _pictures(rendition: Rendition) -> Track:
    return Track(
        playlist=rendition.playlist,
        init=rendition.init,
        segments=rendition.segments,
        codecs=tuple(rendition.codecs.split(",")),
        bytes=rendition.bytes,
        frame_rate=rendition.frame_rate,
        size=(rendition.width, rendition.height),
        iframes=rendition.iframes,
    )


def _sound(sound: Sounding) -> Track:
    return Track(sound.playlist, sound.init, sound.segments, (sound.codecs,), sound.bytes)


def _weight(track: Track, sizes: dict[str, int]) -> Iterator[Damage]:
    paths = {track.playlist, track.init, *track.segments, *([track.iframes] if track.iframes else [])}
    weighs = sum(sizes.get(path, 0) for path in paths)
    if weighs != track.bytes:
        yield Damage(
            DamageKind.WRONG_FACTS, MANIFEST_FILE, f"{track.playlist} is said to take {track.bytes} bytes, not {weighs}"
        )


def _examined(track: Track, contents: Contents, found: Examined) -> Laid | None:
    """A track by itself; None where its times are not known or not in order."""
    init = contents.inits.get(track.init)
    if init is not None:
        found.damages += _fitting(track, init)
    listing = contents.media.get(track.playlist)
    if listing is None or init is None:
        return None
    found.damages += _tags(track.playlist, listing, ("INDEPENDENT-SEGMENTS", "MAP"))
    named = tuple(target(track.playlist, entry.uri) for entry in listing.entries)
    if named != track.segments or (listing.init and target(track.playlist, listing.init) != track.init):
        found.damages.append(Damage(DamageKind.OTHER_SEGMENTS, track.playlist, "does not play what the manifest lists"))
        return None
    parts = [contents.segments[path] for path in track.segments if path in contents.segments]
    if len(parts) != len(track.segments):
        return None
    lengths = [part.duration / init.timescale for part in parts]
    wrong = [*_times(track, init, parts), *_lengths(track.playlist, listing, lengths)]
    if track.iframes:
        wrong += _iframes(track, init, parts, contents, found)
    found.damages += wrong
    if wrong:
        return None
    fragments = [fragment for part in parts for fragment in part.fragments]
    segments = [Segment(path, length) for path, length in zip(track.segments, lengths, strict=True)]
    return Laid(
        starts_s=tuple(fragment.decode_time / init.timescale for fragment in fragments),
        segments=tuple(len(part.fragments) for part in parts),
        samples=sum(fragment.samples for fragment in fragments),
        duration_s=sum(lengths),
        rates=measured(segments, [part.bytes for part in parts]),
    )


def _fitting(track: Track, init: Init) -> Iterator[Damage]:
    if init.codec not in track.codecs:
        said = ",".join(track.codecs)
        yield Damage(DamageKind.WRONG_INIT, track.init, f"is for {init.codec}, the manifest says {said}")
    if init.size != track.size:
        yield Damage(DamageKind.WRONG_INIT, track.init, f"is for pictures of {init.size}, not {track.size}")


def _tags(path: str, listing: Media, needed: Sequence[str]) -> Iterator[Damage]:
    missing = [name for name in ("TARGETDURATION", *needed) if name not in listing.tags]
    missing += [] if listing.tags.get("PLAYLIST-TYPE") == "VOD" else ["PLAYLIST-TYPE:VOD"]
    missing += [] if listing.ended else ["ENDLIST"]
    missing += [] if version(listing.tags) >= _PLAYS_FMP4 else [f"VERSION of at least {_PLAYS_FMP4}"]
    for name in missing:
        yield Damage(DamageKind.MISSING_TAG, path, f"lacks EXT-X-{name}")
    target_s = listing.tags.get("TARGETDURATION", "")
    longest = max(entry.duration_s for entry in listing.entries)
    if "TARGETDURATION" in listing.tags and not (target_s.isascii() and target_s.isdigit()):
        yield Damage(DamageKind.BAD_PLAYLIST, path, f"EXT-X-TARGETDURATION is {target_s[:20]!r}")
    elif target_s and int(target_s[:9]) + 0.5 < longest:
        yield Damage(DamageKind.TARGET_TOO_SHORT, path, f"a segment lasts {longest:.3f} s, the target is {target_s} s")


def _times(track: Track, init: Init, parts: Sequence[SegmentFacts]) -> Iterator[Damage]:
    """Fragments one after the other: whose, which, when."""
    expected, number = 0, 0
    for path, part in zip(track.segments, parts, strict=True):
        for fragment in part.fragments:
            if fragment.track_id != init.track_id:
                yield Damage(DamageKind.FOREIGN_FRAGMENT, path, f"of track {fragment.track_id}, not {init.track_id}")
            if fragment.sequence <= number:
                yield Damage(DamageKind.MISNUMBERED, path, f"fragment {fragment.sequence} comes after {number}")
            if fragment.decode_time != expected:
                late = (fragment.decode_time - expected) / init.timescale
                kind = DamageKind.GAP if late > 0 else DamageKind.OVERLAP
                yield Damage(kind, path, f"begins {abs(late):.3f} s too {'late' if late > 0 else 'early'}")
            expected, number = fragment.decode_time + fragment.duration, fragment.sequence


def _lengths(path: str, listing: Media, lengths: Sequence[float]) -> Iterator[Damage]:
    """One damage for a playlist, however many of its lengths are wrong."""
    wrong = [
        (entry, length)
        for entry, length in zip(listing.entries, lengths, strict=True)
        if abs(entry.duration_s - length) > SLACK_S
    ]
    if wrong:
        entry, length = wrong[0]
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield Damage(
            DamageKind.WRONG_EXTINF, path, f"{entry.uri} lasts {length:.3f} s, not {entry.duration_s:.3f}{more}"
        )


def _iframes(
    track: Track, init: Init, parts: Sequence[SegmentFacts], contents: Contents, found: Examined
) -> list[Damage]:
    """Every fragment's beginning up to the end of its I-frame, in order, and nothing else."""
    listing = contents.media.get(track.iframes)
    if listing is None:
        return []
    wrong = list(_tags(track.iframes, listing, ("I-FRAMES-ONLY", "INDEPENDENT-SEGMENTS", "MAP")))
    fragments = [(path, one) for path, part in zip(track.segments, parts, strict=True) for one in part.fragments]
    due = [(path, (one.first_sample_end, one.offset)) for path, one in fragments]
    named = [(target(track.iframes, entry.uri), entry.part) for entry in listing.entries]
    if listing.init and target(track.iframes, listing.init) != track.init:
        wrong.append(Damage(DamageKind.BAD_IFRAMES, track.iframes, f"begins with {listing.init}, not {track.init}"))
    for number, (is_, should_be) in enumerate(zip(named, due, strict=False)):
        if is_ != should_be:
            detail = f"frame {number + 1} is {is_[1]} in {is_[0]}, not {should_be[1]} in {should_be[0]}"
            return [*wrong, Damage(DamageKind.BAD_IFRAMES, track.iframes, detail)]
    if len(named) != len(due):
        detail = f"names {len(named)} frames of {len(due)}"
        return [*wrong, Damage(DamageKind.BAD_IFRAMES, track.iframes, detail)]
    lengths = [one.duration / init.timescale for _, one in fragments]
    wrong += _lengths(track.iframes, listing, lengths)
    if min(lengths) > 0:
        rates = [one.first_sample_end * 8 / length for (_, one), length in zip(fragments, lengths, strict=True)]
        found.iframes_bps[track.iframes] = max(rates)
    return wrong


def _length(track: Track, laid: Laid, lesson_s: float) -> Iterator[Damage]:
    """Against the lesson's length: pictures to a frame and a half, sound to half a second."""
    off_s = laid.duration_s - lesson_s
    said = f"lasts {laid.duration_s:.3f} s, the lesson {lesson_s:.3f} s"
    if track.size is None:
        if off_s < -SOUND_SLACK_S:
            yield Damage(DamageKind.SHORT_SOUND, track.playlist, said)
        elif off_s > SOUND_SLACK_S:
            yield Damage(DamageKind.WRONG_LENGTH, track.playlist, said)
        return
    rate = laid.frame_rate
    if not 0.99 * track.frame_rate <= rate <= 1.01 * track.frame_rate:
        detail = f"has {rate:.3f} pictures a second, the manifest says {track.frame_rate}"
        yield Damage(DamageKind.WRONG_FACTS, track.playlist, detail)
    if abs(off_s) > 1.5 / rate + SLACK_S:
        yield Damage(DamageKind.WRONG_LENGTH, track.playlist, said)


def _alignment(tracks: Sequence[Track], laid: dict[str, Laid]) -> Iterator[Damage]:
    """Segments and keyframes of every two renditions stand within a frame of each other."""
    shown = [(track, laid[track.playlist]) for track in tracks if track.size and track.playlist in laid]
    for (one, first), (other, second) in pairwise(shown):
        frame_s = 1 / min(first.frame_rate, second.frame_rate) + SLACK_S
        moments = list(zip(first.starts_s, second.starts_s, strict=False))
        apart = next((a for a, b in moments if abs(a - b) > frame_s), None)
        if apart is None and first.segments == second.segments:
            continue
        where = f"at {apart:.3f} s" if apart is not None else "in how its segments are divided"
        yield Damage(DamageKind.MISALIGNED, other.playlist, f"does not keep step with {one.playlist} {where}")


def _caption_list(caption: CaptionTrack, contents: Contents, lesson_s: float) -> Iterator[Damage]:
    path, listing = caption.playlist, contents.media.get(caption.playlist)
    if listing is None:
        return
    yield from _tags(path, listing, ())
    if [target(path, entry.uri) for entry in listing.entries] != [caption.path]:
        yield Damage(DamageKind.OTHER_SEGMENTS, path, f"does not play {caption.path} alone")
    elif abs(listing.entries[0].duration_s - lesson_s) > SOUND_SLACK_S:
        detail = f"lasts {listing.entries[0].duration_s:.3f} s, the lesson {lesson_s:.3f} s"
        yield Damage(DamageKind.WRONG_LENGTH, path, detail)
