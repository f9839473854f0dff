"""Who is reminded of documents and when, and whose matter it is that somebody is late.

No process is begun for each recipient: how late one is follows from the deadline and from what is known of it, and
whose matter that is from the tree, so that nothing has to be moved or ended (decision 35).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.documents import addressing, board, listing, rules
from contentserver.documents.addressing import PLACE
from contentserver.documents.models import Document, DocumentRecipient
from contentserver.documents.rules import ReplyKind
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.processes import due_on, is_working_day
from contentserver.regions import ancestors_and_self
from contentserver.stations import Station
from schedules.holidays import PUBLISHED, HolidayTable


@dataclass(frozen=True, slots=True)
class Reminder:
    """What one person is told on a day: how many documents of theirs wait, how many recipients below are late."""

    account_id: UUID
    region_code: str
    waiting: int
    late_below: int


def reminders(session: Session, now: datetime, calendar: HolidayTable = PUBLISHED) -> list[Reminder]:
    """Everybody who is told today: the working day before a deadline, and every working day after it."""
    today = clock.local(now).date()
    if not is_working_day(today, calendar):
        return []
    waiting: Counter[str] = Counter()
    for recipient, document, place in _unfinished(session, due_on(today, 1, calendar)):
        if rules.reminds(board.receipt_of(recipient), board.asked_of(document), today, calendar):
            waiting[place] += 1
    above = _late_by_office(session, today, calendar)
    codes = waiting.keys() | above.keys()
    query = select(Account).where(Account.active, Account.role.in_(addressing.READERS), Account.region_code != "")
    return [
        Reminder(one.id, one.region_code, waiting[one.region_code], above[one.region_code])
        for one in session.scalars(query.order_by(Account.id))
        if one.region_code in codes
    ]


def _unfinished(session: Session, until: date) -> Iterable[tuple[DocumentRecipient, Document, str]]:
    """Recipients with a deadline up to a day that have not done what it is for, and where they lie now."""
    query = (
        select(DocumentRecipient, Document, PLACE)
        .join(Document, Document.id == DocumentRecipient.document_id)
        .outerjoin(Station, Station.id == DocumentRecipient.station_id)
        .where(listing.owed(), _missed(until))
    )
    return ((one, document, place) for one, document, place in session.execute(query))


def _late_by_office(session: Session, today: date, calendar: HolidayTable) -> Counter[str]:
    """By office how many recipients below it are late, and its matter by now."""
    found: Counter[str] = Counter()
    known: dict[tuple[str, str, date], tuple[str, ...]] = defaultdict(tuple)
    for recipient, document, place in _unfinished(session, today - timedelta(days=1)):
        due = rules.missed(board.receipt_of(recipient), board.asked_of(document), today)
        if due is None:
            continue
        key = (place, document.region_code, due)
        if key not in known:
            known[key] = rules.escalated_to(place, document.region_code, due, today, calendar)
        found.update(known[key])
    return found


def count_waiting(session: Session, who: Person) -> int:
    """How many documents wait to be read or answered by whoever acts at the person's region."""
    if not addressing.acts(who):
        return 0
    return session.scalar(select(func.count()).select_from(listing.waiting_at(who.region_code).subquery())) or 0


def count_late_below(session: Session, who: Person, now: datetime, calendar: HolidayTable = PUBLISHED) -> int:
    """How many recipients below the person's office are late, and its matter by now: as `escalated_to` says, in SQL."""
    own = who.region_code
    if not addressing.acts(who) or len(own) > rules.OFFICE_DIGITS:
        return 0
    today = clock.local(now).date()
    late = []
    for length in (one for one in board.LENGTHS if one > len(own)):
        steps = sum(len(own) < one < length and one <= rules.OFFICE_DIGITS for one in board.LENGTHS)
        missed = _missed(rules.late_before(steps, today, calendar))
        late.append(and_(func.length(PLACE) == length, missed))
    query = (
        select(func.count())
        .select_from(DocumentRecipient)
        .join(Document, Document.id == DocumentRecipient.document_id)
        .outerjoin(Station, Station.id == DocumentRecipient.station_id)
        .where(
            listing.owed(),
            Document.region_code.in_(ancestors_and_self(own)),
            addressing.is_below(own),
            or_(*late),
        )
    )
    return session.scalar(query) or 0


def _missed(until: date) -> ColumnElement[bool]:
    """SQL: a deadline up to a day passed without what it is for."""
    unread = and_(DocumentRecipient.read_version < Document.version, Document.read_due <= until)
    unanswered = and_(
        Document.reply != ReplyKind.NONE.value, DocumentRecipient.replied_at.is_(None), Document.reply_due <= until
    )
    return or_(unread, unanswered)
