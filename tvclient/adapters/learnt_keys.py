"""What keys of which remote mean, as people have taught the box; one JSON file, written whole, used at once.

By the remote's name, since its address changes with the socket. Unreadable is as if absent.
"""

from collections.abc import Mapping
from pathlib import Path
from threading import Lock

import msgspec
import structlog

from tvclient.adapters.durable import write_durably
from tvclient.core.events import Key

log = structlog.get_logger(__name__)


class LearntKeys:
    """All remotes that were taught. Safe to use from any thread."""

    def __init__(self, file: Path) -> None:
        """Read `file`; it is made when a remote is taught."""
        self._file, self._lock = file, Lock()
        self._remotes: dict[str, dict[int, Key]] = {}
        try:
            self._remotes = msgspec.json.decode(file.read_bytes(), type=dict[str, dict[int, Key]])
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.warning("remotes.unreadable", reason=str(error))

    def key(self, device: str, code: int) -> Key | None:
        """What this code of this remote was taught to mean."""
        return self._remotes.get(device, {}).get(code)

    def knows(self, device: str) -> bool:
        """Whether this remote was taught."""
        return device in self._remotes

    def keep(self, device: str, codes: Mapping[int, str]) -> None:
        """A remote was taught; what it was taught before is forgotten. A full disk costs the memory alone."""
        taught = {code: Key(name) for code, name in codes.items()}
        with self._lock:
            self._remotes = {**self._remotes, device: taught}
            try:
                write_durably(self._file, msgspec.json.encode(self._remotes))
            except OSError as error:
                log.warning("remotes.not_kept", reason=str(error))
        log.info("remote.learnt", name=device, keys=len(taught))
