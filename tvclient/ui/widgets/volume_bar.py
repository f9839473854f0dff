"""How loud it is, for two seconds after a key for it: a bar with its number at the left edge, free of captions."""

from typing import Any

from kivy.properties import StringProperty

from tvclient.core.geometry import SAFE_X
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen, State
from tvclient.core.volume import bar_shown, muted
from tvclient.ui.texts import _
from tvclient.ui.theme import RADII
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.surface import Surface
from tvclient.ui.widgets.words import Words

_TOP, _WIDTH, _HEIGHT = 250, 190, 520
_BAR_TOP, _BAR_HEIGHT, _BAR_WIDTH, _ICON = 96, 320, 44, 56


class VolumeBar(Surface):
    """Shown over every screen but the settings, which say it themselves."""

    said = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fill="night", corner=RADII["tile"], opacity=0, at=[SAFE_X, _TOP, _WIDTH, _HEIGHT], **kwargs)
        middle = SAFE_X + (_WIDTH - _BAR_WIDTH) / 2
        self._icon = Icon(at=[SAFE_X + (_WIDTH - _ICON) / 2, _TOP + 24, _ICON, _ICON])
        self._whole = Surface(fill="line", corner=_BAR_WIDTH / 2, at=[middle, _TOP + _BAR_TOP, _BAR_WIDTH, _BAR_HEIGHT])
        self._part = Surface(fill="paper", corner=_BAR_WIDTH / 2)
        self._words = Words(role="small", strong=True, halign="center", at=[SAFE_X, _TOP + 430, _WIDTH, 72])
        for part in (self._icon, self._whole, self._part, self._words):
            self.add_widget(part)

    def show(self, state: State) -> None:
        """Become the picture of `state`."""
        shown = bar_shown(state) and current_screen(state) not in (Screen.SETTINGS, Screen.ALERT)
        self.opacity = 1 if shown else 0
        if not shown:
            return
        silent = muted(state)
        percent = 0 if silent else state.volume.percent
        self._icon.glyph, self._icon.tone = ("silent" if silent else "speaker"), ("dry" if silent else "paper")
        height = _BAR_HEIGHT * percent / 100
        low = _TOP + _BAR_TOP + _BAR_HEIGHT - height
        self._part.at = [self._whole.at[0], low, _BAR_WIDTH, height]
        self.said = self._words.text = _("Mute") if silent else str(percent)
