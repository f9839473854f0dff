"""Attachments on the disk: looked at, scanned where a scanner is set up, kept under the digest of their content."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from flask_babel import lazy_gettext as _

from contentserver.courses import ScanImpossible, Scanner, ScannerAway
from contentserver.documents import sniffing
from contentserver.documents.sniffing import Unfit
from contentserver.kernel.errors import Rejected
from contentserver.kernel.files import write_whole

FOLDER: Final = "document_files"
FILE_BYTES: Final = 15_000_000
MOST_FILES: Final = 10
_UNFIT: Final = {
    Unfit.UNKNOWN: _(
        "“%(name)s” is none of the kinds that can be sent: PDF, photographs (JPEG, PNG), and documents, sheets and "
        "slides of office programs."
    ),
    Unfit.RUNS: _(
        "“%(name)s” has a script, a macro or a file inside. Save it without, for example as a plain PDF, and choose "
        "it again."
    ),
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it lies on the disk."""

    name: str
    digest: str
    kind: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Cabinet:
    """Where attachments lie, and who looks into them first."""

    folder: Path
    scanner: Scanner | None = None

    def file_of(self, digest: str) -> Path:
        """The file with this content."""
        return self.folder / digest[:2] / digest

    def keep(self, several: Sequence[tuple[str, bytes]]) -> list[Kept]:
        """Keep files, given by name and content; either all of them or none.

        Raises:
            Rejected: one is too large, empty, of a kind that is not taken, or something was found in it.
        """
        looked = [(name, data, _kind(name, data)) for name, data in several]
        return [self._kept(name, data, kind) for name, data, kind in looked]

    def _kept(self, name: str, data: bytes, kind: str) -> Kept:
        digest = hashlib.sha256(data).hexdigest()
        file = self.file_of(digest)
        clean = sniffing.name_of(name, kind)
        if not file.exists():
            write_whole(file, data, partial(self._scan, name=clean))
        return Kept(clean, digest, kind, len(data))

    def _scan(self, file: Path, name: str) -> None:
        if self.scanner is None:
            return
        try:
            finding = self.scanner.scan(file)
        except (ScannerAway, ScanImpossible) as error:
            log.warning("documents.not_scanned", error=repr(error))
            raise Rejected(
                "scan_failed", _("The virus scanner does not answer, so nothing was attached. Try again soon.")
            ) from error
        if finding:
            log.warning("documents.infected", finding=finding)
            raise Rejected("infected", _("The virus scanner found something in “%(name)s”.", name=name))


def _kind(name: str, data: bytes) -> str:
    shown = sniffing.name_of(name, "").rstrip(".")
    if not data:
        raise Rejected("file_empty", _("“%(name)s” is empty.", name=shown))
    if len(data) > FILE_BYTES:
        raise Rejected("file_large", _("“%(name)s” is too large: a file may have at most 15 MB.", name=shown))
    kind = sniffing.kind_of(data)
    if isinstance(kind, Unfit):
        raise Rejected(f"file_{kind}", str(_UNFIT[kind]) % {"name": shown})
    return kind
