"""A question and its answer in large letters, a page at a time, then its photographs, one on each page.

Where its lines break: `core/pages/notice.py`.
"""

from kivy.properties import NumericProperty, StringProperty

from schedules.wire.messages import AnswerFileKind, CaseCard, CaseState
from tvclient.core import answer_files
from tvclient.core.consulting import judged_as
from tvclient.core.pages import answer, things_of_screen
from tvclient.core.state import State
from tvclient.ui.screens.answers import state_words
from tvclient.ui.screens.notice import TITLE_LINE
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, plain
from tvclient.ui.theme import theme


class AnswerScreen(ScreenView):
    """What was asked, who answers, and some lines; or a photograph."""

    title = StringProperty("")
    title_height = NumericProperty(0)
    about = StringProperty("")
    text = StringProperty("")
    text_height = NumericProperty(0)
    page = StringProperty("")
    picture = StringProperty("")
    asked = StringProperty("")
    role = StringProperty("button")
    listen = StringProperty("")
    note = StringProperty("")
    lesson = StringProperty("")
    helped = StringProperty("")
    not_helped = StringProperty("")
    back = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        self.picture = answer.picture_shown(state)
        if self.picture:
            self.title = self.about = self.text = ""
        else:
            self._show_text(state)
        self.page = _turning(state)
        judged = state.asking.case and judged_as(state.asking.case) in state.reading.opened
        self.asked = _("Did it help?") if answer.may_judge(state) else _("Thank you for telling us") if judged else ""
        self.listen, self.lesson = _("Listen"), _("The lesson")
        self.role = "button" if len(things_of_screen(state)) <= len(answer.WIDE) else "small"
        self.note = _("Silence") if state.asking.note else _("Voice note")
        self.helped, self.not_helped, self.back = _("It helped"), _("It did not"), _("Back")

    def _show_text(self, state: State) -> None:
        case, pages, page = answer.shown(state), answer.pages(state), answer.page_shown(state)
        size = theme.size_of("title")
        title = answer.title(case, simple=state.simple) if case else (_("This question is known no more"),)
        self.title, self.title_height = "\n".join(map(plain, title)), len(title) * size * TITLE_LINE
        self.about = ""
        if case is not None:
            by = plain(case.answered_by) if case.state is CaseState.ANSWERED else ""
            self.about = " · ".join((by or state_words(case), *_coming(state, case)))
        lines = pages[page] or ((_("The answer comes here as soon as there is one"),) if case else ())
        self.text = "\n".join(map(plain, lines))
        self.text_height = len(lines) * theme.size_of("large") * 1.5


def _turning(state: State) -> str:
    """Which page this is, and what the next one is."""
    texts, pictures, page = len(answer.pages(state)), len(answer.pictures(state)), answer.page_shown(state)
    if texts + pictures == 1:
        return ""
    if page + 1 == texts + pictures:
        turn = _("Page {page} of {pages}")
    elif page + 1 == texts:
        turn = _("Page {page} of {pages}, {down} shows the picture")
    else:
        turn = _("Page {page} of {pages}, {down} turns it")
    return turn.format(page=page + 1, pages=texts + pictures, down="{down}")


def _coming(state: State, case: CaseCard) -> tuple[str, ...]:
    """What of the answer is not on this box yet."""
    coming = []
    if answer_files.on_its_way(state, case, AnswerFileKind.PHOTO):
        coming.append(_("the picture is on its way"))
    if answer_files.on_its_way(state, case, AnswerFileKind.VOICE):
        coming.append(_("the voice note is on its way"))
    return tuple(coming)


load_kv(__file__)
