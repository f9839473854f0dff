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
    "pin": "M12 21.5c-4.6-4.9-7-8.4-7-11.5a7 7 0 0 1 14 0c0 3.1-2.4 6.6-7 11.5zM12 7.4a2.6 2.6 0 1 0 0 5.2"
    "a2.6 2.6 0 1 0 0-5.2",
    "people": "M9 4.2a3.6 3.6 0 1 0 0 7.2a3.6 3.6 0 1 0 0-7.2M2.5 20v-1.5a4.5 4.5 0 0 1 4.5-4.5h4"
    "a4.5 4.5 0 0 1 4.5 4.5V20M15.8 4.4a3.6 3.6 0 0 1 0 6.8M18 14.3a4.5 4.5 0 0 1 3.5 4.4V20",
    "bell": "M3.5 17.5h17M5.5 17.5V10.5a6.5 6.5 0 0 1 13 0V17.5M10 20.6h4",
    "no-line": "M3 3l18 18M2.5 9.3a14 14 0 0 1 4-2.7M21.5 9.3A14 14 0 0 0 11 5.6M6 13.2a9 9 0 0 1 3.6-2.3"
    "M18 13.2a9 9 0 0 0-2.8-2M9.3 16.9a4.5 4.5 0 0 1 3.5-1.2M12 20.3h.01",
    "download": "M12 4v11.5M6.8 10.8L12 16l5.2-5.2M4.5 20.5h15",
    "book": "M12 6.5C9.8 4.8 6.8 4.2 3 4.5V18.5c3.8-.3 6.8.3 9 2c2.2-1.7 5.2-2.3 9-2V4.5c-3.8-.3-6.8.3-9 2zM12 6.5v14",
    "television": "M5 3.5h14a2.2 2.2 0 0 1 2.2 2.2v9.6a2.2 2.2 0 0 1-2.2 2.2H5a2.2 2.2 0 0 1-2.2-2.2V5.7"
    "A2.2 2.2 0 0 1 5 3.5zM8.5 21h7",
    "sorry": "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7.5v5.5M12 16.5h.01",
    "calendar": "M5.5 5h13a2 2 0 0 1 2 2v11.5a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM3.5 10h17M8 3v4M16 3v4",
    "up": "M12 19.5V5M6 11l6-6l6 6",
    "down": "M12 4.500V19M6 13l6 6l6-6",
    "even": "M4.500 12h15",
    "again": "M19.5 12a7.500 7.500 0 1 1-2.200-5.300l2.200 2.300M19.500 4v5h-5",
    "no-star": "M12 3.200l2.700 5.600l6.100.8l-4.500 4.300l1.100 6.100L12 17l-5.400 3l1.100-6.100l-4.500-4.300"
    "l6.100-.8z",
    "wait": "M12 3a9 9 0 0 1 9 9",
    "speaker": "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4.500 4.500 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11",
    "silent": "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.500l5 5M21 9.500l-5 5",
    "hail": "M7 15.500a4 4 0 0 1-.6-8a5.600 5.600 0 0 1 10.900-.6a4.300 4.300 0 0 1 .4 8.600zM8 18.800h.01M12"
    " 21.300h.01M16 18.800h.01",
    "flood": "M2.500 12.500c1.600-1.800 3.200-1.800 4.800 0s3.200 1.800 4.800 0s3.200-1.800 4.800 0s3.200 1.800"
    " 4.600 0M2.500 18.500"
    "c1.600-1.800 3.200-1.800 4.800 0s3.200 1.800 4.800 0s3.200-1.800 4.800 0s3.200 1.800 4.600 0M12 2.500v5M7"
    " 4.500v2.500M17 4.500v2.500",
    "fire": "M12 21.500c-4 0-6.800-2.700-6.800-6.400c0-4.600 4.600-6.100 4.900-12.600c3.200 1.600 5 4.100 5.100"
    " 7c.8-.5 1.300-1.300 1.500-2.300"
    "c1.500 1.900 2.200 4.700 2.200 7.200c0 4.200-2.900 7.100-6.900 7.100z",
    "wind": "M2.500 8.500h11.500a3 3 0 1 0-2.700-4.300M2.500 12.500h16a3 3 0 1 1-2.700 4.300M2.500 16.500h8"
    "a2.500 2.500 0 1 1-2.200 3.700",
    "cold": "M12 2.500v19M3.800 7.200l16.400 9.600M3.800 16.800l16.400-9.600M9.500 4.200L12 6.700l2.500-2.500"
    "M9.500 19.800l2.500-2.500l2.500 2.500",
    "heat": "M12 7.500a4.500 4.500 0 1 0 0 9a4.500 4.500 0 1 0 0-9M12 2v2M12 20v2M2 12h2M20 12h2M4.900 4.900"
    "l1.400 1.400"
    "M17.700 17.700l1.400 1.400M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400",
    "quake": "M2.500 12.500h3.500l2.500-6l4 12l3-9l1.500 3h4.500",
    "health": "M12 21.500c-5-2.200-8-5.600-8-10V5.500L12 2.500l8 3v6c0 4.400-3 7.800-8 10zM12 8v7M8.500 11.500h7",
    "other": "M12 3.500L2.500 20h19zM12 10v4.500M12 17.200h.01",
    "house": "M3 11.500L12 4l9 7.500M5.500 9.800V20h13V9.800M10 20v-5.500h4V20",
    "herd": "M6.500 16a3.200 3.200 0 0 1-1-6.200a3 3 0 0 1 4-2.600a3.400 3.400 0 0 1 5.500.6M6.500 16h8.500a3 3"
    " 0 0 0 2-2.300"
    "M15 7.800h3.500c1.800 0 2.800 1 2.800 2.400c0 2.200-1.600 3.600-3.600 3.600c-2.100 0-3.200-1.600-2.700-6z"
    "M8.500 16v4M14 16v4",
    "no-tree": "M3 3l18 18M12 13v8.500M8.300 8a4.500 4.500 0 0 0 7.300 6M9 5.300a5 5 0 0 1 8 6.200",
    "high": "M2.500 20L9 8.500l4 6.500l2.500-3.500l6 8.500zM17.500 8V2.500M14.800 5.200l2.700-2.700l2.700 2.700",
    "call": "M6 3.500h3l1.500 4l-2 1.500a11 11 0 0 0 5.500 5.500l1.500-2l4 1.500v3a2.500 2.500 0 0 1-2.700 2.500"
    "A16 16 0 0 1 3.500 6.200A2.500 2.500 0 0 1 6 3.500z",
    "do": "M5 12h14M13 6l6 6l-6 6",
}
FILLED: Final = {
    "star": "M12 2.200l3 6.200l6.800.9l-5 4.700l1.300 6.800L12 17.500l-6.100 3.300l1.300-6.800l-5-4.700l6.800-.9z",
    "play": "M7 4.6c0-.9 1-1.5 1.8-1L20 11c.8.5.8 1.5 0 2L8.8 20.4c-.8.5-1.8-.1-1.8-1z",
    "sprout": "M11 15V10.8C8.7 10.9 7.2 9.6 7 6.8c2.5-.2 4 .7 4.7 2.5C12.3 7.8 14 7 16.8 7.3"
    "c-.2 2.7-1.7 3.8-3.8 3.7V15z",
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
