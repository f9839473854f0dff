"""Forms: the door, passwords and codes, a person's facts, the days somebody is away."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, EmailField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional


class SignInForm(FlaskForm):
    """Name and password."""

    username = StringField(_("Account"), validators=[InputRequired(_("Type your account.")), Length(max=64)])
    password = PasswordField(_("Password"), validators=[InputRequired(_("Type your password.")), Length(max=200)])


class CodeForm(FlaskForm):
    """A code of the second factor."""

    code = StringField(_("Code"), validators=[InputRequired(_("Type the code from the phone.")), Length(max=40)])


class ConfirmForm(FlaskForm):
    """The password again."""

    password = PasswordField(_("Password"), validators=[InputRequired(_("Type your password.")), Length(max=200)])


class NewPasswordForm(FlaskForm):
    """A password that somebody chooses, typed twice."""

    new = PasswordField(_("New password"), validators=[InputRequired(_("Type a new password.")), Length(max=200)])
    again = PasswordField(_("The same once more"), validators=[Length(max=200)])

    def validate_again(self, field: PasswordField) -> None:
        """Both are the same."""
        if field.data != self.new.data:
            raise ValueError(str(_("The two are not the same.")))


class ChangePasswordForm(NewPasswordForm):
    """The old password and a new one."""

    old = PasswordField(_("Password until now"), validators=[InputRequired(_("Type your password.")), Length(max=200)])


class AwayForm(FlaskForm):
    """Who stands in, and when."""

    taker = StringField(
        _("Account of whoever stands in"), validators=[InputRequired(_("Type an account.")), Length(max=64)]
    )
    first = DateField(_("First day"), validators=[InputRequired(_("Choose the first day."))])
    last = DateField(_("Last day"), validators=[InputRequired(_("Choose the last day."))])


class PersonForm(FlaskForm):
    """What is decided about somebody."""

    display_name = StringField(_("Name"), validators=[InputRequired(_("Write the person's name.")), Length(max=64)])
    role = SelectField(_("Role"))
    region = StringField(_("Region"), validators=[Length(max=120)])
    mail = EmailField(_("Mail address"), validators=[Optional(), Length(max=200)])


class InviteForm(PersonForm):
    """Somebody new."""

    username = StringField(_("Account"), validators=[InputRequired(_("Type an account.")), Length(max=64)])
