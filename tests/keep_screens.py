"""Keep the gallery's pictures, small, in docs/screens: `python -m tests.keep_screens DIR`, after `make screens`.

The tests hold a fresh gallery against them (`tests/tvclient/ui/test_gallery.py`); people look at them.
"""

import sys
from pathlib import Path

from PIL import Image

KEPT = Path(__file__).parents[1] / "docs" / "screens"
SIZE = (480, 270)
QUALITY = 70


def small(picture: Image.Image) -> Image.Image:
    """As it is kept and compared."""
    return picture.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)


def main() -> None:
    """Replace the kept pictures by those of 1280x720 in a folder."""
    KEPT.mkdir(parents=True, exist_ok=True)
    drawn = {file.stem.removesuffix("-720"): file for file in Path(sys.argv[1]).glob("*-720.png")}
    for old in KEPT.glob("*.jpg"):
        if old.stem not in drawn:
            old.unlink()
    for name, file in drawn.items():
        small(Image.open(file)).save(KEPT / f"{name}.jpg", quality=QUALITY, optimize=True)
    total = sum(file.stat().st_size for file in KEPT.glob("*.jpg"))
    print(f"{len(drawn)} pictures, {total / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
