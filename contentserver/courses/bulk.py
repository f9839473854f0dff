"""Pages of a whole course at once: its files on their way up, what their names propose, and how much a region may hold.

The files go up as any upload does (`uploads.py`), and each row becomes a lesson by the form that a single lesson comes
by (`views.add_lesson`); so everything that holds there holds here.
"""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from contentserver.courses import naming, quotas, service, views, words
from contentserver.courses.models import Course, Lesson
from contentserver.courses.uploads import BASE_PATH
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal, Rejected
from schedules.wire.messages import Message

blueprint = Blueprint("bulk", __name__, template_folder="templates")
scoping.lies(blueprint, "course_id", where=service.where_course)
Path = Annotated[str, msgspec.Meta(max_length=1000)]


class Names(Message, frozen=True, kw_only=True):
    """Files that somebody chose: paths with `/` between."""

    names: Annotated[tuple[Path, ...], msgspec.Meta(max_length=2000)]


class CaptionsNamed(Message, frozen=True, kw_only=True):
    """Captions beside a recording."""

    path: str
    language: str


class RowNamed(Message, frozen=True, kw_only=True):
    """What a recording's name proposes. `taken`: the course has a lesson of this number already."""

    path: str
    title: str
    number: int | None
    taken: bool
    captions: tuple[CaptionsNamed, ...]


class Proposal(Message, frozen=True, kw_only=True):
    """The rows in their order; captions without a recording; files of no use."""

    rows: tuple[RowNamed, ...]
    alone: tuple[str, ...]
    other: tuple[str, ...]


@blueprint.get("/courses/<uuid:course_id>/upload")
@auth.require(Right.UPLOAD)
def page(course_id: UUID) -> ResponseReturnValue:
    return _page(_course(course_id))


@blueprint.post("/courses/<uuid:course_id>/upload/names")
@auth.require(Right.UPLOAD)
def names(course_id: UUID) -> ResponseReturnValue:
    """What the names of the chosen files propose; changes nothing."""
    course, given = _course(course_id), http.json_body(Names)
    found, taken = naming.sort_files(given.names, words.LANGUAGES), _numbers(course)
    return http.json_response(
        Proposal(
            rows=tuple(
                RowNamed(
                    path=row.path,
                    title=row.named.title,
                    number=row.named.number,
                    taken=row.named.number in taken,
                    captions=tuple(CaptionsNamed(path=one.path, language=one.language) for one in row.captions),
                )
                for row in found.rows
            ),
            alone=found.alone,
            other=found.other,
        )
    )


@blueprint.post("/courses/<uuid:course_id>/upload/quota")
@auth.require(Right.ADMINISTER)
def set_quota(course_id: UUID) -> ResponseReturnValue:
    """How much the course's region may hold."""
    course = _course(course_id)
    try:
        text = request.form.get("gigabytes", "").strip()
        count = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
        limit = count * quotas.GIGABYTE
        quotas.set_limit(http.db_session(), course.region_code, limit, auth.person(), http.now())
    except Rejected as refused:
        if http.wants_json():
            raise
        return _page(course, refused), http.status_of(refused)
    if http.wants_json():
        return {"bytes": limit}
    flash(_("Kept. It holds at once."))
    return redirect(url_for("bulk.page", course_id=course.id))


def _course(course_id: UUID) -> Course:
    return service.course_with(http.db_session(), course_id)


def _numbers(course: Course) -> Sequence[int]:
    return http.db_session().scalars(select(Lesson.number).where(Lesson.course_id == course.id)).all()


def _page(course: Course, refused: Refusal | None = None) -> str:
    settings = current_app.extensions["services"].settings
    return render_template(
        "courses/bulk.html",
        course=course,
        room=quotas.room(http.db_session(), views.uploads(), course.region_code, settings.region_quota_bytes),
        gigabytes=quotas.gigabytes,
        uploads=BASE_PATH,
        largest=settings.max_upload_bytes,
        languages=words.LANGUAGES,
        accept=",".join(sorted(naming.RECORDINGS | naming.CAPTIONS)),
        scanner=bool(settings.scanner),
        refused=refused,
    )
