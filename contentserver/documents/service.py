"""Write documents, send them with a number, send newer versions, recall them, pass on those of the office above.

What a document may say: `rules.py`; to whom it goes: `addressing.py`; who has read and answered: `receiving.py`,
`board.py`.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.documents import addressing, numbering, rules
from contentserver.documents.models import (
    Document,
    DocumentFile,
    DocumentGroup,
    DocumentRecipient,
    DocumentRegion,
    DocumentVersion,
    DocumentWords,
)
from contentserver.documents.rules import DocumentState, DocumentWordsOf, Fault, FieldFault, ReplyKind
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.kernel.searching import words_of
from contentserver.processes import due_on
from contentserver.regions import region_named
from schedules.holidays import PUBLISHED, HolidayTable


class DocumentRefused(Rejected):
    """A document may not stand as it is; `faults` says why, field by field."""

    def __init__(self, faults: tuple[FieldFault, ...]) -> None:
        super().__init__("document_refused", _("The document cannot stand like this."))
        self.faults = faults


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the document; `row` is theirs."""

    def __init__(self, row: Document) -> None:
        super().__init__("document_changed", _("Somebody else has changed this document meanwhile."))
        self.row = row


def document_with(session: Session, document_id: UUID, *, locked: bool = False) -> Document:
    """The document with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(Document, document_id, populate_existing=True, with_for_update=True if locked else None)
    if row is None:
        raise NotFound("document_unknown", _("There is no such document."))
    return row


def document_asked(session: Session, document_id: UUID, who: Person) -> Document:
    """The document, where the person may know of it.

    Raises:
        NotFound: there is none, or it does not concern them.
    """
    row = document_with(session, document_id)
    if not addressing.knows(session, row, who):
        raise NotFound("document_unknown", _("There is no such document."))
    return row


def may_write(row: Document, who: Person) -> bool:
    """Whether somebody may change, send and recall a document."""
    return who.may(Right.SEND_DOCUMENTS) and who.reaches(row.region_code)


def oversees(row: Document, who: Person) -> bool:
    """Whether somebody reads a document as its issuer does, recalled or not."""
    return who.reaches(row.region_code)


def words_of_row(row: Document) -> DocumentWordsOf:
    """What stands in the row, as a person decided it."""
    return DocumentWordsOf(
        regions=tuple(one.region_code for one in row.regions),
        groups=tuple(one.group_id for one in row.groups),
        title=row.title,
        text=row.text,
        to_offices=row.to_offices,
        to_stations=row.to_stations,
        read_days=row.read_days,
        reply_days=row.reply_days,
        reply=ReplyKind(row.reply),
        options=rules.lines_of(row.options),
    )


def files_of(row: Document) -> list[DocumentFile]:
    """The attachments of its newest version, in the order in which they came."""
    return [one for one in row.files if one.removed_at is None]


def draft(
    session: Session, words: DocumentWordsOf, who: Person, now: datetime, *, forwards: Document | None = None
) -> Document:
    """A new document of the person's own office, which nobody receives yet.

    Raises:
        DocumentRefused: something speaks against it.
        Forbidden: the person works for every region, so that no office issues it.
    """
    issuer = office_of(who)
    words = _checked(session, issuer, words)
    row = Document(
        id=new_id(), region_code=issuer, state=DocumentState.DRAFT.value, version=1, saved=1, number="",
        written_by=who.id, written_at=now, changed_at=now, withdrawn_because="",
        forwards=forwards.id if forwards else None,
    )  # fmt: skip
    _write(row, words)
    if forwards is not None:
        row.files = [
            DocumentFile(id=new_id(), name=one.name, digest=one.digest, kind=one.kind, bytes=one.bytes, at=now)
            for one in files_of(forwards)
        ]
    session.add(row)
    session.flush()
    index(session, row)
    audit(session, who=who, action="document.drafted", subject=f"document {row.id}", now=now, after=words)
    return row


def office_of(who: Person) -> str:
    """The region whose office a person writes for.

    Raises:
        Forbidden: none: they work for every region, or for a village.
    """
    if not who.region_code or len(who.region_code) > rules.OFFICE_DIGITS:
        raise Forbidden("no_office", _("An office sends documents: an account of a township, a county or a city."))
    return who.region_code


def change(
    session: Session,
    row: Document,
    words: DocumentWordsOf,
    saved: int,
    who: Person,
    now: datetime,
    calendar: HolidayTable = PUBLISHED,
) -> None:
    """Other words for a draft; of a document that was sent, title, text and deadlines alone, as a newer version.

    Args:
        saved: the change of the document that the person saw.

    Raises:
        ChangedMeanwhile: it is not the newest.
        Conflict: it was recalled.
        DocumentRefused: something speaks against it.
    """
    row = document_with(session, row.id, locked=True)
    require(row, who, DocumentState.DRAFT, DocumentState.SENT)
    if row.saved != saved:
        raise ChangedMeanwhile(row)
    before = words_of_row(row)
    if row.state == DocumentState.SENT:
        words = msgspec.structs.replace(
            before, title=words.title, text=words.text, read_days=words.read_days, reply_days=words.reply_days
        )
    words = _checked(session, row.region_code, words)
    if words == before:
        return
    _write(row, words)
    row.saved += 1
    if row.state == DocumentState.SENT:
        if (words.read_days, words.reply_days) != (before.read_days, before.reply_days):
            _set_deadlines(row, now, calendar)
        if not words.reads_as(before):
            next_version(session, row, who, now)
    session.flush()
    index(session, row)
    audit(
        session, who=who, action="document.changed", subject=f"document {row.id}", now=now, before=before, after=words
    )


def send(session: Session, row: Document, who: Person, now: datetime, calendar: HolidayTable = PUBLISHED) -> None:
    """Send a draft down the tree: it gets its number and its deadlines, and its recipients are fixed.

    Raises:
        Conflict: it was sent already; it keeps the number that it got then.
        DocumentRefused: something speaks against it, or it reaches nobody.
    """
    row = document_with(session, row.id, locked=True)
    require(row, who, DocumentState.DRAFT)
    words = _checked(session, row.region_code, words_of_row(row))
    found = addressing.addressed(session, row.region_code, words)
    if not len(found):
        raise DocumentRefused((FieldFault("regions", Fault.NOBODY),))
    numbering.give(session, row, now)
    row.state, row.sent_by, row.sent_at, row.changed_at = DocumentState.SENT.value, who.id, now, now
    row.saved += 1
    _set_deadlines(row, now, calendar)
    _keep_version(session, row, who, now)
    session.add_all(DocumentRecipient(document_id=row.id, region_code=code) for code in found.offices)
    session.add_all(
        DocumentRecipient(document_id=row.id, region_code=code, station_id=one) for one, code in found.stations
    )
    session.flush()
    index(session, row)
    told = {"number": row.number, "offices": len(found.offices), "stations": len(found.stations)}
    audit(session, who=who, action="document.sent", subject=f"document {row.id}", now=now, after=told)


def withdraw(session: Session, row: Document, reason: str, who: Person, now: datetime) -> None:
    """Recall a document that was sent. Its number stays taken; what was read and answered stays written down.

    Raises:
        Rejected: no reason was given.
        Conflict: it does not stand.
    """
    row = document_with(session, row.id, locked=True)
    require(row, who, DocumentState.SENT)
    reason = rules.one_line(reason)[: rules.REASON_MAX]
    if not reason:
        raise Rejected("reason_missing", _("Say why it is recalled: whoever has read it sees this."))
    row.state, row.withdrawn_by, row.withdrawn_at = DocumentState.WITHDRAWN.value, who.id, now
    row.withdrawn_because = reason
    row.saved += 1
    session.execute(update(DocumentRecipient).where(DocumentRecipient.document_id == row.id).values(owes=False))
    session.flush()
    after = {"reason": reason}
    audit(session, who=who, action="document.withdrawn", subject=f"document {row.id}", now=now, after=after)


def discard(session: Session, row: Document, who: Person, now: datetime) -> None:
    """Throw a draft away; it never had a number, and the audit trail keeps its words."""
    row = document_with(session, row.id, locked=True)
    require(row, who, DocumentState.DRAFT)
    before = words_of_row(row)
    audit(session, who=who, action="document.discarded", subject=f"document {row.id}", now=now, before=before)
    session.delete(row)
    session.flush()


def version_of(session: Session, row: Document, version: int) -> DocumentVersion | None:
    """The words of one version that was sent."""
    return session.get(DocumentVersion, (row.id, version))


def _checked(session: Session, issuer: str, words: DocumentWordsOf) -> DocumentWordsOf:
    words = rules.tidied(words)
    found = rules.faults(words)
    if any(not code.startswith(issuer) for code in words.regions):
        found = (*found, FieldFault("regions", Fault.NOT_BELOW))
    if not addressing.groups_right(session, issuer, words.groups):
        found = (*found, FieldFault("groups", Fault.GROUP_GONE))
    if found:
        raise DocumentRefused(found)
    for code in words.regions:
        region_named(session, code)
    return words


def _write(row: Document, words: DocumentWordsOf) -> None:
    row.title, row.text, row.to_offices, row.to_stations = words.title, words.text, words.to_offices, words.to_stations
    row.read_days, row.reply_days = words.read_days, words.reply_days
    row.reply, row.options = words.reply.value, "\n".join(words.options)
    regions = {one.region_code: one for one in row.regions}
    row.regions = [regions.get(code) or DocumentRegion(region_code=code) for code in words.regions]
    groups = {one.group_id: one for one in row.groups}
    row.groups = [groups.get(one) or DocumentGroup(group_id=one) for one in words.groups]


def _set_deadlines(row: Document, now: datetime, calendar: HolidayTable) -> None:
    today = clock.local(now).date()
    row.read_due = due_on(today, row.read_days, calendar) if row.read_days else None
    row.reply_due = due_on(today, row.reply_days, calendar) if row.reply_days else None


def next_version(session: Session, row: Document, who: Person, now: datetime) -> None:
    """What was sent is another one now: whoever has read it is asked to read it again."""
    row.version += 1
    row.changed_at = now
    session.execute(update(DocumentRecipient).where(DocumentRecipient.document_id == row.id).values(owes=True))
    _keep_version(session, row, who, now)


def _keep_version(session: Session, row: Document, who: Person, now: datetime) -> None:
    names = "\n".join(one.name for one in files_of(row))
    session.add(
        DocumentVersion(
            document_id=row.id, version=row.version, title=row.title, text=row.text, files=names, at=now, by=who.id
        )
    )


def index(session: Session, row: Document) -> None:
    """Let it be found by its number, its title, its text and the names of its attachments."""
    words = " ".join(words_of(row.number, row.title, row.text, *(one.name for one in files_of(row))))
    known = session.scalars(select(DocumentWords).where(DocumentWords.document_id == row.id)).one_or_none()
    if known is None:
        session.add(DocumentWords(document_id=row.id, words=words))
    elif known.words != words:
        known.words = words
    session.flush()


def require(row: Document, who: Person, *states: DocumentState) -> None:
    """Raise unless the person may write the document and it stands like one of these."""
    if not may_write(row, who):
        raise Forbidden("out_of_scope", _("This document belongs to another office."))
    if DocumentState(row.state) not in states:
        raise Conflict("document_moved_on", _("Somebody has decided about this document meanwhile. Look at it again."))
