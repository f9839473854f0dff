"""What the trail asks about people; `accounts`, which lies above, answers, and the composition root binds it."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session


class People(Protocol):
    """Names and regions of whoever has an account."""

    def within(self, root: str) -> Select[Any]:
        """Ids of the accounts of a region's subtree."""
        ...

    def like(self, words: str) -> Select[Any]:
        """Ids of the accounts whose name or account name has some words."""
        ...

    def names(self, session: Session, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """The names of some accounts."""
        ...
