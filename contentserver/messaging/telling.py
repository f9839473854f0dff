"""What the server itself tells people with an account, each thing once: readiness, alerts, deadlines."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.kernel.ids import new_id
from contentserver.messaging import audience, rules, service
from contentserver.messaging.audience import Counted, of_account
from contentserver.messaging.models import TEXT_CHARS, TITLE_CHARS, Message
from contentserver.messaging.ports import Telling
from contentserver.messaging.rules import Audience, Channel, State
from contentserver.messaging.service import Means
from contentserver.regions import Region


def tell(
    session: Session, several: Sequence[Telling], means: Means, now: datetime, channels: Collection[Channel]
) -> int:
    """Make a message of each thing that was not told yet: by short message to whom has a number, else by mail.

    Args:
        channels: those that this server has; without one nothing is told, and nothing piles up.

    Returns:
        How many messages are new.
    """
    new = 0
    for one in several:
        for channel in (Channel.SMS, Channel.MAIL):
            if channel in channels:
                new += _tell(session, one, channel, channels, means, now)
    return new


def _tell(
    session: Session, one: Telling, channel: Channel, channels: Collection[Channel], means: Means, now: datetime
) -> bool:
    origin = f"{one.origin} {channel.value}"
    if session.scalar(select(Message.id).where(Message.origin == origin)) is not None:
        return False
    accounts = session.scalars(select(Account).where(Account.id.in_(one.accounts), Account.active)).all()
    if channel is Channel.MAIL and Channel.SMS in channels:
        accounts = [account for account in accounts if not account.phone_sealed]
    reached = {found.mark: found for account in accounts if (found := of_account(account, channel, means.seal)).mark}
    if not reached:
        return False
    region = one.region or session.scalar(select(func.min(Region.code)))  # who acts everywhere has no region
    if region is None:
        return False
    text = means.signed(channel, one.text)[:TEXT_CHARS]
    parts = len(reached) * rules.length_of(text).parts if channel is Channel.SMS else 0
    row = Message(
        id=new_id(),
        region_code=region,
        origin=origin,
        channel=channel.value,
        title=one.title[:TITLE_CHARS],
        text=text,
        audience=audience.written(Audience(region, staff=True)),
        urgent=one.urgent,
        state=State.RELEASED.value,
        made_at=now,
        released_at=now,
    )
    session.add(row)
    session.flush()
    service.put(session, row, Counted(list(reached.values()), 0, 0, 0, parts), now)
    return True
