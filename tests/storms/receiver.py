"""For contrast: a server that trusts QoS 1 alone: what comes is a row, and no box is told.

python -m tests.storms.receiver HOST PORT USER PASSWORD FILE
"""

import sqlite3
import sys
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from schedules.wire import topics
from schedules.wire.codec import decode
from schedules.wire.messages import EventBatch


def main() -> None:
    """Write down what comes until killed."""
    host, port, user, password, file = sys.argv[1:]
    rows = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    rows.execute("PRAGMA journal_mode = WAL")
    rows.execute("CREATE TABLE IF NOT EXISTS came (box INTEGER, sequence INTEGER)")

    def take(_client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        batch = decode(bytes(message.payload), EventBatch)
        rows.executemany("INSERT INTO came VALUES (?, ?)", [(batch.box, one.sequence) for one in batch.events])

    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="receiver", protocol=mqtt.MQTTv5)
    client.username_pw_set(user, password)
    client.reconnect_delay_set(1, 1)
    client.on_message = take
    client.on_connect = lambda connected, *_: connected.subscribe(topics.ALL_EVENTS, qos=1)
    session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    session.SessionExpiryInterval = 3600
    client.connect(host, int(port), clean_start=False, properties=session)
    print("ready", flush=True)
    client.loop_forever()


if __name__ == "__main__":
    main()
