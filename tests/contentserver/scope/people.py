"""A branch of a county with somebody who does something in it."""

from datetime import datetime

from sqlalchemy.orm import Session

from contentserver.members.models import Branch, Member, MemberMerge, MemberRole
from tests.contentserver.scope.county import County


def branch(session: Session, made: County, member: Member, now: datetime) -> None:
    """The member belongs to it."""
    row = Branch(region_code=made.township, name=f"{made.mark}branch", kind="branch", made_at=now)
    session.add(row)
    session.flush()
    role = MemberRole(member_id=member.id, branch_id=row.id, role="secretary", since=now.date())
    member.branch_id = row.id
    session.add(role)
    session.flush()
    made.named |= {"branch_id": str(row.id), "role_id": str(role.id), "role": "secretary"}
    twin = Member(station_id=member.station_id, name=f"{made.mark}twin", number="102")
    session.add(twin)
    session.flush()
    twin.merged_into, twin.active = member.id, False
    merge = MemberMerge(
        kept_id=member.id,
        absorbed_id=twin.id,
        reason=f"{made.mark}reason",
        before='{"filled":{},"active":true,"left_at":null,"branch":null}',
        at=now,
        by=made.people["county_staff"].id,
    )
    session.add(merge)
    session.flush()
    made.named["merge_id"] = str(merge.id)
    made.form["branch"] = str(row.id)
