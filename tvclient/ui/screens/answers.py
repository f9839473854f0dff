"""What the room has asked: each question with how far it has come."""

from kivy.properties import StringProperty

from schedules.wire.messages import CaseCard, CaseState
from tvclient.core.consulting import answer_opened_as
from tvclient.core.geometry import FocusId
from tvclient.core.pages import answers
from tvclient.core.screens import local
from tvclient.core.state import State
from tvclient.ui.screens.ask import topic_words
from tvclient.ui.screens.rows import RowsScreen
from tvclient.ui.screens.sentences import sentence_words
from tvclient.ui.screens.view import load_kv
from tvclient.ui.texts import _, _n, clock, plain
from tvclient.ui.theme import clipped, em_width, theme
from tvclient.ui.widgets.notice_row import NoticeRow


def state_words(case: CaseCard) -> str:
    """How far a question has come."""
    match case.state:
        case CaseState.OPEN:
            return _("On its way to an expert")
        case CaseState.TAKEN:
            return _("An expert is at it")
        case CaseState.ANSWERED:
            return _("Answered")
        case CaseState.CLOSED:
            return _("Closed")


def answer_strip_words(state: State, room: float, role: str) -> str:
    """`您问的问题有答复了`, where nobody has read it yet; else empty."""
    waiting = answers.not_opened(state)
    if not waiting:
        return ""
    if len(waiting) == 1:
        lead = _("Your question was answered: {question}")
        left = room - em_width(lead.replace("{question}", "")) * theme.size_of(role)
        return lead.format(question=plain(clipped(waiting[0].question, left, role)))
    return _n("{count} question was answered", "{count} questions were answered", len(waiting)).format(
        count=len(waiting)
    )


class AnswersScreen(RowsScreen[CaseCard]):
    """Four of them at a time."""

    said = StringProperty("")
    ask = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        super().show(state)
        cases = state.papers.green_channel.cases
        self.title, self.more, self.ask = _("What we asked"), _("More questions"), _("Ask something")
        self.said = _taken(state)
        nothing = _("It is on its way") if answers.just_asked(state) else _("Nothing was asked here yet")
        self.empty_title = "" if cases else nothing
        self.empty_words = "" if cases else _("An expert answers, and the answer comes here")

    def shown(self, state: State) -> tuple[tuple[CaseCard, ...], int, int]:
        """See the base."""
        return answers.shown(state), answers.page_shown(state), answers.pages(state)

    def focus_of(self, one: CaseCard) -> FocusId:
        """See the base."""
        return answers.row(one)

    def fill(self, row: NoticeRow, state: State, one: CaseCard) -> None:
        """See the base."""
        row.opened = one.state is not CaseState.ANSWERED or answer_opened_as(one.id) in state.reading.opened
        row.title, row.word = plain(one.question), state_words(one)
        row.about = f"{topic_words(one.topic)}\u3000{_day(state, one)}"
        row.chip = "" if row.opened else _("New")
        row.glyph = "clock" if one.state in (CaseState.OPEN, CaseState.TAKEN) else ""


def _taken(state: State) -> str:
    """That a question was taken, for a moment after it was asked."""
    if not answers.just_asked(state):
        return ""
    asked = sentence_words(state.asking.asked)
    said = _("Noted: {question}") if state.online else _("Noted, it leaves with the line: {question}")
    return said.format(question=asked)


def _day(state: State, case: CaseCard) -> str:
    date = local(case.asked_at)
    if date.date() == local(state.now).date():
        return _("Today {time}").format(time=clock(case.asked_at))
    return _("{month}/{day}").format(month=date.month, day=date.day)


load_kv(__file__)
