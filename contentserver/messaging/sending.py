"""How messages leave: claimed, handed to the gateway, noted; receipts taken in; what nobody knows of any more.

Runs in `contentserver worker`. A delivery is claimed before it is handed over. Where the worker dies in between, nobody
knows whether the gateway has it: it becomes `unknown` then and is not sent a second time by itself, for a message that
comes twice is a bill that comes twice; on its page somebody may send it again.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.kernel import clock
from contentserver.kernel.db import Database
from contentserver.kernel.phones import mobile_number
from contentserver.kernel.sealing import Seal
from contentserver.members import Member
from contentserver.messaging import receiving, rules, telling
from contentserver.messaging.audience import ACCOUNT
from contentserver.messaging.models import ERROR_CHARS, Delivery, DeliveryPart, Message
from contentserver.messaging.ports import Fate, Gateway, GatewayAway, Outgoing, Source, Submitted
from contentserver.messaging.rules import Channel, State, Way
from contentserver.messaging.service import Means
from contentserver.stations import Station

AT_ONCE = 20
"""Handed over between two looks at the clock and at receipts; at most so many are unknown after a crash."""
TURN_S, AWAY_S, TEND_S = 1.0, 15.0, 30.0
Context = Callable[[], AbstractContextManager[object]]
log = structlog.get_logger()


class Post:
    """Carries messages from the database to the gateways and their words back."""

    def __init__(
        self,
        database: Database,
        gateways: Mapping[Channel, Gateway],
        means: Means,
        sources: Sequence[Source] = (),
        context: Context = nullcontext,
    ) -> None:
        """`context` is entered for each turn: what the server itself tells is written in its language."""
        self._database, self._gateways, self._means = database, gateways, means
        self._sources, self._context = sources, context
        self._away_until: dict[Channel, float] = {}
        self._tend_at = 0.0
        self._stopped = threading.Event()

    def run(self) -> None:
        """Work until `stop`; a turn that fails is logged and taken again."""
        while not self._stopped.is_set():
            try:
                with self._context():
                    busy = self.turn()
            except Exception:
                log.exception("messages.turn_failed")
                busy = False
            if not busy:
                self._stopped.wait(TURN_S)
        for gateway in self._gateways.values():
            gateway.close()

    def stop(self) -> None:
        """Leave `run` after this turn."""
        self._stopped.set()

    def turn(self) -> bool:
        """One look at everything.

        Returns:
            Whether something left, and more may wait.
        """
        if time.monotonic() >= self._tend_at:
            self._tend_at = time.monotonic() + TEND_S
            self._tend()
        busy = False
        for channel, gateway in self._gateways.items():
            if time.monotonic() < self._away_until.get(channel, 0.0):
                continue
            try:
                receiving.take(self._database, gateway.collect(), self._means.seal, clock.now())
                gateway.acknowledge()
                busy = self._send(channel, gateway) or busy
            except GatewayAway as error:
                self._away_until[channel] = time.monotonic() + AWAY_S
                log.warning("messages.gateway_away", channel=channel.value, error=str(error))
        return busy

    def _tend(self) -> None:
        for source in self._sources:
            try:  # what cannot be told of one thing keeps nothing else back
                with self._database.unit_of_work() as session:
                    now = clock.now()
                    telling.tell(session, source(session, now), self._means, now, set(self._gateways))
            except Exception:
                log.exception("messages.source_failed", source=getattr(source, "__name__", ""))
        with self._database.unit_of_work() as session:
            give_up(session, clock.now())
            finish(session, clock.now())

    def _send(self, channel: Channel, gateway: Gateway) -> bool:
        with self._database.unit_of_work() as session:
            several = claim(session, channel, self._means.seal, clock.now())
        if not several:
            return False
        try:
            answers = {one.id: one for one in gateway.submit(several)}
        except GatewayAway:
            self._note({}, several)
            raise
        self._note(answers, several)
        return True

    def _note(self, answers: Mapping[UUID, Submitted], several: Sequence[Outgoing]) -> None:
        with self._database.unit_of_work() as session:
            for one in several:
                note(session, one.id, answers.get(one.id), clock.now())


def claim(session: Session, channel: Channel, seal: Seal, now: datetime) -> list[Outgoing]:
    """Some deliveries that are due, theirs for a while who calls; one whose address does not open fails at once."""
    query = (
        select(Delivery, Message)
        .join(Message, Message.id == Delivery.message_id)
        .where(
            Delivery.state == Way.WAITING.value,
            Delivery.next_at <= now,
            Delivery.claimed_until.is_(None),
            Message.channel == channel.value,
            Message.state == State.RELEASED.value,
        )
        .order_by(Delivery.next_at, Delivery.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    found = []
    for row, message in session.execute(query):
        to = seal.open(row.address_sealed)
        if not to or (channel is Channel.SMS and mobile_number(to) is None):
            row.state, row.ended_at, row.error = Way.FAILED.value, now, "address"
            continue
        row.claimed_until, row.attempts = now + rules.LEASE, row.attempts + 1
        found.append(Outgoing(row.id, to, rules.filled(message.text, *_names(session, row)), message.title))
    return found


def note(session: Session, delivery_id: UUID, answer: Submitted | None, now: datetime) -> None:
    """What became of handing one over; no answer: it was not handed over, and goes another time without a try lost."""
    row = session.get_one(Delivery, delivery_id)
    row.claimed_until = None
    if answer is None:
        row.attempts -= 1
        return
    row.error = answer.error[:ERROR_CHARS]
    match answer.fate:
        case Fate.TAKEN:
            row.state, row.submitted_at = Way.SUBMITTED.value, now
            if not answer.references:  # nothing will be heard of it
                row.state, row.ended_at = Way.DELIVERED.value, now
            session.add_all(
                DeliveryPart(delivery_id=row.id, number=number, reference=one)
                for number, one in enumerate(answer.references)
            )
        case Fate.UNKNOWN:
            row.state, row.ended_at = Way.UNKNOWN.value, now
        case Fate.REFUSED:
            row.state, row.ended_at = Way.FAILED.value, now
        case Fate.LATER:
            wait = rules.next_try(row.attempts)
            if wait is None:
                row.state, row.ended_at = Way.FAILED.value, now
            else:
                row.next_at = now + wait


def give_up(session: Session, now: datetime) -> None:
    """What a gateway took long ago without another word, and what was claimed by a worker that is gone: unknown."""
    values = {"state": Way.UNKNOWN.value, "ended_at": now, "claimed_until": None}
    for lost in (
        (Delivery.state == Way.SUBMITTED.value) & (Delivery.submitted_at < now - rules.VALID_FOR),
        (Delivery.state == Way.WAITING.value) & (Delivery.claimed_until < now),
    ):
        session.execute(update(Delivery).where(lost).values(values), execution_options={"synchronize_session": False})


def finish(session: Session, now: datetime) -> None:
    """Messages of which no delivery is under way any more are over."""
    under_way = exists().where(
        Delivery.message_id == Message.id, Delivery.state.in_((Way.WAITING.value, Way.SUBMITTED.value))
    )
    session.execute(
        update(Message)
        .where(Message.state == State.RELEASED.value, ~under_way)
        .values(state=State.DONE.value, ended_at=now),
        execution_options={"synchronize_session": False},
    )


def start(make: Callable[[], Post]) -> Post:
    """A `Post` in a thread of its own."""
    post = make()
    threading.Thread(target=post.run, name="messages", daemon=True).start()
    return post


def _names(session: Session, row: Delivery) -> tuple[str, str]:
    if row.kind == ACCOUNT:
        account = session.get(Account, row.person_id)
        return (account.display_name if account else "", "")
    member = session.get(Member, row.person_id)
    station = session.get(Station, member.station_id) if member else None
    return (member.name if member else "", station.name if station else "")
