"""The link process of a storm: the real one, which may die at the worst moments.

    python -m tests.storms.links honest|hasty

`honest` dies now and then when events are committed and not yet acknowledged. `hasty` is wrong on purpose: it
acknowledges a batch as it comes and commits afterwards, and each of its lives ends between the two.
"""

import os
import random
import signal
import sys
from collections.abc import Sequence

from paho.mqtt.client import MQTTMessageInfo

from contentserver import attendance
from contentserver.adapters.broker import Broker
from contentserver.app import make_services
from contentserver.ingest import Link
from contentserver.intake import Said
from contentserver.settings import from_environment
from schedules.wire import topics
from schedules.wire.codec import Unreadable, decode, encode
from schedules.wire.messages import Ack, EventBatch

DEATHS = 0.06
"""Share of batches after which the honest process dies."""
BATCHES_OF_A_LIFE = 2
"""After so many the hasty process dies."""


class DyingBroker(Broker):
    """Dies instead of publishing an acknowledgement, now and then."""

    def publish(self, topic: str, payload: bytes, *, retain: bool, qos: int = 1) -> MQTTMessageInfo:
        if topic.endswith("/acks") and random.random() < DEATHS:
            os._exit(9)
        return super().publish(topic, payload, retain=retain, qos=qos)


class HastyLink(Link):
    """Acknowledges before it has committed."""

    _batches = 0

    def _take_in(self, said: Sequence[Said]) -> None:
        for one in said:
            address = topics.box_of(one.topic)
            if address is None or address[1] != "events":
                continue
            try:
                batch = decode(one.payload, EventBatch)
            except Unreadable:
                continue
            with self._services.database.reader() as session:
                generation = attendance.acknowledge(session, batch.box, batch.epoch).generation
            through = max((event.sequence for event in batch.events), default=0)
            early = Ack(box=batch.box, epoch=batch.epoch, generation=generation, through=through)
            self._broker.confirm(self._broker.publish(topics.acks(batch.box), encode(early), retain=False))
            self._batches += 1
            if self._batches == BATCHES_OF_A_LIFE:
                os._exit(9)
        super()._take_in(said)


def main() -> None:
    """Run until killed, or until it kills itself."""
    settings = from_environment(os.environ)
    kind, link = {"honest": (DyingBroker, Link), "hasty": (Broker, HastyLink)}[sys.argv[1]]
    broker = kind(
        settings.broker_host,
        settings.broker_port,
        settings.broker_username,
        settings.broker_password,
        client_id="contentserver-ingest",
    )
    running = link(make_services(settings), broker)
    signal.signal(signal.SIGTERM, lambda *_: running.stop())
    running.run()


if __name__ == "__main__":
    main()
