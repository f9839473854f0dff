"""Write down what was done, and find it again. How rows become a chain: `chain.py`."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.audit import chain
from contentserver.audit.models import ADDRESS_CHARS, REQUEST_CHARS, AuditEntry
from contentserver.kernel import http
from contentserver.kernel.auth import Person


def audit(
    session: Session,
    *,
    who: Person | None,
    action: str,
    subject: str,
    now: datetime,
    before: object = None,
    after: object = None,
) -> None:
    """Add a row to the audit trail; `before` and `after` are anything msgspec can encode.

    From where it was asked for, and for whom somebody stood in, is noted by itself.
    """
    address, request = http.caller()
    chain.add(
        session,
        AuditEntry(
            at=now,
            account_id=who.id if who else None,
            for_account_id=who.acts_for if who else None,
            action=action,
            subject=subject,
            before="" if before is None else msgspec.json.encode(before).decode(),
            after="" if after is None else msgspec.json.encode(after).decode(),
            address=address[:ADDRESS_CHARS],
            request=request[:REQUEST_CHARS],
        ),
    )


def audited_since(session: Session, account_id: UUID, action: str, since: datetime) -> int:
    """How often somebody did `action` since an instant."""
    query = select(func.count()).where(
        AuditEntry.account_id == account_id, AuditEntry.action == action, AuditEntry.at > since
    )
    return session.scalar(query) or 0
