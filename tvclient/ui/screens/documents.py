"""The list of documents: each with its number, who sends it, until when, and whether it was read and answered here."""

from datetime import date

from schedules.wire.messages import DocumentCard, ReplyWay
from tvclient.core.geometry import FocusId
from tvclient.core.pages import documents, notices
from tvclient.core.pages.document import is_read, reply_here
from tvclient.core.state import State
from tvclient.ui.screens.rows import RowsScreen
from tvclient.ui.texts import _, _n, plain
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


class DocumentsScreen(RowsScreen[DocumentCard]):
    """Four of them at a time."""

    def show(self, state: State) -> None:
        """See the base."""
        super().show(state)
        held, waiting = documents.held(state), documents.waiting(state)
        self.title, self.more = _("Documents"), _("More")
        some = _n("{count} waits for us", "{count} wait for us", len(waiting)).format(count=len(waiting))
        self.details = (some if waiting else _("nothing waits")) if held else ""
        self.empty_title = "" if held else _("No document was sent to us")
        self.empty_words = "" if held else _("New documents come by themselves")

    def shown(self, state: State) -> tuple[tuple[DocumentCard, ...], int, int]:
        """See the base."""
        return documents.shown(state), documents.page_shown(state), documents.pages(state)

    def focus_of(self, one: DocumentCard) -> FocusId:
        """See the base."""
        return documents.row(one)

    def fill(self, row: NoticeRow, state: State, one: DocumentCard) -> None:
        """See the base."""
        row.opened = not documents.waits(state, one)
        row.title, row.about = plain(one.title), about(one)
        row.word, row.chip = standing(state, one), ""
        row.glyph = "no-line" if one.recalled else ""
