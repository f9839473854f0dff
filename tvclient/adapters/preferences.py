"""What people chose at the television, over a restart: one JSON file, written whole. Unreadable is as if absent."""

from pathlib import Path

import msgspec
import structlog

from tvclient.adapters.durable import write_durably
from tvclient.core.state import Language, Preferences

log = structlog.get_logger(__name__)


class _Stored(msgspec.Struct, omit_defaults=True):
    """What nobody has chosen is absent, and follows the settings of the program."""

    language: Language | None = None
    simple: bool | None = None
    labels: bool | None = None


class PreferencesFile:
    """The file. Names in it that this program does not know are passed over."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self, usual: Preferences) -> Preferences:
        """What was chosen; where nothing was, or the file cannot be read, what is usual."""
        try:
            stored = msgspec.json.decode(self._file.read_bytes(), type=_Stored)
        except FileNotFoundError:
            return usual
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.warning("preferences.unreadable", reason=str(error))
            return usual
        return Preferences(
            language=usual.language if stored.language is None else stored.language,
            simple=usual.simple if stored.simple is None else stored.simple,
            labels=usual.labels if stored.labels is None else stored.labels,
        )

    def keep(self, chosen: Preferences) -> None:
        """Remember them; a full disk costs the memory, not the choice."""
        stored = _Stored(chosen.language, chosen.simple, chosen.labels)
        try:
            write_durably(self._file, msgspec.json.encode(stored))
        except OSError as error:
            log.warning("preferences.not_kept", reason=str(error))
