"""A question and its answer in large letters, a page at a time. Where its lines break: `core/pages/notice.py`."""

from kivy.properties import NumericProperty, StringProperty

from schedules.alerts import lines_of
from schedules.wire.messages import CaseState
from tvclient.core.consulting import judged_as
from tvclient.core.pages import answer
from tvclient.core.state import State
from tvclient.ui.screens.answers import state_words
from tvclient.ui.screens.notice import TITLE_LINE, TITLE_WIDTH
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, plain
from tvclient.ui.theme import theme


class AnswerScreen(ScreenView):
    """What was asked, who answers, and some lines."""

    title = StringProperty("")
    title_height = NumericProperty(0)
    about = StringProperty("")
    text = StringProperty("")
    text_height = NumericProperty(0)
    page = StringProperty("")
    asked = StringProperty("")
    listen = StringProperty("")
    lesson = StringProperty("")
    helped = StringProperty("")
    not_helped = StringProperty("")
    back = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        case, pages, page = answer.shown(state), answer.pages(state), answer.page_shown(state)
        size = theme.size_of("title")
        title = lines_of(case.question, size, TITLE_WIDTH)[:2] if case else (_("This question is known no more"),)
        self.title, self.title_height = "\n".join(map(plain, title)), len(title) * size * TITLE_LINE
        self.about = ""
        if case is not None:
            by = plain(case.answered_by) if case.state is CaseState.ANSWERED else ""
            self.about = by or state_words(case)
        lines = pages[page] or ((_("The answer comes here as soon as there is one"),) if case else ())
        self.text = "\n".join(map(plain, lines))
        self.text_height = len(lines) * theme.size_of("large") * 1.5
        turn = _("Page {page} of {pages}, {down} turns it") if page + 1 < len(pages) else _("Page {page} of {pages}")
        self.page = turn.format(page=page + 1, pages=len(pages), down="{down}") if len(pages) > 1 else ""
        judged = case is not None and judged_as(case.id) in state.reading.opened
        self.asked = _("Did it help?") if answer.may_judge(state) else _("Thank you for telling us") if judged else ""
        self.listen, self.lesson = _("Listen"), _("The lesson")
        self.helped, self.not_helped, self.back = _("It helped"), _("It did not"), _("Back")


load_kv(__file__)
