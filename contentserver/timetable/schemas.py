"""Forms and requests by which people plan: a slot, one evening, a review's word; what programs send as JSON."""

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, SelectChoice, SelectField, SelectMultipleField, TimeField
from wtforms.validators import InputRequired, Optional, ValidationError

from contentserver.kernel import display
from contentserver.kernel.clock import EARLIEST, LATEST
from contentserver.timetable.edits import AddSlot, AnyEdit
from contentserver.timetable.plans import ZONE
from contentserver.timetable.words import DAYS_NAMES, RANK_NAMES
from schedules.airings import Rank
from schedules.slots import Days

TIME_FORMATS = ["%H:%M", "%H:%M:%S"]
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
COURSE_PREFIX = "course:"
"""A choice of the lesson field that stands for all lessons of a course in turn."""


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
    """This lesson, or the lessons of a course in turn, in this region's layer, at this local time."""

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
    weekdays = SelectMultipleField(
        _("On these days of the week"),
        choices=[SelectChoice(code, name) for code, name in zip(WEEKDAY_CODES, display.WEEKDAYS, strict=True)],
    )
    until = DateField(_("Until"), validators=[Optional()])
    days = SelectField(
        _("Holidays"), choices=[SelectChoice(days, name) for days, name in DAYS_NAMES.items()], default=Days.ANY
    )

    def validate_date(self, field: DateField) -> None:
        """A day of this age of the world; others break the arithmetic of windows."""
        if not EARLIEST <= field.data <= LATEST:
            raise ValidationError(_("Give a day between 2000 and 2999."))

    def validate_until(self, field: DateField) -> None:
        """The end lies within the same age, and not before the beginning."""
        if field.data and not EARLIEST <= field.data <= LATEST:
            raise ValidationError(_("Give a day between 2000 and 2999."))
        if field.data and self.date.data and field.data < self.date.data:
            raise ValidationError(_("The last day lies before the first."))

    def local_start(self) -> datetime:
        """Naive wall-clock start of the valid form."""
        return datetime.combine(self.date.data, self.time.data)

    def begin_at(self, local_start: str) -> None:
        """Take another start, ISO 8601, in place of the one typed."""
        day, _t, clock = local_start.partition("T")
        self.date.process_formdata([day])
        self.time.process_formdata([clock])

    def rule(self) -> str:
        """The valid form's RRULE."""
        often = Repetition(self.repeat.data)
        rule = RULES[often]
        if often is Repetition.WEEKLY and self.weekdays.data:
            rule += ";BYDAY=" + ",".join(code for code in WEEKDAY_CODES if code in self.weekdays.data)
        if rule and self.until.data:
            rule += f";UNTIL={self.until.data:%Y%m%d}T235959"
        return rule

    def edit(self, lessons: tuple[str, ...]) -> AddSlot:
        """The valid form as an edit, of the lessons that its choice stands for."""
        return AddSlot(
            lessons=lessons,
            local_start=self.local_start(),
            rule=self.rule(),
            rank=Rank(self.rank.data),
            days=Days(self.days.data),
            zone=ZONE,
        )


class WeekQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What the address of the timetable's page asks for: whose television, and the week's Monday."""

    region: str
    monday: date

    def window(self) -> tuple[datetime, datetime]:
        """The week in aware local time."""
        start = datetime.combine(self.monday, datetime.min.time(), ZoneInfo(ZONE))
        return start, start.fromordinal(start.toordinal() + 7).replace(tzinfo=ZoneInfo(ZONE))


class EditRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An edit as a program sends it.

    Attributes:
        version: the draft that the person sees.
        dry: only say what speaks against it.
    """

    edit: AnyEdit
    version: int | None = None
    dry: bool = False


class UndoRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An undo as a program sends it: `version` is the draft that the person sees."""

    version: int | None = None


class CopyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A week copied to another one, in one layer or into those of other regions."""

    week: date
    to: date
    regions: tuple[str, ...] = ()


class VerdictAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a program reads of a verdict; times are naive wall-clock times.

    Attributes:
        code: of the first fault; empty where the edit can be made.
        sentences: every fault in words.
        clashes: `title`, `start`, `end`, `where` of what is in the way.
    """

    code: str = ""
    sentences: tuple[str, ...] = ()
    clashes: tuple["ClashAnswer", ...] = ()
    elsewhere: tuple["ClashAnswer", ...] = ()
    next_free: datetime | None = None
    version: int = 0
    said: str = ""
    changes: tuple[str, ...] = ()
    by: str = ""


class ClashAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One airing that is in the way of a wanted one."""

    wanted: str
    title: str
    rank: str
    start: datetime
    end: datetime
