"""Sign approvals anew when the key that signed them goes: the same words, the same person, the same hour."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.courses.models import ApprovalRecord, Lesson
from contentserver.courses.rules import LessonState
from contentserver.kernel.auth import Person
from schedules.wire.messages import Approval
from schedules.wire.signing import BadSignature, Purpose, Signer, key_id_of, payload_of


def any_approved(session: Session) -> bool:
    """Whether anything was ever approved."""
    return session.scalars(select(ApprovalRecord.lesson_id).limit(1)).first() is not None


def sign_anew(session: Session, signer: Signer, who: Person | None, now: datetime) -> int:
    """Sign every approval that holds and was signed by another key than the one that signs now.

    What is signed is what stands in the database, which is the record: a lesson that was withdrawn is passed over.

    Returns:
        How many approvals.
    """
    signs = signer.key_for(Purpose.APPROVALS).key_id
    query = select(ApprovalRecord).join(Lesson).where(Lesson.state == LessonState.APPROVED.value)
    signed = 0
    for record in session.scalars(query):
        token = record.jws.encode()
        if key_id_of(token) == signs:
            continue
        word = payload_of(token, Approval)
        if word.package != record.package_name:
            raise BadSignature(f"the approval of lesson {record.lesson_id} names another package")
        record.jws = signer.sign(word).decode()
        signed += 1
        audit(
            session,
            who=who,
            action="approval.signed_anew",
            subject=f"lesson {record.lesson_id}",
            now=now,
            after={"package": record.package_name, "key": signs, "approved_at": word.approved_at},
        )
    return signed
