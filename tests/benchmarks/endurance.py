"""Hours of evenings in minutes: lesson after lesson with keys in between, and what the television holds meanwhile.

    python -m tests.benchmarks.endurance [--minutes M] [--lesson S]

A real television (offscreen) plays short lessons back to back: each is opened, shown and closed as a long one is, so
that minutes have as many beginnings and ends as days of evenings; keys go through all its screens and sign people in
and out again. With `--minutes 180 --lesson 600` it is three real hours. Once half the time has settled, the last third
of the samples is held against the first.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import httpx
import msgspec

from tests import processes
from tests.benchmarks.enduring import Sample
from tests.benchmarks.measure import Result
from tests.demo.stack import ROOT, free_port, wait_until
from tests.tvclient.broker import Broker
from tests.tvclient.coloured import add_lesson
from tests.tvclient.counterpart import Counterpart, now
from tests.tvclient.evening import airing
from tvclient.adapters.identity import Vault

MINUTES, LESSON_S = 4.0, 6
GAP_S = 2
"""Between two lessons."""
SETTLING = 1 / 2
"""Of the time: caches fill, every screen is seen a few times."""
GROWN_OVER = 2 / 3
"""Of what follows lies between the middles of its first and its last third."""
SAMPLES = 60
PRESSED_EVERY_S = 0.4
MEMORY_GOAL_MB = 15.0
"""As much as the memory of a television moves anyhow, with a lesson and without."""
LESSONS_AN_HOUR = 3
_AWAY = ("back", "back", "home")
WALK = (
    *("ok", "green", "right", "ok", "ok", *_AWAY),
    *("0", "4", "2", "7", "ok", "ok", *_AWAY),
    *("menu", "menu", "down", "ok", "down", "right", *_AWAY),
    *("menu", "menu", "down", "right", "ok", "ok", "down", *_AWAY),
    *("menu", "menu", "down", "right", "right", "ok", "down", *_AWAY),
    *("menu", "menu", "down", "right", "right", "right", "ok", "down", "down", *_AWAY),
)
"""Through everything that keys open: names, number, week, library and a course, station, settings."""


@dataclass(frozen=True)
class Endured:
    """What was measured: the samples, and what the server was told of lessons meanwhile."""

    samples: list[Sample]
    lessons: int
    shown_s: float
    lasted_s: float


def run(minutes: float = MINUTES, lesson_s: int = LESSON_S) -> list[Result]:
    """Let one television play so long."""
    with tempfile.TemporaryDirectory(prefix="endurance-") as name:
        return results(endure(Path(name), minutes * 60, lesson_s))


def endure(folder: Path, lasting_s: float, lesson_s: int) -> Endured:
    """Furnish a television and play."""
    broker = Broker(folder / "broker")
    broker.start()
    server = Counterpart(folder / "server", broker.port)
    server.start()
    try:
        packages = [add_lesson(server, folder / f"lesson-{extra}", lesson_s + extra) for extra in (0, 1)]
        turn_s = lesson_s + 1 + GAP_S
        begins = now() + timedelta(seconds=15)
        server.want()
        server.plan(
            1,
            *(
                airing(
                    begins + timedelta(seconds=turn_s * place),
                    lesson_s + place % 2,
                    packages[place % 2],
                    f"slot-{place}",
                )
                for place in range(int(lasting_s / turn_s) + 5)
            ),
        )
        Vault(folder / "tv" / "secret").keep(server.credentials())
        return _watched(server, folder, lasting_s)
    finally:
        server.stop()
        broker.stop()


def results(endured: Endured) -> list[Result]:
    """Growth of everything, after the settling."""
    settled = endured.samples[int(len(endured.samples) * SETTLING) :]
    megabytes = [one.memory / processes.MB for one in settled]
    against = (
        f"{endured.lessons} lessons, {endured.shown_s / 60:.1f} min of media in {endured.lasted_s / 60:.1f} min; "
        f"{statistics.median(megabytes):.0f} MB"
    )
    print(against)
    grown_mb = _grown(megabytes)
    hours = max(1, endured.lessons) * (1 - SETTLING) * GROWN_OVER / LESSONS_AN_HOUR
    return [
        _line("growth of memory, MB", grown_mb, MEMORY_GOAL_MB, against),
        _line("the same for an hour of evening, MB", grown_mb / hours, None, f"{LESSONS_AN_HOUR} lessons an hour"),
        _line("growth of descriptors", _grown([one.descriptors for one in settled]), 0, against),
        _line("growth of threads", _grown([one.threads for one in settled]), 0, against),
        _line("growth of GL textures", _grown([one.textures for one in settled]), 0, against),
    ]


def _watched(server: Counterpart, folder: Path, lasting_s: float) -> Endured:
    out, port = folder / "samples", free_port()
    argv = ["-m", "tests.benchmarks.enduring", str(out), str(lasting_s / SAMPLES), "--server", server.url]
    argv += ["--development", "--data", str(folder / "tv"), "--windowed", "1280x720", "--mirror", str(port)]
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
    environment |= {"YJ_TV_STICKS": "", "YJ_TV_NEIGHBOURS": "0"}
    with (folder / "log").open("wb") as log:
        television = subprocess.Popen(
            [sys.executable, *argv, "--no-remote"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: bool(_of(server, "airing_started")), "the first lesson begins", 90)
        began = time.monotonic()
        _walk(f"http://127.0.0.1:{port}/", lambda: time.monotonic() < began + lasting_s and television.poll() is None)
        if television.poll() is not None:
            raise RuntimeError(f"The television has ended:\n{(folder / 'log').read_text(errors='replace')[-2000:]}")
        lasted_s = time.monotonic() - began
    finally:
        television.terminate()
        television.wait(30)
    shown_ms = sum(body["to_ms"] - body["from_ms"] for body in _of(server, "playback_span"))
    samples = [msgspec.json.decode(line, type=Sample) for line in out.read_bytes().splitlines()]
    kept = [one for one in samples if one.at >= began]
    return Endured(kept, len(_of(server, "airing_ended")), shown_ms / 1000, lasted_s)


def _walk(mirror: str, goes_on: Callable[[], bool]) -> None:
    """Press keys of the remote, one after the other."""
    with httpx.Client(trust_env=False, timeout=20) as client:
        token = re.findall(r"[A-Za-z0-9_-]{32}", client.get(mirror).text)[0]
        for key in cycle(WALK):
            if not goes_on():
                return
            with suppress(httpx.HTTPError):  # whoever has ended is seen afterwards
                client.post(f"{mirror}key/{key}", headers={"X-Mirror-Token": token})
            time.sleep(PRESSED_EVERY_S)


def _of(server: Counterpart, kind: str) -> list[dict[str, int]]:
    return [body for body in server.bodies() if body["kind"] == kind]


def _grown(figures: Sequence[float]) -> float:
    """By how much the last third lies above the first: what is held for a moment only is in both."""
    third = max(1, len(figures) // 3)
    return statistics.median_low(figures[-third:]) - statistics.median_low(figures[:third])


def _line(name: str, value: float, goal: float | None, against: str) -> Result:
    return Result(name=name, value=value, goal=goal, better="lower", against=against, samples=(value,))


def main() -> int:
    """Measure as long as told to, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.endurance")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--lesson", type=int, default=LESSON_S, metavar="SECONDS")
    given = parser.parse_args()
    for one in run(given.minutes, given.lesson):
        print(f"{one.name}: {one.value:.3g}{'' if one.met else f'  (goal {one.goal:g})'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
