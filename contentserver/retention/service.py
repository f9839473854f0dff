"""Look what is old, take it away in small parts, and keep the days that somebody chose.

A part is a unit of work: what went and the note of it are committed together, so that a program which is killed in
the middle loses nothing; the next run goes on where it stopped. For how long: `rules.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import (
    accounts,
    attendance,
    boxes,
    consultations,
    documents,
    ledger,
    market,
    members,
    notices,
    reports,
    stars,
    support,
)
from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.aging import Old, Source
from contentserver.kernel.auth import Person
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Forbidden, Rejected
from contentserver.retention import rules
from contentserver.retention.models import RetentionRule, RetentionRun
from contentserver.retention.rules import RULES, Kind

AT_ONCE = 500
"""Things of one unit of work; files are a part of their own where they are many."""
REASON_CHARS = 300
Taken = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of data: its days (None for ever), who chose them, and what is too old at the moment."""

    kind: Kind
    days: int | None
    chosen: RetentionRule | None
    old: Old


def sources(data_dir: Path) -> Mapping[Kind, Source]:
    """What stands behind each kind that is not kept for ever."""
    return {
        Kind.DELEGATIONS: accounts.ENDED_DELEGATIONS,  # before sessions, which it waits for: as the dry run says
        Kind.SCREENS: support.old_files(data_dir),
        Kind.KEYS: support.OLD_KEYS,
        Kind.PRESENCE: boxes.OLD_PRESENCE,
        Kind.WEB_SESSIONS: accounts.OLD_SESSIONS,
        Kind.FAILED_SIGN_INS: accounts.OLD_LOCKS,
        Kind.INVITATIONS: accounts.OLD_INVITATIONS,
        Kind.TOKENS: reports.ENDED_TOKENS,
        Kind.QUARANTINE: attendance.OLD_QUARANTINED,
        Kind.NOTES: attendance.OLD_NOTES,
        Kind.FORMER_MEMBERS: members.FORMER_MEMBERS,
        Kind.NOTICES: notices.OLD_NOTICES,
        Kind.OFFERS: market.OLD_OFFERS,
        Kind.CASE_FILES: consultations.old_files(data_dir),
        Kind.ASKERS: consultations.OLD_ASKERS,
        Kind.DOCUMENTS: documents.old_documents(data_dir),
        Kind.LEDGER_DRAFTS: ledger.old_drafts(data_dir),
        Kind.PHOTOGRAPHS: stars.old_photographs(data_dir),
    }


def chosen_days(session: Session) -> dict[str, int]:
    """The days that somebody chose, by kind."""
    return {row.kind: row.days for row in session.scalars(select(RetentionRule))}


def lines(session: Session, data_dir: Path, now: datetime) -> list[Line]:
    """Every kind with its days, and what a run at this moment would take away. Changes nothing."""
    chosen = {row.kind: row for row in session.scalars(select(RetentionRule))}
    days = {kind: row.days for kind, row in chosen.items()}
    behind, found = sources(data_dir), []
    for kind in Kind:
        before = rules.cutoff(kind, days, now)
        old = Old() if before is None else behind[kind].look(session, before)
        found.append(Line(kind, rules.days_kept(kind, days), chosen.get(kind), old))
    return found


def keep_for(session: Session, kind: Kind, days: int | None, reason: str, who: Person, now: datetime) -> None:
    """From now on keep a kind for so many days.

    Raises:
        Forbidden: the person does not administer the whole server.
        Rejected: the kind is kept for ever, the days are out of bounds, or the reason is missing.
    """
    if not may_change(who):
        raise Forbidden("no_right", _("Only who administers the whole server may change this."))
    rule, reason = RULES[kind], "".join(filter(str.isprintable, reason)).strip()[:REASON_CHARS]
    if rule.days is None:
        raise Rejected("kept_for_ever", _("This is kept for ever. Nobody can shorten it."))
    if days is None or not rules.allowed(kind, days):
        raise Rejected(
            "days_wrong", _("Give a number of days from %(least)s to %(most)s.", least=rule.least, most=rule.most)
        )
    if not reason:
        raise Rejected("reason_missing", _("Please write why. Everybody reads it here."))
    row = session.get(RetentionRule, kind.value)
    before = rules.days_kept(kind, chosen_days(session))
    if row is None:
        row = RetentionRule(kind=kind.value)
        session.add(row)
    row.days, row.reason, row.at, row.by = days, reason, now, who.id
    after = {"days": days, "reason": reason}
    audit(
        session, who=who, action="retention.changed", subject=kind.value, now=now, before={"days": before}, after=after
    )


def may_change(who: Person) -> bool:
    """Whether somebody may choose other days: who administers everything, since data of all regions goes by them."""
    return who.administers_all


def apply(database: Database, data_dir: Path, now: datetime, most: int = AT_ONCE) -> Taken:
    """Take away everything that is too old; gives back things and bytes by kind."""
    with database.unit_of_work() as session:
        _end_interrupted(session, now)
        run = RetentionRun(begun_at=now)
        session.add(run)
        members.note_left(session, now)
        session.flush()
        chosen, key = chosen_days(session), run.id
    taken: Taken = {}
    for kind, source in sources(data_dir).items():
        before = rules.cutoff(kind, chosen, now)
        while before is not None:
            with database.unit_of_work() as session:
                went = source.take(session, before, most)
                if went.things:
                    things, weight = taken.get(kind.value, (0, 0))
                    taken[kind.value] = (things + went.things, weight + went.bytes)
                    session.get_one(RetentionRun, key).taken = msgspec.json.encode(taken).decode()
            if went.things < most:
                break
        with database.unit_of_work() as session:
            source.tidy(session, now)
    with database.unit_of_work() as session:
        _end(session, session.get_one(RetentionRun, key), clock.now(), whole=True)
    return taken


def last_runs(session: Session, most: int = 5) -> Sequence[RetentionRun]:
    """The last times that old data went, the newest first."""
    return session.scalars(select(RetentionRun).order_by(RetentionRun.begun_at.desc()).limit(most)).all()


def taken_in(run: RetentionRun) -> dict[Kind, tuple[int, int]]:
    """What a run took away: things and bytes by kind."""
    return {Kind(kind): both for kind, both in msgspec.json.decode(run.taken, type=Taken).items() if kind in {*Kind}}


def nightly(database: Database, data_dir: Path, now: datetime) -> bool:
    """Tonight's turn, unless it has been taken already; gives back whether it was taken now."""
    with database.reader() as session:
        last = next(iter(last_runs(session, 1)), None)
        # One that was killed in the middle is gone on with at once.
        at = clock.local(last.begun_at) if last is not None and last.ended_at is not None else None
    if not rules.due(clock.local(now), at):
        return False
    apply(database, data_dir, now)
    return True


def _end_interrupted(session: Session, now: datetime) -> None:
    for run in session.scalars(select(RetentionRun).where(RetentionRun.ended_at.is_(None))):
        _end(session, run, now, whole=False)


def _end(session: Session, run: RetentionRun, now: datetime, *, whole: bool) -> None:
    run.ended_at = now
    after = {"taken": msgspec.json.decode(run.taken), "whole": whole}
    audit(session, who=None, action="retention.applied", subject=f"run {run.id}", now=now, after=after)
