"""Pages of review: what waits, comments on a lesson, the two decisions, another recording, and the days it may air.

What speaks against something is told on the lesson's own page, beside the form, with what was written still in it.
"""

from uuid import UUID

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from contentserver.courses import comments, deciding, desk, packages, rules, service, views, words
from contentserver.courses.models import Lesson
from contentserver.courses.rules import Origin, Terms
from contentserver.courses.schemas import RecordingForm, TermsForm
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.kernel.pagination import cut

blueprint = Blueprint("review", __name__, template_folder="templates")
scoping.lies(blueprint, "lesson_id", where=service.where_lesson)
scoping.free(blueprint, "comment_id", because="looked for among the comments of the lesson")


@blueprint.get("/review")
@auth.require(Right.APPROVE)
def queue() -> ResponseReturnValue:
    """What waits for this person, the longest waiting first."""
    return _queue_page(None)


@blueprint.post("/review/approve")
@auth.require(Right.APPROVE)
def approve_many() -> ResponseReturnValue:
    """Sign several lessons, each on its own; row by row what became of it."""
    session, services = http.db_session(), current_app.extensions["services"]
    try:
        chosen = [_chosen(value) for value in request.form.getlist("lesson")]
        clean = desk.clean_among(services.store, [service.lesson_with(session, one) for one, _version in chosen])
        outcomes = deciding.approve_many(
            session,
            chosen,
            clean=clean,
            ticked=request.form.getlist("tick"),
            who=auth.person(),
            signer=services.signer,
            now=http.now(),
        )
    except Rejected as refused:
        if http.wants_json():
            raise
        return _queue_page(refused)
    for outcome in outcomes:
        if not outcome.refusal:
            views.tell(outcome.lesson)
    if http.wants_json():
        return {"outcomes": [{"id": str(one.lesson.id), "refusal": one.refusal} for one in outcomes]}
    return render_template("courses/outcomes.html", outcomes=outcomes)


def _chosen(value: str) -> tuple[UUID, int]:
    lesson, _colon, version = value.partition(":")
    try:
        return UUID(lesson), int(version)
    except ValueError:
        raise Rejected("nothing_chosen", _("Choose at least one lesson.")) from None


def _queue_page(refused: Rejected | None) -> ResponseReturnValue:
    session, who, now = http.db_session(), auth.person(), http.now()
    asked = {name: request.values.get(name, "") for name in ("subject", "region")}
    age = request.values.get("age", 0, type=int)
    found = desk.queue(session, who, now, age=age if age in desk.AGES else 0, **asked)
    page = cut(found.lessons, request.args.get("page", 1, type=int))
    shown = desk.lines(session, page.rows, found.regions, current_app.extensions["services"].store, who, now)
    answer = render_template(
        "courses/queue.html",
        queue=found,
        page=page,
        rows=shown,
        asked={**asked, "age": age},
        ages=desk.AGES,
        expiring=deciding.expiring(session, who.region_code, now),
        words=words,
        ticked=request.form.getlist("tick"),
        chosen=request.form.getlist("lesson"),
        refused=refused,
    )
    return answer, http.status_of(refused) if refused else 200


@blueprint.post("/lessons/<uuid:lesson_id>/approve")
@auth.require(Right.APPROVE)
def approve(lesson_id: UUID) -> ResponseReturnValue:
    """Confirm the checklist and sign."""
    session, found = http.db_session(), _to_decide(lesson_id)
    packages.require(current_app.extensions["services"].store, found)
    try:
        deciding.approve(
            session,
            lesson=found,
            ticked=request.form.getlist("tick"),
            reason=request.form.get("despite", ""),
            who=auth.person(),
            signer=current_app.extensions["services"].signer,
            now=http.now(),
        )
    except Rejected as refused:
        return _again(found, "decision", refused)
    views.tell(found)
    return views.done(found, _("Approved and signed. From now on this lesson may air."))


@blueprint.post("/lessons/<uuid:lesson_id>/send-back")
@auth.require(Right.APPROVE)
def send_back(lesson_id: UUID) -> ResponseReturnValue:
    """Not as it is: back to whoever uploaded it, with the reason."""
    session, found = http.db_session(), _to_decide(lesson_id)
    reason = request.form.get("reason", "")
    try:
        deciding.send_back(session, lesson=found, reason=reason, who=auth.person(), now=http.now())
    except Rejected as refused:
        return _again(found, "return", refused)
    return views.done(
        found,
        _(
            "Sent back with your reason. Its comments stay; the next recording is version %(number)s.",
            number=found.version + 1,
        ),
    )


@blueprint.post("/lessons/<uuid:lesson_id>/comments")
@auth.require_one_of(Right.APPROVE, Right.UPLOAD)
def comment(lesson_id: UUID) -> ResponseReturnValue:
    """Say something about a moment."""
    session, found = http.db_session(), _to_decide(lesson_id)
    at_ms = rules.moment_of(request.form.get("at", ""))
    try:
        comments.write(
            session,
            lesson=found,
            at_ms=at_ms,
            text=request.form.get("text", ""),
            who=auth.person(),
            now=http.now(),
        )
    except Rejected as refused:
        return _again(found, "comment", refused)
    return views.done(found, _("The comment stands."), "comments")


@blueprint.post("/lessons/<uuid:lesson_id>/comments/<uuid:comment_id>/settle")
@auth.require(Right.UPLOAD)
def settle(lesson_id: UUID, comment_id: UUID) -> ResponseReturnValue:
    """Answer a comment."""
    session, found = http.db_session(), _to_decide(lesson_id)
    about = comments.comment_with(session, found, comment_id)
    answer = request.form.get("answer", "")
    try:
        comments.settle(session, lesson=found, comment=about, answer=answer, who=auth.person(), now=http.now())
    except Rejected as refused:
        return _again(found, str(comment_id), refused)
    return views.done(found, _("Answered. The reviewer can open it again."), "comments")


@blueprint.post("/lessons/<uuid:lesson_id>/comments/<uuid:comment_id>/reopen")
@auth.require(Right.APPROVE)
def reopen(lesson_id: UUID, comment_id: UUID) -> ResponseReturnValue:
    """The answer does not do."""
    session, found = http.db_session(), _to_decide(lesson_id)
    about = comments.comment_with(session, found, comment_id)
    comments.reopen(session, lesson=found, comment=about, who=auth.person(), now=http.now())
    return views.done(found, _("The comment is open again."), "comments")


@blueprint.get("/lessons/<uuid:lesson_id>/recording")
@auth.require(Right.UPLOAD)
def new_recording(lesson_id: UUID) -> ResponseReturnValue:
    """The form for another recording of a lesson that was sent back."""
    found = service.lesson_with(http.db_session(), lesson_id)
    return views.lesson_form(RecordingForm(), found.course, found)


@blueprint.post("/lessons/<uuid:lesson_id>/recording")
@auth.require(Right.UPLOAD)
def replace(lesson_id: UUID) -> ResponseReturnValue:
    """Another recording: the lesson's next version."""
    session, found, form = http.db_session(), _to_decide(lesson_id), RecordingForm()
    if not http.require_valid(form):
        return views.lesson_form(form, found.course, found), 422
    source = views.arrived(form)
    if source is None:
        return views.lesson_form(form, found.course, found), 422
    files = [(row.kind, views.uploads().keep(row.upload), row.language) for row in form.files]
    deciding.replace_recording(
        session,
        lesson=found,
        source=source.name,
        files=files,
        sha256=source.sha256,
        lost=packages.is_lost(current_app.extensions["services"].store, found),
        who=auth.person(),
        now=http.now(),
    )
    session.commit()
    current_app.extensions["services"].transcodes.wake(found.id)
    return views.done(found, _("The new recording is here; it is prepared and then waits for review."))


@blueprint.post("/lessons/<uuid:lesson_id>/terms")
@auth.require_one_of(Right.APPROVE, Right.UPLOAD)
def set_terms(lesson_id: UUID) -> ResponseReturnValue:
    """Where it comes from, what one may do with it, and on which days it may air."""
    session, found, form = http.db_session(), _to_decide(lesson_id), TermsForm()
    if found.state == rules.LessonState.APPROVED:
        auth.require_right(Right.APPROVE)
    if not http.require_valid(form):
        return render_template("courses/lesson.html", **views.lesson_page(lesson_id, terms_form=form)), 422
    moved = deciding.set_terms(
        session,
        lesson=found,
        origin=Origin(form.origin.data),
        origin_name=(form.origin_name.data or "").strip(),
        rights=(form.rights.data or "").strip(),
        terms=Terms(form.airable_from.data, form.expires_on.data),
        who=auth.person(),
        signer=current_app.extensions["services"].signer,
        now=http.now(),
    )
    changed = views.tell(found) if moved else 0
    if changed:
        told = ngettext(
            "Kept. %(num)s published timetable follows it now.",
            "Kept. %(num)s published timetables follow it now.",
            changed,
        )
        return views.done(found, told)
    return views.done(found, _("Kept."))


def _to_decide(lesson_id: UUID) -> Lesson:
    """The lesson of a form, locked, in the version that the form's page showed."""
    shown = request.form.get("version", type=int)
    return deciding.lesson_to_decide(http.db_session(), lesson_id, shown)


def _again(found: Lesson, place: str, refused: Refusal) -> ResponseReturnValue:
    """The lesson's page once more, with what speaks against the form at `place`."""
    if http.wants_json():
        raise refused
    page = views.lesson_page(found.id, refused=refused, refused_at=place)
    return render_template("courses/lesson.html", **page), http.status_of(refused)
