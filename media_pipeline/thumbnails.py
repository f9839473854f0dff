"""Sheets of small pictures for the seek bar, and the WebVTT file that says which part of which sheet belongs when."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from media_pipeline.manifest import Thumbnails

COLUMNS, ROWS = 10, 10
INDEX = "thumbnails/index.vtt"
_QUALITY = 65


def write(pictures: Sequence[Path], every_s: float, duration_s: float, package: Path) -> Thumbnails | None:
    """Lay the pictures out on sheets in `package/thumbnails`; None where there are none.

    Args:
        pictures: small pictures of one size, in order; each stands for the next `every_s` seconds.
    """
    if not pictures:
        return None
    (package / "thumbnails").mkdir()
    with Image.open(pictures[0]) as first:
        width, height = first.size
    sheets, cues = [], ["WEBVTT"]
    per_sheet = COLUMNS * ROWS
    for number, start in enumerate(range(0, len(pictures), per_sheet)):
        part = pictures[start : start + per_sheet]
        name = f"sheet-{number:02d}.jpg"
        sheet = Image.new("RGB", (min(len(part), COLUMNS) * width, -(-len(part) // COLUMNS) * height))
        for place, path in enumerate(part):
            x, y = place % COLUMNS * width, place // COLUMNS * height
            with Image.open(path) as picture:
                sheet.paste(picture.convert("RGB"), (x, y))
            begins = (start + place) * every_s
            ends = min(begins + every_s, duration_s)
            if ends > begins:
                cues.append(f"{_clock(begins)} --> {_clock(ends)}\n{name}#xywh={x},{y},{width},{height}")
        sheet.save(package / "thumbnails" / name, "JPEG", quality=_QUALITY, optimize=True)
        sheets.append(f"thumbnails/{name}")
    (package / INDEX).write_text("\n\n".join(cues) + "\n")
    return Thumbnails(tuple(sheets), INDEX, round(every_s * 1000), width, height, COLUMNS, ROWS)


def _clock(at_s: float) -> str:
    whole, thousandths = divmod(round(at_s * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{thousandths:03}"
