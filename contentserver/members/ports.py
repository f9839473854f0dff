"""What slices above tell and do about members; bound by the composition root."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from contentserver.members.models import Member

HOURS, EVIDENCE = "member_hours", "member_evidence"
"""Under which names the two are bound."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """What a member has attended in all: sessions, and lesson time that counts."""

    sessions: int = 0
    credit_ms: int = 0


class Hours(Protocol):
    """Tells what members have attended."""

    def __call__(self, session: Session, members: Sequence[Member]) -> Mapping[UUID, Attendance]:
        """By member; those who never came have no entry."""


class Evidence(Protocol):
    """Brings sessions up to date after records were merged or parted."""

    def __call__(self, session: Session, ids: Collection[UUID]) -> int:
        """Derive every session anew in which one of these members was; gives how many."""
