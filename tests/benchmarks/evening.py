"""A crowd that also tells evenings and asks for the time: what a server hears of boxes, and the bytes that it took.

`python -m tests.benchmarks.evening --enrolled FILE --server URL --data DIR` obeys lines on its standard input, and
answers each by one line of JSON: `apart N M` (evening N of the first M
boxes, each row as it happens), `together N M` (all rows of it in one batch),
`wire` (bytes on the boxes' connections so far). One row of a box is on its way at a time, as its outbox has it.
"""

import argparse
import logging
import os
import queue
import signal
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import structlog

from schedules.wire import topics
from schedules.wire.codec import decode, encode
from schedules.wire.messages import Ack, Credentials, EventBatch, EventRecord, TimeQuestion
from tests.benchmarks.years import FEWEST, MOST, Showing, told
from tvclient.adapters import mqtt_packets as packets
from tvclient.crowd import Crowd, CrowdBox
from tvclient.fleet.shared import Merges, SharedVerifier

ASK_TIME_S = 64
"""As a box does whose clock is known well (`tvclient/adapters/asking_time.py`)."""
STATIONS = 326
"""So many boxes tell one airing, the next ones another: of a session are two boxes at most, however many there are."""
EPOCH = f"bench-{os.getpid()}"
"""A journal of its own in every run: rows come under new keys."""
_TCP_INFO = struct.Struct("=8B24I4Q2I")


class Wire(msgspec.Struct, frozen=True):
    """What connections have carried since they were opened, TLS included; IP and TCP headers are not in the bytes."""

    up_bytes: int
    down_bytes: int
    up_segments: int
    down_segments: int

    def since(self, other: "Wire") -> "Wire":
        """What came after another look."""
        return Wire(
            self.up_bytes - other.up_bytes,
            self.down_bytes - other.down_bytes,
            self.up_segments - other.up_segments,
            self.down_segments - other.down_segments,
        )


class TellingBox(CrowdBox):
    """One box with facts to tell."""

    _waiting: deque[tuple[EventRecord, ...]]
    _sequence: int = 0

    def ready(self) -> None:
        """Nothing to tell yet."""
        self._waiting = deque()

    @property
    def done(self) -> bool:
        """Whether everything told was acknowledged."""
        return not self._waiting

    def begin(self, showing: Showing, *, apart: bool) -> None:
        """An evening happens."""
        said = []
        for at, _kind, body in told(self.id, showing):
            self._sequence += 1
            at_utc = datetime.fromisoformat(at).replace(tzinfo=UTC)
            raw = msgspec.Raw(body.encode())
            said.append(EventRecord(sequence=self._sequence, at=at_utc, uncertainty_ms=5, body=raw))
        self._waiting.extend([(one,) for one in said] if apart else [tuple(said)])
        self._tell()

    def ask_time(self) -> None:
        """Ask for the time at QoS 0."""
        question = encode(TimeQuestion(box=self.id, token=f"{self.id}"))
        self.outgoing += packets.publish(0, topics.clock(self.id), question)

    def take(self, packet: packets.Packet) -> bool:
        """As a crowd's box; after a reconnection, what was not acknowledged is told again."""
        going = super().take(packet)
        if going and packet.kind == packets.CONNACK:
            self._tell()
        return going

    def _follow(self) -> None:
        if not self._subscribed:
            self.outgoing += packets.subscribe(self._next_id(), [topics.acks(self.id), topics.time(self.id)])
        super()._follow()

    def _take(self, message: packets.Message) -> None:
        if message.topic == topics.time(self.id):
            return
        if message.topic != topics.acks(self.id):
            super()._take(message)
        elif self._waiting and decode(message.payload, Ack).through >= self._waiting[0][-1].sequence:
            self._waiting.popleft()
            self._tell()

    def _tell(self) -> None:
        if self._waiting and self.up:
            self.say(topics.events(self.id), encode(EventBatch(box=self.id, epoch=EPOCH, events=self._waiting[0])))


class TellingCrowd(Crowd):
    """A crowd of such boxes on one thread; nothing of them is kept."""

    def __init__(self, given: Sequence[Credentials], data: Path, server: str) -> None:
        super().__init__((), data, server, durable=False)
        assert self._one_file is not None
        verifiers: dict[bytes, SharedVerifier] = {}
        merges = Merges()
        self.telling = []
        for one in given:
            keys = bytes(one.signing_keys)
            verifier = verifiers.setdefault(keys, SharedVerifier(keys))
            box = TellingBox(one, data / f"box-{one.box}", verifier, merges, server, self._one_file.write)
            box.ready()
            self.telling.append(box)
        self.boxes.extend(self.telling)
        self._second = 0

    def turn(self, wait_s: float) -> None:
        """As a crowd; and every second a part of the boxes asks for the time."""
        super().turn(wait_s)
        if (second := int(time.monotonic())) == self._second:
            return
        self._second = second
        for box in self.telling[second % ASK_TIME_S :: ASK_TIME_S]:
            if box.up:
                box.ask_time()
                self._flush(box)

    def begin(self, slot: int, boxes: int, *, apart: bool) -> None:
        """So many boxes have an evening."""
        for number, box in enumerate(self.telling[:boxes]):
            came = FEWEST + number % (MOST - FEWEST + 1)
            box.begin(Showing(slot + number // STATIONS, number, came, 2), apart=apart)
            self._flush(box)

    @property
    def done(self) -> bool:
        """Whether the server has acknowledged all of it."""
        return all(box.done for box in self.telling)

    def wire(self) -> Wire:
        """Bytes of all connections (Linux, struct tcp_info)."""
        sums = [0, 0, 0, 0]
        for box in self.telling:
            if box.socket is None:
                continue
            info = _TCP_INFO.unpack(box.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size))
            for place, value in enumerate(info[34:38]):
                sums[place] += value
        return Wire(*sums)


def main() -> int:
    """Obey until the standard input ends or a signal comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--enrolled", type=Path)
    parser.add_argument("--server")
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    warnings = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=warnings, logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    enrolled = msgspec.json.decode(given.enrolled.read_bytes(), type=list[Credentials])
    crowd = TellingCrowd(enrolled, given.data, given.server)
    telling = False
    while not stopped.is_set():
        crowd.turn(0.05)
        if telling and crowd.done:
            telling = False
            print('"told"', flush=True)
        if orders.empty():
            continue
        order, *numbers = orders.get().split()
        if order == "wire":
            print(msgspec.json.encode(crowd.wire()).decode(), flush=True)
        else:
            crowd.begin(*map(int, numbers), apart=order == "apart")
            telling = True
    crowd.run(lambda: True)
    return 0


def _listen(orders: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        orders.put(line.strip())


if __name__ == "__main__":
    sys.exit(main())
