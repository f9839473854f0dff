"""Write a message, let it go, stop it; templates and saved groups; who wants none. How it leaves: `sending.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.kernel.pagination import Page, paginate
from contentserver.kernel.sealing import Seal
from contentserver.messaging import audience, rules
from contentserver.messaging.audience import Counted
from contentserver.messaging.models import TEXT_CHARS, TITLE_CHARS, Delivery, DeliveryPart, Message, OptOut
from contentserver.messaging.rules import Audience, Channel, State, Way
from contentserver.processes import Kind as ProcessKind
from contentserver.processes import Plan, begin, end, owner, under_way
from contentserver.regions import region_named, subtree_filter

AT_ONCE = 500
MOST = 20_000
"""People whom one message may reach: more is several messages, or a mistake."""
AGREE_DAYS = 1
KIND_CODE: Final = "message"


@dataclass(frozen=True, slots=True)
class Means:
    """What this server writes with: the seal of addresses, and the sign that stands before every short message."""

    seal: Seal
    signature: str = ""

    def signed(self, channel: Channel, text: str) -> str:
        """A text as it leaves."""
        return f"{self.signature}{text}" if channel is Channel.SMS else text


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person writes before it is looked at."""

    channel: Channel
    title: str
    text: str
    audience: Audience
    not_before: datetime | None = None


def preview(session: Session, draft: Draft, means: Means, who: Person, now: datetime) -> Counted:
    """Whom it would reach.

    Raises:
        Forbidden: the audience lies outside the person's region.
        Rejected: there is no text, or it has more than fits.
    """
    checked = _checked(session, draft, who, now)
    text = means.signed(checked.channel, checked.text)
    return audience.counted(session, checked.audience, checked.channel, text, urgent=False, seal=means.seal, now=now)


def send(session: Session, draft: Draft, kind: ProcessKind, means: Means, who: Person, now: datetime) -> Message:
    """Let a message go, or ask somebody else to agree where it reaches many.

    Raises:
        Forbidden, Rejected: as `preview`.
        Conflict: it reaches nobody, or more than one message may.
    """
    draft = _checked(session, draft, who, now)
    text, seal = means.signed(draft.channel, draft.text), means.seal
    reach = audience.counted(session, draft.audience, draft.channel, text, urgent=False, seal=seal, now=now)
    if not reach.reached:
        raise Conflict("nobody_reached", _("This reaches nobody: nobody whom the rule chooses has an address here."))
    if len(reach.reached) > MOST:
        raise Conflict("too_many", _("One message may reach at most %(count)s people. Choose fewer.", count=MOST))
    row = Message(
        id=new_id(),
        region_code=draft.audience.region,
        channel=draft.channel.value,
        title=draft.title,
        text=text,
        audience=audience.written(draft.audience),
        not_before=draft.not_before,
        state=State.WAITING.value,
        recipients=len(reach.reached),
        parts=reach.parts,
        made_by=owner(who),
        made_at=now,
    )
    session.add(row)
    session.flush()
    told = {"title": row.title, "text": row.text, "channel": row.channel, "recipients": row.recipients}
    audit(session, who=who, action="message.written", subject=subject_of(row), now=now, after=told)
    if rules.needs_agreement(row.recipients):
        plans = [Plan("agree", Right.SEND_MESSAGES, row.region_code, AGREE_DAYS)]
        begin(session, kind, subject=subject_of(row), title=row.title, plans=plans, who=who, now=now)
    else:
        release(session, row, seal, who, now)
    return row


def release(session: Session, row: Message, seal: Seal, who: Person | None, now: datetime) -> None:
    """Make the deliveries, to whom the rule chooses at this moment; from now on they leave."""
    asked, channel = audience.read(row.audience), Channel(row.channel)
    reach = audience.counted(session, asked, channel, row.text, urgent=row.urgent, seal=seal, now=now)
    put(session, row, reach, now)
    row.released_by, row.released_at = (owner(who) if who else None), now
    told = {"recipients": row.recipients, "parts": row.parts}
    audit(session, who=who, action="message.released", subject=subject_of(row), now=now, after=told)


def put(session: Session, row: Message, reach: Counted, now: datetime) -> None:
    """A delivery for each address; a message that reaches nobody any more is over."""
    at = rules.goes_at(now, row.not_before, urgent=row.urgent, zone=clock.SHANGHAI)
    sms = row.channel == Channel.SMS
    rows = [
        {
            "id": new_id(),
            "message_id": row.id,
            "kind": one.kind,
            "person_id": one.id,
            "address_sealed": one.sealed,
            "address_mark": one.mark,
            "state": Way.WAITING.value,
            "parts": rules.length_of(rules.filled(row.text, one.name, one.station)).parts if sms else 1,
            "next_at": at,
        }
        for one in reach.reached
    ]
    for first in range(0, len(rows), AT_ONCE):
        session.execute(insert(Delivery), rows[first : first + AT_ONCE])
    row.recipients, row.parts = len(rows), reach.parts
    row.state = State.RELEASED.value if rows else State.DONE.value
    row.ended_at = None if rows else now


def stop(session: Session, message_id: UUID, who: Person, now: datetime) -> int:
    """What has not left yet stays here.

    Returns:
        How many deliveries.

    Raises:
        Conflict: it is over.
    """
    row = message_asked(session, message_id, who, locked=True)
    if row.state not in (State.WAITING, State.RELEASED):
        raise Conflict("message_over", _("It is over: nothing of it is left to stop."))
    process = under_way(session, subject_of(row), KIND_CODE)
    if process is not None:
        end(session, process, who, now)
    stopped = session.scalars(
        update(Delivery)
        .where(Delivery.message_id == row.id, Delivery.state == Way.WAITING, Delivery.claimed_until.is_(None))
        .values(state=Way.STOPPED.value, ended_at=now)
        .returning(Delivery.id)
    )
    row.state, row.ended_at = State.STOPPED.value, now
    count = len(stopped.all())
    told = {"stopped": count}
    audit(session, who=who, action="message.stopped", subject=subject_of(row), now=now, after=told)
    return count


def again(session: Session, message_id: UUID, who: Person, now: datetime) -> int:
    """Send what failed, or of which nobody knows, once more.

    Returns:
        How many deliveries.
    """
    row = message_asked(session, message_id, who, locked=True)
    at = rules.goes_at(now, None, urgent=row.urgent, zone=clock.SHANGHAI)
    refused = select(OptOut.address_mark)
    found = session.scalars(
        select(Delivery.id).where(
            Delivery.message_id == row.id,
            Delivery.state.in_((Way.FAILED.value, Way.UNKNOWN.value)),
            Delivery.address_mark.not_in(refused),
        )
    ).all()
    fresh = {"state": Way.WAITING.value, "attempts": 0, "next_at": at, "error": "", "submitted_at": None}
    for first in range(0, len(found), AT_ONCE):
        some = found[first : first + AT_ONCE]
        session.execute(delete(DeliveryPart).where(DeliveryPart.delivery_id.in_(some)))
        session.execute(update(Delivery).where(Delivery.id.in_(some)).values(**fresh, ended_at=None))
    count = len(found)
    if count:
        row.state, row.ended_at = State.RELEASED.value, None
        audit(session, who=who, action="message.again", subject=subject_of(row), now=now, after={"deliveries": count})
    return count


def message_asked(session: Session, message_id: UUID, who: Person, *, locked: bool = False) -> Message:
    """A message of the person's region or below it.

    Raises:
        NotFound: there is none, or they may not know of it.
    """
    row = session.get(Message, message_id, populate_existing=True, with_for_update=locked)
    if row is None or not who.reaches(row.region_code):
        raise NotFound("message_unknown", _("There is no such message."))
    return row


def where_message(session: Session, message_id: UUID) -> str:
    """The code of the region to which a message went.

    Raises:
        NotFound: there is none.
    """
    row = session.get(Message, message_id)
    if row is None:
        raise NotFound("message_unknown", _("There is no such message."))
    return row.region_code


def page_of_messages(session: Session, root: str, state: str, words: str, number: int) -> Page[Message]:
    """One page of the messages of a subtree, the latest first."""
    query = select(Message).where(subtree_filter(Message.region_code, root))
    if state:
        query = query.where(Message.state == state)
    if words:
        query = query.where(Message.title.contains(words, autoescape=True))
    return paginate(session, query.order_by(Message.made_at.desc(), Message.id.desc()), number)


def ways_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[Way, int]]:
    """How far the deliveries of some messages are: how many of each."""
    found: dict[UUID, dict[Way, int]] = {one: {} for one in ids}
    query = (
        select(Delivery.message_id, Delivery.state, func.count())
        .where(Delivery.message_id.in_(ids))
        .group_by(Delivery.message_id, Delivery.state)
    )
    for message_id, state, count in session.execute(query):
        found[message_id][Way(state)] = count
    return found


def page_of_deliveries(session: Session, message_id: UUID, state: str, number: int) -> Page[Delivery]:
    """One page of a message's deliveries."""
    query = select(Delivery).where(Delivery.message_id == message_id)
    if state:
        query = query.where(Delivery.state == state)
    return paginate(session, query.order_by(Delivery.id), number)


def opt_out(session: Session, address: str, how: str, seal: Seal, who: Person | None, now: datetime) -> bool:
    """Whoever has this address wants no messages from now on; said twice changes nothing.

    Returns:
        Whether it is new.
    """
    mark = seal.mark(address)
    if session.get(OptOut, mark) is not None:
        return False
    by = owner(who) if who else None
    session.add(OptOut(address_mark=mark, address_sealed=seal.seal(address), since=now, how=how, by=by))
    session.flush()
    session.execute(
        update(Delivery)
        .where(Delivery.address_mark == mark, Delivery.state == Way.WAITING, Delivery.claimed_until.is_(None))
        .values(state=Way.STOPPED.value, ended_at=now)
    )
    audit(session, who=who, action="opt_out.noted", subject=f"address {mark[:12]}", now=now, after={"how": how})
    return True


def opt_in(session: Session, mark: str, who: Person, now: datetime) -> None:
    """They want messages again: they said so.

    Raises:
        NotFound: they had not said otherwise.
    """
    row = session.get(OptOut, mark)
    if row is None:
        raise NotFound("opt_out_unknown", _("This address receives messages."))
    session.delete(row)
    audit(session, who=who, action="opt_out.ended", subject=f"address {mark[:12]}", now=now)


def subject_of(row: Message) -> str:
    """As the audit trail and processes name it."""
    return f"message {row.id}"


def _checked(session: Session, draft: Draft, who: Person, now: datetime) -> Draft:
    text, title = draft.text.strip(), draft.title.strip()
    wrong: dict[str, object] = {}
    if not title or len(title) > TITLE_CHARS:
        wrong["title"] = _("Give it a title of at most %(count)s characters.", count=TITLE_CHARS)
    if not text or len(text) > TEXT_CHARS:
        wrong["text"] = _("Write something, at most %(count)s characters.", count=TEXT_CHARS)
    elif any(not char.isprintable() and char != "\n" for char in text):
        wrong["text"] = _("The text has characters that no telephone shows.")
    if draft.not_before is not None and not now <= draft.not_before <= now + rules.FARTHEST:
        wrong["not_before"] = _("Choose a time within the coming 60 days.")
    if draft.channel is Channel.MAIL and not draft.audience.staff:
        wrong["channel"] = _("Only people with an account have a mail address here. Choose short messages, or staff.")
    if not who.reaches(draft.audience.region):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    if draft.audience.region:
        region_named(session, draft.audience.region)
    else:
        wrong["region"] = _("Choose a region.")
    if wrong:
        raise Rejected("message_wrong", _("Please look at this again."), wrong)
    return Draft(draft.channel, title, text.replace("\r\n", "\n"), draft.audience, draft.not_before)
