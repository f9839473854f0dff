"""Pages of long lists: counted and cut in the database, the page number in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

PAGE_SIZE = 50
FURTHEST = 10_000
"""Of a list that is not counted whole, the last page that anybody gets."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Page(Generic[_T]):
    """One page of a list.

    Attributes:
        number: from 1.
        total: rows of the whole list; where there are `more`, those that were counted.
        more: the list goes on after `total`: nobody counted so far.
    """

    rows: Sequence[_T]
    number: int
    total: int
    size: int = PAGE_SIZE
    more: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1; where there are `more`, one after those that were counted."""
        return max(1, -(-self.total // self.size)) + self.more

    @property
    def first_row(self) -> int:
        """Number of the first row on this page, from 1; 0 when the list is empty."""
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last_row(self) -> int:
        """Number of the last row on this page."""
        return min(self.number * self.size, self.total)


def paginate(
    session: Session, query: Select[Any], number: int, size: int = PAGE_SIZE, counted: int | None = None
) -> Page[Any]:
    """The page `number` of `query`; a number outside the list gives the nearest page that exists.

    Args:
        counted: of a list where counting takes long, so many rows are counted, or up to this page; None: all of them.
    """
    number = max(1, number)
    inner = query.order_by(None)
    most = None if counted is None else max(counted, min(number, FURTHEST) * size)
    if most is not None:
        inner = inner.limit(most + 1)
    total = session.scalar(select(func.count()).select_from(inner.subquery())) or 0
    more = most is not None and total > most
    total = min(total, most) if most is not None else total
    number = min(number, max(1, -(-total // size)))
    rows = session.scalars(query.limit(size).offset((number - 1) * size)).all()
    return Page(rows=rows, number=number, total=total, size=size, more=more)


def cut(rows: Sequence[_T], number: int, size: int = PAGE_SIZE) -> Page[_T]:
    """The page `number` of a list that had to be made whole; outside the list, the nearest page that exists."""
    number = min(max(1, number), max(1, -(-len(rows) // size)))
    return Page(rows=rows[(number - 1) * size : number * size], number=number, total=len(rows), size=size)
