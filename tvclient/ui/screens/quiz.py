"""After a lesson: its questions, one after the other, with large bars for what the room answered."""

from kivy.properties import BooleanProperty, StringProperty

from schedules.wire.messages import QuizMode, QuizQuestion
from tvclient.core import quizzing
from tvclient.core.asked import questions_of
from tvclient.core.pages import quiz
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, clock, heading_of, plain
from tvclient.ui.widgets.option_bar import OptionBar, OptionTile


def dress(bar: OptionBar, state: State, question: QuizQuestion | None, place: int) -> None:
    """Let a bar show an option of a question, and what was answered once that is shown."""
    bar.place_number = place
    if question is None or place >= len(question.options):
        bar.text = bar.count = ""
        bar.shown = bar.right = bar.chosen = False
        return
    counts, shown = quizzing.counts(state, question), quizzing.answer_shown(state, question)
    room = question.mode is QuizMode.ROOM
    bar.text, bar.shown = plain(question.options[place]), shown
    bar.right = place == question.right
    bar.chosen = shown and room and counts[place] > 0
    bar.share = 0.0 if room else counts[place] / max(1, sum(counts))
    bar.count = "" if room else str(counts[place])


def hint_of(state: State, question: QuizQuestion) -> str:
    """What one is to do now."""
    given = quizzing.answered(state, question)
    if quizzing.answer_shown(state, question):
        if question.right < 0:
            return _("Thank you. There is no right or wrong here")
        if question.mode is QuizMode.EACH:
            right = quizzing.counts(state, question)[question.right] if question.right < len(question.options) else 0
            return _n("{right} of {count} chose the right one", "{right} of {count} chose the right one", given).format(
                right=right, count=given
            )
        chosen = quizzing.counts(state, question)
        hit = question.right < len(chosen) and chosen[question.right] > 0
        return _("That is right") if hit else _("The right answer has the tick")
    if question.mode is QuizMode.ROOM:
        return _("Agree on one, then press its number or its colour")
    if not given:
        return _("One after the other: press a number, nobody is named")
    return _n(
        "{count} has answered. The next one, please", "{count} have answered. The next one, please", given
    ).format(count=given)


def short_hint_of(state: State, question: QuizQuestion) -> str:
    """The same over a lesson, where one line has room."""
    if quizzing.answer_shown(state, question):
        return _("The right answer has the tick") if question.right >= 0 else _("Thank you")
    if question.mode is QuizMode.ROOM:
        return _("Agree, then press a number")
    given = quizzing.answered(state, question)
    if not given:
        return _("Press a number, nobody is named")
    return _n("{count} has answered", "{count} have answered", given).format(count=given)


class QuizScreen(ScreenView):
    """One question."""

    title = StringProperty("")
    lesson = StringProperty("")
    time = StringProperty("")
    question = StringProperty("")
    hint = StringProperty("")
    explanation = StringProperty("")
    shown = BooleanProperty(False)
    on = StringProperty("")
    undo = StringProperty("")
    skip = StringProperty("")
    show_words = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._tiles = [OptionTile(focus_id=quiz.option(place)) for place in range(4)]
        self._bars = [OptionBar(at=list(_at(place))) for place in range(4)]
        for each in (*self._bars, *self._tiles):
            self.add_widget(each)

    def show(self, state: State) -> None:
        """See the base."""
        question, airing = quizzing.question_on_screen(state), quizzing.asked_of(state)
        self.time = clock(state.now)
        self.lesson = heading_of(airing.lesson) if airing else ""
        self.shown = question is not None and quizzing.answer_shown(state, question)
        self.title = self._title(state, question)
        self.question = plain(question.text) if question else ""
        self.hint = hint_of(state, question) if question else ""
        self.explanation = plain(question.explanation) if question and self.shown else ""
        for place, (tile, bar) in enumerate(zip(self._tiles, self._bars, strict=True)):
            dress(tile.bar, state, None if self.shown else question, place)
            dress(bar, state, question if self.shown else None, place)
        self.on, self.skip, self.show_words = _("Go on"), _("Leave it out"), _("See the answer")
        each = question is not None and question.mode is QuizMode.EACH
        if self.shown:
            self.undo = _("Take the last one back") if each else _("Answer again")
        else:
            self.undo = _("Take the last one back")

    def _title(self, state: State, question: QuizQuestion | None) -> str:
        airing = quizzing.asked_of(state)
        asked = questions_of(state.papers.quizzes, airing) if airing else ()
        if question is None or len(asked) < 2:
            return _("A question for everybody")
        number = 1 + [one.id for one in asked].index(question.id)
        return _("Question {number} of {count}").format(number=number, count=len(asked))


def _at(place: int) -> tuple[float, float, float, float]:
    rect = quiz.OPTIONS_AT[place]
    return rect.x, rect.y, rect.w, rect.h


load_kv(__file__)
