"""Derive what counts of what was played: after new spans, after a station's roll changed, after records were merged.

Never incremented: the lines of a lesson are put in place of those that stood there. What plays at the same time takes
from each other, so lessons whose viewings overlap are derived together with the spans of all of them.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, insert, or_, select
from sqlalchemy.orm import Session

from contentserver.attendance import presence_of, rolls_changed, rule_on, union_ms
from contentserver.kernel.db import Database
from contentserver.members import Member, ids_of, resolved
from contentserver.school import rules
from contentserver.school.models import SchoolLine, SchoolProgress, Viewing, ViewingSpan
from contentserver.school.rules import Played, Stretch, instant, milliseconds

SOME = 500
"""So many ids stand in one question."""
_DERIVED = (SchoolLine, SchoolProgress)


def watch(database: Database) -> None:
    """From now on, a roll that changes changes what counts online, in the same transaction."""
    database.before_commit(catch_up)


def catch_up(session: Session) -> None:
    """Derive anew what those have seen whose stations' rolls this unit of work has changed."""
    changed = sorted(rolls_changed(session))
    if not changed:
        return
    session.flush()
    for first in range(0, len(changed), SOME):
        known = [one for text in changed[first : first + SOME] if (one := _uuid(text)) is not None]
        may_watch = select(Member.id).where(Member.id.in_(known), Member.own_link_hash != "")
        hold(session, session.scalars(may_watch).all())  # whoever tells something at this moment is waited for
        people = session.scalars(select(Viewing.person_id).where(Viewing.person_id.in_(known)).distinct()).all()
        for person in sorted(people):
            derive(session, person)


def settle_members(session: Session, ids: Collection[UUID]) -> None:
    """Records were merged or parted: viewings count for whom they mean now."""
    theirs = or_(Viewing.member_id.in_(ids), Viewing.person_id.in_(ids))
    _settle(session, session.scalars(select(Viewing).where(theirs)).all())


def rebuild(session: Session) -> tuple[int, int]:
    """Derive everything again.

    Returns:
        How many lines there are, and how many were other before, missing, or too many.
    """
    before = _everything(session)
    for table in _DERIVED:
        session.execute(delete(table))
    _settle(session, session.scalars(select(Viewing)).all())
    session.flush()
    after = _everything(session)
    return len(after), len(before ^ after)


def derive(session: Session, person: UUID, lessons: Collection[UUID] | None = None) -> None:
    """Put in place what somebody's lessons come to: all of them, or some. One writer of a person at a time."""
    session.flush()
    hold(session, [person])
    viewings = session.scalars(select(Viewing).where(Viewing.person_id == person)).all()
    near = viewings if lessons is None else overlapping(viewings, [one for one in viewings if one.lesson_id in lessons])
    played = _played(session, near)
    counted = rules.pieces(played, _busy(session, person, played))
    for table in _DERIVED:
        stood = [table.person_id == person, *([] if lessons is None else [table.lesson_id.in_(lessons)])]
        session.execute(delete(table).where(*stood))
    wanted = {one.lesson_id for one in viewings} if lessons is None else lessons
    for lesson in sorted(wanted):
        _keep(session, person, [one for one in played if one.lesson == lesson], counted)


def hold(session: Session, people: Collection[UUID]) -> None:
    """Let nobody else keep or derive what these have watched until this unit of work ends."""
    mine = select(Member.id).where(Member.id.in_(people)).order_by(Member.id)
    session.execute(mine.with_for_update(key_share=True))


def overlapping(viewings: Iterable[Viewing], some: Sequence[Viewing]) -> list[Viewing]:
    """Those that may have played while one of some did, themselves among them."""
    stretches = [(one.opened_at, one.until_at) for one in some]
    return [
        one for one in viewings if any(one.opened_at <= until and begins <= one.until_at for begins, until in stretches)
    ]


def _keep(session: Session, person: UUID, played: Sequence[Played], counted: Sequence[rules.Piece]) -> None:
    if not played:
        return
    last = max(played, key=lambda one: (one.start + one.clock_ms, one.key))
    of_lesson = [one for one in counted if one.lesson == last.lesson]
    found = rules.outcome(of_lesson, lambda day: _share(session, day))
    key = {"person_id": person, "lesson_id": last.lesson}
    lines = [key | {"day": one.day, "at": instant(one.at), "credit_ms": one.credit_ms} for one in found.lines]
    if lines:
        session.execute(insert(cast(Table, SchoolLine.__table__)), lines)
    seen = union_ms((one.from_ms, one.to_ms) for one in played if one.package == last.package)
    row: dict[str, Any] = key | {
        "length_ms": last.length_ms,
        "seen_ms": min(seen, last.length_ms),
        "present_ms": found.present_ms,
        "credit_ms": found.credit_ms,
        "stopped_ms": min(last.to_ms, last.length_ms),
        "last_at": instant(last.start + last.clock_ms),
    }
    session.execute(insert(cast(Table, SchoolProgress.__table__)), [row])


def _settle(session: Session, viewings: Sequence[Viewing]) -> None:
    meant = resolved(session, {str(one.member_id) for one in viewings})
    people = {one.person_id for one in viewings}
    for one in viewings:
        one.person_id = UUID(meant.get(str(one.member_id), str(one.member_id)))
    people |= {one.person_id for one in viewings}
    for person in sorted(people):
        derive(session, person)


def _played(session: Session, viewings: Sequence[Viewing]) -> list[Played]:
    by_id = {one.id: one for one in viewings}
    ids, found = sorted(by_id), list[Played]()
    for first in range(0, len(ids), SOME):
        for row in session.scalars(select(ViewingSpan).where(ViewingSpan.viewing_id.in_(ids[first : first + SOME]))):
            of = by_id[row.viewing_id]
            found.append(
                Played(
                    lesson=of.lesson_id,
                    package=of.package_name,
                    length_ms=of.length_ms,
                    from_ms=row.from_ms,
                    to_ms=row.to_ms,
                    start=milliseconds(of.opened_at) + row.at_ms,
                    clock_ms=row.clock_ms,
                    key=(milliseconds(of.opened_at), str(of.id), row.sequence),
                )
            )
    return found


def _busy(session: Session, person: UUID, played: Sequence[Played]) -> list[Stretch]:
    if not played:
        return []
    since = instant(min(one.start for one in played))
    until = instant(max(one.start + one.clock_ms for one in played))
    ids = [str(one) for one in ids_of(session, person)]
    return [(milliseconds(begin), milliseconds(end)) for begin, end in presence_of(session, ids, since, until)]


def _share(session: Session, day: date) -> int:
    return rule_on(session, day).share_percent


def _everything(session: Session) -> set[tuple[object, ...]]:
    columns = (SchoolLine.person_id, SchoolLine.lesson_id, SchoolLine.day, SchoolLine.at, SchoolLine.credit_ms)
    return {tuple(row) for row in session.execute(select(*columns))}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
