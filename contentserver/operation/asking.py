"""What the doctor is asked about."""

from dataclasses import dataclass
from pathlib import Path

from contentserver.settings import Settings


@dataclass(frozen=True, slots=True)
class Asking:
    """An installation, and where those parts of it lie that its settings do not name."""

    settings: Settings
    broker: Path | None = None
    backups: Path | None = None
    ntp: str = ""
