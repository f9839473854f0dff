"""Memory: one television that idles, beside a bare window with a player; and five thousand boxes in one process.

Proportional set sizes, as the system counts them (`smaps_rollup`): what several programs share counts by its share.
On a virtual screen: without one nobody fetches the pictures, and Mesa's renderer keeps what it has not drawn yet.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from schedules.wire.messages import Reported
from tests import processes
from tests.benchmarks.measure import Result
from tests.county import open_county
from tests.demo.stack import ROOT, wait_until
from tests.e2e.window import display
from tests.tvclient.broker import Broker
from tests.tvclient.counterpart import LAYER, Counterpart, now
from tests.tvclient.evening import airing
from tvclient.adapters.identity import Vault

ONE_GOAL_MB, FLEET_GOAL_MB = 200.0, 4096.0
BOXES, RUNS = 5000, 3
WIDTH, HEIGHT = 1920, 1080
DEVELOPERS = ("click", "rich", "pygments", "lxml")
"""Libraries that a television is installed without, and that structlog and httpx load where they are."""
RENDERER = ("libLLVM", "swrast", "libz3")
"""What Mesa needs to draw without a graphics chip, as test machines do; a box's driver is a few megabytes."""
SETTLED_S = 15.0
"""After the last thing that happens: an idle program's memory moves no more."""
_BARE = """
import sys, time
from tvclient.ui.window import open_window
open_window(1920, 1080)
from kivy.base import EventLoop
from kivy.core.window import Window
from kivy.uix.label import Label
import mpv
player = mpv.MPV(vo="libmpv", idle=True)
Window.add_widget(Label(text="bare", font_size=80))
EventLoop.start() if not EventLoop.status == "started" else None
print("ready", flush=True)
while True:
    EventLoop.idle()
    time.sleep(1 / 60)
"""


def run(boxes: int = BOXES, runs: int = RUNS) -> list[Result]:
    """Measure one idle television and its bare counterpart in turn, then the fleet."""
    pairs = [(_television(), _bare()) for _ in range(runs)]
    idle, bare = ([one[0] for one in side] for side in zip(*pairs, strict=True))
    without = [whole - renderer for (whole, renderer), _other in pairs]
    fleet_mb, per_box_kb = _fleet(boxes)
    print(f"idle television {statistics.median(idle):.0f} MB, bare window and libmpv {statistics.median(bare):.0f} MB")
    against = f"bare Kivy window and libmpv, same size: {statistics.median(bare):.0f} MB"
    return [
        _line("memory of an idle television, MB", idle, ONE_GOAL_MB, against),
        _line("the same without the software renderer, MB", without, None, "a box has a graphics chip"),
        _line(f"memory of {boxes} boxes in one process, MB", (fleet_mb,), FLEET_GOAL_MB, "the goal"),
        _line("the same, KB a box", (per_box_kb,), None, "packages not counted: none is stored"),
    ]


def _television() -> tuple[float, float]:
    """A real television that has its timetable for the evening and nothing to do."""
    with tempfile.TemporaryDirectory(prefix="memory-") as name:
        folder = Path(name)
        broker = Broker(folder / "broker")
        broker.start()
        server = Counterpart(folder / "server", broker.port)
        server.start()
        try:
            server.want()
            lessons = [
                airing(now() + timedelta(hours=hour), 2400, server.add_package(bytes([hour])), f"slot-{hour}")
                for hour in range(2, 8)
            ]
            server.plan(1, *lessons)
            Vault(folder / "tv" / "secret").keep(server.credentials())
            argv = ["-m", "tvclient", "--server", server.url, "--development", "--data", str(folder / "tv")]
            with _running([*argv, "--windowed", f"{WIDTH}x{HEIGHT}", "--no-remote"], folder) as process:
                wait_until(lambda: _furnished(server.reported), "the television has its timetable and lessons", 120)
                return _settled(process.pid)
        finally:
            server.stop()
            broker.stop()


def _furnished(reported: Reported | None) -> bool:
    if reported is None or LAYER not in reported.layers or not reported.packages:
        return False
    return reported.layers[LAYER].applied and all(one.playable for one in reported.packages.values())


def _bare() -> tuple[float, float]:
    with (
        tempfile.TemporaryDirectory(prefix="memory-") as folder,
        _running(["-c", _BARE], Path(folder)) as process,
    ):
        log = Path(folder) / "log"
        wait_until(lambda: "ready" in log.read_text(errors="replace"), "the bare window", 60)
        return _settled(process.pid)


@contextmanager
def _running(argv: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({DEVELOPERS!r}))\n")
    environment = {**os.environ, "SDL_VIDEODRIVER": "x11", "YJ_TV_STICKS": "", "SDL_AUDIODRIVER": "dummy"}
    environment["PYTHONPATH"] = f"{folder}:{ROOT}"
    with display(WIDTH, HEIGHT) as environment["DISPLAY"]:
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *argv], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        with processes.ending(process):
            yield process


def _settled(pid: int) -> tuple[float, float]:
    """Megabytes altogether, and of them in the software renderer."""
    time.sleep(SETTLED_S)
    whole = processes.proportional_bytes(processes.family(pid))
    return whole / processes.MB, processes.mapped_bytes(pid, RENDERER) / processes.MB


def _fleet(boxes: int) -> tuple[float, float]:
    """All of a fleet's boxes, connected and idle; MB altogether, KB a box."""
    with tempfile.TemporaryDirectory(prefix="memory-") as folder:
        county = open_county(Path(folder) / "county", boxes)
        try:
            county.start_fleet(durable=False, whole=True)
            wait_until(lambda: county.online() == boxes, "every box is connected", 1200, 1.0)
            assert county.fleet is not None
            taken_mb, _renderer = _settled(county.fleet.pid)
        finally:
            county.close()
    return taken_mb, taken_mb * 1024 / boxes


def _line(name: str, samples: Sequence[float], goal: float | None, against: str) -> Result:
    value = statistics.median(samples)
    return Result(name=name, value=value, goal=goal, better="lower", against=against, samples=tuple(samples))
