"""The link process: what boxes say becomes rows, what the database wants becomes messages.

One loop on one thread owns the database; paho's thread only fills a queue. Events: insert, commit, then acknowledge.
Layers and desired states: whatever the broker has not confirmed is sent, and after every reconnection everything is
sent, so that a broker whose data was wiped is whole again within seconds.
"""

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from contentserver import alerts, attendance, boxes, readiness, timetable
from contentserver.adapters.bell import Bell
from contentserver.adapters.broker import Broker
from contentserver.app import Services
from contentserver.boxes import Box
from contentserver.kernel import clock
from contentserver.kernel.errors import BrokerUnavailable
from schedules.airings import LayerId
from schedules.wire import topics
from schedules.wire.codec import Unreadable, decode, encode
from schedules.wire.messages import EventBatch, Online, Proof, Reported
from schedules.wire.topics import BoxId

POLL_S = 0.25
"""How long a change in the database may wait before it is noticed, where no bell rings."""
UPKEEP_S = 60.0
RECONCILE_S = 10.0
BATCH = 50
"""Messages of one unit of work: the database is locked for others meanwhile."""
ACCOUNTS_AT_ONCE = 100
PROOFS_AT_ONCE = 2000
"""Proofs are two numbers each, and are kept by one statement."""
GATHER_S = 0.008
"""So long others are waited for when a proof comes: one statement and one write to the disk for all of them."""
SUBSCRIPTIONS = (topics.ALL_EVENTS, topics.ALL_REPORTED, topics.ALL_PROOFS, topics.ALL_ONLINE)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a box, as it came."""

    topic: str
    payload: bytes


_RING = Said("", b"")
"""Something was committed: look into the database."""


def _is_proof(said: Said) -> bool:
    return said.topic.endswith("/proofs")


class Link:
    """The loop; `run` returns when `stop` is called."""

    def __init__(self, services: Services, broker: Broker) -> None:
        self._services, self._broker = services, broker
        self._inbox: queue.SimpleQueue[Said] = queue.SimpleQueue()
        self._resend = threading.Event()
        self._stopping = threading.Event()
        self._upkeep_at = self._reconcile_at = self._look_at = 0.0
        self._known: frozenset[int] = frozenset()
        """Ids of the boxes that are let in, as of the last look."""
        self._bell = Bell(services.settings.data_dir, lambda: self._inbox.put(_RING))

    def run(self) -> None:
        """Work until told to stop."""
        self._bell.start()
        self._broker.start(
            SUBSCRIPTIONS, lambda topic, payload: self._inbox.put(Said(topic, payload)), self._resend.set
        )
        try:
            while not self._stopping.is_set():
                self.step()
        finally:
            self._bell.close()
            self._broker.stop()

    def stop(self) -> None:
        """End the loop soon."""
        self._stopping.set()

    def step(self) -> None:
        """One turn: take in what came, send what is due; a fault of the world is logged and tried again."""
        try:
            self._take_in(self._waiting())
            self._upkeep()
            self._reconcile()
            everything = self._resend.is_set()
            if self._broker.connected.is_set() and (everything or time.monotonic() >= self._look_at):
                self._look_at = time.monotonic() + POLL_S
                if everything:  # set meanwhile by paho's thread, it stays set
                    self._resend.clear()
                try:
                    self._send_alerts(everything)
                    self._send(everything)
                except (BrokerUnavailable, DBAPIError):
                    if everything:
                        self._resend.set()
                    raise
        except (BrokerUnavailable, DBAPIError) as error:
            log.warning("link.fault", error=repr(error))
            self._stopping.wait(1.0)

    def _waiting(self) -> list[Said]:
        """What has come: at most a batch, or more where all of it is proofs, which come in bursts."""
        said: list[Said] = []
        try:
            self._note(self._inbox.get(timeout=POLL_S), said)
            self._drain(said)
            if said and all(map(_is_proof, said)):
                self._stopping.wait(GATHER_S)
                self._drain(said)
        except queue.Empty:
            pass
        return said

    def _drain(self, said: list[Said]) -> None:
        heavy = sum(not _is_proof(one) for one in said)
        while heavy < BATCH and len(said) < PROOFS_AT_ONCE:
            try:
                one = self._inbox.get_nowait()
            except queue.Empty:
                return
            heavy += self._note(one, said) and not _is_proof(one)

    def _note(self, one: Said, said: list[Said]) -> bool:
        """Put a message with the others; a ring is none, and makes the next look at the database due."""
        if one is _RING:
            self._look_at = 0.0
            return False
        said.append(one)
        return True

    def _take_in(self, said: Sequence[Said]) -> None:
        if not said:
            return
        proofs = self._proofs_of(said)
        rest = [one for one in said if not _is_proof(one)]
        journals: dict[tuple[BoxId, str], None] = {}
        try:
            with self._services.database.unit_of_work() as session:
                timetable.keep_proofs(session, proofs, clock.now())
                for one in rest:
                    try:
                        with session.begin_nested():
                            self._handle(session, one, journals)
                    except (OperationalError, InterfaceError):
                        raise
                    except Exception as error:  # a message that cannot be stored must not stop the others
                        log.warning("link.poison", topic=one.topic, error=repr(error)[:500])
        except DBAPIError:
            for one in said:  # nothing was committed; take everything in again later
                self._inbox.put(one)
            raise
        with self._services.database.reader() as session:
            for box, epoch in journals:
                ack = attendance.acknowledge(session, box, epoch)
                self._broker.publish(topics.acks(box), encode(ack), retain=False)

    def _proofs_of(self, said: Sequence[Said]) -> list[Proof]:
        """The proofs among some messages, of boxes that are let in and speak for themselves."""
        found = []
        for one in said:
            address = topics.box_of(one.topic)
            if address is None or address[1] != "proofs":
                continue
            try:
                proof = decode(one.payload, Proof)
            except Unreadable as error:
                log.warning("link.unreadable", topic=one.topic, error=str(error))
                continue
            if proof.box == address[0]:
                found.append(proof)
        if any(proof.box not in self._known for proof in found):
            with self._services.database.reader() as session:
                self._known = boxes.let_in(session)
        return [proof for proof in found if proof.box in self._known]

    def _handle(self, session: Session, said: Said, journals: dict[tuple[BoxId, str], None]) -> None:
        address = topics.box_of(said.topic)
        box = session.get(Box, address[0]) if address else None
        if address is None or box is None or box.revoked_at is not None:
            log.warning("link.stranger", topic=said.topic)
            return
        try:
            match address[1]:
                case "events":
                    batch = decode(said.payload, EventBatch)
                    if batch.box == box.id:
                        attendance.take_in(session, box, batch, clock.now())
                        journals[(BoxId(box.id), batch.epoch)] = None
                case "reported" if said.payload:
                    report = decode(said.payload, Reported)
                    if report.box == box.id:
                        boxes.accept_report(session, box, report, clock.now())
                        timetable.record_proofs(session, report, clock.now())
                        alerts.record_alert_proofs(session, report)
                case "online" if said.payload:
                    boxes.note_presence(session, box, decode(said.payload, Online).online, clock.now())
                case _:
                    log.info("link.ignored", topic=said.topic)
        except Unreadable as error:
            log.warning("link.unreadable", topic=said.topic, error=str(error))

    def _upkeep(self) -> None:
        if time.monotonic() < self._upkeep_at:
            return
        self._upkeep_at = time.monotonic() + UPKEEP_S
        signer = self._services.signer
        with self._services.database.unit_of_work() as session:
            timetable.renew_windows(session, signer, clock.now())
            alerts.end_expired(session, signer, clock.now())
            boxes.forget_expired(session, clock.now())
            boxes.forget_presence(session, clock.now())
            readiness.refresh(session, self._services.store, readiness.keep_note, clock.now())
            for box in session.scalars(select(Box).where(Box.revoked_at.is_(None))):
                boxes.refresh_desired(session, box, signer)
            self._known = boxes.let_in(session)

    def _reconcile(self) -> None:
        """Tell the boxes that lack a revision, and only them, to fetch it."""
        if time.monotonic() < self._reconcile_at:
            return
        self._reconcile_at = time.monotonic() + RECONCILE_S
        with self._services.database.reader() as session:
            lagging = timetable.behind(session, clock.now())
        if not lagging:
            return
        with self._services.database.unit_of_work() as session:
            for box in session.scalars(select(Box).where(Box.id.in_(lagging))):
                boxes.refresh_desired(session, box, self._services.signer, behind=lagging[box.id])
        log.info("link.behind", boxes=len(lagging))

    def _keep_accounts(self, due_boxes: Sequence[Box], everything: bool) -> None:
        """Give the broker the accounts that it lacks; after a reconnection it may have been wiped, so it is asked."""
        at_broker = self._broker.account_names() if everything else None
        due = boxes.accounts_due(due_boxes, self._services.settings.secret_key, at_broker)
        for first in range(0, len(due), ACCOUNTS_AT_ONCE):
            some = due[first : first + ACCOUNTS_AT_ONCE]
            self._broker.keep_accounts([account for _box, account in some])
            with self._services.database.unit_of_work() as session:
                for box, account in some:
                    boxes.account_is_kept(session, box.id, account)

    def _send_alerts(self, everything: bool) -> None:
        """As `_send`, before it: alerts wait for no account and no layer."""
        with self._services.database.reader() as session:
            due = alerts.due_alerts(session, everything)
        if not due:
            return
        sent = [
            self._broker.publish(topics.alerts(LayerId(row.layer_id)), row.jws.encode(), retain=True) for row in due
        ]
        for info in sent:
            self._broker.confirm(info)
        with self._services.database.unit_of_work() as session:
            for row in due:
                alerts.mark_alerts_published(session, row.layer_id, row.revision)
        log.info("link.sent_alerts", regions=len(due), everything=everything)

    def _send(self, everything: bool) -> None:
        """Send what the broker has not confirmed, wait for its word, then note it."""
        with self._services.database.reader() as session:
            revisions = timetable.due_layers(session, everything)
            due_boxes = boxes.due_boxes(session, everything)
        if not revisions and not due_boxes:
            return
        self._keep_accounts(due_boxes, everything)
        sent = [
            self._broker.publish(topics.layer(LayerId(row.layer_id)), row.jws.encode(), retain=True)
            for row in revisions
        ]
        sent += [
            self._broker.publish(topics.desired(BoxId(box.id)), box.desired_jws.encode(), retain=True)
            for box in due_boxes
        ]
        for info in sent:
            self._broker.confirm(info)
        with self._services.database.unit_of_work() as session:
            for row in revisions:
                timetable.mark_published(session, row.layer_id, row.revision, clock.now())
            for box in due_boxes:
                session.get_one(Box, box.id).desired_published = box.desired_version
        log.info("link.sent", layers=len(revisions), boxes=len(due_boxes), everything=everything)
