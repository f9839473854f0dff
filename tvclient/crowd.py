"""Thousands of boxes on one thread: the real core, documents and proofs; no player, no packages, no journal.

For measuring a server and a broker. One box as it stands in a village is `shell.py`; thousands of whole ones without a
screen are `fleet/`. Boxes of one process share what is the same for all of them: a signature is
verified once, and a timetable merged once, since the bytes are the same.
"""

import os
import random
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
from msgspec.structs import replace

from schedules.airings import LayerId
from schedules.wire import topics
from schedules.wire.codec import encode
from schedules.wire.messages import Credentials, Online
from schedules.wire.signing import BadSignature, Verifier
from tvclient.adapters import mqtt_packets as packets
from tvclient.adapters.api import Api
from tvclient.adapters.documents import Documents
from tvclient.adapters.durable import write_durably
from tvclient.adapters.errors import AdapterError
from tvclient.adapters.proving import Proving
from tvclient.adapters.trust import trusting
from tvclient.core import events
from tvclient.core.state import Enrolment, EnrolmentPhase, State
from tvclient.core.step import step
from tvclient.fleet.shared import Merges, SharedVerifier

KEEPALIVE_S = 60
SESSION_S = 14 * 24 * 3600
CONNECTING_AT_ONCE = 200
RETRY_S = (1.0, 3.0)
_RECEIVE = 262_144
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

log = structlog.get_logger(__name__)


class OneFile:
    """Takes what all boxes store, one behind the other, without waiting for the disk; nobody reads it again.

    For measuring a server on a machine that is not the boxes': thousands of small files would measure the file system.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    def write(self, path: Path, data: bytes) -> None:
        """Append a document under its path."""
        os.write(self._file, b"%s %d\n%s\n" % (bytes(path), len(data), data))

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


class CrowdBox:
    """One box: its documents, its core, its connection."""

    def __init__(
        self,
        credentials: Credentials,
        folder: Path,
        verifier: Verifier,
        merges: Merges,
        server: str,
        write: Callable[[Path, bytes], None],
    ) -> None:
        self.credentials, self.id = credentials, credentials.box
        self.documents = Documents(folder, verifier, credentials.box, write)
        self.proving = Proving(credentials.box)
        self.state = State(now=datetime.now(UTC), enrolment=Enrolment(phase=EnrolmentPhase.ENROLLED))
        self._merges, self._server = merges, server
        self.socket: socket.socket | None = None
        self.reader = packets.Reader()
        self.outgoing = bytearray()
        self.retry_at = 0.0
        self.up = False
        self._packet_id = 0
        self._subscribed: tuple[LayerId, ...] = ()
        self._apply()

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Queue a message."""
        self.outgoing += packets.publish(self._next_id(), topic, payload, retain=retain)

    def opened(self) -> None:
        """The connection stands: introduce the box."""
        self.reader = packets.Reader()
        broker = self.credentials.broker
        will = (topics.online(self.id), encode(Online(online=False)))
        self.outgoing = bytearray(
            packets.connect(
                f"box-{self.id}",
                broker.username,
                broker.password,
                keepalive_s=KEEPALIVE_S,
                expiry_s=SESSION_S,
                will=will,
            )
        )

    def take(self, packet: packets.Packet) -> bool:
        """One packet from the broker; whether the connection may go on."""
        if packet.kind == packets.PUBLISH:
            message = packets.message_of(packet)
            if message.packet_id:
                self.outgoing += packets.puback(message.packet_id)
            self._take(message)
        elif packet.kind == packets.CONNACK:
            if packets.refused(packet):
                log.warning("crowd.refused", box=self.id, reason=packets.refused(packet))
                return False
            self.up = True
            self._subscribed = ()
            self._follow()
            self.say(topics.online(self.id), encode(Online(online=True)), retain=True)
            self.proving = Proving(self.id)
            self._prove()
        return True

    def _take(self, message: packets.Message) -> None:
        now = datetime.now(UTC)
        if message.topic == topics.desired(self.id):
            if self.documents.take_desired(message.payload):
                self._follow()
                self._catch_up()
                self._apply()
        elif self.documents.take_layer(message.payload, now):
            self._apply()
        self._prove()

    def _follow(self) -> None:
        layers = self.documents.followed()
        wanted = [topics.desired(self.id)] if not self._subscribed else []
        wanted += [topics.layer(layer) for layer in layers if layer not in self._subscribed]
        if wanted:
            self.outgoing += packets.subscribe(self._next_id(), wanted)
            self._subscribed = layers

    def _catch_up(self) -> None:
        """Fetch over HTTP what the server says this box lacks."""
        desired = self.documents.desired
        if desired is None or not desired.behind:
            return
        self.proving.fall_behind(self.documents.proofs(), desired.behind)
        if not self.proving.to_fetch:
            return
        with Api(self._server, self.credentials.http_token, authority=self.credentials.authority) as api:
            for layer in sorted(self.proving.to_fetch):
                try:
                    self.documents.take_layer(api.layer(layer), datetime.now(UTC))
                except AdapterError as error:
                    log.info("crowd.layer_not_given", box=self.id, reason=str(error))
        self.proving.to_fetch.clear()

    def _apply(self) -> None:
        """The timetable becomes the core's, and thereby the television's."""
        layers = self.documents.layers()
        airings = self._merges.of(layers).airings
        if airings != self.state.timetable:
            now = datetime.now(UTC)
            self.state, _effects = step(replace(self.state, now=now), events.TimetableChanged(airings), now)
        self.documents.applied({layer.layer: layer.revision for layer in layers})

    def _prove(self) -> None:
        for proof in self.proving.due(self.documents.proofs(), datetime.now(UTC)):
            self.say(topics.proofs(self.id), encode(proof))
            self.proving.said(proof)

    def _next_id(self) -> int:
        self._packet_id = self._packet_id % 65_535 + 1
        return self._packet_id


class Crowd:
    """All boxes, and the one loop that serves them."""

    def __init__(
        self, given: Sequence[Credentials], data: Path, server: str, *, durable: bool = True, host: str = ""
    ) -> None:
        """Load what is stored of every box.

        Args:
            durable: wait for the disk before a proof, and find it all there at the next start, as a box does; False
                only for measuring (`OneFile`).
            host: the broker's address instead of the one in the credentials.
        """
        verifiers: dict[bytes, SharedVerifier] = {}
        merges = Merges()
        self._one_file = None if durable else OneFile(data / "documents")
        write = self._one_file.write if self._one_file else write_durably
        self.boxes = []
        for one in given:
            keys = bytes(one.signing_keys)
            verifier = verifiers.setdefault(keys, SharedVerifier(keys))
            self.boxes.append(CrowdBox(one, data / f"box-{one.box}", verifier, merges, server, write))
        self._host = host
        self._selector = selectors.DefaultSelector()
        self._ping_at = 0.0
        self._opening: set[CrowdBox] = set()

    @property
    def up(self) -> int:
        """How many are connected."""
        return sum(box.up for box in self.boxes)

    def run(self, stopped: Callable[[], bool]) -> None:
        """Serve until told to stop."""
        while not stopped():
            self.turn(0.2)
        for box in self.boxes:
            if box.socket is not None:
                self._send(box, packets.DISCONNECT)
                self._close(box)
        if self._one_file is not None:
            self._one_file.close()

    def turn(self, wait_s: float) -> None:
        """Open what is closed, take what has come, send what waits."""
        self._open_some()
        for key, mask in self._selector.select(wait_s):
            box: CrowdBox = key.data
            if mask & selectors.EVENT_READ:
                self._receive(box)
            if box.socket is not None and box.outgoing:
                self._flush(box)
        if time.monotonic() >= self._ping_at:
            self._ping_at = time.monotonic() + KEEPALIVE_S / 3
            for box in self.boxes:
                if box.up:
                    box.outgoing += packets.PINGREQ
                    self._flush(box)

    def _open_some(self) -> None:
        now = time.monotonic()
        room = CONNECTING_AT_ONCE - len(self._opening)
        for box in self.boxes if room > 0 else ():
            if box.socket is None and box.retry_at <= now:
                self._open(box)
                room -= 1
                if room <= 0:
                    break

    def _open(self, box: CrowdBox) -> None:
        broker = box.credentials.broker
        try:
            connection = socket.create_connection((self._host or broker.host, broker.port), 2)
        except OSError:
            self._later(box)
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if broker.tls:  # shakes hands with the first bytes that are sent and received
            context = trusting(box.credentials.authority)
            connection = context.wrap_socket(connection, server_hostname=broker.host, do_handshake_on_connect=False)
        box.socket = connection
        self._opening.add(box)
        box.opened()
        self._selector.register(connection, selectors.EVENT_READ, box)
        self._flush(box)

    def _receive(self, box: CrowdBox) -> None:
        connection = box.socket
        if connection is None:
            return
        try:
            data = _everything(connection)
            if data is None or not all(box.take(packet) for packet in box.reader.feed(data)):
                self._lose(box)
        except (OSError, packets.Malformed, BadSignature) as error:
            log.info("crowd.lost", box=box.id, reason=str(error))
            self._lose(box)
        if box.up:
            self._opening.discard(box)

    def _flush(self, box: CrowdBox) -> None:
        connection = box.socket
        if connection is None:
            return
        waits = True
        try:
            sent = connection.send(box.outgoing)
            del box.outgoing[:sent]
        except ssl.SSLWantReadError:
            waits = False  # in the middle of a handshake: the other side has the word
        except (BlockingIOError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self._lose(box)
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if waits and box.outgoing else 0)
        if self._selector.get_key(connection).events != wanted:
            self._selector.modify(connection, wanted, box)

    def _send(self, box: CrowdBox, data: bytes) -> None:
        box.outgoing += data
        self._flush(box)

    def _lose(self, box: CrowdBox) -> None:
        self._close(box)
        self._later(box)

    def _close(self, box: CrowdBox) -> None:
        if box.socket is not None:
            self._selector.unregister(box.socket)
            box.socket.close()
        box.socket, box.up = None, False
        box.outgoing.clear()
        self._opening.discard(box)

    def _later(self, box: CrowdBox) -> None:
        box.retry_at = time.monotonic() + random.uniform(*RETRY_S)  # noqa: S311 - jitter, no secret


def _everything(connection: socket.socket) -> bytes | None:
    """What has come; None where the other side has closed.

    TLS gives at most one record at a time and keeps the rest, of which the selector knows nothing.
    """
    came = bytearray()
    try:
        while piece := connection.recv(_RECEIVE):
            came += piece
            if not (isinstance(connection, ssl.SSLSocket) and connection.pending()):
                return bytes(came)
    except _NOT_NOW:
        return bytes(came)
    return bytes(came) or None
