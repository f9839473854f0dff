"""Branches: a tree beside that of the regions; found, change, dissolve and bring them back.

A branch belongs to a region and hangs below a branch of the same region or of one above it. One that is dissolved takes
nobody any more; who did what in it stays to be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.members import rules
from contentserver.members.models import Branch, Member, MemberRole
from contentserver.members.rules import BranchKind
from contentserver.regions import ancestors_and_self, region_named, subtree_filter

BRANCH_CHARS = 60
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody says of a branch."""

    name: str
    kind: str
    region_code: str
    parent_id: UUID | None = None
    founded_on: date | None = None


@dataclass(slots=True)
class Node:
    """A branch in its tree; `people` are those who belong to it."""

    row: Branch
    people: int = 0
    below: list["Node"] = field(default_factory=list)

    @property
    def all_people(self) -> int:
        """Its own and those of everything below it."""
        return self.people + sum(one.all_people for one in self.below)


def branch_with(session: Session, branch_id: UUID, *, locked: bool = False) -> Branch:
    """The branch with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(Branch, branch_id, populate_existing=True, with_for_update=locked)
    if row is None:
        raise NotFound("branch_unknown", _("There is no such branch."))
    return row


def where_branch(session: Session, branch_id: UUID) -> str:
    """The code of the region of a branch.

    Raises:
        NotFound: there is none.
    """
    return branch_with(session, branch_id).region_code


def tree(session: Session, root: str, *, dissolved: bool = False) -> list[Node]:
    """The branches of a subtree, each below its own; those whose parent lies above the subtree stand at the top."""
    query = select(Branch).where(subtree_filter(Branch.region_code, root))
    if not dissolved:
        query = query.where(Branch.dissolved_on.is_(None))
    rows = session.scalars(query.order_by(Branch.region_code, Branch.name, Branch.id)).all()
    counts = people_in(session, [row.id for row in rows])
    nodes = {row.id: Node(row, counts.get(row.id, 0)) for row in rows}
    top: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.row.parent_id) if node.row.parent_id else None
        (above.below if above else top).append(node)
    return top


def people_in(session: Session, branches: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many active members belong to each of some branches."""
    query = (
        select(Member.branch_id, func.count())
        .where(Member.branch_id.in_(branches), Member.active, Member.merged_into.is_(None))
        .group_by(Member.branch_id)
    )
    return {branch: count for branch, count in session.execute(query) if branch is not None}


def path_above(session: Session, row: Branch) -> list[Branch]:
    """The branches above one, the uppermost first."""
    found: list[Branch] = []
    while row.parent_id is not None:
        row = branch_with(session, row.parent_id)
        found.insert(0, row)
    return found


def choices_for(session: Session, region_code: str) -> Sequence[Branch]:
    """The standing branches to which people or branches of a region may belong: its own, and those above it."""
    query = select(Branch).where(Branch.region_code.in_(ancestors_and_self(region_code)), Branch.dissolved_on.is_(None))
    return session.scalars(query.order_by(Branch.region_code.desc(), Branch.name, Branch.id)).all()


def choices_within(session: Session, root: str) -> Sequence[Branch]:
    """Every standing branch that concerns a subtree: those in it, and those of the regions above it."""
    concerning: ColumnElement[bool] = subtree_filter(Branch.region_code, root)
    if root:
        concerning = or_(concerning, Branch.region_code.in_(ancestors_and_self(root)))
    query = select(Branch).where(concerning, Branch.dissolved_on.is_(None))
    return session.scalars(query.order_by(Branch.region_code, Branch.name, Branch.id)).all()


def found(session: Session, words: Words, who: Person, now: datetime, today: date) -> Branch:
    """A new branch.

    Raises:
        Rejected: name, kind, day or parent are wrong; `fields` says which.
        Forbidden: its region lies outside the person's own.
        NotFound: there is no such region.
    """
    if not who.reaches(words.region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    words = _checked(session, words, None, today)
    row = Branch(made_at=now)
    _set(row, words)
    session.add(row)
    session.flush()
    audit(session, who=who, action="branch.founded", subject=f"branch {row.id}", now=now, after=_told(row))
    return row


def change(session: Session, row: Branch, words: Words, who: Person, now: datetime, today: date) -> None:
    """Another name, kind, day or parent; the region stays.

    Raises:
        Rejected: as `found`.
        Conflict: it is dissolved.
    """
    if row.dissolved_on is not None:
        raise Conflict("branch_dissolved", _("This branch is dissolved. Bring it back first."))
    before = _told(row)
    words = _checked(session, words, row, today)
    _set(row, words)
    session.flush()
    if before != _told(row):
        told = {"before": before, "after": _told(row)}
        audit(session, who=who, action="branch.changed", subject=f"branch {row.id}", now=now, **told)


def dissolve(session: Session, row: Branch, reason: str, who: Person, now: datetime, today: date) -> int:
    """From today on it takes nobody; what people do in it ends.

    Returns:
        How many people still belong to it: they are to be moved.

    Raises:
        Rejected: the reason is missing.
        Conflict: it is dissolved, or others hang below it.
    """
    row = branch_with(session, row.id, locked=True)
    if row.dissolved_on is not None:
        raise Conflict("branch_dissolved", _("This branch is dissolved already."))
    reason = "".join(filter(str.isprintable, reason)).strip()[:300]
    if not reason:
        raise Rejected("reason_missing", _("Say why. It is kept."), {"reason": _("Say why. It is kept.")})
    below = select(func.count()).where(Branch.parent_id == row.id, Branch.dissolved_on.is_(None))
    if session.scalar(below):
        raise Conflict("branch_has_others", _("Other branches belong to this one. Dissolve or move them first."))
    row.dissolved_on = today
    for role in session.scalars(select(MemberRole).where(MemberRole.branch_id == row.id, MemberRole.until.is_(None))):
        role.until, role.with_branch = today, True
    session.flush()
    told = {"on": today.isoformat(), "reason": reason}
    audit(session, who=who, action="branch.dissolved", subject=f"branch {row.id}", now=now, after=told)
    return people_in(session, [row.id]).get(row.id, 0)


def bring_back(session: Session, row: Branch, who: Person, now: datetime) -> None:
    """It was dissolved by mistake: it stands again, and what people did in it goes on.

    Raises:
        Conflict: it stands, or the one above it does not.
    """
    row = branch_with(session, row.id, locked=True)
    if row.dissolved_on is None:
        raise Conflict("branch_stands", _("This branch stands."))
    if row.parent_id and branch_with(session, row.parent_id).dissolved_on is not None:
        raise Conflict("parent_dissolved", _("The branch above it is dissolved. Bring that one back first."))
    row.dissolved_on = None
    for role in session.scalars(select(MemberRole).where(MemberRole.branch_id == row.id, MemberRole.with_branch)):
        role.until, role.with_branch = None, False
    session.flush()
    audit(session, who=who, action="branch.brought_back", subject=f"branch {row.id}", now=now)


def require_takes(session: Session, branch_id: UUID, region_code: str, today: date) -> Branch:
    """A branch to which people of a region may come, held so that nobody dissolves it meanwhile.

    Raises:
        Rejected: it is dissolved, or belongs elsewhere.
        NotFound: there is none.
    """
    row = branch_with(session, branch_id, locked=True)
    if not rules.may_hang_below(region_code, row.region_code):
        sentence = _("This branch is not for this station.")
        raise Rejected("branch_elsewhere", sentence, {"branch": sentence})
    if not rules.stands(row.dissolved_on, today):
        told = {"name": row.name, "day": row.dissolved_on}
        sentence = _("“%(name)s” was dissolved on %(day)s. It takes nobody any more.", **told)
        raise Rejected("branch_dissolved", sentence, {"branch": sentence})
    return row


def _checked(session: Session, words: Words, row: Branch | None, today: date) -> Words:
    region_named(session, words.region_code)
    name, wrong = rules.name_of(words.name), dict[str, object]()
    if not 0 < len(name) <= BRANCH_CHARS:
        wrong["name"] = _("A name has one to %(most)s characters.", most=BRANCH_CHARS)
    if words.kind not in {*BranchKind}:
        wrong["kind"] = _("Choose what it is.")
    if words.founded_on and not EARLIEST <= words.founded_on <= today:
        wrong["founded_on"] = _("This day is not over yet, or too long ago.")
    same = select(Branch.id).where(
        Branch.region_code == words.region_code, Branch.name == name, Branch.dissolved_on.is_(None)
    )
    if session.scalars(same.where(Branch.id != row.id) if row else same).first() is not None:
        wrong["name"] = _("This region has a branch of this name already.")
    if words.parent_id and (fault := _parent_fault(session, words, row)):
        wrong["parent"] = fault
    if wrong:
        raise Rejected("branch_refused", _("The branch cannot stand like this."), wrong)
    return Words(name, words.kind, words.region_code, words.parent_id, words.founded_on)


def _parent_fault(session: Session, words: Words, row: Branch | None) -> object:
    parent = session.get(Branch, words.parent_id) if words.parent_id else None
    if parent is None or not rules.may_hang_below(words.region_code, parent.region_code):
        return _("Choose a branch of the same region, or of one above it.")
    if parent.dissolved_on is not None:
        return _("That branch is dissolved. It takes nobody any more.")
    if row is not None and row.id in {parent.id, *(one.id for one in path_above(session, parent))}:
        return _("A branch cannot belong to itself, or to one below it.")
    return ""


def _set(row: Branch, words: Words) -> None:
    row.name, row.kind, row.region_code = words.name, words.kind, words.region_code
    row.parent_id, row.founded_on = words.parent_id, words.founded_on


def _told(row: Branch) -> dict[str, str]:
    return {
        "name": row.name,
        "kind": row.kind,
        "region": row.region_code,
        "parent": str(row.parent_id or ""),
        "founded_on": row.founded_on.isoformat() if row.founded_on else "",
    }
