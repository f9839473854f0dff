"""From a recording to its plan: look at all of it, try samples, keep the rungs that are worth making.

Everything measured is written into the working folder, so that an interrupted call goes on where it stopped.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

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
from media_pipeline.search import Samples, Verdict

FIRST_CRF = {Content.SLIDES: 21, Content.HEAD: 25, Content.BOARD: 25, Content.FIELD: 27}
STILL_CRF = 26
_WINDOW_EVERY_S = 30
_FEWEST, _MOST = 2, 15


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
    return folder.remembered(making.work / "decided.json", Decided, lambda: _moving(making, picture, survey))


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
    making.meter.begin(Stage.SEARCH, 1 + len(rungs) * search.PROBES)
    samples = _samples(making, picture, timing, seen, rungs[0], search.FLOORS.get(kind, search.FLOOR))
    verdicts = _searched(making, rungs, samples)
    sound_bps = {group: _sound_bps(making.sounds, group) for group in ("main", "low")}
    chosen = list(ladder.kept([verdict.measured for verdict in verdicts], sound_bps["main"]))
    remarks = [Remark(RemarkCode.RATE_LOWERED, detail=f"{full.rate} > {timing.rate}")] if step > 1 else []
    names = {one.rung.name for one in chosen}
    for verdict in verdicts:
        name = verdict.measured.rung.name
        if name not in names:
            remarks.append(Remark(RemarkCode.RENDITION_DROPPED, detail=name))
        elif not verdict.reaches_floor:
            remarks.append(Remark(RemarkCode.QUALITY_BELOW_FLOOR, detail=name))
    shortest_s = float(min(timing.chunk, timing.frames) / timing.rate)
    low = ladder.low_rung(chosen[-1], sound_bps["low"] or sound_bps["main"], shortest_s, timing.rate)
    if low is not None:
        weakest = search.measure(low, samples).measured
        if len(chosen) > 1 and ladder.replaces(weakest, chosen[-1]):
            chosen.pop()
        chosen.append(weakest)
    more = plan.in_codecs(tuple(one.rung for one in chosen), making.codecs)
    chosen += making.pool.map(lambda rung: search.measure(rung, samples).measured, more)
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
        encode.run(argv, home, seconds, lambda _done, _speed: making.meter.part("cut", 0.0))

    list(making.pool.map(cut, range(len(starts))))
    listed = "".join(f"file '{name}'\nduration {seconds:.6f}\n" for name in names)
    (home / search.WINDOWS).write_text(f"ffconcat version 1.0\n{listed}")
    making.meter.part("cut", 1.0)
    return Samples(home, len(starts), size, timing, floor)


def _searched(making: Making, rungs: Sequence[Rung], samples: Samples) -> list[Verdict]:
    """Every candidate's verdict, in the order given."""
    done: dict[str, int] = {}

    def one(rung: Rung) -> Verdict:
        def step() -> None:
            done[rung.name] = done.get(rung.name, 0) + 1
            making.meter.part((rung.name, done[rung.name]), 1.0)

        verdict = search.search(rung, samples, step)
        for number in range(done[rung.name] + 1, search.PROBES + 1):
            making.meter.part((rung.name, number), 1.0)
        return verdict

    futures = {making.pool.submit(one, rung): place for place, rung in enumerate(rungs)}
    found = {futures[future]: future.result() for future in as_completed(futures)}
    return [found[place] for place in sorted(found)]


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


def _sound_bps(sounds: Sequence[SoundPlan], group: str) -> int:
    return max((sound.bps for sound in sounds if sound.group == group), default=0)
