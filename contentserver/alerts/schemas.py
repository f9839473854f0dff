"""The forms of alerts. What an alert may say is judged by `rules.py`; here typed text becomes values."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from contentserver.alerts.rules import AlertWords, Fault, FieldFault
from contentserver.kernel import clock
from schedules.alerts import DESCRIPTION_MAX, HEADLINE_MAX, SENDER_MAX, SHOWN_STEPS, STEP_MAX
from schedules.wire.messages import AlertKind, Severity, Urgency

ZONE = ZoneInfo("Asia/Shanghai")
LOCAL_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
USUAL_LENGTH = timedelta(hours=2)

KIND_NAMES = {
    AlertKind.HAIL: _("Hail"),
    AlertKind.FLOOD: _("Flood, heavy rain"),
    AlertKind.FIRE: _("Fire"),
    AlertKind.WIND: _("Wind, sandstorm"),
    AlertKind.COLD: _("Cold, snow, frost"),
    AlertKind.HEAT: _("Heat, drought"),
    AlertKind.QUAKE: _("Earthquake"),
    AlertKind.HEALTH: _("Disease, poisoning"),
    AlertKind.OTHER: _("Something else"),
}
SEVERITY_NAMES = {
    Severity.EXTREME: _("Extreme: danger to life"),
    Severity.SEVERE: _("Severe"),
    Severity.MODERATE: _("Moderate"),
    Severity.MINOR: _("Minor"),
    Severity.UNKNOWN: _("Not known"),
}
URGENCY_NAMES = {
    Urgency.IMMEDIATE: _("Act at once"),
    Urgency.EXPECTED: _("Act within the hour"),
    Urgency.FUTURE: _("Get ready"),
    Urgency.PAST: _("It is over"),
    Urgency.UNKNOWN: _("Not known"),
}
SENTENCES = {
    Fault.NO_REGION: _("Choose at least one region."),
    Fault.NO_HEADLINE: _("Say in a few words what the danger is."),
    Fault.HEADLINE_LONG: _(
        "The headline is too long: at most %(number)s characters fit the screen.", number=HEADLINE_MAX
    ),
    Fault.DESCRIPTION_LONG: _(
        "The description is too long: at most %(number)s characters fit the screen.", number=DESCRIPTION_MAX
    ),
    Fault.STEP_LONG: _("This step is too long: at most %(number)s characters fit the screen.", number=STEP_MAX),
    Fault.TOO_MANY_STEPS: _("At most %(number)s steps are shown.", number=SHOWN_STEPS),
    Fault.NO_SENDER: _("Say who warns."),
    Fault.SENDER_LONG: _("The name is too long: at most %(number)s characters fit the screen.", number=SENDER_MAX),
    Fault.TOO_FAR_AHEAD: _("An alert may begin at most seven days ahead."),
    Fault.OVER_BEFORE_IT_BEGINS: _("It ends before it begins, or has ended already."),
    Fault.TOO_SHORT: _("It has to stand for at least five minutes."),
    Fault.TOO_LONG: _("It may stand for at most seven days. Send it again if the danger lasts."),
}


class AlertForm(FlaskForm):
    """An alert as a person writes it."""

    kind = SelectField(
        _("What threatens"),
        choices=[SelectChoice(kind, name) for kind, name in KIND_NAMES.items()],
        default=AlertKind.HAIL,
    )
    headline = StringField(_("Headline"), validators=[Length(max=1000)])
    description = TextAreaField(_("What happens, where, until when"), validators=[Length(max=20_000)])
    step1 = StringField(_("First thing to do"), validators=[Length(max=20_000)])
    step2 = StringField(_("Second thing to do"), validators=[Length(max=20_000)])
    step3 = StringField(_("Third thing to do"), validators=[Length(max=20_000)])
    sender_name = StringField(_("Who warns"), validators=[Length(max=1000)])
    severity = SelectField(
        _("How bad"),
        choices=[SelectChoice(one, name) for one, name in SEVERITY_NAMES.items()],
        default=Severity.SEVERE,
    )
    urgency = SelectField(
        _("How soon"),
        choices=[SelectChoice(one, name) for one, name in URGENCY_NAMES.items()],
        default=Urgency.IMMEDIATE,
    )
    effective = DateTimeLocalField(_("Holds from"), format=LOCAL_FORMATS, validators=[Optional()])
    expires = DateTimeLocalField(
        _("Ends"), format=LOCAL_FORMATS, validators=[InputRequired(_("Give the time at which it ends."))]
    )
    regions = SelectMultipleField(_("Regions"), validate_choice=False)
    version = IntegerField(widget=HiddenInput(), default=0, validators=[Optional()])
    event = HiddenField()

    @property
    def steps(self) -> tuple[StringField, StringField, StringField]:
        """The fields of the three things to do."""
        return self.step1, self.step2, self.step3

    def fill(self, words: AlertWords, version: int) -> None:
        """Show an alert as it stands."""
        self.kind.data, self.headline.data, self.description.data = words.kind, words.headline, words.description
        for place, field in enumerate(self.steps):
            field.data = words.instructions[place] if place < len(words.instructions) else ""
        self.sender_name.data, self.severity.data, self.urgency.data = words.sender_name, words.severity, words.urgency
        self.effective.data = _local(words.effective) if words.effective else None
        self.expires.data = _local(words.expires)
        self.regions.data, self.version.data, self.event.data = list(words.regions), version, words.event

    def stand_on(self, version: int) -> None:
        """Let the next saving replace this version."""
        self.version.data, self.version.raw_data = version, None

    def begin(self, now: datetime, sender_name: str) -> None:
        """Suggest what is usual."""
        self.expires.data = _local(now + USUAL_LENGTH).replace(second=0, microsecond=0)
        self.sender_name.data = sender_name

    def words(self, now: datetime) -> AlertWords:
        """What is typed, whether it may be sent or not; a missing end becomes the usual one."""
        steps = (" ".join((field.data or "").split()) for field in self.steps)
        headline = " ".join((self.headline.data or "").split())
        return AlertWords(
            kind=AlertKind(self.kind.data),
            headline=headline,
            description=" ".join((self.description.data or "").split()),
            instructions=tuple(step for step in steps if step),
            sender_name=" ".join((self.sender_name.data or "").split()),
            severity=Severity(self.severity.data),
            urgency=Urgency(self.urgency.data),
            effective=_instant(self.effective.data) if self.effective.data else None,
            expires=_instant(self.expires.data) if self.expires.data else now + USUAL_LENGTH,
            regions=tuple(self.regions.data or ()),
            event=self.event.data or headline,
        )

    def blame(self, faults: tuple[FieldFault, ...]) -> None:
        """Put each fault beside its field."""
        filled = [field for field in self.steps if (field.data or "").strip()]
        for found in faults:
            name, _dot, place = found.field.partition(".")
            field = filled[int(place)] if place else self.step3 if name == "instructions" else self[name]
            field.errors = [*field.errors, SENTENCES[found.fault]]


class ImportForm(FlaskForm):
    """A CAP file."""

    file = FileField(_("CAP file"), validators=[FileRequired(_("Choose the file."))])


def _local(instant: datetime) -> datetime:
    return clock.local(instant).replace(tzinfo=None)


def _instant(naive: datetime) -> datetime:
    return naive.replace(tzinfo=ZONE)
