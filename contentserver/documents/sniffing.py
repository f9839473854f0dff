"""What a file is, by its content and never by its name; and what in it would run. Pure.

Taken are PDF, photographs, and documents, sheets and slides of the usual office programs without macros. A name keeps
its words and loses paths, direction marks and what its content is not.
"""

import io
import re
import unicodedata
import zipfile
import zlib
from enum import StrEnum
from typing import Final

from contentserver.documents.models import NAME_CHARS

INSIDE_MAX: Final = 64_000_000
"""So much of a packed file is looked at, unpacked; more inside is a bomb."""
MOST_PARTS: Final = 2000
_MACROS: Final = ("vbaproject.bin", "vbadata.xml", "activex")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_MACROS: Final = tuple(word.encode("utf-16-le") for word in ("_VBA_PROJECT", "Macros", "VBA"))
_PDF_RUNS: Final = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)(?![A-Za-z0-9])")
_PDF_HEX: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_PDF_PACKED: Final = re.compile(rb"/ObjStm.{0,400}?stream\r?\n", re.DOTALL)
_OPEN_XML: Final = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_OLE_KINDS: Final = (("WordDocument", "doc"), ("Workbook", "xls"), ("PowerPoint Document", "ppt"))

_DAMAGED: Final = (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError, zlib.error)
"""What `zipfile` raises: a bad directory or sum; a packing it does not know; an offset outside; a password; a name that
cannot be read; broken deflate."""


class Unfit(StrEnum):
    """Why a file is not taken."""

    UNKNOWN = "unknown"
    """None of the kinds that are taken, or damaged."""
    RUNS = "runs"
    """Something in it would run: a script, a macro, a program."""


TYPES: Final = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "ofd": "application/ofd",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
"""By kind, which is also the end of a file's name, what a browser is told."""


def kind_of(data: bytes) -> str | Unfit:
    """What a file is: a key of `TYPES`, or why it is not taken."""
    if data[:1024].lstrip()[:5] == b"%PDF-":
        return Unfit.RUNS if _pdf_runs(data) else "pdf"
    if data[:3] == b"\xff\xd8\xff":
        return "jpg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if data[:8] == _OLE:
        return _ole(data)
    return _packed(data) if data[:4] == b"PK\x03\x04" else Unfit.UNKNOWN


def _pdf_runs(data: bytes) -> bool:
    """Whether a PDF has a script, a program or a file inside, however its names are written and its objects packed."""
    pieces, room = [data], INSIDE_MAX
    for found in _PDF_PACKED.finditer(data):
        try:
            piece = zlib.decompressobj().decompress(data[found.end() :], room)
        except zlib.error:
            continue
        room -= len(piece)
        pieces.append(piece)
        if room <= 0:
            return True
    return any(_PDF_RUNS.search(_PDF_HEX.sub(_character, piece)) for piece in pieces)


def _character(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _ole(data: bytes) -> str | Unfit:
    if any(word in data for word in _OLE_MACROS):
        return Unfit.RUNS
    return next((kind for word, kind in _OLE_KINDS if word.encode("utf-16-le") in data), Unfit.UNKNOWN)


def _packed(data: bytes) -> str | Unfit:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            parts = opened.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > INSIDE_MAX:
                return Unfit.UNKNOWN
            declared = _declared(opened)
    except _DAMAGED:
        return Unfit.UNKNOWN
    names = [part.filename.lower() for part in parts]
    if any(word in name for name in names for word in _MACROS) or any(name.startswith("basic/") for name in names):
        return Unfit.RUNS
    if "ofd.xml" in names:
        return "ofd"
    if b"opendocument.text" in declared:
        return "odt"
    if b"opendocument.spreadsheet" in declared:
        return "ods"
    if "[content_types].xml" not in names:
        return Unfit.UNKNOWN
    return next((kind for start, kind in _OPEN_XML if any(one.startswith(start) for one in names)), Unfit.UNKNOWN)


def _declared(opened: zipfile.ZipFile) -> bytes:
    """How an OpenDocument file names its kind, and no more of it: what is packed may unpack to anything."""
    if "mimetype" not in opened.namelist():
        return b""
    with opened.open("mimetype") as part:
        return part.read(80)


def name_of(given: str, kind: str) -> str:
    """The name under which a file is kept: the last part of a path, what can be seen of it, and the end of its kind."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    seen = "".join(char for char in last if unicodedata.category(char)[0] != "C" and char not in '<>:"|?*')
    stem = " ".join(seen.split()).rstrip(". ")
    for end in (*TYPES, "jpeg"):
        stem = stem[: -len(end) - 1] if stem.lower().endswith(f".{end}") else stem
    stem = stem.strip(". ")[: NAME_CHARS - 6] or "attachment"
    return f"{stem}.{kind}"
