"""Says that something is being fetched or opened; shown only when that has taken half a second."""

from typing import Any

from kivy.clock import Clock
from kivy.graphics import PopMatrix, PushMatrix, Rotate
from kivy.properties import BooleanProperty

from tvclient.ui.theme import SPINNER_AFTER_SECONDS
from tvclient.ui.widgets.icon import Icon

STEP_SECONDS, STEP_DEGREES = 0.08, 30
"""A turn each second in steps, so that waiting costs a weak box little."""


class WaitMark(Icon):
    """Turns while `busy`, beginning half a second after it became so."""

    busy = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas.before:
            PushMatrix()
            self._turn = Rotate(angle=0)
        with self.canvas.after:
            PopMatrix()
        self._begin_soon = Clock.create_trigger(self._begin, SPINNER_AFTER_SECONDS)
        self._step_on = Clock.create_trigger(self._step, STEP_SECONDS, interval=True)
        self.fbind("busy", self._toggle)

    def _toggle(self, *_: object) -> None:
        if self.busy:
            self._begin_soon()
            return
        self._begin_soon.cancel()
        self._step_on.cancel()
        self.glyph = ""

    def _begin(self, _dt: float) -> None:
        self.glyph = "wait"
        self._step_on()

    def _step(self, _dt: float) -> None:
        if self.get_root_window() is not None:
            self._turn.origin = self.center
            self._turn.angle -= STEP_DEGREES
