"""Attachments are put to a document and taken off; of a document that was sent, that is a newer version."""

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.documents import service
from contentserver.documents.keeping import MOST_FILES, Kept
from contentserver.documents.models import Document, DocumentFile
from contentserver.documents.rules import DocumentState
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import NotFound, Rejected
from contentserver.kernel.ids import new_id


def attach(session: Session, row: Document, files: list[Kept], who: Person, now: datetime) -> None:
    """Put attachments to a document; of one that was sent that is a newer version.

    Raises:
        Conflict: it was recalled.
        Rejected: they are too many, or none.
    """
    row = service.document_with(session, row.id, locked=True)
    service.require(row, who, DocumentState.DRAFT, DocumentState.SENT)
    if not files:
        raise Rejected("file_missing", _("Choose a file first."))
    if len(service.files_of(row)) + len(files) > MOST_FILES:
        raise Rejected("files_many", _("A document has at most %(number)s attachments.", number=MOST_FILES))
    for one in files:
        row.files.append(
            DocumentFile(id=new_id(), name=one.name, digest=one.digest, kind=one.kind, bytes=one.bytes, at=now)
        )
    _files_changed(session, row, who, now, {"attached": [one.name for one in files]})


def detach(session: Session, row: Document, file_id: UUID, who: Person, now: datetime) -> None:
    """Take an attachment off; what was sent stays with the versions that had it.

    Raises:
        NotFound: it has no such attachment.
        Conflict: it was recalled.
    """
    row = service.document_with(session, row.id, locked=True)
    service.require(row, who, DocumentState.DRAFT, DocumentState.SENT)
    file = next((one for one in service.files_of(row) if one.id == file_id), None)
    if file is None:
        raise NotFound("file_unknown", _("There is no such attachment."))
    if row.state == DocumentState.DRAFT:
        row.files.remove(file)
    else:
        file.removed_at = now
    _files_changed(session, row, who, now, {"detached": file.name})


def _files_changed(session: Session, row: Document, who: Person, now: datetime, told: dict[str, object]) -> None:
    row.saved += 1
    if row.state == DocumentState.SENT:
        service.next_version(session, row, who, now)
    session.flush()
    service.index(session, row)
    audit(session, who=who, action="document.files", subject=f"document {row.id}", now=now, after=told)
