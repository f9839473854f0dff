"""Says that something is being fetched or opened; shown only when that has taken half a second."""

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.graphics import PopMatrix, PushMatrix, Rotate
from kivy.properties import BooleanProperty, NumericProperty

from tvclient.ui.theme import SPINNER_AFTER_SECONDS
from tvclient.ui.widgets.icon import Icon

TURN_SECONDS = 1.2


class WaitMark(Icon):
    """Turns while `busy`, beginning half a second after it became so."""

    busy = BooleanProperty(False)
    angle = NumericProperty(0)

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        with self.canvas.before:
            PushMatrix()
            self._turn = Rotate(angle=0)
        with self.canvas.after:
            PopMatrix()
        self._begin_soon = Clock.create_trigger(self._begin, SPINNER_AFTER_SECONDS)
        self.fbind("busy", self._toggle)
        self.fbind("angle", self._rotate)

    def _toggle(self, *_) -> None:
        if self.busy:
            self._begin_soon()
            return
        self._begin_soon.cancel()
        Animation.cancel_all(self, "angle")
        self.glyph = ""

    def _begin(self, _dt: float) -> None:
        self.glyph = "wait"
        turning = Animation(angle=-360, d=TURN_SECONDS) + Animation(angle=0, d=0)
        turning.repeat = True
        turning.start(self)

    def _rotate(self, *_) -> None:
        self._turn.origin, self._turn.angle = self.center, self.angle
