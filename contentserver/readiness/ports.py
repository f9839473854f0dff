"""What readiness needs from the outside, and what it causes there; bound by the composition root."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from contentserver.readiness.reasons import AnyNoted
from media_pipeline.manifest import Manifest


class Packages(Protocol):
    """The package store."""

    def manifest(self, package: str) -> Manifest:
        """The package's manifest; raises OSError, ValueError or ManifestInvalid where there is none."""


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What a station's administrator is to be told: about which airing (aware UTC), and why.

    About an answer to a question of theirs: its id, until when it is asked, and the question.
    """

    station_id: UUID
    airing_id: str
    airing_start: datetime
    lesson_title: str
    reason: AnyNoted


class TellStation(Protocol):
    """Tells the administrator of a station; the same telling twice is told once."""

    def __call__(self, session: Session, telling: Telling, now: datetime, by: UUID | None) -> bool:
        """Tell, inside the caller's unit of work.

        Args:
            by: the account that asked for it; None where nobody did.

        Returns:
            Whether it is told now; False where it was told before.
        """
