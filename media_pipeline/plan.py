"""One recording's encoding, decided: rungs, frames, sound, chunks, limits. Pure; `command.py` writes it for ffmpeg.

Time is counted in frames: a group of pictures is 2 s, a segment three groups, a chunk five segments, each rounded to
whole frames once, so that every rung and every chunk agrees to the frame.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

import msgspec

from media_pipeline import languages
from media_pipeline.ladder import KEYFRAME_S, LOW, OVERHEAD_BPS, Codec, Rung, frame_rate
from media_pipeline.recording import Picture, Recording, Sound

PIPELINE_VERSION = "2"
"""Rises whenever the same recording would give other bytes."""

PRESET = "medium"
"""x264's preset, of every rung: slower ones save little more and cost nights."""
GROUPS_PER_SEGMENT = 3
SEGMENTS_PER_CHUNK = 5
LOUDNESS_LUFS = -24
TRUE_PEAK_DBTP = -1
SAMPLE_RATE = 48_000
POSTER_WIDTH = 1280
POSTER_CANDIDATES = 12
THUMBNAIL_WIDTH = 160
THUMBNAILS_AT_MOST = 300
STILL_RATE = Fraction(5)
MAIN, LOW_SOUND = "main", "low"
AAC_BPS = {(MAIN, 1): 64_000, (MAIN, 2): 96_000, (LOW_SOUND, 1): 48_000}
MAX_TRACKS = 4


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """A sound track of the lesson: stream `stream` of file `file` (0 is the recording, then the added ones)."""

    file: int
    stream: int
    channels: int
    language: str
    label: str


class SoundPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One track in one group: `number` of the track, how many channels (1 or 2), at which rate."""

    group: str
    number: int
    track: Track
    channels: int
    bps: int

    @property
    def name(self) -> str:
        """Its folder below `sound/`."""
        return f"{self.group}-{self.number}"


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Frames, in the plan's rate.

    Attributes:
        source_rate: constant rate that the recording is brought to first; of it every `step`-th frame is kept.
        frames: of the whole lesson.
    """

    source_rate: str
    step: int
    frames: int

    @property
    def rate(self) -> Fraction:
        """Frames per second of the renditions."""
        return Fraction(self.source_rate) / self.step

    @property
    def group(self) -> int:
        """Frames of a group of pictures."""
        return max(round(self.rate * KEYFRAME_S), 1)

    @property
    def chunk(self) -> int:
        """Frames of a chunk."""
        return self.group * GROUPS_PER_SEGMENT * SEGMENTS_PER_CHUNK

    @property
    def timescale(self) -> int:
        """Ticks a second; a frame lasts a whole number of them."""
        return self.rate.numerator * (1 if self.rate.numerator >= 10_000 else 1000)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to make of one recording.

    Attributes:
        rungs: largest first.
        picture: None where the poster stands still for the whole lesson.
        in_one: encode in a single chunk, since the recording cannot be entered in the middle.
        opening: ffmpeg's options for opening it.
    """

    duration_ms: int
    timing: Timing
    rungs: tuple[Rung, ...]
    picture: Picture | None
    sounds: tuple[SoundPlan, ...]
    in_one: bool = False
    opening: dict[str, str | int] = {}

    @property
    def chunks(self) -> tuple[tuple[int, int], ...]:
        """First frame and number of frames of each chunk; a rest of at most one group belongs to the last one.

        So every chunk has more pictures than the encoder reorders, and all begin with the same edit list.
        """
        frames, length = self.timing.frames, self.timing.frames if self.in_one else self.timing.chunk
        starts = range(0, max(frames - self.timing.group, 1), length)
        return tuple((start, (frames if start == starts[-1] else start + length) - start) for start in starts)

    @property
    def expected_bytes(self) -> int:
        """The most that the package can weigh: every rung at its cap all the time."""
        bps = sum(rung.cap_bps + OVERHEAD_BPS for rung in self.rungs) + sum(sound.bps * 1.1 for sound in self.sounds)
        return int(bps * self.duration_ms / 8000)

    def sound_group(self, rung: Rung) -> str:
        """The group that is heard with a rung; empty in a silent lesson."""
        return self.low_sound if rung.name == LOW else MAIN if self.sounds else ""

    @property
    def smallest(self) -> Rung:
        """The rung that seeking pictures are taken from: the lowest that every box plays."""
        return [rung for rung in self.rungs if rung.codec is Codec.H264][-1]

    @property
    def low_sound(self) -> str:
        """The group for weak lines; empty in a silent lesson."""
        groups = {sound.group for sound in self.sounds}
        return LOW_SOUND if LOW_SOUND in groups else MAIN if groups else ""


def timing(recording: Recording, step: int) -> Timing:
    """Frames of a recording: enough to last as long as it does."""
    rate = STILL_RATE if recording.picture is None else frame_rate(recording.picture)
    shown = rate / step
    frames = max(ceil(shown * recording.duration_ms / 1000 - Fraction(1, 2)), 1)
    return Timing(source_rate=str(rate), step=step, frames=frames)


def tracks(recorded: Sequence[Sound], added: Sequence[tuple[Sound, str]]) -> tuple[Track, ...]:
    """The lesson's sound tracks, the one heard first in front; each with a label of its own.

    Args:
        recorded: of the recording.
        added: the sound of each added file, with the language given for it; they come before the recording's second.
    """
    own = [(0, sound, sound.language, sound.title) for sound in recorded]
    found = own[:1] + [(number, sound, language, "") for number, (sound, language) in enumerate(added, 1)] + own[1:]
    made: list[Track] = []
    for file, sound, language, title in found[:MAX_TRACKS]:
        label = title or (languages.name(language) if language else f"{len(made) + 1}")
        if any(label == one.label for one in made):
            label = f"{label} {len(made) + 1}"
        made.append(
            Track(file=file, stream=sound.index, channels=min(sound.channels, 2), language=language, label=label)
        )
    return tuple(made)


def sounds(heard: Sequence[Track]) -> tuple[SoundPlan, ...]:
    """Every track in group `main`; in group `low`, for weak lines, as well where any has two channels."""
    groups = (MAIN, LOW_SOUND) if any(track.channels > 1 for track in heard) else (MAIN,)
    return tuple(
        SoundPlan(group=group, number=number, track=track, channels=channels, bps=AAC_BPS[group, channels])
        for group in groups
        for number, track in enumerate(heard)
        for channels in [1 if group == LOW_SOUND else track.channels]
    )


def heaviest_bps(planned: Sequence[SoundPlan], group: str) -> int:
    """The heaviest track of a group; 0 where there is none."""
    return max((sound.bps for sound in planned if sound.group == group), default=0)


def in_codecs(rungs: tuple[Rung, ...], codecs: tuple[Codec, ...]) -> tuple[Rung, ...]:
    """The same rungs, but not the weak line's, in other codecs; quality on each one's own scale."""
    offsets = {Codec.HEVC: 2, Codec.AV1: 14}
    return tuple(
        msgspec.structs.replace(rung, name=f"{rung.name}-{codec}", codec=codec, crf=rung.crf + offsets[codec])
        for codec in codecs
        if codec is not Codec.H264
        for rung in rungs
        if rung.name != LOW
    )
