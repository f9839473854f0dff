"""What gateways say later: receipts, and what people send back."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.kernel.db import Database
from contentserver.kernel.phones import mobile_number
from contentserver.kernel.sealing import Seal
from contentserver.messaging import rules, service
from contentserver.messaging.models import ERROR_CHARS, Delivery, DeliveryPart
from contentserver.messaging.ports import Incoming, Receipt
from contentserver.messaging.rules import ENDED, Way

log = structlog.get_logger()


def take(database: Database, several: Sequence[Receipt | Incoming], seal: Seal, now: datetime) -> None:
    """Note everything that came, in one unit of work."""
    if not several:
        return
    with database.unit_of_work() as session:
        for one in several:
            if isinstance(one, Receipt):
                receipt(session, one, now)
            else:
                incoming(session, one, seal, now)


def receipt(session: Session, said: Receipt, now: datetime) -> bool:
    """A gateway's word about a part; of what nobody knows it is dropped, said twice it changes nothing.

    Returns:
        Whether it is of a message of ours.
    """
    part = session.scalars(
        select(DeliveryPart).where(DeliveryPart.reference == said.reference).with_for_update()
    ).first()
    if part is None:
        log.info("messages.receipt_unknown")
        return False
    row = session.get_one(Delivery, part.delivery_id)
    part.state = rules.after_receipt(Way(part.state), said.way).value
    session.flush()
    ways = session.scalars(select(DeliveryPart.state).where(DeliveryPart.delivery_id == row.id))
    together = rules.of_parts(Way(one) for one in ways)
    if together is Way.SUBMITTED or row.state not in (Way.SUBMITTED, Way.UNKNOWN, Way.FAILED):
        return True
    row.state, row.error = together.value, said.error[:ERROR_CHARS]
    row.ended_at = now if together in ENDED else None
    return True


def incoming(session: Session, said: Incoming, seal: Seal, now: datetime) -> bool:
    """Somebody wrote back; whoever writes that they want no more gets no more.

    Returns:
        Whether they do.
    """
    number = mobile_number(said.sender)
    if number is None or not rules.wants_no_more(said.text):
        return False
    service.opt_out(session, number, "reply", seal, None, now)
    return True
