"""Which renditions a recording deserves. Pure: values in, values out; `command.py` turns them into arguments.

Quality decides (a CRF per rung) and a cap protects the line: no rung is larger than the recording's picture, and none
may spend more than the recording itself does.
"""

from dataclasses import dataclass
from fractions import Fraction

from media_pipeline.recording import Picture

VBV_WINDOW_S = 4
"""A cap holds over this many seconds, so that one new slide may cost more than a moment's share."""

FLOOR_BPS = 96_000
"""No cap is set lower: below it a keyframe every two seconds is no longer a picture."""

MAX_RATE = Fraction(30)
STANDARD_RATES = tuple(Fraction(n) for n in (10, 12, 15, 20, 24, 25, 30, 50, 60)) + tuple(
    Fraction(n * 1000, 1001) for n in (24, 30, 60)
)


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the general ladder: the frame it must fit, its quality, its cap."""

    name: str
    width: int
    height: int
    crf: int
    cap_bps: int
    sound_bps: int


STEPS = (
    Step("1080p", 1920, 1080, 24, 3_000_000, 64_000),
    Step("720p", 1280, 720, 24, 1_600_000, 64_000),
    Step("480p", 854, 480, 24, 800_000, 48_000),
    Step("360p", 640, 360, 25, 400_000, 48_000),
)


@dataclass(frozen=True, slots=True)
class Rung:
    """One rendition to make. Sizes in pixels (even), rates in bits per second; sound for one channel."""

    name: str
    width: int
    height: int
    crf: int
    cap_bps: int
    buffer_bits: int
    sound_bps: int


def rungs(picture: Picture) -> tuple[Rung, ...]:
    """The rungs for this picture, largest first; at least one.

    A picture between two steps gets its own size first, named by its height.
    """
    fitting = [step for step in STEPS if _shrinks(picture, step)]
    above = [step for step in STEPS if not _shrinks(picture, step)]
    made = [_rung(picture, step, *_fit(picture, step), step.name) for step in fitting]
    if above and (not made or (made[0].width, made[0].height) != _even(picture.width, picture.height)):
        width, height = _even(picture.width, picture.height)
        if not made or height >= 1.15 * made[0].height:
            made.insert(0, _rung(picture, above[-1], width, height, f"{height}p"))
    return tuple(made)


def frame_rate(picture: Picture) -> Fraction:
    """Constant frames per second for every rung: the nearest standard rate, halved while above 30."""
    rate = Fraction(picture.frame_rate)
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    if abs(nearest - rate) <= rate / 50:
        rate = nearest
    while rate > MAX_RATE:
        rate /= 2
    return rate.limit_denominator(1001)


def _shrinks(picture: Picture, step: Step) -> bool:
    return picture.width >= step.width or picture.height >= step.height


def _fit(picture: Picture, step: Step) -> tuple[int, int]:
    scale = min(Fraction(step.width, picture.width), Fraction(step.height, picture.height), Fraction(1))
    return _even(round(picture.width * scale), round(picture.height * scale))


def _even(width: int, height: int) -> tuple[int, int]:
    return max(width - width % 2, 2), max(height - height % 2, 2)


def _rung(picture: Picture, step: Step, width: int, height: int, name: str) -> Rung:
    cap = max(min(step.cap_bps, picture.bps), FLOOR_BPS)
    return Rung(name, width, height, step.crf, cap, cap * VBV_WINDOW_S, step.sound_bps)
