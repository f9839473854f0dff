"""Painted posters for the sample evenings: invented lessons need pictures that belong to nobody.

Each painter draws one scene of 1280x720 units at twice that size, so that edges come out smooth.
"""

import math
from collections.abc import Callable
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1280, 720
_FINE = 2

Point = tuple[float, float]
Colour = str


class Canvas:
    """A scene in the making; all places are in units of 1280x720."""

    def __init__(self, above: Colour, below: Colour) -> None:
        """Begin with a sky or a wall that goes from one colour at the top to the other at the bottom."""
        thin = Image.linear_gradient("L").resize((1, HEIGHT))
        wall = Image.composite(Image.new("RGB", thin.size, below), Image.new("RGB", thin.size, above), thin)
        self._image = wall.resize((WIDTH * _FINE, HEIGHT * _FINE))
        self._draw = ImageDraw.Draw(self._image)

    def disc(self, at: Point, radius: float, fill: Colour) -> None:
        """A full circle."""
        self.oval(at, radius, radius, fill)

    def oval(self, at: Point, across: float, down: float, fill: Colour) -> None:
        """An ellipse by its centre and half its width and height."""
        box = (at[0] - across, at[1] - down, at[0] + across, at[1] + down)
        self._draw.ellipse([value * _FINE for value in box], fill=fill)

    def shape(self, points: list[Point], fill: Colour) -> None:
        """A polygon."""
        self._draw.polygon([(x * _FINE, y * _FINE) for x, y in points], fill=fill)

    def stroke(self, points: list[Point], width: float, fill: Colour) -> None:
        """A line with round ends and corners."""
        fine = [(x * _FINE, y * _FINE) for x, y in points]
        self._draw.line(fine, fill=fill, width=round(width * _FINE), joint="curve")
        for end in (points[0], points[-1]):
            self.disc(end, width / 2, fill)

    def card(self, box: tuple[float, float, float, float], corner: float, fill: Colour) -> None:
        """A rectangle with round corners, by its left, top, right and bottom."""
        self._draw.rounded_rectangle([value * _FINE for value in box], corner * _FINE, fill=fill)

    def glow(self, at: Point, radius: float, fill: Colour, strength: int = 150) -> None:
        """Soft light around a place."""
        small = Image.new("L", (WIDTH // 8, HEIGHT // 8), 0)
        box = (at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius)
        ImageDraw.Draw(small).ellipse([value / 8 for value in box], fill=strength)
        soft = small.filter(ImageFilter.GaussianBlur(radius / 16)).resize(self._image.size)
        self._image.paste(fill, (0, 0), soft)

    def hills(self, height: float, swell: float, phase: float, fill: Colour) -> None:
        """A line of hills across the scene, filled down to its foot."""
        crest = [(x, height - swell * (math.sin(x / 210 + phase) + math.sin(x / 97 + 2 * phase) / 3)) for x in _ACROSS]
        self.shape([*crest, (WIDTH, HEIGHT), (0, HEIGHT)], fill)

    def finished(self) -> Image.Image:
        """The scene at its own size."""
        return self._image.reduce(_FINE)


_ACROSS = tuple(range(0, WIDTH + 8, 8))


def curve(start: Point, bend: Point, end: Point, steps: int = 40) -> list[Point]:
    """A quadratic Bézier curve as points."""

    def at(t: float, axis: int) -> float:
        return (1 - t) ** 2 * start[axis] + 2 * t * (1 - t) * bend[axis] + t * t * end[axis]

    return [(at(place / steps, 0), at(place / steps, 1)) for place in range(steps + 1)]


def _leaf(scene: Canvas, stem: Point, tip: Point, width: float, fill: Colour, vein: Colour = "") -> None:
    dx, dy = tip[0] - stem[0], tip[1] - stem[1]
    length = math.hypot(dx, dy) or 1.0
    side = (-dy / length * width, dx / length * width)
    middle = ((stem[0] + tip[0]) / 2, (stem[1] + tip[1]) / 2)
    left = curve(stem, (middle[0] + side[0], middle[1] + side[1]), tip)
    right = curve(tip, (middle[0] - side[0], middle[1] - side[1]), stem)
    scene.shape([*left, *right], fill)
    if vein:
        scene.stroke([stem, tip], max(2.0, width / 14), vein)


def _soil() -> Image.Image:
    """Test tubes before a field in the evening."""
    scene = Canvas("#43606b", "#f0b866")
    scene.glow((640, 330), 300, "#ffe2a4", 190)
    scene.disc((640, 330), 96, "#fff0c8")
    scene.hills(360, 30, 0.4, "#9a6a52")
    scene.hills(392, 16, 2.2, "#7c4f3c")
    scene.shape([(0, 410), (WIDTH, 410), (WIDTH, HEIGHT), (0, HEIGHT)], "#6b3f26")
    for row in range(-9, 10):
        near, far = 590 + row * 330, 640 + row * 30
        scene.shape([(far, 410), (far + 12, 410), (near + 100, 720), (near, 720)], "#553020")
    for row in range(-5, 6):
        for depth in (0.25, 0.45, 0.7):
            x, y = 646 + row * (30 + 300 * depth) + 15, 410 + 310 * depth
            size = 34 * depth
            scene.stroke([(x, y), (x, y - size)], 3 * depth + 1, "#7fa352")
            _leaf(scene, (x, y - size), (x - size, y - size * 1.7), size / 3, "#8fb85c")
            _leaf(scene, (x, y - size), (x + size, y - size * 1.7), size / 3, "#8fb85c")
    for number, (level, fill) in enumerate(((420, "#4a3226"), (380, "#b5622c"), (450, "#cdb65a"))):
        x = 800 + number * 130
        scene.card((x, 190, x + 84, 640), 42, "#dfe6dc")
        scene.card((x + 8, 190, x + 76, 632), 34, "#9db3b0")
        scene.card((x + 8, level, x + 76, 632), 34, fill)
        scene.card((x - 8, 180, x + 92, 208), 14, "#f7f0e4")
        scene.stroke([(x + 22, 240), (x + 22, 590)], 8, "#eef3ee")
    for x in (762, 1148):
        scene.card((x, 520, x + 30, 650), 8, "#a87a40")
    scene.card((750, 500, 1190, 540), 18, "#c99a58")
    scene.card((750, 640, 1190, 676), 18, "#a87a40")
    return scene.finished()


def _sheep() -> Image.Image:
    """A flock on a hill under the moon."""
    scene, chance = Canvas("#14233a", "#3c6286"), Random(5)  # noqa: S311
    for _star in range(60):
        scene.disc((chance.uniform(0, WIDTH), chance.uniform(0, 330)), chance.uniform(1, 3), "#c8d6e6")
    scene.glow((300, 190), 210, "#fff0c8", 120)
    scene.disc((300, 190), 84, "#fff0c8")
    scene.hills(430, 46, 1.1, "#21443a")
    scene.hills(520, 34, 3.0, "#2e5e38")
    for x, y, size in ((560, 500, 0.8), (760, 560, 1.1), (1010, 520, 0.9), (400, 600, 1.2), (1140, 620, 1.25)):
        for leg in (-60, -24, 30, 64):
            scene.card((x + (leg - 8) * size, y, x + (leg + 8) * size, y + 96 * size), 6, "#2a2620")
        for dx, dy, radius in ((-70, 0, 52), (-30, -34, 56), (26, -36, 56), (70, -4, 52), (0, 14, 62), (-46, 22, 46)):
            scene.disc((x + dx * size, y + dy * size), radius * size, "#f0e8d8")
        scene.oval((x + 112 * size, y - 26 * size), 34 * size, 40 * size, "#3a342c")
        scene.oval((x + 88 * size, y - 52 * size), 20 * size, 10 * size, "#3a342c")
    return scene.finished()


def _hook() -> Image.Image:
    """A message as the bait on a hook."""
    scene = Canvas("#1d4a63", "#123247")
    scene.hills(430, 12, 0.0, "#1c5871")
    scene.hills(520, 14, 1.8, "#174a61")
    scene.hills(620, 14, 3.1, "#123a4e")
    bend = [*curve((880, 330), (880, 520), (790, 500)), *curve((790, 500), (720, 470), (730, 400))]
    hook = [(880, 0), (880, 330), *bend]
    scene.stroke(hook, 16, "#cfd8dc")
    scene.card((340, 190, 850, 440), 34, "#f2e6cc")
    scene.shape([(430, 430), (540, 430), (440, 510)], "#f2e6cc")
    for row, width in enumerate((330, 270, 180)):
        scene.card((400, 245 + row * 56, 400 + width, 269 + row * 56), 12, "#b7a888")
    scene.disc((790, 240), 40, "#d5573b")
    scene.card((784, 216, 796, 248), 6, "#fff6e6")
    scene.disc((790, 260), 7, "#fff6e6")
    for x, y, way in ((180, 560, 1), (1050, 600, -1), (1130, 480, -1)):
        scene.oval((x, y), 70, 30, "#e88f4a")
        scene.shape([(x - way * 60, y), (x - way * 108, y - 34), (x - way * 108, y + 34)], "#e88f4a")
        scene.disc((x + way * 44, y - 6), 7, "#241c14")
    return scene.finished()


def _goji() -> Image.Image:
    """A branch full of berries."""
    scene, chance = Canvas("#16281a", "#2c4a2a"), Random(9)  # noqa: S311
    branches = (
        curve((-20, 150), (520, 60), (1300, 260)),
        curve((160, -20), (420, 300), (980, 560)),
        curve((700, -20), (900, 250), (1240, 620)),
    )
    for branch in branches:
        scene.stroke(branch, 16, "#5a4430")
        for place in range(2, len(branch), 4):
            x, y = branch[place]
            reach = chance.uniform(70, 120)
            _leaf(scene, (x, y), (x + reach, y - reach * 0.8), 34, "#5f8a3e", "#4a7030")
            _leaf(scene, (x, y), (x - reach * 0.6, y + reach * 0.9), 30, "#4c7636", "#3c602a")
            for _berry in range(2):
                bx, by = x + chance.uniform(-50, 50), y + chance.uniform(50, 110)
                scene.stroke([(x, y), (bx, by - 30)], 4, "#6a7a3a")
                scene.oval((bx, by), 22, 36, "#d8402c")
                scene.oval((bx - 7, by - 12), 6, 12, "#f08a6c")
    return scene.finished()


def _ladybird() -> Image.Image:
    """A ladybird on a leaf under a magnifying glass."""
    scene = Canvas("#e8dcae", "#cdbf86")
    _leaf(scene, (-60, 700), (1300, 120), 330, "#7fa84c", "#5f8838")
    for rib in range(1, 6):
        x, y = 120 + rib * 160, 624 - rib * 68
        scene.stroke([(x, y), (x + 120, y - 150)], 5, "#6a9440")
        scene.stroke([(x, y), (x + 190, y + 50)], 5, "#6a9440")
    scene.stroke([(850, 470), (1080, 690)], 46, "#5a4430")
    scene.disc((700, 330), 236, "#5a4430")
    scene.disc((700, 330), 208, "#a9cc74")
    scene.oval((700, 340), 130, 112, "#c8382c")
    scene.oval((700, 236), 62, 44, "#241c14")
    scene.stroke([(700, 236), (700, 452)], 10, "#241c14")
    for x, y in ((640, 300), (760, 300), (620, 370), (780, 370), (662, 418), (738, 418)):
        scene.disc((x, y), 20, "#241c14")
    scene.stroke(curve((560, 230), (610, 150), (700, 138)), 14, "#e6f2d2")
    return scene.finished()


def _terraces() -> Image.Image:
    """Rice terraces, water and green in turn."""
    scene = Canvas("#cfe0dc", "#efe2b4")
    scene.disc((980, 170), 70, "#fff2cc")
    scene.hills(250, 44, 0.7, "#8fb0a4")
    for step in range(9):
        y = 300 + step * 52
        fill = "#6d9c58" if step % 2 else "#a9cbc4"
        scene.hills(y, 30 - step, 0.5 + step * 0.55, fill)
        scene.hills(y + 10, 30 - step, 0.5 + step * 0.55, "#4f7d48" if step % 2 else "#8ab4b4")
    return scene.finished()


def _market() -> Image.Image:
    """Produce sold by telephone."""
    scene = Canvas("#e8a05c", "#d27a42")
    for side in (-1, 1):
        for ear in range(5):
            x = 640 + side * (330 + ear * 64)
            scene.stroke(curve((x, 720), (x, 480), (x + side * 50, 300 + ear * 26)), 8, "#f0cc7a")
            for grain in range(7):
                y = 320 + ear * 26 + grain * 26
                _leaf(scene, (x + side * 46 - side * grain * 5, y), (x + side * 46 + 26, y - 34), 16, "#f6dc92")
                _leaf(scene, (x + side * 46 - side * grain * 5, y), (x + side * 46 - 26, y - 34), 16, "#f6dc92")
    scene.card((450, 60, 830, 690), 54, "#241c14")
    scene.card((474, 110, 806, 640), 20, "#f7f0e4")
    for place in range(6):
        x, fill = 474 + place * 56, "#c8442e" if place % 2 else "#f2e6cc"
        scene.shape([(x, 110), (x + 56, 110), (x + 56, 190), (x, 190)], fill)
        scene.disc((x + 28, 190), 28, fill)
    heap = ((560, 420, "#e2622e"), (640, 400, "#d8402c"), (716, 424, "#e89a3a"), (600, 360, "#8fb04c"))
    for x, y, fill in (*heap, (680, 356, "#e2622e")):
        scene.disc((x, y), 48, fill)
    scene.shape([(500, 430), (780, 430), (744, 560), (536, 560)], "#a06a38")
    for row in (460, 500, 540):
        scene.stroke([(512, row), (768, row)], 6, "#845428")
    return scene.finished()


def _bowl() -> Image.Image:
    """A steaming bowl, the salt put aside."""
    scene = Canvas("#31554f", "#23413c")
    scene.shape([(0, 560), (WIDTH, 560), (WIDTH, HEIGHT), (0, HEIGHT)], "#7a5236")
    for x in (560, 650, 740):
        rising = [*curve((x, 260), (x - 60, 200), (x, 150)), *curve((x, 150), (x + 60, 100), (x, 40))]
        scene.stroke(rising, 16, "#c9d8d0")
    sides = [*curve((420, 330), (430, 600), (650, 610)), *curve((650, 610), (870, 600), (880, 330))]
    scene.shape(sides, "#f2ead8")
    scene.oval((650, 330), 232, 52, "#e4d8be")
    scene.oval((650, 336), 206, 40, "#d0a04a")
    for x, y, fill in ((560, 330, "#6d9c46"), (640, 346, "#f6efe0"), (720, 328, "#6d9c46"), (680, 350, "#c8542e")):
        scene.oval((x, y), 34, 14, fill)
    scene.shape([(560, 600), (740, 600), (710, 632), (590, 632)], "#d6cab0")
    scene.stroke([(470, 450), (830, 450)], 14, "#3a6f8a")
    scene.stroke([(950, 560), (1180, 250)], 16, "#c08a50")
    scene.stroke([(1000, 570), (1220, 268)], 16, "#c08a50")
    scene.card((160, 400, 290, 600), 26, "#e8ecec")
    scene.card((160, 370, 290, 430), 24, "#8a9698")
    return scene.finished()


def _bulb() -> Image.Image:
    """A bulb that is on, and what belongs to no wet hand."""
    scene = Canvas("#1e1710", "#34261a")
    scene.glow((640, 380), 300, "#ffcf70", 170)
    scene.stroke([(640, 0), (640, 190)], 14, "#0f0b07")
    scene.card((586, 180, 694, 270), 18, "#4a3c2c")
    scene.shape([(598, 262), (682, 262), (730, 380), (550, 380)], "#ffd98a")
    scene.disc((640, 400), 112, "#ffe2a0")
    scene.stroke([(606, 300), (620, 410), (640, 370), (660, 410), (674, 300)], 8, "#e08a2a")
    for x in (180, 1000):
        scene.card((x, 470, x + 130, 600), 22, "#5a4a38")
        for dx in (42, 88):
            scene.card((x + dx - 7, 505, x + dx + 7, 560), 6, "#1a140e")
    return scene.finished()


def _backdrop() -> Image.Image:
    """A quiet frame of a lesson, dim enough for captions: a teacher beside a board."""
    scene = Canvas("#2b2a24", "#4a4436")
    scene.glow((990, 250), 330, "#8a6a3a", 130)
    scene.card((70, 130, 800, 540), 10, "#15120e")
    scene.card((84, 144, 786, 526), 4, "#efe6d2")
    for row, (width, fill) in enumerate(((120, "#b9683a"), (220, "#5d8a3c"), (380, "#3f6c86"))):
        y = 250 + row * 72
        scene.card((130, y, 130 + 60, y + 26), 6, "#8a7c64")
        scene.card((220, y, 640, y + 26), 6, "#d8cdb4")
        scene.card((220, y, 220 + width, y + 26), 6, fill)
        scene.card((670, y, 740, y + 26), 6, "#8a7c64")
    scene.card((130, 184, 430, 220), 8, "#4e4334")
    scene.card((130, 468, 560, 494), 8, "#8a7c64")
    scene.shape([(0, 620), (WIDTH, 620), (WIDTH, HEIGHT), (0, HEIGHT)], "#191510")
    scene.shape([*curve((850, 720), (860, 410), (1020, 400)), *curve((1020, 400), (1170, 410), (1180, 720))], "#1e1a15")
    scene.oval((1016, 288), 78, 96, "#26211a")
    scene.stroke([(900, 470), (840, 400), (770, 340)], 34, "#26211a")
    scene.stroke([(770, 340), (640, 300)], 7, "#c9b48a")
    return scene.finished()


PAINTERS: dict[str, Callable[[], Image.Image]] = {
    "one": _soil,
    "two": _sheep,
    "three": _hook,
    "four": _goji,
    "ladybird": _ladybird,
    "terraces": _terraces,
    "market": _market,
    "bowl": _bowl,
    "bulb": _bulb,
    "backdrop": _backdrop,
}


def paint(folder: Path) -> dict[str, Path]:
    """Write every scene into `folder`, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.png" for name in PAINTERS}
    for name, path in files.items():
        PAINTERS[name]().save(path)
    return files
