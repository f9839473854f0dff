"""The chain in both databases: closed by whoever commits, refused to be changed, found broken where it was."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from contentserver.admin import migrate
from contentserver.audit import AuditEntry, audit
from contentserver.audit.chain import head_of, snapshot, verify
from contentserver.audit.rules import NOTHING, Fault
from contentserver.kernel.db import Database
from tests.contentserver.conftest import NOW, create_postgres_database

WRITERS, EACH = 6, 12


def write(database: Database, *subjects: str) -> None:
    """One unit of work with an entry for each subject."""
    with database.unit_of_work() as session:
        for subject in subjects:
            audit(session, who=None, action="x", subject=subject, now=NOW, after={"名": "值\n\x1f\x7f\u2028<>"})


def rows(database: Database) -> list[AuditEntry]:
    with database.reader() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.number)))


def test_entries_are_numbered_in_their_order_and_a_rollback_leaves_no_gap(database: Database) -> None:
    write(database, "one", "two")
    with database.writer() as session:
        audit(session, who=None, action="x", subject="never", now=NOW)
        session.flush()
        session.rollback()
    write(database, "three")
    assert [(row.number, row.subject) for row in rows(database)] == [(1, "one"), (2, "two"), (3, "three")]
    with snapshot(database) as session:
        verdict = verify(session)
        assert (verdict.fault, verdict.number) == (None, 3)
        assert head_of(session) == (3, rows(database)[-1].hash)


def test_a_savepoint_that_is_undone_takes_its_entry_along(database: Database) -> None:
    with database.writer() as session:
        audit(session, who=None, action="x", subject="kept", now=NOW)
        with session.begin_nested():
            audit(session, who=None, action="x", subject="inner", now=NOW)
        undone = session.begin_nested()
        audit(session, who=None, action="x", subject="undone", now=NOW)
        session.flush()
        undone.rollback()
        session.commit()
        audit(session, who=None, action="x", subject="later", now=NOW)
        session.commit()
    assert [(row.number, row.subject) for row in rows(database)] == [(1, "kept"), (2, "inner"), (3, "later")]
    with snapshot(database) as session:
        assert verify(session).fault is None


def test_many_writers_keep_one_chain(database: Database) -> None:
    begin = Barrier(WRITERS)

    def work(writer: int) -> None:
        begin.wait()
        for number in range(EACH):
            write(database, f"{writer} {number} a", f"{writer} {number} b")

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(work, range(WRITERS)))
    found = rows(database)
    assert [row.number for row in found] == list(range(1, 2 * WRITERS * EACH + 1))
    with snapshot(database) as session:
        assert verify(session).fault is None
    for first, second in zip(found[::2], found[1::2], strict=True):  # what was committed together stands together
        assert first.subject.removesuffix("a") == second.subject.removesuffix("b")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET after = 'x'",
        "UPDATE audit_entries SET number = number + 100",
        "UPDATE audit_entries SET hash = ''",
        "UPDATE audit_entries SET number = NULL",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_entries WHERE number = 1",
    ],
)
def test_the_database_refuses_to_change_an_entry(database: Database, statement: str) -> None:
    write(database, "one", "two")
    with pytest.raises(DatabaseError, match="the audit trail is never changed"), database.unit_of_work() as session:
        session.execute(text(statement))
    assert [row.subject for row in rows(database)] == ["one", "two"]


def test_an_entry_that_waits_for_its_number_changes_in_nothing_else(database: Database) -> None:
    with database.unit_of_work() as session:
        audit(session, who=None, action="x", subject="one", now=NOW)
        session.flush()
        with pytest.raises(DatabaseError, match="never changed"), session.begin_nested():
            session.execute(text("UPDATE audit_entries SET subject = 'two', number = 1"))
    assert rows(database)[0].subject == "one"


def test_postgresql_refuses_to_empty_the_table(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    write(database, "one")
    with pytest.raises(DatabaseError, match="never changed"), database.unit_of_work() as session:
        session.execute(text("TRUNCATE audit_entries"))


def unlock(session: Session) -> None:
    """What somebody who owns the database can do."""
    if session.get_bind().dialect.name == "sqlite":
        for name in ("stay", "remain"):
            session.execute(text(f"DROP TRIGGER audit_entries_{name}"))
    else:
        session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))


@pytest.mark.parametrize(
    ("statement", "fault", "at"),
    [
        ("UPDATE audit_entries SET after = '{}' WHERE number = 2", Fault.ALTERED, 2),
        ("UPDATE audit_entries SET address = '1.2.3.4' WHERE number = 1", Fault.ALTERED, 1),
        ("DELETE FROM audit_entries WHERE number = 3", Fault.MISSING, 3),
        ("DELETE FROM audit_entries WHERE number = 1", Fault.MISSING, 1),
        ("DELETE FROM audit_entries WHERE number >= 3", Fault.CUT_OFF, 3),
        ("DELETE FROM audit_entries", Fault.CUT_OFF, 1),
        ("UPDATE audit_entries SET number = 9 - number", Fault.MISSING, 1),
        ("UPDATE audit_head SET hash = 'x'", Fault.ALTERED, 4),
    ],
)
def test_whoever_owns_the_database_is_found_out(database: Database, statement: str, fault: Fault, at: int) -> None:
    write(database, "one", "two", "three", "four")
    with database.unit_of_work() as session:
        unlock(session)
        session.execute(text(statement))
    with snapshot(database) as session:
        verdict = verify(session)
    assert (verdict.fault, verdict.broken_at) == (fault, at)


def test_entries_that_were_slipped_in_are_found(database: Database) -> None:
    write(database, "one")
    words = {"at": NOW, "action": "x", "subject": "y", "before": "", "after": "", "address": "", "request": ""}
    with database.unit_of_work() as session:
        session.execute(insert(AuditEntry).values(id=uuid4(), **words))
    write(database, "two")
    with snapshot(database) as session:
        assert verify(session).fault is Fault.INSERTED
    with database.unit_of_work() as session:
        session.execute(insert(AuditEntry).values(id=uuid4(), **words, number=3, hash="0" * 64))
    with snapshot(database) as session:
        assert (verify(session).fault, verify(session).broken_at) == (Fault.ALTERED, 3)


def test_a_chain_made_anew_does_not_hold_a_head_that_was_noted(database: Database) -> None:
    write(database, "one", "two")
    noted = rows(database)[0].hash
    with snapshot(database) as session:
        assert verify(session, noted).fault is None
        assert verify(session, NOTHING[:-1] + "1").fault is Fault.OTHER_HEAD


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_there_before_is_chained(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path}/old.db"
    else:
        url = create_postgres_database(request.getfixturevalue("postgres"), f"t{uuid4().hex}")
    migrate(url, "0022")
    database = Database(url)
    add = text(
        "INSERT INTO audit_entries (id, at, account_id, for_account_id, action, subject, before, after) "
        "VALUES (:id, :at, NULL, NULL, 'a', :subject, :before, '')"
    )
    with database.unit_of_work() as session:
        for number in range(3):
            at = f"2026-11-0{3 - number} 10:00:00.12345{number}" + ("+00" if kind == "postgresql" else "")
            words = '值\n\t\x1f\x7f\u2028"\\</>'
            session.execute(add, {"id": uuid4().hex, "at": at, "subject": f"s{number}", "before": words})
    migrate(url)
    write(database, "new")
    assert [row.subject for row in rows(database)] == ["s2", "s1", "s0", "new"]
    with snapshot(database) as session:
        assert (verify(session).fault, verify(session).number) == (None, 4)
    database.engine.dispose()
