"""Forms of courses and lessons, and the state of a lesson for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    FileField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from contentserver.courses.rules import FileKind
from contentserver.courses.words import LANGUAGES, ORIGINS
from contentserver.kernel import clock
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


class Repeated(Field):
    """The values of a field that stands in a form any number of times, in order."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take them all."""
        self.data = list(valuelist)


@dataclass(slots=True)
class FileRow:
    """One file beside the recording, as a form carries it.

    Attributes:
        upload: the upload's id; language: its tag; name: the file's, where its upload is known.
        wrong: what is wrong with it, for a person.
    """

    kind: FileKind
    upload: str
    language: str
    name: str = ""
    wrong: str = ""


class LessonForm(FlaskForm):
    """A new lesson. The files themselves go up beside the form (`uploads.py`); it carries their uploads' ids.

    Captions and sound tracks are pairs of repeated fields, an upload and its language each; a pair without an upload
    counts for nothing.
    """

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
    upload = HiddenField(validators=[InputRequired(_("Choose the recording and wait until it has arrived."))])
    upload_sha256 = HiddenField(
        validators=[Optional(), Regexp("^[0-9A-Fa-f]{64}$", message=_("This is no SHA-256 in hexadecimal."))]
    )
    captions_upload = Repeated(_("Captions"))
    captions_language = Repeated()
    sound_upload = Repeated(_("Further sound tracks"))
    sound_language = Repeated()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.files = [
            *_rows(FileKind.CAPTIONS, self.captions_upload, self.captions_language),
            *_rows(FileKind.SOUND, self.sound_upload, self.sound_language),
        ]

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether the fields are right and every file has a language, captions each a different one."""
        valid: bool = super().validate(extra_validators)
        spoken: set[str] = set()
        for row in self.files:
            if row.language not in LANGUAGES:
                row.wrong = gettext("Choose the language from the list.")
            elif row.kind is FileKind.CAPTIONS and row.language in spoken:
                row.wrong = gettext("There are captions in this language already. Choose another or remove the file.")
            if row.kind is FileKind.CAPTIONS:
                spoken.add(row.language)
        return self.tell_wrong_files() and valid

    def of_kind(self, kind: str) -> list[FileRow]:
        """The files of one kind."""
        return [row for row in self.files if row.kind == kind]

    def tell_wrong_files(self) -> bool:
        """Put what is wrong with files among the form's errors; whether nothing is."""
        for kind, field in ((FileKind.CAPTIONS, self.captions_upload), (FileKind.SOUND, self.sound_upload)):
            field.errors = [row.wrong for row in self.of_kind(kind) if row.wrong]
        return not any(row.wrong for row in self.files)


class RecordingForm(LessonForm):
    """Another recording of a lesson, with the captions and sound that belong to it."""

    title = None
    number = None
    summary = None


class TermsForm(FlaskForm):
    """Where a recording comes from, and on which days it may air."""

    origin = SelectField(_("Where it comes from"), choices=[SelectChoice(*one) for one in ORIGINS.items()])
    origin_name = StringField(_("From whom"), validators=[Length(max=100, message=_("At most 100 characters."))])
    rights = StringField(_("Rights"), validators=[Length(max=300, message=_("At most 300 characters."))])
    airable_from = DateField(_("May air from"), validators=[Optional()])
    expires_on = DateField(_("Last day"), validators=[Optional()])

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether the fields are right, and the days are days of our time in their order."""
        if not super().validate(extra_validators):
            return False
        for field in (self.airable_from, self.expires_on):
            if field.data and not clock.EARLIEST <= field.data <= clock.LATEST:
                field.errors = [gettext("This day lies too far away. Look at the year.")]
                return False
        if self.airable_from.data and self.expires_on.data and self.expires_on.data < self.airable_from.data:
            self.expires_on.errors = [gettext("The last day lies before the first.")]
            return False
        return True


def _rows(kind: FileKind, uploads: Field, tags: Field) -> Iterator[FileRow]:
    for upload, tag in zip_longest(uploads.data or [], tags.data or [], fillvalue=""):
        if upload:
            yield FileRow(kind, upload, tag)


class LessonStatus(Message, frozen=True, kw_only=True):
    """A lesson as programs see it.

    Attributes:
        stage, fraction, speed, eta_s: of its preparation; from 0 to 1, a multiple of playing, seconds left if known.
        pieces_done, pieces: of the lesson that are being encoded right now; 0 of 0 at any other stage.
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
    pieces_done: int
    pieces: int
    error_code: str
    error: str
    package: str | None
    duration_ms: int
    package_bytes: int
    approved_at: datetime | None
    approved_by: str
