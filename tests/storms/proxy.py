"""A line between boxes and server that delays, cuts, duplicates, reorders and truncates, by a seed.

It knows MQTT's frames, so that it can do to whole messages what a network with several ways does; what is not MQTT it
treats as a stream of bytes, where a message doubled means an answer lost and the question asked again.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from threading import Event, Thread
from typing import Any

CONNECT, CONNACK, PUBLISH = 1, 2, 3
KINDS = ("delay", "cut", "duplicate", "reorder", "truncate")
LONGEST_DELAY_S = 0.4


class Proxy:
    """Listens on a port of its own and carries everything to another; faults only while `stormy` is set."""

    def __init__(self, target: int, seed: int, share: float, *, frames: bool) -> None:
        """Faults meet this share of the frames (or, without `frames`, of the pieces of a stream) that pass."""
        self._target, self._share, self._frames = target, share, frames
        self._dice = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.stormy = Event()
        self.port = 0
        self._ready = Event()
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def close(self) -> None:
        """End every connection."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)

        async def listen() -> asyncio.Server:
            return await asyncio.start_server(self._serve, "127.0.0.1", 0)

        server = self._loop.run_until_complete(listen())
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, forth = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        pump = self._pump_frames if self._frames else self._pump_bytes
        ways = [self._task(pump(reader, forth)), self._task(pump(back, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            writer.close()
            forth.close()

    def _task(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _fault(self) -> str:
        if not self.stormy.is_set() or self._dice.random() >= self._share:
            return ""
        kind = self._dice.choice(KINDS)
        self.faults[kind] += 1
        return kind

    async def _pump_frames(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held = b""
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                frame = await _frame(reader)
                kind = frame[0] >> 4
                fault = self._fault() if kind not in {CONNECT, CONNACK} else ""
                if fault in {"duplicate", "reorder"} and kind != PUBLISH:
                    self.faults[fault] -= 1
                    fault = ""
                match fault:
                    case "delay":
                        await asyncio.sleep(self._dice.uniform(0, LONGEST_DELAY_S))
                    case "cut":
                        return
                    case "truncate":
                        writer.write(frame[: len(frame) // 2])
                        await writer.drain()
                        return
                    case "duplicate":
                        writer.write(frame)
                    case "reorder" if not held:
                        held = frame
                        continue
                writer.write(frame + held)
                held = b""
                await writer.drain()

    async def _pump_bytes(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(16_384):
                match self._fault():
                    case "delay":
                        await asyncio.sleep(self._dice.uniform(0, LONGEST_DELAY_S))
                    case "truncate":
                        writer.write(piece[: len(piece) // 2])
                        await writer.drain()
                        return
                    case "cut" | "duplicate" | "reorder":
                        return
                writer.write(piece)
                await writer.drain()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """One MQTT control packet whole (MQTT 5, section 2.1)."""
    head = await reader.readexactly(1)
    length, shift = 0, 0
    while True:
        digit = await reader.readexactly(1)
        head += digit
        length |= (digit[0] & 127) << shift
        shift += 7
        if not digit[0] & 128:
            return head + await reader.readexactly(length)
