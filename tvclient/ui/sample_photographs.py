"""A photograph for the samples of answers: a sick leaf, painted, as a telephone would have taken it."""

import math
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFilter

LEAF = "leaf"
"""By this name the samples speak of it."""
SIZE = (1600, 1200)


def photographs_of(folder: Path) -> dict[str, Path]:
    """The files, by name; painted where they are not there yet."""
    file = folder / f"{LEAF}.jpg"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _leaf().save(file, "JPEG", quality=85)
    return {LEAF: file}


def _leaf() -> Image.Image:
    dice = Random(7)  # noqa: S311 - a picture, no secret
    field = Image.linear_gradient("L").resize(SIZE)
    picture = Image.composite(Image.new("RGB", SIZE, "#4d6b2f"), Image.new("RGB", SIZE, "#a9c07a"), field)
    draw = ImageDraw.Draw(picture)
    for place in range(40):
        x = place * 42 - 20
        draw.line([(x, 1200), (x + dice.randint(-160, 160), dice.randint(0, 500))], fill="#5f7f38", width=14)
    picture = picture.filter(ImageFilter.GaussianBlur(14))
    draw = ImageDraw.Draw(picture)
    spine = [(120 + 1360 * t, 900 - 560 * t + 120 * math.sin(3 * t)) for t in (step / 40 for step in range(41))]
    upper = [(x - 40, y - 120 * math.sin(math.pi * step / 40)) for step, (x, y) in enumerate(spine)]
    lower = [(x + 40, y + 120 * math.sin(math.pi * step / 40)) for step, (x, y) in enumerate(spine)]
    draw.polygon([*upper, *reversed(lower)], fill="#7fae3c")
    draw.line(spine, fill="#d8e0a0", width=10)
    for _ in range(26):
        along = dice.uniform(0.15, 0.85)
        left, top = 120 + 1360 * along, 900 - 560 * along + 120 * math.sin(3 * along) + dice.uniform(-70, 70)
        across, down = dice.uniform(14, 34), dice.uniform(9, 20)
        draw.ellipse([left - across - 8, top - down - 8, left + across + 8, top + down + 8], fill="#c9a227")
        draw.ellipse([left - across, top - down, left + across, top + down], fill="#6b3f16")
    return picture.filter(ImageFilter.GaussianBlur(1.5))
