"""What lists of notices, documents and questions share: four rows, the page, and what stands where there is none."""

from typing import Generic, TypeVar

from kivy.properties import ListProperty, StringProperty

from tvclient.core.geometry import FocusId
from tvclient.core.pages.notices import ROWS_AT
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, clock
from tvclient.ui.widgets.notice_row import NoticeRow

_T = TypeVar("_T")


class RowsScreen(ScreenView, Generic[_T]):
    """A list. Subclasses say how it is called, which of it is shown, and what stands in each row."""

    title = StringProperty("")
    details = StringProperty("")
    time = StringProperty("")
    page = StringProperty("")
    page_at = ListProperty([96, 930, 390, 64])
    back = StringProperty("")
    more = StringProperty("")
    empty_glyph = StringProperty("bell")
    empty_title = StringProperty("")
    empty_words = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows = [NoticeRow() for _at in ROWS_AT]
        for row in self._rows:
            self.add_widget(row)

    def show(self, state: State) -> None:
        """See the base."""
        self.time, self.back = clock(state.now), _("Back")
        shown, at, last = self.shown(state)
        turn = _("Page {page} of {pages}").format(page=at + 1, pages=last)
        self.page = turn if last > 1 else ""
        for slot, row in enumerate(self._rows):
            if slot < len(shown):
                row.focus_id = self.focus_of(shown[slot])
                self.fill(row, state, shown[slot])
            else:
                row.focus_id = f"no_row.{slot}"

    def shown(self, state: State) -> tuple[tuple[_T, ...], int, int]:
        """What stands on the page that is shown; which page that is, from 0; of how many."""
        raise NotImplementedError

    def focus_of(self, one: _T) -> FocusId:
        """The row of one of them."""
        raise NotImplementedError

    def fill(self, row: NoticeRow, state: State, one: _T) -> None:
        """Write one of them into its row."""
        raise NotImplementedError


load_kv(__file__)
