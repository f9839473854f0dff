"""Whoever writes in the forum: an account or a seated member; what they are called, and who may not write for a while.

An author has the id of the account or of the member. A member is shown by the name that they chose once, else by their
masked name; one who was forgotten is a former member.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.audit import audit
from contentserver.forum import rules
from contentserver.forum.models import REASON_CHARS, Author, Post, PostPicture
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.db import Database
from contentserver.kernel.display import moment
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.members import Member, ids_of, is_former, masked
from contentserver.processes import owner
from contentserver.regions import Region, subtree_filter
from contentserver.stations import Station

BLOCK_DAYS: Final = (1, 3, 7, 30)
_NAME_FAULTS: Final = {
    "form": _("A name has two to twelve Chinese characters, Latin letters and digits."),
    "number": _("No numbers by which somebody is known."),
    "doubtful": _("This cannot be a name here."),
    "taken": _("Somebody is called so already."),
}


@dataclass(frozen=True, slots=True)
class Writer:
    """Who reads and writes.

    Attributes:
        person: the account; None for a member.
        branches: to whose threads they belong, wherever those lie.
        earlier: records that theirs stands for as well; what those wrote is theirs.
    """

    id: UUID
    region_code: str
    person: Person | None = None
    branches: frozenset[UUID] = frozenset()
    earlier: frozenset[UUID] = field(default=frozenset())

    @property
    def mine(self) -> frozenset[UUID]:
        """Every author that they are."""
        return self.earlier | {self.id}

    def reaches(self, region: str) -> bool:
        """Whether they look after things of a region, if after any."""
        return self.person is not None and self.person.reaches(region)

    def moderates(self, region: str) -> bool:
        """Whether they look after the board of a region."""
        return self.reaches(region) and self.person is not None and self.person.may(Right.MODERATE)


@dataclass(frozen=True, slots=True)
class Shown:
    """How an author is shown; `place` is a member's village, for whoever looks after the forum."""

    name: str
    member: bool = False
    place: str = ""
    region: str = ""
    blocked_until: datetime | None = None


def account(person: Person) -> Writer:
    """A signed-in person, or whom they stand in for."""
    return Writer(owner(person), person.region_code, person)


def member(session: Session, row: Member) -> Writer:
    """Whoever sits in the browser."""
    region = session.get_one(Station, row.station_id).region_code
    branches = frozenset({row.branch_id} if row.branch_id else ())
    return Writer(row.id, region, None, branches, frozenset(ids_of(session, row.id)) - {row.id})


def hold(session: Session, writer: Writer) -> Author:
    """Their row, made if there is none, and held until the unit of work ends: one writes one thing at a time."""
    note(session, [writer.id], members=writer.person is None)
    return session.get_one(Author, writer.id, with_for_update=True, populate_existing=True)


def note(session: Session, ids: Iterable[UUID], *, members: bool) -> None:
    """Let accounts or members be authors."""
    column = "member_id" if members else "account_id"
    rows: list[dict[str, Any]] = [{"id": one, column: one, "name": "", "blocked_why": ""} for one in ids]
    if not rows:
        return
    insert = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    session.execute(insert(Author).on_conflict_do_nothing(), rows)


def require_writes(session: Session, writer: Writer, now: datetime) -> None:
    """Raise Forbidden where somebody who looks after the forum lets them write nothing for a while."""
    row = blocked(session, writer, now)
    if row is not None:
        told = {"day": moment(row.blocked_until), "why": row.blocked_why}
        raise Forbidden("author_blocked", _("You write nothing here until %(day)s. Why: %(why)s", **told))


def blocked(session: Session, writer: Writer, now: datetime) -> Author | None:
    """The row by which they write nothing, the longest first; None where they may write."""
    query = select(Author).where(Author.id.in_(writer.mine), Author.blocked_until > now)
    return session.scalars(query.order_by(Author.blocked_until.desc())).first()


def block(session: Session, author_id: UUID, days: int, why: str, who: Person, now: datetime) -> None:
    """A member writes nothing for some days; none lets them write again.

    Raises:
        Rejected: so many days are not offered, or nobody said why.
        NotFound: there is no such member among the authors.
    """
    row = _member_author(session, author_id)
    why = rules.cleaned(why)[:REASON_CHARS]
    if days and days not in BLOCK_DAYS:
        raise Rejected("days_wrong", _("Choose for how long."), {"days": _("Choose for how long.")})
    if days and not why:
        sentence = _("Say why: the member reads this.")
        raise Rejected("reason_missing", sentence, {"block_why": sentence})
    before = row.blocked_until
    row.blocked_until, row.blocked_why = (now + timedelta(days=days), why) if days else (None, "")
    session.flush()
    told = {"before": {"until": before}, "after": {"until": row.blocked_until, "why": why}}
    action = "author.blocked" if days else "author.unblocked"
    audit(session, who=who, action=action, subject=f"member {row.member_id}", now=now, **told)


def blocked_within(session: Session, who: Person, now: datetime) -> list[tuple[Author, Shown]]:
    """Members of a subtree who write nothing at the moment."""
    query = (
        select(Author)
        .join(Member, Member.id == Author.member_id)
        .join(Station, Station.id == Member.station_id)
        .where(Author.blocked_until > now, subtree_filter(Station.region_code, who.region_code))
    )
    rows = session.scalars(query.order_by(Author.blocked_until, Author.id)).all()
    known = shown(session, [row.id for row in rows])
    return [(row, known[row.id]) for row in rows]


def where_author(session: Session, author_id: UUID) -> str:
    """The code of the region of a member who writes.

    Raises:
        NotFound: there is no such member among the authors.
    """
    row = session.get_one(Member, _member_author(session, author_id).member_id)
    return session.get_one(Station, row.station_id).region_code


def choose_name(session: Session, writer: Writer, typed: str, who: Member, now: datetime) -> None:
    """A member is shown by this name from now on.

    Raises:
        Rejected: it cannot be a name, or is somebody's already.
        Conflict: they have chosen before.
    """
    row = hold(session, writer)
    if row.name:
        raise Conflict("name_chosen", _("You have chosen your name already."))
    name, own = " ".join(rules.cleaned(typed).split()), who.number
    key = name.casefold()
    fault = rules.name_fault(name, own)
    if not fault:
        taken = select(Author.id).where(Author.key == key)
        called = func.lower(Account.display_name) == key
        same = select(Account.id).where(or_(func.lower(Account.username) == key, called))
        if session.scalar(taken.limit(1)) is not None or session.scalar(same.limit(1)) is not None:
            fault = "taken"
    if fault:
        raise Rejected("name_wrong", _NAME_FAULTS[fault], {"name": _NAME_FAULTS[fault]})
    row.name, row.key = name, key
    session.flush()
    audit(session, who=None, action="author.named", subject=f"member {writer.id}", now=now, after={"name": name})


def shown(session: Session, ids: Iterable[UUID]) -> Mapping[UUID, Shown]:
    """How authors are shown."""
    wanted = set(ids)
    accounts = select(Author.id, Account.display_name).join(Account, Account.id == Author.account_id)
    found = {key: Shown(name) for key, name in session.execute(accounts.where(Author.id.in_(wanted)))}
    members = (
        select(Author, Member, Station.region_code, Region.name)
        .join(Member, Member.id == Author.member_id)
        .join(Station, Station.id == Member.station_id)
        .join(Region, Region.code == Station.region_code)
        .where(Author.id.in_(wanted))
    )
    for row, who, region, place in session.execute(members):
        found[row.id] = Shown(name_of(row, who), True, place, region, row.blocked_until)
    return found


def name_of(row: Author | None, who: Member) -> str:
    """What others read of a member."""
    if is_former(who.number):
        return str(_("a former member"))
    return row.name if row is not None and row.name else masked(who.name)


def watch(database: Database) -> None:
    """From now on whoever is forgotten has no name in the forum either, in the same transaction."""
    database.after_flush(lambda session, _context: _forget(session))


def _forget(session: Session) -> None:
    """Of forgotten members the words stay; the name that they chose goes, and what their pictures show."""
    gone = [one.id for one in session.dirty if isinstance(one, Member) and is_former(one.number)]
    if not gone:
        return
    theirs = select(Post.id).where(Post.by.in_(gone))
    quiet = {"synchronize_session": False}
    session.execute(
        update(Author).where(Author.id.in_(gone)).values(name="", key=None, blocked_until=None, blocked_why=""),
        execution_options=quiet,
    )
    session.execute(delete(PostPicture).where(PostPicture.post_id.in_(theirs)), execution_options=quiet)


def _member_author(session: Session, author_id: UUID) -> Author:
    row = session.get(Author, author_id)
    if row is None or row.member_id is None:
        raise NotFound("author_unknown", _("No member of this kind has written here."))
    return row
