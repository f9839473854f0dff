"""What every screen is: a picture of State whose focusable things stand where the core says."""

from pathlib import Path

from kivy.lang import Builder
from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from tvclient.core.geometry import Focusable
from tvclient.core.state import State
from tvclient.ui.widgets.placed import Thing


def load_kv(module_file: str) -> None:
    """Load the .kv beside a screen's module."""
    Builder.load_file(str(Path(module_file).with_suffix(".kv")))


class ScreenView(Widget):
    """One screen. Subclasses say in `show` what is on it."""

    gallery = ObjectProperty(None, allownone=True)
    album = ObjectProperty(None, allownone=True)
    caption_at = ObjectProperty(None, allownone=True)

    def show(self, state: State) -> None:
        """Become the picture of `state`; equal values cost nothing."""
        raise NotImplementedError

    def animate(self, position_ms: int) -> None:
        """The video moved to this media time; only the broadcast screen cares."""

    def place_things(self, focusables: tuple[Focusable, ...]) -> dict[str, Thing]:
        """Put every focusable thing at its rectangle, hide those that cannot be had now; return them by id."""
        wanted = {thing.id: thing.rect for thing in focusables}
        shown: dict[str, Thing] = {}
        for widget in self.walk(restrict=True):
            if not isinstance(widget, Thing) or not widget.focus_id:
                continue
            rect = wanted.get(widget.focus_id)
            widget.opacity = 1 if rect else 0
            if rect:
                widget.at = [rect.x, rect.y, rect.w, rect.h]
                shown[widget.focus_id] = widget
        return shown
