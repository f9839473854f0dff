"""What kind of picture a lesson has, and how many frames a second it needs: decided from measured motion. Pure.

The measure is the mean difference of each frame to the one before, in steps of 8-bit luma, on a picture 320 wide
(FFmpeg's `signalstats`, YDIF). `analyse.py` takes it from the whole recording.
"""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from statistics import quantiles

from media_pipeline.ladder import MIN_RATE

STILL_YDIF = 0.06
"""Below it two frames are the same picture: only an encoder's own noise differs."""
STALE_YDIF = 0.25
"""A shown frame that differs by more from the one it stands for is seen to lag."""
STALE_SHARE = 0.02
MAX_STEP = 5
FIELD_YDIF = 2.5
BOARD_SPREAD = 2.8
GOLDEN = 0.6180339887498949


class Content(StrEnum):
    """Kinds of lessons, by what moves."""

    SLIDES = "slides"
    HEAD = "head"
    BOARD = "board"
    FIELD = "field"
    SOUND = "sound"


def kind(motion: Sequence[float]) -> Content:
    """The kind of a picture by its frames' differences.

    Slides stand still most of the time. In the field everything moves all the time. Between them a camera stands: a
    talking head moves evenly, somebody at a board comes and goes.
    """
    if len(motion) < 2 or sum(one < STILL_YDIF for one in motion) >= 0.5 * len(motion):
        return Content.SLIDES
    tenths = quantiles(motion, n=10)
    if tenths[4] >= FIELD_YDIF:
        return Content.FIELD
    return Content.BOARD if tenths[8] > BOARD_SPREAD * max(tenths[0], STILL_YDIF) else Content.HEAD


def frame_step(motion: Sequence[float], rate: Fraction) -> int:
    """Show every such frame: the most that lets hardly any frame lag behind what it stands for."""
    for step in range(MAX_STEP, 1, -1):
        whole_groups = round(2 * rate) % step == 0
        if rate / step >= MIN_RATE and whole_groups and _stale(motion, step) <= STALE_SHARE:
            return step
    return 1


def _stale(motion: Sequence[float], step: int) -> float:
    """Share of frames that would differ visibly from the frame shown in their place."""
    stale = 0
    for start in range(0, len(motion), step):
        lag = 0.0
        for one in motion[start + 1 : start + step]:
            lag += one if one >= STILL_YDIF else 0.0
            stale += lag > STALE_YDIF
    return stale / max(len(motion), 1)


def moments(motion: Sequence[float], count: int, length: int) -> tuple[int, ...]:
    """First frames of sample windows: spread over the recording, and over calm and lively parts alike.

    The recording is cut into `count` equal parts. Each gives one window, whose place between its part's calmest and
    liveliest walks by the golden ratio, so that the samples together move as the whole does.

    Args:
        motion: difference of each frame to the one before.
        count: how many windows.
        length: frames of a window.
    """
    starts = range(0, len(motion) - length + 1, length)
    if len(starts) <= count:
        return tuple(starts)
    weight = {start: sum(motion[start + 1 : start + length]) for start in starts}
    found = []
    for turn in range(count):
        part = list(starts)[turn * len(starts) // count : (turn + 1) * len(starts) // count]
        ordered = sorted(part, key=lambda start: (weight[start], start))
        found.append(ordered[int((0.5 + turn * GOLDEN) % 1.0 * len(ordered))])
    return tuple(sorted(found))
