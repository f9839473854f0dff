"""For contrast: a box that trusts QoS 1 alone, as a simple client does; the same facts, no journal.

    python -m tests.storms.bare CREDENTIALS FACTS-PER-SECOND FIRST

paho keeps what the broker has not confirmed in memory, the session outlives a lost connection; each fact is said once.
What it has handed over is written to standard output, as `writer.py` does; once the file `calm` lies beside CREDENTIALS
it says nothing new.
"""

import sys
import time
from pathlib import Path

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from schedules.wire import topics
from schedules.wire.codec import decode, encode
from schedules.wire.messages import Credentials, EventBatch, EventRecord
from tests.storms.writer import CALM, START, fact


def main() -> None:
    """Publish until killed."""
    credentials = decode(Path(sys.argv[1]).read_bytes(), Credentials)
    rate, first = float(sys.argv[2]), int(sys.argv[3])
    calm = Path(sys.argv[1]).with_name(CALM)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"box-{credentials.box}", protocol=mqtt.MQTTv5)
    client.username_pw_set(credentials.broker.username, credentials.broker.password)
    client.reconnect_delay_set(1, 1)
    client.max_queued_messages_set(0)
    session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    session.SessionExpiryInterval = 3600
    client.connect_async(credentials.broker.host, credentials.broker.port, clean_start=False, properties=session)
    client.loop_start()
    print("ready", flush=True)
    sequence = first
    while True:
        if not calm.exists():
            body = fact(sequence)
            record = EventRecord(sequence=sequence, at=START, uncertainty_ms=0, body=msgspec.Raw(encode(body)))
            batch = EventBatch(box=credentials.box, epoch="bare", events=(record,))
            client.publish(topics.events(credentials.box), encode(batch), qos=1)
            print(sequence, encode(body).decode(), flush=True)
            sequence += 1
        time.sleep(1 / rate)


if __name__ == "__main__":
    main()
