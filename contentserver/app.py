"""The composition root: binds slices, adapters and settings into one Flask application.

Nothing is wired at import time.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog
from flask import Flask, g, request, session
from flask.typing import ResponseReturnValue
from huey import Huey
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from contentserver import (
    accounts,
    alerts,
    attendance,
    boxes,
    courses,
    guide,
    members,
    readiness,
    reports,
    stations,
    timetable,
)
from contentserver.adapters.bell import ring
from contentserver.adapters.package_store import FolderStore
from contentserver.kernel import assets, http
from contentserver.kernel.auth import person_or_none
from contentserver.kernel.clock import now as clock_now
from contentserver.kernel.db import Database
from contentserver.kernel.jobs import make_queue
from contentserver.settings import Settings
from schedules.wire.messages import Reported
from schedules.wire.signing import Signer

SEEN_EVERY_S = 60
"""A session's last use is written at most this often."""

log = structlog.get_logger()


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What requests, workers and commands share; reached as `app.extensions["services"]` at the edges only."""

    settings: Settings
    database: Database
    queue: Huey
    store: FolderStore
    signer: Signer
    transcodes: courses.TranscodeJobs


def make_services(settings: Settings) -> Services:
    """Open everything that the programs of the server share."""
    for folder in (settings.packages_dir, settings.uploads_dir):
        folder.mkdir(parents=True, exist_ok=True)
    database, queue = Database(settings.database_url), make_queue(settings.queue_url, settings.queue_file)
    return Services(
        settings=settings,
        database=database,
        queue=queue,
        transcodes=courses.TranscodeJobs(
            queue,
            database,
            settings.uploads_dir,
            settings.packages_dir,
            lease=timedelta(seconds=settings.lease_s),
            keep_recordings=timedelta(days=settings.keep_recordings_days) if settings.keep_recordings_days else None,
        ),
        store=FolderStore(settings.packages_dir, settings.secret_key, settings.accel_prefix),
        signer=Signer(settings.signing_key_file.read_bytes()),
    )


def create_app(settings: Settings, services: Services | None = None) -> Flask:
    """The Flask application; behind nginx, which sets the forwarded headers."""
    app = Flask(__name__, static_folder="frontend/dist", static_url_path="/static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
        MAX_CONTENT_LENGTH=courses.PIECE_LIMIT_BYTES + 1024,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_port=1)  # type: ignore[method-assign]
    services = services or make_services(settings)
    app.extensions["services"] = services
    app.extensions["box_gate"] = boxes.box_of_request
    app.extensions["committed"] = partial(ring, settings.data_dir)
    app.extensions["on_lesson_changed"] = lambda session, lesson_id, now: timetable.lesson_changed(
        session, lesson_id, services.signer, now
    )
    app.extensions["on_report"] = _record_proofs
    app.extensions["tell_station"] = readiness.keep_note
    http.install(app, services.database, settings.default_locale, settings.zone)
    assets.install(app)
    app.before_request(_start_request)
    app.before_request(_load_person(services))
    app.after_request(_log_request)
    for slice_ in (
        accounts,
        stations,
        members,
        boxes,
        courses,
        timetable,
        attendance,
        reports,
        readiness,
        alerts,
        guide,
    ):
        for blueprint in slice_.blueprints():
            app.register_blueprint(blueprint)
    app.jinja_env.globals["person"] = person_or_none
    app.jinja_env.globals["clock_now"] = http.now
    app.jinja_env.globals["station_notes"] = readiness.notes_shown
    return app


def _record_proofs(session: Session, report: Reported, now: datetime) -> None:
    """What a report by HTTP proves, of layers and of alerts."""
    timetable.record_proofs(session, report, now)
    alerts.record_alert_proofs(session, report)


def _start_request() -> None:
    g.started = time.monotonic()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=request.headers.get("X-Request-Id", ""))


def _load_person(services: Services) -> Callable[[], None]:
    idle = services.settings.session_idle_minutes

    def load() -> None:
        token = session.get(accounts.SESSION_KEY)
        if not token or request.endpoint == "static":
            return
        with services.database.reader() as looking:  # no lock is held while a body comes in
            g.person = accounts.load_person(looking, token, http.now(), idle)
        if g.person and session.get("touched", 0) + SEEN_EVERY_S < clock_now().timestamp():
            session["touched"] = int(clock_now().timestamp())
            with services.database.unit_of_work() as unit:
                accounts.touch_session(unit, token, http.now())

    return load


def _log_request(response: ResponseReturnValue) -> ResponseReturnValue:
    status = getattr(response, "status_code", 0)
    if request.endpoint not in {"static", "health"}:
        log.info(
            "http.request",
            method=request.method,
            path=request.path,
            status=status,
            ms=round((time.monotonic() - g.started) * 1000, 1),
        )
    return response
