"""Pages of whoever directs: look through what people wrote, send it elsewhere, who answers what, release answers."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.consultations import answering, knowledge, routing, service, views, words
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.regions import path_of
from schedules.asking import TOPICS

blueprint = Blueprint("case_direction", __name__, url_prefix="/cases", template_folder="templates")


def where_expert(session: Session, account_id: UUID) -> str:
    """The code of the region for which an expert works.

    Raises:
        NotFound: there is no such account.
    """
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("expert_unknown", _("There is no such expert."))
    return account.region_code


scoping.decided(blueprint, "case_id", by=service.known_to)
scoping.lies(blueprint, "account_id", where=where_expert)


@blueprint.post("/<uuid:case_id>/look-through")
@auth.require(Right.DIRECT_CASES)
def look_through(case_id: UUID) -> ResponseReturnValue:
    """Pass on what somebody wrote, or do not."""
    passes, note = request.form.get("do") == "pass", request.form.get("note", "")

    def carry_out() -> None:
        answering.look_through(http.db_session(), case_id, note, auth.person(), http.now(), passes=passes)

    said = _("It is passed on to the experts.") if passes else _("It is not passed on, and no television shows it.")
    return views.done(case_id, carry_out, said)


@blueprint.post("/<uuid:case_id>/direct")
@auth.require(Right.DIRECT_CASES)
def direct(case_id: UUID) -> ResponseReturnValue:
    """Another topic, or another urgency."""
    topic, urgency = request.form.get("topic", ""), request.form.get("urgency", "")

    def carry_out() -> None:
        routing.direct(http.db_session(), case_id, topic, urgency, auth.person(), http.now())

    return views.done(case_id, carry_out, _("It is with those who answer this topic."))


@blueprint.get("/experts")
@auth.require(Right.DIRECT_CASES)
def experts() -> ResponseReturnValue:
    """Who answers in one's region, and which topics."""
    session, who = http.db_session(), auth.person()
    found = routing.experts_in(session, who.region_code)
    everywhere = {one.region_code for one in found if one.region_code}
    return render_template(
        "consultations/experts.html",
        experts=found,
        topics_of=routing.topics_of(session, [one.id for one in found]),
        places={code: " ".join(one.name for one in path_of(session, code)[-2:]) for code in everywhere},
        topics=TOPICS,
        words=words,
    )


@blueprint.post("/experts/<uuid:account_id>")
@auth.require(Right.DIRECT_CASES)
def set_topics(account_id: UUID) -> ResponseReturnValue:
    """From now on somebody answers these topics."""
    session = http.db_session()
    account, topics = session.get_one(Account, account_id), request.form.getlist("topic")
    routing.set_topics(session, account, topics, auth.person(), http.now())
    flash(_("%(name)s is asked about these topics from now on.", name=account.display_name))
    return redirect(url_for("case_direction.experts", _anchor=f"expert-{account_id}"))


@blueprint.route("/<uuid:case_id>/publish", methods=["GET", "POST"])
@auth.require(Right.DIRECT_CASES)
def publish(case_id: UUID) -> ResponseReturnValue:
    """Write a question and its answer anew for everybody."""
    session, who = http.db_session(), auth.person()
    if request.method == "GET":
        return _publish_page(case_id, None, {})
    typed = request.form.to_dict()
    try:
        entry = knowledge.release(
            session,
            case_id,
            typed.get("question", ""),
            typed.get("answer", ""),
            typed.get("topic", ""),
            who,
            http.now(),
        )
    except (Rejected, Conflict) as error:
        if http.wants_json():
            raise
        session.rollback()
        return _publish_page(case_id, typed, error.fields or {"": error.sentence}), http.status_of(error)
    flash(_("Everybody can read it now."))
    return redirect(url_for("knowledge.entry", entry_id=entry.id))


@blueprint.post("/<uuid:case_id>/take-back")
@auth.require(Right.DIRECT_CASES)
def take_back(case_id: UUID) -> ResponseReturnValue:
    """Nobody reads it any more."""
    knowledge.take_back(http.db_session(), case_id, auth.person(), http.now())
    flash(_("The answer is no longer public."))
    return redirect(url_for("cases.show", case_id=case_id))


def _publish_page(case_id: UUID, typed: dict[str, str] | None, errors: dict[str, object]) -> str:
    session, who = http.db_session(), auth.person()
    found = service.whole(session, service.known_to(session, case_id, who), who)
    newest = found.answers[0].answer.text if found.answers else ""
    begin = {"question": words.question(found.case), "answer": newest, "topic": found.case.topic}
    if found.entry:
        begin = {"question": found.entry.question, "answer": found.entry.answer, "topic": found.entry.topic}
    return render_template(
        "consultations/publish.html",
        found=found,
        case=found.case,
        own=who.id in {one.answer.by for one in found.answers},
        typed=begin if typed is None else typed,
        errors=errors,
        topics=TOPICS,
        words=words,
        longest=(knowledge.QUESTION_CHARS, knowledge.ANSWER_CHARS),
    )
