"""What boxes need of the world above: what a report causes there, where releases lie; bound by the composition root."""

from datetime import datetime
from typing import Protocol

from flask import Response
from sqlalchemy.orm import Session

from schedules.wire.messages import Reported


class OnReport(Protocol):
    """Takes a report that was accepted, inside the same unit of work."""

    def __call__(self, session: Session, report: Reported, now: datetime) -> None:
        """See the class."""


class ReleaseStore(Protocol):
    """Where the archives of the television's program lie."""

    def keep_release(self, sha256: str, data: bytes) -> None:
        """Keep an archive durably under its hash."""

    def send_release(self, sha256: str) -> Response:
        """The archive as a response, with ranges."""
