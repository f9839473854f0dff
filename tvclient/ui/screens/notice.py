"""One notice in large letters, a page at a time. Where its lines break: `core/pages/notice.py`."""

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from schedules.alerts import lines_of
from tvclient.core.pages import notice
from tvclient.core.state import State
from tvclient.ui.screens.notices import about
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, plain
from tvclient.ui.theme import theme

TITLE_WIDTH = 1728
TITLE_LINE = 1.3
LINE = 1.5
FACE_LINE = 1.448
"""Line height of the face itself, in multiples of its size."""
ABOUT_HEIGHT = 60
TOP = 54


class NoticeScreen(ScreenView):
    """Title, who tells it, and some lines."""

    title = StringProperty("")
    title_height = NumericProperty(0)
    about = StringProperty("")
    text = StringProperty("")
    text_height = NumericProperty(0)
    page = StringProperty("")
    back = StringProperty("")
    following = StringProperty("")
    last = BooleanProperty(True)

    def show(self, state: State) -> None:
        """See the base."""
        shown = notice.shown(state)
        pages, page = notice.pages(state), notice.page_shown(state)
        size = theme.size_of("title")
        title = lines_of(shown.title, size, TITLE_WIDTH) if shown else (_("This notice is over"),)
        self.title, self.title_height = "\n".join(map(plain, title)), len(title) * size * TITLE_LINE
        self.about = about(state, shown) if shown else ""
        self.text = "\n".join(map(plain, pages[page]))
        self.text_height = len(pages[page]) * theme.size_of("large") * LINE
        self.last = page + 1 == len(pages)
        turn = _("Page {page} of {pages}") if self.last else _("Page {page} of {pages}, {down} turns it")
        self.page = turn.format(page=page + 1, pages=len(pages), down="{down}") if len(pages) > 1 else ""
        self.back, self.following = _("Back"), _("Read on")


load_kv(__file__)
