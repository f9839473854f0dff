"""Find members by what somebody begins to type; keep in step by what they are found.

Terms are rows of their own, so that a beginning is a range of an index on either database (`spelling.py` makes them).
They are written with the member, in the same flush, whoever changes one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, delete, event, insert, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, Session

from contentserver.kernel.db import Database
from contentserver.members.models import Member, MemberTerm
from contentserver.members.rules import is_former
from contentserver.members.spelling import TERM_CHARS, terms_of, typed
from contentserver.regions import subtree_filter
from contentserver.stations import Station

MOST_FOUND = 50
FEW_STATIONS = 60
"""So many stations are looked through one by one; of more, the words come first and then where somebody is."""
_AGAIN = 4
"""A member may be found by several terms: so many times more of them are read."""
_LAST = "\U0010ffff"
_T = TypeVar("_T")
_TERMS = cast(Table, MemberTerm.__table__)
_SEEN = ("name", "number", "station_id", "merged_into")


def begins(words: str) -> ColumnElement[bool]:
    """SQL: a term begins with what was typed."""
    return MemberTerm.term.between(typed(words)[:TERM_CHARS], typed(words)[:TERM_CHARS] + _LAST)


def members_found(stations: Select[UUID], words: str) -> Select[Member]:
    """The members of some stations (a query of their ids) whom somebody means who types `words`; all for nothing.

    Those who are no longer active come last.
    """
    query = select(Member).where(Member.station_id.in_(stations), Member.merged_into.is_(None))
    if typed(words):
        query = query.where(Member.id.in_(select(MemberTerm.member_id).where(begins(words))))
    elif words.strip():
        query = query.where(Member.id.is_(None))
    return query.order_by(Member.active.desc(), Member.station_id, Member.number, Member.id)


def look_up(session: Session, root: str, words: str, most: int = MOST_FOUND) -> tuple[Sequence[Member], bool]:
    """The members of a subtree whom somebody may mean, active ones first, and whether there are more of them."""
    if not typed(words):
        return (), False
    query = select(MemberTerm.member_id).where(begins(words))
    if root:
        below = select(Station.id).where(subtree_filter(Station.region_code, root))
        few = session.scalars(below.limit(FEW_STATIONS + 1)).all()
        if len(few) <= FEW_STATIONS:
            query = query.where(MemberTerm.station_id.in_(few))
        else:
            query = query.join(Station, Station.id == MemberTerm.station_id)
            query = query.where(subtree_filter(Station.region_code, root))
    met = session.scalars(query.order_by(MemberTerm.term).limit(_AGAIN * most)).all()
    ids = list(dict.fromkeys(met))
    rows = session.scalars(select(Member).where(Member.id.in_(ids[:most]))).all()
    order = {one: place for place, one in enumerate(ids)}
    return sorted(rows, key=lambda row: (not row.active, order[row.id])), len(ids) > most or len(met) == _AGAIN * most


def called(session: Session, names: Iterable[str]) -> Sequence[Member]:
    """The members with exactly one of these names, wherever they are, without those who stand for another record."""
    found = dict[UUID, Member]()
    for some in _parts(sorted({typed(name)[:TERM_CHARS] for name in names if typed(name)}), 200):
        ids = select(MemberTerm.member_id).where(MemberTerm.term.in_(some))
        found |= {row.id: row for row in session.scalars(select(Member).where(Member.id.in_(ids)))}
    return list(found.values())


def rebuild_terms(session: Session) -> int:
    """Make all terms anew.

    Returns:
        Of how many members there are now some.
    """
    session.execute(delete(MemberTerm))
    members = 0
    query = select(Member.id, Member.station_id, Member.name, Member.number).where(Member.merged_into.is_(None))
    for some in _parts(session.execute(query).all(), 1000):
        rows = [row for one in some if not is_former(one.number) for row in _rows(*one)]
        members += len(some)
        if rows:
            session.execute(insert(_TERMS), rows)
    return members


def find_everybody(database: Database, *, only_where_missing: bool = False) -> str:
    """Make all terms anew, or only where there are members and none has any: the database is older than they are.

    Returns:
        A line that says of how many.
    """
    with database.unit_of_work() as session:
        if only_where_missing and session.scalars(select(MemberTerm.member_id).limit(1)).first() is not None:
            return "Terms of members are there; nothing was changed."
        return f"{rebuild_terms(session)} members are found by name, pinyin, initials and number."


def _parts(rows: Sequence[_T], most: int) -> Iterator[Sequence[_T]]:
    for first in range(0, len(rows), most):
        yield rows[first : first + most]


def _rows(member_id: UUID, station_id: UUID, name: str, number: str) -> list[dict[str, object]]:
    return [{"term": term, "member_id": member_id, "station_id": station_id} for term in sorted(terms_of(name, number))]


def _inserted(_mapper: Mapper[Any], connection: Connection, member: Member) -> None:
    _write(connection, member)


def _updated(_mapper: Mapper[Any], connection: Connection, member: Member) -> None:
    state = inspect(member)
    if any(state.attrs[name].history.has_changes() for name in _SEEN):
        connection.execute(delete(_TERMS).where(_TERMS.c.member_id == member.id))
        _write(connection, member)


def _write(connection: Connection, member: Member) -> None:
    if member.merged_into is not None or is_former(member.number):
        return
    if rows := _rows(member.id, member.station_id, member.name, member.number):
        connection.execute(insert(_TERMS), rows)


def _going(_mapper: Mapper[Any], connection: Connection, member: Member) -> None:
    connection.execute(delete(_TERMS).where(_TERMS.c.member_id == member.id))


event.listen(Member, "after_insert", _inserted)
event.listen(Member, "after_update", _updated)
event.listen(Member, "before_delete", _going)
