"""Where lessons were left, over a restart: a small file in the data folder. A damaged one counts as empty."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from schedules.airings import PackageName
from tvclient.adapters.durable import write_durably

log = structlog.get_logger(__name__)


class Places:
    """One box's bookmarks."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[PackageName, int]:
        """Media times in milliseconds by package."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[PackageName, int])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            log.warning("places.unreadable", reason=str(error))
            return {}

    def keep(self, places: Mapping[PackageName, int]) -> None:
        """Write them down; a full disk forgets them."""
        try:
            write_durably(self._file, msgspec.json.encode(dict(places)))
        except OSError as error:
            log.warning("places.not_kept", reason=str(error))
