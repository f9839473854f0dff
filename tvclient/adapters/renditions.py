"""Which files of a package a showing reads, and which rendition is better than which. Pure.

Knows manifests, and nothing of disks or lines: what is stored is `packages.py`, what fits is `room.py`.
"""

from collections.abc import Callable

from media_pipeline.manifest import Manifest, Rendition, Sounding

H264 = "avc1"


def quality(rendition: Rendition) -> tuple[int, bool, int]:
    """By this the best is chosen: of two that are equally large, a newer codec's, then the one that spends more."""
    return rendition.height, rendition.codecs[:4] != H264, rendition.average_bps


def shown(manifest: Manifest, codecs: frozenset[str]) -> list[Rendition]:
    """Renditions that a box with these codecs (RFC 6381's first four letters) can show, the best last."""
    can = (one for one in manifest.renditions if one.kind == "video" and one.codecs[:4] in codecs)
    return sorted(can, key=quality)


def ladder(manifest: Manifest, codecs: frozenset[str]) -> list[Rendition]:
    """The smallest rendition that the box can show, and after it those that are better, the best last."""
    can = shown(manifest, codecs)
    lowest = min(can, key=lambda one: one.average_bps, default=None)
    return [lowest, *(one for one in can if quality(one) > quality(lowest))] if lowest else []


def sounds(manifest: Manifest, rendition: Rendition) -> list[Sounding]:
    """Sound tracks of a rendition, the default first; none in silence, or where the picture's segments hold it."""
    tracks = [sound for sound in manifest.sounds if rendition.sound and sound.group == rendition.sound]
    return sorted(tracks, key=lambda sound: not sound.default)


def heard(manifest: Manifest, rendition: Rendition, good: Callable[[str], bool]) -> list[Sounding] | None:
    """The good sound tracks of a rendition; None where it cannot be shown: its picture is not whole, or no track is."""
    if not all(map(good, media(rendition))):
        return None
    tracks = sounds(manifest, rendition)
    whole = [sound for sound in tracks if all(map(good, media(sound)))]
    return whole if whole or not tracks else None


def whole(
    manifest: Manifest, codecs: frozenset[str], good: Callable[[str], bool]
) -> tuple[Rendition, list[Sounding]] | None:
    """The best rendition that is good, and its good sound tracks."""
    for rendition in reversed(shown(manifest, codecs)):
        tracks = heard(manifest, rendition, good)
        if tracks is not None:
            return rendition, tracks
    return None


def left(
    manifest: Manifest, once: frozenset[str], codecs: frozenset[str], good: Callable[[str], bool]
) -> tuple[Rendition, list[Sounding]] | None:
    """What is still to be seen of a damaged package: of the renditions that were whole once, the least damaged.

    Its sound tracks are those that are whole; where none is, what is left of each. None where no picture is left.
    """
    open_to = [one for one in shown(manifest, codecs) if one.name in once and _begins(one, good)]

    def heard_of(one: Rendition) -> list[Sounding]:
        tracks = sounds(manifest, one)
        return [sound for sound in tracks if all(map(good, media(sound)))] or [
            sound for sound in tracks if _begins(sound, good)
        ]

    def worth(one: Rendition) -> tuple[bool, float, tuple[int, bool, int]]:
        audible = bool(heard_of(one)) or not sounds(manifest, one)
        return audible, sum(map(good, one.segments)) / len(one.segments), quality(one)

    best = max(open_to, key=worth, default=None)
    return (best, heard_of(best)) if best else None


def _begins(track: Rendition | Sounding, good: Callable[[str], bool]) -> bool:
    """Whether something of a track can be opened."""
    return all(map(good, filter(None, [track.playlist, track.init]))) and any(map(good, track.segments))


def files(manifest: Manifest, rendition: Rendition) -> list[str]:
    """What a showing of this rendition reads, in the order in which it should come."""
    tracks: list[Rendition | Sounding] = [rendition, *sounds(manifest, rendition)]
    poster = [manifest.poster] if manifest.poster else []
    return [*poster, *(track.path for track in manifest.captions), *(path for one in tracks for path in media(one))]


def first_files(manifest: Manifest, rendition: Rendition) -> list[str]:
    """Of those, what must have come before the first showing: one sound track is enough."""
    later = {path for sound in sounds(manifest, rendition)[1:] for path in media(sound)}
    return [path for path in files(manifest, rendition) if path not in later]


def media(track: Rendition | Sounding) -> list[str]:
    """Playlist, initialisation and segments of one track."""
    return [track.playlist, *filter(None, [track.init]), *track.segments]
