"""Everything that the server keeps about one member, to take along: JSON for programs, CSV for people, in one ZIP."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from uuid import UUID

import msgspec
from flask_babel import gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from contentserver.accounts import audited_about
from contentserver.attendance import (
    DOUBTS,
    METHODS,
    CorrectionRow,
    EventRow,
    SessionRow,
    SignInRow,
    correction_in_words,
    event_in_words,
    review_of,
)
from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Rejected
from contentserver.kernel.sealing import Seal
from contentserver.kernel.sheets import Column, Table, as_csv
from contentserver.members import Member, ids_of, opened, roles_told
from contentserver.school import spans_of, watched_by
from contentserver.stations import Station
from contentserver.transcripts import asking
from contentserver.transcripts.ports import KeptAbove, OwnTable

ZIP_TYPE = "application/zip"
REASON_CHARS = 300
Key = tuple[str, UUID]


def note_taken(session: Session, member: Member, reason: str, who: Person, now: datetime) -> None:
    """Somebody takes a member's data along, whole name and all, and says for what.

    Raises:
        Rejected: the reason is missing.
    """
    if not reason:
        raise Rejected("reason_missing", _("Please write for whom this is. It is kept."))
    audit(
        session,
        who=who,
        action="member.exported",
        subject=f"member {member.id}",
        now=now,
        after={"reason": reason[:REASON_CHARS]},
    )


def zip_of(session: Session, member: Member, station: Station, above: KeptAbove, seal: Seal, now: datetime) -> bytes:
    """The ZIP: `data.json`, and a CSV of each of its tables; those of slices above come from them."""
    written, whole = io.BytesIO(), {}
    at = clock.local(now)
    top = f"{station.name} {member.number} {member.name} {at:%Y-%m-%d %H:%M}"
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, heads, rows in chain(_tables(session, member, station, seal), above(session, member)):
            whole[name] = [dict(zip(heads, row, strict=True)) for row in rows]
            table = Table(name, [Column(head) for head in heads.values()], rows)
            _add(packed, f"{name}.csv", as_csv([top], table), at)
        data = {"member": str(member.id), "as_of": now.isoformat(timespec="seconds"), **whole}
        _add(packed, "data.json", msgspec.json.format(msgspec.json.encode(data)), at)
    return written.getvalue()


def _tables(session: Session, member: Member, station: Station, seal: Seal) -> Iterator[OwnTable]:
    rows, sealed = _sign_ins(session, member), opened(member, seal, whole=True)
    corrections = _corrections(session, member)
    keys = {(row.airing_id, row.station_id) for row, _held, _where in rows}
    keys |= {(row.airing_id, row.station_id) for row in corrections}
    yield (
        "person",
        {
            "name": _("Name"),
            "number": _("Number"),
            "card": _("Card"),
            "station": _("Station"),
            "active": _("On the roll, 1 for yes"),
            "left": _("Left the roll"),
            "phone": _("Mobile number"),
            "identity": _("Identity number"),
            "birthday": _("Birthday"),
            "address": _("Address"),
        },
        [
            [
                member.name,
                member.number,
                member.card,
                station.name,
                int(member.active),
                _at(member.left_at),
                sealed.phone,
                sealed.identity,
                sealed.birthday,
                sealed.address,
            ]
        ],
    )
    yield (
        "roles",
        {"branch": _("Branch"), "role": _("Role"), "since": _("Since when"), "until": _("Until when")},
        roles_told(session, member.id),
    )
    yield (
        "sessions",
        {
            "planned": _("Planned"),
            "station": _("Station"),
            "course": _("Course"),
            "lesson": _("Lesson"),
            "signed_in": _("Signed in"),
            "how": _("How"),
            "left": _("Went at"),
            "saw_seconds": _("Saw, seconds"),
            "counts_seconds": _("Counts, seconds"),
            "corrected": _("Corrected, 1 for yes"),
        },
        [
            [
                _at(held.planned_start),
                where,
                held.course_title,
                held.lesson_title,
                _at(row.at),
                str(METHODS.get(row.method, row.method)),
                _at(row.left_at),
                row.present_ms // 1000,
                row.credit_ms // 1000,
                int(row.correction > 0),
            ]
            for row, held, where in rows
        ],
    )
    yield from _online(session, member)
    ids = [str(one) for one in ids_of(session, member.id)]
    known = dict.fromkeys(ids, member)
    yield (
        "corrections",
        {"at": _("When"), "said": _("Correction"), "reason": _("Why"), "session": _("Session")},
        [[_at(row.at), str(correction_in_words([row], known)), row.reason, row.airing_id] for row in corrections],
    )
    yield (
        "reported",
        {"at": _("When"), "box": _("Television"), "said": _("What it reported"), "session": _("Session")},
        [
            [_at(event.at), event.box_id, event_in_words(event.body, known, {}), event.airing_id]
            for event in _events(session, member, keys)
        ],
    )
    yield (
        "doubts",
        {"planned": _("Planned"), "doubts": _("Why somebody should ask"), "found_out": _("What was found out")},
        [
            [_at(held.planned_start), _doubts(held), note.note if (note := review_of(session, held)) else ""]
            for _row, held, _where in rows
            if held.doubts
        ],
    )
    yield (
        "requests",
        {
            "at": _("When"),
            "said": _("What they say"),
            "session": _("Session"),
            "state": _("State"),
            "answer": _("Answer"),
            "decided": _("Decided"),
        },
        [
            [_at(one.row.at), one.row.text, one.row.airing_id, one.row.state, one.row.answer, _at(one.row.decided_at)]
            for one in asking.requests_of(session, member)
        ],
    )
    yield (
        "looked_up",
        {"at": _("When"), "by": _("Done by"), "action": _("What was done"), "details": _("Details")},
        [
            [_at(entry.at), name, entry.action, entry.after]
            for entry, name in audited_about(session, f"member {member.id}")
        ],
    )


def _online(session: Session, member: Member) -> Iterator[OwnTable]:
    """What counts of the online school, and what their browsers told."""
    yield (
        "online",
        {"at": _("When"), "course": _("Course"), "lesson": _("Lesson"), "counts_seconds": _("Counts, seconds")},
        [[_at(one.at), one.course, one.lesson, one.credit_ms // 1000] for one in watched_by(session, member.id)],
    )
    yield (
        "played_online",
        {
            "opened": _("Page opened"),
            "lesson": _("Lesson"),
            "after_seconds": _("Seconds after that"),
            "from_seconds": _("From, seconds of the lesson"),
            "to_seconds": _("To, seconds of the lesson"),
            "told": _("Told"),
        },
        [
            [
                _at(viewing.opened_at),
                title,
                span.at_ms // 1000,
                span.from_ms // 1000,
                span.to_ms // 1000,
                _at(span.arrived_at),
            ]
            for viewing, span, title in spans_of(session, member.id)
        ],
    )


def _sign_ins(session: Session, member: Member) -> list[tuple[SignInRow, SessionRow, str]]:
    same = and_(SignInRow.airing_id == SessionRow.airing_id, SignInRow.station_id == SessionRow.station_id)
    query = (
        select(SignInRow, SessionRow, Station.name)
        .join(SessionRow, same)
        .join(Station, Station.id == SessionRow.station_id)
        .where(SignInRow.member_id == str(member.id))
    )
    ordered = query.order_by(SessionRow.planned_start, SessionRow.airing_id, SessionRow.station_id)
    return [(row, held, where) for row, held, where in session.execute(ordered)]


def _corrections(session: Session, member: Member) -> Sequence[CorrectionRow]:
    query = select(CorrectionRow).where(CorrectionRow.member_id.in_([str(one) for one in ids_of(session, member.id)]))
    return session.scalars(query.order_by(CorrectionRow.at, CorrectionRow.airing_id, CorrectionRow.number)).all()


def _events(session: Session, member: Member, keys: set[Key]) -> list[EventRow]:
    """What televisions reported of the member, in the sessions that have or had them."""
    ids = [str(one) for one in ids_of(session, member.id)]
    found: list[EventRow] = []
    ordered = sorted(keys, key=str)
    for first in range(0, len(ordered), 200):
        some = [
            and_(EventRow.airing_id == airing, EventRow.station_id == station)
            for airing, station in ordered[first : first + 200]
        ]
        found += session.scalars(select(EventRow).where(or_(*some), or_(*(EventRow.body.contains(one) for one in ids))))
    return sorted(found, key=lambda event: (event.at, event.box_id, event.epoch, event.sequence))


def _doubts(held: SessionRow) -> str:
    return " ".join(str(words) for code, words in DOUBTS.items() if code in held.doubts.split())


def _at(instant: datetime | None) -> str:
    return "" if instant is None else f"{clock.local(instant):%Y-%m-%d %H:%M:%S}"


def _add(packed: zipfile.ZipFile, name: str, data: bytes, at: datetime) -> None:
    packed.writestr(zipfile.ZipInfo(name, at.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
