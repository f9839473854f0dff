"""Looks once through the whole picture: how it moves, where it is black, thumbnails, candidates for the poster.

What the measures mean is decided in `content.py`.
"""

import re
from fractions import Fraction
from pathlib import Path

import msgspec

from media_pipeline import command, encode
from media_pipeline.command import Film
from media_pipeline.plan import THUMBNAILS_AT_MOST
from media_pipeline.recording import Recording

THUMBNAIL_S = 10.0
_VALUE = re.compile(r"^lavfi\.[\w.]+=(-?[0-9.]+)$", re.MULTILINE)

Span = tuple[float, float]
"""From and to, in seconds."""


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at the picture found.

    Attributes:
        motion: mean difference of each frame of the constant source rate to the one before, in steps of luma.
        black: where there is nothing to see.
        thumbnail_s: seconds between thumbnails.
    """

    motion: tuple[float, ...]
    black: tuple[Span, ...]
    thumbnail_s: float


def survey(film: Film, recording: Recording, work: Path, listen: encode.Listener) -> Survey:
    """Decode everything once, small. Thumbnails and candidates are left in `work` as PNG."""
    duration_s = recording.duration_ms / 1000
    every_s = max(min(THUMBNAIL_S, duration_s / 2), duration_s / THUMBNAILS_AT_MOST)
    encode.run(command.survey(encode.program(), film, every_s, duration_s), work, duration_s, listen)
    motion = _values(work / command.MOTION)
    frames = round(duration_s * Fraction(film.timing.source_rate))
    return Survey(
        motion=tuple(motion[:frames]),
        black=spans(work / command.BLACK_START, work / command.BLACK_END, duration_s),
        thumbnail_s=every_s,
    )


def spans(starts: Path, ends: Path, duration_s: float) -> tuple[Span, ...]:
    """What a detecting filter wrote into its two files; the last span may be open."""
    begun, ended = _values(starts), _values(ends)
    ended += [duration_s] * (len(begun) - len(ended))
    return tuple((start, min(end, duration_s)) for start, end in zip(begun, ended, strict=False) if end > start)


def _values(file: Path) -> list[float]:
    return [float(value) for value in _VALUE.findall(file.read_text())] if file.exists() else []
