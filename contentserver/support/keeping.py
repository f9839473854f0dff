"""What boxes send under a command: one picture, or one log, in a folder of the command's id.

A picture is opened by Pillow and written anew, so that what lies here, and goes to a browser, is a picture and no more.
"""

import hashlib
import io
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from flask_babel import lazy_gettext as _
from PIL import Image, UnidentifiedImageError
from sqlalchemy.orm import Session

from contentserver.kernel.aging import Old
from contentserver.kernel.errors import Rejected
from contentserver.kernel.files import write_whole
from contentserver.support import rules

FOLDER = "support"
PICTURE, LOG = "screen.jpg", "log.txt"
_QUALITY = 85
_FORMATS = ("JPEG", "PNG")


def folder_of(data_dir: Path) -> Path:
    """Where pictures and logs lie, in the server's folder of data."""
    return data_dir / FOLDER


def keep_picture(folder: Path, command: UUID, data: bytes) -> None:
    """Check a picture and keep it in the place of the last one.

    Raises:
        Rejected: too large, or no JPEG or PNG.
    """
    if len(data) > rules.PICTURE_MAX:
        raise Rejected("picture_too_large", _("The picture is larger than 2 MB."))
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > rules.PIXELS_MAX:
                raise Rejected("picture_too_large", _("The picture is larger than a screen."))
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Rejected("picture_unreadable", _("This is no picture.")) from error
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=_QUALITY)
    write_whole(folder / str(command) / PICTURE, written.getvalue())


def keep_log(folder: Path, command: UUID, data: bytes) -> None:
    """Keep a log's lines; what is no text in them becomes a mark.

    Raises:
        Rejected: longer than a million bytes.
    """
    if len(data) > rules.LOG_MAX:
        raise Rejected("log_too_long", _("The log is larger than 1 MB."))
    lines = data.decode("utf-8", errors="replace").splitlines()
    shown = ("".join(char if char.isprintable() or char == "\t" else "\ufffd" for char in line) for line in lines)
    write_whole(folder / str(command) / LOG, ("\n".join(shown) + "\n").encode())


def kept(folder: Path, command: UUID, name: str) -> Path | None:
    """The file, once it is here."""
    file = folder / str(command) / name
    return file if file.is_file() else None


def tag_of(folder: Path, command: UUID, name: str) -> str:
    """Changes whenever the file does; empty where there is none."""
    try:
        found = (folder / str(command) / name).stat()
    except OSError:
        return ""
    return hashlib.sha256(f"{found.st_mtime_ns} {found.st_size}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class OldFiles:
    """Pictures and logs that are old; the folder of each is one thing."""

    folder: Path

    def look(self, session: Session, before: datetime) -> Old:
        """What is older than an instant."""
        return sum((old for _place, old in self._old(before)), Old())

    def take(self, session: Session, before: datetime, most: int) -> Old:
        """Remove the oldest of it, at most so many."""
        found = Old()
        for place, old in self._old(before)[:most]:
            shutil.rmtree(place, ignore_errors=True)
            found += Old() if place.exists() else old
        return found

    def tidy(self, session: Session, now: datetime) -> None:
        """Nothing: a folder that is half removed is still there, and old."""

    def _old(self, before: datetime) -> list[tuple[Path, Old]]:
        found = []
        for place in self.folder.glob("*"):
            with suppress(OSError):  # somebody else has just removed it
                since = datetime.fromtimestamp(place.stat().st_mtime, UTC)
                if since < before:
                    weight = sum(file.stat().st_size for file in place.glob("*"))
                    found.append((place, Old(1, weight, since)))
        return sorted(found, key=lambda one: (one[1].oldest or before, one[0]))


def old_files(data_dir: Path) -> OldFiles:
    """The pictures and logs in the server's folder of data, as they become old."""
    return OldFiles(folder_of(data_dir))
