"""Pages of questions: the bank, one question with its versions and answers, what a lesson asks, and what came of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from contentserver.courses import Lesson, lesson_asked, lesson_with, where_lesson
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.kernel.pagination import paginate
from contentserver.kernel.sheets import XLSX_TYPE
from contentserver.quizzes import importing, results, service
from contentserver.quizzes.models import QuizQuestionRow
from contentserver.quizzes.results import By
from contentserver.quizzes.rules import Answers, Words
from contentserver.quizzes.schemas import MODES, NewInLessonForm, PlaceForm, QuestionForm
from contentserver.regions import region_asked, regions_in
from schedules.wire.messages import QuizMode

blueprint = Blueprint("quizzes", __name__, url_prefix="/quizzes", template_folder="templates")
scoping.lies(blueprint, "question_id", where=service.where_question)
scoping.lies(blueprint, "lesson_id", where=where_lesson)
scoping.decided(blueprint, "lesson_id", by=lesson_asked, at=("lesson",))

ROWS_SHOWN = 20
USUAL_DAYS = 90
FOUND_AT_ONCE = 12
"""Questions of the bank that a lesson's page offers."""


class Kept(msgspec.Struct, frozen=True):
    """A good row of a sheet, as the page carries it to the second step."""

    words: Words
    subject: str = ""


@blueprint.get("")
@auth.require_one_of(Right.UPLOAD, Right.SEE_REPORTS)
def index() -> ResponseReturnValue:
    """The bank."""
    words, free = request.args.get("q", "")[:60].strip(), request.args.get("free") == "1"
    session, root = http.db_session(), auth.person().region_code
    page = paginate(session, service.bank(root, words=words, free=free), request.args.get("page", 1, int))
    lessons = {row.lesson_id: lesson_with(session, row.lesson_id) for row in page.rows if row.lesson_id}
    return render_template("quizzes/bank.html", page=page, typed=words, free=free, lessons=lessons, MODES=MODES)


@blueprint.get("/new")
@auth.require(Right.UPLOAD)
def new() -> ResponseReturnValue:
    return render_template("quizzes/new.html", form=QuestionForm())


@blueprint.post("/new")
@auth.require(Right.UPLOAD)
def added() -> ResponseReturnValue:
    form, who = QuestionForm(), auth.person()
    if not http.require_valid(form) or not form.judged():
        return render_template("quizzes/new.html", form=form), 422
    row = service.add(
        http.db_session(), form.words(), who, http.now(), region_code=_own_region(), subject=form.subject.data or ""
    )
    flash(_("The question is in the bank. A lesson asks it once you put it there."))
    return redirect(url_for("quizzes.question", question_id=row.id))


@blueprint.get("/<uuid:question_id>")
@auth.require_one_of(Right.UPLOAD, Right.SEE_REPORTS)
def question(question_id: UUID) -> ResponseReturnValue:
    return _question_page(service.question_with(http.db_session(), question_id))


@blueprint.post("/<uuid:question_id>")
@auth.require(Right.UPLOAD)
def changed(question_id: UUID) -> ResponseReturnValue:
    row, form, session = service.question_with(http.db_session(), question_id), QuestionForm(), http.db_session()
    if not http.require_valid(form) or not form.judged():
        return _question_page(row, form), 422
    try:
        version = int(form.version.data) if str(form.version.data).isdigit() else 0
        anew = service.change(session, row, form.words(), version, auth.person(), http.now())
    except Refusal as error:
        form.text.errors = [str(error.sentence)]
        return _question_page(row, form), http.status_of(error)
    if anew:
        flash(
            _(
                "Version %(number)s is asked from now on. Earlier answers stay with the version they were given to.",
                number=row.version,
            )
        )
    return redirect(url_for("quizzes.question", question_id=row.id))


@blueprint.post("/<uuid:question_id>/retire")
@auth.require(Right.UPLOAD)
def retired(question_id: UUID) -> ResponseReturnValue:
    row = service.question_with(http.db_session(), question_id)
    service.retire(http.db_session(), row, auth.person(), http.now())
    flash(_("The question is asked no more. What rooms answered stays."))
    return redirect(_home_of(row))


@blueprint.post("/<uuid:question_id>/bring-back")
@auth.require(Right.UPLOAD)
def brought_back(question_id: UUID) -> ResponseReturnValue:
    row = service.question_with(http.db_session(), question_id)
    service.bring_back(http.db_session(), row, auth.person(), http.now())
    flash(_("The question is asked again."))
    return redirect(_home_of(row))


@blueprint.get("/lesson/<uuid:lesson_id>")
@auth.require()
def lesson(lesson_id: UUID) -> ResponseReturnValue:
    return _lesson_page(lesson_with(http.db_session(), lesson_id))


@blueprint.post("/lesson/<uuid:lesson_id>")
@auth.require(Right.UPLOAD)
def added_to_lesson(lesson_id: UUID) -> ResponseReturnValue:
    found, form = lesson_with(http.db_session(), lesson_id), NewInLessonForm()
    if not http.require_valid(form) or not form.judged():
        return _lesson_page(found, form), 422
    try:
        service.add(
            http.db_session(),
            form.words(),
            auth.person(),
            http.now(),
            region_code=found.course.region_code,
            subject=found.course.subject,
            lesson=found,
            place=form.place(),
        )
    except Refusal as error:
        form.minute.errors = [str(error.sentence)]
        return _lesson_page(found, form), http.status_of(error)
    flash(_("The lesson asks this question from now on; boxes hear of it within a minute."))
    return redirect(url_for("quizzes.lesson", lesson_id=found.id))


@blueprint.post("/lesson/<uuid:lesson_id>/ask/<uuid:question_id>")
@auth.require(Right.UPLOAD)
def attached(lesson_id: UUID, question_id: UUID) -> ResponseReturnValue:
    """A question of the bank, or another place for one that the lesson asks."""
    session, form = http.db_session(), PlaceForm()
    found, row = lesson_with(session, lesson_id), service.question_with(session, question_id)
    if not http.require_valid(form):
        raise Rejected("form_invalid", _("Give the minute as a number."))
    service.attach(session, row, found, form.place(), auth.person(), http.now())
    flash(_("The lesson asks this question from now on; boxes hear of it within a minute."))
    return redirect(url_for("quizzes.lesson", lesson_id=found.id))


@blueprint.get("/import")
@auth.require(Right.UPLOAD)
def import_page() -> ResponseReturnValue:
    return render_template("quizzes/import.html", wrong="")


@blueprint.get("/import/template.xlsx")
@auth.require(Right.UPLOAD)
def import_template() -> ResponseReturnValue:
    """A sheet to fill in."""
    headers = {"Content-Disposition": "attachment; filename=questions.xlsx"}
    return Response(importing.template(), content_type=XLSX_TYPE, headers=headers)


@blueprint.post("/import/read")
@auth.require(Right.UPLOAD)
def import_read() -> ResponseReturnValue:
    """What a sheet holds; nothing is kept yet."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Rejected("no_file", _("Choose a file."))
        lines = importing.read(file.read())
    except Refusal as error:
        if http.wants_json():
            raise
        return render_template("quizzes/import.html", wrong=str(error.sentence)), http.status_of(error)
    good = [line for line in lines if not line.fault]
    return render_template(
        "quizzes/import_read.html",
        name=file.filename[:80],
        good=good,
        faults=[line for line in lines if line.fault],
        rows=msgspec.json.encode([Kept(line.words, line.subject) for line in good]).decode(),
        rows_shown=ROWS_SHOWN,
    )


@blueprint.post("/import")
@auth.require(Right.UPLOAD)
def import_kept() -> ResponseReturnValue:
    """Put all of them into the bank."""
    try:
        rows = msgspec.json.decode(request.form.get("rows", ""), type=list[Kept])
    except msgspec.MsgspecError as error:
        raise Rejected("rows_unreadable", _("This form has expired. Load the page again and repeat.")) from error
    if not 0 < len(rows) <= importing.MAX_ROWS:
        raise Rejected("rows_unreadable", _("This form has expired. Load the page again and repeat."))
    pairs = [(one.words, one.subject) for one in rows]
    count = importing.keep(http.db_session(), pairs, _own_region(), auth.person(), http.now())
    flash(ngettext("%(num)s question is in the bank", "%(num)s questions are in the bank", count))
    return redirect(url_for("quizzes.index", free=1))


@blueprint.get("/results")
@auth.require(Right.SEE_REPORTS)
def results_page() -> ResponseReturnValue:
    """What rooms answered, by question, course or region."""
    session, who = http.db_session(), auth.person()
    today = clock.local(http.now()).date()
    first = _day(request.args.get("first", ""), today - timedelta(days=USUAL_DAYS))
    last = _day(request.args.get("last", ""), today)
    wanted, course = request.args.get("region", ""), request.args.get("course", "")[:100]
    region = region_asked(session, wanted, who).code if wanted else ""
    by = By(request.args["by"]) if request.args.get("by") in list(By) else By.QUESTION
    found = results.asked(session, who.region_code, min(first, last), max(first, last), region=region)
    courses = results.courses_asked(found)
    if course:
        found = [one for one in found if one.course == course]
    return render_template(
        "quizzes/results.html",
        lines=results.lines(session, found, by, region or who.region_code),
        by=by,
        By=By,
        first=min(first, last),
        last=max(first, last),
        course=course,
        courses=courses,
        region=region,
        regions=[(one.code, one.name) for one in regions_in(session, who.region_code) if len(one.code) <= 9],
    )


def answers_of(quiz: str) -> Sequence[tuple[Words | None, Answers]]:
    """For the page of a session: what its room answered."""
    return results.of_session(http.db_session(), quiz)


def _question_page(row: QuizQuestionRow, form: QuestionForm | None = None) -> str:
    session = http.db_session()
    versions = service.versions_of(session, row)
    if form is None:
        form = QuestionForm(formdata=None)
        form.fill(versions[0][1], row.version)
        form.subject.data = row.subject
    return render_template(
        "quizzes/question.html",
        row=row,
        form=form,
        lesson=lesson_with(session, row.lesson_id) if row.lesson_id else None,
        versions=[
            (version, words, results.of_version(session, row.id, version.version, len(words.options)))
            for version, words in versions
        ],
        MODES=MODES,
        QuizMode=QuizMode,
        may_change=auth.person().may(Right.UPLOAD) and row.retired_at is None,
    )


def _lesson_page(found: Lesson, form: NewInLessonForm | None = None) -> str:
    session, who = http.db_session(), auth.person()
    rows = service.of_lesson(session, found.id)
    typed = request.args.get("q", "")[:60].strip()
    may = who.may(Right.UPLOAD) and who.reaches(found.course.region_code)
    offered = session.scalars(service.bank(who.region_code, words=typed).limit(FOUND_AT_ONCE)).all() if may else ()
    shown = []
    for row in rows:
        words = service.words_of(session, row)
        shown.append((row, words, results.of_version(session, row.id, row.version, len(words.options))))
    return render_template(
        "quizzes/lesson.html",
        lesson=found,
        shown=shown,
        form=form or (NewInLessonForm() if may else None),
        place=PlaceForm(formdata=None),
        offered=[one for one in offered if one.lesson_id != found.id],
        typed=typed,
        MODES=MODES,
        QuizMode=QuizMode,
        may_change=may,
    )


def _own_region() -> str:
    """Whose question a new one is.

    Raises:
        Rejected: whoever acts everywhere belongs to no region.
    """
    code = auth.person().region_code
    if not code:
        raise Rejected(
            "no_region",
            _("Write the question on a lesson's page: you act everywhere, and a question belongs to a region."),
        )
    return code


def _home_of(row: QuizQuestionRow) -> str:
    if row.lesson_id:
        return url_for("quizzes.lesson", lesson_id=row.lesson_id)
    return url_for("quizzes.question", question_id=row.id)


def _day(text: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return found if clock.EARLIEST <= found <= clock.LATEST else otherwise
