"""The poster is the first picture that shows something, not the last resort and not the blackest."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter

from media_pipeline.poster import choose, write_jpeg


def drawing() -> Image.Image:
    """Something with edges."""
    picture = Image.new("RGB", (320, 180), "#15120E")
    draw = ImageDraw.Draw(picture)
    for x in range(0, 320, 32):
        draw.rectangle((x, 40, x + 14, 140), fill="#F5B84B")
    return picture


PICTURES = {
    "black": Image.new("RGB", (320, 180), "#000000"),
    "white": Image.new("RGB", (320, 180), "#FFFFFF"),
    "grey": Image.new("RGB", (320, 180), "#808080"),
    "blurred": drawing().filter(ImageFilter.GaussianBlur(12)),
    "sharp": drawing(),
    "sharper": drawing().filter(ImageFilter.SHARPEN),
}


@pytest.mark.parametrize(
    ("order", "chosen"),
    [
        (["black", "blurred", "sharp", "sharper"], "sharp"),
        (["white", "grey", "sharper", "sharp"], "sharper"),
        (["blurred"], "blurred"),
        (["black", "white"], "black"),
        ([], None),
    ],
)
def test_choice(tmp_path: Path, order: list[str], chosen: str | None) -> None:
    paths = []
    for name in order:
        paths.append(tmp_path / f"{name}.png")
        PICTURES[name].save(paths[-1])
    found = choose(paths)
    assert (found.stem if found else None) == chosen


def test_a_jpeg_is_written(tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    drawing().save(source)
    write_jpeg(source, tmp_path / "poster.jpg")
    with Image.open(tmp_path / "poster.jpg") as poster:
        assert (poster.format, poster.size) == ("JPEG", (320, 180))
