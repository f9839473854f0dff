"""Kept reports by mail: what is due becomes a row, a worker sends it, and tries again where the mail server refused.

Runs in `contentserver worker`. A row is counted as tried before it is sent: a worker that dies over it costs a wait,
and at worst a second mail with the same Message-ID. How a report looks as files is not known here: `Render`.
"""

import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import structlog
from huey import Huey, crontab
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import Account, person_of
from contentserver.kernel import clock
from contentserver.kernel.auth import Right
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Refusal
from contentserver.regions import Region
from contentserver.reports import keeping, rules
from contentserver.reports.models import KeptReport, ReportMail
from contentserver.reports.rules import MailState, Period

TIMEOUT_S = 30
AT_ONCE = 20
"""Mails of one turn; the next one comes a minute later."""
NOT_ALLOWED = "not_allowed"
"""The person who keeps the report may not see its region any more."""
BROKE = "the worker stopped over it every time"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, and its attachments: name, type and content of each."""

    subject: str
    text: str
    files: tuple[tuple[str, str, bytes], ...]


class Render(Protocol):
    """Writes a report out in a language."""

    def __call__(self, name: str, arguments: Mapping[str, str], period: Period, locale: str) -> Letter:
        """The letter with a report under a name, its period in place of the filter's own."""
        ...


@dataclass(frozen=True, slots=True)
class _Taken:
    mail_id: UUID
    name: str
    arguments: dict[str, str]
    period: Period
    to: str
    locale: str
    attempts: int


class MailJobs:
    """The mail of one server."""

    def __init__(self, database: Database, smtp_url: str, sender: str, render: Render) -> None:
        """`smtp_url`: `smtp://` or `smtps://`; empty where the server sends no mail."""
        self._database, self._smtp_url, self._sender, self._render = database, smtp_url, sender, render

    def every_minute(self, queue: Huey) -> None:
        """Let the worker of a queue take a turn every minute."""
        queue.periodic_task(crontab(minute="*"), name="mail_reports")(self.turn)

    def turn(self) -> int:
        """Note what is due and send what waits; every minute.

        Returns:
            How many were sent.
        """
        if not self._smtp_url:
            return 0
        with self._database.unit_of_work() as session:
            note_due(session, clock.now())
        sent = 0
        for _number in range(AT_ONCE):
            taken = self._take()
            if taken is None:
                break
            sent += self._deliver(taken)
        return sent

    def _take(self) -> _Taken | None:
        """The next mail that is to be sent; what must not be sent is put aside on the way."""
        found: _Taken | Literal[True] | None = True
        while found is True:
            with self._database.unit_of_work() as session:
                found = self._next(session, clock.now())
        return found

    def _next(self, session: Session, now: datetime) -> _Taken | Literal[True] | None:
        """One mail; True where one was put aside, None where none waits."""
        query = (
            select(ReportMail)
            .where(ReportMail.state == MailState.WAITING, ReportMail.next_at <= now)
            .order_by(ReportMail.next_at, ReportMail.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = session.scalars(query).first()
        if row is None:
            return None
        kept = session.get_one(KeptReport, row.report_id)
        if kept.removed_at is not None or not kept.rhythm:
            session.delete(row)
            return True
        if row.attempts > len(rules.TRIES) or not _may(session, kept):
            row.state = MailState.FAILED
            row.error = BROKE if row.attempts > len(rules.TRIES) else NOT_ALLOWED
            return True
        row.attempts += 1
        row.next_at = rules.next_try(row.attempts, now) or now
        return _Taken(
            mail_id=row.id,
            name=kept.name,
            arguments=keeping.arguments_of(kept),
            period=Period(row.first, row.last),
            to=kept.mail_to,
            locale=kept.locale,
            attempts=row.attempts,
        )

    def _deliver(self, taken: _Taken) -> bool:
        words = {"mail": str(taken.mail_id), "attempt": taken.attempts}
        try:
            letter = self._render(taken.name, taken.arguments, taken.period, taken.locale)
            send(self._smtp_url, message(letter, self._sender, taken.to, str(taken.mail_id)))
        except (OSError, smtplib.SMTPException, Refusal) as error:
            log.warning("report.mail_failed", **words, error=repr(error)[:300])
            self._note(taken, _told(error))
            return False
        self._note(taken, "")
        log.info("report.mailed", **words)
        return True

    def _note(self, taken: _Taken, error: str) -> None:
        now = clock.now()
        with self._database.unit_of_work() as session:
            row = session.get_one(ReportMail, taken.mail_id)
            row.error = error
            if not error:
                row.state, row.sent_at = MailState.SENT, now
            elif rules.next_try(taken.attempts, now) is None:
                row.state = MailState.FAILED


def note_due(session: Session, now: datetime) -> int:
    """A row for every kept report whose newest period is over and has none yet; gives how many are new."""
    new = 0
    query = select(KeptReport).where(KeptReport.rhythm != "", KeptReport.removed_at.is_(None))
    for kept in session.scalars(query):
        due = rules.mail_due(kept.rhythm, now)
        if due is None or kept.since is None or due[1] <= kept.since:
            continue
        period = due[0]
        there = select(ReportMail.id).where(
            ReportMail.report_id == kept.id, ReportMail.first == period.first, ReportMail.last == period.last
        )
        if session.scalar(there) is None:
            waiting = MailState.WAITING
            session.add(ReportMail(report_id=kept.id, first=period.first, last=period.last, state=waiting, next_at=now))
            new += 1
    session.flush()
    return new


def message(letter: Letter, sender: str, to: str, mail_id: str) -> EmailMessage:
    """A letter as a mail; the same one always has the same Message-ID."""
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = letter.subject, sender, to
    made["Date"] = clock.now()
    made["Message-ID"] = f"<{mail_id}@{sender.rpartition('@')[2] or 'localhost'}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.text)
    for name, kind, content in letter.files:
        maintype, _slash, subtype = kind.partition("/")
        made.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return made


def send(url: str, mail: EmailMessage) -> None:
    """Hand a mail to the server of an address: by TLS for `smtps`, else by TLS where the server offers it.

    A name and a password go by TLS alone.

    Raises:
        OSError, smtplib.SMTPException: it did not take the mail.
    """
    parts, trust = urlsplit(url), ssl.create_default_context()
    host, user, password = parts.hostname or "localhost", unquote(parts.username or ""), unquote(parts.password or "")
    secure = parts.scheme == "smtps"
    connect: Callable[[], smtplib.SMTP] = (
        (lambda: smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_S, context=trust))
        if secure
        else (lambda: smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_S))
    )
    with connect() as server:
        server.ehlo()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=trust)
            server.ehlo()
            secure = True
        if user:
            if not secure:
                raise smtplib.SMTPNotSupportedError("the mail server offers no TLS; the password was not sent")
            server.login(user, password)
        server.send_message(mail)


def _may(session: Session, kept: KeptReport) -> bool:
    """Whether its owner may still see the region of a kept report."""
    account = session.get_one(Account, kept.account_id)
    person, code = person_of(account), keeping.arguments_of(kept).get("region", "")
    known = session.get(Region, code) is not None
    return account.active and known and person.may(Right.SEE_REPORTS) and person.reaches(code)


def _told(error: Exception) -> str:
    """What the mail server said, for the page; never empty."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            code, said = next(iter(refused.values()), (0, b""))
            return f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"[:300]
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=said):
            return f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"[:300]
        case _:
            return (str(error) or type(error).__name__)[:300]
