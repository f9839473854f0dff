"""What carries messages, and what else the server itself tells people by them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from contentserver.kernel.errors import Outage
from contentserver.messaging.rules import Way


class GatewayAway(Outage):
    """The gateway does not answer, or not to us; nothing was handed over."""


class Fate(StrEnum):
    """What a gateway did with a message."""

    TAKEN = "taken"
    REFUSED = "refused"
    """It never will take it."""
    LATER = "later"
    """It may take it another time."""
    UNKNOWN = "unknown"
    """The line broke before it answered: it may have it."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one address: a mobile number without the country, or a mail address. `subject` is for mail."""

    id: UUID
    to: str
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of handing it over; `references` has one for each part of which a receipt will come."""

    id: UUID
    fate: Fate
    references: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A gateway's later word about a part."""

    reference: str
    way: Way
    error: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What somebody sent back."""

    sender: str
    text: str


class Gateway(Protocol):
    """Carries messages. One instance is used by one thread."""

    def submit(self, several: Sequence[Outgoing]) -> Sequence[Submitted]:
        """Hand messages over, in order.

        Returns:
            One answer each; those that it does not answer for were not handed over.

        Raises:
            GatewayAway: it did not take the first of them.
        """

    def collect(self) -> Sequence[Receipt | Incoming]:
        """What came meanwhile, again and again until it is acknowledged; nothing where the gateway calls us instead.

        Raises:
            GatewayAway: it does not answer.
        """

    def acknowledge(self) -> None:
        """What the last `collect` gave is kept: the gateway need not say it again.

        Raises:
            GatewayAway: it does not answer; it says it again.
        """

    def close(self) -> None:
        """Leave the gateway in order."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Something that the server itself tells people with an account, once.

    Attributes:
        origin: what it is about; the same origin is told once.
        accounts: whom.
    """

    origin: str
    region: str
    title: str
    text: str
    accounts: tuple[UUID, ...]
    urgent: bool = False


Source = Callable[[Session, datetime], Sequence[Telling]]
