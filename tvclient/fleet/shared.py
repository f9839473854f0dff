"""What is the same for all boxes of one process: a signature is verified once, a timetable merged once.

The bytes are the same, so the answers are; a box of a village works them out for itself.
"""

from collections.abc import Sequence
from threading import Lock
from typing import TypeVar

from schedules.airings import LayerId
from schedules.merge import Timetable
from schedules.wire.messages import LayerMessage, Message
from schedules.wire.signing import Verifier
from tvclient.adapters.documents import merged

_M = TypeVar("_M", bound=Message)
_LAYERS, _TIMETABLES = 500, 2000


class SharedVerifier(Verifier):
    """Verifies equal bytes once; refusals are not remembered."""

    def __init__(self, jwk_set: bytes) -> None:
        super().__init__(jwk_set)
        self._read: dict[tuple[bytes, type], Message] = {}

    def read(self, token: bytes, kind: type[_M]) -> _M:
        """As `Verifier.read`."""
        known = self._read.get((token, kind))
        if isinstance(known, kind):
            return known
        message = super().read(token, kind)
        if isinstance(message, LayerMessage):
            if len(self._read) > _LAYERS:
                self._read.clear()
            self._read[token, kind] = message
        return message


class Merges:
    """Timetables by the revisions that they are made of. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: dict[tuple[tuple[LayerId, int], ...], Timetable] = {}

    def of(self, layers: Sequence[LayerMessage]) -> Timetable:
        """As `documents.merged`."""
        key = tuple((layer.layer, layer.revision) for layer in layers)
        with self._lock:
            if key not in self._made:
                if len(self._made) > _TIMETABLES:
                    self._made.clear()
                self._made[key] = merged(layers)
            return self._made[key]
