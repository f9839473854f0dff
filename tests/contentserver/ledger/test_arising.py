"""Entries that arise by themselves: one of each origin, whatever happens and however often somebody derives again."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from contentserver import ledger
from contentserver.attendance import EventRow, SessionRow
from contentserver.consultations import Case, CaseAnswer, CaseOutcome
from contentserver.documents.receiving import note_read
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Forbidden
from contentserver.ledger import history, service
from contentserver.ledger.arising import settle
from contentserver.ledger.models import LedgerEntry, LedgerMark
from contentserver.ledger.sources import Sessions
from contentserver.notices import NoticeReading, NoticeRow
from contentserver.stations import Station, stations_in
from schedules.holidays import PUBLISHED
from tests.contentserver.conftest import VILLAGE, person
from tests.contentserver.documents.samples import sent
from tests.contentserver.ledger.conftest import WRITTEN_AT, Book, held

EVENING = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
MUCH_LATER = datetime(2027, 1, 20, tzinfo=UTC)


@pytest.fixture
def watched(database: Database) -> Database:
    """From now on changes leave marks."""
    ledger.watch(database, ledger.SOURCES)
    return database


def refresh(session: Session, now: datetime = WRITTEN_AT) -> int:
    """What the link does every few seconds."""
    session.flush()
    return ledger.refresh(session, ledger.SOURCES, now, PUBLISHED)


def entries(session: Session) -> list[LedgerEntry]:
    """Everything that arose and stands, in order."""
    query = select(LedgerEntry).where(LedgerEntry.origin != "", LedgerEntry.removed_at.is_(None))
    return list(session.scalars(query.order_by(LedgerEntry.origin)))


@pytest.mark.usefixtures("watched")
def test_a_session_is_one_entry_and_follows_its_corrections(session: Session, village: Station) -> None:
    row = held(village, "one", EVENING, present=3, head_count=5)
    session.add(row)
    assert refresh(session) > 0
    (entry,) = entries(session)
    assert history.values_of(entry) == {
        "lesson": "看懂化验单",
        "course": "测土配方施肥",
        "people": "5",
        "shown": "2400",
    }
    assert (entry.day, entry.kind, entry.late, entry.written_by) == (date(2026, 11, 20), "lesson", False, None)
    assert refresh(session) == 0
    row.present = 7
    assert refresh(session) > 0
    assert history.values_of(entry)["people"] == "7"
    (change, before) = history.changes_of(session, entry.id)[0]
    assert (change.what, before.fields["people"]) == ("arose_anew", "5")
    row.doubts = "two_places"  # nothing that stands in the entry
    refresh(session)
    assert len(history.changes_of(session, entry.id)) == 1


@pytest.mark.usefixtures("watched")
def test_a_session_of_which_nothing_was_shown_is_none_and_one_that_goes_leaves_its_history(
    session: Session, village: Station
) -> None:
    row = held(village, "one", EVENING)
    session.add_all([row, held(village, "two", EVENING, shown_ms=0, missed_reason="power")])
    refresh(session)
    (entry,) = entries(session)
    session.delete(row)
    refresh(session, MUCH_LATER)
    assert entries(session) == []
    assert [change.what for change, _said in history.changes_of(session, entry.id)] == ["removed"]
    session.add(held(village, "one", EVENING))
    refresh(session, MUCH_LATER)
    assert [one.id for one in entries(session)] == [entry.id]
    assert entry.late  # the month was closed long ago


@pytest.mark.usefixtures("watched")
def test_a_note_of_a_person_stays_and_what_arose_is_not_typed_over(session: Session, book: Book) -> None:
    row = held(book.station, "one", EVENING)
    session.add(row)
    refresh(session)
    (entry,) = entries(session)
    service.annotate(session, entry, "停电后补看", book.keeper, WRITTEN_AT, PUBLISHED)
    row.present = 9
    refresh(session)
    assert (entry.note, history.values_of(entry)["people"]) == ("停电后补看", "9")
    with pytest.raises(Forbidden):
        service.remove(session, entry, "weg", book.keeper, WRITTEN_AT, PUBLISHED, back=False)


@pytest.mark.usefixtures("watched")
def test_a_solved_question_is_one_entry_and_goes_when_it_was_not_solved_after_all(
    session: Session, village: Station
) -> None:
    expert = person(session, Role.EXPERT)
    case = Case(
        station_id=village.id,
        region_code=VILLAGE,
        number=1,
        topic="rice",
        text="水稻叶子发黄",
        asked_at=EVENING,
        received_at=EVENING,
        season="2026-4",
        desk="640221",
        due_at=EVENING,
        answered_at=EVENING + timedelta(days=1),
        state="answered",
    )
    session.add(case)
    session.flush()
    session.add(CaseAnswer(case_id=case.id, by=expert.id, at=EVENING, text="缺氮，每亩追尿素五公斤。"))
    refresh(session)
    assert entries(session) == []
    case.helped = True
    refresh(session)
    (entry,) = entries(session)
    assert (entry.title, entry.day, entry.kind) == ("水稻叶子发黄", date(2026, 11, 21), "consultation")
    session.add(CaseOutcome(case_id=case.id, solved=True, income_cents=320_000, at=EVENING))
    refresh(session)
    assert history.values_of(entry)["income"] == "320000"
    session.add(CaseOutcome(case_id=case.id, solved=False, at=EVENING + timedelta(days=2)))
    refresh(session)
    assert entries(session) == []


def reading(session: Session, station: Station, notice: NoticeRow, sequence: int, at: datetime) -> None:
    """A television's word that a notice was opened."""
    session.add(
        EventRow(
            box_id=1,
            epoch=1,
            sequence=sequence,
            station_id=station.id,
            at=at,
            uncertainty_ms=1,
            kind="notice_read",
            body="{}",
            received_at=at,
        )
    )
    key = {"box_id": 1, "epoch": 1, "sequence": sequence}
    session.add(NoticeReading(**key, notice_id=notice.id, version=1, read_at=at, received_at=at))


@pytest.mark.usefixtures("watched")
def test_a_notice_is_read_once_at_a_station_and_stays_read_when_it_is_thrown_away(
    session: Session, village: Station, database: Database
) -> None:
    staff = person(session, Role.COUNTY_STAFF)
    notice = NoticeRow(
        region_code="640221",
        state="published",
        title="冬小麦保险开始登记",
        text="每亩四元",
        issuer="县农业农村局",
        written_by=staff.id,
        written_at=EVENING,
    )
    session.add(notice)
    session.flush()
    reading(session, village, notice, 1, EVENING + timedelta(days=1))
    reading(session, village, notice, 2, EVENING)
    refresh(session)
    (entry,) = entries(session)
    assert (entry.title, entry.day, entry.kind) == ("冬小麦保险开始登记", date(2026, 11, 20), "notice")
    session.execute(delete(NoticeReading))
    session.execute(delete(NoticeRow))
    session.commit()
    found = ledger.derive_again(database, ledger.SOURCES, WRITTEN_AT)
    assert (found.gone, found.same, found.new) == (0, 0, 0)
    assert [one.id for one in entries(session)] == [entry.id]


@pytest.mark.usefixtures("watched")
def test_a_document_is_in_the_book_once_it_was_read_at_the_station(
    session: Session, village: Station, database: Database
) -> None:
    staff, keeper = person(session, Role.COUNTY_STAFF), person(session, Role.STATION_ADMIN, VILLAGE)
    document = sent(session, staff, EVENING)
    refresh(session)
    assert entries(session) == [], "sent is not read"
    note_read(session, document, keeper, EVENING + timedelta(days=1))
    note_read(session, document, keeper, EVENING + timedelta(days=2))
    refresh(session)
    (entry,) = entries(session)
    assert (entry.title, entry.day, entry.kind) == ("关于做好秋冬种工作的通知", date(2026, 11, 21), "document")
    assert history.values_of(entry)["number"] == document.number
    session.commit()
    found = ledger.derive_again(database, ledger.SOURCES, WRITTEN_AT)
    assert (found.gone, found.same, found.new) == (0, 1, 0)


def test_deriving_again_finds_what_no_mark_says_and_twice_changes_nothing(
    session: Session, village: Station, database: Database
) -> None:
    for number in range(3):
        session.add(held(village, f"airing-{number}", EVENING + timedelta(days=number)))
    session.commit()
    assert session.scalar(select(func.count()).select_from(LedgerMark)) == 0
    session.commit()
    found = ledger.derive_again(database, ledger.SOURCES, WRITTEN_AT)
    assert (found.new, found.changed, found.gone, found.same) == (3, 0, 0, 0)
    session.execute(delete(SessionRow).where(SessionRow.airing_id == "airing-0"))
    session.commit()
    found = ledger.derive_again(database, ledger.SOURCES, WRITTEN_AT)
    assert (found.new, found.changed, found.gone, found.same) == (0, 0, 1, 2)
    assert str(ledger.derive_again(database, ledger.SOURCES, WRITTEN_AT)) == (
        "0 entries came, 0 changed, 0 went, 2 stayed"
    )


STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(("show", "miss", "drop", "people", "refresh", "again"))), max_size=14
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(STEPS)
@pytest.mark.usefixtures("watched")
def test_whatever_happens_the_book_says_what_the_sessions_say_each_once(
    session: Session, village: Station, steps: list[tuple[int, str]]
) -> None:
    with session.begin_nested() as undo:
        stations, run = stations_in(session, VILLAGE[:9])[:2], uuid4().hex[:8]
        for number, what in steps:
            key = (f"{run}-{number}", stations[number % 2].id)
            row = session.get(SessionRow, key)
            if row is None and what == "show":
                row = held(stations[number % 2], key[0], EVENING + timedelta(days=number))
                session.add(row)
            _happen(session, row, what)
            if what == "refresh":
                refresh(session)
            if what == "again":
                _settle_twice(session)
        refresh(session)
        expected = {
            f"{row.airing_id}/{row.station_id}": str(row.present)
            for row in session.scalars(select(SessionRow).where(SessionRow.airing_id.startswith(run)))
            if row.shown_ms
        }
        found = [one for one in entries(session) if one.origin.startswith(run)]
        assert {one.origin: history.values_of(one)["people"] for one in found} == expected
        assert len(found) == len(expected)
        undo.rollback()


def _happen(session: Session, row: SessionRow | None, what: str) -> None:
    changes: dict[str, Callable[[SessionRow], None]] = {
        "show": lambda one: setattr(one, "shown_ms", 1000),
        "miss": lambda one: setattr(one, "shown_ms", 0),
        "people": lambda one: setattr(one, "present", one.present + 1),
        "drop": session.delete,
    }
    if row is not None and what in changes:
        changes[what](row)
        session.flush()


def _settle_twice(session: Session) -> None:

    origins = sorted(Sessions().everything(session))
    settle(session, Sessions(), origins, WRITTEN_AT, PUBLISHED)
    again = settle(session, Sessions(), origins, WRITTEN_AT, PUBLISHED)
    assert (again.new, again.changed, again.gone) == (0, 0, 0)
