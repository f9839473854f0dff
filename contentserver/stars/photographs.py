"""Photographs: opened by their content, written anew without anything but the picture, kept under their digest.

What a camera writes beside the picture (where, when, with what) does not come in. Removing is a mark; the file stays
until `retention` takes it away.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from flask_babel import lazy_gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.kernel.aging import Old, OldRows
from contentserver.kernel.errors import Rejected
from contentserver.kernel.files import write_whole
from contentserver.stars.models import Photograph

FOLDER: Final = "photographs"
BYTES_MAX: Final = 12_000_000
PIXELS_MAX: Final = 50_000_000
LONG_SIDE, SMALL_SIDE = 2048, 360
_QUALITY: Final = 85
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_WRONG = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture as it lies on the disk; sizes in pixels."""

    digest: str
    width: int
    height: int
    bytes: int


def folder_of(data_dir: Path) -> Path:
    """Where photographs lie, in the server's folder of data."""
    return data_dir / FOLDER


def keep(folder: Path, data: bytes) -> Kept:
    """Keep a photograph and a small one for lists; the same picture twice is one file.

    Raises:
        Rejected: too large, damaged, or no JPEG, PNG or WebP, whatever its name says.
    """
    if len(data) > BYTES_MAX:
        raise Rejected("photograph_too_large", _("A photograph may have at most 12 MB."))
    picture = _opened(data)
    written, small = _jpeg(picture, LONG_SIDE), _jpeg(picture, SMALL_SIDE)
    digest = hashlib.sha256(written[0]).hexdigest()
    _put(file_of(folder, digest, small=True), small[0])
    _put(file_of(folder, digest), written[0])
    return Kept(digest, *written[1], len(written[0]))


def file_of(folder: Path, digest: str, *, small: bool = False) -> Path:
    """The file of a picture."""
    return folder / digest[:2] / f"{digest}{'.small' if small else ''}.jpg"


@dataclass(frozen=True, slots=True)
class OldPhotographs:
    """Photographs that were taken away long ago: first their rows go, then the files that no row names."""

    folder: Path

    def look(self, session: Session, before: datetime) -> Old:
        """What was taken away before an instant."""
        return _TAKEN_AWAY.look(session, before)

    def take(self, session: Session, before: datetime, most: int) -> Old:
        """Remove the rows of what was taken away first, at most so many."""
        return _TAKEN_AWAY.take(session, before, most)

    def tidy(self, session: Session, now: datetime) -> None:
        """Remove the files that no row names, and that nobody has just brought."""
        named, brought = set(session.scalars(select(Photograph.digest))), (now - _BEING_BROUGHT).timestamp()
        for file in self.folder.glob("??/*.jpg"):
            if file.name.partition(".")[0] not in named and file.stat().st_mtime < brought:
                file.unlink(missing_ok=True)


_TAKEN_AWAY = OldRows(Photograph, Photograph.removed_at, size=Photograph.bytes)
_BEING_BROUGHT = timedelta(hours=1)
"""So long a file may lie there before its row is committed."""


def old_photographs(data_dir: Path) -> OldPhotographs:
    """The photographs in the server's folder of data, as they become old."""
    return OldPhotographs(folder_of(data_dir))


def _opened(data: bytes) -> Image.Image:
    """The picture, upright, its colours alone."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                raise Rejected(
                    "photograph_too_large", _("The photograph has more than 50 million pixels. Take a smaller one.")
                )
            opened.thumbnail((LONG_SIDE, LONG_SIDE))  # a JPEG is never decoded larger than it needs to be
            upright = ImageOps.exif_transpose(opened)
            plain = Image.new("RGB", upright.size, "white")
            with_holes = upright.convert("RGBA") if upright.has_transparency_data else None
            plain.paste(with_holes or upright.convert("RGB"), mask=with_holes)
    except _WRONG as error:
        raise Rejected(
            "photograph_unreadable",
            _("This is no photograph, or it is damaged. Choose a JPEG, PNG or WebP picture."),
        ) from error
    return plain


def _jpeg(picture: Image.Image, side: int) -> tuple[bytes, tuple[int, int]]:
    smaller = picture.copy()
    smaller.thumbnail((side, side))
    made = io.BytesIO()
    smaller.save(made, "JPEG", quality=_QUALITY, optimize=True)
    return made.getvalue(), smaller.size


def _put(file: Path, data: bytes) -> None:
    """Whole on the disk, or not there."""
    if file.exists():
        file.touch()  # somebody counts on it again: `OldPhotographs.tidy` leaves it alone
        return
    write_whole(file, data)
