"""Rows of the trail that somebody looks for and may read: by person, action, words and days, within their region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from contentserver.audit.models import AuditEntry
from contentserver.audit.ports import People
from contentserver.kernel import clock

WORDS_CHARS = 60


@dataclass(frozen=True, slots=True)
class Found:
    """What is looked for; empty for all."""

    person: str = ""
    action: str = ""
    words: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def narrowed(self) -> bool:
        """Whether anything is looked for at all."""
        return self != Found()


def entries(people: People, root: str, found: Found) -> Select[Any]:
    """The newest first. Whoever may see everything also sees what the server did by itself."""
    query = select(AuditEntry)
    if root:
        mine = people.within(root)
        query = query.where(or_(AuditEntry.account_id.in_(mine), AuditEntry.for_account_id.in_(mine)))
    if found.person:
        named = people.like(found.person)
        query = query.where(or_(AuditEntry.account_id.in_(named), AuditEntry.for_account_id.in_(named)))
    if found.action:
        query = query.where(AuditEntry.action == found.action)
    if found.words:
        columns = (AuditEntry.action, AuditEntry.subject, AuditEntry.before, AuditEntry.after, AuditEntry.address)
        query = query.where(or_(*(column.icontains(found.words, autoescape=True) for column in columns)))
    if found.first is not None:
        query = query.where(AuditEntry.at >= clock.instants_of(found.first, found.first)[0])
    if found.last is not None:
        query = query.where(AuditEntry.at < clock.instants_of(found.last, found.last)[1])
    return query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def names_of(session: Session, people: People, rows: Sequence[AuditEntry]) -> Mapping[UUID, str]:
    """The names of everybody that rows speak of: who did it, for whom, and about which account."""
    ids = {one for row in rows for one in (row.account_id, row.for_account_id, account_in(row.subject)) if one}
    return people.names(session, ids)


def account_in(subject: str) -> UUID | None:
    """The account that a row is about."""
    kind, _space, key = subject.partition(" ")
    try:
        return UUID(key) if kind == "account" else None
    except ValueError:
        return None
