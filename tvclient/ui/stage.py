"""One State in, one picture out: chooses the screen, places what can have the focus, moves the ring.

Everything it shows was decided in `tvclient.core`. Screens live as long as the stage; only one is in the tree.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Final

from kivy.animation import Animation
from kivy.core.window import Window
from kivy.uix.widget import Widget

from schedules.airings import PackageName
from schedules.wire.messages import PackageReport
from tvclient.core.keys import focused
from tvclient.core.notices import notice
from tvclient.core.pages import things_of_screen
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen, State
from tvclient.ui import spoken, texts
from tvclient.ui.photographs import Photographs
from tvclient.ui.posters import Posters
from tvclient.ui.screens.view import ScreenView
from tvclient.ui.theme import SCREEN_SECONDS, theme
from tvclient.ui.widgets.focus_ring import FocusRing
from tvclient.ui.widgets.notice import NoticeCard
from tvclient.ui.widgets.placed import Thing
from tvclient.ui.widgets.poster import Poster
from tvclient.ui.widgets.question import QuestionCard
from tvclient.ui.widgets.volume_bar import VolumeBar
from tvclient.ui.widgets.watched_frame import WatchedFrame

SCREENS: Final[Mapping[Screen, str]] = {
    Screen.ENROLMENT: "enrolment.EnrolmentScreen",
    Screen.ENDED: "ended.EndedScreen",
    Screen.COUNTDOWN: "countdown.CountdownScreen",
    Screen.BROADCAST: "broadcast.BroadcastScreen",
    Screen.TODAY: "today.TodayScreen",
    Screen.WEEK: "week.WeekScreen",
    Screen.STATION: "station.StationScreen",
    Screen.NOTICES: "notices.NoticesScreen",
    Screen.NOTICE: "notice.NoticeScreen",
    Screen.DOCUMENTS: "documents.DocumentsScreen",
    Screen.DOCUMENT: "document.DocumentScreen",
    Screen.MARKET: "market.MarketScreen",
    Screen.OFFER: "offer.OfferScreen",
    Screen.NAMES: "names.NamesScreen",
    Screen.LIBRARY: "library.LibraryScreen",
    Screen.COURSE: "course.CourseScreen",
    Screen.SIGN_IN: "sign_in.SignInScreen",
    Screen.ASK: "ask.AskScreen",
    Screen.SENTENCES: "sentences.SentencesScreen",
    Screen.ANSWERS: "answers.AnswersScreen",
    Screen.ANSWER: "answer.AnswerScreen",
    Screen.QUIZ: "quiz.QuizScreen",
    Screen.AFTER: "after.AfterScreen",
    Screen.SETTINGS: "settings.SettingsScreen",
    Screen.LEARNING: "learning.LearningScreen",
    Screen.ALERT: "alert.AlertScreen",
}
"""Where each screen is, below `ui/screens`."""


class Stage(Widget):
    """The whole picture.

    Args:
        poster_of: the file of a package's poster, or None.
        caption_at: the caption of a media time in milliseconds; empty for none.
        video: what draws the lesson, beneath everything; None where nothing plays.
        say: reads words aloud; asked where people want the words of what has the focus.
        answer_file: the file of an answer's photograph, or None.
    """

    def __init__(
        self,
        poster_of: Callable[[PackageName], Path | None],
        caption_at: Callable[[int], str],
        video: Widget | None = None,
        say: Callable[[str], None] | None = None,
        answer_file: Callable[[str], Path | None] = lambda _sha256: None,
    ) -> None:
        super().__init__()
        self.posters = Posters(poster_of)
        self.album = Photographs(answer_file)
        self.ring = FocusRing()
        self.notice = NoticeCard()
        self.question = QuestionCard()
        self._volume = VolumeBar()
        self._frame = WatchedFrame()
        self._say = say
        self._said: tuple[Thing | None, str, datetime | None] = (None, "", None)
        self.screen: Screen | None = None
        self._blocked = 0
        self._packages: Mapping[PackageName, PackageReport] = {}
        self._caption_at = caption_at
        self._views = _Views(self._finish)
        self._video = video
        self._above = (self.question, self.ring, self.notice, self._volume, self._frame)
        """Over every screen, in this order; what is not seen is not drawn, for each layer costs time."""
        self._laid: list[Widget] = []
        Window.fbind("size", self._fit)
        self._fit()

    @property
    def idle(self) -> bool:
        """Whether no picture is being read."""
        return self.posters.idle and self.album.idle

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
        things = view.place_things(things_of_screen(state)) | self.question.show(state)
        self._frame.show(state)
        self._volume.show(state)
        self.notice.show(notice(state))
        if changed:
            self._change(screen, view)
        self._lay()
        focus = focused(state)
        thing = things.get(focus) if focus else None
        if changed or thing is not self.ring.thing:
            self.ring.settle(thing, at_once=changed)
        if state.blocked and state.blocked[1] != self._blocked:
            self._blocked = state.blocked[1]
            self.ring.push(state.blocked[0])
        self._speak(state, thing)

    def carry(self, video: Widget) -> None:
        """Show lessons by this from now on, beneath everything."""
        self._video = video
        if self.screen is Screen.BROADCAST:
            self.add_widget(video, len(self.children))

    def clear(self) -> None:
        """Show nothing; the next picture comes at once, as the first one does."""
        if self.view is not None:
            self.remove_widget(self.view)
        self.ring.settle(None, at_once=True)
        self.screen, self._blocked = None, 0

    def moved(self, position_ms: int) -> None:
        """A new picture of the video is shown, of this media time."""
        if self.view is not None:
            self.view.animate(position_ms)

    def close(self) -> None:
        """Let go of threads."""
        self.posters.close()
        self.album.close()

    def _speak(self, state: State, thing: Thing | None) -> None:
        """Say what has the focus, where people want that: after a move, and where a key has changed its words."""
        if self._say is None or not state.labels or thing is None or self.screen is Screen.ALERT:
            self._said = (None, "", None)
            return
        before, words, key_at = self._said
        if thing is before and state.last_key_at == key_at:
            return
        said = spoken.words_of(thing)
        if said and (thing is not before or said != words):
            self._say(said)
        self._said = (thing, said, state.last_key_at)

    def _change(self, screen: Screen, view: ScreenView) -> None:
        before, left = self.view, self.screen
        self.screen = screen
        fades = before is not None and screen is not Screen.ALERT  # an alert is a cut
        if before is not None:
            Animation.cancel_all(before, "opacity")
        self.clear_widgets()
        self._laid = []
        if self._video is not None and (screen is Screen.BROADCAST or (fades and left is Screen.BROADCAST)):
            self.add_widget(self._video)
        self.add_widget(view)
        view.opacity = 1
        if fades:
            view.opacity = 0
            fade = Animation(opacity=1, d=SCREEN_SECONDS)
            fade.fbind("on_complete", self._faded)
            fade.start(view)

    def _faded(self, *_: object) -> None:
        """The screen covers everything now; a picture under it would be drawn for nobody."""
        if self._video is not None and self._video.parent is self and self.screen is not Screen.BROADCAST:
            self.remove_widget(self._video)

    def _lay(self) -> None:
        seen = [each for each in self._above if each.opacity]
        if seen != self._laid:
            for each in self._laid:
                self.remove_widget(each)
            for each in seen:
                self.add_widget(each)
            self._laid = seen

    def _finish(self, view: ScreenView) -> None:
        view.gallery, view.album = self.posters, self.album
        view.caption_at = self._caption_at

    def _fit(self, *_: object) -> None:
        self.size = Window.size
        theme.fit(*Window.size)
        if self.ring.thing is not None:
            self.ring.settle(self.ring.thing, at_once=True)


class _Views(dict[Screen, ScreenView]):
    """Screens, each made when it is first shown: a television seldom shows more than a few of them."""

    def __init__(self, finish: Callable[[ScreenView], None]) -> None:
        super().__init__()
        self._finish = finish

    def __missing__(self, screen: Screen) -> ScreenView:
        module, _, name = SCREENS[screen].partition(".")
        view: ScreenView = getattr(import_module(f"tvclient.ui.screens.{module}"), name)()
        self._finish(view)
        self[screen] = view
        return view
