"""When the line's recurring duties are due. Used by one thread."""

from collections.abc import Callable


class Duties:
    """Each duty by its name; one that was never put off is due at once."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        """`ticks` gives seconds of a monotonic clock."""
        self._ticks = ticks
        self._at: dict[str, float] = {}
        self._last = ""

    def due(self, duty: str, again_after_s: float) -> bool:
        """Whether it is due; if so, it is due again after so many seconds."""
        if self._ticks() < self._at.get(duty, 0.0):
            return False
        self.put_off(duty, again_after_s)
        self._last = duty
        return True

    def put_off(self, duty: str, by_s: float) -> None:
        """It is due in so many seconds, whatever was planned."""
        self._at[duty] = self._ticks() + by_s

    def put_off_last(self, by_s: float) -> None:
        """The duty that was last found due failed: again in so many seconds."""
        self.put_off(self._last, by_s)

    def hasten(self, duty: str, within_s: float = 0.0) -> None:
        """It is due in so many seconds at the latest."""
        self._at[duty] = min(self._at.get(duty, 0.0), self._ticks() + within_s)

    def all_at_once(self) -> None:
        """Everything is due."""
        self._at.clear()
