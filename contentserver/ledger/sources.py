"""Of what entries arise by themselves: sessions held, questions solved, notices read, documents read."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from contentserver.attendance import EventRow, SessionRow
from contentserver.consultations import Case, CaseAnswer, CaseOutcome, question_in_chinese
from contentserver.documents import Document, DocumentRecipient
from contentserver.kernel import clock
from contentserver.kernel.db import Base
from contentserver.ledger.ports import Arisen, Source
from contentserver.ledger.rules import LINES_LONGEST, TEXT_LONGEST, clean
from contentserver.notices import NoticeReading, NoticeRow
from contentserver.stations import Station

_MS = 1000


@dataclass(frozen=True, slots=True)
class Sessions:
    """A session of which something was shown is one entry; its origin is `airing/station`."""

    code: str = "sessions"
    kind: str = "lesson"
    tables: Sequence[type[Base]] = (SessionRow,)

    def marks(self, row: object) -> Iterable[str]:
        """The origin itself."""
        return (f"{row.airing_id}/{row.station_id}",) if isinstance(row, SessionRow) else ()

    def origins(self, _session: Session, marks: Collection[str]) -> Collection[str]:
        """They are the marks."""
        return marks

    def arisen(self, session: Session, origins: Collection[str]) -> Sequence[Arisen]:
        """Lesson, course, people, seconds; people who were counted and did not sign in too."""
        keys = [(airing, UUID(station)) for airing, _slash, station in (one.rpartition("/") for one in origins)]
        query = select(SessionRow).where(tuple_(SessionRow.airing_id, SessionRow.station_id).in_(keys))
        rows = session.scalars(query.execution_options(populate_existing=True))
        return [self._entry(row) for row in rows if row.shown_ms > 0]

    def ended(self, _session: Session, origins: Collection[str]) -> Collection[str]:
        """Sessions are kept for ever: one that is not there, or showed nothing, was not held."""
        return origins

    def everything(self, session: Session) -> Iterator[str]:
        """Every session."""
        query = select(SessionRow.airing_id, SessionRow.station_id).order_by(SessionRow.station_id)
        for airing, station in session.execute(query):
            yield f"{airing}/{station}"

    def _entry(self, row: SessionRow) -> Arisen:
        fields = {
            "lesson": _line(row.lesson_title),
            "course": _line(row.course_title),
            "people": str(row.present + row.guests),
            "shown": str(row.shown_ms // _MS),
        }
        return Arisen(
            f"{row.airing_id}/{row.station_id}", row.station_id, row.region_code, _day(row.planned_start), _kept(fields)
        )


@dataclass(frozen=True, slots=True)
class Consultations:
    """A question whose answer helped, or of which it was noted that it is solved; its origin is the case."""

    code: str = "consultations"
    kind: str = "consultation"
    tables: Sequence[type[Base]] = (Case, CaseOutcome)

    def marks(self, row: object) -> Iterable[str]:
        """The case."""
        found = row.id if isinstance(row, Case) else row.case_id if isinstance(row, CaseOutcome) else None
        return () if found is None else (str(found),)

    def origins(self, _session: Session, marks: Collection[str]) -> Collection[str]:
        """They are the marks."""
        return marks

    def arisen(self, session: Session, origins: Collection[str]) -> Sequence[Arisen]:
        """Question, newest answer, income gained."""
        ids = [UUID(one) for one in origins]
        cases = session.scalars(select(Case).where(Case.id.in_(ids), Case.answered_at.is_not(None))).all()
        answers = {
            row.case_id: row.text
            for row in session.scalars(select(CaseAnswer).where(CaseAnswer.case_id.in_(ids)).order_by(CaseAnswer.at))
        }
        outcomes = {
            row.case_id: row
            for row in session.scalars(select(CaseOutcome).where(CaseOutcome.case_id.in_(ids)).order_by(CaseOutcome.at))
        }
        return [
            self._entry(case, answers.get(case.id, ""), outcomes.get(case.id))
            for case in cases
            if self._solved(case, outcomes.get(case.id))
        ]

    def ended(self, session: Session, origins: Collection[str]) -> Collection[str]:
        """Those whose case is still there."""
        known = session.scalars(select(Case.id).where(Case.id.in_([UUID(one) for one in origins])))
        return {str(one) for one in known}

    def everything(self, session: Session) -> Iterator[str]:
        """Every question that was answered."""
        for one in session.scalars(select(Case.id).where(Case.answered_at.is_not(None)).order_by(Case.id)):
            yield str(one)

    def _solved(self, case: Case, outcome: CaseOutcome | None) -> bool:
        return outcome.solved if outcome is not None else bool(case.helped)

    def _entry(self, case: Case, answer: str, outcome: CaseOutcome | None) -> Arisen:
        income = outcome.income_cents if outcome is not None and outcome.income_cents is not None else None
        fields = {
            "question": _line(question_in_chinese(case)),
            "answer": clean(answer, lines=True)[:LINES_LONGEST],
            "income": "" if income is None else str(income),
        }
        solved_at = case.answered_at or case.asked_at
        return Arisen(str(case.id), case.station_id, case.region_code, _day(solved_at), _kept(fields))


@dataclass(frozen=True, slots=True)
class Notices:
    """A notice that was opened at a station is one entry, however often; its origin is `notice/station`.

    A mark is the key of the event that says so: where that was, the event knows.
    """

    code: str = "notices"
    kind: str = "notice"
    tables: Sequence[type[Base]] = (NoticeReading,)

    def marks(self, row: object) -> Iterable[str]:
        """The key of its event."""
        return (f"{row.box_id}/{row.epoch}/{row.sequence}",) if isinstance(row, NoticeReading) else ()

    def origins(self, session: Session, marks: Collection[str]) -> Collection[str]:
        """The notices and stations of some readings."""
        keys = [tuple(map(int, one.split("/"))) for one in marks]
        event = tuple_(NoticeReading.box_id, NoticeReading.epoch, NoticeReading.sequence)
        query = select(NoticeReading.notice_id, EventRow.station_id).join(EventRow, _SAME_EVENT).where(event.in_(keys))
        return {f"{notice}/{station}" for notice, station in session.execute(query)}

    def arisen(self, session: Session, origins: Collection[str]) -> Sequence[Arisen]:
        """Notice, who issued it; the day on which it was opened first."""
        pairs = [(UUID(notice), UUID(station)) for notice, _slash, station in (one.partition("/") for one in origins)]
        pair = or_(*(and_(NoticeReading.notice_id == one, EventRow.station_id == two) for one, two in pairs))
        query = (
            select(NoticeRow, Station.id, Station.region_code, func.min(NoticeReading.read_at))
            .join(NoticeReading, NoticeReading.notice_id == NoticeRow.id)
            .join(EventRow, _SAME_EVENT)
            .join(Station, Station.id == EventRow.station_id)
            .where(pair)
            .group_by(NoticeRow.id, Station.id, Station.region_code)
        )
        return [
            Arisen(
                f"{notice.id}/{station}",
                station,
                region,
                _day(read_at),
                _kept({"notice": _line(notice.title), "issuer": _line(notice.issuer)}),
            )
            for notice, station, region, read_at in session.execute(query)
        ]

    def ended(self, session: Session, origins: Collection[str]) -> Collection[str]:
        """Those whose notice is still there: old notices are thrown away, and what was read stays read."""
        notices = {one: UUID(one.partition("/")[0]) for one in origins}
        known = set(session.scalars(select(NoticeRow.id).where(NoticeRow.id.in_(set(notices.values())))))
        return {one for one, notice in notices.items() if notice in known}

    def everything(self, session: Session) -> Iterator[str]:
        """Every notice and every station where it was read."""
        query = select(NoticeReading.notice_id, EventRow.station_id).join(EventRow, _SAME_EVENT).distinct()
        for notice, station in session.execute(query):
            yield f"{notice}/{station}"


@dataclass(frozen=True, slots=True)
class Documents:
    """A document that was read at a station, in the browser or on the television; its origin is the recipient's row."""

    code: str = "documents"
    kind: str = "document"
    tables: Sequence[type[Base]] = (DocumentRecipient,)

    def marks(self, row: object) -> Iterable[str]:
        """The recipient, where it is a station that has read it."""
        if not isinstance(row, DocumentRecipient) or row.station_id is None or row.read_at is None:
            return ()
        return (str(row.id),)

    def origins(self, _session: Session, marks: Collection[str]) -> Collection[str]:
        """They are the marks."""
        return marks

    def arisen(self, session: Session, origins: Collection[str]) -> Sequence[Arisen]:
        """Title and number; the day on which it was read."""
        query = (
            select(DocumentRecipient, Document, Station.region_code)
            .join(Document, Document.id == DocumentRecipient.document_id)
            .join(Station, Station.id == DocumentRecipient.station_id)
            .where(DocumentRecipient.id.in_([UUID(one) for one in origins]))
        )
        return [
            Arisen(
                str(one.id),
                one.station_id,
                region,
                _day(one.read_at),
                _kept({"document": _line(document.title), "number": _line(document.number)}),
            )
            for one, document, region in session.execute(query)
            if one.station_id is not None and one.read_at is not None
        ]

    def ended(self, session: Session, origins: Collection[str]) -> Collection[str]:
        """Those whose recipient is still there: old documents are thrown away, and what was read stays read."""
        ids = [UUID(one) for one in origins]
        known = session.scalars(select(DocumentRecipient.id).where(DocumentRecipient.id.in_(ids)))
        return {str(one) for one in known}

    def everything(self, session: Session) -> Iterator[str]:
        """Every reading at a station."""
        query = select(DocumentRecipient.id).where(
            DocumentRecipient.station_id.is_not(None), DocumentRecipient.read_at.is_not(None)
        )
        for one in session.scalars(query.order_by(DocumentRecipient.id)):
            yield str(one)


_SAME_EVENT: Final = and_(
    EventRow.box_id == NoticeReading.box_id,
    EventRow.epoch == NoticeReading.epoch,
    EventRow.sequence == NoticeReading.sequence,
)
SOURCES: Final[tuple[Source, ...]] = (Sessions(), Consultations(), Notices(), Documents())
"""What the ledger knows itself; a slice that it does not know brings a source of its own."""


def _day(instant: datetime) -> date:
    return clock.local(instant).date()


def _line(text: str) -> str:
    return clean(text)[:TEXT_LONGEST]


def _kept(fields: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in fields.items() if text}
