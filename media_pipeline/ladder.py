"""Which renditions a recording may deserve, and which of them it does. Pure: values in, values out.

`candidates` knows the picture's size and rate alone; `search.py` measures each candidate on samples, and `kept` then
drops what adds no quality or saves too little. A cap protects the line: no rung spends more than the recording itself,
unless it needs it for our keyframes, of which a screen recorder makes one where we make five.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import msgspec

from media_pipeline.recording import Picture

KEYFRAME_S = 2
VBV_WINDOW_S = 3
"""A cap holds over this many seconds, so that one new slide may cost more than a moment's share."""
FULL_AT_START = 0.9
"""x264 begins with its buffer this full, so the first seconds may spend that much more."""
FLOOR_BPS = 48_000
"""No cap is set lower: below it a keyframe every two seconds is no longer a picture."""
WEAK_LINE_BPS = 200_000
"""Every lesson has a rendition that needs no more than this on average, sound included."""
NOTICEABLE_VMAF = 6.0
"""One just noticeable difference (Ozer 2017, after Netflix): what lies within it of the best is as good."""
AS_GOOD_VMAF = 1.5
"""Within so much, fewer frames included, one rung stands for another."""
WORTH_SAVING = 0.5
"""A smaller rung must cost at most this share of the next one above, sound included: a factor of two lies between."""
KEYFRAME_BITS_PER_PIXEL = 0.35
"""What a keyframe of drawn slides needs to be sharp."""
OVERHEAD_BPS = 4_000
"""What the boxes of fragmented MP4 cost beside picture and sound, in bits per second."""

LEAST_TO_HALVE = Fraction(20)
MAX_RATE, MIN_RATE = Fraction(30), Fraction(5)
STANDARD_RATES = tuple(Fraction(n) for n in (10, 12, 15, 20, 24, 25, 30, 50, 60)) + tuple(
    Fraction(n * 1000, 1001) for n in (24, 30, 60)
)
_LEVELS = ((1350, "3.0"), (3600, "3.1"), (8192, "4.0"), (36_864, "5.1"))
_THRIFT = {"hevc": 1.6, "av1": 1.8, "vp9": 1.6, "vvc": 2.2}
"""How much more than these codecs H.264 needs for the same picture, about."""


class Codec(StrEnum):
    """What a rendition's picture is encoded with. H.264 High is for every box; the others are extra renditions."""

    H264 = "h264"
    HEVC = "hevc"
    AV1 = "av1"


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the general ladder: the frame it must fit, and its cap, which a chunk may exceed by a tenth."""

    name: str
    width: int
    height: int
    cap_bps: int


STEPS = (
    Step("1080p", 1920, 1080, 4_320_000),
    Step("720p", 1280, 720, 2_880_000),
    Step("540p", 960, 540, 1_920_000),
    Step("360p", 640, 360, 700_000),
)
LOW = "low"
LOW_CRF = 26


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One rendition to make: pixels (even), bits per second without sound, quality on the codec's own scale.

    Attributes:
        every: it shows every such frame of the plan's rate.
    """

    name: str
    width: int
    height: int
    crf: int
    cap_bps: int
    codec: Codec = Codec.H264
    every: int = 1

    @property
    def buffer_bits(self) -> int:
        """Size of the rate control's buffer."""
        return self.cap_bps * VBV_WINDOW_S

    @property
    def level(self) -> str:
        """H.264 level that the size needs (ITU-T H.264, table A-1, up to 30 frames a second)."""
        blocks = -(-self.width // 16) * -(-self.height // 16)
        return next(level for most, level in _LEVELS if blocks <= most)


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A rung as it came out on the samples: bits per second without sound, VMAF at the largest rung's size."""

    rung: Rung
    bps: int
    vmaf: float
    vmaf_p5: float


def candidates(picture: Picture, crf: int) -> tuple[Rung, ...]:
    """The rungs that fit this picture, largest first, all at one quality; at least one.

    A picture between two steps gets its own size first, named by its height; where a step of a wide picture has that
    name already, by both sides.
    """
    fitting = [step for step in STEPS if _shrinks(picture, step)]
    above = [step for step in STEPS if not _shrinks(picture, step)]
    made = [_rung(picture, step, *_fit(picture, step), step.name, crf) for step in fitting]
    if above and (not made or (made[0].width, made[0].height) != _even(picture.width, picture.height)):
        width, height = _even(picture.width, picture.height)
        if not made or height >= 1.15 * made[0].height:
            taken = {rung.name for rung in made}
            name = f"{width}x{height}" if f"{height}p" in taken else f"{height}p"
            made.insert(0, _rung(picture, above[-1], width, height, name, crf))
    return tuple(made)


def kept(measured: Sequence[Measured], sound_bps: int) -> tuple[Measured, ...]:
    """Of the measured candidates, largest first, those worth making.

    The largest goes while the next one is still as good to the eye as the best; a smaller one goes where it saves too
    little, unless it is the one that a weak line needs.
    """
    left = list(measured)
    best = max(one.vmaf for one in measured)
    while len(left) > 1 and best - left[1].vmaf < NOTICEABLE_VMAF:
        left.pop(0)
    chosen = [left[0]]
    for one in left[1:]:
        above = chosen[-1]
        whole = one.bps + sound_bps
        rescues = _for_weak_lines(whole) and not _for_weak_lines(above.bps + sound_bps)
        if rescues or whole <= WORTH_SAVING * (above.bps + sound_bps):
            chosen.append(one)
    return tuple(chosen)


def low_rung(smallest: Measured, sound_bps: int, shortest_s: float, rate: Fraction) -> Rung | None:
    """The rendition for weak lines, where the smallest of the kept ones would need more; None where it would not.

    Args:
        sound_bps: of the sound that it is heard with.
        shortest_s: seconds of a chunk, or of a lesson that is shorter; its rate control begins anew in each.
        rate: frames per second of the other renditions; half of it is enough where that is still a film.
    """
    if _for_weak_lines(smallest.bps + sound_bps):
        return None
    fit = Picture(
        index=0, codec="", width=smallest.rung.width, height=smallest.rung.height, frame_rate="25", bps=WEAK_LINE_BPS
    )
    width, height = _fit(fit, STEPS[-1])
    left = int(WEAK_LINE_BPS * 0.97) - sound_bps - OVERHEAD_BPS
    cap = max(int(left / (1 + FULL_AT_START * VBV_WINDOW_S / shortest_s)), FLOOR_BPS)
    halved = rate >= LEAST_TO_HALVE and round(2 * rate) % 2 == 0
    return Rung(name=LOW, width=width, height=height, crf=LOW_CRF, cap_bps=cap, every=2 if halved else 1)


def replaces(low: Measured, smallest: Measured) -> bool:
    """Whether the rendition for weak lines is as good to the eye as the smallest of the others, which then may go.

    Far less than what counts elsewhere, since VMAF sees little of what fewer frames do to motion.
    """
    return smallest.vmaf - low.vmaf < AS_GOOD_VMAF


def frame_rate(picture: Picture) -> Fraction:
    """Constant frames per second before any lowering: the nearest standard rate, halved while above 30."""
    rate = Fraction(picture.frame_rate)
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    if abs(nearest - rate) <= rate / 50:
        rate = nearest
    while rate > MAX_RATE:
        rate /= 2
    return max(rate, MIN_RATE).limit_denominator(1001)


def _for_weak_lines(bps: float) -> bool:
    """With a tenth to spare, since samples are not the whole."""
    return (bps + OVERHEAD_BPS) * 1.1 <= WEAK_LINE_BPS


def _shrinks(picture: Picture, step: Step) -> bool:
    return picture.width >= step.width or picture.height >= step.height


def _fit(picture: Picture, step: Step) -> tuple[int, int]:
    scale = min(Fraction(step.width, picture.width), Fraction(step.height, picture.height), Fraction(1))
    return _even(round(picture.width * scale), round(picture.height * scale))


def _even(width: int, height: int) -> tuple[int, int]:
    return max(width - width % 2, 2), max(height - height % 2, 2)


def _rung(picture: Picture, step: Step, width: int, height: int, name: str, crf: int) -> Rung:
    source = round(picture.bps * _THRIFT.get(picture.codec, 1.0))
    keyframes = round(width * height * KEYFRAME_BITS_PER_PIXEL / KEYFRAME_S)
    cap = max(min(step.cap_bps, max(source, keyframes)), FLOOR_BPS)
    return Rung(name=name, width=width, height=height, crf=crf, cap_bps=cap)
