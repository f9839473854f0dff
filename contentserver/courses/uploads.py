"""Recordings on their way in: resumable uploads by the tus protocol, in pieces, each upload its owner's alone.

A file is named by its upload's id; the name a browser gives is never a path. An upload that was cut off can go on for a
week and makes no lesson; `keep` puts a whole one beyond that clearing away.
"""

import base64
import binascii
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _
from resumable_upload import SQLiteStorage, TusServer

from contentserver.courses import contents
from contentserver.courses.rules import FileKind
from contentserver.kernel.errors import NotFound, Outage, Rejected

BASE_PATH = "/uploads"
PIECE_LIMIT_BYTES = 16 * 1024**2
UNFINISHED_KEPT_S = 7 * 24 * 3600
RECORDING = "recording"
"""What an upload says of itself in its metadata (`kind`) where it is no `FileKind`."""
_TELLING = 2048
"""A first piece shorter than this says too little."""
KEPT = "kept-"
"""What the names of files begin with that lessons are made of; `clearing.py` removes them in the end."""


class UploadsAway(Outage):
    """The disk of the uploads is full or does not answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the protocol says to a browser."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that a lesson is made of: its name inside the uploads folder, its SHA-256 (empty: not asked), its size."""

    name: str
    sha256: str
    size: int


class Uploads:
    """The uploads of one server. `owner` tells whose request is being served."""

    def __init__(self, folder: Path, max_bytes: int, owner: Callable[[], str]) -> None:
        self.folder, self._owner = folder, owner
        self._storage = SQLiteStorage(db_path=str(folder / "uploads.db"), upload_dir=str(folder))
        self._server = TusServer(
            storage=self._storage,
            base_path=BASE_PATH,
            max_size=max_bytes,
            max_chunk_size=PIECE_LIMIT_BYTES,
            upload_expiry=UNFINISHED_KEPT_S,
            on_upload_create=lambda _id, metadata, _length: {**metadata, "owner": owner()},
            disable_concatenation=True,
        )

    def handle(self, method: str, upload_id: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Serve one request of the protocol.

        Raises:
            NotFound: the upload is somebody else's, or there is none.
            Rejected: the first bytes are those of something else than was announced.
            UploadsAway: their disk is full or does not answer; what has arrived stays.
        """
        path = f"{BASE_PATH}/{upload_id}" if upload_id else BASE_PATH
        try:
            if upload_id:
                self._mine(upload_id)
            if method == "PATCH":
                self._look_at_first_piece(upload_id, headers, body)
            status, answer, sent = self._server.handle_request(method, path, dict(headers), body)
            return Answer(status=status, headers=answer, body=sent if isinstance(sent, bytes) else sent.read())
        except (OSError, sqlite3.OperationalError) as error:
            raise UploadsAway(repr(error)) from error

    def keep(self, upload_id: str) -> str:
        """Keep a whole upload for a lesson.

        Returns:
            The file's name inside the uploads folder.

        Raises:
            NotFound: the upload is somebody else's, or there is none.
            Rejected: it has not arrived whole.
        """
        if not self._mine(upload_id)["completed"]:
            raise Rejected(
                "upload_unfinished",
                _("The file has not arrived whole. Choose it again; the upload goes on where it stopped."),
            )
        kept = self.folder / f"{KEPT}{upload_id}"
        if not kept.exists():
            os.link(self.folder / upload_id, kept)
        return kept.name

    def take(self, upload_id: str, kind: FileKind | None = None, sha256: str = "") -> Kept:
        """Look at what has arrived, and keep it for a lesson.

        Args:
            kind: what it is to be; None is the recording.
            sha256: what the sender made of the whole file, in hexadecimal; empty where it made nothing. It is
                compared before the file is decoded (`checking.py`).

        Raises:
            NotFound: the upload is somebody else's, or there is none.
            Rejected: it has not arrived whole, or is something else.
        """
        upload = self._mine(upload_id)
        if upload["completed"]:
            look_at(self.folder / upload_id, kind)
        name = self.keep(upload_id)
        return Kept(name, sha256.lower(), (self.folder / name).stat().st_size)

    def under_way(self, courses: Collection[str]) -> int:
        """Bytes that uploads announced for these courses, and of which no lesson is made yet."""
        with closing(sqlite3.connect(self._storage.db_path, timeout=self._storage.timeout)) as connection:
            rows = connection.execute("SELECT upload_id, upload_length, metadata FROM uploads").fetchall()
        return sum(
            length
            for upload_id, length, metadata in rows
            if length > 0
            and json.loads(metadata or "{}").get("course") in courses
            and not (self.folder / f"{KEPT}{upload_id}").exists()
        )

    def was_announced(self, upload_id: str, course: str) -> bool:
        """Whether an upload was let in for this course, so that its bytes are counted already."""
        metadata = self._mine(upload_id)["metadata"]
        return isinstance(metadata, dict) and metadata.get("course") == course

    def _look_at_first_piece(self, upload_id: str, headers: Mapping[str, str], body: bytes) -> None:
        """Refuse what is no recording before all of it goes over a slow line."""
        metadata = self._mine(upload_id)["metadata"]
        kind = metadata.get("kind") if isinstance(metadata, dict) else None
        if kind in {RECORDING, FileKind.SOUND} and headers.get("Upload-Offset") == "0" and len(body) >= _TELLING:
            _require_fit(None, body[: contents.HEAD_BYTES])

    def name(self, upload_id: str) -> str:
        """The file's name where it came from, for people; empty where the upload is not theirs."""
        try:
            metadata = self._mine(upload_id)["metadata"]
        except NotFound:
            return ""
        return str(metadata.get("filename", "")) if isinstance(metadata, dict) else ""

    def _mine(self, upload_id: str) -> Mapping[str, object]:
        found: Mapping[str, object] | None = self._storage.get_upload(upload_id)
        metadata = found["metadata"] if found else None
        if found is None or not isinstance(metadata, dict) or metadata.get("owner") != self._owner():
            raise NotFound("upload_unknown", _("There is no such upload. Choose the file again."))
        return found


def look_at(file: Path, kind: FileKind | None) -> None:
    """Raise unless a file's content fits what it is to be; None is a recording.

    Raises:
        Rejected: it is something else.
    """
    if kind is FileKind.CAPTIONS and file.stat().st_size > contents.CAPTIONS_LIMIT_BYTES:
        _require_fit(kind, b"\0")
    with file.open("rb") as opened:
        _require_fit(kind, opened.read(-1 if kind is FileKind.CAPTIONS else contents.HEAD_BYTES))


def _require_fit(kind: FileKind | None, head: bytes) -> None:
    if contents.fits(kind, head):
        return
    if kind is FileKind.CAPTIONS:
        raise Rejected(
            "not_captions", _("This is no captions file. Save the captions as SRT, ASS or WebVTT text and choose that.")
        )
    raise Rejected(
        "not_a_recording",
        _("This file is no recording, whatever its name says. Choose the recording itself, for example an MP4 file."),
    )


def sha256_of(file: Path) -> str:
    """The SHA-256 of a whole file, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def metadata_of(header: str) -> dict[str, str]:
    """What an upload says of itself as it is announced (`Upload-Metadata`); a broken value counts for nothing."""
    found = {}
    for pair in header.split(","):
        key, _space, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found
