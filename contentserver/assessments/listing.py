"""Who is assessed in a region by a scheme, and who assesses them: looked up once, when a round begins."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.assessments.rules import Assessor, Part, Scheme, Subjects
from contentserver.kernel.auth import RIGHTS, Right, Role
from contentserver.kernel.errors import Rejected
from contentserver.members import Branch, Member, roles_held
from contentserver.processes import Hand, desk_of, hands
from contentserver.regions import ancestors_and_self, subtree_filter
from contentserver.stations import Station, stations_in


@dataclass(slots=True)
class Listed:
    """One who will be assessed; `accounts` and `members` by the codes of the parts in which they are asked."""

    region_code: str
    title: str
    station_id: UUID | None = None
    branch_id: UUID | None = None
    member_id: UUID | None = None
    accounts: dict[str, list[UUID]] = field(default_factory=dict)
    members: dict[str, list[UUID]] = field(default_factory=dict)

    def asked(self, part: str) -> int:
        """How many are asked in a part."""
        return len(self.accounts.get(part, ())) + len(self.members.get(part, ()))


def listed(session: Session, scheme: Scheme, region_code: str) -> list[Listed]:
    """Everybody whom a scheme assesses in a region, with those who are asked.

    Raises:
        Rejected: an account that the scheme names is not there.
    """
    found = _subjects(session, scheme, region_code)
    known = _People(session, region_code)
    for part in scheme.parts:
        named = known.named(part) if part.assessor is Assessor.NAMED else []
        for one in found:
            if part.assessor is Assessor.PEERS:
                one.members[part.code] = known.peers(one)
            elif part.assessor is Assessor.SELF and one.member_id is not None:
                one.members[part.code] = [one.member_id]
            elif part.assessor is Assessor.SELF:
                one.accounts[part.code] = known.own(one)
            elif part.assessor is Assessor.ABOVE:
                one.accounts[part.code] = known.above(one.region_code)
            else:
                one.accounts[part.code] = named
    return found


def _subjects(session: Session, scheme: Scheme, region_code: str) -> list[Listed]:
    match scheme.subjects:
        case Subjects.STATIONS:
            return [Listed(row.region_code, row.name, station_id=row.id) for row in stations_in(session, region_code)]
        case Subjects.BRANCHES:
            query = select(Branch).where(subtree_filter(Branch.region_code, region_code), Branch.dissolved_on.is_(None))
            rows = session.scalars(query.order_by(Branch.region_code, Branch.name, Branch.id))
            return [Listed(row.region_code, row.name, branch_id=row.id) for row in rows]
        case Subjects.MEMBERS:
            held = roles_held(session, scheme.role, region_code)
            return [
                Listed(branch.region_code, "", station_id=member.station_id, branch_id=branch.id, member_id=member.id)
                for member, branch in held
            ]


class _People:
    """Accounts and members, read once for all subjects."""

    def __init__(self, session: Session, region_code: str) -> None:
        self._region = region_code
        self._accounts: Sequence[Account] = session.scalars(
            select(Account).where(Account.active).order_by(Account.username)
        ).all()
        self._hands: Collection[Hand] = hands(session)
        self._by_station: dict[UUID, list[UUID]] = {}
        self._by_branch: dict[UUID, list[UUID]] = {}
        query = (
            select(Member.id, Member.station_id, Member.branch_id)
            .join(Station, Station.id == Member.station_id)
            .where(subtree_filter(Station.region_code, region_code), Member.active, Member.merged_into.is_(None))
        )
        for member, station, branch in session.execute(query):
            self._by_station.setdefault(station, []).append(member)
            if branch is not None:
                self._by_branch.setdefault(branch, []).append(member)

    def peers(self, one: Listed) -> list[UUID]:
        """The members of a station or branch; of a member those of the branch, without themselves."""
        if one.branch_id is not None:
            return [member for member in self._by_branch.get(one.branch_id, ()) if member != one.member_id]
        return self._by_station.get(one.station_id, []) if one.station_id else []

    def own(self, one: Listed) -> list[UUID]:
        """The administrators of a station or branch: those of its own region who do not assess others."""
        right = Right.KEEP_RECORD if one.branch_id is None else Right.KEEP_MEMBERS
        return [
            row.id
            for row in self._accounts
            if row.region_code == one.region_code and _may(row, right) and not _may(row, Right.ASSESS)
        ]

    def above(self, region_code: str) -> list[UUID]:
        """Those who assess in the nearest region above in which somebody does."""
        higher = ancestors_and_self(region_code)[:-1]
        desk = desk_of(higher[-1], Right.ASSESS.value, self._hands) if higher else ""
        return [row.id for row in self._accounts if row.region_code == desk and _may(row, Right.ASSESS)]

    def named(self, part: Part) -> list[UUID]:
        """The accounts that a part names.

        Raises:
            Rejected: one is not there, is closed, or works elsewhere.
        """
        there = {row.username: row for row in self._accounts}
        missing = [name for name in part.accounts if name not in there or not self._near(there[name].region_code)]
        if missing:
            sentence = _("Nobody here has the account %(names)s that the scheme names.", names=", ".join(missing))
            raise Rejected("account_unknown", sentence, {"scheme": sentence})
        return [there[name].id for name in dict.fromkeys(part.accounts)]

    def _near(self, code: str) -> bool:
        return code.startswith(self._region) or self._region.startswith(code)


def _may(row: Account, right: Right) -> bool:
    return right in RIGHTS[Role(row.role)]
