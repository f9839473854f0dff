"""Pages: find a member, what they attended, print it; and, for whoever holds a printed one, whether it is true."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from contentserver.kernel import auth, clock, http, pdf, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.kernel.sealing import Seal
from contentserver.members import Member, is_former, masked, member_asked
from contentserver.regions import parents_named, path_of
from contentserver.stations import Station
from contentserver.transcripts import asking, own_data, rules, service, statements
from contentserver.transcripts.ports import KeptAbove
from contentserver.transcripts.rules import Attended, Period
from contentserver.transcripts.service import REASON_CHARS

blueprint = Blueprint("transcripts", __name__, url_prefix="/members", template_folder="templates")
public = Blueprint("verify", __name__, url_prefix="/verify", template_folder="templates")
scoping.decided(blueprint, "member_id", by=member_asked)
scoping.free(public, "token", because="whoever holds a printed transcript may see whether it is true")
WORDS_CHARS = 40


@blueprint.get("")
@auth.require(Right.SEE_MEMBERS)
def members() -> ResponseReturnValue:
    session, words = http.db_session(), request.args.get("q", "").strip()[:WORDS_CHARS]
    who = auth.person()
    page, more = service.page_of_members(session, who.region_code, words, request.args.get("page", 1, int))
    stations = service.stations_of(session, page.rows)
    return render_template(
        "transcripts/members.html",
        page=page,
        more=more,
        may_keep=who.may(Right.KEEP_MEMBERS),
        may_unmask=who.may(Right.UNMASK),
        words=words,
        stations=stations,
        places=parents_named(session, [station.region_code for station in stations.values()]),
        sums=service.sums_of(session, page.rows),
        masked=masked,
        waiting=asking.waiting(session, who.region_code),
    )


@blueprint.get("/<uuid:member_id>/transcript")
@auth.require(Right.SEE_MEMBERS)
def one(member_id: UUID) -> ResponseReturnValue:
    """Every session of one member."""
    member, station = member_asked(http.db_session(), member_id, auth.person())
    return _page(member, station)


@blueprint.post("/<uuid:member_id>/transcript")
@auth.require(Right.SEE_MEMBERS, Right.UNMASK)
def with_name(member_id: UUID) -> ResponseReturnValue:
    """The same page with the whole name, once; why is kept."""
    session, who = http.db_session(), auth.person()
    member, station = member_asked(session, member_id, who)
    try:
        service.note_unmasked(session, member.id, _reason(), who, http.now())
    except Rejected as error:
        return _page(member, station, wrong=error.sentence), http.status_of(error)
    return _page(member, station, whole=True)


@blueprint.post("/<uuid:member_id>/transcript.pdf")
@auth.require(Right.SEE_MEMBERS)
def printed(member_id: UUID) -> ResponseReturnValue:
    """The transcript of a period on paper; the whole name stands on it where somebody may read it and says why."""
    session, who, now = http.db_session(), auth.person(), http.now()
    member, station = member_asked(session, member_id, who)
    reason = _reason()
    if reason:
        auth.require_right(Right.UNMASK)
    attended = service.attended_by(session, member.id)
    period = _period(attended)
    statement = service.statement_of(member, attended, period, now)
    service.note_printed(session, statement, reason, who, now)
    settings = current_app.extensions["services"].settings
    token = statements.signed(statement, settings.secret_key)
    address = f"{settings.public_url}{url_for('verify.transcript', token=token)}"
    lines = rules.within(attended, period)
    page = render_template(
        "transcripts/print.html",
        member=member,
        name=member.name if reason else masked(member.name),
        station=station,
        path=path_of(session, station.region_code),
        statement=statement,
        lines=lines[::-1],
        courses=rules.totals(lines, lambda line: line.course),
        total=rules.total(lines),
        qr=pdf.qr_of(address),
        address=address,
    )
    response = Response(pdf.pdf_of(page), content_type="application/pdf")
    name = f"{station.name} {member.number} {period.first}–{period.last}.pdf"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@blueprint.post("/<uuid:member_id>/requests")
@auth.require(Right.SEE_MEMBERS)
def asks(member_id: UUID) -> ResponseReturnValue:
    """The member says that they were at a session whose roll does not have them."""
    session, who, asked = http.db_session(), auth.person(), request.form
    member, station = member_asked(session, member_id, who)
    try:
        asking.ask(session, member, asked.get("airing", ""), asked.get("text", ""), who, http.now())
    except Refusal as error:
        return _page(member, station, ask_wrong=error.sentence), http.status_of(error)
    flash(gettext("The request is written down and waits for an answer."))
    return redirect(url_for("transcripts.one", member_id=member.id, _anchor="asked"))


@blueprint.post("/<uuid:member_id>/data.zip")
@auth.require(Right.SEE_MEMBERS, Right.UNMASK)
def taken_along(member_id: UUID) -> ResponseReturnValue:
    """Everything about one member, whole name and all; for whom it is, is kept."""
    session, who, now = http.db_session(), auth.person(), http.now()
    member, station = member_asked(session, member_id, who)
    try:
        own_data.note_taken(session, member, _reason(), who, now)
    except Rejected as error:
        return _page(member, station, data_wrong=error.sentence), http.status_of(error)
    session.flush()
    above: KeptAbove = current_app.extensions["own_data_above"]
    response = Response(own_data.zip_of(session, member, station, above, _seal(), now), content_type=own_data.ZIP_TYPE)
    name = f"{station.name} {member.number} {clock.local(now):%Y-%m-%d}.zip"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@public.get("/<token>")
@http.limiter.limit("60 per minute")
def transcript(token: str) -> ResponseReturnValue:
    """Whether a printed transcript was issued here, and whether the numbers of today still say the same."""
    secret = current_app.extensions["services"].settings.secret_key
    verdict = service.verified(http.db_session(), token, secret)
    return render_template("transcripts/verify.html", verdict=verdict), 200 if verdict else 404


def _page(
    member: Member,
    station: Station,
    *,
    whole: bool = False,
    wrong: object = "",
    ask_wrong: object = "",
    data_wrong: object = "",
) -> str:
    session = http.db_session()
    attended = service.attended_by(session, member.id)
    years = rules.totals(attended, lambda line: line.day.year)
    year = request.args.get("year", type=int)
    year = year if year in years else None
    lines = [line for line in attended if year is None or line.day.year == year]
    return render_template(
        "transcripts/one.html",
        member=member,
        name=member.name if whole else masked(member.name),
        whole=whole,
        wrong=wrong,
        ask_wrong=ask_wrong,
        data_wrong=data_wrong,
        former=is_former(member.number),
        asked=asking.requests_of(session, member),
        missed=asking.sessions_missed(session, member, http.now()),
        typed=request.form,
        station=station,
        path=path_of(session, station.region_code),
        lines=lines,
        year=year,
        years=years,
        courses=rules.totals(lines, lambda line: line.course),
        total=rules.total(lines),
        period=_period(lines) if lines else None,
        reaches=auth.person().reaches,
        may_unmask=auth.person().may(Right.UNMASK),
    )


def _period(attended: list[Attended]) -> Period:
    asked = request.form if request.method == "POST" else {}
    today = clock.local(http.now()).date()
    return rules.period_asked(asked.get("from", ""), asked.get("to", ""), attended, today)


def _seal() -> Seal:
    found: Seal = current_app.extensions["services"].personal
    return found


def _reason() -> str:
    return "".join(filter(str.isprintable, request.form.get("reason", ""))).strip()[:REASON_CHARS]
