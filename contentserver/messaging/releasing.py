"""The process by which somebody else agrees to a message that reaches many."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person
from contentserver.messaging import service
from contentserver.messaging.models import Message
from contentserver.messaging.rules import State
from contentserver.messaging.service import KIND_CODE, Means
from contentserver.processes import Decision, Process, ProcessStep


class ReleaseKind:
    """See `processes.Kind`; its subject is `message <id>`."""

    code: Final = KIND_CODE
    name: Final = _("Message to many")
    steps: Final[Mapping[str, object]] = {"agree": _("Agree that it goes")}

    def __init__(self, means: Means) -> None:
        self._means = means

    def page(self, process: Process) -> str:
        """The message."""
        return url_for("messages.show", message_id=_id(process))

    def told(self, session: Session, process: Process) -> Sequence[tuple[object, object]]:
        """Text, to how many, in how many short messages."""
        row = session.get_one(Message, _id(process))
        return [(_("Text"), row.text), (_("Recipients"), row.recipients), (_("Short messages"), row.parts)]

    def decided(
        self, session: Session, process: Process, _step: ProcessStep, decision: Decision, who: Person, now: datetime
    ) -> None:
        """Let it go, or keep it here for good."""
        row = session.get_one(Message, _id(process))
        if decision is Decision.YES:
            service.release(session, row, self._means.seal, who, now)
        else:
            row.state, row.ended_at = State.STOPPED.value, now


def _id(process: Process) -> UUID:
    return UUID(process.subject.removeprefix("message "))
