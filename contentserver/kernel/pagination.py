"""Pages of long lists: counted and cut in the database, the page number in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

PAGE_SIZE = 50

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Page(Generic[_T]):
    """One page of a list. `number` counts from 1; `total` is the number of rows of the whole list."""

    rows: Sequence[_T]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        """Number of the first row on this page, from 1; 0 when the list is empty."""
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last_row(self) -> int:
        """Number of the last row on this page."""
        return min(self.number * self.size, self.total)


def paginate(session: Session, query: Select[Any], number: int, size: int = PAGE_SIZE) -> Page[Any]:
    """The page `number` of `query`; a number outside the list gives the nearest page that exists."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    last = max(1, -(-total // size))
    number = min(max(1, number), last)
    rows = session.scalars(query.limit(size).offset((number - 1) * size)).all()
    return Page(rows=rows, number=number, total=total, size=size)


def cut(rows: Sequence[_T], number: int, size: int = PAGE_SIZE) -> Page[_T]:
    """The page `number` of a list that had to be made whole; outside the list, the nearest page that exists."""
    number = min(max(1, number), max(1, -(-len(rows) // size)))
    return Page(rows=rows[(number - 1) * size : number * size], number=number, total=len(rows), size=size)
