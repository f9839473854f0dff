"""The list of notices: each with who tells it, since when, and whether somebody has opened it here."""

from datetime import datetime

from kivy.properties import StringProperty

from schedules.wire.messages import NoticeCard
from tvclient.core.geometry import FocusId
from tvclient.core.pages import notices
from tvclient.core.screens import local
from tvclient.core.state import State
from tvclient.ui.screens.rows import RowsScreen
from tvclient.ui.screens.view import load_kv
from tvclient.ui.texts import _, _n, clock, plain
from tvclient.ui.theme import clipped, em_width, theme
from tvclient.ui.widgets.notice_row import NoticeRow


def strip_words(state: State, room: float, role: str) -> str:
    """`通知 2 条 · 冬小麦保险开始登记`: how many hold, and the first that nobody has opened, in so much room."""
    holding, waiting = notices.holding(state), notices.not_opened(state)
    count = _n("{count} notice", "{count} notices", len(holding)).format(count=len(holding)) + " · "
    left = room - em_width(count) * theme.size_of(role)
    return count + (plain(clipped(waiting[0].title, left, role)) if waiting else _("all were read"))


def about(state: State, notice: NoticeCard) -> str:
    """Who tells it, and since when."""
    return f"{plain(notice.issuer)}\u3000{_day(state, notice.published_at)}"


def _day(state: State, instant: datetime) -> str:
    date = local(instant)
    if date.date() == local(state.now).date():
        return _("Today {time}").format(time=clock(instant))
    return _("{month}/{day}").format(month=date.month, day=date.day)


class NoticesScreen(RowsScreen[NoticeCard]):
    """Four of them at a time."""

    documents = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        super().show(state)
        holding, waiting = notices.holding(state), notices.not_opened(state)
        self.title, self.more, self.documents = _("Notices"), _("More notices"), _("Documents")
        new = _n("{count} not read yet", "{count} not read yet", len(waiting)).format(count=len(waiting))
        self.details = (new if waiting else _("all were read")) if holding else ""
        self.empty_title = "" if holding else _("There is no notice at the moment")
        self.empty_words = "" if holding else _("New notices come by themselves")

    def shown(self, state: State) -> tuple[tuple[NoticeCard, ...], int, int]:
        """See the base."""
        return notices.shown(state), notices.page_shown(state), notices.pages(state)

    def focus_of(self, one: NoticeCard) -> FocusId:
        """See the base."""
        return notices.row(one)

    def fill(self, row: NoticeRow, state: State, one: NoticeCard) -> None:
        """See the base."""
        row.opened = notices.is_opened(state, one)
        row.title, row.about = plain(one.title), about(state, one)
        row.word = _("Read") if row.opened else _("Not read yet")
        row.chip = _("Important") if one.important else ""


load_kv(__file__)
