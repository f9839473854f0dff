"""Pages of whoever answers: the queue of questions, one question with all that belongs to it, taking it, answering.

Looking through, experts and released answers: `directing.py`; outcomes and statistics: `reckoning.py`.
"""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.consultations import answering, keeping, outcomes, routing, rules, service, words
from contentserver.consultations.keeping import Brought, FileKind
from contentserver.consultations.rules import State, Urgency, Verdict
from contentserver.consultations.service import QUEUE, WHOSE, Asked, Whole
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.kernel.pagination import paginate
from contentserver.members import masked
from contentserver.regions import parents_named, regions_in
from schedules.asking import TOPICS

blueprint = Blueprint("cases", __name__, url_prefix="/cases", template_folder="templates")
scoping.decided(blueprint, "case_id", by=service.known_to)
scoping.decided(blueprint, "file_id", by=service.file_known_to)
SEES = (Right.ANSWER, Right.DIRECT_CASES, Right.SEE_MEMBERS)
"""One of these rights is enough to see questions."""
TOWNSHIP_DIGITS = 9
MIMETYPES = {FileKind.PHOTO: "image/jpeg", FileKind.VOICE: "audio/mp4"}


@blueprint.get("")
@auth.require_one_of(*SEES)
def index() -> ResponseReturnValue:
    """The questions of one's region: what waits for one, or those looked for."""
    session, who = http.db_session(), auth.person()
    asked = asked_for(who)
    page = paginate(session, service.found(session, who, asked, http.now()), request.args.get("page", 1, type=int))
    return render_template(
        "consultations/index.html",
        page=page,
        asked=asked,
        whose=WHOSE,
        stations=service.stations_of(session, page.rows),
        places=parents_named(session, [case.region_code for case in page.rows]),
        names=service.names_of(session, [case.claimed_by for case in page.rows]),
        regions=[one for one in regions_in(session, who.region_code) if 4 <= len(one.code) <= TOWNSHIP_DIGITS],
        states=[one for one in State if who.may(Right.DIRECT_CASES) or one not in rules.HIDDEN],
        topics=TOPICS,
        words=words,
        late=lambda case: rules.overdue(case.state, case.due_at, http.now()),
        my_topics=routing.topics_of(session, [routing.owner(who)])[routing.owner(who)],
        State=State,
        Urgency=Urgency,
    )


def asked_for(who: Person) -> Asked:
    """What the address asks for; without a word on whose, what waits for the person."""
    region = request.args.get("region", "")
    if region:
        auth.require_scope(region)
    looked = any(request.args.get(name) for name in ("topic", "state", "region", "q"))
    usual = service.ALL if looked else QUEUE
    whose, state, topic = request.args.get("whose", usual), request.args.get("state", ""), request.args.get("topic", "")
    return Asked(
        whose=whose if whose in WHOSE else usual,
        topic=topic if topic in TOPICS else "",
        state=state if state in {*State} else "",
        region=region,
        words=request.args.get("q", "").strip()[:60],
    )


@blueprint.get("/<uuid:case_id>")
@auth.require_one_of(*SEES)
def show(case_id: UUID) -> ResponseReturnValue:
    return page_of(case_id)


@blueprint.get("/files/<uuid:file_id>")
@auth.require_one_of(*SEES)
def file(file_id: UUID) -> ResponseReturnValue:
    """A photograph or a voice note; `small` for lists."""
    row = service.file_known_to(http.db_session(), file_id, auth.person())
    return sent(row.kind, row.digest)


@blueprint.post("/<uuid:case_id>/claim")
@auth.require(Right.ANSWER)
def claim(case_id: UUID) -> ResponseReturnValue:
    """Take it."""
    routing.claim(http.db_session(), case_id, auth.person(), http.now())
    flash(_("It is yours. Answer it below, or give it back."))
    return redirect(url_for("cases.show", case_id=case_id, _anchor="answer"))


@blueprint.post("/<uuid:case_id>/give-back")
@auth.require_one_of(Right.ANSWER, Right.DIRECT_CASES)
def give_back(case_id: UUID) -> ResponseReturnValue:
    """Let somebody else take it."""
    routing.release(http.db_session(), case_id, auth.person(), http.now())
    flash(_("It waits in the queue again."))
    return redirect(url_for("cases.show", case_id=case_id))


@blueprint.post("/<uuid:case_id>/answer")
@auth.require(Right.ANSWER)
def answer(case_id: UUID) -> ResponseReturnValue:
    """Answer it."""
    typed = request.form

    def carry_out() -> None:
        text, lesson, given = typed.get("text", ""), typed.get("lesson", ""), brought()
        answering.answer(http.db_session(), case_id, text, lesson, given, auth.person(), http.now())

    return done(case_id, carry_out, _("The answer is on its way to the television of the station."))


@blueprint.post("/<uuid:case_id>/close")
@auth.require_one_of(Right.ANSWER, Right.DIRECT_CASES)
def close(case_id: UUID) -> ResponseReturnValue:
    """It is over."""

    def carry_out() -> None:
        answering.close(http.db_session(), case_id, request.form.get("note", ""), auth.person(), http.now())

    return done(case_id, carry_out, _("The question is closed."))


@blueprint.post("/<uuid:case_id>/withdraw")
@auth.require_one_of(Right.DIRECT_CASES, Right.KEEP_RECORD)
def withdraw(case_id: UUID) -> ResponseReturnValue:
    """The station does not ask any more."""

    def carry_out() -> None:
        answering.withdraw(http.db_session(), case_id, request.form.get("note", ""), auth.person(), http.now())

    return done(case_id, carry_out, _("The question is withdrawn."))


def done(case_id: UUID, carry_out: Callable[[], object], said: str) -> ResponseReturnValue:
    """Do something with a question, and show it again; what is wrong stands beside its field, what was typed stays."""
    try:
        carry_out()
    except (Rejected, Conflict) as error:
        if http.wants_json():
            raise
        http.db_session().rollback()
        return page_of(case_id, error.fields or {"": error.sentence}, request.form.to_dict()), http.status_of(error)
    flash(said)
    return redirect(url_for("cases.show", case_id=case_id))


def page_of(case_id: UUID, errors: dict[str, object] | None = None, typed: dict[str, str] | None = None) -> str:
    """The page of one question."""
    session, who = http.db_session(), auth.person()
    found = service.whole(session, service.known_to(session, case_id, who), who)
    return render_template(
        "consultations/case.html",
        found=found,
        case=found.case,
        may=_may(found, who),
        member=_asker(found, who),
        lesson_seen=_sees_lesson(found, who),
        late=rules.overdue(found.case.state, found.case.due_at, http.now()),
        outcome_due=outcomes.asked_of(session, [found.case], http.now())[found.case.id] is not None,
        courses=service.lessons_to_point_at(session, who) if who.may(Right.ANSWER) else [],
        stations=service.stations_of(session, found.similar),
        errors=errors or {},
        typed=typed or {},
        topics=TOPICS,
        words=words,
        Urgency=Urgency,
        State=State,
        longest=(answering.ANSWER_CHARS, answering.NOTE_CHARS),
    )


def waiting_for_person() -> int:
    """How many questions wait for the signed-in person; 0 for those who neither answer nor direct."""
    who = auth.person_or_none()
    if who is None or not (who.may(Right.ANSWER) or who.may(Right.DIRECT_CASES)):
        return 0
    return service.waiting(http.db_session(), who)


def brought() -> list[Brought]:
    """The files of this request's form, kept.

    Raises:
        Rejected: one is no photograph and no voice note; its name stands in the sentence.
    """
    several = [one for name in ("files", "photo", "voice") for one in request.files.getlist(name) if one.filename]
    if len(several) > keeping.MOST:
        sentence = _("Choose at most %(number)s files.", number=keeping.MOST)
        raise Rejected("files_many", sentence, {"files": sentence})
    if several:
        http.db_session().rollback()  # nothing is written yet, and a voice note takes seconds: nobody waits for them
    with_place, found = "place" in request.form, []
    for one in several:
        try:
            found += keeping.keep(folder(), [one.read()], with_place=with_place)
        except Rejected as error:
            sentence = _("%(file)s: %(why)s", file=(one.filename or "?")[:60], why=error.sentence)
            raise Rejected(error.code, sentence, {one.name or "files": sentence}) from error
    return found


def sent(kind: str, digest: str) -> ResponseReturnValue:
    """A file to whoever may have it."""
    path = keeping.file_of(folder(), kind, digest, small="small" in request.args)
    if not path.is_file():
        raise NotFound("file_unknown", _("There is no such file."))
    response = send_file(path.resolve(), mimetype=MIMETYPES[FileKind(kind)], etag=f"{digest}{path.suffixes[0]}")
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


def folder() -> Path:
    """Where files of cases lie on this server."""
    return keeping.folder_of(current_app.extensions["services"].settings.data_dir)


def _may(found: Whole, who: Person) -> dict[str, bool]:
    """What the page offers."""
    case, me = found.case, routing.owner(who)
    answers, directs = who.may(Right.ANSWER), who.may(Right.DIRECT_CASES)
    open_ = rules.may_answer(case.state, case.claimed_by, me) is Verdict.YES
    tells = answers or directs or who.may(Right.KEEP_RECORD)
    by = [one.answer.by for one in found.answers]
    return {
        "claim": answers and case.state == State.OPEN,
        "release": rules.may_release(case.state, case.claimed_by, me, directs) is Verdict.YES and (answers or directs),
        "answer": answers and open_,
        "close": (directs and rules.may_close(case.state) is Verdict.YES) or (answers and open_),
        "withdraw": (directs or who.may(Right.KEEP_RECORD)) and case.state in (State.WAITING, *rules.ANSWERABLE),
        "look": directs and case.state == State.WAITING,
        "direct": directs and case.state in rules.ANSWERABLE,
        "tell": tells and rules.may_tell_outcome(case.state, case.answered_at is not None) is Verdict.YES,
        "publish": directs and rules.may_release_knowledge(case.state, by, who.id) is Verdict.YES,
    }


def _asker(found: Whole, who: Person) -> str:
    """Who asked, masked; only for those who see members."""
    if found.member is None or not who.may(Right.SEE_MEMBERS):
        return ""
    return f"{masked(found.member.name)} {found.member.number}"


def _sees_lesson(found: Whole, who: Person) -> bool:
    if found.lesson is None:
        return False
    region = found.lesson.course.region_code
    return who.reaches(region) or who.region_code.startswith(region)
