"""Taking in what boxes say: insert, commit, then acknowledge. Alone it takes events beside the link, as a helper.

Events come by a shared subscription (MQTT 5, 4.8.2): the broker gives each to one of the processes that share it. Which
one takes a batch does not matter: rows have keys, a session is derived under its station's lock, and a batch that was
not acknowledged comes again. The link, which does everything else too: `ingest.py`.
"""

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from contentserver import attendance
from contentserver.adapters.broker import Broker
from contentserver.app import Services
from contentserver.boxes import Box
from contentserver.kernel import clock, pulse
from contentserver.kernel.errors import BrokerUnavailable
from contentserver.kernel.metrics import LinkMeters, timed
from schedules.wire import topics
from schedules.wire.codec import Unreadable, decode, encode
from schedules.wire.messages import EventBatch
from schedules.wire.topics import BoxId

POLL_S = 0.25
"""How long nothing may come before the loop turns all the same."""
BATCH = 50
"""Messages of one unit of work: the database is locked for others meanwhile."""
FAULT_S = 1.0

Journals = dict[tuple[BoxId, str], None]
"""Boxes and epochs that are owed an acknowledgement, in order."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a box, as it came."""

    topic: str
    payload: bytes


class Intake:
    """The loop; `run` returns when `stop` is called. One thread owns the database; paho's only fills a queue."""

    SUBSCRIPTIONS: ClassVar[tuple[str, ...]] = (topics.SHARED_EVENTS,)

    def __init__(self, services: Services, broker: Broker) -> None:
        self._services, self._broker = services, broker
        self._inbox: queue.SimpleQueue[Said] = queue.SimpleQueue()
        self._resend = threading.Event()
        self._stopping = threading.Event()
        self._beat_at = 0.0
        self.registry = CollectorRegistry()
        self._meters = LinkMeters(self.registry)
        self._meters.waiting.set_function(self._inbox.qsize)
        self._meters.connected.set_function(broker.connected.is_set)

    def run(self) -> None:
        """Work until told to stop."""
        self._broker.start(self.SUBSCRIPTIONS, self._came, self._resend.set)
        pulse.tell_systemd("READY=1")
        try:
            while not self._stopping.is_set():
                self.step()
        finally:
            self._broker.stop()

    def stop(self) -> None:
        """End the loop soon."""
        self._stopping.set()

    def step(self) -> None:
        """One turn; a fault of the world is logged and tried again."""
        try:
            self._turn()
            self._beat()
        except (BrokerUnavailable, DBAPIError) as error:
            self._meters.faults.inc()
            log.warning("link.fault", error=repr(error))
            self._stopping.wait(FAULT_S)

    def _turn(self) -> None:
        self._take_in(self._waiting())

    def _beat(self) -> None:
        """A turn went well; a helper shares the link's sign of life."""
        if time.monotonic() >= self._beat_at:
            self._beat_at = time.monotonic() + pulse.EVERY_S
            pulse.beat(self._services.settings.data_dir, pulse.LINK)
            pulse.tell_systemd("WATCHDOG=1")

    def _came(self, topic: str, payload: bytes) -> None:
        """On paho's thread: what boxes say waits for the loop."""
        self._inbox.put(Said(topic, payload))

    def _waiting(self) -> list[Said]:
        """What has come: at most a batch."""
        said: list[Said] = []
        try:
            said.append(self._inbox.get(timeout=POLL_S))
            while len(said) < BATCH:
                said.append(self._inbox.get_nowait())
        except queue.Empty:
            pass
        return said

    def _take_in(self, said: Sequence[Said]) -> None:
        """All in one unit of work, then acknowledge; what fails with the database waits for the next turn."""
        if not said:
            return
        journals: Journals = {}
        try:
            with timed(self._meters.units), self._services.database.unit_of_work() as session:
                self._keep(session, said, journals)
        except DBAPIError:
            for one in said:  # nothing was committed; take everything in again later
                self._inbox.put(one)
            raise
        with self._services.database.reader() as session:
            for box, epoch in journals:
                ack = attendance.acknowledge(session, box, epoch)
                self._broker.publish(topics.acks(box), encode(ack), retain=False)

    def _keep(self, session: Session, said: Sequence[Said], journals: Journals) -> None:
        for one in said:
            try:
                with session.begin_nested():
                    self._handle(session, one, journals)
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:  # a message that cannot be stored must not stop the others
                log.warning("link.poison", topic=one.topic, error=repr(error)[:500])

    def _handle(self, session: Session, said: Said, journals: Journals) -> None:
        """Take one message in, from a box that is let in and speaks for itself."""
        address = topics.box_of(said.topic)
        box = session.get(Box, address[0]) if address else None
        if address is None or box is None or box.revoked_at is not None:
            log.warning("link.stranger", topic=said.topic)
            return
        with structlog.contextvars.bound_contextvars(box=box.id):
            try:
                self._hear(session, box, address[1], said.payload, journals)
                self._meters.heard.labels(address[1]).inc()
            except Unreadable as error:
                log.warning("link.unreadable", topic=said.topic, error=str(error))

    def _hear(self, session: Session, box: Box, kind: str, payload: bytes, journals: Journals) -> None:
        """What a box says under the last word of its topic.

        Raises:
            Unreadable: it is no such message.
        """
        if kind != "events":
            log.info("link.ignored", box=box.id, kind=kind)
            return
        batch = decode(payload, EventBatch)
        if batch.box == box.id:
            attendance.take_in(session, box, batch, clock.now())
            self._meters.events.inc(len(batch.events))
            journals[(BoxId(box.id), batch.epoch)] = None
