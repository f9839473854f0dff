"""The line to the broker: MQTT 5 by paho. Carries bytes both ways and says when it is up; judges nothing.

A stable client id and a session that outlives outages, a last will on `online`, a jittered back-off. What the bytes
mean and whether they are trusted: `line.py`, `documents.py`.
"""

import random
from collections.abc import Callable
from typing import Any, Protocol

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from schedules.airings import LayerId
from schedules.wire import topics
from schedules.wire.codec import encode
from schedules.wire.messages import BrokerAccess, Credentials, Online
from tvclient.adapters.trust import trusting

SESSION_S = 14 * 24 * 3600
KEEPALIVE_S = 30
_QOS = 1
_OF_LAYER = (topics.layer, topics.alerts)
_properties: Callable[[int], Any] = Properties
"""Paho leaves this one untyped."""

log = structlog.get_logger(__name__)


class Receiver(Protocol):
    """Who takes what comes; called from the line's own thread, must return at once."""

    def link_changed(self, online: bool) -> None:
        """The line came or went."""

    def link_refused(self) -> None:
        """The broker does not take the box's name and password."""

    def desired_came(self, token: bytes) -> None:
        """A `Desired`, still signed."""

    def layer_came(self, token: bytes) -> None:
        """A `LayerMessage`, still signed."""

    def ack_came(self, data: bytes) -> None:
        """An `Ack`."""

    def time_came(self, data: bytes) -> None:
        """A `TimeAnswer`; its moment counts."""

    def command_came(self, token: bytes) -> None:
        """A `Command`, still signed."""


def paho_client(client_id: str) -> mqtt.Client:
    """A client by paho, not connected."""
    return mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)


class Link:
    """One box's connection."""

    def __init__(
        self,
        credentials: Credentials,
        receiver: Receiver,
        alerts_came: Callable[[bytes], object] | None = None,
        authority: str = "",
        make_client: Callable[[str], mqtt.Client] | None = None,
    ) -> None:
        """Prepare; `start` connects.

        Args:
            authority: PEM of the certificate authority that is believed alone, where the broker is reached by TLS.
            alerts_came: takes an `AlertsMessage`, still signed, in the line's own thread, so that it waits for nobody.
            make_client: makes a client for a client id; paho's own unless told otherwise.
        """
        self._box, self._receiver, self._alerts_came = credentials.box, receiver, alerts_came
        self._followed: frozenset[LayerId] = frozenset()
        self._host, self._port = credentials.broker.host, credentials.broker.port
        self._client = (make_client or paho_client)(f"box-{credentials.box}")
        self.renew(credentials.broker)
        if credentials.broker.tls:
            self._client.tls_set_context(trusting(authority))
        self._client.will_set(topics.online(self._box), encode(Online(online=False)), _QOS, retain=True)
        self._client.reconnect_delay_set(random.randint(1, 2), random.randint(30, 60))  # noqa: S311 - jitter, no secret
        self._client.max_inflight_messages_set(20)
        self._client.max_queued_messages_set(100)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def renew(self, broker: BrokerAccess) -> None:
        """Use another password from the next connection on; the broker ends the present one when it takes it."""
        self._client.username_pw_set(broker.username, broker.password)

    def start(self) -> None:
        """Connect, and reconnect for ever, in a thread of its own."""
        session = _properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = SESSION_S
        self._client.connect_async(self._host, self._port, keepalive=KEEPALIVE_S, clean_start=False, properties=session)
        self._client.loop_start()

    def follow(self, layers: tuple[LayerId, ...]) -> None:
        """Subscribe to these layers and to no others."""
        wanted = frozenset(layers)
        dropped, self._followed = self._followed - wanted, wanted
        if self._client.is_connected():
            self._subscribe()
            if dropped:
                self._client.unsubscribe([name(layer) for layer in sorted(dropped) for name in _OF_LAYER])

    def report(self, data: bytes) -> bool:
        """Publish `Reported`, retained; whether it left."""
        return self._publish(topics.reported(self._box), data, retain=True)

    def prove(self, data: bytes) -> bool:
        """Publish a `Proof`; whether it left."""
        return self._publish(topics.proofs(self._box), data, retain=False)

    def ask_time(self, data: bytes) -> bool:
        """Publish a `TimeQuestion`, at most once; whether it left."""
        return self._publish(topics.clock(self._box), data, retain=False, qos=0)

    def reply(self, data: bytes) -> bool:
        """Publish a `Reply`; whether it left."""
        return self._publish(topics.replies(self._box), data, retain=False)

    def send_events(self, data: bytes) -> bool:
        """Publish an `EventBatch`; whether it left. Arrival is said by an ack, nothing else."""
        return self._publish(topics.events(self._box), data, retain=False)

    def close(self) -> None:
        """Say goodbye and stop."""
        if self._client.is_connected():
            farewell = self._client.publish(topics.online(self._box), encode(Online(online=False)), _QOS, retain=True)
            try:
                farewell.wait_for_publish(2)
            except (RuntimeError, ValueError):
                log.info("link.farewell_lost")
        self._client.disconnect()
        self._client.loop_stop()

    def _publish(self, topic: str, data: bytes, *, retain: bool, qos: int = _QOS) -> bool:
        if not self._client.is_connected():
            return False
        return self._client.publish(topic, data, qos, retain=retain).rc == mqtt.MQTT_ERR_SUCCESS

    def _subscribe(self) -> None:
        followed = [name(layer) for name in reversed(_OF_LAYER) for layer in sorted(self._followed)]  # alerts first
        wanted = [
            topics.desired(self._box),
            topics.acks(self._box),
            topics.time(self._box),
            topics.commands(self._box),
            *followed,
        ]
        self._client.subscribe([(topic, SubscribeOptions(qos=_QOS)) for topic in wanted])

    def _on_connect(
        self, _client: mqtt.Client, _data: Any, _flags: mqtt.ConnectFlags, reason: ReasonCode, _more: Properties | None
    ) -> None:
        if reason.is_failure:
            log.warning("link.refused", reason=str(reason))
            self._receiver.link_refused()
            return
        log.info("link.up", box=self._box)
        self._subscribe()
        self._client.publish(topics.online(self._box), encode(Online(online=True)), _QOS, retain=True)
        self._receiver.link_changed(True)

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _data: Any,
        _flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _more: Properties | None,
    ) -> None:
        log.info("link.down", box=self._box, reason=str(reason))
        self._receiver.link_changed(False)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        data = bytes(message.payload)
        if message.topic == topics.desired(self._box):
            self._receiver.desired_came(data)
        elif message.topic == topics.acks(self._box):
            self._receiver.ack_came(data)
        elif message.topic == topics.time(self._box):
            self._receiver.time_came(data)
        elif message.topic == topics.commands(self._box):
            self._receiver.command_came(data)
        elif message.topic in map(topics.alerts, self._followed):
            if self._alerts_came:
                self._alerts_came(data)
        else:
            self._receiver.layer_came(data)
