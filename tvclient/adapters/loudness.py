"""How loud lessons are, over a restart: one number in a file. Alerts and the voice have a volume of their own."""

from contextlib import suppress
from pathlib import Path

from tvclient.adapters.durable import write_durably


class Loudness:
    """The volume that was last set from afar."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def percent(self) -> int | None:
        """0 to 100; None where nobody has set it."""
        try:
            found = int(self._file.read_text())
        except (OSError, ValueError):
            return None
        return found if 0 <= found <= 100 else None

    def keep(self, percent: int) -> None:
        """Remember it; a full disk costs the memory, not the volume."""
        with suppress(OSError):
            write_durably(self._file, str(percent).encode())
