"""From a recording to its plan: look at all of it, try samples, keep the rungs that are worth making.

Everything measured is written into the working folder, so that an interrupted call goes on where it stopped.
"""

import shutil
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import TypeVar

import msgspec

from media_pipeline import analyse, command, content, encode, folder, ladder, plan, search
from media_pipeline.analyse import Survey
from media_pipeline.command import Film, Source
from media_pipeline.content import Content
from media_pipeline.ladder import Codec, Measured, Rung
from media_pipeline.meter import Meter, Stage
from media_pipeline.plan import Plan, SoundPlan, Timing
from media_pipeline.recording import Picture, Recording
from media_pipeline.remarks import Remark, RemarkCode
from media_pipeline.search import Samples

FIRST_CRF = {Content.SLIDES: 21, Content.HEAD: 25, Content.BOARD: 25, Content.FIELD: 27}
STILL_CRF = 26
_WINDOW_EVERY_S = 30
_FEWEST, _MOST = 2, 15


T = TypeVar("T")
U = TypeVar("U")


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What to make, what kind of picture it is, how each rung came out on the samples, and what is to be said of it."""

    plan: Plan
    kind: Content
    measured: tuple[Measured, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Making:
    """What the steps of one making share."""

    source: Source
    recording: Recording
    sounds: tuple[SoundPlan, ...]
    codecs: tuple[Codec, ...]
    work: Path
    meter: Meter
    pool: Executor


def decide(making: Making, survey: Survey | None) -> Decided:
    """The plan; None for the survey of a recording without moving picture."""
    picture = making.recording.picture
    if picture is None or survey is None:
        return _still(making)
    decided = folder.remembered(making.work / "decided.json", Decided, lambda: _moving(making, picture, survey))
    shutil.rmtree(making.work / "samples", ignore_errors=True)
    return decided


def judged(decided: Decided, tightened: Collection[str]) -> Decided:
    """The same, where some rungs had to be held to lower caps afterwards: what the samples said of them is void."""
    measured = tuple(one for one in decided.measured if one.rung.name not in tightened)
    told = {remark.detail for remark in decided.remarks if remark.code is RemarkCode.QUALITY_BELOW_FLOOR}
    more = tuple(Remark(RemarkCode.QUALITY_BELOW_FLOOR, detail=name) for name in sorted(set(tightened) - told))
    return msgspec.structs.replace(decided, measured=measured, remarks=(*decided.remarks, *more))


def survey(making: Making, picture: Picture) -> Survey:
    """Look once at everything."""
    home = making.work / "survey"
    home.mkdir(exist_ok=True)
    film = Film(making.source, picture, plan.timing(making.recording, 1))
    duration_s = making.recording.duration_ms / 1000

    def listen(done_s: float, _speed: float) -> None:
        making.meter.part("survey", min(done_s / duration_s, 1.0))

    return folder.remembered(
        making.work / "survey.json", Survey, lambda: analyse.survey(film, making.recording, home, listen)
    )


def _moving(making: Making, picture: Picture, seen: Survey) -> Decided:
    kind = content.kind(seen.motion)
    full = plan.timing(making.recording, 1)
    step = content.frame_step(seen.motion, Fraction(full.source_rate))
    timing = plan.timing(making.recording, step)
    rungs = ladder.candidates(picture, FIRST_CRF[kind])
    making.meter.begin(Stage.SEARCH, 1 + 2 * len(rungs))
    samples = _samples(making, picture, timing, seen, rungs[0], search.FLOORS.get(kind, search.FLOOR))
    first = _each(making, "first", rungs, lambda rung: search.measure(rung, samples, making.meter.stir))
    main_bps, low_bps = (plan.heaviest_bps(making.sounds, group) for group in (plan.MAIN, plan.LOW_SOUND))
    names = {one.rung.name for one in ladder.kept([probe.measured for probe in first], main_bps)}
    wanted = [probe for probe in first if probe.measured.rung.name in names]
    refined = _each(making, "refined", wanted, lambda probe: search.refine(probe, samples, making.meter.stir))
    chosen = list(ladder.kept([verdict.measured for verdict in refined], main_bps))  # as they will really be made
    names = {one.rung.name for one in chosen}
    verdicts = [verdict for verdict in refined if verdict.measured.rung.name in names]
    remarks = [Remark(RemarkCode.RATE_LOWERED, detail=f"{full.rate} > {timing.rate}")] if step > 1 else []
    remarks += [Remark(RemarkCode.RENDITION_DROPPED, detail=one.name) for one in rungs if one.name not in names]
    remarks += [
        Remark(RemarkCode.QUALITY_BELOW_FLOOR, detail=verdict.measured.rung.name)
        for verdict in verdicts
        if not verdict.reaches_floor
    ]
    shortest_s = float(min(timing.chunk, timing.frames) / timing.rate)
    low = ladder.low_rung(chosen[-1], low_bps or main_bps, shortest_s, timing.rate)
    if low is not None:
        weakest = search.measure(low, samples, making.meter.stir).measured
        if len(chosen) > 1 and ladder.replaces(weakest, chosen[-1]):
            chosen.pop()
        chosen.append(weakest)
    more = plan.in_codecs(tuple(one.rung for one in chosen), making.codecs)
    chosen += making.pool.map(lambda rung: search.measure(rung, samples, making.meter.stir).measured, more)
    decided = Plan(
        duration_ms=making.recording.duration_ms,
        timing=timing,
        rungs=tuple(one.rung for one in chosen),
        picture=picture,
        sounds=making.sounds,
        in_one=not making.recording.steady,
        opening=dict(making.source.options),
    )
    return Decided(plan=decided, kind=kind, measured=tuple(chosen), remarks=tuple(remarks))


def _samples(
    making: Making, picture: Picture, timing: Timing, seen: Survey, largest: Rung, floor: tuple[float, float]
) -> Samples:
    """Windows of one group each, cut out without loss at the size of the largest rung."""
    size = largest.width, largest.height
    home = making.work / "samples"
    home.mkdir(exist_ok=True)
    count = min(max(ceil(making.recording.duration_ms / 1000 / _WINDOW_EVERY_S), _FEWEST), _MOST)
    length = timing.group * timing.step
    starts = content.moments(seen.motion, count, length) or (0,)
    film = Film(making.source, picture, timing)
    seconds = float(timing.group / timing.rate)
    names = [f"window-{number:02d}.mp4" for number in range(len(starts))]

    def cut(number: int) -> None:
        argv = command.window(encode.program(), film, starts[number], size, names[number])
        encode.run(argv, home, seconds, making.meter.stir)

    list(making.pool.map(cut, range(len(starts))))
    listed = "".join(f"file '{name}'\nduration {seconds:.6f}\n" for name in names)
    (home / search.WINDOWS).write_text(f"ffconcat version 1.0\n{listed}")
    making.meter.part("cut", 1.0)
    return Samples(home, len(starts), size, timing, floor)


def _each(making: Making, step: str, given: Sequence[T], work: Callable[[T], U]) -> list[U]:
    """One step of the search on everything at once; results in the order given."""

    def one(place: int) -> U:
        done = work(given[place])
        making.meter.part((step, place), 1.0)
        return done

    return list(making.pool.map(one, range(len(given))))


def _still(making: Making) -> Decided:
    """A lesson of sound alone: its poster stands still, small."""
    rung = Rung(name="360p", width=640, height=360, crf=STILL_CRF, cap_bps=400_000)
    decided = Plan(
        duration_ms=making.recording.duration_ms,
        timing=plan.timing(making.recording, 1),
        rungs=(rung,),
        picture=None,
        sounds=making.sounds,
    )
    return Decided(plan=decided, kind=Content.SOUND, measured=(), remarks=())
