"""The list of documents: each with its number, who sends it, until when, and whether it was read and answered here."""

from datetime import date

from kivy.properties import StringProperty

from schedules.wire.messages import DocumentCard, ReplyWay
from tvclient.core.pages import documents, notices
from tvclient.core.pages.document import is_read, reply_here
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, clock, plain
from tvclient.ui.theme import clipped, em_width, theme
from tvclient.ui.widgets.notice_row import NoticeRow


def document_strip_words(state: State, room: float, role: str) -> str:
    """`待阅文件 2 件 · 关于…的通知`, where one waits; how many there are, where there is no notice; else empty."""
    waiting = documents.waiting(state)
    if not waiting:
        count = len(documents.held(state))
        some = bool(count) and not notices.holding(state)
        return _n("{count} document", "{count} documents", count).format(count=count) if some else ""
    lead = _n("{count} document waits", "{count} documents wait", len(waiting)).format(count=len(waiting)) + " · "
    left = room - em_width(lead) * theme.size_of(role)
    return lead + plain(clipped(waiting[0].title, left, role))


def about(document: DocumentCard) -> str:
    """Who sends it, under which number, and until when it should be read or answered."""
    due = document.reply_due if document.reply is not ReplyWay.NONE and document.reply_due else document.read_due
    parts = [plain(document.issuer), plain(document.number), _("by {day}").format(day=_day(due)) if due else ""]
    return "\u3000".join(part for part in parts if part)


def standing(state: State, document: DocumentCard) -> str:
    """How far it has come here."""
    if document.recalled:
        return _("Recalled")
    if not is_read(state, document):
        return _("To be read")
    if document.reply is ReplyWay.NONE:
        return _("Read")
    if reply_here(state, document):
        return _("We have answered")
    return _("To be answered") if document.reply is ReplyWay.KEYS else _("Read")


def _day(local_date: date) -> str:
    return _("{month}/{day}").format(month=local_date.month, day=local_date.day)


class DocumentsScreen(ScreenView):
    """Four of them at a time."""

    title = StringProperty("")
    details = StringProperty("")
    time = StringProperty("")
    page = StringProperty("")
    back = StringProperty("")
    more = StringProperty("")
    empty_title = StringProperty("")
    empty_words = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows = [NoticeRow() for _at in documents.ROWS_AT]
        for row in self._rows:
            self.add_widget(row)

    def show(self, state: State) -> None:
        """See the base."""
        held, waiting = documents.held(state), documents.waiting(state)
        self.title, self.time = _("Documents"), clock(state.now)
        some = _n("{count} waits for us", "{count} wait for us", len(waiting)).format(count=len(waiting))
        self.details = (some if waiting else _("nothing waits")) if held else ""
        self.empty_title = "" if held else _("No document was sent to us")
        self.empty_words = "" if held else _("New documents come by themselves")
        last = documents.pages(state)
        turn = _("Page {page} of {pages}").format(page=documents.page_shown(state) + 1, pages=last)
        self.page = turn if last > 1 else ""
        self.back, self.more = _("Back"), _("More")
        shown = documents.shown(state)
        for slot, row in enumerate(self._rows):
            document = shown[slot] if slot < len(shown) else None
            row.focus_id = documents.row(document) if document else f"no_document.{slot}"
            if document is not None:
                row.opened = not documents.waits(state, document)
                row.title, row.about = plain(document.title), about(document)
                row.word, row.chip = standing(state, document), ""
                row.glyph = "no-line" if document.recalled else ""


load_kv(__file__)
