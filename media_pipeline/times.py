"""How long streams really play, and how evenly, from the times their packets carry. Pure.

A header may promise anything and a clock may jump: only what the packets say counts. A *break* is a time that runs
backwards; a *hole* is a stretch that no stream covers and that is too long to be a picture standing still. Both are
left out of the length. `reader.py` feeds this; what it means for a recording is said in `recording.py`.
"""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Literal

BACKWARDS_S = 0.1
"""A time this much smaller than the one before it is a break; less is a muxer's jitter."""
REORDERED_S = 2.0
"""How far a presentation time may run ahead of the decoding time that its packet does not tell."""
_EVEN = 0.8
"""Where this share of the steps agree, they are the rate, and the others are gaps."""

_RATES = tuple(
    Fraction(*rate)
    for rate in (
        *((1, 1), (2, 1), (5, 1), (6, 1), (15, 2), (8, 1), (10, 1), (12, 1), (25, 2), (15, 1), (20, 1)),
        *((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48, 1), (50, 1), (60000, 1001), (60, 1)),
        *((90, 1), (100, 1), (120000, 1001), (120, 1), (240000, 1001), (240, 1)),
    )
)


Fault = Literal["", "absent", "backwards", "hole"]


@dataclass(slots=True)
class Times:
    """The times of one stream, in seconds, in the order of the file.

    Attributes:
        runs: presentation times between breaks.
        ends: end of the last thing shown in each run.
        untimed: packets that carried no time at all.
        nominal_s: length of a packet by the header, for packets that carry none.
    """

    nominal_s: float
    runs: list["array[float]"] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    untimed: int = 0
    packets: int = 0
    _last: float | None = None
    _highest: float = 0.0

    def feed(self, decoded_s: float | None, shown_s: float | None, length_s: float) -> None:
        """Take one packet's decoding time, presentation time and length, any of them unknown (None, or 0)."""
        self.packets += 1
        shown = shown_s if shown_s is not None else decoded_s
        if shown is None:
            self.untimed += 1
            return
        order = shown - REORDERED_S if decoded_s is None else decoded_s
        if self._last is None or order < self._last - (REORDERED_S if decoded_s is None else BACKWARDS_S):
            self.runs.append(array("d"))
            self.ends.append(shown)
            self._highest = shown
            self._last = order
        self._last = order if decoded_s is not None else max(order, self._last)
        self.runs[-1].append(shown)
        if shown >= self._highest:  # a packet's length is told in decoding order, so only the last one's counts
            self._highest = shown
            self.ends[-1] = shown + (length_s or self.nominal_s)

    def covers(self, start_s: float, end_s: float) -> bool:
        """Whether anything is shown between two moments, well inside of them."""
        margin = min(1.0, (end_s - start_s) / 4)
        for run in self.runs:
            at = bisect_left(run, start_s + margin)
            if at < len(run) and run[at] < end_s - margin:
                return True
        return False


@dataclass(frozen=True, slots=True)
class Pace:
    """What the times of one stream come to.

    Attributes:
        first_s: its first presentation time.
        length_s: seconds that really play, without breaks and holes.
        holes_s: seconds of holes that were left out.
        fault: why its times cannot be taken as they are, if so: they are absent, run backwards, or leave a hole.
        longest_s: the longest that one thing stands.
        rate: things a second, the mean (of the even steps, where most are even); None for fewer than two.
        uneven: whether they come at uneven times.
    """

    first_s: float
    length_s: float
    holes_s: float
    fault: Fault
    longest_s: float
    rate: float | None
    uneven: bool


def paces(streams: Sequence[Times], hole_s: float) -> list[Pace]:
    """The pace of each of the streams of one file.

    Args:
        streams: all that play, each with at least one packet.
        hole_s: a stretch longer than this that no stream covers is a hole.
    """
    for stream in streams:
        stream.runs = [array("d", sorted(run)) for run in stream.runs]
    return [_pace(stream, [other for other in streams if other is not stream], hole_s) for stream in streams]


def _pace(stream: Times, others: Sequence[Times], hole_s: float) -> Pace:
    steps = array("d")
    holes_s = 0.0
    holes = 0
    length_s = 0.0
    for run, end in zip(stream.runs, stream.ends, strict=True):
        length_s += end - run[0]
        for before, after in pairwise(run):
            step = after - before
            if step > hole_s and not any(other.covers(before, after) for other in others):
                holes_s += step
                holes += 1
            elif step > 0:
                steps.append(step)
    nominal = sorted(steps)[len(steps) // 2] if steps else stream.nominal_s
    length_s += holes * nominal - holes_s
    known = stream.packets - stream.untimed
    fault: Fault = "backwards" if len(stream.runs) > 1 else "hole" if holes else ""
    if known < 2 <= stream.packets or len(steps) + holes < (known - 1) / 2:
        length_s = max(length_s, stream.packets * stream.nominal_s)
        nominal, fault = stream.nominal_s, "absent"
        steps = array("d", [nominal]) if nominal else array("d")
    first_s = stream.runs[0][0] if stream.runs else 0.0
    even = array("d", [step for step in steps if _near(step, nominal)])
    odd = len(steps) - len(even)
    uneven = odd > max(2, len(steps) / 100) or max(steps, default=0.0) > max(0.5, 4 * nominal)
    kept = even if len(even) >= _EVEN * len(steps) else steps
    rate = len(kept) / sum(kept) if kept else None
    if rate and fault != "absent":  # several packets may share the time of the first
        rate *= stream.packets / known
    return Pace(first_s, length_s, holes_s, fault, max(steps, default=0.0), rate, uneven)


def _near(step: float, nominal: float) -> bool:
    return abs(step - nominal) <= max(nominal / 4, 0.002)


def named_rate(rate: float, headers: Sequence[Fraction], span_s: float) -> Fraction:
    """The fraction that a measured rate stands for.

    Args:
        rate: frames a second as measured.
        headers: what the file's headers say, the most trusted first.
        span_s: how long was measured; clocks of a millisecond blur a short one.
    """
    blur = max(0.0004, 0.0015 / span_s) if span_s > 0 else 0.0004
    measured = Fraction(rate)
    for candidate in (*headers, *sorted(_RATES, key=lambda known: abs(known - measured))):
        if candidate > 0 and abs(float(candidate) / rate - 1) <= blur:
            return candidate
    return measured.limit_denominator(1000 if rate < 10 else 100)
