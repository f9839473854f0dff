"""New questions, told by mail to the experts at whose desk they lie: one mail for all of them, seldom, none at night.

Runs in `contentserver worker`. What is told is noted before the mail is sent, as tried, and after it, as sent: a mail
that nobody took is tried again with the next digest, an hour later, and no question is told twice.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from flask_babel import gettext as _
from flask_babel import ngettext
from huey import Huey, crontab
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.consultations import rules, words
from contentserver.consultations.models import Case, CaseDigest
from contentserver.consultations.routing import experts
from contentserver.consultations.rules import State, Urgency
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Database
from contentserver.kernel.display import moment
from contentserver.stations import Station

SendNow = Callable[[str, str, str], None]
"""Sends a short mail at once: to whom, subject, text; raises OSError where nobody took it."""
LISTED = 20
"""Questions that a mail names one by one."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Digest:
    """What one expert is told of."""

    account_id: UUID
    to: str
    cases: Sequence[Case]
    stations: Mapping[UUID, str]


class Digests:
    """The mail to the experts of one server."""

    def __init__(
        self, database: Database, send: SendNow, in_words: Callable[[], AbstractContextManager[object]], address: str
    ) -> None:
        """Bind everything.

        Args:
            in_words: within it there are words in the server's language.
            address: where the pages are, without a slash at the end.
        """
        self._database, self._send, self._in_words, self._address = database, send, in_words, address

    def every_minute(self, queue: Huey) -> None:
        """Let the worker of a queue look every minute whether somebody is to be told."""
        queue.periodic_task(crontab(minute="*"), name="case_digests")(queue.lock_task("case_digests")(self.turn))

    def turn(self) -> int:
        """Tell whoever is to be told at this moment.

        Returns:
            How many mails were sent.
        """
        now = clock.now()
        with self._database.reader() as session:
            if not due(session, now):
                return 0
        with self._database.unit_of_work() as session:
            digests = due(session, now)
            for one in digests:
                note(session, one, now, sent=False)
        return sum(self._deliver(one, now) for one in digests)

    def _deliver(self, digest: Digest, now: datetime) -> bool:
        with self._in_words():
            subject, text = letter(digest, self._address)
        try:
            self._send(digest.to, subject, text)
        except OSError as error:
            log.warning("cases.digest_failed", account=str(digest.account_id), error=repr(error)[:300])
            return False
        with self._database.unit_of_work() as session:
            note(session, digest, now, sent=True)
        log.info("cases.digest_sent", account=str(digest.account_id), questions=len(digest.cases))
        return True


def due(session: Session, now: datetime) -> list[Digest]:
    """Whom to tell of which questions: those that wait at an expert's own desk, and of which no mail has told."""
    if rules.quiet(clock.local(now).hour):
        return []
    waiting = session.scalars(select(Case).where(Case.state == State.OPEN.value).order_by(Case.due_at, Case.id)).all()
    if not waiting:
        return []
    lately = select(CaseDigest.account_id).where(CaseDigest.tried_at > now - rules.DIGEST_EVERY)
    rests = set(session.scalars(lately))
    sent = select(CaseDigest.account_id, CaseDigest.case_id).join(Case, Case.id == CaseDigest.case_id)
    told = {tuple(row) for row in session.execute(sent.where(CaseDigest.sent, Case.state == State.OPEN.value))}
    addresses = _addresses(session)
    stations = _stations(session, waiting)
    found = []
    for expert in experts(session):
        if expert.id not in addresses or expert.id in rests:
            continue
        theirs = [one for one in waiting if rules.own_desk(expert, one.desk, one.topic)]
        new = [one for one in theirs if (expert.id, one.id) not in told]
        if new:
            found.append(Digest(expert.id, addresses[expert.id], new, stations))
    return found


def note(session: Session, digest: Digest, now: datetime, *, sent: bool) -> None:
    """Write down that somebody is told, or was."""
    for case in digest.cases:
        row = session.get(CaseDigest, (digest.account_id, case.id))
        if row is None:
            session.add(CaseDigest(account_id=digest.account_id, case_id=case.id, tried_at=now, sent=sent))
        else:
            row.tried_at, row.sent = now, sent


def letter(digest: Digest, address: str) -> tuple[str, str]:
    """Subject and text. It names topic, station and time, and not what was asked: a mail lies on other machines."""
    number = len(digest.cases)
    urgent = sum(one.urgency == Urgency.URGENT for one in digest.cases)
    subject = ngettext("%(num)s question waits for you", "%(num)s questions wait for you", number)
    lines = [subject + (f" ({words.URGENCIES[Urgency.URGENT]}: {urgent})" if urgent else ""), ""]
    for case in digest.cases[:LISTED]:
        mark = f" · {words.URGENCIES[Urgency.URGENT]}" if case.urgency == Urgency.URGENT else ""
        until = _("answer until %(moment)s", moment=moment(case.due_at))
        lines.append(f"· {words.topic(case.topic)} · {digest.stations[case.station_id]} · {until}{mark}")
    if number > LISTED:
        lines.append(_("and %(number)s questions more", number=number - LISTED))
    lines += ["", f"{address}/cases", "", _("At most one such mail an hour, and none between 21:00 and 07:00.")]
    return subject, "\n".join(lines) + "\n"


def _addresses(session: Session) -> dict[UUID, str]:
    query = select(Account.id, Account.mail).where(Account.active, Account.role == Role.EXPERT.value)
    return dict(session.execute(query.where(Account.mail != "")).all())


def _stations(session: Session, cases: Sequence[Case]) -> dict[UUID, str]:
    query = select(Station.id, Station.name).where(Station.id.in_({one.station_id for one in cases}))
    return dict(session.execute(query).all())
