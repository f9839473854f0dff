"""Files of cases: photographs and voice notes, known by their content, written anew, kept under their digest.

A photograph loses what its camera wrote beside it; where it was taken is kept apart, and only where whoever asks has
agreed. A voice note becomes AAC, whatever the telephone recorded. Nothing that was sent is ever given out as it came.
"""

import hashlib
import io
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from flask_babel import lazy_gettext as _
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.consultations.models import Case, CaseFile
from contentserver.kernel.aging import Old, OldRows, sweep
from contentserver.kernel.errors import Rejected
from contentserver.kernel.files import write_whole
from contentserver.stars import keep_photograph, photograph_file
from media_pipeline import allowed, confine, encode

FOLDER: Final = "case_files"
VOICE_BYTES: Final = 12_000_000
VOICE_S: Final = 180
PATIENCE_S: Final = 30
MOST: Final = 4
"""Files of one question, or of one answer."""
_LIMITS: Final = confine.Limits(cpu_s=30, memory_bytes=2 << 30, file_bytes=32 << 20)
_VOICES: Final = (
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"OggS", "ogg"),
    (4, b"ftyp", "mov"),
    (0, b"ID3", "mp3"),
    (0, b"\xff\xfb", "mp3"),
    (0, b"\xff\xf3", "mp3"),
    (0, b"\xff\xf1", "aac"),
    (0, b"\xff\xf9", "aac"),
    (0, b"#!AMR", "amr"),
    (8, b"WAVE", "wav"),
)
"""Where in a file which bytes stand, and the container that has them."""
_GPS, _LATITUDE, _LONGITUDE = 0x8825, (1, 2), (3, 4)


class FileKind(StrEnum):
    """What a file is."""

    PHOTO = "photo"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as it lies on the disk."""

    kind: FileKind
    digest: str
    bytes: int
    place: str = ""


def folder_of(data_dir: Path) -> Path:
    """Where the files of cases lie, in the server's folder of data."""
    return data_dir / FOLDER


def file_of(folder: Path, kind: str, digest: str, *, small: bool = False) -> Path:
    """The file of a photograph or of a voice note."""
    if kind == FileKind.PHOTO:
        return photograph_file(folder, digest, small=small)
    return folder / digest[:2] / f"{digest}.m4a"


def keep(folder: Path, several: Sequence[bytes], *, with_place: bool = False) -> list[Brought]:
    """Keep the files of a question or of an answer.

    Raises:
        Rejected: one is too large, too long, damaged, or neither photograph nor voice note; or they are too many.
    """
    if len(several) > MOST:
        raise Rejected("files_many", _("Choose at most %(number)s files.", number=MOST))
    return [_kept(folder, data, with_place=with_place) for data in several]


def _kept(folder: Path, data: bytes, *, with_place: bool) -> Brought:
    container = next((name for at, mark, name in _VOICES if data[at : at + len(mark)] == mark), "")
    if container:
        return _voice(folder, data, container)
    kept = keep_photograph(folder, data)
    return Brought(FileKind.PHOTO, kept.digest, kept.bytes, place_of(data) if with_place else "")


def place_of(photograph: bytes) -> str:
    """Latitude and longitude that a camera wrote into a photograph, in degrees; empty where it wrote none."""
    try:
        with Image.open(io.BytesIO(photograph)) as opened:
            written = opened.getexif().get_ifd(_GPS)
        north, east = (_degrees(written[key], written[sign]) for sign, key in (_LATITUDE, _LONGITUDE))
    except (KeyError, OSError, SyntaxError, TypeError, ValueError, ZeroDivisionError):
        return ""
    return f"{north:.5f},{east:.5f}" if abs(north) <= 90 and abs(east) <= 180 else ""


def _degrees(parts: Sequence[float], sign: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    whole = degrees + minutes / 60 + seconds / 3600
    return -whole if sign in ("S", "W") else whole


def _voice(folder: Path, data: bytes, container: str) -> Brought:
    if len(data) > VOICE_BYTES:
        raise Rejected("voice_too_large", _("A voice note may have at most 12 MB."))
    with tempfile.TemporaryDirectory() as work:
        made = _as_aac(Path(work), data, container)
    digest = hashlib.sha256(made).hexdigest()
    file = file_of(folder, FileKind.VOICE, digest)
    if not file.exists():
        write_whole(file, made)
    return Brought(FileKind.VOICE, digest, len(made))


def _as_aac(work: Path, data: bytes, container: str) -> bytes:
    """The sound alone, at most so long, by the confined encoder; it opens no other file and asks no network."""
    (work / "given").write_bytes(data)
    argv = [encode.program(), "-nostdin", "-loglevel", "error", "-protocol_whitelist", allowed.PROTOCOLS]
    argv += ["-format_whitelist", allowed.DEMUXERS, "-f", container, "-t", str(VOICE_S), "-i", "given"]
    argv += ["-map", "0:a:0", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-ac", "1"]
    argv += ["-ar", "24000", "-c:a", "aac", "-b:a", "40k", "-movflags", "+faststart", "-f", "mp4", "made"]
    process = confine.start(argv, _LIMITS, cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ended = process.wait(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        ended = -1
    finally:
        confine.end(process)
    made = work / "made"
    if ended != 0 or not made.exists() or not made.stat().st_size:
        raise Rejected("voice_unreadable", _("This voice note cannot be heard. Record it again, or write."))
    return made.read_bytes()


@dataclass(frozen=True, slots=True)
class OldFiles:
    """Files of questions that were asked long ago: first their rows go, then what no row names."""

    folder: Path

    def look(self, session: Session, before: datetime) -> Old:
        """What is older than an instant."""
        return _BROUGHT.look(session, before)

    def take(self, session: Session, before: datetime, most: int) -> Old:
        """Remove the rows of the oldest, at most so many."""
        return _BROUGHT.take(session, before, most)

    def tidy(self, session: Session, now: datetime) -> None:
        """Remove what no row names, and nobody has just brought."""
        sweep(self.folder, set(session.scalars(select(CaseFile.digest))), now)


_BROUGHT = OldRows(CaseFile, CaseFile.at, size=CaseFile.bytes)
OLD_ASKERS = OldRows(Case, Case.asked_at, where=(Case.member_id != "",), instead={"member_id": ""})
"""Who asked a question, as soon as nobody needs to know any more; the question itself stays."""
