"""Pages of courses and lessons: the list, a new course, a new lesson with its upload, one lesson whole, approval."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice

from contentserver.accounts import Account
from contentserver.courses import facts, rules, service, words
from contentserver.courses.models import Course, Lesson
from contentserver.courses.ports import OnLessonChanged, PackageStore
from contentserver.courses.rules import ApprovalVerdict, LessonState
from contentserver.courses.schemas import CourseForm, LessonForm, LessonStatus
from contentserver.courses.uploads import BASE_PATH, Uploads
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.regions import region_named, regions_in
from media_pipeline.manifest import Manifest

blueprint = Blueprint("courses", __name__, template_folder="templates")
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
    auth.require_scope(course.region_code)
    return _lesson_form(LessonForm(), course)


@blueprint.post("/courses/<uuid:course_id>/lessons")
@auth.require(Right.UPLOAD)
def add_lesson(course_id: UUID) -> ResponseReturnValue:
    session, form = http.db_session(), LessonForm()
    course = service.course_with(session, course_id)
    auth.require_scope(course.region_code)
    if not http.require_valid(form):
        return _lesson_form(form, course), 422
    source = _arrived(form)
    if not source:
        return _lesson_form(form, course), 422
    try:
        lesson = service.add_lesson(
            session,
            course=course,
            title=form.title.data.strip(),
            summary=(form.summary.data or "").strip(),
            source=source,
            files=[(row.kind, _uploads().keep(row.upload), row.language) for row in form.files],
            who=auth.person(),
            now=http.now(),
            number=form.number.data,
        )
    except Conflict as error:
        if http.wants_json():
            raise
        form.number.errors = [str(error.sentence)]
        return _lesson_form(form, course), http.status_of(error)
    session.commit()
    current_app.extensions["services"].transcodes.wake(lesson.id)
    if http.wants_json():
        return {"id": str(lesson.id)}, 201
    return redirect(url_for("courses.lesson", lesson_id=lesson.id))


def _arrived(form: LessonForm) -> str:
    """Keep the form's uploads for the lesson, and tell beside each what is wrong with it.

    Returns:
        The recording's file name inside the uploads folder; empty where anything is wrong.

    Raises:
        Refusal: something is wrong, and the caller reads JSON.
    """
    source = ""
    try:
        source = _uploads().keep(form.upload.data)
    except (NotFound, Rejected) as error:
        if http.wants_json():
            raise
        form.upload.errors, form.upload.data = [str(error.sentence)], ""
    for row in form.files:
        try:
            _uploads().keep(row.upload)
        except (NotFound, Rejected) as error:
            if http.wants_json():
                raise
            row.wrong, row.upload = str(error.sentence), ""
    return source if form.tell_wrong_files() else ""


def _lesson_form(form: LessonForm, course: Course) -> str:
    for row in form.files:
        row.name = _uploads().name(row.upload)
    recording = _uploads().name(form.upload.data) if form.upload.data else ""
    page = {"form": form, "course": course, "uploads": BASE_PATH, "recording": recording}
    return render_template("courses/new_lesson.html", languages=words.LANGUAGES, **page)


@blueprint.route(f"{BASE_PATH}/", methods=["POST", "OPTIONS"], defaults={"upload_id": ""}, strict_slashes=False)
@blueprint.route(f"{BASE_PATH}/<upload_id>", methods=["HEAD", "PATCH", "DELETE"])
@auth.require(Right.UPLOAD)
def upload(upload_id: str) -> ResponseReturnValue:
    """A piece of a recording; the request's hold on the database ends before the bytes come in over a slow line."""
    http.db_session().commit()
    answer = _uploads().handle(request.method, upload_id, dict(request.headers.items()), request.get_data())
    return Response(answer.body, status=answer.status, headers=dict(answer.headers))


@blueprint.get("/lessons/<uuid:lesson_id>")
@auth.require()
def lesson(lesson_id: UUID) -> ResponseReturnValue:
    return render_template("courses/lesson.html", **_lesson_page(lesson_id))


@blueprint.get("/lessons/<uuid:lesson_id>/progress")
@auth.require()
def progress(lesson_id: UUID) -> ResponseReturnValue:
    """The moving part of a lesson's page; the whole page is asked to come anew once nothing moves any more."""
    found = _seen(lesson_id)
    moving = {"lesson": found, "words": words, "pieces": service.pieces(http.db_session(), found)}
    response = make_response(render_template("courses/progress.html", **moving))
    if found.state != LessonState.TRANSCODING:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.get("/api/v1/lessons/<uuid:lesson_id>")
@auth.require()
def lesson_status(lesson_id: UUID) -> ResponseReturnValue:
    found = _seen(lesson_id)
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


@blueprint.post("/lessons/<uuid:lesson_id>/approve")
@auth.require(Right.APPROVE)
def approve(lesson_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    found = service.lesson_with(session, lesson_id)
    auth.require_scope(found.course.region_code)
    signer = current_app.extensions["services"].signer
    service.approve(session, lesson=found, who=auth.person(), signer=signer, now=http.now())
    _tell(found)
    return _done(found, _("Approved and signed. From now on this lesson may air."))


@blueprint.post("/lessons/<uuid:lesson_id>/withdraw")
@auth.require(Right.APPROVE)
def withdraw(lesson_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    found = service.lesson_with(session, lesson_id)
    auth.require_scope(found.course.region_code)
    reason = request.form.get("reason", "")
    service.withdraw(session, lesson=found, reason=reason, who=auth.person(), now=http.now())
    changed = _tell(found)
    return _done(
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
    auth.require_scope(found.course.region_code)
    service.review_again(session, found, auth.person(), http.now())
    return _done(found, _("It waits for review again."))


def _tell(lesson: Lesson) -> int:
    """Published timetables follow what a lesson may do."""
    on_changed: OnLessonChanged = current_app.extensions["on_lesson_changed"]
    http.db_session().flush()
    return on_changed(http.db_session(), str(lesson.id), http.now())


@blueprint.post("/lessons/<uuid:lesson_id>/cancel")
@auth.require(Right.UPLOAD)
def cancel(lesson_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    found = service.lesson_with(session, lesson_id)
    auth.require_scope(found.course.region_code)
    service.cancel_transcode(session, found, auth.person(), http.now())
    return _done(found, _("The preparation was stopped. The recording is kept; it can be prepared later."))


@blueprint.post("/lessons/<uuid:lesson_id>/retry")
@auth.require(Right.UPLOAD)
def retry(lesson_id: UUID) -> ResponseReturnValue:
    session = http.db_session()
    found = service.lesson_with(session, lesson_id)
    auth.require_scope(found.course.region_code)
    service.retry_transcode(session, found, auth.person(), http.now())
    session.commit()
    current_app.extensions["services"].transcodes.wake(found.id)
    return _done(found, _("The preparation begins anew."))


def _seen(lesson_id: UUID) -> Lesson:
    """A lesson of the person's subtree or of a region above it."""
    found, who = service.lesson_with(http.db_session(), lesson_id), auth.person()
    if not who.region_code.startswith(found.course.region_code):
        auth.require_scope(found.course.region_code)
    return found


def _done(found: Lesson, sentence: str) -> ResponseReturnValue:
    if http.wants_json():
        return {"id": str(found.id), "state": str(found.state)}
    flash(sentence)
    return redirect(url_for("courses.lesson", lesson_id=found.id))


def _lesson_page(lesson_id: UUID) -> dict[str, object]:
    who, services = auth.person(), current_app.extensions["services"]
    found = _seen(lesson_id)
    manifest, access = _package(services.store, found, http.now())
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
        "access": access,
        "uploader": _name(found.uploader_id),
        "approver": _name(found.approval.approver_id) if found.approval else "",
        "may_upload": who.may(Right.UPLOAD) and who.reaches(found.course.region_code),
        "may_approve": who.may(Right.APPROVE)
        and who.reaches(found.course.region_code)
        and rules.approval_verdict(found.state, found.uploader_id, who.id) is ApprovalVerdict.ALLOWED,
        "own_upload": found.uploader_id == who.id,
    }


def _package(store: PackageStore, found: Lesson, now: datetime) -> tuple[Manifest | None, tuple[str, str] | None]:
    """What is in a lesson's package, and base path and query of a signed address; nothing where there is no package."""
    if not found.package_name:
        return None, None
    base, query, _expires = store.access(found.package_name, now)
    return store.manifest(found.package_name), (base, query)


def _name(account_id: UUID) -> str:
    account = http.db_session().get(Account, account_id)
    return account.display_name if account else "—"


def _uploads() -> Uploads:
    found: Uploads = current_app.extensions["uploads"]
    return found


def _course_form() -> CourseForm:
    form, session, root = CourseForm(), http.db_session(), auth.person().region_code
    if root:
        region_named(session, root)
    regions = regions_in(session, root)
    coarse = [region for region in regions if len(region.code) <= TOWNSHIP_DIGITS] or regions
    form.region.choices = [SelectChoice(region.code, region.name) for region in coarse]
    return form
