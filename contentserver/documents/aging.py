"""Documents of long ago: a document goes with its receipts and answers, then the attachments that nobody names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from contentserver.documents.keeping import FOLDER
from contentserver.documents.models import Document, DocumentFile, DocumentReply
from contentserver.documents.rules import DocumentState
from contentserver.kernel.aging import Old, OldRows, sweep

_BYTES = (
    select(func.coalesce(func.sum(DocumentFile.bytes), 0)).where(DocumentFile.document_id == Document.id)
).scalar_subquery()
_SENT = OldRows(Document, Document.changed_at, where=(Document.state != DocumentState.DRAFT.value,), size=_BYTES)


@dataclass(frozen=True, slots=True)
class OldDocuments:
    """What was sent, and not sent anew, since an instant; drafts stay."""

    folder: Path

    def look(self, session: Session, before: datetime) -> Old:
        """What is older than an instant."""
        return _SENT.look(session, before)

    def take(self, session: Session, before: datetime, most: int) -> Old:
        """Remove the oldest, at most so many; what passed one of them on stays without it."""
        old = select(Document.id).where(Document.changed_at < before, Document.state != DocumentState.DRAFT.value)
        nobody: Mapping[str, object] = {"forwards": None}
        session.execute(update(Document).where(Document.forwards.in_(old)).values(nobody))
        return _SENT.take(session, before, most)

    def tidy(self, session: Session, now: datetime) -> None:
        """Remove attachments that no row names."""
        named = set(session.scalars(select(DocumentFile.digest)))
        sweep(self.folder, named | set(session.scalars(select(DocumentReply.file_digest))), now)


def old_documents(data_dir: Path) -> OldDocuments:
    """The documents with their attachments in the server's folder of data, as they become old."""
    return OldDocuments(data_dir / FOLDER)
