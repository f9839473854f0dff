"""One State in, one picture out: chooses the screen, places what can have the focus, moves the ring.

Everything it shows was decided in `tvclient.core`. Screens live as long as the stage; only one is in the tree.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from kivy.animation import Animation
from kivy.core.window import Window
from kivy.uix.widget import Widget

from schedules.airings import PackageName
from schedules.wire.messages import PackageReport
from tvclient.core.keys import focused
from tvclient.core.layout import focusables
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen, State
from tvclient.ui import texts
from tvclient.ui.posters import Posters
from tvclient.ui.screens.after import AfterScreen
from tvclient.ui.screens.alert import AlertScreen
from tvclient.ui.screens.broadcast import BroadcastScreen
from tvclient.ui.screens.countdown import CountdownScreen
from tvclient.ui.screens.enrolment import EnrolmentScreen
from tvclient.ui.screens.sign_in import SignInScreen
from tvclient.ui.screens.today import TodayScreen
from tvclient.ui.screens.view import ScreenView
from tvclient.ui.theme import SCREEN_SECONDS, theme
from tvclient.ui.widgets.focus_ring import FocusRing
from tvclient.ui.widgets.poster import Poster


class Stage(Widget):
    """The whole picture.

    Args:
        poster_of: the file of a package's poster, or None.
        caption_at: the caption of a media time in milliseconds; empty for none.
        video: what draws the lesson, beneath everything; None where nothing plays.
    """

    def __init__(
        self,
        poster_of: Callable[[PackageName], Path | None],
        caption_at: Callable[[int], str],
        video: Widget | None = None,
    ) -> None:
        super().__init__()
        self.posters = Posters(poster_of)
        self.ring = FocusRing()
        self.screen: Screen | None = None
        self._blocked = 0
        self._packages: Mapping[PackageName, PackageReport] = {}
        self._views = _views()
        for view in self._views.values():
            view.gallery = self.posters
        self._views[Screen.BROADCAST].caption_at = caption_at
        if video is not None:
            self.add_widget(video)
        self.add_widget(self.ring)
        Window.fbind("size", self._fit)
        self._fit()

    @property
    def view(self) -> ScreenView | None:
        """The screen that is shown."""
        return self._views[self.screen] if self.screen else None

    def show(self, state: State) -> None:
        """Become the picture of `state`."""
        texts.use(state.language)
        theme.simple = state.simple
        screen = current_screen(state)
        view = self._views[screen]
        changed = screen is not self.screen
        view.show(state)
        if changed or state.packages != self._packages:
            self._packages = state.packages
            for widget in view.walk(restrict=True):
                if isinstance(widget, Poster):
                    widget.ask()
        things = view.place_things(focusables(state))
        if changed:
            self._change(screen, view)
        focus = focused(state)
        thing = things.get(focus) if focus else None
        if changed or thing is not self.ring.thing:
            self.ring.settle(thing, at_once=changed)
        if state.blocked and state.blocked[1] != self._blocked:
            self._blocked = state.blocked[1]
            self.ring.push(state.blocked[0])

    def moved(self, position_ms: int) -> None:
        """A new picture of the video is shown, of this media time."""
        if self.view is not None:
            self.view.animate(position_ms)

    def close(self) -> None:
        """Let go of threads."""
        self.posters.close()

    def _change(self, screen: Screen, view: ScreenView) -> None:
        before = self.view
        self.screen = screen
        if before is not None:
            Animation.cancel_all(before, "opacity")
            self.remove_widget(before)
        self.remove_widget(self.ring)
        self.add_widget(view)
        self.add_widget(self.ring)
        view.opacity = 1
        if before is not None and screen is not Screen.ALERT:  # an alert is a cut
            view.opacity = 0
            Animation(opacity=1, d=SCREEN_SECONDS).start(view)

    def _fit(self, *_: object) -> None:
        self.size = Window.size
        theme.fit(*Window.size)
        if self.ring.thing is not None:
            self.ring.settle(self.ring.thing, at_once=True)


def _views() -> dict[Screen, ScreenView]:
    return {
        Screen.ENROLMENT: EnrolmentScreen(),
        Screen.COUNTDOWN: CountdownScreen(),
        Screen.BROADCAST: BroadcastScreen(),
        Screen.TODAY: TodayScreen(),
        Screen.SIGN_IN: SignInScreen(),
        Screen.AFTER: AfterScreen(),
        Screen.ALERT: AlertScreen(),
    }
