"""A fixed camera on a blackboard: a teacher writes the sheep's winter feed line by line, and steps aside."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.benchmarks.corpus.camera import HEIGHT, WIDTH
from tests.benchmarks.corpus.motion import Point, bent_at, between, place, sway
from tests.benchmarks.corpus.texture import (
    Tone,
    formed,
    fractal,
    joined,
    limb,
    lit,
    oval,
    polygon,
    soft,
    toned,
    vignette,
)

_SLATE = (96, 96, 1824, 870)
_SCRIPT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
_CHALK = (226, 228, 216)
_PEN_S = 0.62
_LINES = (
    (2.0, (200, 170), "滩羊冬季补饲", 92),
    (11.0, (200, 330), "怀羔前三月  0.2 公斤", 72),
    (23.0, (200, 450), "怀羔后两月  0.4 公斤", 72),
    (35.0, (200, 570), "下羔以后    0.5 公斤", 72),
)
_CURVE_S = (47.0, 54.0)


@dataclass(frozen=True, slots=True)
class _Glyph:
    """One character: when its first stroke begins, and where it stands."""

    start_s: float
    box: tuple[int, int, int, int]


def pictures(seconds: float, rate: int) -> Iterator[Image.Image]:
    """Every picture, in turn."""
    glyphs, chalk = _writing()
    slate, teacher, upper, fore = _room(), _teacher(), _upper_arm(), _forearm()
    class_ = [_pupil(seat) for seat in range(4)]
    drawn_s = 0.0
    for number in range(round(seconds * rate)):
        at_s = number / rate
        _write(slate, chalk, glyphs, drawn_s, at_s)
        drawn_s = at_s
        frame = slate.copy()
        _stand(frame, (teacher, upper, fore), glyphs, at_s)
        for seat, head in enumerate(class_):
            _sit(frame, head, seat, at_s)
        yield frame


def _room() -> Image.Image:
    wall = 0.9 + 0.14 * fractal(WIDTH, HEIGHT, 220, 1) + 0.05 * fractal(WIDTH, HEIGHT, 6, 2, octaves=2)
    room = toned("#c9bf9f", wall)
    pen = ImageDraw.Draw(room)
    left, top, right, bottom = _SLATE
    room.paste(toned("#7b5a34", _wood(right - left + 56, bottom - top + 56)), (left - 28, top - 28))
    pen.rectangle((left - 6, top - 6, right + 6, bottom + 6), fill="#3a2a18")
    room.paste(_dusty(right - left, bottom - top), (left, top))
    shelf = toned("#8a683f", _wood(right - left + 80, 26))
    room.paste(shelf, (left - 40, bottom + 22))
    pen.rectangle((left - 40, bottom + 48, right + 40, bottom + 62), fill="#8f866d")
    for x, colour in ((420, "#e8e6dc"), (470, "#e8e6dc"), (530, "#d9b9a0"), (600, "#e8e6dc")):
        pen.rounded_rectangle((x, bottom + 14, x + 38, bottom + 24), 4, fill=colour)
    pen.rounded_rectangle((1500, bottom - 6, 1620, bottom + 24), 6, fill="#5a4a56")
    light = 1.08 * vignette(WIDTH, HEIGHT, 0.34) * (0.86 + 0.2 * fractal(WIDTH, HEIGHT, 900, 3, octaves=1))
    return soft(lit(room, light), 1.1)


def _wood(width: int, height: int) -> Tone:
    return 0.75 + 0.4 * fractal(width, height, 18, 5, stretch=14)


def _dusty(width: int, height: int) -> Image.Image:
    """Slate that was wiped many times."""
    wiped = fractal(width, height, 90, 11, stretch=5) ** 2
    streaks = fractal(width, height, 16, 12, stretch=18, octaves=3)
    grit = fractal(width, height, 3, 13, octaves=2)
    return toned("#33483d", 0.86 + 0.5 * wiped * (0.5 + 0.5 * streaks) + 0.12 * grit)


def _writing() -> tuple[list[_Glyph], Image.Image]:
    """All that is ever on the slate, as a mask of chalk; and when each character is written."""
    mask = Image.new("L", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(mask)
    random = np.random.default_rng(21)
    glyphs = []
    for start_s, (x, y), words, size in _LINES:
        font = ImageFont.truetype(_SCRIPT, size, index=2)
        at_s, across = start_s, float(x)
        for word in words:
            wide = font.getlength(word)
            jump = float(random.normal(0, 3))
            if word.strip():
                pen.text((across, y + jump), word, font=font, fill=255)
                box = (int(across) - 2, y - 4, int(across + wide) + 3, y + int(size * 1.35))
                glyphs.append(_Glyph(at_s, box))
                at_s += _PEN_S * (1.15 if ord(word) > 0x3000 else 0.6)
            across += wide * 1.06
    pen.line([(1180, 780), (1180, 400)], fill=255, width=7)
    pen.line([(1180, 780), (1700, 780)], fill=255, width=7)
    pen.line([_on_curve(step / 60) for step in range(61)], fill=255, width=8, joint="curve")
    grain = 0.35 + 0.65 * (fractal(WIDTH, HEIGHT, 3, 31, octaves=2) > 0.42)
    pressure = 0.75 + 0.25 * fractal(WIDTH, HEIGHT, 40, 32)
    chalk = np.asarray(soft(_wobbly(mask), 0.9), np.float32) * grain * pressure
    return glyphs, soft(Image.fromarray(chalk.astype(np.uint8)), 0.7)


def _wobbly(mask: Image.Image) -> Image.Image:
    """Lines as a hand draws them: no edge quite straight."""
    shift = ((fractal(WIDTH, HEIGHT, 30, seed, octaves=2) - 0.5) * 9 for seed in (41, 42))
    down, across = (part.round().astype(int) for part in shift)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return Image.fromarray(np.asarray(mask)[np.clip(y + down, 0, HEIGHT - 1), np.clip(x + across, 0, WIDTH - 1)])


def _on_curve(share: float) -> Point:
    return 1190 + 480 * share, 760 - 330 / (1 + math.exp(7 * (0.55 - share)))


def _write(slate: Image.Image, chalk: Image.Image, glyphs: list[_Glyph], before_s: float, at_s: float) -> None:
    """Add the chalk that came since the last picture."""
    for glyph in glyphs:
        if glyph.start_s <= at_s and before_s < glyph.start_s + _PEN_S:
            left, top, right, bottom = glyph.box
            share = min((at_s - glyph.start_s) / _PEN_S, 1)
            bands = share * 3
            for band in range(3):
                done = min(max(bands - band, 0), 1)
                begun = min(max((before_s - glyph.start_s) / _PEN_S * 3 - band, 0), 1)
                high = (bottom - top) / 3
                wide = right - left
                box = (left + wide * begun, top + high * band, left + wide * done, top + high * (band + 1))
                _reveal(slate, chalk, box)
    start, end = _CURVE_S
    if start < at_s and before_s < end + 1:
        _reveal_axes(slate, chalk, (before_s - start) / (end - start), (at_s - start) / (end - start))


def _reveal_axes(slate: Image.Image, chalk: Image.Image, begun: float, done: float) -> None:
    """First the axes, then the curve between them, from left to right."""
    first, second = (min(max(share * 3, 0), 1) for share in (begun, done))
    _reveal(slate, chalk, (1160, 390 + 380 * first, 1188, 390 + 380 * second))
    first, second = (min(max(share * 3 - 1, 0), 1) for share in (begun, done))
    _reveal(slate, chalk, (1160 + 560 * first, 768, 1160 + 560 * second, 800))
    first, second = (min(max(share * 3 - 2, 0), 1) for share in (begun, done))
    _reveal(slate, chalk, (1189 + 500 * first, 390, 1189 + 500 * second, 768))


def _reveal(slate: Image.Image, chalk: Image.Image, box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = (round(edge) for edge in box)
    if right > left and bottom > top:
        slate.paste(_CHALK, (left, top, right, bottom), chalk.crop((left, top, right, bottom)))


def _pen_at(glyphs: list[_Glyph], at_s: float) -> Point | None:
    """Where the chalk touches the slate; None while the arm is down."""
    for glyph in glyphs:
        share = (at_s - glyph.start_s) / _PEN_S
        if 0 <= share <= 1.9:
            left, top, right, bottom = glyph.box
            share = min(share, 1)
            return left + (right - left) * (share * 3 % 1 if share < 1 else 1), top + (bottom - top) * share
    start, end = _CURVE_S
    share = (at_s - start) / (end - start) * 3
    if 0 <= share < 1:
        return 1180, 400 + 380 * share
    if 1 <= share < 2:
        return 1180 + 520 * (share - 1), 780
    if 2 <= share <= 3:
        return _on_curve(share - 2)
    return None


def _smooth_pen(glyphs: list[_Glyph], at_s: float) -> tuple[Point, float]:
    """The hand's place, eased over a third of a second, and how far it is up (0 to 1)."""
    x = y = up = 0.0
    steps = 12
    for step in range(steps):
        pen = _pen_at(glyphs, at_s + (step - steps / 2) * 0.03)
        if pen is not None:
            x, y, up = x + pen[0], y + pen[1], up + 1
    return ((x / up, y / up) if up else (0.0, 0.0)), up / steps


def _stand(
    frame: Image.Image, body: tuple[Image.Image, Image.Image, Image.Image], glyphs: list[_Glyph], at_s: float
) -> None:
    """The teacher at this moment: the body follows the hand, slowly."""
    teacher, upper, fore = body
    marks = [(0.0, 1320.0), (1.2, 150.0)]
    for index, (start_s, (x, _), words, size) in enumerate(_LINES):
        took = sum(_PEN_S * (1.15 if ord(word) > 0x3000 else 0.6) for word in words if word.strip())
        wide = size * sum(1.06 if ord(word) > 0x3000 else 0.5 for word in words)
        marks += [(start_s, x - 90.0), (start_s + took, x + wide - 330.0)]
        after = _LINES[index + 1][0] if index + 1 < len(_LINES) else _CURVE_S[0]
        marks += [(start_s + took + 1.6, 1330.0), (after - 1.4, 1350.0)]
    start, end = _CURVE_S
    third = (end - start) / 3
    marks += [(start, 850.0), (start + third, 860.0), (start + 2 * third, 1360.0), (start + 2.4 * third, 960.0)]
    marks += [(end, 1300.0), (end + 2, 1560.0)]
    middle = between(at_s, *marks)
    stand = middle + 7 * sway(at_s, 0.35, 1)
    floor = 1080 + 5 * sway(at_s, 0.5, 2) + 3 * abs(math.sin(middle / 60))
    lean = 0.02 * sway(at_s, 0.3, 3)
    place(frame, teacher, (300, 840), (stand, floor), lean=lean)
    shoulder = (stand + 118 - lean * 590, floor - 560)
    pen, up = _smooth_pen(glyphs, at_s)
    low = (shoulder[0] + 66 + 18 * sway(at_s, 0.6, 5), shoulder[1] + 538 + 8 * sway(at_s, 0.7, 6))
    share = up * up * (3 - 2 * up)
    hand = tuple(a + (b - a) * share for a, b in zip(low, pen, strict=True)) if up else low
    _reach(frame, upper, fore, shoulder, (hand[0], hand[1]))


def _sit(frame: Image.Image, head: Image.Image, seat: int, at_s: float) -> None:
    """Somebody in the first row, nodding a little."""
    x = (170, 640, 1090, 1620)[seat] + 9 * sway(at_s, 0.22, 60 + seat)
    y = 1090 + 5 * sway(at_s, 0.3, 70 + seat)
    place(frame, head, (200, 420), (x, y), turn=2.5 * sway(at_s, 0.25, 80 + seat), size=(1.0, 0.9, 0.96, 1.06)[seat])


def _reach(frame: Image.Image, upper: Image.Image, fore: Image.Image, shoulder: Point, hand: Point) -> None:
    """Both parts of the arm, so that the hand comes to where it should, as far as it reaches."""
    elbow, end = bent_at(shoulder, hand, 250, 300)
    turn = math.atan2(elbow[1] - shoulder[1], elbow[0] - shoulder[0])
    place(frame, upper, (60, 60), shoulder, turn=math.degrees(turn))
    place(frame, fore, (60, 60), elbow, turn=math.degrees(math.atan2(end[1] - elbow[1], end[0] - elbow[0])))


def _teacher() -> Image.Image:
    """From behind, to the hips; the middle of the back is at x = 300."""
    size = (600, 900)
    cloth = 0.86 + 0.28 * fractal(*size, 90, 51, stretch=0.5) + 0.1 * fractal(*size, 3, 52, octaves=2)
    back = [(150, 900), (138, 600), (150, 400), (172, 290), (220, 250), (300, 232), (380, 250), (428, 290)]
    back += [(450, 400), (462, 600), (450, 900)]
    shape = soft(polygon(size, back), 5)
    body = formed(shape, "#454b57", depth=46, relief=1.4, tone=cloth)
    arm = formed(limb(size, (176, 310), (140, 640), (84, 62)), "#40464f", depth=26, relief=1.2, tone=cloth)
    neck = formed(polygon(size, [(262, 180), (338, 180), (350, 256), (250, 256)]), "#b98a68", depth=20)
    collar = formed(soft(limb(size, (244, 246), (356, 246), (34, 34)), 1), "#5c6470", depth=10)
    strands = 0.7 + 0.7 * fractal(*size, 40, 53, stretch=0.12)
    hair = formed(oval(size, (222, 20, 378, 214)), "#2b2523", depth=44, relief=1.5, tone=strands)
    ears = [formed(oval(size, (x, 104, x + 24, 158)), "#bd8c6b", depth=8) for x in (210, 366)]
    shade = Image.new("RGBA", size, "#101a14")
    shade.putalpha(
        soft(shape, 26)
        .point(lambda tone: tone * 2 // 5)
        .transform(size, Image.Transform.AFFINE, (1, 0, -34, 0, 1, -16))
    )
    return soft(joined(shade, *ears, neck, hair, body, collar, arm), 1.0)


def _pupil(seat: int) -> Image.Image:
    """A head and shoulders from behind, near the camera and out of focus."""
    size = (400, 420)
    cloth = ("#5a3b38", "#3b4a44", "#51504a", "#37405a")[seat]
    tone = 0.8 + 0.4 * fractal(*size, 60, 61 + seat)
    strands = 0.7 + 0.7 * fractal(*size, 40, 66 + seat, stretch=0.15)
    trunk = formed(limb(size, (110, 420), (290, 420), (190, 190)), cloth, depth=44, relief=1.3, tone=tone)
    neck = formed(limb(size, (200, 280), (200, 330), (84, 96)), "#a87c5e", depth=24)
    hair = ("#201b1a", "#2a2422", "#6b6661", "#231e1c")[seat]
    skull = formed(oval(size, (122, 100, 278, 300)), hair, depth=50, relief=1.5, tone=strands)
    return soft(joined(neck, trunk, skull), 3.5)


def _upper_arm() -> Image.Image:
    size = (380, 120)
    cloth = 0.84 + 0.32 * fractal(*size, 46, 55, stretch=0.6) + 0.1 * fractal(*size, 3, 56, octaves=2)
    return soft(formed(limb(size, (60, 60), (310, 60), (92, 72)), "#454b57", depth=30, relief=1.2, tone=cloth), 1.0)


def _forearm() -> Image.Image:
    """Sleeve, hand and a piece of chalk that ends at x = 360."""
    size = (420, 120)
    cloth = 0.84 + 0.32 * fractal(*size, 40, 57, stretch=0.6) + 0.1 * fractal(*size, 3, 58, octaves=2)
    sleeve = formed(limb(size, (60, 60), (262, 60), (70, 52)), "#454b57", depth=24, relief=1.2, tone=cloth)
    palm = formed(limb(size, (280, 60), (322, 56), (44, 40)), "#c0906f", depth=16, relief=1.2)
    fingers = [
        formed(limb(size, (318, y), (350, y - 2 + n), (16, 13)), "#c49574", depth=6) for n, y in enumerate((46, 57, 68))
    ]
    stick = formed(limb(size, (346, 56), (366, 56), (10, 9)), "#f0efe8", depth=4)
    return soft(joined(palm, stick, *fingers, sleeve), 0.9)
