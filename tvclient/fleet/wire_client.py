"""What one box's link needs of a client of a broker, over the wire of the whole fleet (`wire.py`)."""

import itertools
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from tvclient.adapters import mqtt_packets as packets
from tvclient.fleet.lines import Direction, Way
from tvclient.fleet.wire import Wire, jittered

UNCONFIRMED = 120
RETRY_S = (1.0, 60.0)
CONNECT_S = 4.0
_RECEIVE = 65_536
_REFUSED = 0x87
_LATER = (BlockingIOError, ssl.SSLWantWriteError)


class Sending(msgspec.Struct, frozen=True):
    """As paho's `MQTTMessageInfo`: whether a message was taken. That it arrived, an acknowledgement says."""

    rc: MQTTErrorCode

    def wait_for_publish(self, _timeout: float | None = None) -> None:
        """Nobody waits here: a farewell leaves with the connection's last bytes."""


class WireClient:
    """One box's connection; the methods are those of paho's client that `link.py` calls."""

    def __init__(self, client_id: str, wire: Wire, way: Way | None) -> None:
        """Nothing is connected."""
        self.on_connect: Callable[..., None] = _nothing
        self.on_disconnect: Callable[..., None] = _nothing
        self.on_message: Callable[..., None] = _nothing
        self._id, self._wire, self._way = client_id, wire, way
        self._lock = Lock()
        self._numbers = itertools.cycle(range(1, 65_536))
        self._unconfirmed: dict[int, tuple[str, bytes, bool]] = {}
        self._name = self._password = ""
        self._will = ("", b"")
        self._tls: ssl.SSLContext | None = None
        self._host, self._port, self._keepalive_s, self._session_s = "", 0, 30, 0
        self._socket: socket.socket | None = None
        self._up = self._ended = False
        self._retry_s = RETRY_S[0]
        self._reader = packets.Reader()
        self._outgoing = bytearray()
        self._life = 0
        """Which connection it is: what is on its way of an older one is dropped."""
        self._heard_at = 0.0

    # --- what link.py asks, from any thread ---

    def username_pw_set(self, username: str, password: str) -> None:
        """The name and password of the next connection."""
        self._name, self._password = username, password

    def tls_set_context(self, context: ssl.SSLContext) -> None:
        """Connect by TLS."""
        self._tls = context

    def will_set(self, topic: str, payload: bytes, _qos: int, **_retained: bool) -> None:
        """What the broker says when the line dies; retained, at QoS 1."""
        self._will = (topic, payload)

    def reconnect_delay_set(self, least: int, _most: int) -> None:
        """The first pause after a connection was lost."""
        self._retry_s = float(least)

    def max_inflight_messages_set(self, _count: int) -> None:
        """There is one limit, `UNCONFIRMED`."""

    def max_queued_messages_set(self, _count: int) -> None:
        """There is one limit, `UNCONFIRMED`."""

    def connect_async(
        self, host: str, port: int, *, keepalive: int, properties: Properties, **_clean_start: bool
    ) -> None:
        """Where to connect, once the loop begins; an older session goes on."""
        self._host, self._port, self._keepalive_s = host, port, keepalive
        self._session_s = int(getattr(properties, "SessionExpiryInterval", 0))

    def loop_start(self) -> None:
        """Connect, and reconnect for ever."""
        self._wire.call(self._open)

    def loop_stop(self) -> None:
        """The wire goes on for the others."""

    def is_connected(self) -> bool:
        """Whether the broker has let it in."""
        return self._up

    def publish(self, topic: str, payload: bytes, qos: int = 1, *, retain: bool = False) -> Sending:
        """Send a message; at QoS 1 it is kept until the broker has confirmed it."""
        with self._lock:
            if not self._up:
                return Sending(mqtt.MQTT_ERR_NO_CONN)
            if qos and len(self._unconfirmed) >= UNCONFIRMED:
                return Sending(mqtt.MQTT_ERR_QUEUE_SIZE)
            number = next(self._numbers) if qos else 0
            if qos:
                self._unconfirmed[number] = (topic, payload, retain)
        self._send(packets.publish(number, topic, payload, retain=retain))
        return Sending(mqtt.MQTT_ERR_SUCCESS)

    def subscribe(self, topics: Sequence[tuple[str, SubscribeOptions]]) -> None:
        """Subscribe at QoS 1."""
        self._send(packets.subscribe(next(self._numbers), [topic for topic, _options in topics]))

    def unsubscribe(self, topics: Sequence[str]) -> None:
        """Subscribe no more."""
        self._send(packets.unsubscribe(next(self._numbers), topics))

    def disconnect(self) -> None:
        """Say what waits, say goodbye, and stay away."""
        self._ended = True
        self._wire.call(self._part)

    def _send(self, data: bytes) -> None:
        self._wire.call(partial(self._set_out, self._life, data))

    # --- in the wire's thread ---

    def _open(self) -> None:
        if self._ended or self._socket is not None:
            return
        way, now = self._way, time.monotonic()
        if (way is not None and way.down_until(now) is not None) or not self._wire.may_open(self):
            self._wire.at(now + jittered(RETRY_S[0]), self._open)
            return
        try:
            connection = socket.create_connection((self._host, self._port), CONNECT_S)
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                connection = self._tls.wrap_socket(
                    connection, server_hostname=self._host, do_handshake_on_connect=False
                )
        except OSError:
            self._wire.opened(self)
            self._again()
            return
        self._life += 1
        self._socket, self._reader, self._heard_at = connection, packets.Reader(), now
        self._outgoing.clear()
        self._wire.selector.register(connection, selectors.EVENT_READ, self._ready)
        hello = packets.connect(
            self._id,
            self._name,
            self._password,
            keepalive_s=self._keepalive_s,
            expiry_s=self._session_s,
            will=self._will,
        )
        self._set_out(self._life, hello)
        self._flush()  # shakes hands even before the greeting leaves
        self._wire.at(now + self._keepalive_s / 2, partial(self._stay, self._life))

    def _again(self) -> None:
        pause_s, self._retry_s = self._retry_s, min(RETRY_S[1], 2 * self._retry_s)
        self._wire.at(time.monotonic() + jittered(pause_s), self._open)

    def _stay(self, life: int) -> None:
        """Say that it is still there, and notice where nobody answers."""
        if life != self._life or self._socket is None:
            return
        now = time.monotonic()
        if now - self._heard_at > 1.5 * self._keepalive_s:
            self._lose("keep alive timeout")
            return
        self._set_out(life, packets.PINGREQ)
        self._wire.at(now + self._keepalive_s / 2, partial(self._stay, life))

    def _set_out(self, life: int, data: bytes) -> None:
        if life != self._life or self._socket is None:
            return
        if self._way is None:
            self._arrive_there(life, data)
        else:
            self._wire.at(self._way.arrival(Direction.UP, len(data)), partial(self._arrive_there, life, data))

    def _arrive_there(self, life: int, data: bytes) -> None:
        if life == self._life and self._socket is not None:
            self._outgoing += data
            self._flush()

    def _ready(self, mask: int) -> None:
        if mask & selectors.EVENT_READ and self._socket is not None:
            self._receive(self._socket)
        if self._socket is not None:
            self._flush()

    def _receive(self, connection: socket.socket) -> None:
        came = bytearray()
        ended = False
        try:
            while True:
                piece = connection.recv(_RECEIVE)
                came += piece
                if not piece:
                    ended = True
                    break
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            ended = True
        if ended:
            self._wire.selector.unregister(connection)
        if came:
            self._on_its_way(bytes(came))
        if ended:
            self._on_its_way(None)

    def _on_its_way(self, data: bytes | None) -> None:
        """Bytes, or the news that the other side has closed, come to the box when the line has brought them."""
        if self._way is None:
            self._arrive_here(self._life, data)
        else:
            at = self._way.arrival(Direction.DOWN, len(data or b""))
            self._wire.at(at, partial(self._arrive_here, self._life, data))

    def _arrive_here(self, life: int, data: bytes | None) -> None:
        if life != self._life or self._socket is None:
            return
        if data is None:
            self._lose("closed by the broker")
            return
        self._heard_at = time.monotonic()
        try:
            for packet in self._reader.feed(data):
                self._take(packet)
        except packets.Malformed as error:
            self._lose(str(error))

    def _take(self, packet: packets.Packet) -> None:
        if packet.kind == packets.PUBLISH:
            message = packets.message_of(packet)
            self.on_message(self, None, message)
            if message.packet_id:
                self._set_out(self._life, packets.puback(message.packet_id))
        elif packet.kind == packets.PUBACK:
            with self._lock:
                self._unconfirmed.pop(packets.acknowledged(packet), None)
        elif packet.kind == packets.CONNACK:
            self._let_in(packets.refused(packet))

    def _let_in(self, refused: int) -> None:
        self._wire.opened(self)
        if refused:
            self.on_connect(self, None, None, _reason(refused), None)
            self._lose("refused")
            return
        with self._lock:
            self._up, self._retry_s = True, RETRY_S[0]
            again = list(self._unconfirmed.items())
        for number, (topic, payload, retain) in again:
            self._set_out(self._life, packets.publish(number, topic, payload, retain=retain, again=True))
        self.on_connect(self, None, None, _reason(0), None)

    def _flush(self) -> None:
        connection = self._socket
        if connection is None:
            return
        waits = False
        try:
            if isinstance(connection, ssl.SSLSocket) and not self._outgoing and not self._up:
                connection.do_handshake()
            while self._outgoing:
                del self._outgoing[: connection.send(self._outgoing)]
        except ssl.SSLWantReadError:
            pass  # in the middle of a handshake: the other side has the word
        except _LATER:
            waits = True
        except OSError as error:
            self._lose(str(error))
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if waits else 0)
        known = self._wire.selector.get_map().get(connection)
        if known is not None and known.events != wanted:
            self._wire.selector.modify(connection, wanted, self._ready)

    def _part(self) -> None:
        """What is still on its way leaves with the goodbye."""
        if self._socket is None:
            return
        with self._lock:
            waiting = list(self._unconfirmed.items()) if self._way is not None else []
        self._way = None
        if self._up:
            for number, (topic, payload, retain) in waiting:
                self._outgoing += packets.publish(number, topic, payload, retain=retain, again=True)
            self._outgoing += packets.DISCONNECT
            self._flush()
        self._lose("disconnect")

    def _lose(self, reason: str) -> None:
        connection, self._socket = self._socket, None
        if connection is None:
            return
        if connection in self._wire.selector.get_map():
            self._wire.selector.unregister(connection)
        connection.close()
        self._life += 1
        self._wire.opened(self)
        with self._lock:
            was_up, self._up = self._up, False
        if was_up:
            self.on_disconnect(self, None, None, reason, None)
        if not self._ended:
            self._again()


def _reason(code: int) -> ReasonCode:
    if not code:
        return ReasonCode(PacketTypes.CONNACK, "Success")
    try:
        return ReasonCode(PacketTypes.CONNACK, identifier=code)
    except (KeyError, AssertionError, ValueError):
        return ReasonCode(PacketTypes.CONNACK, identifier=_REFUSED)


def _nothing(*_arguments: object) -> None:
    """Nobody asked to be told."""
