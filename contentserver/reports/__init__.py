"""Reports: true numbers over sessions, for people, by mail, and for programs. The topmost slice of the main job."""

from collections.abc import Callable

from flask import Blueprint, Flask

from contentserver.kernel.db import Database
from contentserver.kernel.ids import new_id
from contentserver.reports import api, saved, views
from contentserver.reports.charts import bars as chart_bars
from contentserver.reports.exports import letters
from contentserver.reports.mailing import Letter, MailJobs, message, send
from contentserver.reports.tokens import ENDED_TOKENS

__all__ = ["ENDED_TOKENS", "MailJobs", "blueprints", "chart_bars", "mail_jobs", "mail_sender"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, saved.blueprint, api.blueprint)


def mail_jobs(database: Database, app: Flask, smtp_url: str, sender: str) -> MailJobs:
    """The mail of kept reports, for the worker; `app` knows how reports are written."""
    return MailJobs(database, smtp_url, sender, letters(app))


def mail_sender(smtp_url: str, sender: str) -> Callable[[str, str, str], None]:
    """Sends a short mail at once: to whom, subject, text."""

    def send_now(to: str, subject: str, text: str) -> None:
        send(smtp_url, message(Letter(subject, text, ()), sender, to, str(new_id())))

    return send_now
