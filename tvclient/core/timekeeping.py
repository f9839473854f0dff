"""What exchanges of four timestamps say of the server's time: an offset, the oscillator's drift, and how sure both are.

After NTP's clock filter and chrony's regression (RFC 5905, sections 8 and 10; chrony's `regress`): of every few minutes
the exchange with the least delay is kept, a weighted line through the kept ones gives offset and drift, and the line
is carried on while the server is silent. Pure: times are numbers of seconds that the caller read. Who asks, and how
often: `adapters/line.py`; which clocks are read: `adapters/clock.py`.
"""

from math import sqrt

import msgspec
from msgspec.structs import replace

SPAN_S = 240.0
"""Of exchanges nearer to one another than this, only the one with the least delay is kept."""
KEPT = 48
STRANGE_DRIFT_PPM = 100.0
"""How wrong an oscillator may be of which nothing is known yet."""
LEAST_DRIFT_PPM = 4.0
"""An oscillator wanders with the room's temperature, however well it was measured."""
MOST_DRIFT_PPM = 300.0
"""No oscillator of a box is worse: what says so is noise."""
BASELINE_S = 900.0
"""Exchanges must lie so far apart before they say anything of the drift."""
FEWEST = 4
"""Fewer exchanges lie on a line by chance."""
LEAST_MS = 1.0
LEAST_NOISE = 0.25
"""Exchanges that lie on a line may all be wrong alike: so much of their own uncertainty is taken for noise at least."""


class Sample(msgspec.Struct, frozen=True):
    """One exchange.

    Attributes:
        mono: the box's monotonic clock when the answer came, in seconds.
        utc: what the server's clock showed at that moment, if both ways took equally long; POSIX seconds.
        uncertainty_ms: half of the time on the way; the truth cannot lie further off.
    """

    mono: float
    utc: float
    uncertainty_ms: float

    @property
    def offset(self) -> float:
        """Server's clock minus monotonic clock, in seconds."""
        return self.utc - self.mono


class Estimate(msgspec.Struct, frozen=True):
    """A line through samples: what the server's clock shows at any reading of the monotonic clock.

    Attributes:
        mono: the reading from which the line is told: the centre of the samples' weight.
        offset: server's minus monotonic clock there, in seconds.
        drift_ppm: how much faster the server's clock runs than the monotonic one.
        drift_error_ppm: how far off that may be.
        uncertainty_ms: how far off `offset` may be.
        newest: reading at the newest sample; from there on the drift's error adds up.
    """

    mono: float
    offset: float
    drift_ppm: float
    drift_error_ppm: float
    uncertainty_ms: float
    newest: float

    def utc(self, mono: float) -> float:
        """The server's clock at a reading of the monotonic one, POSIX seconds."""
        return mono + self.offset + (mono - self.mono) * self.drift_ppm / 1e6

    def uncertainty_at(self, mono: float) -> float:
        """How far off `utc` may be, in milliseconds."""
        return self.uncertainty_ms + max(0.0, mono - self.newest) * self.drift_error_ppm / 1000


class Timekeeper(msgspec.Struct, frozen=True):
    """The samples that are kept, the estimate that they give, and a sample that contradicts it."""

    samples: tuple[Sample, ...]
    estimate: Estimate
    doubted: Sample | None = None


def begin(mono: float, utc: float, uncertainty_ms: float, drift_ppm: float = 0.0) -> Timekeeper:
    """Before the first exchange: what a wall clock or a memory says, and the drift measured in an earlier life."""
    return Timekeeper((), Estimate(mono, utc - mono, drift_ppm, STRANGE_DRIFT_PPM, uncertainty_ms, mono))


def observed(keeper: Timekeeper, sample: Sample) -> Timekeeper:
    """Take one exchange in.

    A sample that the estimate rules out is put aside. A second one that agrees with it means that the server's clock
    was set, or that the machine slept: everything before is dropped.
    """
    if keeper.samples and _contradicts(keeper.estimate, sample):
        if keeper.doubted is None or not _agree(keeper.doubted, sample):
            return replace(keeper, doubted=sample)
        return _fitted((keeper.doubted, sample), keeper.estimate)
    return _fitted((*keeper.samples, sample), keeper.estimate)


def _contradicts(estimate: Estimate, sample: Sample) -> bool:
    apart_ms = abs(estimate.utc(sample.mono) - sample.utc) * 1000
    return apart_ms > estimate.uncertainty_at(sample.mono) + sample.uncertainty_ms


def _agree(one: Sample, other: Sample) -> bool:
    drifted_ms = abs(other.mono - one.mono) * STRANGE_DRIFT_PPM / 1000
    apart_ms = abs(one.offset - other.offset) * 1000
    return apart_ms <= one.uncertainty_ms + other.uncertainty_ms + drifted_ms


def _fitted(samples: tuple[Sample, ...], before: Estimate) -> Timekeeper:
    """Thin the samples out, then lay the line; where they say too little of the drift it stays what it was."""
    kept = _thinned(samples)
    newest = kept[-1].mono
    weights = [1 / max(LEAST_MS, one.uncertainty_ms) ** 2 for one in kept]
    total = sum(weights)
    centre = sum(weight * one.mono for weight, one in zip(weights, kept, strict=True)) / total
    offset = sum(weight * one.offset for weight, one in zip(weights, kept, strict=True)) / total
    spread = sum(weight * (one.mono - centre) ** 2 for weight, one in zip(weights, kept, strict=True))
    if newest - kept[0].mono < BASELINE_S or len(kept) < FEWEST:
        return Timekeeper(kept, _from_the_best(kept, before))
    slope = sum(weight * (one.mono - centre) * (one.offset - offset) for weight, one in zip(weights, kept, strict=True))
    drift_ppm = max(-MOST_DRIFT_PPM, min(slope / spread * 1e6, MOST_DRIFT_PPM))
    rest = [(one.offset - offset - (one.mono - centre) * drift_ppm / 1e6) * 1000 for one in kept]
    square = sum(weight * value**2 for weight, value in zip(weights, rest, strict=True)) / total
    noise_ms = max(
        sqrt(square * len(kept) / (len(kept) - 2)), LEAST_NOISE * min(one.uncertainty_ms for one in kept), LEAST_MS
    )
    drift_error_ppm = LEAST_DRIFT_PPM + 3 * noise_ms * 1000 / sqrt(spread / total * len(kept))
    if drift_error_ppm > STRANGE_DRIFT_PPM:
        return Timekeeper(kept, _from_the_best(kept, before))
    line = Estimate(centre, offset, drift_ppm, drift_error_ppm, 0.0, newest)
    return Timekeeper(kept, replace(line, uncertainty_ms=min(_off_at_most_ms(line, one) for one in kept)))


def _off_at_most_ms(line: Estimate, sample: Sample) -> float:
    """By this one sample: how far off the line may be at its newest end."""
    apart_ms = abs(line.utc(sample.mono) - sample.utc) * 1000
    return apart_ms + sample.uncertainty_ms + (line.newest - sample.mono) * line.drift_error_ppm / 1000


def _from_the_best(samples: tuple[Sample, ...], before: Estimate) -> Estimate:
    """The one sample that is surest now, carried by the drift known before."""
    newest = samples[-1].mono
    best = min(samples, key=lambda one: one.uncertainty_ms + (newest - one.mono) * before.drift_error_ppm / 1000)
    return replace(before, mono=best.mono, offset=best.offset, uncertainty_ms=best.uncertainty_ms, newest=best.mono)


def _thinned(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Of each span the sample with the least delay; of these the newest."""
    kept: list[Sample] = []
    for one in samples:
        if kept and one.mono // SPAN_S == kept[-1].mono // SPAN_S:
            if one.uncertainty_ms <= kept[-1].uncertainty_ms:
                kept[-1] = one
        else:
            kept.append(one)
    return tuple(kept[-KEPT:])
