"""The composition root: binds slices, adapters and settings into one Flask application.

Nothing is wired at import time.
"""

import time
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec
import structlog
from flask import Flask, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from huey import Huey
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from contentserver import (
    accounts,
    alerts,
    assessments,
    attendance,
    audit,
    boxes,
    consultations,
    courses,
    documents,
    forum,
    guide,
    joining,
    ledger,
    market,
    members,
    messaging,
    navigation,
    notices,
    papers,
    portal,
    processes,
    projects,
    quizzes,
    readiness,
    reports,
    retention,
    school,
    stars,
    stations,
    sticks,
    support,
    timetable,
    transcripts,
)
from contentserver.adapters.bell import ring
from contentserver.adapters.clamd import Clamd
from contentserver.adapters.keyring import Keyring, KeySafe
from contentserver.adapters.object_store import S3Store, place_of
from contentserver.adapters.package_store import FolderStore, Store
from contentserver.confirmations import PASSWORD_AGAIN
from contentserver.deploy.authority import journal_public_key
from contentserver.kernel import assets, http, scoping
from contentserver.kernel.auth import person_or_none
from contentserver.kernel.clock import now as clock_now
from contentserver.kernel.db import Database
from contentserver.kernel.jobs import make_queue
from contentserver.kernel.sealing import Seal
from contentserver.settings import Settings
from schedules.wire.messages import PaperKind, Reported

SEEN_EVERY_S = 60
"""A session's last use is written at most this often."""

PAPERS = {
    PaperKind.GREEN_CHANNEL: consultations.MADE_OF,
    PaperKind.NOTICES: notices.MADE_OF,
    PaperKind.QUIZZES: quizzes.MADE_OF,
    PaperKind.MARKET: market.MADE_OF,
    PaperKind.DOCUMENTS: documents.MADE_OF,
}
"""A change of one of these tables is on the televisions within seconds; all else that they read, within a minute."""
UNLOGGED_PART = "token"
"""What a route calls a part of its address that is a secret: the log has the route in its place."""

log = structlog.get_logger()


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What requests, workers and commands share; reached as `app.extensions["services"]` at the edges only."""

    settings: Settings
    database: Database
    queue: Huey
    store: Store
    signer: Keyring
    transcodes: courses.TranscodeJobs

    @property
    def personal(self) -> Seal:
        """Seals what is written of people: numbers, addresses."""
        return personal_seal(self.settings)

    @property
    def introduction(self) -> boxes.Introduction:
        """What every box is told of this server, with the keys that are trusted at this moment."""
        return introduction_of(self.settings, self.signer)


def personal_seal(settings: Settings) -> Seal:
    """Seals what is written of people; opens nothing without the server's secret key."""
    return Seal(settings.secret_key, "personal data")


def make_services(settings: Settings) -> Services:
    """Open everything that the programs of the server share."""
    for folder in (settings.packages_dir, settings.uploads_dir):
        folder.mkdir(parents=True, exist_ok=True)
    database, queue = Database(settings.database_url), make_queue(settings.queue_url, settings.queue_file)
    papers.watch(database, PAPERS)
    ledger.watch(database, ledger.SOURCES)
    school.watch(database)
    forum.watch(database)
    store = package_store(settings)
    return Services(
        settings=settings,
        database=database,
        queue=queue,
        transcodes=courses.TranscodeJobs(
            queue,
            database,
            settings.uploads_dir,
            settings.packages_dir,
            store=store,
            lease=timedelta(seconds=settings.lease_s),
            keep_recordings=timedelta(days=settings.keep_recordings_days) if settings.keep_recordings_days else None,
            scanner=Clamd(settings.scanner) if settings.scanner else None,
        ),
        store=store,
        signer=Keyring(database, KeySafe(settings)),
    )


def package_store(settings: Settings) -> Store:
    """Where packages are kept: in a store that speaks S3, or in the data folder."""
    if not settings.packages_url:
        return FolderStore(settings.packages_dir, settings.secret_key, settings.accel_prefix)
    place = place_of(settings.packages_url)
    return S3Store(settings.packages_dir, settings.secret_key, place, fronted=bool(settings.accel_prefix))


def intake_of(settings: Settings, database: Database, username: str) -> courses.Intake:
    """Where recordings of this server's own disk go, in the name of an account.

    Raises:
        NotFound: there is no such account, or it is closed.
    """
    with database.reader() as session:
        who = accounts.named_or_administrator(session, username)
    settings.uploads_dir.mkdir(parents=True, exist_ok=True)
    return courses.Intake(
        database=database,
        uploads=courses.Uploads(settings.uploads_dir, settings.max_upload_bytes, lambda: str(who.id)),
        max_bytes=settings.max_upload_bytes,
        usual_quota=settings.region_quota_bytes,
        who=who,
    )


def introduction_of(settings: Settings, keyring: Keyring) -> boxes.Introduction:
    """What every box is told of this server."""
    plain, keys = settings.development, settings.journal_key_file
    number, trusted = keyring.trusted()
    return boxes.Introduction(
        broker_host=settings.box_broker_host,
        broker_port=settings.broker_port if plain else settings.box_broker_port,
        tls=not plain,
        authority="" if plain or not settings.authority_file.exists() else settings.authority_file.read_text(),
        journal_key=journal_public_key(keys.read_text()) if keys.exists() else "",
        signing_keys=trusted,
        keys_no=number,
    )


def create_app(settings: Settings, services: Services | None = None) -> Flask:
    """The Flask application; behind nginx, which sets the forwarded headers."""
    app = Flask(__name__, static_folder="frontend/dist", static_url_path="/static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
        MAX_CONTENT_LENGTH=courses.PIECE_LIMIT_BYTES + 1024,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.session_interface = _Cookies()
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_port=1)  # type: ignore[method-assign]
    services = services or make_services(settings)
    app.extensions["services"] = services
    app.extensions["box_gate"] = boxes.box_of_request
    app.extensions["committed"] = partial(ring, settings.data_dir)
    app.extensions["on_lesson_changed"] = lambda session, lesson_id, now: timetable.lesson_changed(
        session, lesson_id, services.signer, now
    )
    app.extensions["on_report"] = _record_proofs
    app.extensions["audit_people"] = accounts.AuditedPeople()
    app.extensions["tell_station"] = readiness.keep_note
    app.extensions["own_data_above"] = _own_data
    app.extensions[members.HOURS] = transcripts.hours_of
    app.extensions[members.EVIDENCE] = _settle_members
    app.extensions["stations_holding"] = readiness.holdings
    app.extensions["group_uses"] = notices.group_uses
    app.extensions[processes.KINDS] = {kind.code: kind for kind in process_kinds(services)}
    app.extensions[documents.CABINET] = documents.Cabinet(
        settings.data_dir / documents.FOLDER, Clamd(settings.scanner) if settings.scanner else None
    )
    app.extensions["message_channels"] = message_channels(settings)
    app.extensions[processes.SOURCES] = navigation.TASK_SOURCES
    app.extensions[processes.CALENDAR] = timetable.holiday_table
    app.before_request(_start_request)  # before anything that may refuse the request
    http.install(app, services.database, settings.default_locale, settings.zone)
    assets.install(app)
    app.before_request(_load_person(services))
    app.before_request(accounts.refuse_readers)
    app.before_request(accounts.ask_again(PASSWORD_AGAIN))
    scoping.install(app)
    if settings.smtp_url:
        app.extensions["send_mail"] = reports.mail_sender(settings.smtp_url, settings.mail_from)
    app.after_request(_log_request)
    for slice_ in (
        audit,
        accounts,
        processes,
        stations,
        members,
        boxes,
        courses,
        timetable,
        attendance,
        school,
        reports,
        readiness,
        alerts,
        guide,
        sticks,
        support,
        stars,
        joining,
        transcripts,
        quizzes,
        notices,
        market,
        consultations,
        documents,
        ledger,
        assessments,
        messaging,
        projects,
        portal,
        forum,
        retention,
    ):
        for blueprint in slice_.blueprints():
            app.register_blueprint(blueprint)
    scoping.free(app, "filename", at=("static",), because="scripts, styles and pictures of the pages, for everybody")
    scoping.free(app, "locale", at=("language",), because="a language")
    scoping.require_declared(app)
    app.jinja_env.globals["person"] = person_or_none
    app.jinja_env.globals["clock_now"] = http.now
    app.jinja_env.globals["stand_in_offers"] = accounts.stand_in_offers
    app.jinja_env.globals["station_notes"] = readiness.notes_shown
    app.jinja_env.globals["support_panel"] = support.panel_of
    app.jinja_env.globals["answers_of"] = quizzes.answers_of
    app.jinja_env.globals["assessments_waiting"] = assessments.waiting_for
    app.jinja_env.globals["navigation_groups"] = navigation.groups
    app.jinja_env.globals["public_places"] = navigation.public_places
    app.jinja_env.globals["tasks_waiting"] = processes.waiting_count
    app.jinja_env.globals["cases_waiting"] = consultations.waiting_for_person
    app.jinja_env.globals["quarantine_waiting"] = attendance.waiting_for_person
    return app


def process_kinds(services: Services) -> tuple[processes.Kind, ...]:
    """What goes through several hands, step by step (`processes`)."""
    return (
        messaging.ReleaseKind(message_means(services)),
        members.TransferKind(),
        members.RegistrationKind(services.personal),
        members.ErasureKind(),
        portal.ArticleKind(),
        assessments.PublicationKind(),
        assessments.ObjectionKind(),
    )


def message_means(services: Services) -> messaging.Means:
    """What messages are written with."""
    return messaging.Means(services.personal, services.settings.sms_signature)


def message_channels(settings: Settings) -> frozenset[messaging.Channel]:
    """The ways by which this server can send messages."""
    have = {messaging.Channel.SMS: settings.sms_gateway, messaging.Channel.MAIL: settings.smtp_url}
    return frozenset(channel for channel, address in have.items() if address)


class _Cookies(SecureCookieSessionInterface):
    """A cookie that came by TLS never goes without."""

    def get_cookie_secure(self, _app: Flask) -> bool:
        return request.is_secure


def _settle_members(session: Session, ids: Collection[UUID]) -> int:
    """Records were merged or parted: at stations and in the online school each person counts once."""
    settled = attendance.settle_members(session, ids)
    school.settle_members(session, ids)
    return settled


def _own_data(session: Session, member: members.Member) -> Iterator[transcripts.OwnTable]:
    """What slices above the transcripts keep of a member."""
    yield from consultations.tables_about(session, member)
    yield from forum.tables_about(session, member)


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
            path=str(request.url_rule) if UNLOGGED_PART in (request.view_args or {}) else request.path,
            status=status,
            ms=round((time.monotonic() - g.started) * 1000, 1),
        )
    return response
