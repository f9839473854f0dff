"""The form by which somebody schedules a lesson."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, SelectChoice, SelectField, TimeField
from wtforms.validators import InputRequired, ValidationError

from contentserver.timetable.service import SlotWish
from schedules.airings import Rank

ZONE = "Asia/Shanghai"
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
RANK_NAMES = {Rank.MANDATORY: _("Mandatory"), Rank.REGULAR: _("Regular"), Rank.OPTIONAL: _("Optional")}
TIME_FORMATS = ["%H:%M", "%H:%M:%S"]


class Repetition(StrEnum):
    """How often a slot airs."""

    ONCE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"


REPETITION_NAMES = {
    Repetition.ONCE: _("Once"),
    Repetition.DAILY: _("Every day"),
    Repetition.WEEKLY: _("Every week"),
}
RULES = {Repetition.ONCE: "", Repetition.DAILY: "FREQ=DAILY", Repetition.WEEKLY: "FREQ=WEEKLY"}


class SlotForm(FlaskForm):
    """This lesson, in this region's layer, at this local time."""

    lesson = SelectField(_("Lesson"), validators=[InputRequired(_("Choose the lesson."))])
    date = DateField(_("Day"), validators=[InputRequired(_("Give the day, for example 2026-11-23."))])
    time = TimeField(
        _("Begins"), format=TIME_FORMATS, validators=[InputRequired(_("Give the time, for example 19:30."))]
    )
    region = SelectField(_("Layer of"), validators=[InputRequired(_("Choose the region."))])
    rank = SelectField(
        _("Rank"), choices=[SelectChoice(rank, name) for rank, name in RANK_NAMES.items()], default=Rank.REGULAR
    )
    repeat = SelectField(
        _("Repeats"),
        choices=[SelectChoice(often, name) for often, name in REPETITION_NAMES.items()],
        default=Repetition.ONCE,
    )

    def validate_date(self, field: DateField) -> None:
        """A day of this age of the world; others break the arithmetic of windows."""
        if not EARLIEST <= field.data <= LATEST:
            raise ValidationError(_("Give a day between 2000 and 2999."))

    def local_start(self) -> datetime:
        """Naive wall-clock start of the valid form."""
        return datetime.combine(self.date.data, self.time.data)

    def begin_at(self, local_start: str) -> None:
        """Take another start, ISO 8601, in place of the one typed."""
        day, _t, clock = local_start.partition("T")
        self.date.process_formdata([day])
        self.time.process_formdata([clock])

    def wish(self) -> SlotWish:
        """The valid form as a wish."""
        return SlotWish(
            lesson_id=UUID(self.lesson.data),
            local_start=self.local_start(),
            zone=ZONE,
            rank=Rank(self.rank.data),
            rule=RULES[Repetition(self.repeat.data)],
        )


class WeekQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What the address of the timetable's page asks for: whose television, and the week's Monday."""

    region: str
    monday: date

    def window(self) -> tuple[datetime, datetime]:
        """The week in aware local time."""
        start = datetime.combine(self.monday, datetime.min.time(), ZoneInfo(ZONE))
        return start, start.fromordinal(start.toordinal() + 7).replace(tzinfo=ZoneInfo(ZONE))
