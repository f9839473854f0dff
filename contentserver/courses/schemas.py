"""Forms of courses and lessons, and the state of a lesson for programs."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from schedules.wire.messages import Message


class CourseForm(FlaskForm):
    """A new course."""

    title = StringField(
        _("Title"),
        validators=[
            InputRequired(_("Give the course a title.")),
            Length(max=100, message=_("At most 100 characters.")),
        ],
    )
    subject = StringField(_("Subject"), validators=[Length(max=40, message=_("At most 40 characters."))])
    audience = StringField(_("For whom"), validators=[Length(max=40, message=_("At most 40 characters."))])
    region = SelectField(_("Region"), validators=[InputRequired(_("Choose the region."))])


class LessonForm(FlaskForm):
    """A new lesson. The files themselves go up beside the form (`uploads.py`); it carries their uploads' ids."""

    title = StringField(
        _("Title"),
        validators=[
            InputRequired(_("Give the lesson a title.")),
            Length(max=100, message=_("At most 100 characters.")),
        ],
    )
    number = IntegerField(
        _("Number in the course"),
        validators=[Optional(), NumberRange(1, 999, message=_("A number from 1 to 999, or nothing."))],
    )
    summary = TextAreaField(_("In one sentence"), validators=[Length(max=500, message=_("At most 500 characters."))])
    recording_file = FileField(_("Recording"))
    captions_file = FileField(_("Captions (WebVTT), if there are any"))
    upload = HiddenField(validators=[InputRequired(_("Choose the recording and wait until it has arrived."))])
    captions_upload = HiddenField()


class LessonStatus(Message, frozen=True, kw_only=True):
    """A lesson as programs see it.

    Attributes:
        stage, fraction, speed, eta_s: of its preparation; from 0 to 1, a multiple of playing, seconds left if known.
        error: why its preparation failed, for a person; `error_code` for programs.
    """

    id: str
    course: str
    title: str
    number: int
    state: str
    transcode: str
    stage: str
    fraction: float
    speed: float
    eta_s: float | None
    error_code: str
    error: str
    package: str | None
    duration_ms: int
    package_bytes: int
    approved_at: datetime | None
    approved_by: str
