"""A frame around the whole screen while somebody far away looks at it: seen on every screen, under alerts too."""

from typing import Any

from tvclient.core.geometry import HEIGHT, WIDTH
from tvclient.core.state import State
from tvclient.ui.widgets.surface import Surface

THICK = 10


class WatchedFrame(Surface):
    """Shown while help lasts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(outline="sprout", outline_width=THICK, opacity=0, at=[0, 0, WIDTH, HEIGHT], **kwargs)

    def show(self, state: State) -> None:
        """Become the picture of `state`."""
        self.opacity = 1 if state.help is not None and state.help.agreed else 0
