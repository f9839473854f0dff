"""Forms of support from afar."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from contentserver.support import rules
from schedules.wire.messages import CollectNow, CommandBody, Restart, SendLogs, SetVolume, TakeScreenshot

USUAL_VOLUME = 70
_PLAIN: dict[str, CommandBody] = {
    "collect_now": CollectNow(),
    "take_screenshot": TakeScreenshot(),
    "restart": Restart(),
    "send_logs": SendLogs(lines=rules.LOG_LINES),
}
KINDS = (*_PLAIN, "set_volume")


class CommandForm(FlaskForm):
    """One command; `kind` is the button that was pressed."""

    kind = StringField(validators=[InputRequired()])
    percent = IntegerField(_("Volume"), default=USUAL_VOLUME, validators=[Optional(), NumberRange(min=0, max=100)])

    def body(self) -> CommandBody | None:
        """What is asked; None where the kind is none."""
        if self.kind.data == "set_volume":
            return SetVolume(percent=self.percent.data) if self.percent.data is not None else None
        return _PLAIN.get(self.kind.data or "")


class HelpForm(FlaskForm):
    """Why somebody wants to help, and for how long at most."""

    reason = StringField(
        _("Reason"),
        validators=[
            InputRequired(message=_("Say why, in at most 300 characters.")),
            Length(max=rules.REASON_MAX, message=_("Say why, in at most 300 characters.")),
        ],
    )
    minutes = SelectField(
        _("For at most"),
        coerce=int,
        default=rules.USUAL_MINUTES,
        choices=[SelectChoice(minutes, _("%(minutes)s minutes", minutes=minutes)) for minutes in rules.HELP_MINUTES],
    )
