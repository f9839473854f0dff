"""What a slice that begins processes has to say about them, and what else waits for somebody."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person
from contentserver.processes.models import Process, ProcessStep
from contentserver.processes.rules import Decision


class Kind(Protocol):
    """A kind of process, as its slice knows it. `name` and the steps' names are lazy translations."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> object: ...
    @property
    def steps(self) -> Mapping[str, object]:
        """What each step is called."""

    def page(self, process: Process) -> str:
        """The address of the page on which its subject stands; empty where there is none."""

    def told(self, session: Session, process: Process) -> Sequence[tuple[object, object]]:
        """What whoever decides has to know: names and values, in order."""

    def decided(
        self, session: Session, process: Process, step: ProcessStep, decision: Decision, who: Person, now: datetime
    ) -> None:
        """Do what follows from a decision.

        Raises:
            Refusal: it cannot be done as things stand; the decision is not taken then.
        """


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something else that waits for a person, on a page of its own: `words` with the count in them."""

    words: object
    count: int
    url: str
    icon: str = "clock"


Source = Callable[[Session, Person, datetime], Waiting | None]
