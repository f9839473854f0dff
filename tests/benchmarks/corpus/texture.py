"""Stuff that things are made of: grain, cloth, clods, leaves; and light on round forms. Knows no scene and no time.

Arrays are float32, rows first; a tone is 1.0 where it changes nothing.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFilter

Tone = NDArray[np.float32]
Point = tuple[float, float]
_FINE = 3
_LIGHT = (-0.55, -0.83)


def fractal(width: int, height: int, cell: float, seed: int, *, octaves: int = 5, stretch: float = 1.0) -> Tone:
    """Smooth noise from 0 to 1 whose largest features are `cell` pixels high and `cell * stretch` wide."""
    random = np.random.default_rng(seed)
    whole = np.zeros((height, width), np.float32)
    share = 1.0
    for octave in range(octaves):
        size = max(cell / 2**octave, 1.0)
        grid = random.random((int(height / size) + 2, int(width / (size * stretch)) + 2), np.float32)
        field = Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC)
        whole += share * np.asarray(field)
        share *= 0.55
    low, high = np.percentile(whole, (0.5, 99.5))
    even: Tone = np.clip((whole - low) / (high - low), 0, 1).astype(np.float32)
    return even


def toned(colour: str, tone: Tone) -> Image.Image:
    """A picture of one colour, lighter and darker."""
    flat = np.array(ImageColor.getrgb(colour)[:3], np.float32)
    return Image.fromarray(np.clip(flat * tone[..., None], 0, 255).astype(np.uint8), "RGB")


def lit(picture: Image.Image, tone: Tone) -> Image.Image:
    """The same picture under uneven light."""
    return Image.fromarray(np.clip(np.asarray(picture, np.float32) * tone[..., None], 0, 255).astype(np.uint8), "RGB")


def soft(picture: Image.Image, pixels: float) -> Image.Image:
    """Out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(pixels))


def vignette(width: int, height: int, fall: float) -> Tone:
    """Light that falls towards the corners, as lenses do."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light: Tone = (1 - fall * (0.4 * x * x + 0.6 * y * y)).astype(np.float32)
    return light


def outline(size: tuple[int, int], draw: Callable[[ImageDraw.ImageDraw, int], None]) -> Image.Image:
    """A mask with smooth edges; `draw` is given a pen and the factor by which its coordinates grow."""
    mask = Image.new("L", (size[0] * _FINE, size[1] * _FINE))
    draw(ImageDraw.Draw(mask), _FINE)
    return mask.reduce(_FINE)


def polygon(size: tuple[int, int], points: Sequence[Point]) -> Image.Image:
    """A filled outline."""
    return outline(size, lambda pen, fine: pen.polygon([(x * fine, y * fine) for x, y in points], fill=255))


def oval(size: tuple[int, int], box: tuple[float, float, float, float]) -> Image.Image:
    """A filled ellipse."""
    left, top, right, bottom = box
    return outline(size, lambda pen, fine: pen.ellipse((left * fine, top * fine, right * fine, bottom * fine), 255))


def limb(size: tuple[int, int], start: Point, end: Point, thick: tuple[float, float]) -> Image.Image:
    """A rounded piece from one joint to the next, `thick` pixels across at either."""

    def draw(pen: ImageDraw.ImageDraw, fine: int) -> None:
        for step in range(61):
            share = step / 60
            x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
            half = (thick[0] + (thick[1] - thick[0]) * share) / 2
            pen.ellipse(((x - half) * fine, (y - half) * fine, (x + half) * fine, (y + half) * fine), 255)

    return outline(size, draw)


def formed(
    mask: Image.Image, colour: str, *, depth: float, relief: float = 1.0, tone: Tone | None = None
) -> Image.Image:
    """The silhouette as a round body under light from above left, `depth` pixels deep at its edge."""
    height = np.asarray(soft(mask, depth), np.float32) / 255 * depth
    down, across = np.gradient(height)
    light = 1 + relief * 0.62 * (across * _LIGHT[0] + down * _LIGHT[1]) * -1
    shade = np.clip(light, 0.25, 1.7) * (1 if tone is None else tone)
    body = toned(colour, shade.astype(np.float32))
    body.putalpha(mask)
    return body


def joined(*layers: Image.Image) -> Image.Image:
    """Layers of one size laid over each other, the first lowest."""
    whole = layers[0].copy()
    for layer in layers[1:]:
        whole.alpha_composite(layer)
    return whole
