"""What the room has asked: each question with how far it has come."""

from kivy.properties import StringProperty

from schedules.wire.messages import CaseCard, CaseState
from tvclient.core.consulting import answer_opened_as
from tvclient.core.pages import answers
from tvclient.core.screens import local
from tvclient.core.state import State
from tvclient.ui.screens.ask import topic_words
from tvclient.ui.screens.sentences import sentence_words
from tvclient.ui.screens.view import ScreenView, load_kv
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


class AnswersScreen(ScreenView):
    """Four of them at a time."""

    title = StringProperty("")
    details = StringProperty("")
    time = StringProperty("")
    page = StringProperty("")
    back = StringProperty("")
    more = StringProperty("")
    ask = StringProperty("")
    empty_title = StringProperty("")
    empty_words = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows = [NoticeRow() for _at in answers.ROWS_AT]
        for row in self._rows:
            self.add_widget(row)

    def show(self, state: State) -> None:
        """See the base."""
        cases = state.papers.green_channel.cases
        self.title, self.time = _("What we asked"), clock(state.now)
        self.details = _taken(state)
        nothing = _("It is on its way") if answers.just_asked(state) else _("Nothing was asked here yet")
        self.empty_title = "" if cases else nothing
        self.empty_words = "" if cases else _("An expert answers, and the answer comes here")
        last = answers.pages(state)
        turn = _("Page {page} of {pages}").format(page=answers.page_shown(state) + 1, pages=last)
        self.page = turn if last > 1 else ""
        self.back, self.more, self.ask = _("Back"), _("More questions"), _("Ask something")
        shown = answers.shown(state)
        for slot, row in enumerate(self._rows):
            case = shown[slot] if slot < len(shown) else None
            row.focus_id = answers.row(case) if case else f"no_case.{slot}"
            if case is not None:
                row.opened = case.state is not CaseState.ANSWERED or answer_opened_as(case.id) in state.reading.opened
                row.title, row.word = plain(case.question), state_words(case)
                row.about = f"{topic_words(case.topic)}\u3000{_day(state, case)}"
                row.chip = "" if row.opened else _("New")
                row.glyph = "clock" if case.state in (CaseState.OPEN, CaseState.TAKEN) else ""


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
