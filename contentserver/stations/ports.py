"""What groups ask of the slices above: what a group is used for; the composition root binds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class GroupUse:
    """Something that uses a group: its name, and the page on which it stands."""

    name: str
    endpoint: str
    values: Mapping[str, Any]


class GroupUses(Protocol):
    """Says what uses a group and keeps it from being deleted."""

    def __call__(self, session: Session, group_id: UUID, now: datetime, /) -> Sequence[GroupUse]:
        """In the order in which a person should read it."""
        ...
