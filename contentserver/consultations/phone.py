"""Pages for a phone, without an account and without a script: ask an expert, see the answers.

Who asks is whose number was typed on this phone (`joining`); which questions it has asked, lies in its own signed
session, so that a number alone shows nobody's questions.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import RequestEntityTooLarge, TooManyRequests

from contentserver.consultations import answering, asking, laying_out, outcomes, rules, service, views, words
from contentserver.consultations.rules import State
from contentserver.joining import ASKED, PAGES, WRONG, identify, joined, known, lesson_near, whence
from contentserver.kernel import http, scoping
from contentserver.kernel.errors import Conflict, NotFound, Refusal, Rejected
from contentserver.members import masked
from contentserver.stations import Station
from schedules.asking import TOPICS

blueprint = Blueprint("phone_cases", __name__, template_folder="templates")
scoping.free(blueprint, "token", because="whoever holds a station's secret address stands before its television")
scoping.free(blueprint, "case_id", because="looked for among the questions that this phone has asked")
scoping.free(blueprint, "file_id", because="looked for among the questions that this phone has asked")
QUESTIONS = "12 per hour"
MOST_KEPT = 20
_KEPT = "asked"


@blueprint.get("/join/<token>/ask")
@http.limiter.limit(PAGES)
def ask(token: str) -> ResponseReturnValue:
    """The form of a question; before it, whose phone this is."""
    if known(token) is None:
        return _number_page(token)
    return _ask_page(token, {}, {})


@blueprint.post("/join/<token>/ask/who")
@http.limiter.limit(ASKED, key_func=whence)
@http.limiter.limit(WRONG, key_func=whence, deduct_when=lambda response: response.status_code == 422)
def who(token: str) -> ResponseReturnValue:
    """Whose number this is."""
    try:
        identify(token, request.form.get("number", ""))
    except Rejected as error:
        return _number_page(token, error.sentence), 422
    return redirect(url_for("phone_cases.ask", token=token), 303)


@blueprint.post("/join/<token>/ask")
@http.limiter.limit(QUESTIONS, key_func=whence, deduct_when=lambda response: response.status_code < 400)
@http.limiter.limit(ASKED, key_func=whence)
def send(token: str) -> ResponseReturnValue:
    """Ask."""
    found = known(token)
    if found is None:
        return redirect(url_for("phone_cases.ask", token=token), 303)
    station, member = found
    db, typed = http.db_session(), request.form.to_dict()
    topic, text = typed.get("topic", ""), typed.get("text", "")
    try:
        files = views.brought()
        near = lesson_near(db, station, http.now())
        case = asking.ask(db, station, str(member.id), topic, text, files, near, http.now())
    except (Rejected, Conflict) as error:
        wrong = asking.wrong_in(topic, text, True) | error.fields
        return _ask_page(token, typed, wrong or {"": error.sentence}), http.status_of(error)
    _keep(case.id)
    return redirect(url_for("phone_cases.mine", token=token, asked=case.number), 303)


@blueprint.get("/join/<token>/cases")
@http.limiter.limit(PAGES)
def mine(token: str) -> ResponseReturnValue:
    """What this phone has asked, and what the station's television shows of its questions."""
    return _mine_page(token)


@blueprint.post("/join/<token>/cases/<uuid:case_id>/withdraw")
@http.limiter.limit(ASKED, key_func=whence)
def withdraw(token: str, case_id: UUID) -> ResponseReturnValue:
    """This phone does not ask any more."""
    _refuse_others(token, case_id)
    answering.withdraw(http.db_session(), case_id, "", None, http.now())
    return redirect(url_for("phone_cases.mine", token=token), 303)


@blueprint.post("/join/<token>/cases/<uuid:case_id>/helped")
@http.limiter.limit(ASKED, key_func=whence)
def say_helped(token: str, case_id: UUID) -> ResponseReturnValue:
    """Whether the answer helped; the other button takes it back."""
    _refuse_others(token, case_id)
    said = request.form.get("helped", "")
    if said not in ("yes", "no"):
        raise Rejected("helped_unknown", _("Choose one of the two."))
    asking.say_helped(http.db_session(), case_id, http.now(), helped=said == "yes")
    return redirect(url_for("phone_cases.mine", token=token, _anchor=f"case-{case_id}"), 303)


@blueprint.post("/join/<token>/cases/<uuid:case_id>/outcome")
@http.limiter.limit(ASKED, key_func=whence)
def tell_outcome(token: str, case_id: UUID) -> ResponseReturnValue:
    """What came of the answer, asked weeks later."""
    _refuse_others(token, case_id)
    typed = request.form.to_dict()
    told = outcomes.Typed(**{name: typed.get(name, "") for name in ("solved", "area", "crop", "income")})
    try:
        outcomes.note_outcome(http.db_session(), case_id, told, None, http.now())
    except Rejected as error:
        return _mine_page(token, case_id, typed, error.fields), http.status_of(error)
    return redirect(url_for("phone_cases.mine", token=token, told=1, _anchor=f"case-{case_id}"), 303)


@blueprint.get("/join/<token>/files/<uuid:file_id>")
@http.limiter.limit(PAGES)
def file(token: str, file_id: UUID) -> ResponseReturnValue:
    """A photograph or a voice note of one of this phone's questions."""
    joined(token)
    row = asking.file_of_phone(http.db_session(), file_id, _asked())
    if row is None:
        raise NotFound("file_unknown", _("There is no such file."))
    return views.sent(row.kind, row.digest)


def _refuse_others(token: str, case_id: UUID) -> None:
    """Raise NotFound unless this phone has asked a question at this station."""
    if case_id not in {case.id for case in asking.asked_from(http.db_session(), joined(token).id, _asked())}:
        raise NotFound("case_unknown", _("There is no such question."))


def _mine_page(
    token: str, of: UUID | None = None, typed: dict[str, str] | None = None, errors: dict[str, object] | None = None
) -> str:
    """The page of one's own questions; where a form of one of them was wrong, with what was typed there.

    Of one answer at a time it asks what came of it, the oldest first: a phone's page is light, and so is the asking.
    """
    station, db = joined(token), http.db_session()
    cases = asking.asked_from(db, station.id, _asked())
    shown = {str(case.id) for case in cases}
    others = [card for card in laying_out.cards_of(db, station.id).get(station.id, []) if card.id not in shown]
    asks = outcomes.asked_of(db, cases, http.now())
    asked_now = of or next((case.id for case in reversed(cases) if asks[case.id] in rules.ASKS), None)
    return render_template(
        "consultations/phone_cases.html",
        **_about(station, token),
        mine=[(case, service.answers_of(db, case), case.id == asked_now) for case in cases],
        others=others[:10],
        asked=request.args.get("asked", type=int),
        told="told" in request.args,
        of=of,
        typed=typed or {},
        errors=errors or {},
        State=State,
    )


def _number_page(token: str, wrong: object = "") -> str:
    return render_template("consultations/phone_number.html", **_about(joined(token), token), wrong=wrong)


def _ask_page(token: str, typed: dict[str, str], errors: dict[str, object]) -> str:
    found = known(token)
    station = found[0] if found else joined(token)
    return render_template(
        "consultations/phone_ask.html",
        **_about(station, token),
        name=masked(found[1].name) if found else "",
        near=lesson_near(http.db_session(), station, http.now()),
        typed=typed,
        errors=errors,
        topics=TOPICS,
        longest=asking.TEXT_CHARS,
    )


def _about(station: Station, token: str) -> dict[str, Any]:
    return {"station": station, "secret": token, "words": words}


def _asked() -> list[UUID]:
    """The questions that this phone has asked."""
    try:
        return msgspec.json.decode(session.get(_KEPT, "[]"), type=list[UUID])
    except msgspec.MsgspecError:
        return []


def _keep(case_id: UUID) -> None:
    kept = [case_id, *(one for one in _asked() if one != case_id)][:MOST_KEPT]
    session[_KEPT] = msgspec.json.encode(kept).decode()


def _sorry(sentence: str, status: int) -> ResponseReturnValue:
    token = (request.view_args or {}).get("token", "")
    return render_template("consultations/phone_sorry.html", sentence=sentence, secret=token), status


def _refused(error: Refusal) -> ResponseReturnValue:
    return _sorry(str(error.sentence), http.status_of(error))


def _answering(sentence: Callable[[], str], status: int) -> Callable[[Exception], ResponseReturnValue]:
    return lambda _error: _sorry(sentence(), status)


blueprint.register_error_handler(NotFound, _refused)
blueprint.register_error_handler(Conflict, _refused)
blueprint.register_error_handler(Rejected, _refused)
blueprint.register_error_handler(
    TooManyRequests, _answering(lambda: _("You have asked a lot. Wait a while, then ask again."), 429)
)
blueprint.register_error_handler(
    CSRFError, _answering(lambda: _("This page was open for long. Scan the square on the television again."), 400)
)
blueprint.register_error_handler(
    RequestEntityTooLarge,
    _answering(
        lambda: _("Photograph and voice note together may have at most 16 MB. Go back and choose smaller ones."), 413
    ),
)
