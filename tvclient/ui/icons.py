"""The television's own icons: SVG paths in a 24-unit box with a 2-unit round stroke, drawn into white textures.

A texture is made once for each size and tinted by whoever shows it (`widgets/icon.py`). Drawn by Pillow four times as
large and scaled down, since the graphics library has no round, smooth joints.
"""

from functools import lru_cache
from itertools import pairwise
from typing import Final

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.svgLib.path import parse_path
from kivy.graphics.texture import Texture
from PIL import Image, ImageDraw

BOX: Final = 24
STROKE: Final = 2
OVERSAMPLING: Final = 4
STEPS: Final = 16

Point = tuple[float, float]

STROKED: Final = {
    "check": "M4 12.5l5.5 5.5L20.5 6.5",
    "tick": "M7 12.5l3.6 3.6L17.2 9",
    "clock": "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7.2V12l3.2 2",
    "pin": "M12 21.5c-4.6-4.9-7-8.4-7-11.5a7 7 0 0 1 14 0c0 3.100-2.400 6.600-7 11.500zM12 7.400a2.600 2.600 0 1 0 0 5.200"
    "a2.600 2.600 0 1 0 0-5.200",
    "people": "M9 4.200a3.600 3.600 0 1 0 0 7.200a3.600 3.600 0 1 0 0-7.200M2.500 20v-1.500a4.500 4.500 0 0 1 4.500-4.500h4"
    "a4.500 4.500 0 0 1 4.500 4.500V20M15.800 4.400a3.600 3.600 0 0 1 0 6.800M18 14.300a4.500 4.500 0 0 1 3.500 4.400V20",
    "bell": "M3.500 17.500h17M5.500 17.500V10.500a6.500 6.500 0 0 1 13 0V17.500M10 20.600h4",
    "no-line": "M3 3l18 18M2.500 9.300a14 14 0 0 1 4-2.700M21.500 9.300A14 14 0 0 0 11 5.600M6 13.200a9 9 0 0 1 3.600-2.300"
    "M18 13.200a9 9 0 0 0-2.800-2M9.300 16.900a4.500 4.500 0 0 1 3.500-1.200M12 20.300h.01",
    "download": "M12 4v11.500M6.800 10.800L12 16l5.200-5.200M4.500 20.500h15",
    "book": "M12 6.500C9.800 4.800 6.800 4.200 3 4.500V18.500c3.800-.3 6.800.3 9 2c2.200-1.700 5.200-2.300 9-2V4.500c-3.800-.3-6.800.3-9 2zM12 6.500v14",
    "television": "M5 3.500h14a2.200 2.200 0 0 1 2.200 2.200v9.600a2.200 2.200 0 0 1-2.200 2.200H5a2.200 2.200 0 0 1-2.200-2.200V5.700"
    "A2.200 2.200 0 0 1 5 3.500zM8.500 21h7",
    "sorry": "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7.500v5.500M12 16.500h.01",
    "calendar": "M5.500 5h13a2 2 0 0 1 2 2v11.500a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM3.500 10h17M8 3v4M16 3v4",
    "wait": "M12 3a9 9 0 0 1 9 9",
}
FILLED: Final = {
    "play": "M7 4.600c0-.9 1-1.500 1.800-1L20 11c.8.500.8 1.500 0 2L8.800 20.400c-.8.500-1.800-.1-1.800-1z",
    "sprout": "M11 15V10.800C8.700 10.900 7.200 9.600 7 6.800c2.500-.2 4 .7 4.700 2.500C12.300 7.800 14 7 16.800 7.300c-.2 2.700-1.700 3.800-3.800 3.700V15z",
    "disc": "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20z",
}


def _polylines(path: str) -> list[list[Point]]:
    pen = DecomposingRecordingPen({})
    parse_path(path, pen)
    lines: list[list[Point]] = []
    for verb, points in pen.value:
        match verb:
            case "moveTo":
                lines.append([points[0]])
            case "lineTo":
                lines[-1].append(points[0])
            case "curveTo" | "qCurveTo":
                hull = [lines[-1][-1], *points]
                lines[-1].extend(_bezier(hull, step / STEPS) for step in range(1, STEPS + 1))
            case "closePath":
                lines[-1].append(lines[-1][0])
    return lines


def _bezier(points: list[Point], t: float) -> Point:
    while len(points) > 1:
        points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(points)]
    return points[0]


def drawn(name: str, size: int) -> Image.Image:
    """The icon as a white picture with alpha, `size` pixels square. Raises KeyError for a name that is no icon."""
    scale = size * OVERSAMPLING / BOX
    mask = Image.new("L", (size * OVERSAMPLING, size * OVERSAMPLING))
    draw = ImageDraw.Draw(mask)
    filled = name in FILLED
    for line in _polylines(FILLED[name] if filled else STROKED[name]):
        points = [(x * scale, y * scale) for x, y in line]
        if filled:
            draw.polygon(points, fill=255)
            continue
        width = STROKE * scale
        draw.line(points, fill=255, width=round(width))
        for x, y in points:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    mask = mask.resize((size, size), Image.Resampling.BOX)
    picture = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    picture.putalpha(mask)
    return picture


def texture_of(picture: Image.Image) -> Texture:
    """Upload an RGBA picture; only on the thread that draws."""
    texture = Texture.create(size=picture.size, colorfmt="rgba")
    texture.blit_buffer(picture.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


@lru_cache(maxsize=128)
def icon(name: str, size: int) -> Texture:
    """The icon's texture for `size` real pixels."""
    return texture_of(drawn(name, size))
