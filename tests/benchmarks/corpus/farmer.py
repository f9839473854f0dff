"""A farmer seen from the side: walks, or digs. Knows nothing of the field and the camera."""

import math

from PIL import Image, ImageDraw

from tests.benchmarks.corpus.motion import Point, bent_at, between, place
from tests.benchmarks.corpus.texture import formed, fractal, joined, limb, oval, polygon, soft

SIZE = (560, 620)
FEET: Point = (250, 590)
_HIP_UP, _THIGH, _SHIN, _TRUNK, _UPPER, _LOWER = 225.0, 112.0, 112.0, 150.0, 82.0, 84.0
DIG_S = 3.4


class Farmer:
    """His parts, made once; `walking` and `digging` put them together."""

    def __init__(self) -> None:
        """Draw every part."""
        self._thigh = _piece("#3a4150", (150, 64), (112, 52, 40), 1)
        self._shin = _piece("#363d4b", (150, 56), (108, 40, 30), 2)
        self._boot = formed(oval((70, 34), (2, 4, 66, 30)), "#2a241f", depth=10)
        self._upper = _piece("#5c6f85", (120, 52), (82, 40, 32), 3)
        self._lower = _piece("#b88a66", (130, 44), (84, 30, 22), 4)
        self._trunk = _trunk()
        self._spade = _spade()

    def walking(self, steps: float) -> Image.Image:
        """In the middle of step number `steps`, spade on the shoulder, to the right."""
        canvas = Image.new("RGBA", SIZE)
        phase = math.pi * steps
        bob = 6 * abs(math.sin(phase))
        hip = (FEET[0], FEET[1] - _HIP_UP + 8 - bob)
        neck = (hip[0] + 14, hip[1] - _TRUNK)
        self._arm(canvas, neck, (neck[0] + 40 - 46 * math.sin(phase), neck[1] + 138))
        for leg in (1, 0):
            angle = phase + leg * math.pi
            swing = 26 * math.sin(angle)
            self._leg(canvas, hip, 90 - swing, 34 * max(0.0, math.cos(angle)) + 6)
        place(canvas, self._trunk, (100, 250), hip, turn=5 + 1.5 * math.sin(2 * phase))
        hand = (neck[0] + 62, neck[1] + 52 + 4 * math.sin(phase))
        place(canvas, self._spade, (40, 20), hand, turn=152 + 2 * math.sin(phase))
        self._arm(canvas, neck, hand)
        return canvas

    def digging(self, at_s: float) -> Image.Image:
        """At this second of a stroke that takes `DIG_S`: thrust, prise, lift, throw."""
        at_s %= DIG_S
        canvas = Image.new("RGBA", SIZE)
        bow = between(at_s, (0, 26), (0.7, 46), (1.5, 52), (2.2, 24), (2.6, 18), (DIG_S, 26))
        hip = (FEET[0] - 30 + between(at_s, (0, 0), (0.8, 10), (2.3, -8), (DIG_S, 0)), FEET[1] - _HIP_UP + 26)
        neck = _from(hip, -90 + bow, _TRUNK)
        grip = (
            hip[0] + between(at_s, (0, 128), (0.7, 118), (1.5, 96), (2.2, 120), (2.6, 140), (DIG_S, 128)),
            hip[1] + between(at_s, (0, -36), (0.7, 40), (1.5, 66), (2.2, -40), (2.6, -66), (DIG_S, -36)),
        )
        turn = between(at_s, (0, 66), (0.7, 70), (1.5, 40), (2.2, 8), (2.6, -22), (DIG_S, 66))
        self._leg(canvas, hip, 78, 26)
        place(canvas, self._spade, (40, 20), grip, turn=turn)
        self._arm(canvas, neck, _from(grip, turn, 84))
        self._leg(canvas, hip, 102, 18)
        place(canvas, self._trunk, (100, 250), hip, turn=bow)
        self._arm(canvas, neck, grip)
        if 2.3 < at_s < 3.2:
            _clods(canvas, _from(grip, turn, 230), at_s - 2.3)
        return canvas

    def _leg(self, canvas: Image.Image, hip: Point, turn: float, bend: float) -> None:
        knee = _from(hip, turn, _THIGH)
        foot = _from(knee, turn + bend, _SHIN)
        place(canvas, self._boot, (22, 20), foot, turn=(turn + bend - 90) * 0.5)
        place(canvas, self._shin, (28, 28), knee, turn=turn + bend)
        place(canvas, self._thigh, (32, 32), hip, turn=turn)

    def _arm(self, canvas: Image.Image, neck: Point, hand: Point) -> None:
        shoulder = (neck[0] - 6, neck[1] + 26)
        elbow, end = bent_at(shoulder, hand, _UPPER, _LOWER)
        turns = (math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])) for a, b in ((shoulder, elbow), (elbow, end)))
        place(canvas, self._upper, (26, 26), shoulder, turn=next(turns))
        place(canvas, self._lower, (22, 22), elbow, turn=next(turns))


def _from(point: Point, turn: float, far: float) -> Point:
    return point[0] + far * math.cos(math.radians(turn)), point[1] + far * math.sin(math.radians(turn))


def _piece(colour: str, size: tuple[int, int], shape: tuple[float, float, float], seed: int) -> Image.Image:
    long, thick, thin = shape
    half = size[1] / 2
    folds = 0.8 + 0.4 * fractal(*size, 24, seed, stretch=0.6)
    return soft(formed(limb(size, (half, half), (half + long, half), (thick, thin)), colour, depth=14, tone=folds), 0.7)


def _trunk() -> Image.Image:
    """Jacket, neck, head and straw hat; the hip is at (100, 250)."""
    size = (220, 290)
    folds = 0.78 + 0.4 * fractal(*size, 40, 7, stretch=0.7) + 0.1 * fractal(*size, 3, 8, octaves=2)
    back = [(62, 262), (54, 180), (64, 112), (96, 90), (134, 98), (146, 150), (142, 262)]
    jacket = formed(soft(polygon(size, back), 3), "#63768c", depth=30, relief=1.3, tone=folds)
    neck = formed(limb(size, (108, 60), (104, 100), (34, 40)), "#a97b59", depth=10)
    face = formed(oval(size, (84, 14, 146, 84)), "#b98b67", depth=24, relief=1.2)
    nose = formed(oval(size, (138, 44, 152, 60)), "#b98b67", depth=5)
    straw = 0.75 + 0.5 * fractal(*size, 8, 9, stretch=4, octaves=3)
    brim = formed(oval(size, (48, 22, 186, 50)), "#cfae6b", depth=8, tone=straw)
    crown = formed(soft(polygon(size, [(78, 36), (90, 2), (136, 0), (152, 36)]), 2), "#d6b776", depth=18, tone=straw)
    return soft(joined(neck, face, nose, jacket, brim, crown), 0.8)


def _spade() -> Image.Image:
    """Held at (40, 20); the blade's edge is at x = 300."""
    size = (320, 60)
    shaft = formed(limb(size, (8, 20), (226, 20), (10, 9)), "#9a7344", depth=4)
    blade = formed(polygon(size, [(220, 2), (282, 0), (302, 20), (282, 40), (220, 38)]), "#7d7b78", depth=8, relief=1.3)
    return soft(joined(shaft, blade), 0.6)


def _clods(canvas: Image.Image, start: Point, since_s: float) -> None:
    """Earth in the air."""
    pen = ImageDraw.Draw(canvas)
    for clod in range(11):
        speed_x, speed_y = 150 + 17 * (clod * 5 % 11), -250 - 19 * (clod * 7 % 11)
        x, y = start[0] + speed_x * since_s, start[1] + speed_y * since_s + 640 * since_s**2
        if y < FEET[1]:
            half = 2.5 + clod % 4
            pen.ellipse(
                (x - half, y - half, x + half, y + half * 0.8), fill=("#4d3624", "#5f4530", "#3f2c1d")[clod % 3]
            )
