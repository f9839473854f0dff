"""The form by which somebody enters a television's code."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length


class ClaimForm(FlaskForm):
    """The code on the screen and the station the television stands in."""

    code = StringField(_("Code on the television"), validators=[InputRequired(_("Type the code.")), Length(max=20)])
    station = SelectField(_("Station"), validators=[InputRequired(_("Choose the station."))])
