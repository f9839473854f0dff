"""The documents of each station as its television reads them."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.documents import rules, service
from contentserver.documents.models import Document, DocumentRecipient, DocumentReply
from contentserver.documents.rules import DocumentState, ReplyKind
from contentserver.regions import Region
from schedules.wire.messages import DocumentCard, Documents, PaperKind, ReplyWay

SHOWN_FOR = timedelta(days=90)
"""So long after its newest version a document is on the televisions; later it is found on the pages."""
RECALLED_FOR = timedelta(days=30)
MOST_SHOWN = 20
"""Of one station, the newest."""


def lay_out(session: Session, now: datetime) -> int:
    """Write down for each station what it was sent of late; how many stations have another paper now."""
    holds = and_(Document.state == DocumentState.SENT.value, Document.changed_at > now - SHOWN_FOR)
    recalled = and_(
        Document.state == DocumentState.WITHDRAWN.value,
        Document.withdrawn_at > now - RECALLED_FOR,
        DocumentRecipient.read_at.is_not(None),
    )
    query = (
        select(DocumentRecipient, Document)
        .join(Document, Document.id == DocumentRecipient.document_id)
        .where(DocumentRecipient.station_id.is_not(None), or_(holds, recalled))
    )
    mine: dict[UUID, list[tuple[DocumentRecipient, Document]]] = defaultdict(list)
    for recipient, document in session.execute(query):
        if recipient.station_id is not None:
            mine[recipient.station_id].append((recipient, document))
    names: dict[str, str] = dict(session.execute(select(Region.code, Region.name)).all()) if mine else {}
    answers = _answers(session)
    read = {
        station_id: Documents(
            version="",
            documents=tuple(
                card_of(document, recipient, names.get(document.region_code, ""), answers.get(recipient.id, ""))
                for recipient, document in sorted(some, key=_newest, reverse=True)[:MOST_SHOWN]
            ),
        )
        for station_id, some in mine.items()
    }
    return papers.lay_out(session, PaperKind.DOCUMENTS, read)


def _newest(pair: tuple[DocumentRecipient, Document]) -> tuple[datetime, str]:
    document = pair[1]
    return document.changed_at, str(document.id)


def _answers(session: Session) -> dict[UUID, str]:
    """By recipient the answer that stands, of documents that televisions answer."""
    by_keys = [kind.value for kind in ReplyKind if kind.by_keys]
    query = (
        select(DocumentReply.recipient_id, DocumentReply.answer)
        .join(DocumentRecipient, DocumentRecipient.id == DocumentReply.recipient_id)
        .join(Document, Document.id == DocumentRecipient.document_id)
        .where(Document.reply.in_(by_keys), Document.state != DocumentState.DRAFT.value, DocumentReply.counts)
        .order_by(DocumentReply.at, DocumentReply.id)
    )
    return dict(session.execute(query).all())


def card_of(document: Document, recipient: DocumentRecipient, issuer: str, answer: str) -> DocumentCard:
    """A document as a station's television reads it."""
    kind = ReplyKind(document.reply)
    asked = ReplyWay.KEYS if kind.by_keys else ReplyWay.ELSEWHERE
    way = ReplyWay.NONE if kind is ReplyKind.NONE else asked
    recalled = document.state == DocumentState.WITHDRAWN
    return DocumentCard(
        id=str(document.id),
        version=document.version,
        title=document.title,
        text="" if recalled else document.text,
        issuer=issuer,
        sent_at=document.sent_at or document.written_at,
        number=document.number,
        read_due=document.read_due,
        reply_due=document.reply_due,
        reply=way,
        options=rules.choices(kind, rules.lines_of(document.options)),
        attachments=tuple(one.name for one in service.files_of(document)),
        read_version=recipient.read_version,
        replied=answer if way is ReplyWay.KEYS else ("…" if recipient.replied_at else ""),
        recalled=document.withdrawn_because if recalled else "",
    )
