"""Reports that people keep: a filter under a name, taken away and brought back, and how often it comes by mail."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.reports import rules
from contentserver.reports.models import KeptReport, ReportMail
from contentserver.reports.rules import MailState, Rhythm

ARGUMENTS: Final = ("region", "span", "from", "to", "course", "against", "against_from", "against_to", "sort", "dir")
"""What of an address is a filter, in this order."""
LONGEST_NAME: Final = 60
LONGEST_ARGUMENT: Final = 100
MOST: Final = 50
"""Kept reports of one person."""


def filter_of(arguments: Mapping[str, str]) -> str:
    """The filter of an address, always written alike; what is none is left out."""
    given = {name: arguments.get(name, "")[:LONGEST_ARGUMENT] for name in ARGUMENTS}
    if given["span"]:
        given["from"] = given["to"] = ""
    return urlencode({name: value for name, value in given.items() if value})


def arguments_of(kept: KeptReport) -> dict[str, str]:
    """The arguments of a kept report's address."""
    return dict(parse_qsl(kept.query))


def keep(
    session: Session, who: Person, name: str, arguments: Mapping[str, str], locale: str, now: datetime
) -> KeptReport:
    """Keep a filter under a name; the same name again means the new filter.

    Raises:
        Rejected: it has no name.
        Conflict: the person keeps too many.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Rejected("name_wrong", _("Give it a name of at most 60 characters."))
    mine = kept_by(session, who)
    found = next((one for one in mine if one.name == name), None)
    if found is None:
        if len(mine) >= MOST:
            raise Conflict("too_many_kept", _("You keep 50 reports. Take one of them away first."))
        found = KeptReport(account_id=who.id, name=name, query="", made_at=now)
        session.add(found)
    found.query, found.locale = filter_of(arguments), locale
    session.flush()
    return found


def kept_by(session: Session, who: Person) -> Sequence[KeptReport]:
    """What a person keeps, by name."""
    query = select(KeptReport).where(KeptReport.account_id == who.id, KeptReport.removed_at.is_(None))
    return session.scalars(query.order_by(KeptReport.name, KeptReport.id)).all()


def kept_named(session: Session, who: Person, kept_id: UUID) -> KeptReport:
    """One of a person's kept reports, also one that was taken away.

    Raises:
        NotFound: the person has none such.
    """
    found = session.get(KeptReport, kept_id)
    if found is None or found.account_id != who.id:
        raise NotFound("kept_unknown", _("You keep no such report."))
    return found


def remove(session: Session, who: Person, kept_id: UUID, now: datetime) -> KeptReport:
    """Take a kept report away; its mail rests meanwhile."""
    found = kept_named(session, who, kept_id)
    found.removed_at = found.removed_at or now
    return found


def bring_back(session: Session, who: Person, kept_id: UUID, now: datetime) -> KeptReport:
    """Undo `remove`; what fell due meanwhile is not sent afterwards.

    Raises:
        Conflict: another one has its name by now.
    """
    found = kept_named(session, who, kept_id)
    if found.removed_at is not None and any(one.name == found.name for one in kept_by(session, who)):
        raise Conflict("name_taken", _("You keep another report under this name by now."))
    if found.removed_at is not None:
        found.removed_at, found.since = None, now if found.rhythm else None
    return found


def set_mail(session: Session, who: Person, kept_id: UUID, rhythm: str, address: str, now: datetime) -> KeptReport:
    """Say how often, and where, a kept report comes by mail.

    Raises:
        Rejected: no such rhythm, or no address.
    """
    found = kept_named(session, who, kept_id)
    if rhythm not in set(Rhythm):
        raise Rejected("rhythm_wrong", _("Choose weekly, monthly or no mail."))
    to = rules.mail_address(address)
    if rhythm and not to:
        raise Rejected("address_wrong", _("Give one mail address, such as office@example.org."))
    before = {"rhythm": found.rhythm, "to": found.mail_to}
    if found.rhythm != rhythm:
        found.since = now if rhythm else None
    found.rhythm, found.mail_to = rhythm, to or found.mail_to
    session.flush()
    after = {"rhythm": found.rhythm, "to": found.mail_to}
    audit(session, who=who, action="report.mail", subject=f"kept {found.id}", now=now, before=before, after=after)
    return found


def last_mails(session: Session, kept: Sequence[KeptReport]) -> dict[UUID, ReportMail]:
    """The newest mail of each kept report that has any."""
    query = select(ReportMail).where(ReportMail.report_id.in_([one.id for one in kept]))
    return {one.report_id: one for one in session.scalars(query.order_by(ReportMail.last, ReportMail.first))}


def try_again(session: Session, who: Person, kept_id: UUID, now: datetime) -> ReportMail:
    """Somebody asks that a mail which failed is tried again.

    Raises:
        NotFound: there is none such.
    """
    found = last_mails(session, [kept_named(session, who, kept_id)]).get(kept_id)
    if found is None or found.state != MailState.FAILED:
        raise NotFound("mail_unknown", _("There is no mail that failed."))
    found.state, found.attempts, found.next_at = MailState.WAITING, 0, now
    return found
