"""How little each rung may cost: encodes samples, measures VMAF, and turns the quality until the floor is met.

The floor is held at the rung's own size: what a smaller picture cannot show is not its encoder's fault. How good a
rung looks on the screen is measured beside it, at the largest rung's size, and decides which rungs are kept.
"""

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
VMAF_PER_CRF = 0.8
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
class Probe:
    """A try: how it came out, and how far its own quality is above the floor; negative below."""

    measured: Measured
    above_floor: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The rung as it should be made, and whether it reaches the floor."""

    measured: Measured
    reaches_floor: bool


def refine(first: Probe, samples: Samples, listen: encode.Listener) -> Verdict:
    """The rung at another CRF where the first was far from the floor: the larger of both that holds it."""
    if 0 <= first.above_floor <= CLOSE_ENOUGH or _capped(first):
        return Verdict(measured=first.measured, reaches_floor=first.above_floor >= 0)
    crf = first.measured.rung.crf
    turned = crf + round(first.above_floor / VMAF_PER_CRF) - (first.above_floor < 0)
    turned = min(max(turned, BEST_CRF), WORST_CRF)
    if turned == crf:
        return Verdict(measured=first.measured, reaches_floor=first.above_floor >= 0)
    tries = (first, measure(msgspec.structs.replace(first.measured.rung, crf=turned), samples, listen))
    good = [one for one in tries if one.above_floor >= 0]
    if good:
        return Verdict(measured=max(good, key=_crf).measured, reaches_floor=True)
    return Verdict(measured=min(tries, key=_crf).measured, reaches_floor=False)


def measure(rung: Rung, samples: Samples, listen: encode.Listener) -> Probe:
    """Encode the samples as this rung and look at them."""
    name = f"{rung.name}-{rung.crf}"
    encoded, logs = f"{name}.mp4", (f"{name}-own.json", f"{name}-seen.json")
    program, seconds = encode.program(), samples.seconds
    made = command.encode_samples(program, WINDOWS, rung, samples.timing, encoded)
    encode.run(made, samples.folder, seconds, listen)
    seen_by = command.judge(program, WINDOWS, encoded, rung, samples.timing.rate, samples.size, logs)
    encode.run(seen_by, samples.folder, seconds, listen)
    own, own_p5 = _scores(samples.folder / logs[0])
    seen_log = samples.folder / logs[1]
    seen, seen_p5 = _scores(seen_log) if seen_log.exists() else (own, own_p5)
    bps = round((samples.folder / encoded).stat().st_size * 8 / seconds)
    above = min(own - samples.floor[0], own_p5 - samples.floor[1])
    return Probe(Measured(rung=rung, bps=bps, vmaf=round(seen, 2), vmaf_p5=round(seen_p5, 2)), above)


def _crf(probe: Probe) -> int:
    return probe.measured.rung.crf


def _capped(probe: Probe) -> bool:
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
