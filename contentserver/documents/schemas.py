"""The form of a document. What it may say is judged by `rules.py`; here typed text becomes values."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from contentserver.documents import words
from contentserver.documents.rules import DocumentWordsOf, FieldFault, ReplyKind, document_id


class DocumentForm(FlaskForm):
    """A document as a person writes it."""

    regions = SelectMultipleField(_("Regions"), validate_choice=False)
    groups = SelectMultipleField(_("Groups of stations"), validate_choice=False)
    to_offices = BooleanField(_("Offices: whoever has an account there"))
    to_stations = BooleanField(_("Stations: on their pages and on their televisions"))
    title = StringField(_("What it is about"), validators=[Length(max=1000)])
    text = TextAreaField(_("Text"), validators=[Length(max=40_000)])
    read_days = IntegerField(_("To be read within"), validators=[Optional()])
    reply = SelectField(_("Answer"), validate_choice=False)
    options = TextAreaField(_("Answers or fields"), validators=[Length(max=4000)])
    reply_days = IntegerField(_("To be answered within"), validators=[Optional()])
    saved = IntegerField(widget=HiddenInput(), default=0, validators=[Optional()])

    def fill(self, asked: DocumentWordsOf, saved: int) -> None:
        """Show a document as it stands."""
        self.regions.data, self.groups.data = list(asked.regions), [str(one) for one in asked.groups]
        self.to_offices.data, self.to_stations.data = asked.to_offices, asked.to_stations
        self.title.data, self.text.data = asked.title, asked.text
        self.read_days.data, self.reply_days.data = asked.read_days, asked.reply_days
        self.reply.data, self.options.data = asked.reply.value, "\n".join(asked.options)
        self.saved.data = saved

    def stand_on(self, saved: int) -> None:
        """Let the next saving replace this one."""
        self.saved.data, self.saved.raw_data = saved, None

    def asked(self) -> DocumentWordsOf:
        """What is typed, whether it may stand or not."""
        kind = self.reply.data if self.reply.data in {*ReplyKind} else ReplyKind.NONE
        return DocumentWordsOf(
            regions=tuple(self.regions.data or ()),
            groups=tuple(document_id(one) or UUID(int=0) for one in self.groups.data or ()),
            title=self.title.data or "",
            text=self.text.data or "",
            to_offices=bool(self.to_offices.data),
            to_stations=bool(self.to_stations.data),
            read_days=self.read_days.data,
            reply_days=self.reply_days.data,
            reply=ReplyKind(kind),
            options=tuple((self.options.data or "").splitlines()),
        )

    def blame(self, faults: Sequence[FieldFault]) -> None:
        """Put each fault beside its field."""
        for found in faults:
            field = self[found.field]
            field.errors = [*field.errors, words.FAULTS[found.fault]]
