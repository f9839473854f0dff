"""Encoding lessons, against a fixed ladder: bytes, quality, time, promises kept, loudness.

Each recording of the corpus is made into a package by the command line, as anyone would, and into the fixed ladder;
both are then measured from their files. Every raw figure goes to `raw`.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

import msgspec

from media_pipeline.probe import probe
from tests.benchmarks import delivered, yardstick
from tests.benchmarks.corpus import Clip, make_corpus
from tests.benchmarks.delivered import Loudness, Quality, Variant
from tests.benchmarks.measure import Cost, Result, cost

WORKERS = 2
_CORPUS = Path(__file__).parents[2] / "var" / "corpus"
_TOLERANCE = 1.0
_TIME_LIMIT_S = 1800


class RungQuality(msgspec.Struct, frozen=True):
    """A rung that a package and the fixed ladder both have."""

    name: str
    ours: Quality
    theirs: Quality


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """All raw figures of one recording. Bytes are of whole folders; pairs are timed in turn, ours first."""

    name: str
    kind: str
    seconds: float
    package_bytes: int
    ladder_bytes: int
    nominal_bytes: float
    ours: tuple[Cost, ...]
    theirs: tuple[Cost, ...]
    rungs: tuple[RungQuality, ...]
    variants: tuple[Variant, ...]
    loudness: tuple[Loudness, ...]


def run(pairs: int, raw: Path) -> list[Result]:
    """Encode the corpus both ways, in turn.

    Args:
        pairs: how often each recording is encoded by either.
        raw: file for every figure.
    """
    measured = []
    with tempfile.TemporaryDirectory(prefix="encoding-") as folder:
        for clip in make_corpus(_CORPUS):
            measured.append(_measure(clip, Path(folder) / clip.kind, pairs))
            raw.parent.mkdir(parents=True, exist_ok=True)
            raw.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=2))
    return results(measured)


def results(measured: Sequence[Measured]) -> list[Result]:
    """The lines of the table, from raw figures."""
    return [*_sizes(measured), *_qualities(measured), *_times(measured), *_promises(measured)]


def _measure(clip: Clip, work: Path, pairs: int) -> Measured:
    ours, theirs = [], []
    for turn in range(pairs):
        package, ladder = work / f"package-{turn}", work / f"ladder-{turn}"
        ours.append(cost(partial(_transcode, clip.recording, package)))
        theirs.append(cost(partial(yardstick.make, clip.recording, ladder)))
    (made,) = (path for path in package.iterdir() if path.name.startswith("sha256-"))
    return Measured(
        name=clip.name,
        kind=clip.kind,
        seconds=clip.seconds,
        package_bytes=delivered.bytes_in(made),
        ladder_bytes=delivered.bytes_in(ladder),
        nominal_bytes=yardstick.nominal_bytes(clip.seconds),
        ours=tuple(ours),
        theirs=tuple(theirs),
        rungs=_compare(clip.recording, made, ladder),
        variants=delivered.variants(made),
        loudness=tuple(delivered.loudness(one) for one in sorted(made.glob("sound/*/index.m3u8"))),
    )


def _transcode(recording: Path, out: Path) -> None:
    argv = [sys.executable, "-m", "media_pipeline", "transcode", str(recording), "--out", str(out)]
    argv += ["--workers", str(WORKERS), "--progress", "json"]
    subprocess.run(argv, check=True, timeout=_TIME_LIMIT_S, stdout=subprocess.DEVNULL)


def _compare(recording: Path, package: Path, ladder: Path) -> tuple[RungQuality, ...]:
    """Every rung of the fixed ladder that the package kept, both seen as large as the recording."""
    picture = probe(recording).picture
    if picture is None:
        raise ValueError(f"{recording} shows nothing")
    found = []
    for rung in yardstick.LADDER:
        playlists = [folder / rung.name / "index.m3u8" for folder in (package, ladder)]
        if playlists[0].exists():
            ours, theirs = delivered.quality(recording, playlists, Fraction(picture.frame_rate))
            found.append(RungQuality(rung.name, ours, theirs))
    return tuple(found)


def _sizes(measured: Sequence[Measured]) -> list[Result]:
    slides = [one for one in measured if one.kind == "slides"]
    return [
        _total(
            f"package bytes, {name}",
            [one.package_bytes for one in clips],
            [one.ladder_bytes if counted else one.nominal_bytes for one in clips],
            goal=goal,
            against="fixed ladder, its files" if counted else "fixed ladder, its nominal rates",
        )
        for counted in (True, False)
        for name, clips, goal in (("slides", slides, 0.10), ("whole corpus", measured, 0.35))
    ]


def _qualities(measured: Sequence[Measured]) -> list[Result]:
    lacks = [rung.ours.lacks(rung.theirs) for one in measured for rung in one.rungs]
    against = "the same rung of the fixed ladder"
    return [
        _share("rungs with VMAF no lower, mean and 5th percentile", [lack <= 0 for lack in lacks], against),
        _share("rungs with VMAF at most 1 point lower", [lack <= _TOLERANCE for lack in lacks], against),
        Result(
            name="VMAF points lacking, worst rung",
            value=max(lacks),
            goal=0,
            better="lower",
            against=against,
            samples=tuple(lacks),
        ),
    ]


def _times(measured: Sequence[Measured]) -> list[Result]:
    pairs = [pair for one in measured for pair in zip(one.ours, one.theirs, strict=True)]
    against = "one plain ffmpeg a rung, in turn, same preset"
    return [
        _total(
            f"wall time, {WORKERS} workers, analysis included",
            [ours.wall_s for ours, _ in pairs],
            [theirs.wall_s for _, theirs in pairs],
            goal=0.60,
            against=against,
        ),
        _total(
            "processor time",
            [ours.processor_s for ours, _ in pairs],
            [theirs.processor_s for _, theirs in pairs],
            goal=None,
            against=against,
        ),
    ]


def _promises(measured: Sequence[Measured]) -> list[Result]:
    variants = [variant.kept_word for one in measured for variant in one.variants]
    tracks = [track.right for one in measured for track in one.loudness]
    return [
        _share("variants inside the bandwidth rules", variants, "Apple's rules, measured segments"),
        _share("sound tracks within 0.5 LU, peak below -1 dBTP", tracks, "EBU R 128 at -24 LUFS, decoded AAC"),
    ]


def _total(name: str, ours: Sequence[float], theirs: Sequence[float], *, goal: float | None, against: str) -> Result:
    """Sum over sum; the samples are the single ratios."""
    samples = tuple(one / other for one, other in zip(ours, theirs, strict=True))
    return Result(name=name, value=sum(ours) / sum(theirs), goal=goal, better="lower", against=against, samples=samples)


def _share(name: str, kept: Sequence[bool], against: str) -> Result:
    return Result(
        name=name,
        value=sum(kept) / len(kept),
        goal=1.0,
        better="higher",
        against=against,
        samples=tuple(float(one) for one in kept),
    )
