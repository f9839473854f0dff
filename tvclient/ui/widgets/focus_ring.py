"""The one ring that answers "where am I?". It glides to what has the focus; a new move starts from where it is."""

from typing import Any

from kivy.animation import Animation
from kivy.graphics import Color, SmoothLine
from kivy.properties import ListProperty, NumericProperty

from tvclient.core.geometry import Direction, Rect
from tvclient.ui.theme import BLOCKED_SECONDS, BLOCKED_SHIFT, COLOURS, FOCUS_SECONDS, GROWN, RING, RING_GAP, ease, theme
from tvclient.ui.widgets.placed import Placed, Thing, grown
from tvclient.ui.widgets.surface import SEGMENTS

_AWAY = {
    Direction.LEFT: (-BLOCKED_SHIFT, 0),
    Direction.RIGHT: (BLOCKED_SHIFT, 0),
    Direction.UP: (0, -BLOCKED_SHIFT),
    Direction.DOWN: (0, BLOCKED_SHIFT),
}


class FocusRing(Placed):
    """Drawn above everything around the focused thing.

    Attributes:
        shift: how far a blocked move has pushed the ring, in design pixels.
        corner: radius of its inner edge.
    """

    shift = ListProperty([0, 0])
    corner = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        self.thing: Thing | None = None
        super().__init__(**kwargs)
        with self.canvas:
            self._colour = Color(*COLOURS[""])
            self._line = SmoothLine(width=1)
        for name in ("pos", "size", "shift", "corner"):
            self.fbind(name, self._draw)

    def settle(self, thing: Thing | None, *, at_once: bool) -> None:
        """Go to `thing`, or be gone where nothing can have the focus."""
        before, self.thing = self.thing, thing
        if before is not None and before is not thing:
            before.focused = False
            Animation.cancel_all(before, "growth")
            if at_once:
                before.growth = 0
            else:
                Animation(growth=0, d=FOCUS_SECONDS, t=ease).start(before)
        if thing is None:
            self._colour.rgba = COLOURS[""]
            return
        appears = before is None or at_once
        thing.focused = True
        target = list(grown(Rect(*thing.at)))
        Animation.cancel_all(self, "at", "corner")
        Animation.cancel_all(thing, "growth")
        if appears:
            thing.growth, self.corner, self.at = 1, thing.corner * GROWN, target
        else:
            Animation(at=target, corner=thing.corner * GROWN, d=FOCUS_SECONDS, t=ease).start(self)
            Animation(growth=1, d=FOCUS_SECONDS, t=ease).start(thing)
        self._colour.rgba = COLOURS["lamp"]
        self._draw()

    def push(self, direction: Direction) -> None:
        """Say that there is nothing that way: the ring goes a little there and comes back."""
        Animation.cancel_all(self, "shift")
        half = BLOCKED_SECONDS / 2
        there = Animation(shift=list(_AWAY[direction]), d=half, t="out_quad")
        (there + Animation(shift=[0, 0], d=half, t="in_out_quad")).start(self)

    def _draw(self, *_: object) -> None:
        unit = theme.unit
        out = (RING_GAP + RING / 2) * unit
        dx, dy = self.shift[0] * unit, -self.shift[1] * unit
        self._line.width = RING * unit / 2
        self._line.rounded_rectangle = (
            self.x - out + dx,
            self.y - out + dy,
            self.width + 2 * out,
            self.height + 2 * out,
            max(self.corner * unit + out, 1),
            SEGMENTS,
        )
