"""Two records of one person become one: one stands for both from then on, and that can be undone.

The other one keeps its row and its id, under which evidence may still come; whoever reads evidence asks here whom an id
means (`resolved`). Sessions in which either was are derived anew, so that hours are counted once, whoever signed in.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.members import rules
from contentserver.members.models import Member, MemberMerge, MemberRole
from contentserver.members.ports import Evidence
from contentserver.members.record import REASON_CHARS, member_asked

FILLED = ("phone", "identity", "birthday", "address")
_MARKED = ("phone", "identity")
_DEEPEST = 20


class Before(msgspec.Struct, frozen=True):
    """What changed on the day of a merge: columns of the kept one that were empty, the other's state, its roles."""

    filled: dict[str, str]
    active: bool
    left_at: datetime | None
    branch: UUID | None
    roles: tuple[UUID, ...] = ()


def resolved(session: Session, ids: Collection[str]) -> Mapping[str, str]:
    """Of the ids that evidence has, those which mean another record, and which."""
    known, found = [one for one in map(_uuid, ids) if one is not None], dict[str, str]()
    if not known:
        return found
    for first in range(0, len(known), 500):
        query = select(Member.id, Member.merged_into).where(
            Member.id.in_(known[first : first + 500]), Member.merged_into.is_not(None)
        )
        for member, into in session.execute(query).all():
            found[str(member)] = str(_end(session, into or member))
    return found


def merge(
    session: Session, kept: Member, other_id: UUID, reason: str, who: Person, evidence: Evidence, now: datetime
) -> MemberMerge:
    """From now on `kept` stands for the other record as well; what it lacks it takes from there.

    Raises:
        NotFound: there is no such record.
        Forbidden: it lies outside the person's region.
        Rejected: the reason is missing, or both are the same.
        Conflict: one of them is merged or closed already, or they have different identity numbers.
    """
    reason = "".join(filter(str.isprintable, reason)).strip()[:REASON_CHARS]
    other, _station = member_asked(session, other_id, who)
    if not reason:
        sentence = _("Say how you know that they are one person. It is kept.")
        raise Rejected("reason_missing", sentence, {"merge_reason": sentence})
    if other.id == kept.id:
        raise Rejected("same_record", _("Choose another record."))
    for one in sorted((kept, other), key=lambda one: one.id):
        session.refresh(one, with_for_update=True)
        if one.merged_into is not None or rules.is_former(one.number):
            raise Conflict("member_closed", _("One of these records is closed or merged already."))
    if kept.identity_mark and other.identity_mark and kept.identity_mark != other.identity_mark:
        raise Conflict("identities_differ", _("They have different identity numbers: these are two people."))
    before = _take_over(session, kept, other, now)
    row = MemberMerge(
        kept_id=kept.id,
        absorbed_id=other.id,
        reason=reason,
        before=msgspec.json.encode(before).decode(),
        at=now,
        by=who.id,
    )
    session.add(row)
    session.flush()
    sessions = evidence(session, (kept.id, other.id))
    told = {"other": str(other.id), "reason": reason, "sessions": sessions}
    audit(session, who=who, action="member.merged", subject=f"member {kept.id}", now=now, after=told)
    return row


def undo(
    session: Session, member: Member, merge_id: UUID, who: Person, evidence: Evidence, now: datetime
) -> MemberMerge:
    """They were two people: both stand again as on the day of the merge; what came since goes to whom it named.

    Raises:
        NotFound: there is no such merge of this record.
        Conflict: it is undone already, or one of them was merged further.
    """
    row = session.get(MemberMerge, merge_id, with_for_update=True, populate_existing=True)
    if row is None or member.id not in (row.kept_id, row.absorbed_id):
        raise NotFound("merge_unknown", _("These records were not merged."))
    kept, other = session.get_one(Member, row.kept_id), session.get_one(Member, row.absorbed_id)
    if row.undone_at is not None or other.merged_into != kept.id:
        raise Conflict("merge_undone", _("This is undone already."))
    before = msgspec.json.decode(row.before, type=Before)
    for column, value in before.filled.items():
        if getattr(kept, column) == value:
            setattr(kept, column, "")
    session.flush()
    other.merged_into, other.active, other.left_at = None, before.active, before.left_at
    for role in session.scalars(select(MemberRole).where(MemberRole.id.in_(before.roles))):
        role.member_id = other.id
    if before.branch is not None and kept.branch_id == before.branch:
        kept.branch_id = None
    row.undone_at, row.undone_by = now, who.id
    session.flush()
    sessions = evidence(session, (kept.id, other.id))
    told = {"other": str(other.id), "sessions": sessions}
    audit(session, who=who, action="member.parted", subject=f"member {kept.id}", now=now, after=told)
    return row


def merge_asked(session: Session, merge_id: UUID, who: Person) -> MemberMerge:
    """A merge of two records that the person both reaches.

    Raises:
        NotFound: there is none.
        Forbidden: one of them lies outside the person's region.
    """
    row = session.get(MemberMerge, merge_id)
    if row is None:
        raise NotFound("merge_unknown", _("These records were not merged."))
    member_asked(session, row.kept_id, who)
    member_asked(session, row.absorbed_id, who)
    return row


def _take_over(session: Session, kept: Member, other: Member, now: datetime) -> Before:
    filled, branch = dict[str, str](), None
    for name in FILLED:
        columns = (f"{name}_sealed", *((f"{name}_mark",) if name in _MARKED else ()))
        if getattr(kept, columns[0]) or not getattr(other, columns[0]):
            continue
        filled |= {column: getattr(other, column) for column in columns}
    for column, value in filled.items():
        setattr(kept, column, value)
    if kept.branch_id is None and other.branch_id is not None:
        kept.branch_id = branch = other.branch_id
    roles = session.scalars(select(MemberRole).where(MemberRole.member_id == other.id)).all()
    before = Before(filled, other.active, other.left_at, branch, tuple(role.id for role in roles))
    for role in roles:
        role.member_id = kept.id
    other.merged_into, other.active, other.left_at = kept.id, False, now
    other.own_link_hash = ""
    session.flush()
    return before


def _end(session: Session, member_id: UUID) -> UUID:
    for _step in range(_DEEPEST):
        into = session.scalar(select(Member.merged_into).where(Member.id == member_id))
        if into is None:
            break
        member_id = into
    return member_id


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
