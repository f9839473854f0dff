"""Handheld footage by a field: poplars and grass in the wind, a pan after a farmer who walks, digs, and walks on."""

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from tests.benchmarks.corpus.camera import HEIGHT, WIDTH
from tests.benchmarks.corpus.farmer import FEET, SIZE, Farmer
from tests.benchmarks.corpus.motion import Grid, Mesh, Point, between, mesh, place, sway
from tests.benchmarks.corpus.texture import Tone, fractal, lit, soft, toned

_WIDE, _HIGH, _HORIZON = 3040, 1420, 540
_MIDDLE = _WIDE / 2
_FEET_Y = 960.0
_WALK_S, _DIG_S = 17.0, 45.0
_STEP = 78.0


def pictures(seconds: float, rate: int) -> Iterator[Image.Image]:
    """Every picture, in turn."""
    land, tufts, farmer, shade = _land(), [_tuft(number) for number in range(5)], Farmer(), _shade()
    grid = mesh(WIDTH, HEIGHT, 40)
    for number in range(round(seconds * rate)):
        at_s = number / rate
        view = _View(at_s)
        from_x, from_y = view.sources(grid)
        frame = grid.bent(land, from_x + _wind(from_x, from_y, at_s), from_y)
        _walk(frame, farmer, shade, view, at_s)
        for place_, x in enumerate(range(120, _WIDE, 330)):
            spot = view.seen((float(x + 60 * (place_ % 3)), 1330.0 + 40 * (place_ % 2)))
            lean = 0.12 * sway(at_s + x / 700, 0.9, 31) + 0.05 * sway(at_s, 2.4, place_)
            place(frame, tufts[place_ % 5], (190, 400), (spot[0], spot[1] + 60), lean=lean, turn=view.turn)
        yield frame


class _View:
    """Where the hand holds the camera at one moment. Nearer ground passes faster."""

    def __init__(self, at_s: float) -> None:
        self._pan = between(at_s, (1, -330), (_WALK_S, 150), (28, 60), (36, 190), (_DIG_S, 130), (57, -340))
        self._pan += 15 * sway(at_s, 0.55, 1) + 5 * sway(at_s, 2.1, 2) + 1.3 * sway(at_s, 6.3, 3)
        self._y = 770 + between(at_s, (20, 0), (26, 70), (34, -30), (50, 10))
        self._y += 12 * sway(at_s, 0.6, 4) + 5 * sway(at_s, 2.4, 5) + 1.3 * sway(at_s, 6.9, 6)
        self.turn = -0.6 * sway(at_s, 0.5, 7) - 0.12 * sway(at_s, 2.7, 8)
        self._near = between(at_s, (18, 1.0), (24, 0.86), (40, 0.86), (48, 1.0)) + 0.004 * sway(at_s, 0.9, 9)
        self._cos = math.cos(math.radians(-self.turn)) * self._near
        self._sin = math.sin(math.radians(-self.turn)) * self._near

    def sources(self, grid: Mesh) -> tuple[Grid, Grid]:
        """Which point of the land each point of the picture shows."""
        x, y = grid.x - WIDTH / 2, grid.y - HEIGHT / 2
        down = self._y + x * self._sin + y * self._cos
        return _MIDDLE + self._pan * (1 + _depth(down)) + x * self._cos - y * self._sin, down

    def seen(self, point: Point) -> Point:
        """Where in the picture a point of the land is."""
        x = point[0] - _MIDDLE - self._pan * (1 + float(_depth(np.array(point[1]))))
        y = point[1] - self._y
        square = self._near**2
        return (
            WIDTH / 2 + (x * self._cos + y * self._sin) / square,
            HEIGHT / 2 + (y * self._cos - x * self._sin) / square,
        )

    @property
    def size(self) -> float:
        """How much larger than on the land things are seen."""
        return 1 / self._near


def _depth(down: Grid) -> Grid:
    return 0.4 * np.clip((down - _HORIZON) / 800, 0, 1.1)


def _wind(x: Grid, y: Grid, at_s: float) -> Grid:
    """Sideways shift: gusts that run through leaves and grass; soil and sky keep still."""
    trees = 3.2 * np.exp(-(((y - 420) / 90) ** 2))
    grass = 9 * np.clip((y - 1040) / 260, 0, 1) + 2.5 * np.exp(-(((y - 640) / 70) ** 2))
    gust = 0.55 + 0.45 * np.sin(0.0021 * x - 0.9 * at_s + 1.3 * sway(at_s, 0.1, 21))
    waves = np.sin(0.013 * x + 0.02 * y - 2.9 * at_s) + 0.7 * np.sin(0.031 * x - 0.017 * y - 4.7 * at_s)
    return (trees + grass) * gust * (0.55 * waves + 0.3 * np.sin(0.075 * x + 0.06 * y - 8.3 * at_s))


def _walk(frame: Image.Image, farmer: Farmer, shade: Image.Image, view: _View, at_s: float) -> None:
    """The farmer where he is at this second, with his shade."""
    if at_s < _WALK_S:
        x = 900 + 46 * at_s
        figure = farmer.walking(46 * at_s / _STEP)
    elif at_s < _DIG_S:
        x = 900 + 46 * _WALK_S
        figure = farmer.digging(at_s - _WALK_S)
    else:
        x = 900 + 46 * _WALK_S - 60 * (at_s - _DIG_S)
        figure = farmer.walking(60 * (at_s - _DIG_S) / _STEP).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    middle = SIZE[0] - FEET[0] if at_s >= _DIG_S else FEET[0]
    spot = view.seen((x, _FEET_Y))
    place(frame, shade, (210, 50), (spot[0] + 60 * view.size, spot[1]), turn=view.turn, size=view.size)
    place(frame, figure, (middle, FEET[1]), spot, turn=view.turn, size=view.size * 0.95)


def _land() -> Image.Image:
    """All that the camera may turn to."""
    land = _sky()
    land.paste(_soil(), (0, _HORIZON))
    _mountains(land)
    land = land.resize((_WIDE * 2, _HIGH * 2), Image.Resampling.BILINEAR)
    random = np.random.default_rng(101)
    _poplars(land, random)
    _blades(land, random, 560, 740, 26000, (6, 26))
    _blades(land, random, 1090, _HIGH, 30000, (40, 120))
    clouds = 0.86 + 0.26 * fractal(_WIDE, _HIGH, 700, 102, octaves=2)
    return soft(lit(land.reduce(2), clouds), 0.8)


def _sky() -> Image.Image:
    down = np.linspace(0, 1, _HIGH, dtype=np.float32)[:, None]
    clouds = np.clip(fractal(_WIDE, _HIGH, 260, 103, stretch=2.6, octaves=6) * 1.9 - 0.75, 0, 1)
    blue = np.array((96, 143, 190), np.float32) + down[..., None] * np.array((190, 140, 60), np.float32)
    white = np.array((236, 236, 232), np.float32)
    return Image.fromarray((blue + (white - blue) * clouds[..., None] * 0.85).clip(0, 255).astype(np.uint8), "RGB")


def _mountains(land: Image.Image) -> None:
    for seed, base, high, colour in ((110, 470, 170, "#7f93a6"), (111, 520, 90, "#6c7f80")):
        ridge = base - high * fractal(_WIDE, 4, 420, seed, octaves=6)[0]
        mask = (np.arange(_HIGH)[:, None] > ridge[None, :]) & (np.arange(_HIGH)[:, None] < _HORIZON + 4)
        rock = toned(colour, 0.82 + 0.36 * fractal(_WIDE, _HIGH, 60, seed + 5, stretch=0.6))
        land.paste(rock, (0, 0), Image.fromarray((mask * 255).astype(np.uint8)))


def _soil() -> Image.Image:
    """Ploughed earth, its clods larger the nearer they lie."""
    high = _HIGH - _HORIZON
    stuff = _tile(0.55, 24, 120) + _tile(0.3, 8, 121) + _tile(0.35, 3, 122)
    near = np.linspace(0.03, 1.15, high, dtype=np.float32)[:, None]
    across = ((np.arange(_WIDE, dtype=np.float32)[None, :] - _MIDDLE) / near * 0.9).astype(int) % 2048
    along = np.broadcast_to((620 / near).astype(int) % 2048, (high, _WIDE))
    furrow = 0.5 + 0.5 * np.sin((np.arange(_WIDE)[None, :] - _MIDDLE) / near / 34 + 0.8 * stuff[along, across])
    return toned("#8a6a49", (0.45 + 0.5 * stuff[along, across] + 0.22 * furrow).astype(np.float32))


def _tile(strength: float, cell: float, seed: int) -> Tone:
    return strength * fractal(2048, 2048, cell, seed, octaves=3)


def _poplars(land: Image.Image, random: np.random.Generator) -> None:
    pen = ImageDraw.Draw(land)
    for tree in range(44):
        x = tree * 142 + float(random.uniform(-40, 40))
        foot, tall = 1130 + float(random.uniform(-10, 16)), float(random.uniform(420, 640))
        pen.line((x, foot, x, foot - tall * 0.9), fill="#5a5142", width=11)
        for leaf in range(900):
            share = float(random.random()) ** 0.8
            wide = 74 * math.sin(math.pi * min(share * 0.9 + 0.12, 1)) + 6
            lx = x + float(random.normal(0, wide * 0.45))
            ly = foot - tall * (0.12 + 0.9 * share)
            half = float(random.uniform(3, 9))
            light = 0.55 + 0.5 * float(random.random()) - 0.2 * (lx > x)
            pen.ellipse((lx - half, ly - half, lx + half, ly + half * 0.8), fill=_green(light, leaf % 3))


def _blades(
    land: Image.Image, random: np.random.Generator, top: int, bottom: int, count: int, long: tuple[float, float]
) -> None:
    """Grass or young crop between two rows of the land, the far blades first."""
    pen = ImageDraw.Draw(land)
    for number, share in enumerate(np.sort(random.random(count))):
        y = (top + (bottom + 40 - top) * float(share)) * 2
        x = float(random.uniform(0, _WIDE * 2))
        size = (long[0] + (long[1] - long[0]) * float(share)) * float(random.uniform(0.6, 1.2)) * 2
        bend = float(random.normal(0, 0.35)) * size
        light = 0.45 + 0.75 * float(random.random())
        points = [(x, y), (x + bend * 0.3, y - size * 0.6), (x + bend, y - size)]
        pen.line(points, fill=_green(light, number % 5), width=max(2, round(size / 22)))


def _green(light: float, kind: int) -> tuple[int, int, int]:
    red, green, blue = ((96, 124, 52), (112, 134, 60), (82, 112, 50), (146, 142, 78), (104, 130, 54))[kind]
    return round(red * light), round(green * light), round(blue * light)


def _tuft(number: int) -> Image.Image:
    """High grass right before the camera, a little out of focus; its foot is at (190, 400)."""
    random = np.random.default_rng(130 + number)
    tuft = Image.new("RGBA", (380 * 2, 420 * 2))
    pen = ImageDraw.Draw(tuft)
    for blade in range(130):
        x, size = 380 + float(random.normal(0, 90)), float(random.uniform(250, 760))
        bend = float(random.normal(0, 0.28)) * size + (x - 380) * 0.6
        points = [(x + bend * share**2, 830 - size * share) for share in (0, 0.25, 0.5, 0.75, 1)]
        pen.line(points, fill=_green(0.4 + 0.8 * float(random.random()), blade % 5), width=int(random.integers(4, 10)))
        if blade % 9 == 0:
            for seed in range(8):
                ex, ey = points[-1][0], points[-1][1] + seed * 9
                pen.ellipse((ex - 7, ey - 8, ex + 7, ey + 8), fill="#a7985c")
    return soft(tuft.reduce(2), 1.8)


def _shade() -> Image.Image:
    mask = Image.new("L", (420, 100))
    ImageDraw.Draw(mask).ellipse((40, 30, 380, 70), fill=130)
    shade = Image.new("RGBA", mask.size, "#1c140c")
    shade.putalpha(soft(mask, 9))
    return shade
