"""A broker alone: the same bytes to as many subscribers, and as many small reports back to one consumer.

`python -m tests.benchmarks.bare PORT BOXES` holds the subscribers, in a process of their own as the fleet does.
"""

import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.demo.stack import free_port, listens, wait_until
from tvclient.adapters import mqtt_packets as packets

LAYER, REPORTS = "bare/layer", "bare/reports"
REPORT = b"x" * 130
"""As long as a proof."""
WILL = ("bare/gone", b"")


class Line:
    """One blocking connection."""

    def __init__(self, port: int, name: str, topics: tuple[str, ...]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = packets.Reader()
        self.socket.sendall(packets.connect(name, "", "", keepalive_s=0, expiry_s=0, will=WILL))
        self._await(packets.CONNACK)
        if topics:
            self.socket.sendall(packets.subscribe(1, topics))
            self._await(packets.SUBACK)

    def _await(self, kind: int) -> None:
        while all(packet.kind != kind for packet in self.reader.feed(self.socket.recv(65_536))):
            continue


class BareBroker:
    """Mosquitto with the server's queue limits and nothing else, and its subscribers."""

    def __init__(self, folder: Path, boxes: int) -> None:
        self._port, self._boxes = free_port(), boxes
        config = folder / "bare.conf"
        config.write_text(
            f"listener {self._port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 100000\n"
            f"max_inflight_messages 1000\nuser root\nlog_type error\n"
        )
        self._broker = subprocess.Popen(["mosquitto", "-c", str(config)])
        wait_until(lambda: listens(self._port), "the bare broker", 10)
        argv = [sys.executable, "-m", "tests.benchmarks.bare", str(self._port), str(boxes)]
        self._subscribers = subprocess.Popen(argv, stdout=subprocess.PIPE)
        assert self._subscribers.stdout is not None
        self._subscribers.stdout.readline()
        self._consumer = Line(self._port, "consumer", (REPORTS,))
        self._publisher = Line(self._port, "publisher", ())

    def round(self, payload: bytes) -> float:
        """Seconds from one publishing to the last report."""
        started, heard = time.perf_counter(), 0
        self._publisher.socket.sendall(packets.publish(1, LAYER, payload))
        while heard < self._boxes:
            data = self._consumer.socket.recv(262_144)
            answers = bytearray()
            for packet in self._consumer.reader.feed(data):
                if packet.kind == packets.PUBLISH:
                    heard += 1
                    answers += packets.puback(packets.message_of(packet).packet_id)
            self._consumer.socket.sendall(answers)
        took = time.perf_counter() - started
        self._publisher.socket.recv(65_536)
        return took

    def close(self) -> None:
        """End both processes."""
        for process in (self._subscribers, self._broker):
            process.terminate()
            process.wait(10)


def _hold(port: int, boxes: int) -> None:
    selector = selectors.DefaultSelector()
    for number in range(boxes):
        line = Line(port, f"bare-{number}", (LAYER,))
        line.socket.setblocking(False)
        selector.register(line.socket, selectors.EVENT_READ, line)
    print("ready", flush=True)
    while True:
        for key, _mask in selector.select():
            line = key.data
            data = line.socket.recv(262_144)
            if not data:
                return
            for packet in line.reader.feed(data):
                if packet.kind == packets.PUBLISH:
                    message = packets.message_of(packet)
                    line.socket.send(packets.puback(message.packet_id) + packets.publish(2, REPORTS, REPORT))


if __name__ == "__main__":
    _hold(int(sys.argv[1]), int(sys.argv[2]))
