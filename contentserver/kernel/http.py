"""The edge towards HTTP: unit of work per request, errors to statuses, language, security headers, page shell.

The one module that knows HTTP statuses. A request that ends below 400 commits; any other rolls back.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec
import structlog
from babel import Locale
from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import Babel, gettext
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, HTTPException

from contentserver.kernel import clock, display
from contentserver.kernel.db import Database, disk_full
from contentserver.kernel.errors import Conflict, Forbidden, Gone, NotFound, Outage, Refusal, Rejected, Unauthenticated
from schedules.wire.codec import Unreadable, decode
from schedules.wire.messages import Message, Problem

STATUS: Final[dict[type[Refusal], int]] = {
    Gone: 410,
    NotFound: 404,
    Conflict: 409,
    Rejected: 422,
    Forbidden: 403,
    Unauthenticated: 401,
}
LOCALES: Final = ("zh_CN", "en")
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob: data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
STRICT_TRANSPORT: Final = "max-age=31536000"
"""For a year a browser that trusts this server's certificate comes by TLS alone."""
ASK_AGAIN_S: Final = "15"
"""After so many seconds whoever met an outage should try again (Retry-After); nginx says the same for itself."""
FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})

_M = TypeVar("_M", bound=Message)

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://")
"""Counts by the caller's address in each process; what must hold across processes is counted in the database."""
babel = Babel()
log = structlog.get_logger()


def db_session() -> Session:
    """This request's database session; it takes SQLite's write lock at once unless the method is safe."""
    if "db" not in g:
        database: Database = current_app.extensions["database"]
        g.db = database.reader() if request.method in SAFE_METHODS else database.writer()
    found: Session = g.db
    return found


def now() -> datetime:
    """The instant at which this request began to ask for the time; the same for all of the request."""
    if "now" not in g:
        g.now = clock.now()
    instant: datetime = g.now
    return instant


def caller() -> tuple[str, str]:
    """From where this request comes and the number it bears (X-Request-Id); both empty outside of a request."""
    if not has_request_context():
        return "", ""
    number = request.headers.get("X-Request-Id", "")
    return request.remote_addr or "", "".join(filter(str.isprintable, number))


def json_response(message: Message, status: int = 200) -> Response:
    """A message of the contract as JSON."""
    return Response(msgspec.json.encode(message), status=status, content_type="application/json")


def json_body(kind: type[_M]) -> _M:
    """The request's JSON body as `kind`.

    Raises:
        Rejected: it is no such thing.
    """
    try:
        return decode(request.get_data(), kind)
    except Unreadable as error:
        raise Rejected("body_unreadable", str(error)) from error


def require_valid(form: FlaskForm) -> bool:
    """Whether a form is valid; a program that sent a wrong one is refused at once.

    Raises:
        Rejected: the form is wrong and the caller reads JSON.
    """
    if form.validate():
        return True
    if wants_json():
        name, problems = next(iter(form.errors.items()))
        raise Rejected("form_invalid", f"{name}: {problems[0]}")
    return False


def install(app: Flask, database: Database, default_locale: str, zone: str) -> None:
    """Bind the edge to an application."""
    app.extensions["database"] = database
    app.extensions.setdefault("committed", lambda: None)
    csrf.init_app(app)
    limiter.init_app(app)
    babel.init_app(
        app,
        default_locale=default_locale,
        default_timezone=zone,
        default_translation_directories="translations",
        locale_selector=lambda: _catalogue(_locale(default_locale)),
    )
    app.before_request(_refuse_unstorable)
    app.teardown_appcontext(_close)
    app.after_request(_finish)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(Outage, _outage)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(DBAPIError, _out_of_room)
    app.register_error_handler(OSError, _out_of_room)
    app.register_error_handler(OverflowError, _unstorable)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_failed)
    app.add_url_rule("/health", view_func=_health, endpoint="health")
    app.add_url_rule("/language/<locale>", view_func=_language, endpoint="language", methods=["POST"])
    app.jinja_env.globals["locales"] = LOCALES
    app.jinja_env.globals["locale_now"] = lambda: _locale(default_locale)
    app.jinja_env.globals["here"] = here
    display.install(app)


def _refuse_unstorable() -> None:
    """Refuse text that no database keeps: nobody can type a NUL, and PostgreSQL breaks off over it.

    Raises:
        BadRequest: the address, its arguments or the form have one.
    """
    texts = [request.path, *request.args.keys(), *request.args.values()]
    if request.mimetype in FORMS:
        texts += [*request.form.keys(), *request.form.values()]
    if any("\0" in text for text in texts):
        raise BadRequest


def here(**changes: object) -> str:
    """This page's address with some of its arguments changed."""
    arguments = {**request.args.to_dict(), **(request.view_args or {}), **changes}
    return url_for(str(request.endpoint), **arguments)


def wants_json() -> bool:
    """Whether the caller is a program: a path under /api, or a request that accepts JSON rather than HTML."""
    return request.path.startswith("/api/") or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def _locale(default: str) -> str:
    chosen = session.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    if wants_json():
        return request.accept_languages.best_match(["zh-CN", "zh", "en"], default).replace("zh-CN", "zh_CN")
    return default


def _catalogue(locale: str) -> Locale:
    """The locale under the name its catalogue lies under: `zh_CN`, which Babel would look for as `zh_Hans_CN`."""
    found = Locale.parse(locale)
    found.script = None
    return found


def _language(locale: str) -> ResponseReturnValue:
    if locale in LOCALES:
        session["locale"] = locale
    return redirect(local_path(request.referrer))


def local_path(address: str | None) -> str:
    """Path and query of an address, so that a redirect never leaves this server."""
    try:
        parts = urlsplit(address or "/")
    except ValueError:
        return "/"
    path = "/" + parts.path.lstrip("/\\")
    return f"{path}?{parts.query}" if parts.query else path


def _health() -> ResponseReturnValue:
    db_session().execute(text("SELECT 1"))
    return {"status": "ok"}


def _finish(response: Response) -> Response:
    opened: Session | None = g.get("db")
    if opened is not None:
        if response.status_code < 400:
            try:
                opened.commit()
            except DBAPIError as error:
                opened.rollback()
                return _finish(_out_of_room(error))
            if request.method not in SAFE_METHODS:
                committed: Callable[[], None] = current_app.extensions["committed"]
                committed()
        else:
            opened.rollback()
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    if "Cache-Control" not in headers and request.endpoint != "static":
        headers["Cache-Control"] = "no-store"
    return response


def _close(_error: BaseException | None) -> None:
    opened: Session | None = g.pop("db", None)
    if opened is not None:
        opened.close()


def status_of(error: Refusal) -> int:
    """The HTTP status of a refusal."""
    return next(code for kind, code in STATUS.items() if isinstance(error, kind))


def _refused(error: Refusal) -> ResponseReturnValue:
    status = status_of(error)
    if isinstance(error, Unauthenticated) and not wants_json():
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    return _problem(error.code, str(error.sentence), status)


def _outage(error: Outage) -> ResponseReturnValue:
    log.error("http.outage", path=request.path, error=repr(error))
    problem = _problem(
        "outage", gettext("A part of the system does not answer. Nothing was changed; try again soon."), 503
    )
    problem.headers["Retry-After"] = ASK_AGAIN_S
    return problem


def _unstorable(error: DataError | OverflowError) -> ResponseReturnValue:
    """A value of the right kind that nothing has room for: a number, an instant beyond the calendar."""
    cause = error.orig if isinstance(error, DataError) else error
    log.warning("http.unstorable", path=request.path, error=repr(cause))
    return _problem("unstorable", gettext("A number is too large or a text too long. Nothing was changed."), 422)


def _out_of_room(error: OSError | DBAPIError) -> Response:
    """The disk of files or of the database is full; any other fault of theirs goes on."""
    if not disk_full(error):
        raise error
    log.error("http.disk_full", path=request.path, error=repr(error)[:300])
    sentence = gettext("The server's disk is full. Nothing was changed; tell whoever looks after the server.")
    return _problem("disk_full", sentence, 507)


def _csrf_failed(_error: CSRFError) -> ResponseReturnValue:
    return _problem("form_expired", gettext("This form has expired. Load the page again and repeat."), 400)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    sentences = {
        404: gettext("There is no such page."),
        405: gettext("This cannot be done here."),
        413: gettext("The file is too large."),
        429: gettext("Too many attempts. Wait a minute and try again."),
    }
    fallback = gettext("Something went wrong. Nothing was changed.")
    return _problem(f"http_{status}", sentences.get(status, fallback), status)


def _problem(code: str, sentence: str, status: int) -> Response:
    if wants_json():
        return json_response(Problem(code=code, title=sentence), status)
    return make_response(render_template("problem.html", sentence=sentence, code=code), status)
