"""Receipt, reading and answers of recipients: on the pages of their office, and by the remote of their television.

Each keeps who and when; an answer that comes later stands, all are kept. What televisions said is taken under the keys
of its events, so that taking it again changes nothing, however late and however often it comes.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from contentserver.attendance import IS_EXCHANGE, EventRow
from contentserver.audit import audit
from contentserver.documents import addressing, board, rules, service
from contentserver.documents.keeping import Kept
from contentserver.documents.models import Document, DocumentRecipient, DocumentReply, DocumentSaid
from contentserver.documents.rules import AnswerFault, DocumentState, ReplyKind
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, Rejected
from schedules.wire.codec import Unreadable, decode_body
from schedules.wire.messages import DocumentRead, DocumentReplied

OVERLAP = timedelta(hours=1)
"""Programs that take events in side by side commit them out of order; not by so much."""
KINDS = ("document_read", "document_replied")
_SENTENCES = {
    AnswerFault.EMPTY: _("Answer everything that is asked."),
    AnswerFault.LONG: _("An answer has at most %(number)s characters.", number=rules.ANSWER_MAX),
    AnswerFault.NOT_OFFERED: _("Choose one of the answers."),
    AnswerFault.NO_FILE: _("Choose the file that is asked for."),
}


def note_received(session: Session, documents: Collection[UUID], who: Person, now: datetime) -> int:
    """Whoever acts for recipients has these documents before them in a list; how many are new to them."""
    if not documents or not addressing.acts(who):
        return 0
    query = (
        select(DocumentRecipient)
        .join(Document, Document.id == DocumentRecipient.document_id)
        .where(DocumentRecipient.document_id.in_(documents), addressing.is_own(who.region_code))
        .where(DocumentRecipient.received_at.is_(None), Document.state == DocumentState.SENT.value)
    )
    found = session.scalars(query).all()
    for one in found:
        one.received_at, one.received_by = now, who.id
    return len(found)


def note_read(session: Session, row: Document, who: Person, now: datetime) -> bool:
    """Whoever acts for recipients has opened the document; whether that was new."""
    _hold(session, row)
    if row.state != DocumentState.SENT:
        return False
    new = [one for one in addressing.own(session, [row.id], who) if one.read_version < row.version]
    for one in new:
        _read(one, row, row.version, now, who.id)
    return bool(new)


def _hold(session: Session, row: Document) -> None:
    """No newer version and no recall until this is committed; other readers do not wait."""
    session.refresh(row, with_for_update={"read": True})


def _read(one: DocumentRecipient, row: Document, version: int, at: datetime, by: UUID | None) -> None:
    if one.received_at is None:
        one.received_at, one.received_by = at, by
    one.read_at, one.read_by, one.read_version = at, by, version
    _settle(one, row)


def _settle(one: DocumentRecipient, row: Document) -> None:
    one.owes = row.state == DocumentState.SENT and rules.owes(board.receipt_of(one), board.asked_of(row))


def reply(session: Session, row: Document, given: Sequence[str], file: Kept | None, who: Person, now: datetime) -> None:
    """Answer for one's office or stations; an answer given before is kept, and stands no more.

    Raises:
        Forbidden: the document was sent to others.
        Conflict: it was recalled meanwhile.
        Rejected: the answer is not what is asked for.
    """
    row = service.document_with(session, row.id, locked=True)
    mine, kind = addressing.own(session, [row.id], who), ReplyKind(row.reply)
    if not mine:
        raise Forbidden("not_addressed", _("This document was sent to others."))
    if row.state != DocumentState.SENT:
        raise Conflict("document_recalled", _("The document was recalled meanwhile: no answer is needed any more."))
    if kind is ReplyKind.NONE:
        raise Conflict("no_answer_asked", _("This document asks for no answer."))
    lines = [rules.one_line(one) for one in given] if kind is not ReplyKind.FILE else []
    fault = rules.answer_fault(kind, rules.lines_of(row.options), lines)
    if fault is None and kind is ReplyKind.FILE and file is None:
        fault = AnswerFault.NO_FILE
    if fault is not None:
        raise Rejected("answer_wrong", _SENTENCES[fault], {"answer": _SENTENCES[fault]})
    for one in mine:
        if one.read_version < row.version:
            _read(one, row, row.version, now, who.id)
        _answer(session, one, row, "\n".join(lines), now, who.id, file)
    told = {"answer": lines or (file.name if file else "")}
    audit(session, who=who, action="document.replied", subject=f"document {row.id}", now=now, after=told)


def _answer(
    session: Session,
    one: DocumentRecipient,
    row: Document,
    answer: str,
    at: datetime,
    by: UUID | None,
    file: Kept | None = None,
) -> None:
    counts = row.withdrawn_at is None or at < row.withdrawn_at
    made = DocumentReply(recipient_id=one.id, version=row.version, at=at, by=by, answer=answer, counts=counts)
    if file is not None:
        made.file_name, made.file_digest, made.file_kind, made.file_bytes = (
            file.name,
            file.digest,
            file.kind,
            file.bytes,
        )
    session.add(made)
    if counts and (one.replied_at is None or at >= one.replied_at):
        one.replied_at = at
        _settle(one, row)


def replies_of(session: Session, recipients: Collection[UUID]) -> dict[UUID, list[DocumentReply]]:
    """The answers of recipients, of each the newest first; one that does not count comes after those that do."""
    found: dict[UUID, list[DocumentReply]] = {}
    ids = list(recipients)
    for first in range(0, len(ids), 500):
        query = select(DocumentReply).where(DocumentReply.recipient_id.in_(ids[first : first + 500]))
        for one in session.scalars(query.order_by(DocumentReply.counts.desc(), DocumentReply.at.desc())):
            found.setdefault(one.recipient_id, []).append(one)
    return found


def take_readings(session: Session) -> int:
    """Take what televisions said of documents since the last time; gives back how many words changed something."""
    same = and_(
        EventRow.box_id == DocumentSaid.box_id,
        EventRow.epoch == DocumentSaid.epoch,
        EventRow.sequence == DocumentSaid.sequence,
    )
    query = select(EventRow).where(IS_EXCHANGE, EventRow.kind.in_(KINDS), ~exists().where(same))
    newest = session.scalar(select(func.max(DocumentSaid.received_at)))
    if newest is not None:
        query = query.where(EventRow.received_at >= newest - OVERLAP)
    taken = 0
    for event in session.scalars(query.order_by(EventRow.received_at, EventRow.box_id, EventRow.sequence)):
        body = _body(event.body)
        row = _sent(session, body.document) if body is not None else None
        if body is None or row is None or not 1 <= body.version <= row.version:
            continue
        session.add(
            DocumentSaid(
                box_id=event.box_id,
                epoch=event.epoch,
                sequence=event.sequence,
                document_id=row.id,
                received_at=event.received_at,
            )
        )
        taken += _take(session, row, event, body)
    session.flush()
    return taken


def _body(text: str) -> DocumentRead | DocumentReplied | None:
    try:
        body = decode_body(text.encode())
    except Unreadable:
        return None
    return body if isinstance(body, DocumentRead | DocumentReplied) else None


def _sent(session: Session, name: str) -> Document | None:
    found = rules.document_id(name)
    row = session.get(Document, found) if found is not None else None
    return row if row is not None and row.sent_at is not None else None


def _take(session: Session, row: Document, event: EventRow, body: DocumentRead | DocumentReplied) -> bool:
    """Whether a word changed something; of a station to which the document was not sent, none does."""
    query = select(DocumentRecipient).where(
        DocumentRecipient.document_id == row.id, DocumentRecipient.station_id == event.station_id
    )
    one = session.scalars(query).first()
    if one is None or row.sent_at is None:
        return False
    _hold(session, row)
    at = rules.read_at(event.at, event.received_at, row.sent_at)
    if isinstance(body, DocumentReplied):
        answer = _chosen(row, body)
        if not answer:
            return False
        _answer(session, one, row, answer, at, None)
    if body.version > one.read_version:
        _read(one, row, body.version, at, None)
        return True
    return isinstance(body, DocumentReplied)


def _chosen(row: Document, body: DocumentReplied) -> str:
    offered = rules.choices(ReplyKind(row.reply), rules.lines_of(row.options))
    if body.answer in offered:
        return body.answer
    return offered[body.choice] if not body.answer and 0 <= body.choice < len(offered) else ""
