"""Signs anew what an old key signed: layers, alerts, what is wanted of boxes, commands, approvals.

Before `admin signing-keys retire` and at once after `revoke`; the link repeats it for an hour (`trust.to_be_mended`),
since a program may have signed something in the very moment of the change. The change itself is committed before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from contentserver import alerts, boxes, courses, support, timetable
from contentserver.kernel.auth import Person
from schedules.wire.signing import Purpose, Signer


@dataclass(frozen=True, slots=True)
class Signed:
    """How much was signed anew."""

    layers: int = 0
    alerts: int = 0
    boxes: int = 0
    commands: int = 0
    approvals: int = 0

    def __bool__(self) -> bool:
        return any((self.layers, self.alerts, self.boxes, self.commands, self.approvals))

    def __str__(self) -> str:
        return (
            f"{self.approvals} approvals, {self.layers} layers, {self.alerts} regions' alerts, "
            f"{self.boxes} boxes' desired states, {self.commands} commands"
        )


def sign_anew(
    session: Session, signer: Signer, purposes: Iterable[Purpose], who: Person | None, now: datetime
) -> Signed:
    """Sign what holds and was signed by another key than the one that signs for its purpose now."""
    wanted = frozenset(purposes)
    approvals = courses.sign_anew(session, signer, who, now) if Purpose.APPROVALS in wanted else 0
    if Purpose.TIMETABLES not in wanted:
        return Signed(approvals=approvals)
    return Signed(
        approvals=approvals,
        layers=timetable.sign_anew(session, signer, now),
        alerts=alerts.sign_anew(session, signer, now),
        boxes=boxes.sign_anew(session, signer),
        commands=support.sign_anew(session, signer, now),
    )
