"""Closing the chain at the end of a unit of work, and looking whether it holds.

Rows come to the database without a number. Just before the commit the one row of the chain's end is locked, last of
all locks, and the rows get their numbers and hashes: writers in other threads, processes and machines wait for each
other there and nowhere else, and can not wait in a circle. What is rolled back leaves no gap.
"""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from contentserver.audit import rules
from contentserver.audit.models import AuditEntry, AuditHead
from contentserver.audit.rules import Fault, Link, Verdict
from contentserver.kernel.db import Database

_OPEN = "audit_open"
_AT_ONCE = 1000
HEAD = 1


def add(session: Session, entry: AuditEntry) -> None:
    """Add a row, to be closed into the chain when the session commits."""
    if _OPEN not in session.info:
        session.info[_OPEN] = []
        event.listen(session, "before_commit", close)
    session.info[_OPEN].append(entry)
    session.add(entry)


def close(session: Session) -> None:
    """Give the session's new rows their numbers and hashes; a savepoint's end is no end."""
    if session.in_nested_transaction() or not session.info[_OPEN]:
        return
    session.flush()
    rows = [entry for entry in session.info[_OPEN] if entry in session and entry.number is None]
    session.info[_OPEN] = []
    if not rows:
        return
    query = select(AuditHead).where(AuditHead.id == HEAD).with_for_update()
    head = session.scalars(query, execution_options={"populate_existing": True}).one()
    for entry in rows:
        entry.number = head.number = head.number + 1
        entry.hash = head.hash = rules.link(head.hash, link_of(entry))
    session.flush()


def link_of(entry: AuditEntry) -> Link:
    """A row as it is hashed."""
    return Link(
        number=entry.number or 0,
        id=entry.id,
        at=entry.at,
        account_id=entry.account_id,
        for_account_id=entry.for_account_id,
        action=entry.action,
        subject=entry.subject,
        before=entry.before,
        after=entry.after,
        address=entry.address,
        request=entry.request,
        hash=entry.hash,
    )


@contextmanager
def snapshot(database: Database) -> Iterator[Session]:
    """A session that sees the trail as it stands at one instant, however many write meanwhile."""
    with database.reader() as session:
        if database.engine.dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def head_of(session: Session) -> tuple[int, str]:
    """Number and hash of the chain's end."""
    row = session.get_one(AuditHead, HEAD, populate_existing=True)
    return row.number, row.hash


def verify(session: Session, noted: str = "") -> Verdict:
    """Walk the whole chain, in a `snapshot`.

    Args:
        noted: a hash that somebody wrote down; it must be that of a row.
    """
    head = head_of(session)
    unnumbered = session.scalar(select(func.count()).where(AuditEntry.number.is_(None))) or 0
    seen = {rules.NOTHING}
    with closing(_walk(session, seen)) as walking:
        verdict = rules.check(walking, head, unnumbered)
    if verdict.fault is None and noted and noted not in seen:
        return Verdict(verdict.number, verdict.hash, Fault.OTHER_HEAD, 0)
    return verdict


def _walk(session: Session, seen: set[str]) -> Generator[Link]:
    columns = [getattr(AuditEntry, name) for name in Link.__dataclass_fields__]
    query = select(*columns).where(AuditEntry.number.is_not(None)).order_by(AuditEntry.number)
    with session.execute(query, execution_options={"yield_per": _AT_ONCE}) as found:
        for row in found:
            seen.add(row.hash)
            yield Link(**row._mapping)
