"""What people do in branches, from when to when; and which things there are to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.members import branches, rules
from contentserver.members.models import Branch, Member, MemberRole, RoleKind
from contentserver.members.words import ROLES
from contentserver.regions import subtree_filter
from contentserver.stations import Station

ROLE_CHARS = 40
MOST_KINDS = 60


@dataclass(frozen=True, slots=True)
class Held:
    """A role with whose it is and where."""

    row: MemberRole
    member: Member
    branch: Branch


def kinds(session: Session, *, retired: bool = False) -> Sequence[RoleKind]:
    """What there is to do, in order; with `retired` also what nobody begins any more."""
    query = select(RoleKind).order_by(RoleKind.place, RoleKind.code)
    return session.scalars(query if retired else query.where(RoleKind.retired_at.is_(None))).all()


def names(session: Session) -> Mapping[str, object]:
    """What each role is called, retired ones too."""
    return {row.code: row.name or ROLES.get(row.code, row.code) for row in kinds(session, retired=True)}


def add_kind(session: Session, name: str, who: Person, now: datetime) -> RoleKind:
    """One more thing to do, for every branch of the server.

    Raises:
        Forbidden: the person does not administer the whole server.
        Rejected: the name is empty, too long, or there already; or there are too many.
    """
    _require_all(who)
    name, known = rules.name_of(name), kinds(session, retired=True)
    if not 0 < len(name) <= ROLE_CHARS:
        raise _wrong(_("A name has one to %(most)s characters.", most=ROLE_CHARS))
    if name in {str(one) for one in names(session).values()} or len(known) >= MOST_KINDS:
        raise _wrong(_("There is one of this name, or there are too many."))
    row = RoleKind(code=f"own{len(known) + 1}", name=name, place=max(one.place for one in known) + 1 if known else 0)
    session.add(row)
    session.flush()
    audit(session, who=who, action="role_kind.added", subject=f"role {row.code}", now=now, after={"name": name})
    return row


def retire_kind(session: Session, code: str, who: Person, now: datetime, *, undo: bool = False) -> None:
    """Nobody begins it any more; those who do it go on.

    Raises:
        Forbidden: the person does not administer the whole server.
        NotFound: there is no such role.
    """
    _require_all(who)
    row = session.get(RoleKind, code)
    if row is None:
        raise NotFound("role_unknown", _("There is no such role."))
    row.retired_at = None if undo else now
    action = "role_kind.brought_back" if undo else "role_kind.retired"
    audit(session, who=who, action=action, subject=f"role {code}", now=now)


def held_by(session: Session, member_id: UUID) -> list[Held]:
    """What somebody does and did, the latest first."""
    return _held(session, MemberRole.member_id == member_id)


def held_in(session: Session, branch_id: UUID) -> list[Held]:
    """What people do and did in a branch, the latest first."""
    return _held(session, MemberRole.branch_id == branch_id)


def held_within(session: Session, role: str, region_code: str) -> list[tuple[Member, Branch]]:
    """Who does something now in the standing branches of a region, and where; the order is that of the branches."""
    query = (
        select(Member, Branch)
        .join(MemberRole, MemberRole.member_id == Member.id)
        .join(Branch, Branch.id == MemberRole.branch_id)
        .where(MemberRole.role == role, MemberRole.until.is_(None), subtree_filter(Branch.region_code, region_code))
        .where(Branch.dissolved_on.is_(None), Member.active, Member.merged_into.is_(None))
        .order_by(Branch.region_code, Branch.name, Member.id)
    )
    return [(member, branch) for member, branch in session.execute(query)]


def filled_in(session: Session, branch_id: UUID) -> list[str]:
    """What is done in a branch at the moment, in its order; not by whom."""
    query = (
        select(MemberRole.role)
        .join(Member, Member.id == MemberRole.member_id)
        .where(MemberRole.branch_id == branch_id, MemberRole.until.is_(None), Member.active)
    )
    held, called = set(session.scalars(query)), names(session)
    return [str(name) for code, name in called.items() if code in held]


def told_of(session: Session, member_id: UUID) -> list[list[str]]:
    """What somebody does and did, in words: branch, role, since, until."""
    called = names(session)
    return [
        [
            one.branch.name,
            str(called.get(one.row.role, one.row.role)),
            one.row.since.isoformat(),
            one.row.until.isoformat() if one.row.until else "",
        ]
        for one in held_by(session, member_id)
    ]


def begin(
    session: Session,
    member: Member,
    branch_id: UUID | None,
    role: str,
    since: date | None,
    who: Person,
    now: datetime,
    today: date,
) -> MemberRole:
    """Somebody begins to do something in a branch.

    Raises:
        Rejected: branch, role or day are wrong; `fields` says which.
        Conflict: they do it already, or they left.
    """
    wrong = dict[str, object]()
    if not member.active:
        raise Conflict("member_left", _("They are no longer on the roll of the station."))
    if role not in {one.code for one in kinds(session)}:
        wrong["role"] = _("Choose what they do.")
    if since is None or not branches.EARLIEST <= since <= today:
        wrong["since"] = _("Give a day until today.")
    region = session.get_one(Station, member.station_id).region_code
    try:
        branch = branches.require_takes(session, branch_id, region, today) if branch_id else None
    except (Rejected, NotFound) as error:
        branch, wrong["branch"] = None, error.sentence
    if branch is None and "branch" not in wrong:
        wrong["branch"] = _("Choose the branch.")
    if wrong or branch is None or since is None:
        raise Rejected("role_refused", _("This cannot stand like this."), wrong)
    same = select(MemberRole.id).where(
        MemberRole.member_id == member.id,
        MemberRole.branch_id == branch.id,
        MemberRole.role == role,
        MemberRole.until.is_(None),
    )
    if session.scalars(same).first() is not None:
        raise Conflict("role_held", _("They do this already."))
    row = MemberRole(member_id=member.id, branch_id=branch.id, role=role, since=since)
    session.add(row)
    session.flush()
    told = {"branch": branch.name, "role": role, "since": since.isoformat()}
    audit(session, who=who, action="role.begun", subject=f"member {member.id}", now=now, after=told)
    return row


def end(
    session: Session,
    member: Member,
    role_id: UUID,
    until: date | None,
    who: Person,
    now: datetime,
    today: date,
    *,
    undo: bool = False,
) -> MemberRole:
    """It ends on a day; `undo` takes that back.

    Raises:
        NotFound: they have no such role.
        Rejected: the day is none, or before it began.
        Conflict: the branch is dissolved, so that it cannot go on.
    """
    row = session.get(MemberRole, role_id)
    if row is None or row.member_id != member.id:
        raise NotFound("role_unknown", _("There is no such role."))
    if undo:
        if session.get_one(Branch, row.branch_id).dissolved_on is not None:
            raise Conflict("branch_dissolved", _("This branch is dissolved. Bring it back first."))
        row.until, row.with_branch = None, False
    elif until is None or not row.since <= until <= today:
        sentence = _("Give a day from when it began until today.")
        raise Rejected("until_wrong", sentence, {"until": sentence})
    else:
        row.until = until
    told = {"role": row.role, "until": row.until.isoformat() if row.until else ""}
    audit(session, who=who, action="role.ended", subject=f"member {member.id}", now=now, after=told)
    return row


def counts_now(session: Session, branch_id: UUID) -> int:
    """How many roles in a branch are held now."""
    query = select(func.count()).where(MemberRole.branch_id == branch_id, MemberRole.until.is_(None))
    return session.scalar(query) or 0


def _held(session: Session, which: ColumnElement[bool]) -> list[Held]:
    query = (
        select(MemberRole, Member, Branch)
        .join(Member, Member.id == MemberRole.member_id)
        .join(Branch, Branch.id == MemberRole.branch_id)
        .where(which)
        .order_by(MemberRole.until.is_not(None), MemberRole.since.desc(), MemberRole.id)
    )
    return [Held(row, member, branch) for row, member, branch in session.execute(query)]


def _require_all(who: Person) -> None:
    if not who.administers_all:
        raise Forbidden("no_right", _("Only who administers the whole server may change this."))


def _wrong(sentence: object) -> Rejected:
    return Rejected("role_kind_refused", sentence, {"role_name": sentence})


def role_asked(session: Session, role_id: UUID, who: Person) -> MemberRole:
    """A role of somebody whose station the person reaches.

    Raises:
        NotFound: there is none.
        Forbidden: it is somebody's elsewhere.
    """
    row = session.get(MemberRole, role_id)
    if row is None:
        raise NotFound("role_unknown", _("There is no such role."))
    member = session.get_one(Member, row.member_id)
    if not who.reaches(session.get_one(Station, member.station_id).region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    return row
