"""One recording's encoding, decided: rungs, frame rate, sound, limits. Pure; `command.py` writes it down for ffmpeg."""

from dataclasses import dataclass
from fractions import Fraction

from media_pipeline.ladder import Rung, frame_rate, rungs
from media_pipeline.recording import Recording

PIPELINE_VERSION = "1"
"""Rises whenever the same recording would give other bytes."""

SEGMENT_S = 6
KEYFRAME_S = 2
LOUDNESS_LUFS = -24
TRUE_PEAK_DBTP = -1
SAMPLE_RATE = 48_000
POSTER_WIDTH = 1280
POSTER_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make of one recording.

    Attributes:
        duration_s: seconds of the recording.
        rate: constant frames per second.
        rungs: largest first.
        channels: 0 without sound, else 1 or 2.
    """

    duration_s: float
    rate: Fraction
    rungs: tuple[Rung, ...]
    channels: int

    @property
    def expected_bytes(self) -> int:
        """The most that the package can weigh: every rung at its cap all the time."""
        bps = sum(rung.cap_bps + rung.sound_bps * self.channels for rung in self.rungs)
        return int(bps * self.duration_s / 8)

    @property
    def time_limit_s(self) -> float:
        """After this many seconds of wall time an encoder is hung, not slow."""
        return 120 + 30 * self.duration_s


def plan(recording: Recording) -> Plan:
    """Decide the encoding of a recording."""
    return Plan(
        duration_s=recording.duration_ms / 1000,
        rate=frame_rate(recording.picture),
        rungs=rungs(recording.picture),
        channels=0 if recording.sound is None else min(recording.sound.channels, 2),
    )
