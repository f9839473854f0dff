"""One document in large letters, a page at a time, its answers as tiles. Lines break in `core/pages/document.py`."""

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from schedules.wire.messages import DocumentCard, ReplyWay
from tvclient.core.pages import document
from tvclient.core.state import State
from tvclient.ui.screens.documents import about
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, plain
from tvclient.ui.theme import theme
from tvclient.ui.widgets.push_button import PushButton

TITLE_LINE, LINE, FACE_LINE = 1.3, 1.5, 1.448
"""Line heights in multiples of the letters; the last one is that of the face itself."""
ABOUT_HEIGHT = 60
TOP = 54


def option_words(option: str) -> str:
    """An answer as the room reads it."""
    match option:
        case "yes":
            return _("Yes")
        case "no":
            return _("No")
        case own:
            return plain(own)


class DocumentScreen(ScreenView):
    """Title, number and issuer, some lines; what to do next."""

    title = StringProperty("")
    title_height = NumericProperty(0)
    about = StringProperty("")
    text = StringProperty("")
    text_height = NumericProperty(0)
    page = StringProperty("")
    question = StringProperty("")
    back = StringProperty("")
    following = StringProperty("")
    confirm = StringProperty("")
    answer = StringProperty("")
    last = BooleanProperty(True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._tiles = [PushButton(focus_id=document.option(place)) for place in range(document.MOST_OPTIONS)]
        for tile in self._tiles:
            self.add_widget(tile)

    def show(self, state: State) -> None:
        """See the base."""
        shown, answering = document.shown(state), document.answering(state)
        size = theme.size_of("title")
        title = (
            document.title_lines(shown, simple=state.simple) if shown else (_("This document is not here any more"),)
        )
        self.title, self.title_height = "\n".join(map(plain, title)), len(title) * size * TITLE_LINE
        self.about = about(shown) if shown else ""
        lines = () if answering else document.text_pages(state)[document.page_shown(state)]
        self.text = "\n".join(map(plain, lines))
        self.text_height = len(lines) * theme.size_of("large") * LINE
        if shown is not None and shown.recalled:
            self.text = _("Recalled: {reason}").format(reason=plain(shown.recalled))
            self.text_height = 3 * theme.size_of("large") * LINE
        self._below(state, shown)
        self.back, self.following = _("Back"), _("Read on")
        self.confirm, self.answer = _("We have read it"), _("Answer")
        self._answers(state, shown if answering else None)

    def _below(self, state: State, shown: DocumentCard | None) -> None:
        page, pages = document.page_shown(state), document.pages(state)
        many = len(document.text_pages(state))
        self.last = page + 1 == pages and (shown is None or document.is_read(state, shown))
        if shown is None or shown.recalled or document.answering(state):
            self.page = ""
        elif page + 1 < many:
            turn = _("Page {page} of {pages}, {down} turns it")
            self.page = turn.format(page=page + 1, pages=many, down="{down}")
        elif not document.is_read(state, shown):
            self.page = _("OK tells the office that it was read")
        elif shown.attachments or shown.reply is ReplyWay.ELSEWHERE:
            self.page = _("Attachments and longer answers: by computer or phone")
        else:
            self.page = _("The office knows that it was read")

    def _answers(self, state: State, shown: DocumentCard | None) -> None:
        chosen = document.reply_here(state, shown) if shown else ""
        offered = document.options(state) if shown else ()
        self.question = (
            (_("Answered. Another answer replaces it") if chosen else _("What is our answer?")) if shown else ""
        )
        for place, tile in enumerate(self._tiles):
            option = offered[place] if place < len(offered) else ""
            tile.text, tile.chosen = option_words(option), bool(option) and option == chosen


load_kv(__file__)
