"""Which files of a package a stick carries, and which packages a station's boxes lack. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from media_pipeline.manifest import MANIFEST_FILE, Manifest, PackageFile, Rendition, Sounding
from schedules.wire.messages import PackageReport, PackageState

_EVERY_BOX_SHOWS = "avc1"
STATIONS_AT_ONCE = 50


class Content(StrEnum):
    """What to put onto a stick."""

    MISSING = "missing"
    MISSING_WHOLE = "missing-whole"
    PLANNED = "planned"
    PLANNED_WHOLE = "planned-whole"

    @property
    def whole(self) -> bool:
        """Whether every rendition is carried, and not the smallest alone."""
        return self in (Content.MISSING_WHOLE, Content.PLANNED_WHOLE)

    @property
    def only_missing(self) -> bool:
        """Whether only what a box lacks is carried."""
        return self in (Content.MISSING, Content.MISSING_WHOLE)


def smallest_files(manifest: Manifest) -> tuple[PackageFile, ...]:
    """What a showing in the smallest rendition needs that every box can show; all files where there is none."""
    shown = [one for one in manifest.renditions if one.kind == "video" and one.codecs[:4] == _EVERY_BOX_SHOWS]
    smallest = min(shown, key=lambda one: one.average_bps, default=None)
    if smallest is None:
        return manifest.files
    tracks: list[Rendition | Sounding] = [smallest]
    tracks += [one for one in manifest.sounds if smallest.sound and one.group == smallest.sound]
    wanted = {path for one in tracks for path in (one.playlist, one.init, *one.segments)}
    wanted |= {manifest.poster or "", *(path for track in manifest.captions for path in (track.path, track.playlist))}
    return tuple(file for file in manifest.files if file.path in wanted)


def carried_files(manifest: Manifest, content: Content) -> tuple[PackageFile, ...]:
    """The files of a package that go onto the stick, without the manifest itself."""
    chosen = manifest.files if content.whole else smallest_files(manifest)
    return tuple(file for file in chosen if file.path != MANIFEST_FILE)


def lacks(report: PackageReport | None, *, whole: bool) -> bool:
    """Whether a box that reported so of a package needs it from a stick."""
    if report is None:
        return True
    if whole:
        return report.state is not PackageState.STORED or report.stored_bytes < report.wanted_bytes
    return not (report.playable or report.state is PackageState.STORED)


def total(files: Iterable[PackageFile]) -> int:
    """Their bytes together."""
    return sum(file.bytes for file in files)
