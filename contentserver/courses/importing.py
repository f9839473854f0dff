"""Recordings that lie on the server's own disk, made into lessons by the rules that an upload has; none comes twice.

Each row is a unit of work of its own, so an import that was stopped goes on where it was: what is there already is
known by its content. For people at the command line (`on_command_line`) and for the watched folder (`watching.py`).
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from contentserver.courses import naming, quotas, service, words
from contentserver.courses.models import Course, Lesson, Transcode
from contentserver.courses.naming import Row
from contentserver.courses.rules import FileKind
from contentserver.courses.uploads import KEPT, Uploads, look_at, sha256_of
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Refusal, Rejected

_PIECE_BYTES = 4 * 1024**2


class Outcome(StrEnum):
    """What became of a row."""

    MADE = "made"
    WOULD = "would be made"
    THERE = "is there already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Line:
    """A row's outcome; `sentence` says why it was refused, for a person."""

    row: Row
    outcome: Outcome
    number: int | None = None
    title: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """Where recordings go, in whose name, and how much may come."""

    database: Database
    uploads: Uploads
    max_bytes: int
    usual_quota: int
    who: Person


def bring(intake: Intake, folder: Path, rows: Sequence[Row], course_id: UUID, *, dry: bool = False) -> Iterator[Line]:
    """Make a lesson of each row; what cannot be made says why, and the others go on.

    Args:
        rows: with paths inside the folder.
        dry: look at everything and change nothing.
    """
    for row in rows:
        try:
            yield _bring(intake, folder, row, course_id, dry)
        except Refusal as refused:
            yield Line(row, Outcome.REFUSED, sentence=str(refused.sentence))
        except OSError as error:
            yield Line(row, Outcome.REFUSED, sentence=f"{error.strerror}: {error.filename}")


def _bring(intake: Intake, folder: Path, row: Row, course_id: UUID, dry: bool) -> Line:
    recording, beside = folder / row.path, [(folder / one.path, one.language) for one in row.captions]
    size = sum(file.stat().st_size for file in (recording, *(file for file, _language in beside)))
    if recording.stat().st_size > intake.max_bytes:
        raise Rejected("too_large", _("The file is too large."))
    look_at(recording, None)
    for file, _language in beside:
        look_at(file, FileKind.CAPTIONS)
    sha256 = sha256_of(recording)
    with intake.database.reader() as session:
        course = service.course_with(session, course_id)
        found = _made_of(session, course_id, sha256)
        if found is not None:
            return Line(row, Outcome.THERE, found.number, found.title)
        quotas.require_room(session, intake.uploads, course.region_code, size, intake.usual_quota)
        taken = session.scalars(select(Lesson.id).where(_at(course_id, row.named.number))).first()
        if taken is not None:
            raise Conflict("lesson_number_taken", _("The course has a lesson of this number already."))
    if dry:
        return Line(row, Outcome.WOULD, row.named.number, row.named.title)
    source = _copy(recording, intake.uploads.folder, course_id, sha256)
    files = [
        (FileKind.CAPTIONS, _copy(file, intake.uploads.folder, course_id, sha256_of(file)), language)
        for file, language in beside
    ]
    with intake.database.unit_of_work() as session:
        made = service.add_lesson(
            session,
            course=service.course_with(session, course_id),
            title=row.named.title,
            summary="",
            source=source,
            files=files,
            who=intake.who,
            now=clock.now(),
            number=row.named.number,
            sha256=sha256,
        )
        return Line(row, Outcome.MADE, made.number, made.title)


def _at(course_id: UUID, number: int | None) -> ColumnElement[bool]:
    return (Lesson.course_id == course_id) & (Lesson.number == (number or 0))


def _made_of(session: Session, course_id: UUID, sha256: str) -> Lesson | None:
    """The course's lesson that was made of a recording with this content."""
    query = select(Lesson).join(Transcode).where(Lesson.course_id == course_id, Transcode.sha256 == sha256)
    return session.scalars(query.limit(1)).first()


def _copy(file: Path, uploads: Path, course_id: UUID, sha256: str) -> str:
    """Bring a file into the uploads folder, whole or not at all; gives its name there.

    Raises:
        Rejected: it changed meanwhile.
    """
    name = f"{KEPT}{course_id.hex}-{sha256[:32]}"
    draft, seen = uploads / f"{name}.part", hashlib.sha256()
    with file.open("rb") as coming, draft.open("wb") as going:
        while piece := coming.read(_PIECE_BYTES):
            seen.update(piece)
            going.write(piece)
    if seen.hexdigest() != sha256:
        draft.unlink()
        raise Rejected("file_changed", _("The file changed while it was being copied. Bring it when it is whole."))
    draft.replace(uploads / name)
    return name


def course_called(session: Session, text: str, who: Person) -> Course:
    """The course with this id or title, among those whose lessons a person may bring.

    Raises:
        NotFound: there is none.
        Conflict: several have this title.
        Forbidden: it lies outside the person's region, or the person brings no lessons.
    """
    try:
        named = Course.id == UUID(text)
    except ValueError:
        named = Course.title == text
    found = session.scalars(select(Course).where(named)).all()
    if not found:
        raise NotFound("course_unknown", _("There is no such course."))
    mine = [course for course in found if who.may(Right.UPLOAD) and who.reaches(course.region_code)]
    if not mine:
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    if len(mine) > 1:
        raise Conflict("course_ambiguous", _("Several courses have this title; name one by its id."))
    return mine[0]


def files_in(folder: Path) -> list[str]:
    """The paths of all files below a folder, relative to it; links lead nowhere."""
    return [
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file() and not file.is_symlink()
    ]


def on_command_line(intake: Intake, folder: Path, course: str, *, dry: bool) -> str:
    """Bring everything in a folder; gives a line for each file.

    Raises:
        Rejected: there is no such folder, or no recording in it.
        Refusal: as `course_called`.
    """
    if not folder.is_dir():
        raise Rejected("no_folder", f"{folder} is no folder.")
    with intake.database.reader() as session:
        course_id = course_called(session, course, intake.who).id
    found = naming.sort_files(files_in(folder), words.LANGUAGES)
    if not found.rows:
        raise Rejected("no_recordings", f"There is no recording in {folder}.")
    lines = list(bring(intake, folder, found.rows, course_id, dry=dry))
    told = [_told(line) for line in lines]
    told += [f"{path}: captions without a recording of the same name" for path in found.alone]
    told += [f"{path}: no recording, left out" for path in found.other]
    counts = {outcome: sum(line.outcome is outcome for line in lines) for outcome in Outcome}
    told.append(", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome]) + ".")
    if dry:
        told.append("Nothing was changed.")
    return "\n".join(told)


def _told(line: Line) -> str:
    if line.outcome is Outcome.REFUSED:
        return f"{line.row.path}: refused: {line.sentence}"
    captions = f" with captions {', '.join(one.language for one in line.row.captions)}" if line.row.captions else ""
    number = f"{line.number} " if line.number else ""
    return f"{line.row.path}: {line.outcome.value}: {number}{line.title}{captions}"
