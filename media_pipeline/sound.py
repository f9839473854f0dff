"""Sound: each track in each group measured, brought to one loudness, encoded, and measured again as it will be heard.

One gain for the whole track keeps its dynamics; a limiter holds peaks only where they would be too high. What counts
is the decoded AAC (EBU R 128), so the gain is corrected by it.
"""

import re
from math import isfinite
from pathlib import Path

import msgspec

from media_pipeline import command, encode
from media_pipeline.analyse import Span, spans
from media_pipeline.command import Gain, Source
from media_pipeline.errors import EncodeFailed
from media_pipeline.plan import LOUDNESS_LUFS, TRUE_PEAK_DBTP, SoundPlan

TRACK = "track.mp4"
TOLERANCE_LU = 0.5
_NEARLY_LU = 0.2
_SILENT_LUFS = -69.0
_TRIES = 6
_FIRST_CEILING_DB = TRUE_PEAK_DBTP - 0.8
_PEAK_ROOM_DB = 0.3
_MAX_GAIN_DB = 40.0
_GENTLEST = 0.25
"""Where a limiter holds peaks, a decibel of gain makes less than a decibel of loudness; but not less than this."""
_INTEGRATED = re.compile(r"^\s+I:\s+(-?[0-9.]+|-?inf|nan) LUFS", re.MULTILINE)
_PEAK = re.compile(r"^\s+Peak:\s+(-?[0-9.]+|-?inf|nan) dBFS", re.MULTILINE)


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One encoded track: loudness in LUFS and true peak in dBTP as decoded (None for silence), and its silent parts."""

    loudness_lufs: float | None
    true_peak_dbtp: float | None
    silence: tuple[Span, ...]

    @property
    def on_target(self) -> bool:
        """Whether it is as loud as every lesson should be; silence is."""
        if self.loudness_lufs is None or self.true_peak_dbtp is None:
            return True
        near = abs(self.loudness_lufs - LOUDNESS_LUFS) <= TOLERANCE_LU
        return near and self.true_peak_dbtp <= TRUE_PEAK_DBTP


def is_one_voice(source: Source, stream: int, duration_s: float, work: Path, listen: encode.Listener) -> bool:
    """Whether a stereo track has the same on both channels, as one microphone leaves it."""
    loudness, _ = _levels(encode.run(command.difference(encode.program(), source, stream), work, duration_s, listen))
    return loudness is None or loudness < _SILENT_LUFS


def encode_sound(source: Source, sound: SoundPlan, duration_s: float, work: Path, listen: encode.Listener) -> Heard:
    """Write `track.mp4` into `work`.

    Raises:
        EncodeFailed: it could not be encoded or measured.
    """
    program = encode.program()

    def part(number: int) -> encode.Listener:
        return lambda done_s, speed: listen(min((number * duration_s + done_s) / 3, duration_s), speed)

    loudness, peak = _levels(encode.run(command.measure_sound(program, source, sound), work, duration_s, part(0)))
    silence = spans(work / command.SILENCE_START, work / command.SILENCE_END, duration_s)
    silent = loudness is None or loudness < _SILENT_LUFS
    gain = 0.0 if silent or loudness is None else min(LOUDNESS_LUFS - loudness, _MAX_GAIN_DB)
    ceiling = None if silent or peak is None or peak + gain <= TRUE_PEAK_DBTP - _PEAK_ROOM_DB else _FIRST_CEILING_DB
    heard = Heard(loudness_lufs=None, true_peak_dbtp=None, silence=silence)
    before: tuple[float, float] | None = None
    slope = 1.0
    for _ in range(_TRIES):
        argv = command.encode_sound(program, source, sound, Gain(gain, ceiling), duration_s, TRACK)
        encode.run(argv, work, duration_s, part(1))
        decoded, decoded_peak = _levels(encode.run(command.hear(program, TRACK), work, duration_s, part(2)))
        if silent or decoded is None or decoded_peak is None:
            break
        heard = Heard(loudness_lufs=decoded, true_peak_dbtp=decoded_peak, silence=silence)
        off, over = LOUDNESS_LUFS - decoded, decoded_peak - TRUE_PEAK_DBTP
        if abs(off) <= _NEARLY_LU and over <= 0:
            break
        if over > 0:
            ceiling = _FIRST_CEILING_DB if ceiling is None else ceiling - over - 0.1
        if before is not None and abs(gain - before[0]) > _NEARLY_LU:
            slope = min(max((decoded - before[1]) / (gain - before[0]), _GENTLEST), 1.0)
        before = (gain, decoded)
        turned = min(gain + off / slope, _MAX_GAIN_DB)
        if turned == gain and over <= 0:
            break
        gain = turned
    return heard


def _levels(said: str) -> tuple[float | None, float | None]:
    """Integrated loudness and true peak from ebur128's summary; None for silence."""
    found, peaks = _INTEGRATED.findall(said), _PEAK.findall(said)
    if not found or not peaks:
        raise EncodeFailed("The loudness could not be measured.", (), said[-2000:])
    loudness, peak = float(found[-1]), float(peaks[-1])
    return (loudness, peak) if isfinite(loudness) and isfinite(peak) else (None, None)
