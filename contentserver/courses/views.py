"""Pages of courses and lessons: the list, a new course, a new lesson with its upload, one lesson whole, approval."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import IntegrityError
from wtforms import SelectChoice

from contentserver.accounts import Account
from contentserver.courses import deciding, desk, facts, packages, quotas, service, words
from contentserver.courses.models import Course, Lesson
from contentserver.courses.ports import Holdings, OnLessonChanged, StationsHolding
from contentserver.courses.rules import LessonState
from contentserver.courses.schemas import CourseForm, LessonForm, LessonStatus, TermsForm
from contentserver.courses.uploads import BASE_PATH, Kept, Uploads
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.regions import region_named, regions_in
from media_pipeline.manifest import Manifest

blueprint = Blueprint("courses", __name__, template_folder="templates")
scoping.lies(blueprint, "course_id", where=service.where_course)
scoping.lies(blueprint, "lesson_id", where=service.where_lesson)
scoping.decided(blueprint, "lesson_id", by=service.lesson_asked, at=("lesson", "progress", "lesson_status"))
scoping.free(blueprint, "upload_id", because="of whoever uploads: the uploads keep whose it is")
TOWNSHIP_DIGITS = 9
"""A course belongs to a township or a region above it; to a village only where a person has no more."""


@blueprint.record_once
def _open_uploads(state: BlueprintSetupState) -> None:
    settings = state.app.extensions["services"].settings
    state.app.extensions["uploads"] = Uploads(
        settings.uploads_dir, settings.max_upload_bytes, lambda: str(auth.person().id)
    )


@blueprint.get("/courses")
@auth.require()
def index() -> ResponseReturnValue:
    found = service.courses_seen_from(http.db_session(), auth.person().region_code)
    return render_template("courses/index.html", courses=found, words=words)


@blueprint.get("/courses/new")
@auth.require(Right.UPLOAD)
def new_course() -> ResponseReturnValue:
    return render_template("courses/new_course.html", form=_course_form())


@blueprint.post("/courses")
@auth.require(Right.UPLOAD)
def add_course() -> ResponseReturnValue:
    form = _course_form()
    if not http.require_valid(form):
        return render_template("courses/new_course.html", form=form), 422
    auth.require_scope(form.region.data)
    course = service.add_course(
        http.db_session(),
        title=form.title.data.strip(),
        subject=(form.subject.data or "").strip(),
        audience=(form.audience.data or "").strip(),
        region_code=form.region.data,
        who=auth.person(),
        now=http.now(),
    )
    if http.wants_json():
        return {"id": str(course.id)}, 201
    flash(_("The course stands. Now add its first lesson."))
    return redirect(url_for("courses.new_lesson", course_id=course.id))


@blueprint.get("/courses/<uuid:course_id>/lessons/new")
@auth.require(Right.UPLOAD)
def new_lesson(course_id: UUID) -> ResponseReturnValue:
    course = service.course_with(http.db_session(), course_id)
    return lesson_form(LessonForm(), course)


@blueprint.post("/courses/<uuid:course_id>/lessons")
@auth.require(Right.UPLOAD)
def add_lesson(course_id: UUID) -> ResponseReturnValue:
    session, form = http.db_session(), LessonForm()
    course = service.course_with(session, course_id)
    if not http.require_valid(form):
        return lesson_form(form, course), 422
    source = arrived(form)
    if source is None:
        return lesson_form(form, course), 422
    try:
        quotas.require_room_to_keep(session, uploads(), course, [(form.upload.data, source.size)], usual_quota())
        lesson = service.add_lesson(
            session,
            course=course,
            title=form.title.data.strip(),
            summary=(form.summary.data or "").strip(),
            source=source.name,
            sha256=source.sha256,
            files=[(row.kind, uploads().keep(row.upload), row.language) for row in form.files],
            who=auth.person(),
            now=http.now(),
            number=form.number.data,
        )
    except Conflict as error:
        if http.wants_json():
            raise
        form.number.errors = [str(error.sentence)]
        return lesson_form(form, course), http.status_of(error)
    except Rejected as error:
        if http.wants_json():
            raise
        form.upload.errors = [str(error.sentence)]
        return lesson_form(form, course), http.status_of(error)
    session.commit()
    current_app.extensions["services"].transcodes.wake(lesson.id)
    if http.wants_json():
        return {"id": str(lesson.id)}, 201
    return redirect(url_for("courses.lesson", lesson_id=lesson.id))


def arrived(form: LessonForm) -> Kept | None:
    """Look at the form's uploads and keep them for the lesson; tell beside each what is wrong with it.

    Returns:
        The recording; None where anything is wrong.

    Raises:
        Refusal: something is wrong, and the caller reads JSON.
    """
    source = None
    try:
        source = uploads().take(form.upload.data, sha256=form.upload_sha256.data or "")
    except (NotFound, Rejected) as error:
        if http.wants_json():
            raise
        form.upload.errors, form.upload.data = [str(error.sentence)], ""
    for row in form.files:
        try:
            uploads().take(row.upload, row.kind)
        except (NotFound, Rejected) as error:
            if http.wants_json():
                raise
            row.wrong, row.upload = str(error.sentence), ""
    return source if form.tell_wrong_files() else None


def lesson_form(form: LessonForm, course: Course, replaced: Lesson | None = None) -> str:
    """The form for a new lesson, or for another recording of one."""
    for row in form.files:
        row.name = uploads().name(row.upload)
    recording = uploads().name(form.upload.data) if form.upload.data else ""
    page = {"form": form, "course": course, "uploads": BASE_PATH, "recording": recording, "lesson": replaced}
    return render_template("courses/new_lesson.html", languages=words.LANGUAGES, **page)


@blueprint.route(f"{BASE_PATH}/", methods=["POST", "OPTIONS"], defaults={"upload_id": ""}, strict_slashes=False)
@blueprint.route(f"{BASE_PATH}/<upload_id>", methods=["HEAD", "PATCH", "DELETE"])
@auth.require(Right.UPLOAD)
def upload(upload_id: str) -> ResponseReturnValue:
    """A piece of a recording; the request's hold on the database ends before the bytes come in over a slow line."""
    session = http.db_session()
    if request.method == "POST":
        quotas.let_in(session, uploads(), dict(request.headers.items()), usual_quota())
    session.commit()
    answer = uploads().handle(request.method, upload_id, dict(request.headers.items()), request.get_data())
    return Response(answer.body, status=answer.status, headers=dict(answer.headers))


@blueprint.get("/lessons/<uuid:lesson_id>")
@auth.require()
def lesson(lesson_id: UUID) -> ResponseReturnValue:
    """One lesson whole; that somebody who may decide has opened it is remembered."""
    found, who = service.lesson_with(http.db_session(), lesson_id), auth.person()
    decides = who.may(Right.APPROVE) and who.reaches(found.course.region_code)
    if found.state == LessonState.IN_REVIEW and decides and not deciding.has_opened(http.db_session(), found, who):
        with (
            suppress(IntegrityError),  # the same person in two windows at once
            current_app.extensions["services"].database.unit_of_work() as unit,
        ):
            deciding.note_opened(unit, found, who, http.now())
    return render_template("courses/lesson.html", **lesson_page(lesson_id))


@blueprint.get("/lessons/<uuid:lesson_id>/progress")
@auth.require()
def progress(lesson_id: UUID) -> ResponseReturnValue:
    """The moving part of a lesson's page; the whole page is asked to come anew once nothing moves any more."""
    found = service.lesson_with(http.db_session(), lesson_id)
    moving = {"lesson": found, "words": words, "pieces": service.pieces(http.db_session(), found)}
    response = make_response(render_template("courses/progress.html", **moving))
    if found.state != LessonState.TRANSCODING:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.get("/api/v1/lessons/<uuid:lesson_id>")
@auth.require()
def lesson_status(lesson_id: UUID) -> ResponseReturnValue:
    found = service.lesson_with(http.db_session(), lesson_id)
    row, approval = found.transcode, found.approval
    pieces_done, pieces = service.pieces(http.db_session(), found)
    return http.json_response(
        LessonStatus(
            id=str(found.id),
            course=str(found.course_id),
            title=found.title,
            number=found.number,
            state=found.state,
            transcode=row.state if row else "",
            stage=row.stage if row else "",
            fraction=row.fraction if row else 0.0,
            speed=row.speed if row else 0.0,
            eta_s=row.eta_s if row else None,
            pieces_done=pieces_done,
            pieces=pieces,
            error_code=row.error_code if row else "",
            error=words.failure(row.error_code) if row else "",
            package=found.package_name,
            duration_ms=found.duration_ms,
            package_bytes=found.package_bytes,
            approved_at=approval.approved_at if approval else None,
            approved_by=_name(approval.approver_id) if approval else "",
        )
    )


@blueprint.post("/lessons/<uuid:lesson_id>/withdraw")
@auth.require(Right.APPROVE)
def withdraw(lesson_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    found = service.lesson_with(session, lesson_id)
    reason = request.form.get("reason", "")
    service.withdraw(session, lesson=found, reason=reason, who=auth.person(), now=http.now())
    changed = tell(found)
    return done(
        found,
        ngettext(
            "Withdrawn. %(num)s published timetable loses it now; the televisions are told.",
            "Withdrawn. %(num)s published timetables lose it now; the televisions are told.",
            changed,
        ),
    )


@blueprint.post("/lessons/<uuid:lesson_id>/review-again")
@auth.require(Right.APPROVE)
def review_again(lesson_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    found = service.lesson_with(session, lesson_id)
    service.review_again(session, found, auth.person(), http.now())
    return done(found, _("It waits for review again."))


def tell(lesson: Lesson) -> int:
    """Published timetables follow what a lesson may do."""
    on_changed: OnLessonChanged = current_app.extensions["on_lesson_changed"]
    http.db_session().flush()
    return on_changed(http.db_session(), str(lesson.id), http.now())


@blueprint.post("/lessons/<uuid:lesson_id>/cancel")
@auth.require(Right.UPLOAD)
def cancel(lesson_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    found = service.lesson_with(session, lesson_id)
    service.cancel_transcode(session, found, auth.person(), http.now())
    return done(found, _("The preparation was stopped. The recording is kept; it can be prepared later."))


@blueprint.post("/lessons/<uuid:lesson_id>/retry")
@auth.require(Right.UPLOAD)
def retry(lesson_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    found = service.lesson_with(session, lesson_id)
    lost = packages.is_lost(current_app.extensions["services"].store, found)
    if lost and not packages.recording_is_here(uploads().folder, found):
        raise Conflict("recording_gone", _("Its recording is not on the server any more. Bring it again."))
    service.retry_transcode(session, found, auth.person(), http.now(), lost=lost)
    session.commit()
    current_app.extensions["services"].transcodes.wake(found.id)
    return done(found, _("The preparation begins anew."))


def done(found: Lesson, sentence: str, anchor: str = "") -> ResponseReturnValue:
    """The answer to a form about a lesson: back to its page, with a sentence."""
    if http.wants_json():
        return {"id": str(found.id), "state": str(found.state)}
    flash(sentence)
    return redirect(url_for("courses.lesson", lesson_id=found.id, _anchor=anchor or None))


def lesson_page(lesson_id: UUID, terms_form: TermsForm | None = None, **more: object) -> dict[str, object]:
    """What a lesson's page needs; `more` is what else its template is told."""
    who, services = auth.person(), current_app.extensions["services"]
    found = service.lesson_with(http.db_session(), lesson_id)
    package = packages.read(services.store, found)
    manifest = package if isinstance(package, Manifest) else None
    rows = facts.rendition_rows(manifest) if manifest else ()
    return {
        "lesson": found,
        "words": words,
        "clock": facts.clock,
        "manifest": manifest,
        "rows": rows,
        "smallest": facts.smallest_with_picture(rows),
        "sounds": facts.sound_rows(manifest) if manifest else (),
        "checks": facts.checks(manifest) if manifest else (),
        "pieces": service.pieces(http.db_session(), found),
        "review": desk.panel(http.db_session(), found, who, http.now()),
        "terms_form": terms_form or TermsForm(formdata=None, obj=found),
        "access": services.store.access(found.package_name, http.now())[:2] if manifest else None,
        "lost": package if isinstance(package, packages.Trouble) else None,
        "recording_is_here": packages.recording_is_here(uploads().folder, found),
        "repeatable": found.transcode is None or found.transcode.error_code not in service.NOT_REPEATABLE,
        "holdings": facts.holding_rows(rows, _holdings(found, rows)) if manifest else None,
        "uploader": _name(found.uploader_id),
        "approver": _name(found.approval.approver_id) if found.approval else "",
        "may_upload": who.may(Right.UPLOAD) and who.reaches(found.course.region_code),
        "ticked": request.form.getlist("tick"),
        "said_at": request.form.get("at", ""),
        "said_text": request.form.get("text", ""),
        "said_despite": request.form.get("despite", ""),
        **more,
    }


def _holdings(found: Lesson, rows: Sequence[facts.RenditionRow]) -> Holdings:
    """How far a lesson's package has come in the stations that the person sees."""
    holding: StationsHolding = current_app.extensions["stations_holding"]
    best_first = [row.rendition.name for row in sorted(rows, key=lambda row: row.bytes, reverse=True)]
    return holding(http.db_session(), found.package_name or "", auth.person().region_code, best_first)


def _name(account_id: UUID) -> str:
    account = http.db_session().get(Account, account_id)
    return account.display_name if account else "—"


def uploads() -> Uploads:
    """The recordings on their way in."""
    found: Uploads = current_app.extensions["uploads"]
    return found


def usual_quota() -> int:
    """How many bytes a region may hold for which nobody set a limit."""
    usual: int = current_app.extensions["services"].settings.region_quota_bytes
    return usual


def _course_form() -> CourseForm:
    form, session, root = CourseForm(), http.db_session(), auth.person().region_code
    if root:
        region_named(session, root)
    regions = regions_in(session, root)
    coarse = [region for region in regions if len(region.code) <= TOWNSHIP_DIGITS] or regions
    form.region.choices = [SelectChoice(region.code, region.name) for region in coarse]
    return form
