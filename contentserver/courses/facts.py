"""What a package's manifest says, in rows and sentences for the person who decides about a lesson.

Computes, and takes every word from `words.py`. What was measured and why is decided in `media_pipeline`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from flask_babel import gettext, ngettext

from contentserver.courses import words
from contentserver.courses.ports import Holdings
from contentserver.kernel.display import length_of
from media_pipeline.manifest import Manifest, Rendition, Sounding
from media_pipeline.remarks import Remark, RemarkCode

Mark = Literal["risk", "good", "note"]
LINE_BPS: Final = 1_000_000
"""A village's line."""
LOUDNESS_LUFS, LOUDNESS_WITHIN, PEAK_DBTP = -24.0, 0.5, -1.0
PROBLEMS: Final = frozenset(
    {
        RemarkCode.CUT_SHORT,
        RemarkCode.PICTURE_DAMAGED,
        RemarkCode.PICTURE_ENDS_EARLY,
        RemarkCode.SOUND_ENDS_EARLY,
        RemarkCode.NO_SOUND,
        RemarkCode.SILENCE,
        RemarkCode.BLACK,
        RemarkCode.QUALITY_BELOW_FLOOR,
        RemarkCode.LOUDNESS_OFF,
        RemarkCode.CAPTIONS_DROPPED,
    }
)
"""Remarks that a reviewer should look into; the others only tell what was done."""
_ORDER: Final[tuple[Mark, ...]] = ("risk", "good", "note")


@dataclass(frozen=True, slots=True)
class RenditionRow:
    """One rendition as a television takes it, with the heaviest sound of its group.

    Attributes:
        extra: name of a codec that only some televisions can show; else empty.
        rate: frames per second, as people write it.
        line_ms: how long it takes on a line of 1 Mbit/s.
    """

    rendition: Rendition
    label: str
    extra: str
    rate: str
    speed: str
    bytes: int
    line_ms: float
    vmaf: str
    quality: str


@dataclass(frozen=True, slots=True)
class HoldingRow:
    """How many of some stations have come how far with a package. `missing`: what is whole there is nothing."""

    label: str
    stations: int
    missing: bool = False


@dataclass(frozen=True, slots=True)
class HoldingTable:
    """A row for each rendition, then for those that have none; `total` is the number of all stations."""

    rows: tuple[HoldingRow, ...]
    total: int
    held: int


@dataclass(frozen=True, slots=True)
class SoundRow:
    """One sound track in one group's encoding."""

    sound: Sounding
    label: str
    speed: str
    loudness: str
    peak: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in the lesson that a check is about; `at` is its clock, `length` empty where it has none."""

    at_ms: int
    at: str
    length: str


@dataclass(frozen=True, slots=True)
class Check:
    """What was measured or done, in a sentence, and where to look."""

    mark: Mark
    sentence: str
    moments: tuple[Moment, ...] = ()


def rendition_rows(manifest: Manifest) -> tuple[RenditionRow, ...]:
    """The renditions, in the package's order."""
    heaviest: dict[str, int] = {}
    for sound in manifest.sounds:
        heaviest[sound.group] = max(sound.bytes, heaviest.get(sound.group, 0))
    return tuple(_row(one, one.bytes + heaviest.get(one.sound, 0)) for one in manifest.renditions)


def sound_rows(manifest: Manifest) -> tuple[SoundRow, ...]:
    """Every sound track in every group."""
    return tuple(
        SoundRow(
            sound=sound,
            label=words.sound(sound.label, sound.language),
            speed=speed(sound.average_bps),
            loudness=figure(sound.loudness_lufs),
            peak=figure(sound.true_peak_dbtp),
        )
        for sound in manifest.sounds
    )


def smallest_with_picture(rows: Sequence[RenditionRow]) -> RenditionRow | None:
    """The rendition of the fewest bytes that every television can show."""
    shown = [row for row in rows if row.rendition.kind == "video" and not row.extra]
    return min(shown, key=lambda row: row.bytes, default=None)


def holding_rows(renditions: Sequence[RenditionRow], found: Holdings) -> HoldingTable:
    """Which rendition how many stations have; what only some televisions can show stands there where one has it."""
    held = [
        HoldingRow(row.label, found.best.get(row.rendition.name, 0))
        for row in renditions
        if not row.extra or found.best.get(row.rendition.name)
    ]
    named = {row.rendition.name for row in renditions}
    unnamed = sum(count for name, count in found.best.items() if name not in named)
    if unnamed:
        held.append(HoldingRow(gettext("Whole, rendition not told"), unnamed))
    if found.refused:
        held.append(HoldingRow(gettext("Refused as altered or unsigned"), found.refused, missing=True))
    held.append(HoldingRow(gettext("Not yet there"), found.coming, missing=True))
    if found.elsewhere:
        held.append(HoldingRow(gettext("Not planned there, or not reported"), found.elsewhere, missing=True))
    return HoldingTable(tuple(held), found.stations, sum(found.best.values()))


def checks(manifest: Manifest) -> tuple[Check, ...]:
    """What was found and done: what needs a look first, then what is right, then what was changed."""
    found = [*_remarked(manifest.remarks), *_loudness(manifest), *_captions(manifest), _renditions(manifest)]
    return tuple(sorted(found, key=lambda check: _ORDER.index(check.mark)))


def clock(milliseconds: int) -> str:
    """`31:05`, or `1:02:05` from an hour on."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def figure(value: float | None) -> str:
    """One decimal and a true minus; a dash for nothing."""
    return "—" if value is None else f"{value:.1f}".replace("-", "−")


def speed(bps: int) -> str:
    """`450 kbit/s`, from a million on `1.8 Mbit/s`."""
    return f"{bps / 1e6:.1f} Mbit/s" if bps >= 1_000_000 else f"{round(bps / 1000)} kbit/s"


def _row(rendition: Rendition, size: int) -> RenditionRow:
    return RenditionRow(
        rendition=rendition,
        label=words.rendition(rendition.name),
        extra=rendition.name.partition("-")[2].upper(),
        rate=f"{rendition.frame_rate:.4g}",
        speed=speed(rendition.average_bps),
        bytes=size,
        line_ms=size * 8 * 1000 / LINE_BPS,
        vmaf="" if rendition.vmaf is None else f"{rendition.vmaf:.0f}",
        quality=words.quality(rendition.vmaf),
    )


def _remarked(remarks: Sequence[Remark]) -> Iterator[Check]:
    groups: dict[tuple[RemarkCode, str], list[Remark]] = {}
    for remark in remarks:
        groups.setdefault((remark.code, remark.track), []).append(remark)
    for (code, track), same in groups.items():
        details = ", ".join(dict.fromkeys(_detail(one) for one in same if one.detail))
        sentence = words.remark(code, count=sum(one.count for one in same), detail=details)
        if code is RemarkCode.CUT_SHORT and same[0].length_ms:
            sentence += gettext(" About %(length)s are missing.", length=length_of(same[0].length_ms))
        moments = tuple(
            Moment(one.at_ms, clock(one.at_ms), length_of(one.length_ms) if one.length_ms else "")
            for one in sorted(same, key=lambda one: one.at_ms or 0)
            if one.at_ms is not None
        )
        yield Check("risk" if code in PROBLEMS else "note", _about(track, sentence), moments)


def _detail(remark: Remark) -> str:
    match remark.code:
        case RemarkCode.RENDITION_DROPPED | RemarkCode.QUALITY_BELOW_FLOOR:
            return words.rendition(remark.detail)
        case RemarkCode.RATE_LOWERED | RemarkCode.RATE_EVENED:
            return " → ".join(_frames(part) for part in remark.detail.split(" > "))
        case RemarkCode.HDR_CONVERTED:
            return words.TRANSFERS.get(remark.detail, remark.detail)
        case _:
            return remark.detail.replace("-", "−") if remark.code is RemarkCode.LOUDNESS_OFF else remark.detail


def _frames(rate: str) -> str:
    """`25/2` as `12.5`; what is no fraction as it stands."""
    try:
        return f"{float(Fraction(rate)):.4g}"
    except (ValueError, ZeroDivisionError):
        return rate


def _loudness(manifest: Manifest) -> Iterator[Check]:
    off = {remark.track for remark in manifest.remarks if remark.code is RemarkCode.LOUDNESS_OFF}
    for row in sound_rows(manifest):
        loudness, peak = row.sound.loudness_lufs, row.sound.true_peak_dbtp
        if row.sound.group != "main" or loudness is None or row.sound.language in off:
            continue
        right = abs(loudness - LOUDNESS_LUFS) <= LOUDNESS_WITHIN and (peak is None or peak <= PEAK_DBTP)
        sentence = (
            gettext("Loudness %(lufs)s LUFS, true peak %(peak)s dBTP", lufs=row.loudness, peak=row.peak)
            if right
            else gettext(
                "The loudness is off: %(lufs)s LUFS, true peak %(peak)s dBTP", lufs=row.loudness, peak=row.peak
            )
        )
        yield Check("good" if right else "risk", _about(row.sound.language, sentence))


def _captions(manifest: Manifest) -> Iterator[Check]:
    if not manifest.captions:
        yield Check("risk", gettext("No captions"))
    for track in manifest.captions:
        sentence = gettext("%(count)s captions, each at most two lines", count=f"{track.cues:,}")
        yield Check("good", _about(track.language, sentence))


def _renditions(manifest: Manifest) -> Check:
    number = len(manifest.renditions)
    return Check(
        "good",
        ngettext(
            "%(num)s rendition, every file sealed with its checksum",
            "%(num)s renditions, every file sealed with its checksum",
            number,
        ),
    )


def _about(track: str, sentence: str) -> str:
    if not track:
        return sentence
    return str(gettext("%(track)s: %(sentence)s", track=words.language(track), sentence=sentence))
