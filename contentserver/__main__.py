"""`python -m contentserver serve|worker|ingest|admin`. The only place of the server that reads the environment."""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

import structlog
from flask import Flask
from prometheus_client import CollectorRegistry

from contentserver import admin, audit, consultations, courses, messaging, operation, reports, retention, tidings
from contentserver.adapters.broker import Broker
from contentserver.adapters.gateways import gateways
from contentserver.adapters.key_files import KeyUnusable
from contentserver.adapters.keyring import check_keys
from contentserver.app import Services, create_app, intake_of, make_services, message_means
from contentserver.box_accounts import doors_of
from contentserver.ingest import Link
from contentserver.intake import Intake
from contentserver.kernel import metrics, pulse
from contentserver.serving import Gunicorn
from contentserver.settings import Settings, SettingsInvalid, from_environment


def main(arguments: list[str] | None = None) -> int:
    """Run one of the server's programs; 2 where settings or keys are wrong."""
    parser = argparse.ArgumentParser(prog="python -m contentserver", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="the web pages and the API, under gunicorn")
    serve.add_argument("--bind", default="127.0.0.1:8000", help="address and port (default: %(default)s)")
    serve.add_argument("--workers", type=int, default=2, help="processes (default: %(default)s)")
    serve.add_argument("--threads", type=int, default=8, help="threads of each (default: %(default)s)")
    work = commands.add_parser("worker", help="transcodes and other jobs")
    work.add_argument("--encoders", type=int, default=os.cpu_count() or 1, help="at once (default: %(default)s)")
    work.add_argument("--beside", action="store_true", help="only take jobs, beside the worker that keeps the hours")
    ingest = commands.add_parser("ingest", help="the link to the boxes: events in, timetables out")
    ingest.add_argument(
        "--beside", metavar="NAME", default="", help="only take in events, beside the link; NAME its own"
    )
    for one in (work, ingest):
        one.add_argument("--metrics", metavar="HOST:PORT", default="", help="answer Prometheus there")
    admin.add_arguments(commands.add_parser("admin", help="set up and look after the server"))
    given = parser.parse_args(arguments)
    _configure_logging()
    if given.command == "admin" and given.task in admin.WITHOUT_SETTINGS:
        return admin.run_without_settings(given)
    try:
        settings = from_environment(os.environ)
    except SettingsInvalid as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 2
    if given.command == "admin":
        return admin.run(settings, given)
    try:
        _run(settings, given)
    except KeyUnusable as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _run(settings: Settings, given: argparse.Namespace) -> None:
    match given.command:
        case "serve":
            check_keys(settings)
            metrics.share(settings.meters_dir / given.bind.replace("/", "_"))
            Gunicorn(lambda: _observed(settings), given.bind, given.workers, given.threads).run()
        case "worker":
            _work(settings, given.encoders, given.metrics, beside=given.beside)
        case _:
            _ingest(settings, given.beside, given.metrics)


def _observed(settings: Settings) -> Flask:
    services = make_services(settings)
    return operation.observe(create_app(settings, services), services)


def _work(settings: Settings, encoders: int, metrics_at: str, *, beside: bool) -> None:
    """`beside`: what is done by the clock, and messages, are left to another worker: twice would be once too often."""
    services = make_services(settings)
    registry = CollectorRegistry()
    metrics.JobMeters(registry).watch(services.queue)
    if metrics_at:
        metrics.serve(registry, metrics_at)
    services.transcodes.wake_waiting()
    app = create_app(settings, services)
    if not beside:
        _keep_hours(settings, services, app)
    consumer = services.queue.create_consumer(workers=encoders, periodic=not beside, initial_delay=0.1, max_delay=1.0)
    consumer.run()


def _keep_hours(settings: Settings, services: Services, app: Flask) -> None:
    """What is done by the clock, and the messages that leave."""
    reports.mail_jobs(services.database, app, settings.smtp_url, settings.mail_from).every_minute(services.queue)
    pulse.every_minute(services.queue, settings.data_dir)
    retention.every_night(services.queue, services.database, settings.data_dir)
    post = None
    if settings.smtp_url:
        send = reports.mail_sender(settings.smtp_url, settings.mail_from)
        consultations.expert_mail(services.database, app, send, settings.public_url).every_minute(services.queue)
        if settings.audit_mail:
            post = audit.Post(settings.audit_mail, send)
    audit.every_day(services.queue, services.database, services.signer, settings.data_dir, post)
    _start_messages(settings, services, app)
    if settings.watch_dir:
        courses.watch(
            services.queue,
            Path(settings.watch_dir),
            lambda: intake_of(settings, services.database, settings.watch_by),
            lambda: app.test_request_context("/"),
        )


def _start_messages(settings: Settings, services: Services, app: Flask) -> None:
    """Messages leave in a thread of the worker, where the server has a gateway or a mail server."""
    receipts = f"{settings.public_url}/api/v1/messages/receipts/{messaging.gateway_token(services.personal)}"
    mail = reports.mail_sender(settings.smtp_url, settings.mail_from) if settings.smtp_url else None
    found, means = gateways(settings, receipts, mail), message_means(services)
    if found:
        messaging.start_post(
            lambda: messaging.Post(
                services.database, found, means, tidings.SOURCES, lambda: app.test_request_context("/")
            )
        )


def _ingest(settings: Settings, beside: str, metrics_at: str) -> None:
    broker = Broker(
        settings.broker_host,
        settings.broker_port,
        settings.broker_username,
        settings.broker_password,
        client_id=f"contentserver-ingest-{beside}" if beside else "contentserver-ingest",
        lasting=not beside,
    )
    services = make_services(settings)
    link = Intake(services, broker) if beside else Link(services, broker, doors_of(settings))
    if metrics_at:
        metrics.serve(link.registry, metrics_at)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: link.stop())
    link.run()


def _configure_logging() -> None:
    """JSON lines on standard error, from structlog and from libraries alike."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


if __name__ == "__main__":
    sys.exit(main())
