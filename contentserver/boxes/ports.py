"""What a box's report causes in slices above; bound by the composition root."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from schedules.wire.messages import Reported


class OnReport(Protocol):
    """Takes a report that was accepted, inside the same unit of work."""

    def __call__(self, session: Session, report: Reported, now: datetime) -> None:
        """See the class."""
