"""The television beside Kodi and mpv, in turn, on one virtual screen: start, keys, memory, processor, pictures.

What a viewer sees decides: an answer to a key is a pixel that changed in the frame buffer, a picture is shown when its
number stands there. How the programs are started: `rivals.py`; the screen: `display.py`.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests import processes
from tests.benchmarks import rivals
from tests.benchmarks.display import LOOK_S, Display, Pixels, until
from tests.benchmarks.measure import Result
from tests.benchmarks.rivals import BIT_PX, BITS, RATE, Box, Lesson, running

FIRST_GOAL, SETTLED_GOAL, START_GOAL, MEMORY_GOAL, PLAYING_GOAL = 0.5, 0.3, 0.6, 0.8, 1.1
IDLE_GOAL = 0.01
PAIRS, KEYS = 3, 20
REST_S = 0.5
"""A picture that stands still for so long has settled."""
WATCHED_S = 8.0
LIKE = 0.98
"""So much of the home screen must be there before a key is tried."""
NEVER_S = 40.0
AWAY, BACK = "Right", "Left"
_BUSY = "while True: pass"


@dataclass
class Seen:
    """What one program did in one turn."""

    start_s: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)
    settled_ms: list[float] = field(default_factory=list)
    home_mb: list[float] = field(default_factory=list)
    playing_mb: list[float] = field(default_factory=list)
    playing_cpu: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    busy_rates: list[float] = field(default_factory=list)
    idle_cpu: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class _Rival:
    """One program on the display: how it is started for its home screen."""

    argv: Callable[[], list[str]]
    folder: Path
    environment: dict[str, str]


def run(pairs: int = PAIRS, keys: int = KEYS) -> list[Result]:
    """Measure all in turn; nothing, with a sentence that says why, where a program is missing."""
    if absent := rivals.missing():
        print(absent)
        return []
    ours, kodi, mpv = Seen(), Seen(), Seen()
    with tempfile.TemporaryDirectory(prefix="television-") as name:
        folder = Path(name)
        lesson = Lesson(folder / "lesson")
        display = Display(folder / "screen")
        try:
            with _furnished(folder, lesson, display) as box:
                _measure(folder, lesson, display, box, (ours, kodi, mpv), pairs, keys)
        finally:
            display.close()
    return _results(ours, kodi, mpv)


def _measure(
    folder: Path, lesson: Lesson, display: Display, box: Box, seen: tuple[Seen, Seen, Seen], pairs: int, keys: int
) -> None:
    ours, kodi, mpv = seen
    for name in ("kodi", "mpv"):
        (folder / name).mkdir()
    environment = dict(rivals.kodi_environment(folder / "kodi"))
    home = _Rival(lambda: box.argv, box.folder, dict(rivals.television_environment(box.folder)))
    other = _Rival(rivals.kodi_argv, folder / "kodi", environment)
    looks = {id(one): _home(one, display) for one in (other, home)}
    for _pair in range(pairs):
        box.plan(timedelta(hours=2))
        for rival, into in ((home, ours), (other, kodi)):
            _keys(rival, display, looks[id(rival)], into, keys, idle=into is ours)
        with running(rivals.mpv_argv(lesson.file), folder / "mpv", display) as process:
            _playing(process, display, mpv)
        with running(rivals.kodi_argv(lesson.file), folder / "kodi", display, environment) as process:
            _playing(process, display, kodi)
        box.plan(timedelta(seconds=10))
        with running(box.argv, box.folder, display, home.environment) as process:
            _playing(process, display, ours, at_work=True)


@contextmanager
def _furnished(folder: Path, lesson: Lesson, display: Display) -> Iterator[Box]:
    box = Box(folder / "box", lesson)
    try:
        box.plan(timedelta(hours=2))
        box.fill(display)
        yield box
    finally:
        box.close()


def _home(rival: _Rival, display: Display) -> Pixels:
    """How the home screen looks; Kodi asks something at its first start, which Escape leaves unanswered."""
    for _start in range(2):
        with running(rival.argv(), rival.folder, display, rival.environment):
            time.sleep(4)
            display.await_rest(2.0)
            display.press("Escape")
            display.await_rest(2.0)
            picture = display.picture()
    return picture


def _keys(rival: _Rival, display: Display, look: Pixels, seen: Seen, keys: int, *, idle: bool) -> None:
    """From the start to the first answered key, then keys to and fro, then nothing."""
    began = time.perf_counter()
    with running(rival.argv(), rival.folder, display, rival.environment) as process:
        if not until(lambda: display.likeness(look) > LIKE, NEVER_S):
            raise TimeoutError(f"the home screen of {rival.argv()[0]} never came")
        for _try in range(5):  # a key that came too early is lost
            before = display.picture()
            display.press(AWAY)
            if answered := display.await_change(before, 2):
                break
        else:
            raise TimeoutError(f"the home screen of {rival.argv()[0]} answers no key")
        seen.start_s.append(answered - began)
        display.await_rest(REST_S)
        display.press(BACK)
        time.sleep(3)
        display.await_rest(REST_S)
        for number in range(keys):
            _one_key(display, BACK if number % 2 else AWAY, seen)
        seen.home_mb.append(_megabytes(process))
        if idle:
            seen.idle_cpu.append(_processor(process, WATCHED_S))


def _one_key(display: Display, key: str, seen: Seen) -> None:
    before = display.picture()
    pressed = display.press(key)
    first = display.await_change(before)
    if first is None:
        raise TimeoutError(f"the key {key} was not answered by {len(seen.start_s)}")
    seen.first_ms.append(1000 * (first - pressed))
    seen.settled_ms.append(1000 * (max(first, display.await_rest(REST_S, since=first)) - pressed))


def _playing(process: subprocess.Popen[bytes], display: Display, seen: Seen, *, at_work: bool = False) -> None:
    """While the lesson plays: memory, processor, pictures; with `at_work` also beside a program that takes a core."""
    if not until(lambda: _number(display) > RATE, NEVER_S):
        raise TimeoutError("the lesson does not play")
    time.sleep(1)
    pids = processes.family(process.pid)
    used, began = processes.processor_seconds(pids), time.perf_counter()
    seen.rates.append(_rate(display))
    seen.playing_cpu.append((processes.processor_seconds(pids) - used) / (time.perf_counter() - began))
    seen.playing_mb.append(_megabytes(process))
    if not at_work:
        return
    with subprocess.Popen([sys.executable, "-c", _BUSY]) as busy:
        try:
            time.sleep(1)
            seen.busy_rates.append(_rate(display))
        finally:
            busy.kill()


def _number(display: Display) -> int:
    """The number of the picture that is shown; 0 where there is none. Each square is black or white in its middle."""
    middle = BIT_PX // 2
    bits = [
        int(word) & 0xFF for word in display.part(slice(middle, middle + 1), slice(middle, BITS * BIT_PX, BIT_PX))[0]
    ]
    if any(64 < bit < 192 for bit in bits):
        return 0
    return sum(2**place for place, bit in enumerate(bits) if bit >= 192)


def _rate(display: Display) -> float:
    """Distinct pictures shown in a second, whatever their distances."""
    numbers, began = set(), time.perf_counter()
    while (passed := time.perf_counter() - began) < WATCHED_S:
        numbers.add(_number(display))
        time.sleep(LOOK_S)
    return len(numbers) / passed


def _processor(process: subprocess.Popen[bytes], seconds: float) -> float:
    """Seconds of processors in a second."""
    pids = processes.family(process.pid)
    used, began = processes.processor_seconds(pids), time.perf_counter()
    time.sleep(seconds)
    return (processes.processor_seconds(pids) - used) / (time.perf_counter() - began)


def _megabytes(process: subprocess.Popen[bytes]) -> float:
    return processes.proportional_bytes(processes.family(process.pid)) / processes.MB


def _results(ours: Seen, kodi: Seen, mpv: Seen) -> list[Result]:
    pairs = len(ours.start_s)
    first, settled = (
        [_p95(mine) / _p95(theirs) for mine, theirs in zip(_parts(a, pairs), _parts(b, pairs), strict=True)]
        for a, b in ((ours.first_ms, kodi.first_ms), (ours.settled_ms, kodi.settled_ms))
    )
    start, home, memory = (
        _ratios(a, b)
        for a, b in ((ours.start_s, kodi.start_s), (ours.home_mb, kodi.home_mb), (ours.playing_mb, kodi.playing_mb))
    )
    rates = f"of {RATE}; Kodi {_middle(kodi.rates)}, mpv {_middle(mpv.rates)}"
    used = _ratios(ours.playing_cpu, mpv.playing_cpu)
    said = {
        "first": _against("ms", ours.first_ms, kodi.first_ms, _p95),
        "settled": _against("ms", ours.settled_ms, kodi.settled_ms, _p95),
        "memory": _against("MB", ours.playing_mb, kodi.playing_mb),
        "used": _against("s/s", ours.playing_cpu, mpv.playing_cpu, other="mpv --vo=gpu"),
    }
    return [
        _line("television, key to first changed pixel, p95", first, FIRST_GOAL, said["first"]),
        _line("television, key to settled picture, p95", settled, SETTLED_GOAL, said["settled"]),
        _line("television, start to an answered key", start, START_GOAL, _against("s", ours.start_s, kodi.start_s)),
        _line("television, memory at home", home, None, _against("MB", ours.home_mb, kodi.home_mb)),
        _line("television, memory while playing", memory, MEMORY_GOAL, said["memory"]),
        _line("television, processor while playing", used, PLAYING_GOAL, said["used"]),
        _line("television, distinct pictures in a second", ours.rates, RATE * 0.99, rates, "higher"),
        _line("the same, a core taken", ours.busy_rates, RATE * 0.99, f"of {RATE}", "higher"),
        _line("television, processor when nothing moves, s/s", ours.idle_cpu, IDLE_GOAL, "the home screen"),
    ]


def _parts(samples: Sequence[float], pairs: int) -> list[Sequence[float]]:
    each = len(samples) // pairs
    return [samples[place * each : (place + 1) * each] for place in range(pairs)]


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def _p95(samples: Sequence[float]) -> float:
    return statistics.quantiles(samples, n=20, method="inclusive")[-1]


def _middle(samples: Sequence[float]) -> str:
    return f"{statistics.median(samples):.3g}"


def _against(
    unit: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    of: Callable[[Sequence[float]], float] = statistics.median,
    other: str = "Kodi",
) -> str:
    return f"{other}: {of(ours):.3g} {unit} against {of(theirs):.3g}"


def _line(name: str, samples: Sequence[float], goal: float | None, against: str, better: str = "lower") -> Result:
    value = statistics.median(samples)
    return Result(name=name, value=value, goal=goal, better=better, against=against, samples=tuple(samples))
