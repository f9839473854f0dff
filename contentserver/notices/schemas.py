"""The forms of notices. What a notice may say is judged by `rules.py`; here typed text becomes values."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from contentserver.kernel import clock
from contentserver.notices.rules import (
    ISSUER_MAX,
    MOST_TARGETS,
    TEXT_MAX,
    TITLE_MAX,
    Fault,
    FieldFault,
    NoticeWords,
    Standing,
    notice_id,
)

ZONE = ZoneInfo("Asia/Shanghai")
LOCAL_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
STANDINGS = {
    Standing.DRAFT: _("Draft"),
    Standing.COMING: _("Begins later"),
    Standing.SHOWN: _("On the televisions"),
    Standing.OVER: _("Is over"),
    Standing.WITHDRAWN: _("Withdrawn"),
}
SENTENCES = {
    Fault.NOBODY: _("Choose a region or a group."),
    Fault.TOO_MANY: _(
        "A notice goes to at most %(number)s regions and groups. Choose a region above them, or make a group.",
        number=MOST_TARGETS,
    ),
    Fault.GROUP_GONE: _("One of the groups was deleted meanwhile. Choose again, or take the deletion back first."),
    Fault.FAR_APART: _("These lie in different provinces. Write a notice for each."),
    Fault.NO_TITLE: _("Say in a few words what it is about."),
    Fault.TITLE_LONG: _("The title is too long: at most %(number)s characters fit the screen.", number=TITLE_MAX),
    Fault.NO_TEXT: _("Write what people should know."),
    Fault.TEXT_LONG: _("The text is too long: at most %(number)s characters.", number=TEXT_MAX),
    Fault.NO_ISSUER: _("Say who tells them."),
    Fault.ISSUER_LONG: _("The name is too long: at most %(number)s characters fit the screen.", number=ISSUER_MAX),
    Fault.TOO_FAR_AHEAD: _("A notice may begin at most a year ahead."),
    Fault.OVER_BEFORE_IT_BEGINS: _("It ends before it begins."),
    Fault.OVER_ALREADY: _("This has passed already. Leave it empty, or choose a later day."),
}


class NoticeForm(FlaskForm):
    """A notice as a person writes it."""

    regions = SelectMultipleField(validate_choice=False)
    """Those that were chosen already; the next one is chosen in `region_code`."""
    region_code = SelectField(_("Region"), validate_choice=False)
    groups = SelectMultipleField(_("Groups of stations"), validate_choice=False)
    issuer = StringField(_("Who tells them"), validators=[Length(max=1000)])
    title = StringField(_("What it is about"), validators=[Length(max=1000)])
    text = TextAreaField(_("Text"), validators=[Length(max=20_000)])
    important = BooleanField(_("Important: it stands before the others"))
    valid_from = DateTimeLocalField(_("Shown from"), format=LOCAL_FORMATS, validators=[Optional()])
    valid_until = DateTimeLocalField(_("Shown until"), format=LOCAL_FORMATS, validators=[Optional()])
    saved = IntegerField(widget=HiddenInput(), default=0, validators=[Optional()])

    def fill(self, words: NoticeWords, saved: int) -> None:
        """Show a notice as it stands."""
        self.stand_for(words.regions)
        self.groups.data = [str(one) for one in words.groups]
        self.issuer.data, self.title.data = words.issuer, words.title
        self.text.data, self.important.data = words.text, words.important
        self.valid_from.data = _local(words.valid_from) if words.valid_from else None
        self.valid_until.data = _local(words.valid_until) if words.valid_until else None
        self.saved.data = saved

    def stand_for(self, regions: Iterable[str]) -> None:
        """Have regions chosen, and none on the way to be."""
        self.regions.data, self.region_code.data = list(regions), ""

    def stand_on(self, saved: int) -> None:
        """Let the next saving replace this one."""
        self.saved.data, self.saved.raw_data = saved, None

    def words(self) -> NoticeWords:
        """What is typed, whether it may stand or not."""
        return NoticeWords(
            regions=tuple(filter(None, (*(self.regions.data or ()), self.region_code.data))),
            groups=tuple(notice_id(one) or UUID(int=0) for one in self.groups.data or ()),
            title=self.title.data or "",
            text=self.text.data or "",
            issuer=self.issuer.data or "",
            important=bool(self.important.data),
            valid_from=_instant(self.valid_from.data) if self.valid_from.data else None,
            valid_until=_instant(self.valid_until.data) if self.valid_until.data else None,
        )

    def blame(self, faults: tuple[FieldFault, ...]) -> None:
        """Put each fault beside its field."""
        for found in faults:
            field = self[found.field]
            field.errors = [*field.errors, SENTENCES[found.fault]]


def _local(instant: datetime) -> datetime:
    return clock.local(instant).replace(tzinfo=None)


def _instant(naive: datetime) -> datetime:
    return naive.replace(tzinfo=ZONE)
