"""What the server itself tells people with an account by message: alerts, what stations should look at, late tasks.

Part of the composition: it asks slices what there is, and `messaging` tells each thing once. Runs in the worker.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from flask_babel import gettext, ngettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contentserver import alerts, assessments, documents, messaging, processes, readiness, timetable
from contentserver.accounts import Account, person_of
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.messaging import Telling
from contentserver.regions import subtree_filter

TOLD_AT = time(9, 0)
"""When somebody is told of their late tasks, once a working day."""
TOLD_WITHIN = timedelta(days=1)
"""What is older than this is not told any more: it stands on the pages."""


def late_tasks(session: Session, now: datetime) -> Sequence[Telling]:
    """Everybody at whose desk tasks are late, once a day."""
    local = clock.local(now)
    if local.time() < TOLD_AT or not processes.is_working_day(local.date()):
        return ()
    found = []
    for account in session.scalars(select(Account).where(Account.active)):
        late = processes.count_late(session, person_of(account), local.date())
        if late:
            text = ngettext(
                "%(num)s task of yours is late. Sign in and open “My tasks”.",
                "%(num)s tasks of yours are late. Sign in and open “My tasks”.",
                late,
            )
            origin = f"tasks {local.date()} {account.id}"
            found.append(Telling(origin, account.region_code, gettext("Late tasks"), text, (account.id,)))
    return found


def notes_to_stations(session: Session, now: datetime) -> Sequence[Telling]:
    """Administrators of a station about which readiness wrote something down that nobody has read."""
    found = []
    for note, code in readiness.untold_notes(session, now - TOLD_WITHIN, now):
        here = Account.role == Role.STATION_ADMIN.value, Account.region_code == code, Account.active
        people = tuple(session.scalars(select(Account.id).where(*here)))
        headline, outlook = readiness.note_in_words(note.reason, now)
        text = gettext(
            "%(station)s: %(headline)s %(outlook)s", station=note.station, headline=headline, outlook=outlook
        )
        found.append(Telling(f"note {note.id}", code, headline, text, people))
    return found


def alerts_sent(session: Session, now: datetime) -> Sequence[Telling]:
    """Administrators of the stations to which an alert goes, at night too."""
    found = []
    for alert in alerts.in_force(session, now):
        codes = alerts.regions_of(alert)
        people = session.scalars(
            select(Account.id).where(
                Account.active,
                Account.role == Role.STATION_ADMIN.value,
                or_(*(subtree_filter(Account.region_code, code) for code in codes)),
            )
        )
        text = gettext("Alert: %(headline)s. It is on the televisions of your station now.", headline=alert.headline)
        found.append(Telling(f"alert {alert.id}", codes[0], alert.headline, text, tuple(people), urgent=True))
    return found


def document_deadlines(session: Session, now: datetime) -> Sequence[Telling]:
    """Whoever has documents to read or answer: on the working day before a deadline and each after it, once a day."""
    local = clock.local(now)
    if local.time() < TOLD_AT:
        return ()
    found = []
    for one in documents.reminders(session, now, timetable.holiday_table(session)):
        parts = []
        if one.waiting:
            parts.append(
                ngettext(
                    "%(num)s document waits to be read or answered by its day.",
                    "%(num)s documents wait to be read or answered by their day.",
                    one.waiting,
                )
            )
        if one.late_below:
            parts.append(
                ngettext(
                    "%(num)s recipient below you is late with a document.",
                    "%(num)s recipients below you are late with documents.",
                    one.late_below,
                )
            )
        origin = f"documents {local.date()} {one.account_id}"
        text = " ".join(parts)
        found.append(Telling(origin, one.region_code, gettext("Documents"), text, (one.account_id,)))
    return found


def assessment_deadlines(session: Session, now: datetime) -> Sequence[Telling]:
    """Whoever has forms of assessments to fill in: on the working day before their last day and on that day."""
    local = clock.local(now)
    if local.time() < TOLD_AT or not processes.is_working_day(local.date()):
        return ()
    found = []
    for account, region, count in assessments.last_days(session, now, timetable.holiday_table(session)):
        text = ngettext(
            "%(num)s form of an assessment is due by the next working day. Sign in and open “My tasks”.",
            "%(num)s forms of assessments are due by the next working day. Sign in and open “My tasks”.",
            count,
        )
        found.append(Telling(f"assessments {local.date()} {account}", region, gettext("Assessments"), text, (account,)))
    return found


SOURCES: tuple[messaging.Source, ...] = (
    alerts_sent,
    notes_to_stations,
    late_tasks,
    document_deadlines,
    assessment_deadlines,
)
