"""The forms of quizzes. What a question may say is judged by `rules.py`; here typed text becomes values."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from contentserver.quizzes import rules, service
from contentserver.quizzes.rules import Fault, Words
from contentserver.quizzes.service import Place
from schedules.wire.messages import QuizMode

MODES = {
    QuizMode.ROOM: _("The room agrees on one answer"),
    QuizMode.EACH: _("Each answers in turn, nobody by name"),
}
LETTERS = "ABCD"


class QuestionForm(FlaskForm):
    """The words of a question."""

    text = StringField(_("Question"), validators=[Length(max=500)])
    option_a = StringField(_("Answer %(letter)s", letter="A"), validators=[Length(max=200)])
    option_b = StringField(_("Answer %(letter)s", letter="B"), validators=[Length(max=200)])
    option_c = StringField(_("Answer %(letter)s", letter="C"), validators=[Length(max=200)])
    option_d = StringField(_("Answer %(letter)s", letter="D"), validators=[Length(max=200)])
    right = SelectField(
        _("Right answer"),
        choices=[
            SelectChoice("", _("none: we only want to know")),
            *(SelectChoice(letter, letter) for letter in LETTERS),
        ],
        validators=[Optional()],
    )
    explanation = TextAreaField(_("Explanation, shown with the answer"), validators=[Length(max=500)])
    subject = StringField(_("Subject"), validators=[Length(max=40)])
    version = HiddenField(default="0")

    @property
    def options(self) -> tuple[StringField, StringField, StringField, StringField]:
        """The fields of the answers."""
        return self.option_a, self.option_b, self.option_c, self.option_d

    def fill(self, words: Words, version: int) -> None:
        """Show a question as it stands."""
        self.text.data, self.explanation.data, self.version.data = words.text, words.explanation, str(version)
        for place, field in enumerate(self.options):
            field.data = words.options[place] if place < len(words.options) else ""
        self.right.data = LETTERS[words.right] if words.right >= 0 else ""

    def words(self) -> Words:
        """What is typed; an empty answer is none, and one right answer that is empty is a wrong one."""
        typed = [" ".join((field.data or "").split()) for field in self.options]
        named = LETTERS.find(self.right.data) if self.right.data else rules.NONE_RIGHT
        if named >= 0 and not typed[named]:
            place = rules.MOST_OPTIONS
        else:
            place = sum(bool(option) for option in typed[:named]) if named >= 0 else rules.NONE_RIGHT
        return Words(
            " ".join((self.text.data or "").split()),
            tuple(option for option in typed if option),
            place,
            " ".join((self.explanation.data or "").split()),
        )

    def judged(self) -> bool:
        """Put each fault of the words beside its field; whether there is none."""
        found = rules.faults(self.words())
        for name, fault in found:
            field = self.option_b if fault is Fault.FEW_OPTIONS else self.option_a if name == "options" else self[name]
            field.errors = [*field.errors, service.FAULTS[fault]]
        return not found


class PlaceForm(FlaskForm):
    """When a lesson asks a question, and who answers."""

    when = RadioField(
        _("When"),
        choices=[SelectChoice("end", _("at the end of the lesson")), SelectChoice("minute", _("at a minute of it"))],
        default="end",
    )
    minute = IntegerField(_("Minute"), validators=[Optional(), NumberRange(0, 600)])
    second = IntegerField(_("Second"), validators=[Optional(), NumberRange(0, 59)], default=0)
    mode = RadioField(
        _("Who answers"),
        choices=[SelectChoice(mode.value, words) for mode, words in MODES.items()],
        default=QuizMode.ROOM.value,
    )

    def place(self) -> Place:
        """What is chosen."""
        at_ms = None
        if self.when.data == "minute":
            at_ms = ((self.minute.data or 0) * 60 + (self.second.data or 0)) * 1000
        return Place(at_ms, QuizMode(self.mode.data))


class NewInLessonForm(QuestionForm, PlaceForm):
    """A new question of a lesson, with its place."""
