"""Two thousand faults between boxes and server: what is lost and what is counted twice, beside QoS 1 alone.

Each storm has its own seed and its own system; the contrast meets the same proxy, the same kinds of faults and kills.
"""

import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import Result
from tests.storms.storm import Outcome, Way, storm

STORMS, FAULTS = 4, 500


def run(storms: int = STORMS, faults: int = FAULTS) -> list[Result]:
    """So many storms of so many faults each, and one of them on QoS 1 without a journal."""
    ours = [_one(faults, seed, "journal") for seed in range(1, storms + 1)]
    bare = _one(faults, 1, "bare")
    injected, written = sum(one.injected for one in ours), sum(one.written for one in ours)
    kinds = ", ".join(f"{kind} {sum(one.faults[kind] for one in ours)}" for kind in sorted(ours[0].faults))
    print(f"{injected} faults ({kinds}), {written} facts; QoS 1 alone lost {bare.lost} of {bare.written}")
    against = f"the boxes' own books; QoS 1 alone: {bare.lost / bare.written:.0%} lost"
    doubled = f"the boxes' own books; QoS 1 alone: {bare.doubled} of {bare.written}"
    return [
        _line(f"facts lost, {injected} faults, {written} facts", [one.lost for one in ours], against),
        _line("facts counted twice, likewise", [one.doubled + one.altered for one in ours], doubled),
    ]


def _one(faults: int, seed: int, way: Way) -> Outcome:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        outcome = storm(Path(folder), faults, seed, way)
    print(f"  {way}, seed {seed}, {time.monotonic() - begun:.0f} s: {outcome}")
    return outcome


def _line(name: str, samples: list[int], against: str) -> Result:
    figures = tuple(map(float, samples))
    return Result(name=name, value=sum(figures), goal=0, better="lower", against=against, samples=figures)
