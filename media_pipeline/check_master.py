"""Does the master playlist offer exactly what the manifest lists, with what the segments really need? Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from media_pipeline.check_tracks import Examined, version
from media_pipeline.contents import Contents, target
from media_pipeline.damage import Damage, DamageKind
from media_pipeline.manifest import MANIFEST_FILE, CaptionTrack, Manifest, Rendition, Sounding
from media_pipeline.playlist_facts import Master, Stream

_OFF = 0.1
"""How far a bandwidth may be from what was measured: Apple's authoring rules, 2.11 and 2.12."""


def damages(manifest: Manifest, contents: Contents, examined: Examined) -> Iterator[Damage]:
    """Everything that is wrong with the master playlist, and rates in the manifest that nothing measures."""
    yield from _stated(manifest, examined)
    yield from _groups(manifest)
    master = contents.master
    if master is None:
        return
    path = manifest.master
    for name in ("INDEPENDENT-SEGMENTS", "VERSION"):
        if name not in master.tags:
            yield Damage(DamageKind.MISSING_TAG, path, f"lacks EXT-X-{name}")
    if "VERSION" in master.tags and version(master.tags) < 6:
        yield Damage(DamageKind.MISSING_TAG, path, "lacks EXT-X-VERSION of at least 6")
    yield from _variants(manifest, master, examined)
    yield from _iframe_streams(manifest, master, examined)
    yield from _tracks(manifest, master)


def _groups(manifest: Manifest) -> Iterator[Damage]:
    """Every group of sounds has the same tracks, one of them the default; sound alone is one of its group's."""
    yield from _defaults(MANIFEST_FILE, [(sound.group, sound.default) for sound in manifest.sounds])
    groups: dict[str, list[tuple[str, str]]] = {}
    for sound in manifest.sounds:
        groups.setdefault(sound.group, []).append((sound.language, sound.label))
    for (one, first), (other, second) in pairwise(groups.items()):
        if first != second:
            yield Damage(DamageKind.WRONG_FACTS, MANIFEST_FILE, f"group {other!r} has other tracks than {one!r}")
    playlists = {(sound.group, sound.playlist) for sound in manifest.sounds}
    for rendition in manifest.renditions:
        if rendition.kind == "audio" and (rendition.sound, rendition.playlist) not in playlists:
            detail = f"{rendition.name} is no sound of group {rendition.sound!r}"
            yield Damage(DamageKind.WRONG_FACTS, MANIFEST_FILE, detail)


def _stated(manifest: Manifest, examined: Examined) -> Iterator[Damage]:
    """The manifest's own rates."""
    for sound in manifest.sounds:
        if (laid := examined.laid.get(sound.playlist)) is not None:
            yield from _rates(MANIFEST_FILE, sound.playlist, (sound.peak_bps, sound.average_bps), laid.rates)
    for rendition in manifest.renditions:
        if (rates := _needs(manifest, rendition, examined)) is not None:
            yield from _rates(MANIFEST_FILE, rendition.name, (rendition.peak_bps, rendition.average_bps), rates)
        if (needed := examined.iframes_bps.get(rendition.iframes)) is not None:
            yield from _rates(MANIFEST_FILE, rendition.iframes, (rendition.iframes_bps,), (needed,))


def _needs(manifest: Manifest, rendition: Rendition, examined: Examined) -> tuple[float, float] | None:
    """Peak and average of a rendition with the heaviest sound of its group; None where one is not known."""
    playlists = [sound.playlist for sound in manifest.sounds if sound.group == rendition.sound]
    shown = [rendition.playlist] if rendition.kind == "video" else []
    if any(playlist not in examined.laid for playlist in (*playlists, *shown)):
        return None
    heard = [examined.laid[playlist].rates for playlist in playlists]
    seen = [examined.laid[playlist].rates for playlist in shown]
    peak, average = (
        sum(rates[at] for rates in seen) + max((rates[at] for rates in heard), default=0) for at in range(2)
    )
    return peak, average


def _rates(path: str, what: str, stated: Sequence[int], needed: Sequence[float]) -> Iterator[Damage]:
    for name, said, measured in zip(("BANDWIDTH", "AVERAGE-BANDWIDTH"), stated, needed, strict=False):
        if abs(said - measured) > _OFF * measured:
            detail = f"{name} of {what} is {measured:.0f} bit/s by its segments, not {said}"
            yield Damage(DamageKind.WRONG_BANDWIDTH, path, detail)


def _variants(manifest: Manifest, master: Master, examined: Examined) -> Iterator[Damage]:
    path = manifest.master
    groups = {track.facts.get("GROUP-ID", "") for track in master.tracks if track.facts.get("TYPE") == "AUDIO"}
    offered = {target(path, variant.uri): variant for variant in master.variants}
    if len(offered) != len(master.variants):
        yield Damage(DamageKind.UNKNOWN_STREAM, path, "offers a rendition twice")
    known = {rendition.playlist for rendition in manifest.renditions}
    for uri in offered.keys() - known:
        yield Damage(DamageKind.UNKNOWN_STREAM, path, f"offers {uri}, which the manifest does not list")
    for rendition in manifest.renditions:
        variant = offered.get(rendition.playlist)
        if variant is None:
            yield Damage(DamageKind.UNADVERTISED, path, f"does not offer {rendition.name}")
            continue
        group = variant.facts.get("AUDIO", "")
        if group and group not in groups:
            yield Damage(DamageKind.NO_SOUND_GROUP, path, f"{rendition.name} is to be heard with {group!r}")
        yield from _facts(path, rendition.name, variant, _due(rendition, bool(manifest.captions)))
        rates = _needs(manifest, rendition, examined)
        yield from _rates(
            path,
            rendition.name,
            [_number(variant.facts.get(name, "")) for name in ("BANDWIDTH", "AVERAGE-BANDWIDTH")],
            rates or (),
        )


def _due(rendition: Rendition, captions: bool) -> dict[str, str | None]:
    """The attributes that a variant must have; None for those that it must not have."""
    shown = rendition.kind == "video"
    return {
        "CODECS": rendition.codecs,
        "RESOLUTION": f"{rendition.width}x{rendition.height}" if shown else None,
        "FRAME-RATE": f"{rendition.frame_rate:.3f}" if shown else None,
        "AUDIO": rendition.sound or None,
        "SUBTITLES": "captions" if captions else None,
    }


def _facts(path: str, what: str, stream: Stream, due: Mapping[str, str | None]) -> Iterator[Damage]:
    for name, value in due.items():
        said = stream.facts.get(name)
        if said != value:
            yield Damage(DamageKind.WRONG_FACTS, path, f"{name} of {what} is {said}, the manifest says {value}")


def _iframe_streams(manifest: Manifest, master: Master, examined: Examined) -> Iterator[Damage]:
    path = manifest.master
    offered = {target(path, stream.uri): stream for stream in master.iframes}
    listed = {rendition.iframes: rendition for rendition in manifest.renditions if rendition.iframes}
    for uri in offered.keys() - listed.keys():
        yield Damage(DamageKind.UNKNOWN_STREAM, path, f"offers {uri}, which the manifest does not list")
    for uri, rendition in listed.items():
        if uri not in offered:
            yield Damage(DamageKind.UNADVERTISED, path, f"does not offer {uri}")
            continue
        due = {
            "CODECS": rendition.codecs.split(",")[0],
            "RESOLUTION": f"{rendition.width}x{rendition.height}",
        }
        yield from _facts(path, uri, offered[uri], due)
        if uri in examined.iframes_bps:
            said = _number(offered[uri].facts.get("BANDWIDTH", ""))
            yield from _rates(path, uri, (said,), (examined.iframes_bps[uri],))


def _tracks(manifest: Manifest, master: Master) -> Iterator[Damage]:
    """Sounds and captions in their groups."""
    path = manifest.master
    offered = {
        (track.facts.get("TYPE", ""), track.facts.get("GROUP-ID", ""), target(path, track.uri)): track
        for track in master.tracks
    }
    listed: dict[tuple[str, str, str], Sounding | CaptionTrack] = {
        ("AUDIO", sound.group, sound.playlist): sound for sound in manifest.sounds
    }
    listed |= {("SUBTITLES", "captions", track.playlist): track for track in manifest.captions}
    for kind, group, uri in offered.keys() - listed.keys():
        yield Damage(DamageKind.UNKNOWN_STREAM, path, f"offers {uri} as {kind} in {group!r}, which nobody lists")
    for key, track in listed.items():
        if key not in offered:
            yield Damage(DamageKind.UNADVERTISED, path, f"does not offer {key[2]} in group {key[1]!r}")
            continue
        due: dict[str, str | None] = {"LANGUAGE": track.language or None}
        if isinstance(track, Sounding):
            due["CHANNELS"] = str(track.channels)
        yield from _facts(path, key[2], offered[key], due)
    heard = [track.facts for track in master.tracks if track.facts.get("TYPE") == "AUDIO"]
    yield from _defaults(path, [(facts.get("GROUP-ID", ""), facts.get("DEFAULT") == "YES") for facts in heard])


def _defaults(path: str, sounds: Sequence[tuple[str, bool]]) -> Iterator[Damage]:
    """Each group of sounds has exactly one that is heard unless another is chosen."""
    count = Counter(group for group, default in sounds if default)
    for group in sorted({group for group, _ in sounds}):
        if count[group] != 1:
            yield Damage(DamageKind.NO_DEFAULT_SOUND, path, f"group {group!r} has {count[group]} defaults")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else 0
