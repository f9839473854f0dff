"""A warning fills the television: who warns, of what, since when, and what to do. One button.

How large its words are, and where their lines break: `schedules/alerts.py`, the same for the preview in the office.
"""

from kivy.properties import ListProperty, NumericProperty, StringProperty

from schedules.alerts import (
    ABOVE_STEPS,
    BELOW_HEADLINE,
    BETWEEN_STEPS,
    DESCRIPTION_LINE,
    HEADLINE_LINE,
    HEADLINE_WIDTH,
    SHOWN_STEPS,
    STEP_LINE,
    STEP_WIDTH,
    TEXT_HEIGHT,
    TEXT_WIDTH,
    Sizes,
    height_of,
    lines_of,
    sign_of,
    sizes_of,
    words_shown,
)
from schedules.wire.messages import Alert
from tvclient.core.alerts import waiting_alerts
from tvclient.core.geometry import SAFE_X, SAFE_Y
from tvclient.core.screens import on_air
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, clock, plain

SIGN_SIDE = 1.1
"""Of the sign beside the headline, in multiples of the headline's size."""
SIGN_GAP = 40
STEP_SIGN = 72
STEP_GAP = 44
FACE_LINE = 1.448
"""Line height of the face itself, in multiples of its size."""
FOOT_AT = (SAFE_X, 934, 1090, 64)
UPPER_FOOT_AT = (SAFE_X, 892, 1090, 64)
LOWER_FOOT_AT = (SAFE_X, 962, 1090, 64)
NOWHERE = (0, 0, 1, 1)


class AlertScreen(ScreenView):
    """Above everything else."""

    fit = NumericProperty(0)
    kind = StringProperty("")
    headline = StringProperty("")
    headline_at = ListProperty(NOWHERE)
    sign_at = ListProperty(NOWHERE)
    description = StringProperty("")
    description_at = ListProperty(NOWHERE)
    steps = ListProperty([""] * SHOWN_STEPS)
    signs = ListProperty([""] * SHOWN_STEPS)
    steps_at = ListProperty([NOWHERE] * SHOWN_STEPS)
    signs_at = ListProperty([NOWHERE] * SHOWN_STEPS)
    source = StringProperty("")
    source_at = ListProperty(FOOT_AT)
    reading = StringProperty("")
    more = StringProperty("")
    answer = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        alerts = waiting_alerts(state)
        if not alerts:
            return
        alert, further = alerts[0], len(alerts) - 1
        self.kind = alert.kind.value
        self._set(alert)
        issued = _("issued {time}").format(time=clock(alert.sent))
        self.source = "\u3000".join(part for part in (plain(alert.sender), issued) if part)
        self.reading = _("Being read aloud") if state.speaking else ""
        self.more = (
            _n("{count} more warning", "{count} more warnings", further).format(count=further) if further else ""
        )
        self.source_at = UPPER_FOOT_AT if self.reading or self.more else FOOT_AT
        if further:
            self.answer = _("Next warning")
        elif on_air(state):
            self.answer = _("Back to the lesson")
        else:
            self.answer = _("Understood")

    def _set(self, alert: Alert) -> None:
        """Words and their places, from the top down."""
        headline, description, steps = words_shown(alert)
        sizes = sizes_of(headline, description, steps)
        self.fit = sizes.number
        spare = max(0.0, TEXT_HEIGHT - height_of(headline, description, steps, sizes))
        y = SAFE_Y + min(spare * 0.08, 24)
        self.headline, height = _block(headline, sizes.headline, HEADLINE_WIDTH, HEADLINE_LINE)
        first_line, side = sizes.headline * HEADLINE_LINE, max(100.0, sizes.headline * SIGN_SIDE)
        self.sign_at = [SAFE_X + 4, max(SAFE_Y, y + (first_line - side) / 2), side, side]
        self.headline_at = [SAFE_X + side + SIGN_GAP, y, HEADLINE_WIDTH + sizes.headline, height]
        y += height
        self.description, height = _block(description, sizes.description, TEXT_WIDTH, DESCRIPTION_LINE)
        if description:
            y += BELOW_HEADLINE
            self.description_at = [SAFE_X, y, TEXT_WIDTH + sizes.description, height]
            y += height
        self._set_steps(steps, sizes, y + ABOVE_STEPS + min(spare * 0.2, 28), BETWEEN_STEPS + min(spare * 0.08, 14))

    def _set_steps(self, steps: tuple[str, ...], sizes: Sizes, y: float, between: float) -> None:
        texts, places, signs, sign_places = [], [], [], []
        for step in steps:
            text, height = _block(step, sizes.step, STEP_WIDTH, STEP_LINE)
            texts.append(text)
            signs.append(sign_of(step).value)
            sign_places.append([SAFE_X + 4, y + (sizes.step * STEP_LINE - STEP_SIGN) / 2, STEP_SIGN, STEP_SIGN])
            places.append([SAFE_X + STEP_SIGN + STEP_GAP, y, STEP_WIDTH + sizes.step, height])
            y += height + between
        missing = SHOWN_STEPS - len(steps)
        self.steps, self.steps_at = texts + [""] * missing, places + [NOWHERE] * missing
        self.signs, self.signs_at = signs + [""] * missing, sign_places + [NOWHERE] * missing


def _block(text: str, size: int, width: int, line: float) -> tuple[str, float]:
    """The text with its lines broken, and how high it is."""
    lines = lines_of(text, size, width)
    return "\n".join(map(plain, lines)), len(lines) * size * line


load_kv(__file__)
