"""Flat drawing with soft edges: everything is drawn twice as large and reduced once.

Coordinates are pixels of the finished 1920 x 1080 picture. Colours are `#rrggbb` or `#rrggbbaa`.
"""

from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1920, 1080
FINE = 2
_FONTS = {False: "Regular", True: "Bold"}
_SC_FACE = 2

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@cache
def font(size: float, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Noto Sans CJK, the simplified Chinese face, at twice its size."""
    path = f"/usr/share/fonts/opentype/noto/NotoSansCJK-{_FONTS[bold]}.ttc"
    return ImageFont.truetype(path, round(size * FINE), index=_SC_FACE)


class Canvas:
    """A picture being drawn: opaque for a slide, clear for a thing that moves over one."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT, fill: str | None = None) -> None:
        size = (width * FINE, height * FINE)
        self.image = Image.new("RGBA", size) if fill is None else Image.new("RGB", size, fill)
        self._draw = ImageDraw.Draw(self.image, "RGBA")
        self.width, self.height = width, height

    def finish(self) -> Image.Image:
        """The picture at its own size."""
        return self.image.reduce(FINE)

    def copy(self) -> "Canvas":
        """Another canvas that starts as this one."""
        other = Canvas(1, 1, "#000000")
        other.image = self.image.copy()
        other._draw = ImageDraw.Draw(other.image, "RGBA")
        other.width, other.height = self.width, self.height
        return other

    def polygon(self, points: Sequence[Point], fill: str) -> None:
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=fill)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        self._draw.ellipse(_large((x - rx, y - ry, x + rx, y + ry)), fill=fill)

    def ring(self, x: float, y: float, r: float, width: float, fill: str) -> None:
        self._draw.ellipse(_large((x - r, y - r, x + r, y + r)), outline=fill, width=round(width * FINE))

    def arc(self, box: Box, start: float, end: float, width: float, fill: str) -> None:
        self._draw.arc(_large(box), start, end, fill=fill, width=round(width * FINE))

    def slice(self, at: Point, r: float, start: float, end: float, fill: str) -> None:
        """Part of a disc; degrees, clockwise from three o'clock."""
        x, y = at
        self._draw.pieslice(_large((x - r, y - r, x + r, y + r)), start, end, fill=fill)

    def panel(self, box: Box, radius: float, fill: str | None, outline: str | None = None, width: float = 0) -> None:
        self._draw.rounded_rectangle(_large(box), radius * FINE, fill=fill, outline=outline, width=round(width * FINE))

    def line(self, points: Sequence[Point], width: float, fill: str) -> None:
        """A stroke with round ends and joints."""
        large = [(x * FINE, y * FINE) for x, y in points]
        self._draw.line(large, fill=fill, width=round(width * FINE), joint="curve")
        for x, y in (points[0], points[-1]):
            self.ellipse(x, y, width / 2, width / 2, fill)

    def text(
        self, x: float, y: float, words: str, size: float, fill: str, *, bold: bool = False, anchor: str = "ls"
    ) -> None:
        """Words on a base line (`anchor` as Pillow has it)."""
        self._draw.text((x * FINE, y * FINE), words, font=font(size, bold=bold), fill=fill, anchor=anchor)

    def gradient(self, box: Box, top: str, bottom: str, *, sideways: bool = False) -> None:
        """A rectangle from one colour to another; colours may be partly clear."""
        left, upper, right, lower = (round(v) for v in _large(box))
        ramp = Image.linear_gradient("L")
        if sideways:
            ramp = ramp.rotate(90)
        ramp = ramp.resize((right - left, lower - upper))
        self._blend(ramp, (left, upper), top, bottom)

    def glow(self, x: float, y: float, r: float, colour: str, strength: float) -> None:
        """Light that fades to nothing at `r`; `strength` is 0 to 1 at the middle."""
        size = round(r * 2 * FINE)
        fade = (
            Image.radial_gradient("L")
            .resize((size, size))
            .point(lambda v: max(0, 255 - v * 1.42) ** 2 / 255 * strength)
        )
        layer = Image.new("RGB", (size, size), colour)
        self.image.paste(layer, (round((x - r) * FINE), round((y - r) * FINE)), fade)

    def put(self, other: Image.Image, x: float, y: float) -> None:
        """Lay a fine (not yet reduced) clear picture over this one."""
        self.image.paste(other, (round(x * FINE), round(y * FINE)), other)

    def _blend(self, ramp: Image.Image, at: tuple[int, int], top: str, bottom: str) -> None:
        start, end = (Image.new("RGBA", ramp.size, colour) for colour in (top, bottom))
        mixed = Image.composite(end, start, ramp)
        self.image.paste(mixed.convert("RGB"), at, mixed.getchannel("A"))


def curve(*points: Point, steps: int = 24) -> list[Point]:
    """Points of a smooth line (Catmull-Rom) through the given ones."""
    ends = [points[0], *points, points[-1]]
    found: list[Point] = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(steps):
            t = step / steps
            found.append((_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t)))
    return [*found, points[-1]]


def eased(t: float) -> float:
    """0 to 1, slow at both ends; outside it stays."""
    t = min(max(t, 0.0), 1.0)
    return t * t * (3 - 2 * t)


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def _large(box: Box) -> Box:
    return (box[0] * FINE, box[1] * FINE, box[2] * FINE, box[3] * FINE)
