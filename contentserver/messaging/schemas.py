"""The form of a message."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional

from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.display import ROLE_NAMES
from contentserver.messaging.rules import Audience, Channel
from contentserver.messaging.service import Draft

MOST_MISSED = 12


class MessageForm(FlaskForm):
    """What to say, and to whom: region, groups of stations, who stayed away, or staff by role."""

    channel = RadioField(
        _("By which way"),
        choices=[SelectChoice(Channel.SMS.value, _("Short message")), SelectChoice(Channel.MAIL.value, _("E-mail"))],
        default=Channel.SMS.value,
    )
    title = StringField(_("Title, for this list and for mails"))
    text = TextAreaField(_("Text"))
    whom = RadioField(
        _("To whom"),
        choices=[SelectChoice("members", _("Members")), SelectChoice("staff", _("People with an account"))],
        default="members",
    )
    region = SelectField(_("Region"))
    groups = SelectMultipleField(_("Only members of stations of these groups"))
    branches = SelectMultipleField(_("Only members of these branches and of those below them"))
    missed = IntegerField(
        _("Only members who missed the last … lessons of their station"),
        validators=[Optional(), NumberRange(0, MOST_MISSED)],
        default=0,
    )
    roles = SelectMultipleField(
        _("Only people with these roles"), choices=[SelectChoice(one.value, ROLE_NAMES[one]) for one in Role]
    )
    not_before = DateTimeLocalField(
        _("Not before"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], validators=[Optional()]
    )

    def draft(self) -> Draft:
        """What the form says."""
        staff = self.whom.data == "staff"
        at = self.not_before.data
        return Draft(
            channel=Channel(self.channel.data or Channel.SMS.value),
            title=self.title.data or "",
            text=self.text.data or "",
            audience=Audience(
                region=self.region.data or "",
                staff=staff,
                roles=tuple(self.roles.data or ()) if staff else (),
                groups=() if staff else tuple(self.groups.data or ()),
                branches=() if staff else tuple(self.branches.data or ()),
                missed=0 if staff else self.missed.data or 0,
            ),
            not_before=at.replace(tzinfo=clock.SHANGHAI) if at else None,
        )

    def fill(self, audience: Audience) -> None:
        """Say to whom, as a kept group says it."""
        self.whom.data = "staff" if audience.staff else "members"
        self.region.data, self.missed.data = audience.region, audience.missed
        self.groups.data, self.roles.data = list(audience.groups), list(audience.roles)
        self.branches.data = list(audience.branches)
