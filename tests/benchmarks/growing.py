"""What a box costs the server, from 610 boxes to 5,000: one programme of acts for every size, side by side in one run.

Real Mosquitto with TLS, real link, SQLite. The boxes are one process apart (`evening.py`); what is counted is what
broker and link take of the processors and the memory, and the bytes on the boxes' own connections.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import func, select

from contentserver.boxes import Box
from tests import processes
from tests.benchmarks.evening import STATIONS, Wire
from tests.benchmarks.measure import Result
from tests.benchmarks.years import EVENTS_OF_SESSION
from tests.county import County, open_county
from tests.demo.desk import Desk
from tests.demo.people import COUNTY, EDITOR, REVIEWER
from tests.demo.stack import ROOT, wait_until

SIZES = (610, 1220, 2440, 5000)
IDLE_S = 60.0
"""One round of the link's upkeep."""
PLANNED, PUBLISHINGS = 60, 3
"""Lessons of the layer before the first size, three weeks of evenings; and times that it is published at each."""
APART, TOGETHER = 61, 610
"""Boxes that tell an evening, of whatever size: what a row costs must not lean on how many others are connected."""
SETTLED_S = 10.0
"""What is computed after an evening is not idleness."""
GOAL = 1.0
KEPT = ROOT / "var" / "bench" / "growing.json"
PARTS = ("broker", "link")
CONNECTED = {"connecting": 0.5, "apart": 1.0, "together": 1.0}
"""Which share of all boxes is connected during an act that takes its time."""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What one act took.

    Attributes:
        seconds: on the clock.
        processor_s: of broker and link.
        wire: on all connections of the boxes.
    """

    seconds: float
    processor_s: dict[str, float]
    wire: Wire

    @property
    def both_s(self) -> float:
        """Processor seconds of both."""
        return sum(self.processor_s.values())


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One size.

    Attributes:
        events: how many rows the evening of a box had in the mean.
        memory: bytes (PSS) of broker and link at the end.
    """

    boxes: int
    acts: dict[str, Act]
    memory: dict[str, int]
    events: int


class Fleet:
    """The boxes' process and the server's, looked at from outside."""

    def __init__(self, county: County) -> None:
        argv = [sys.executable, "-m", "tests.benchmarks.evening", "--enrolled", str(county.enrolled)]
        argv += ["--server", county.stack.box_url, "--data", str(county.stack.folder / "fleet")]
        self._process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        county.fleet = self._process  # type: ignore[assignment]
        self._families = {name: processes.family(county.stack.pid(name)) for name in PARTS}

    def ask(self, order: str) -> str:
        """Give an order and wait for its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        if not (answer := self._process.stdout.readline()):
            raise RuntimeError("the boxes' process ended")
        return answer

    def look(self) -> tuple[float, dict[str, float], Wire]:
        """The clock, the processors, the wire."""
        wire = msgspec.json.decode(self.ask("wire"), type=Wire)
        return time.monotonic(), {name: processes.processor_seconds(one) for name, one in self._families.items()}, wire

    def since(self, before: tuple[float, dict[str, float], Wire]) -> Act:
        """What was taken after a look."""
        at, processors, wire = self.look()
        spent = {name: processors[name] - before[1][name] for name in PARTS}
        return Act(seconds=at - before[0], processor_s=spent, wire=wire.since(before[2]))

    def memory(self) -> dict[str, int]:
        """Bytes of each part."""
        return {name: processes.proportional_bytes(one) for name, one in self._families.items()}


def run(sizes: Sequence[int] = SIZES) -> list[Result]:
    """Every size in turn; the ratios are the last one's cost per box over the first one's."""
    points: list[Point] = []
    with tempfile.TemporaryDirectory(prefix="growing-") as folder:
        county = open_county(Path(folder) / "county", sizes[0])
        try:
            _plan_before(county)
            for boxes in sizes:
                _let_in(county, boxes)
                points.append(point(county, len(points)))
                county.kill_fleet()
                _keep(points)
        finally:
            county.close()
    return lines(points)


def _plan_before(county: County) -> None:
    """So much is planned from the beginning that a layer is about as long for every size."""
    with Desk(county.stack.url, EDITOR) as editor, Desk(county.stack.url, REVIEWER) as reviewer:
        for number in range(PLANNED):
            county.plan(editor, number)
        editor.submit(COUNTY)
        reviewer.approve_plan(COUNTY)


def _let_in(county: County, boxes: int) -> None:
    """The same county with more boxes; those that are there keep their credentials."""
    if boxes == county.boxes:
        return
    begun = time.monotonic()
    stack = county.stack
    wait_until(lambda: county.online() == 0, "every box is gone", 120, 0.5)
    stack.control("stopProcess", "broker")
    broker = str(stack.folder / "config" / "broker")
    stack.admin("enrol-fleet", COUNTY, str(boxes), str(county.enrolled), "--broker", broker)
    stack.control("startProcess", "broker")
    county.boxes = boxes
    wait_until(lambda: _unpublished(county) == 0, "every box has its account", 900, 0.5)
    print(f"{boxes} boxes are let in after {time.monotonic() - begun:.0f} s", flush=True)


def _unpublished(county: County) -> int:
    with county.database.reader() as session:
        return session.scalar(select(func.count()).where(Box.desired_published < Box.desired_version)) or 0


def lines(points: Sequence[Point]) -> list[Result]:
    """The table: cost per box of the largest over that of the smallest."""
    first, last = points[0], points[-1]
    against = f"the same with {first.boxes} boxes; broker and link"
    name = f"a box of {last.boxes}: "
    found = []
    for act in first.acts:
        found.append(_line(f"{name}processor, {act}", [per_box(one, act) for one in points], against))
    memory = [sum(one.memory.values()) / one.boxes for one in points]
    found.append(_line(f"{name}memory", memory, against))
    for way in ("up_bytes", "down_bytes"):
        taken = [getattr(one.acts["idle"].wire, way) / one.boxes for one in points]
        found.append(_line(f"{name}{way.replace('_', ' ')}, idle", taken, against))
    return found


def point(county: County, round_: int) -> Point:
    """One size: the boxes come back, prove layers, tell an evening row by row and another in one batch, and idle.

    What is counted of connecting is the second time: else a part of every larger fleet would have been there before,
    and have lain in the broker's sessions, and none of the smallest one.
    """
    boxes, acts = county.boxes, {}
    _all_connected(county, Fleet(county))
    county.kill_fleet()
    wait_until(lambda: county.online() == 0, "every box is gone", 120, 0.5)
    fleet = Fleet(county)
    acts["connecting"] = _all_connected(county, fleet)
    acts["proving"] = _proving(county, fleet, PLANNED + round_ * (PUBLISHINGS + 1))
    for act, number, telling in (("apart", 2 * round_, APART), ("together", 2 * round_ + 1, TOGETHER)):
        before = fleet.look()
        fleet.ask(f"{act} {number * (1 + TOGETHER // STATIONS)} {telling}")
        acts[act] = fleet.since(before)
    time.sleep(SETTLED_S)
    before = fleet.look()
    time.sleep(IDLE_S)
    acts["idle"] = fleet.since(before)
    found = Point(boxes=boxes, acts=acts, memory=fleet.memory(), events=EVENTS_OF_SESSION)
    print(_told(found), flush=True)
    return found


def _all_connected(county: County, fleet: Fleet) -> Act:
    before = fleet.look()
    wait_until(lambda: county.online() == county.boxes, "every box is connected", 600, 0.5)
    return fleet.since(before)


def _proving(county: County, fleet: Fleet, first: int) -> Act:
    """Several publishings after a first one; the one of median time. The layer has more lessons than it had before."""
    with Desk(county.stack.url, EDITOR) as editor, Desk(county.stack.url, REVIEWER) as reviewer:
        acts = []
        for number in range(first, first + PUBLISHINGS + 1):
            county.draft(editor, number)
            before = fleet.look()
            reviewer.approve_plan(COUNTY)
            proved = partial(_all_prove, county, number - PLANNED + 2)
            wait_until(proved, "all prove", 300, 0.01)
            acts.append(fleet.since(before))
    acts = acts[1:]
    return sorted(acts, key=lambda one: one.seconds)[len(acts) // 2]


def _all_prove(county: County, revision: int) -> bool:
    return county.applied(revision) == county.boxes


def _concerned(one: Point, act: str) -> int:
    """How many boxes an act was for."""
    return {"apart": APART, "together": TOGETHER}.get(act, one.boxes)


def per_box(one: Point, act: str) -> float:
    """Processor seconds of a box that an act was for; what connected ones cost by being so is taken off."""
    taken, idle = one.acts[act], one.acts["idle"]
    beside = idle.both_s / idle.seconds * taken.seconds * CONNECTED.get(act, 0.0)
    return (taken.both_s - beside) / _concerned(one, act)


def _line(name: str, by_size: Sequence[float], against: str) -> Result:
    ratios = tuple(one / by_size[0] for one in by_size)
    return Result(name=name, value=ratios[-1], goal=GOAL, better="lower", against=against, samples=ratios)


def _told(one: Point) -> str:
    said = [f"{one.boxes} boxes:"]
    for name, act in one.acts.items():
        count = _concerned(one, name)
        parts = ", ".join(f"{part} {spent * 1000 / count:.2f} ms" for part, spent in act.processor_s.items())
        up, down = act.wire.up_bytes / count, act.wire.down_bytes / count
        said.append(f"  {name}: {act.seconds:.2f} s; a box {parts}, {up:.0f} bytes up, {down:.0f} down")
    said.append("  " + ", ".join(f"{part} {size / processes.MB:.0f} MB" for part, size in one.memory.items()))
    return "\n".join(said)


def _keep(points: Sequence[Point]) -> None:
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(points), indent=1))
