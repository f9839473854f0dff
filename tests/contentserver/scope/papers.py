"""A county's documents: one that was sent to a station, with an attachment and an answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from contentserver.documents.models import (
    Document,
    DocumentFile,
    DocumentRecipient,
    DocumentRegion,
    DocumentReply,
    DocumentScheme,
    DocumentVersion,
    DocumentWords,
)
from contentserver.stations import Station
from tests.contentserver.scope.county import County


def document(session: Session, made: County, station: Station, who: UUID, now: datetime) -> None:
    """A document of the township to its station, which has answered."""
    row = Document(
        region_code=made.township,
        state="sent",
        number=f"{made.mark}number",
        year=2026,
        place=1,
        title=f"{made.mark}document",
        text=f"{made.mark}document text",
        reply="text",
        written_by=who,
        written_at=now,
        sent_by=who,
        sent_at=now,
        changed_at=now,
        regions=[DocumentRegion(region_code=made.township)],
        files=[DocumentFile(name=f"{made.mark}file.pdf", digest="e" * 64, kind="pdf", bytes=9, at=now)],
    )
    session.add_all([row, DocumentScheme(region_code=made.township, year=2026, word=f"{made.mark}word", last=1)])
    session.flush()
    sent = DocumentRecipient(
        document_id=row.id,
        region_code=made.village,
        station_id=station.id,
        received_at=now,
        read_at=now,
        read_version=1,
    )
    session.add_all(
        [
            sent,
            DocumentVersion(
                document_id=row.id, version=1, title=row.title, text=row.text, files=row.files[0].name, at=now, by=who
            ),
            DocumentWords(document_id=row.id, words=f"{made.mark}document"),
        ]
    )
    session.flush()
    reply = DocumentReply(
        recipient_id=sent.id, version=1, at=now, by=who, answer=f"{made.mark}answer", file_digest="e" * 64
    )
    session.add(reply)
    session.flush()
    made.named |= {"document_id": str(row.id), "reply_id": str(reply.id), "attachment_id": str(row.files[0].id)}
