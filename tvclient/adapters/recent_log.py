"""The last lines of the program's log, in memory, for when somebody in the county asks for them.

The log names boxes, packages and airings by their ids, and nobody: names, numbers and what was typed are never logged.
The code by which a box is let in is left out here, since a log travels.
"""

from collections import deque
from collections.abc import MutableMapping
from threading import Lock
from typing import Any

import msgspec

KEPT = 2000
LONGEST = 4000
_SECRET = frozenset({"claim_code"})


class RecentLog:
    """A processor of structlog that keeps what passes. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=KEPT)
        self._lock = Lock()

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Keep one event and let it pass."""
        shown = {name: value for name, value in event.items() if name not in _SECRET}
        line = msgspec.json.encode(shown, enc_hook=repr).decode()
        with self._lock:
            self._lines.append(line[:LONGEST])
        return event

    def last(self, lines: int) -> str:
        """At most so many of the newest lines, the oldest first."""
        with self._lock:
            kept = list(self._lines)
        return "\n".join(kept[-max(1, lines) :])
