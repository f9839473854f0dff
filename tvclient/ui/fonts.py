"""Set-up: take the Simplified Chinese face out of the distribution's collection, since Kivy can only load face 0.

    python -m tvclient.ui.fonts [--out DIR]

Face 0 of Debian's `NotoSansCJK-*.ttc` has the Japanese forms; the face is chosen by its name table, never by its place.
Needs the package fonts-noto-cjk. Running it again does nothing. Where the faces are used: `theme.py`.
"""

import argparse
from pathlib import Path

from fontTools.ttLib import TTCollection

FAMILY = "Noto Sans CJK SC"
COLLECTIONS = Path("/usr/share/fonts/opentype/noto")
FACES = Path(__file__).resolve().parents[2] / "var" / "fonts"
REGULAR, BOLD = FACES / "NotoSansSC-Regular.otf", FACES / "NotoSansSC-Bold.otf"


class FaceMissing(Exception):
    """The distribution's collection is absent or has no such face."""


def extract(collection: Path, target: Path) -> None:
    """Write the face named FAMILY of `collection` to `target`, whole or not at all.

    Raises:
        FaceMissing: no such file, or no such face in it.
    """
    if not collection.is_file():
        raise FaceMissing(f"{collection} is missing: apt-get install fonts-noto-cjk")
    with TTCollection(collection, lazy=True) as faces:
        face = next((face for face in faces.fonts if face["name"].getDebugName(1) == FAMILY), None)
        if face is None:
            raise FaceMissing(f"{collection} has no face named {FAMILY}")
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".part")
        face.save(partial)
    partial.replace(target)


def main() -> None:
    """Extract both weights where they are not there yet."""
    parser = argparse.ArgumentParser(description="Extract the Simplified Chinese face for the television.")
    parser.add_argument("--out", type=Path, default=FACES)
    out: Path = parser.parse_args().out
    for weight, face in (("Regular", REGULAR), ("Bold", BOLD)):
        target = out / face.name
        if not target.is_file():
            extract(COLLECTIONS / f"NotoSansCJK-{weight}.ttc", target)


if __name__ == "__main__":
    main()
