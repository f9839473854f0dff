"""JSON for other programs, by personal tokens: figures, sessions, xAPI statements. Described in `openapi.py`."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import wraps
from typing import ParamSpec

import msgspec
from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from contentserver.attendance import SessionRow, SignInRow
from contentserver.kernel import auth, clock, http
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Rejected, Unauthenticated
from contentserver.regions import Region, region_named, subtree_filter
from contentserver.reports import answers, openapi, rules, service, tokens
from contentserver.reports.models import ApiToken
from contentserver.reports.overview import Asked, overview
from contentserver.reports.rules import Period

blueprint = Blueprint("reports_api", __name__, url_prefix="/api/v1")
http.csrf.exempt(blueprint)
JSONL = "application/jsonl"
NOTED_EVERY = timedelta(minutes=1)
"""A token's last use is written at most this often."""
AT_ONCE = 500
"""Rows that a stream holds at the same time."""

_P = ParamSpec("_P")


def by_token(view: Callable[_P, ResponseReturnValue]) -> Callable[_P, ResponseReturnValue]:
    """Decorate a view: a token that holds stands for its owner, as far as the token goes."""

    @wraps(view)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> ResponseReturnValue:
        kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret:
            raise Unauthenticated("token_missing", _("Send a token: Authorization: Bearer …"))
        row, g.person = tokens.person_with(http.db_session(), secret.strip(), http.now())
        if row.used_at is None or row.used_at < http.now() - NOTED_EVERY:
            database: Database = current_app.extensions["database"]
            with database.unit_of_work() as unit:
                unit.get_one(ApiToken, row.id).used_at = http.now()
        return view(*args, **kwargs)

    return guarded


@blueprint.get("/openapi.json")
def openapi_document() -> ResponseReturnValue:
    """What this API is, for programs and for `/reports/api`."""
    return _json(openapi.document(_home()))


@blueprint.get("/figures")
@http.limiter.limit("120 per minute")
@by_token
def figures() -> ResponseReturnValue:
    """Figures of a region, of what lies below it, and of each course."""
    region, period = _region(), _period(request.args)
    report = overview(http.db_session(), region, Asked(period, request.args.get("course", "")))
    return _json(answers.figures_answer(report, http.now()))


@blueprint.get("/sessions")
@http.limiter.limit("120 per minute")
@by_token
def sessions() -> ResponseReturnValue:
    """One page of the sessions of a region, the newest first."""
    region, period = _region(), _period(request.args)
    number = _whole(request.args.get("page", "1"))
    page = service.sessions_page(http.db_session(), region.code, *period.instants(), number)
    return _json(answers.sessions_answer(page))


@blueprint.get("/xapi.jsonl")
@http.limiter.limit("20 per minute")
@by_token
def statements() -> ResponseReturnValue:
    """One xAPI statement a line for every attended lesson, as a stream."""
    region, period = _region(), _period(request.args)
    services = current_app.extensions["services"]
    lines = _lines(services.database, region.code, period, services.settings.secret_key, _home())
    return Response(lines, content_type=JSONL)


def _lines(database: Database, root: str, period: Period, secret: str, home: str) -> Iterator[bytes]:
    """The statements, read as they are sent: a year of a county never stands in memory."""
    start, end = period.instants()
    query = (
        select(SessionRow, SignInRow.member_id, SignInRow.at, SignInRow.present_ms)
        .join(
            SignInRow,
            (SignInRow.airing_id == SessionRow.airing_id) & (SignInRow.station_id == SessionRow.station_id),
        )
        .where(
            subtree_filter(SessionRow.region_code, root),
            SessionRow.planned_start >= start,
            SessionRow.planned_start < end,
        )
        .order_by(SessionRow.planned_start, SessionRow.airing_id, SessionRow.station_id, SignInRow.member_id)
    )
    encode = msgspec.json.Encoder().encode
    with database.reader() as session:
        for row, member, at, present_ms in session.execute(query.execution_options(yield_per=AT_ONCE)):
            said = answers.statement(row, answers.pseudonym(secret, member), at, present_ms, home)
            yield encode(said) + b"\n"


def _region() -> Region:
    session, code = http.db_session(), request.args.get("region") or auth.person().region_code
    code = code or next(iter(service.nodes_of(session, "")), "")
    region = region_named(session, code)
    auth.require_scope(code)
    return region


def _period(arguments: Mapping[str, str]) -> Period:
    """As on the pages, but a program that writes no day is told so."""
    for name in ("from", "to"):
        if given := arguments.get(name):
            _day(given)
    return rules.period_asked(arguments.get("from", ""), arguments.get("to", ""), _today(http.now()))


def _today(now: datetime) -> date:
    return clock.local(now).date()


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise Rejected("day_unreadable", _("Give days like 2026-11-23.")) from error
    if not clock.EARLIEST <= found <= clock.LATEST:
        raise Rejected("day_unreadable", _("Give days like 2026-11-23."))
    return found


def _whole(text: str) -> int:
    number = int(text[:9]) if text.isdecimal() else 0
    if number < 1:
        raise Rejected("page_unreadable", _("Pages are numbered from 1."))
    return number


def _home() -> str:
    return str(current_app.extensions["services"].settings.public_url)


def _json(answer: object) -> Response:
    return Response(msgspec.json.encode(answer), content_type="application/json")
