"""The sign-in form."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    """Name and password."""

    username = StringField(_("Account"), validators=[InputRequired(_("Type your account.")), Length(max=64)])
    password = PasswordField(_("Password"), validators=[InputRequired(_("Type your password.")), Length(max=200)])
