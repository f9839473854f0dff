"""How little each rung may cost: encodes samples, measures VMAF, and turns the quality until the floor is met.

The floor is held at the rung's own size: what a smaller picture cannot show is not its encoder's fault. How good a
rung looks on the screen is measured beside it, at the largest rung's size, and decides which rungs are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from media_pipeline import command, encode
from media_pipeline.content import Content
from media_pipeline.ladder import Measured, Rung
from media_pipeline.plan import Timing

FLOORS = {Content.SLIDES: (96.5, 94.0)}
"""Mean and 5th percentile. Drawn text is looked at closely, and costs little."""
FLOOR = (95.0, 91.0)
CLOSE_ENOUGH = 0.8
BEST_CRF, WORST_CRF = 17, 36
PROBES = 2
_VMAF_PER_CRF = 0.8
WINDOWS = "windows.txt"


@dataclass(frozen=True, slots=True)
class Samples:
    """The folder with windows of one group each, how many there are, and their picture's size."""

    folder: Path
    windows: int
    size: tuple[int, int]
    timing: Timing
    floor: tuple[float, float]

    @property
    def seconds(self) -> float:
        """How long they play."""
        return float(self.windows * self.timing.group / self.timing.rate)


@dataclass(frozen=True, slots=True)
class _Probe:
    """A try: how it came out, and how far its own quality is above the floor; negative below."""

    measured: Measured
    above_floor: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The rung as it should be made, and whether it reaches the floor."""

    measured: Measured
    reaches_floor: bool


def search(rung: Rung, samples: Samples, step: Callable[[], None]) -> Verdict:
    """The rung at the largest CRF that holds the floor on the samples; `step` is called after each measurement."""
    probes: dict[int, _Probe] = {}
    crf = rung.crf
    while len(probes) < PROBES:
        probe = probes[crf] = measure(msgspec.structs.replace(rung, crf=crf), samples)
        step()
        if 0 <= probe.above_floor <= CLOSE_ENOUGH or _capped(probe):
            break
        crf = _next(probes)
        if crf in probes:
            break
    good = [crf for crf, probe in probes.items() if probe.above_floor >= 0]
    found = probes[max(good)] if good else probes[min(probes)]
    return Verdict(measured=found.measured, reaches_floor=bool(good))


def measure(rung: Rung, samples: Samples) -> _Probe:
    """Encode the samples as this rung and look at them."""
    name = f"{rung.name}-{rung.crf}"
    encoded, logs = f"{name}.mp4", (f"{name}-own.json", f"{name}-seen.json")
    program, seconds = encode.program(), samples.seconds
    encode.run(command.encode_samples(program, WINDOWS, rung, samples.timing, encoded), samples.folder, seconds)
    encode.run(
        command.judge(program, WINDOWS, encoded, rung, samples.timing.rate, samples.size, logs), samples.folder, seconds
    )
    own, own_p5 = _scores(samples.folder / logs[0])
    seen_log = samples.folder / logs[1]
    seen, seen_p5 = _scores(seen_log) if seen_log.exists() else (own, own_p5)
    bps = round((samples.folder / encoded).stat().st_size * 8 / seconds)
    above = min(own - samples.floor[0], own_p5 - samples.floor[1])
    return _Probe(Measured(rung=rung, bps=bps, vmaf=round(seen, 2), vmaf_p5=round(seen_p5, 2)), above)


def _next(probes: dict[int, _Probe]) -> int:
    """The CRF to try after these: on the line through the last two, or on the usual slope."""
    crfs = sorted(probes)
    below = [crf for crf in crfs if probes[crf].above_floor < 0]
    above = [crf for crf in crfs if probes[crf].above_floor >= 0]
    if above and below and max(above) < min(below):
        high, low = probes[max(above)].above_floor, probes[min(below)].above_floor
        share = high / (high - low)
        inside = max(above) + int(share * (min(below) - max(above)))
        return min(max(inside, max(above) + 1), min(below) - 1) if min(below) - max(above) > 1 else max(above)
    crf = max(above) if above else min(below)
    turned = crf + round(probes[crf].above_floor / _VMAF_PER_CRF) + (0 if above else -1)
    return min(max(turned, BEST_CRF), WORST_CRF)


def _capped(probe: _Probe) -> bool:
    """Whether the cap, not the quality asked for, decides what it costs; a better CRF would change nothing."""
    return probe.above_floor < 0 and probe.measured.bps >= 0.95 * probe.measured.rung.cap_bps


class _Frame(msgspec.Struct):
    metrics: dict[str, float]


class _Log(msgspec.Struct):
    frames: list[_Frame]


def _scores(log: Path) -> tuple[float, float]:
    """Mean and 5th percentile of a libvmaf log."""
    scores = sorted(frame.metrics["vmaf"] for frame in msgspec.json.decode(log.read_bytes(), type=_Log).frames)
    return sum(scores) / len(scores), scores[int(len(scores) * 0.05)]
