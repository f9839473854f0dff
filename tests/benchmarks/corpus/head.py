"""A talking head before a bookshelf: a woman explains, nods, blinks and breathes; her mouth follows the voice."""

import math
import wave
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tests.benchmarks.corpus.camera import HEIGHT, WIDTH
from tests.benchmarks.corpus.motion import Grid, Mesh, Point, mesh, place, sway
from tests.benchmarks.corpus.texture import (
    Tone,
    formed,
    fractal,
    joined,
    limb,
    lit,
    outline,
    oval,
    polygon,
    soft,
    toned,
    vignette,
)

_SIZE = (1200, 1080)
_AT = (360, 40)
_NECK: Point = (600, 640)
_MOUTH_BOX = (510, 470, 690, 600)
_EYES_BOX = (440, 290, 760, 400)
_SKIN = "#c99a7a"


def pictures(seconds: float, rate: int, loudness: Tone) -> Iterator[Image.Image]:
    """Every picture, in turn; `loudness` is the voice's, from 0 to 1 for each of them."""
    shelf, portrait, hand = _shelf(), _portrait(), _hand()
    grid = mesh(*_SIZE, 50)
    for number in range(round(seconds * rate)):
        at_s = number / rate
        face = portrait.copy()
        face.alpha_composite(
            _mouth(round(float(loudness[number]) * 9), round(1.5 + 1.5 * sway(at_s, 1.9, 4))), _MOUTH_BOX[:2]
        )
        face.alpha_composite(_eyes(_lids(at_s), round(2 * sway(at_s, 0.3, 9))), _EYES_BOX[:2])
        face = grid.bent(face, *_pose(grid, at_s))
        frame = shelf.copy()
        frame.paste(face, _AT, face)
        _gesture(frame, hand, at_s)
        yield frame


def heard(voice: Path, seconds: float, rate: int) -> Tone:
    """How loud the voice is at each picture, from 0 to 1."""
    with wave.open(str(voice)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float32)
        window = sound.getframerate() / rate
    edges = (np.arange(round(seconds * rate) + 1) * window).astype(int).clip(0, len(samples) - 1)
    power = np.array([np.abs(samples[a : max(b, a + 1)]).mean() for a, b in pairwise(edges)])
    calm = np.convolve(power, (0.25, 0.5, 0.25), "same")
    share: Tone = np.clip(calm / np.percentile(calm, 96), 0, 1).astype(np.float32)
    return share


def _pose(grid: Mesh, at_s: float) -> tuple[Grid, Grid]:
    """Where each point of the grid looks: the head turns about the neck, the shoulders breathe."""
    held = 1 / (1 + np.exp((grid.y - 650) / 42))
    turn = math.radians(2.6 * sway(at_s, 0.23, 1) + 0.8 * sway(at_s, 0.9, 2)) * held
    nod = (9 * sway(at_s, 0.41, 3) + 4 * sway(at_s, 1.1, 5)) * held
    side = (16 * sway(at_s, 0.19, 6) + 3 * sway(at_s, 0.8, 7)) * (0.35 + 0.65 * held)
    breath = 4.5 * math.sin(math.tau * at_s / 3.9) * np.clip((grid.y - 560) / 200, 0, 1) * (1 - held)
    x, y = grid.x - _NECK[0] - side, grid.y - _NECK[1] - nod - breath
    near = 1 + 0.012 * sway(at_s, 0.15, 8) * held
    return (
        _NECK[0] + (x * np.cos(turn) + y * np.sin(turn)) / near,
        _NECK[1] + (y * np.cos(turn) - x * np.sin(turn)) / near,
    )


def _lids(at_s: float) -> int:
    """How far the eyes are shut, of 4: a blink takes a fifth of a second, every three seconds or so."""
    since = (at_s + 0.7 * math.sin(at_s * 0.37)) % 3.1
    return round(4 * max(0.0, 1 - abs(since - 0.1) / 0.1))


def _gesture(frame: Image.Image, hand: Image.Image, at_s: float) -> None:
    """Now and then a hand comes up."""
    up = max(0.0, sway(at_s, 0.11, 12) * 1.6 - 0.25)
    if up > 0:
        lift = 1 - math.exp(-2.2 * up)
        x, y = 620 + 26 * sway(at_s, 0.9, 13), 1330 - 380 * lift + 18 * sway(at_s, 1.3, 14)
        place(frame, hand, (150, 300), (x, y), turn=12 * sway(at_s, 0.7, 15) + 8)


def _shelf() -> Image.Image:
    """Books, a plant and a wall, two metres behind the focus."""
    wood = 0.8 + 0.3 * fractal(WIDTH, HEIGHT, 26, 71, stretch=12)
    room = toned("#5d4630", wood)
    pen = ImageDraw.Draw(room)
    random = np.random.default_rng(72)
    covers = ("#8c3b30", "#2f4f66", "#d2c7a8", "#44603f", "#a8772f", "#5b3d5c", "#c9c3b6", "#31343a", "#9a5b46")
    for floor in range(4):
        top, bottom = floor * 300 - 40, floor * 300 + 222
        pen.rectangle((0, top, WIDTH, bottom), fill="#2b2018")
        x = 14.0
        while x < WIDTH:
            wide, high = random.uniform(22, 62), random.uniform(170, 250)
            if random.random() < 0.07:
                x += random.uniform(30, 110)
                continue
            cover = covers[int(random.integers(len(covers)))]
            pen.rectangle((x, bottom - high, x + wide - 2, bottom), fill=cover)
            pen.rectangle((x, bottom - high + 26, x + wide - 2, bottom - high + 34), fill="#d8c894")
            pen.line((x + wide / 2, bottom - high + 60, x + wide / 2, bottom - 40), fill="#e6ddc4", width=5)
            x += wide
    for leaf in range(46):
        angle = random.uniform(-2.7, -0.4)
        long = random.uniform(120, 330)
        tip = (1660 + long * math.cos(angle), 800 + long * math.sin(angle))
        pen.line((1660, 800, *tip), fill=("#3f6b35", "#5c8a47", "#2f5530")[leaf % 3], width=14)
    pen.polygon([(1580, 790), (1740, 790), (1715, 960), (1605, 960)], fill="#b4683f")
    light = vignette(WIDTH, HEIGHT, 0.4) * (0.75 + 0.5 * fractal(WIDTH, HEIGHT, 900, 73, octaves=1))
    return soft(lit(room, light.astype(np.float32)), 7)


def _portrait() -> Image.Image:
    """Everything but mouth and eyes."""
    pores = (0.95 + 0.1 * fractal(*_SIZE, 5, 81, octaves=2)) * (0.94 + 0.12 * fractal(*_SIZE, 120, 82))
    knit = 0.78 + 0.22 * _stitches() + 0.22 * fractal(*_SIZE, 110, 83)
    strands = 0.5 + 1.1 * fractal(*_SIZE, 60, 84, stretch=0.1)
    trunk = [(36, 1080), (40, 1040), (70, 900), (170, 800), (330, 742), (480, 700), (600, 730), (720, 700), (870, 742)]
    trunk += [(1030, 800), (1130, 900), (1160, 1040), (1164, 1080)]
    jumper = formed(soft(polygon(_SIZE, trunk), 8), "#6f4a52", depth=80, relief=1.3, tone=knit)
    collar = formed(soft(limb(_SIZE, (484, 716), (716, 716), (64, 64)), 4), "#7a525b", depth=18, tone=knit)
    neck = formed(
        soft(polygon(_SIZE, [(510, 540), (690, 540), (708, 740), (600, 770), (492, 740)]), 4),
        "#b4866a",
        depth=50,
        relief=1.3,
        tone=pores,
    )
    back = formed(soft(oval(_SIZE, (392, 96, 808, 640)), 3), "#231d1b", depth=80, relief=1.4, tone=strands)
    face = [(440, 330), (446, 420), (470, 520), (520, 600), (600, 640), (680, 600), (730, 520), (754, 420), (760, 330)]
    face += [(736, 220), (664, 150), (600, 140), (536, 150), (464, 220)]
    skin = formed(soft(polygon(_SIZE, face), 7), _SKIN, depth=90, relief=1.0, tone=pores * _flush())
    ears = [formed(oval(_SIZE, (x, 340, x + 44, 440)), "#b98666", depth=14, tone=pores) for x in (418, 738)]
    fringe = [(428, 350), (420, 240), (470, 130), (600, 88), (730, 130), (780, 240), (772, 350), (752, 300)]
    fringe += [(720, 226), (640, 196), (560, 214), (500, 250), (458, 300)]
    hair = formed(soft(polygon(_SIZE, fringe), 4), "#2a2320", depth=50, relief=1.5, tone=strands)
    nose = _shadow(partial(_nose), "#8d5f48", 5, 0.8)
    shine = _shadow(lambda pen, n: pen.ellipse((588 * n, 380 * n, 606 * n, 462 * n), 120), "#f2d2b8", 7, 0.8)
    brows = _shadow(_brows, "#2b211e", 3, 0.9)
    cheeks = _shadow(_folds, "#9a6a52", 6, 0.5)
    return soft(joined(back, neck, jumper, collar, ears[0], ears[1], skin, cheeks, nose, shine, brows, hair), 1.0)


def _shadow(draw: Callable[[ImageDraw.ImageDraw, int], None], colour: str, blur: float, strength: float) -> Image.Image:
    layer = Image.new("RGBA", _SIZE, colour)
    layer.putalpha(soft(outline(_SIZE, draw), blur).point(lambda tone: round(tone * strength)))
    return layer


def _nose(pen: ImageDraw.ImageDraw, n: int) -> None:
    pen.line([(622 * n, 340 * n), (628 * n, 420 * n), (640 * n, 462 * n)], 130, 9 * n)
    pen.arc((556 * n, 432 * n, 644 * n, 486 * n), 10, 170, 200, 9 * n)
    pen.ellipse((572 * n, 474 * n, 590 * n, 484 * n), 220)
    pen.ellipse((610 * n, 474 * n, 628 * n, 484 * n), 220)


def _brows(pen: ImageDraw.ImageDraw, n: int) -> None:
    for side in (-1, 1):
        points = [(600 + side * x, y) for x, y in ((38, 290), (80, 274), (132, 290))]
        pen.line([(x * n, y * n) for x, y in points], 235, 13 * n, joint="curve")


def _folds(pen: ImageDraw.ImageDraw, n: int) -> None:
    for side in (-1, 1):
        points = [(600 + side * x, y) for x, y in ((50, 470), (80, 510), (88, 550))]
        pen.line([(x * n, y * n) for x, y in points], 190, 7 * n, joint="curve")
        pen.arc(((600 + side * 84 - 46) * n, 336 * n, (600 + side * 84 + 46) * n, 392 * n), 20, 160, 150, 6 * n)


def _flush() -> Tone:
    """Cheeks and forehead catch light; the jaw does not."""
    y, x = np.mgrid[0 : _SIZE[1], 0 : _SIZE[0]]
    lamp = np.exp(-(((x - 540) / 170) ** 2 + ((y - 300) / 190) ** 2))
    light: Tone = (0.86 + 0.24 * lamp).astype(np.float32)
    return light


def _stitches() -> Tone:
    """Ribs of a knitted jumper."""
    y, x = np.mgrid[0 : _SIZE[1], 0 : _SIZE[0]]
    ribs: Tone = (0.5 + 0.5 * np.sin(x / 1.9 + 1.2 * np.sin(y / 2.6))).astype(np.float32)
    return ribs


@cache
def _mouth(opened: int, wide: int) -> Image.Image:
    """Lips, teeth and what is between, `opened` of 9."""
    left, top, right, bottom = _MOUTH_BOX
    size, middle = (right - left, bottom - top), (90.0, 66.0)
    half, gap = 50 - wide * 4 - opened, 1.0 + opened * 2.6
    lips = oval(size, (middle[0] - half, middle[1] - 15 - gap * 0.45, middle[0] + half, middle[1] + 17 + gap))
    inside = oval(size, (middle[0] - half + 9, middle[1] - gap * 0.5, middle[0] + half - 9, middle[1] + gap))
    teeth = Image.new("RGBA", size, "#d9cfc2")
    teeth.putalpha(
        Image.composite(inside, Image.new("L", size), polygon(size, [(0, 0), (size[0], 0), (size[0], 67), (0, 67)]))
    )
    dark = Image.new("RGBA", size, "#3a1a1a")
    dark.putalpha(inside)
    return soft(joined(formed(lips, "#a8594f", depth=9, relief=1.1), dark, teeth), 1.3)


@cache
def _eyes(shut: int, look: int) -> Image.Image:
    """Both eyes; `shut` of 4, `look` is pixels to the side."""
    left, top, right, bottom = _EYES_BOX
    size = (right - left, bottom - top)
    layers = []
    for x in (76.0, 244.0):
        high = 17 * (1 - shut / 4) + 1
        ball = oval(size, (x - 34, 56 - high, x + 34, 56 + high * 0.85))
        white = formed(ball, "#d8d2cb", depth=8, relief=0.6)
        iris = Image.new("RGBA", size, "#2c1c14")
        disc = oval(size, (x - 15 + look * 3, 41, x + 15 + look * 3, 71))
        iris.putalpha(Image.composite(disc, Image.new("L", size), ball))
        glint = Image.new("RGBA", size, "#ffffff")
        glint.putalpha(
            Image.composite(oval(size, (x - 8 + look * 3, 47, x - 1 + look * 3, 54)), Image.new("L", size), ball)
        )
        lash = Image.new("RGBA", size, "#241814")
        lash.putalpha(outline(size, partial(_lash, x=x, y=56 - high)))
        layers += [white, iris, glint, lash]
    return soft(joined(*layers), 0.9)


def _lash(pen: ImageDraw.ImageDraw, n: int, *, x: float, y: float) -> None:
    pen.line(
        [((x + a) * n, (y + b) * n) for a, b in ((-38, 10), (-20, 1), (0, -2), (20, 1), (38, 9))],
        240,
        5 * n,
        joint="curve",
    )


def _hand() -> Image.Image:
    """A hand held open, from the wrist at (150, 420) up."""
    size = (320, 460)
    pores = 0.92 + 0.16 * fractal(*size, 8, 91, octaves=3)
    cuff = formed(
        limb(size, (150, 400), (150, 460), (130, 140)), "#6f4a52", depth=30, tone=0.8 + 0.4 * fractal(*size, 20, 92)
    )
    palm = formed(soft(limb(size, (150, 290), (150, 380), (118, 92)), 3), "#c3916f", depth=34, tone=pores)
    tips = (
        ((112, 270), (82, 130), 30),
        ((140, 260), (130, 92), 32),
        ((168, 262), (180, 100), 31),
        ((192, 276), (222, 140), 27),
    )
    fingers = [
        formed(limb(size, a, b, (thick + 4, thick - 6)), "#c99877", depth=11, tone=pores) for a, b, thick in tips
    ]
    thumb = formed(limb(size, (108, 340), (40, 250), (40, 28)), "#c59372", depth=13, tone=pores)
    return soft(joined(cuff, *fingers, thumb, palm), 1.4)
