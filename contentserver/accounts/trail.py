"""Whom the audit trail speaks of: names and regions of people, for the slice below that keeps it (`audit/ports.py`)."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from contentserver.accounts.models import Account
from contentserver.regions import subtree_filter

AT_ONCE = 500


class AuditedPeople:
    """Everybody who has an account."""

    def within(self, root: str) -> Select[Any]:
        """Ids of the accounts of a region's subtree."""
        return select(Account.id).where(subtree_filter(Account.region_code, root))

    def like(self, words: str) -> Select[Any]:
        """Ids of the accounts whose name or account name has some words."""
        columns = (Account.display_name, Account.username)
        return select(Account.id).where(or_(*(column.icontains(words, autoescape=True) for column in columns)))

    def names(self, session: Session, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """The names of some accounts."""
        found: dict[UUID, str] = {}
        ordered = sorted(ids)
        for first in range(0, len(ordered), AT_ONCE):
            some = select(Account.id, Account.display_name).where(Account.id.in_(ordered[first : first + AT_ONCE]))
            found.update((one, name) for one, name in session.execute(some))
        return found
