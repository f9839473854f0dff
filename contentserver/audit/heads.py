"""The chain's end, published once a day, signed: whoever noted it can show later that nothing before it was changed.

Each day has a file in the data folder; where mail is set up, it also goes to the auditor's address, tried again until
the mail server has taken it.
"""

import os
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from huey import Huey, crontab

from contentserver.audit import chain, rules
from contentserver.audit.models import AuditHead
from contentserver.audit.rules import Verdict
from contentserver.kernel import clock
from contentserver.kernel.db import Database
from schedules.wire.message import Message
from schedules.wire.signing import BadSignature, Signer, payload_of

FOLDER = "audit-heads"
SHOWN = 400
Send = Callable[[str, str, str], None]
"""Sends a short mail at once: to whom, subject, text."""
log = structlog.get_logger()


class ChainHead(Message, frozen=True, kw_only=True):
    """What is signed: the last row's number and hash, and when that was looked up."""

    number: int
    hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """To whom the head goes by mail, and how."""

    to: str
    send: Send


def verify(database: Database, now: datetime, noted: str = "") -> Verdict:
    """Walk the whole chain and remember what was found."""
    with chain.snapshot(database) as session:
        verdict = chain.verify(session, noted)
    if not noted:
        with database.unit_of_work() as session:
            head = session.get_one(AuditHead, chain.HEAD, with_for_update=True)
            head.verified_at, head.verified_number, head.broken_at = now, verdict.number, verdict.broken_at
    return verdict


def publish(database: Database, signer: Signer, data_dir: Path, now: datetime, post: Post | None = None) -> bool:
    """Today's turn, unless it was taken; gives back whether it was taken now."""
    folder, today = data_dir / FOLDER, clock.local(now).date()
    file = folder / f"{today}.jws"
    taken = not file.exists()
    if taken:
        verdict = verify(database, now)
        if verdict.fault is not None:
            log.error("audit.broken", fault=verdict.fault.value, number=verdict.broken_at)
        with database.reader() as session:
            number, end = chain.head_of(session)
        folder.mkdir(parents=True, exist_ok=True)
        whole = file.with_suffix(".part")
        with whole.open("wb") as out:
            out.write(signer.sign(ChainHead(number=number, hash=end, at=now)))
            out.flush()
            os.fsync(out.fileno())
        whole.rename(file)
    mark = file.with_suffix(".mailed")
    if post is not None and not mark.exists():
        token = file.read_bytes()
        said = payload_of(token, ChainHead)
        text = f"{today}\n{said.number}\n{said.hash}\n\n{token.decode()}\n"
        try:
            post.send(post.to, f"Yuanjiao 远教: {today} {said.number} {said.hash[:16]}", text)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("audit.mail_failed", error=repr(error)[:300])
        else:
            mark.touch()
    return taken


def published(data_dir: Path) -> Sequence[ChainHead]:
    """What was published, the newest first."""
    found = []
    for file in sorted((data_dir / FOLDER).glob("*.jws"), reverse=True)[:SHOWN]:
        try:
            found.append(payload_of(file.read_bytes(), ChainHead))
        except BadSignature:
            log.warning("audit.head_unreadable", file=file.name)
    return found


def every_day(queue: Huey, database: Database, signer: Signer, data_dir: Path, post: Post | None) -> None:
    """Let the worker of a queue look every ten minutes whether today's turn has come."""

    def turn() -> None:
        publish(database, signer, data_dir, clock.now(), post)

    queue.periodic_task(crontab(minute="*/10"), name="audit_head")(queue.lock_task("audit_head")(turn))


def told(verdict: Verdict) -> str:
    """What was found, for the command line."""
    match verdict.fault:
        case None:
            return f"The audit trail holds, from entry 1 to entry {verdict.number} ({verdict.hash})."
        case rules.Fault.OTHER_HEAD:
            return f"Entries 1 to {verdict.number} hold together, but none of them has the hash that was noted."
        case fault:
            return f"The audit trail is broken at entry {verdict.broken_at}: {_FAULTS[fault]}. All before it hold."


_FAULTS = {
    rules.Fault.ALTERED: "altered",
    rules.Fault.MISSING: "missing",
    rules.Fault.INSERTED: "inserted",
    rules.Fault.CUT_OFF: "missing, with all that followed",
}
