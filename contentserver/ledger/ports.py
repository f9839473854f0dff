"""What the ledger asks of whatever its entries arise from. A source is bound by the composition root."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from contentserver.kernel.db import Base


@dataclass(frozen=True, slots=True)
class Arisen:
    """What an entry says that arises by itself. `origin` names it for ever: one origin, one entry."""

    origin: str
    station_id: UUID
    region_code: str
    day: date
    fields: Mapping[str, str]


class Source(Protocol):
    """Something of which entries arise."""

    @property
    def code(self) -> str:
        """Its name in the database; a kind names it in `arises`."""

    @property
    def kind(self) -> str:
        """The kind of its entries."""

    @property
    def tables(self) -> Sequence[type[Base]]:
        """The tables that are watched: a changed row leaves a mark."""

    def marks(self, row: object) -> Iterable[str]:
        """What the mark of a changed row says."""

    def origins(self, session: Session, marks: Collection[str]) -> Collection[str]:
        """The origins that marks speak of."""

    def arisen(self, session: Session, origins: Collection[str]) -> Sequence[Arisen]:
        """What the entries of some origins say; nothing for one that is none."""

    def ended(self, session: Session, origins: Collection[str]) -> Collection[str]:
        """Of origins of which nothing arises: those that do not hold; not those that were only thrown away as old."""

    def everything(self, session: Session) -> Iterator[str]:
        """Every origin that there is, to derive the ledger again."""
