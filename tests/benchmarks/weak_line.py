"""A village's line between this machine and a network namespace: real packets, delayed, lost, queued and cut.

Two TUN devices, and between them a thread that carries every IP packet: at a rate, through a short queue, after a
delay, and some of them not at all. TCP and everything above it are the kernel's own. Needs root.
"""

import fcntl
import heapq
import os
import random
import selectors
import struct
import subprocess
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread

import msgspec

_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_MTU = 1500
SERVER, BOX = "10.99.7.1", "10.99.7.2"


class Weather(msgspec.Struct, frozen=True):
    """What the line is like: bits per second, round trip, share of packets lost each way, how often it is cut.

    Attributes:
        queue: packets that wait at most; what comes then is lost.
        cut_every_s, cut_for_s: the line goes away, and with it every connection; 0 for never.
    """

    bps: int = 1_000_000
    round_trip_s: float = 0.12
    loss: float = 0.02
    queue: int = 50
    cut_every_s: float = 0.0
    cut_for_s: float = 0.0


@dataclass
class _Way:
    """One direction: a queue at the line's rate, then the delay."""

    target: int
    weather: Weather
    chance: random.Random
    waiting: deque[bytes] = field(default_factory=deque)
    flying: list[tuple[float, int, bytes]] = field(default_factory=list)
    free_at: float = 0.0
    payload: int = 0
    _number: int = 0

    def take(self, packet: bytes) -> None:
        if len(self.waiting) < self.weather.queue and self.chance.random() >= self.weather.loss:
            self.waiting.append(packet)

    def move(self, now: float) -> float:
        """Send what is due; returns when there is more to do."""
        while self.waiting and self.free_at <= now:
            packet = self.waiting.popleft()
            self.free_at = max(self.free_at, now - 0.01) + len(packet) * 8 / self.weather.bps
            self._number += 1
            heapq.heappush(self.flying, (self.free_at + self.weather.round_trip_s / 2, self._number, packet))
        while self.flying and self.flying[0][0] <= now:
            packet = heapq.heappop(self.flying)[2]
            self.payload += _payload(packet)
            with suppress(OSError):
                os.write(self.target, packet)
        due = [self.flying[0][0]] if self.flying else []
        return min([*due, *([self.free_at] if self.waiting else [])], default=now + 0.5)

    def clear(self) -> None:
        self.waiting.clear()
        self.flying.clear()


class WeakLine:
    """The line and the village's end of it. Use it as a context."""

    def __init__(self, weather: Weather, seed: int = 1) -> None:
        self.weather = weather
        self.namespace = f"yj-village-{os.getpid()}"
        self.cut_s = 0.0
        self._names = f"yja{os.getpid()}", f"yjb{os.getpid()}"
        self._chance = random.Random(seed)
        self._ended = Event()
        self._thread = Thread(target=self._carry, name="weak-line", daemon=True)

    def __enter__(self) -> "WeakLine":
        subprocess.run(["ip", "netns", "add", self.namespace], check=True)
        here, there = self._handles = tuple(_open_tun(name) for name in self._names)
        self._down = _Way(there, self.weather, self._chance)
        self._up = _Way(here, self.weather, self._chance)
        server, box = self._names
        for command in (
            f"ip link set {box} netns {self.namespace}",
            f"ip addr add {SERVER}/30 dev {server}",
            f"ip link set {server} up mtu {_MTU}",
            f"ip -n {self.namespace} addr add {BOX}/30 dev {box}",
            f"ip -n {self.namespace} link set {box} up mtu {_MTU}",
            f"ip -n {self.namespace} link set lo up",
        ):
            subprocess.run(command.split(), check=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(5)
        for handle in self._handles:
            os.close(handle)
        subprocess.run(["ip", "netns", "del", self.namespace], check=True)

    @property
    def received(self) -> int:
        """Bytes of TCP payload that have reached the village, doubles included."""
        return self._down.payload

    def inside(self, argv: Sequence[str]) -> list[str]:
        """The command that runs a program in the village."""
        return ["ip", "netns", "exec", self.namespace, *argv]

    def _carry(self) -> None:
        weather, (here, there) = self.weather, self._handles
        selector = selectors.DefaultSelector()
        selector.register(here, selectors.EVENT_READ, self._down)
        selector.register(there, selectors.EVENT_READ, self._up)
        cut_at = time.monotonic() + weather.cut_every_s if weather.cut_every_s else float("inf")
        back_at = 0.0
        while not self._ended.is_set():
            now = time.monotonic()
            if now >= cut_at:
                back_at, cut_at = now + weather.cut_for_s, now + weather.cut_for_s + weather.cut_every_s
                self.cut_s += weather.cut_for_s
                self._hang_up()
            due = min(self._down.move(now), self._up.move(now), cut_at)
            for key, _ in selector.select(max(0.0, min(0.5, due - time.monotonic()))):
                packet = os.read(key.fd, 2 * _MTU)
                if time.monotonic() >= back_at:
                    key.data.take(packet)
        selector.close()

    def _hang_up(self) -> None:
        for way in (self._down, self._up):
            way.clear()
        kill = ["ss", "-K", "-t", "dst", BOX]
        subprocess.run(kill, check=False, capture_output=True)
        subprocess.run(self.inside(["ss", "-K", "-t", "dst", SERVER]), check=False, capture_output=True)


def _open_tun(name: str) -> int:
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(handle, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return handle


def _payload(packet: bytes) -> int:
    """Bytes of TCP payload in an IPv4 packet; 0 for any other."""
    if len(packet) < 40 or packet[0] >> 4 != 4 or packet[9] != 6:
        return 0
    header = (packet[0] & 15) * 4
    return len(packet) - header - (packet[header + 12] >> 4) * 4
