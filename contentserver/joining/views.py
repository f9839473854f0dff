"""Pages for a phone, without an account: type a number, see whose it is, sign in, hear the television's answer.

Who was found, and which commands were sent for them, lies in the phone's own signed session: nobody else can undo it.
"""

from typing import Any
from uuid import UUID

import msgspec
from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import TooManyRequests

from contentserver.joining import rules, service
from contentserver.joining.rules import Standing
from contentserver.joining.schemas import NumberForm
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.members import Member, masked
from contentserver.stations import Station, station_joined, where_station
from schedules.wire.signing import Signer

blueprint = Blueprint("joining", __name__, template_folder="templates")
scoping.lies(blueprint, "station_id", where=where_station)
scoping.free(blueprint, "token", because="whoever holds a station's secret address stands before its television")
ASKED, PAGES, WRONG = "120 per minute", "1200 per minute", "10 per minute;60 per hour"
"""A village often goes out by one address; wrong numbers are counted for themselves."""
_KEPT = "joining"


class Joining(msgspec.Struct, frozen=True):
    """What the phone keeps in its session."""

    station: UUID
    member: UUID
    commands: tuple[UUID, ...] | None = None
    """None until somebody has confirmed; empty where no television had a line."""


def whence() -> str:
    """Whom a limit counts: an address and a station."""
    return f"{get_remote_address()} {(request.view_args or {}).get('token', '')}"


@blueprint.get("/join/<token>")
@http.limiter.limit(PAGES)
def number(token: str) -> ResponseReturnValue:
    """The station, its lesson, and the form for a number."""
    return _number_page(_station(token), token, NumberForm(formdata=None))


@blueprint.post("/join/<token>")
@http.limiter.limit(ASKED, key_func=whence)
@http.limiter.limit(WRONG, key_func=whence, deduct_when=lambda response: response.status_code == 422)
def look_up(token: str) -> ResponseReturnValue:
    """Whose number this is."""
    station, form = _station(token), NumberForm()
    try:
        identify(token, form.number.data or "")
    except Rejected as error:
        form.number.errors = [str(error.sentence)]
        return _number_page(station, token, form), 422
    return redirect(url_for("joining.you", token=token))


@blueprint.get("/join/<token>/you")
@http.limiter.limit(PAGES)
def you(token: str) -> ResponseReturnValue:
    """Is this you?"""
    station = _station(token)
    found = _found(station)
    if found is None:
        return redirect(url_for("joining.number", token=token))
    return render_template(
        "joining/you.html", **_about(station, token), name=masked(found[1].name), number=found[1].number
    )


@blueprint.post("/join/<token>/sign-in")
@http.limiter.limit(ASKED, key_func=whence)
def sign_in(token: str) -> ResponseReturnValue:
    """Ask the televisions."""
    return _ask(token, undo=False)


@blueprint.post("/join/<token>/undo")
@http.limiter.limit(ASKED, key_func=whence)
def undo(token: str) -> ResponseReturnValue:
    """Take back what this phone has signed in, within a minute."""
    station = _station(token)
    found = _found(station)
    if found is None or not _answer(found[0])["undo"]:
        raise Conflict("undo_late", _("It is too late to take this back here. It goes with the remote."))
    return _ask(token, undo=True)


@blueprint.get("/join/<token>/answer")
@http.limiter.limit(PAGES)
def answer(token: str) -> ResponseReturnValue:
    """What the televisions say; the part that changes is asked for again until they have said it."""
    station = _station(token)
    found = _found(station)
    if found is None or found[0].commands is None:
        return redirect(url_for("joining.number", token=token))
    shown = {"secret": token, "name": masked(found[1].name), **_answer(found[0])}
    if "HX-Request" in request.headers:
        return render_template("joining/answered.html", **shown)
    return render_template("joining/answer.html", **_about(station, token) | shown)


@blueprint.post("/stations/<uuid:station_id>/join")
@auth.require(Right.CLAIM_BOX)
def renew(station_id: UUID) -> ResponseReturnValue:
    """A new address for the phones of a station."""
    service.renew(http.db_session(), station_id, _public_url(), auth.person(), _signer(), http.now())
    flash(_("The televisions show a new square. The old one leads nowhere any more."))
    return redirect(url_for("boxes.station", station_id=station_id))


def joined(token: str) -> Station:
    """The station of an address.

    Raises:
        NotFound: there is none, or not any more.
    """
    return _station(token)


def identify(token: str, number: str) -> Member:
    """Whose number was typed on this phone, which keeps it from now on.

    Raises:
        NotFound: the address leads nowhere.
        Rejected: nobody here has the number.
    """
    station = _station(token)
    member = service.found_by(http.db_session(), station, number.strip())
    _keep(Joining(station.id, member.id))
    return member


def known(token: str) -> tuple[Station, Member] | None:
    """The station of an address, and who was found on this phone, if anybody."""
    station = _station(token)
    found = _found(station)
    return None if found is None else (station, found[1])


def answer_errors(pages: Blueprint) -> None:
    """Let the pages of a blueprint say what is wrong as these do."""
    pages.register_error_handler(NotFound, _unknown)
    pages.register_error_handler(Conflict, _busy)
    pages.register_error_handler(TooManyRequests, _too_often)
    pages.register_error_handler(CSRFError, _expired)


def _unknown(error: NotFound) -> ResponseReturnValue:
    return _sorry(str(error.sentence), 404)


def _busy(error: Conflict) -> ResponseReturnValue:
    return _sorry(str(error.sentence), 409)


def _too_often(_error: TooManyRequests) -> ResponseReturnValue:
    return _sorry(_("Too many attempts. Wait a minute and try again."), 429)


def _expired(_error: CSRFError) -> ResponseReturnValue:
    return _sorry(_("This page was open for long. Scan the square on the television again."), 400)


answer_errors(blueprint)


def _sorry(sentence: str, status: int) -> ResponseReturnValue:
    return render_template("joining/sorry.html", sentence=sentence), status


def _ask(token: str, *, undo: bool) -> ResponseReturnValue:
    station = _station(token)
    found = _found(station)
    if found is None:
        return _to("joining.number", token)
    asked = service.ask(http.db_session(), station, found[1], _signer(), http.now(), undo=undo)
    _keep(Joining(station.id, found[1].id, tuple(asked)))
    return _to("joining.answer", token)


def _answer(kept: Joining) -> dict[str, Any]:
    answers, done_at = service.heard(http.db_session(), kept.commands or ())
    stands = rules.standing(answers, http.now())
    undo = done_at is not None and rules.may_undo(stands, done_at, http.now())
    return {"stands": stands.value, "waits": stands is Standing.WAITS, "undo": undo}


def _number_page(station: Station, token: str, form: NumberForm) -> str:
    return render_template("joining/number.html", **_about(station, token), form=form)


def _about(station: Station, token: str) -> dict[str, Any]:
    return {"station": station, "secret": token, "near": service.lesson_near(http.db_session(), station, http.now())}


def _station(token: str) -> Station:
    return station_joined(http.db_session(), _public_url(), token)


def _found(station: Station) -> tuple[Joining, Member] | None:
    """Who was found on this phone, while they are on this station's roll."""
    try:
        kept = msgspec.json.decode(session.get(_KEPT, ""), type=Joining)
        if kept.station != station.id:
            return None
        return kept, service.member_of(http.db_session(), station, kept.member)
    except (msgspec.MsgspecError, NotFound):
        return None


def _keep(joining: Joining) -> None:
    session[_KEPT] = msgspec.json.encode(joining).decode()


def _to(endpoint: str, token: str) -> ResponseReturnValue:
    return redirect(url_for(endpoint, token=token), 303)


def _public_url() -> str:
    return str(current_app.extensions["services"].settings.public_url)


def _signer() -> Signer:
    signer: Signer = current_app.extensions["services"].signer
    return signer
