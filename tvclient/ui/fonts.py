"""Set-up: take the Simplified Chinese face out of the distribution's collection, since Kivy can only load face 0.

    python -m tvclient.ui.fonts [--out DIR]

Face 0 of Debian's `NotoSansCJK-*.ttc` has the Japanese forms; the face is chosen by its name table, never by its place.
The forms of other countries and the Korean syllables are left out: they would take a megabyte more for every size that
is on the screen. Running it again does nothing. Needs the package fonts-noto-cjk. Where the faces are used: `theme.py`.
"""

import argparse
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

FAMILY = "Noto Sans CJK SC"
COLLECTIONS = Path("/usr/share/fonts/opentype/noto")
_TREE = Path(__file__).resolve().parents[2]
FACES = Path(sys.prefix).parent / "fonts" if not (_TREE / "pyproject.toml").exists() else _TREE / "var" / "fonts"
"""In a source tree beside what else set-up makes; on an installed television beside its libraries."""
RECIPE = 2
"""Changes when the faces would come out differently; then they are made anew wherever they stand."""
REGULAR, BOLD = (FACES / f"NotoSansSC-{weight}-{RECIPE}.otf" for weight in ("Regular", "Bold"))
KOREAN = (*range(0x1100, 0x1200), *range(0x3130, 0x3190), *range(0xA960, 0xA980), *range(0xAC00, 0xD800))
UNUSED = (b"GSUB", b"GPOS", b"GDEF", b"BASE", b"VORG", b"vhea", b"vmtx")


class FaceMissing(Exception):
    """The distribution's collection is absent or has no such face."""


def extract(collection: Path, target: Path) -> None:
    """Write the face named FAMILY of `collection` to `target`, whole or not at all.

    Raises:
        FaceMissing: no such file, or no such face in it.
    """
    if not collection.is_file():
        raise FaceMissing(f"{collection} is missing: apt-get install fonts-noto-cjk")
    hb = _harfbuzz()
    data = hb.Blob.from_file_path(str(collection))
    faces = (hb.Face(data, number) for number in range(hb.Face(data).count))
    face = next((face for face in faces if face.get_name(hb.OTNameIdPredefined.FONT_FAMILY, "en") == FAMILY), None)
    if face is None:
        raise FaceMissing(f"{collection} has no face named {FAMILY}")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    partial.write_bytes(_lightened(hb, face))
    partial.replace(target)


def _harfbuzz() -> ModuleType:
    import uharfbuzz  # noqa: PLC0415 - a television draws its letters without it

    return uharfbuzz


def _lightened(hb: ModuleType, face: Any) -> bytes:
    """What this face's own characters need, Korean ones aside; nothing is set vertically or by features here."""
    chosen = hb.SubsetInput()
    chosen.flags = hb.SubsetFlags.NOTDEF_OUTLINE | hb.SubsetFlags.NO_LAYOUT_CLOSURE
    chosen.unicode_set.set(set(face.unicodes) - set(KOREAN))
    chosen.drop_table_tag_set.update(int.from_bytes(tag) for tag in UNUSED)
    return bytes(hb.subset(face, chosen).blob.data)


def main() -> None:
    """Extract both weights where they are not there yet; what an older recipe made goes."""
    parser = argparse.ArgumentParser(description="Extract the Simplified Chinese face for the television.")
    parser.add_argument("--out", type=Path, default=FACES)
    out: Path = parser.parse_args().out
    for weight, face in (("Regular", REGULAR), ("Bold", BOLD)):
        if not (out / face.name).is_file():
            extract(COLLECTIONS / f"NotoSansCJK-{weight}.ttc", out / face.name)
    for old in set(out.glob("NotoSansSC-*.otf")) - {out / REGULAR.name, out / BOLD.name}:
        old.unlink()


if __name__ == "__main__":
    main()
