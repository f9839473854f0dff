"""The forms about boxes: enter a code, move, replace, end, and when a box may fetch."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Regexp
from wtforms.validators import Optional as MayBeEmpty
from wtforms.widgets import TimeInput

_CLOCK = Regexp(r"([01]\d|2[0-3]):[0-5]\d", message=_("Write the time as 19:30."))


class ClaimForm(FlaskForm):
    """The code on the screen and the station the television stands in."""

    code = StringField(_("Code on the television"), validators=[InputRequired(_("Type the code.")), Length(max=20)])
    station = SelectField(_("Station"), validators=[InputRequired(_("Choose the station."))])


class MoveForm(FlaskForm):
    """The station to which a box is carried."""

    station = SelectField(_("Station"), validators=[InputRequired(_("Choose the station."))])


class ReplaceForm(FlaskForm):
    """The number of the box that takes another one's place."""

    successor = IntegerField(
        _("Number of the new box"),
        validators=[InputRequired(_("Give the number of the new box.")), NumberRange(1, 2**31 - 1)],
    )


class EndForm(FlaskForm):
    """Why a box is let go."""

    reason = TextAreaField(
        _("Reason, as its television shows it"),
        validators=[
            InputRequired(_("Say why, in at most 300 characters; the television shows it.")),
            Length(max=300, message=_("Say why, in at most 300 characters; the television shows it.")),
        ],
    )


class FetchingForm(FlaskForm):
    """When and how much a station's line may be used."""

    quiet_from = StringField(_("Quiet from"), validators=[MayBeEmpty(), _CLOCK], widget=TimeInput())
    quiet_until = StringField(_("Quiet until"), validators=[MayBeEmpty(), _CLOCK], widget=TimeInput())
    daily_mb = IntegerField(
        _("At most so many MB a day"),
        validators=[MayBeEmpty(), NumberRange(0, 1_000_000, message=_("Give a whole number from 0 to 1000000."))],
    )
    neighbours = BooleanField(_("Ask televisions on the same network first"))
