"""What the forms of a project say, and what they offer."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

from flask import current_app, request
from flask_babel import gettext as _
from sqlalchemy import select

from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel import auth, clock, http
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.projects import reading, service, words
from contentserver.projects.models import Project
from contentserver.projects.reading import Unreadable
from contentserver.projects.rules import FIGURES, Fault, Kind, Model, Written
from contentserver.projects.service import Facts, NoteRefused
from contentserver.regions import near_filter
from contentserver.stars import photograph_folder
from contentserver.stations import Station, stations_in

OFFERED = 200
PHOTO_BYTES = 12_000_001
"""One more than a photograph may have, so that it is refused and not cut."""


def facts() -> Facts:
    """What the form says of a project.

    Raises:
        Rejected: a number in it is none.
    """
    form, given = request.form, request.form.get("model", "")
    return Facts(
        region=form.get("region", ""),
        model=Model(given) if given in {*Model} else Model.ASSOCIATION,
        name=form.get("name", ""),
        begun_on=day(form.get("begun_on", "")),
        aim=form.get("aim", ""),
        base=form.get("base", ""),
        association=form.get("association", ""),
        crop=form.get("crop", ""),
        baseline_dkg=number("yield", form.get("baseline", ""), field="baseline") or 0,
    )


def values(row: Project | None) -> Mapping[str, object]:
    """What stands in the fields: what was typed, else what is kept."""
    if request.form:
        return request.form
    if row is None:
        return {"model": Model.ASSOCIATION.value, "begun_on": clock.local(http.now()).date().isoformat()}
    kept = {name: getattr(row, name) for name in ("model", "name", "aim", "base", "association", "crop", "version")}
    baseline = reading.written("yield", row.baseline_dkg or None)
    return kept | {"region": row.region_code, "begun_on": row.begun_on.isoformat(), "baseline": baseline}


def sentences(error: Refusal) -> dict[str, object]:
    """A sentence for each field; under the empty name for all of them."""
    if isinstance(error, NoteRefused):
        return {name: words.FAULTS[fault] for name, fault in error.faults.items()}
    return error.fields or {"": error.sentence}


def folder() -> Path:
    """Where photographs lie on this server: beside those of stations, under their digests."""
    return photograph_folder(current_app.extensions["services"].settings.data_dir)


def stations_within(row: Project) -> Sequence[Station]:
    """The stations of a project's region that the person reaches."""
    return stations_in(http.db_session(), row.region_code)


def lessons_offered(row: Project) -> Sequence[Lesson]:
    """Approved lessons that do not belong to it yet, the newest first."""
    taught = {one.lesson_id for one in service.lessons_of(http.db_session(), row)}
    near = near_filter(Course.region_code, auth.person().region_code)
    query = select(Lesson).join(Course).where(Lesson.state == LessonState.APPROVED, near)
    query = query.order_by(Lesson.created_at.desc(), Lesson.id)
    return [one for one in http.db_session().scalars(query.limit(OFFERED)) if str(one.id) not in taught]


def written() -> Written:
    """What the form says of a note.

    Raises:
        NoteRefused: a number is none.
    """
    form, given = request.form, request.form.get("kind", "")
    kind = Kind(given) if given in {*Kind} else Kind.VISIT
    figures, wrong = dict[str, int | None](), dict[str, Fault]()
    for name in FIGURES[kind]:
        try:
            figures[name] = reading.typed(name, form.get(name, ""))
        except Unreadable:
            wrong[name] = Fault.MISSING
    if wrong:
        raise NoteRefused(wrong)
    return Written(
        kind=kind,
        day=day(form.get("day", "")),
        text=form.get("text", ""),
        household=key("household"),
        lesson=form.get("lesson", ""),
        figures=figures,
    )


def photographs() -> list[bytes]:
    """The files that came with a note."""
    return [file.read(PHOTO_BYTES) for file in request.files.getlist("photographs") if file.filename]


def day(text: str) -> date | None:
    """A day as a field writes it; None where it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def number(name: str, text: str, field: str = "") -> int | None:
    """A number of a field.

    Raises:
        Rejected: it is none.
    """
    try:
        return reading.typed(name, text)
    except Unreadable as error:
        sentence = _("This is no number.")
        raise Rejected("number_wrong", sentence, {field or name: sentence}) from error


def key(name: str) -> UUID | None:
    """What a field names; None where it names nothing."""
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        return None
