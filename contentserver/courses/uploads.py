"""Recordings on their way in: resumable uploads by the tus protocol, in pieces, each upload its owner's alone.

A file is named by its upload's id; the name a browser gives is never a path. An upload that was cut off can go on for a
week and makes no lesson; `keep` puts a whole one beyond that clearing away.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _
from resumable_upload import SQLiteStorage, TusServer

from contentserver.kernel.errors import NotFound, Rejected

BASE_PATH = "/uploads"
PIECE_LIMIT_BYTES = 16 * 1024**2
UNFINISHED_KEPT_S = 7 * 24 * 3600
KEPT = "kept-"
"""What the names of files begin with that lessons are made of; `clearing.py` removes them in the end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the protocol says to a browser."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Uploads:
    """The uploads of one server. `owner` tells whose request is being served."""

    def __init__(self, folder: Path, max_bytes: int, owner: Callable[[], str]) -> None:
        self._folder, self._owner = folder, owner
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
        """
        if upload_id:
            self._mine(upload_id)
        path = f"{BASE_PATH}/{upload_id}" if upload_id else BASE_PATH
        status, answer, sent = self._server.handle_request(method, path, dict(headers), body)
        return Answer(status=status, headers=answer, body=sent if isinstance(sent, bytes) else sent.read())

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
        kept = self._folder / f"{KEPT}{upload_id}"
        if not kept.exists():
            os.link(self._folder / upload_id, kept)
        return kept.name

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
