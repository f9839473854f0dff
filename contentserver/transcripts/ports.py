"""What of a member's own data is kept in slices above; bound by the composition root."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from contentserver.kernel.sheets import Cell
from contentserver.members import Member

Heads = Mapping[str, str]
"""Of each column its name for programs, and for people."""
OwnTable = tuple[str, Heads, Sequence[Sequence[Cell]]]
"""A table's name for programs, its columns and its rows."""


class KeptAbove(Protocol):
    """Tells what else is kept of a member."""

    def __call__(self, session: Session, member: Member) -> Iterable[OwnTable]:
        """The tables, also where they are empty."""
