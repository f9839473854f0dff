"""Keeps each variant's peak within twice its average (Apple's HLS authoring rules, for VOD).

Chunks whose segments stand out are encoded again under a lower cap. Calm lessons with one lively minute need it. What
even a weak line carries is left alone.
"""

from concurrent.futures import Executor
from pathlib import Path

from media_pipeline import chunks, folder, stitch
from media_pipeline.ladder import FLOOR_BPS, FULL_AT_START, KEYFRAME_S, OVERHEAD_BPS, VBV_WINDOW_S, WEAK_LINE_BPS, Rung
from media_pipeline.meter import Meter
from media_pipeline.plan import GROUPS_PER_SEGMENT, Plan, heaviest_bps
from media_pipeline.playlist import Segment, measured

PEAK_OVER_AVERAGE = 2.0
_AIM = 0.95
_ROUNDS = 4

Caps = dict[int, dict[str, int]]
"""For each chunk, the rungs to encode again and the cap of each in bits per second."""


def even_out(work: Path, plan: Plan, meter: Meter, pool: Executor) -> frozenset[str]:
    """Encode again what stands out, round by round, until nothing does.

    A round is written down before it begins and when it is done, so that a later call goes on from there; `forget` says
    that chunks were made anew, and makes every round be done again.

    Returns:
        Names of the rungs that were held to lower caps.
    """
    tightened: set[str] = set()
    for number in range(_ROUNDS):
        tighter = folder.remembered(work / f"even-{number}.json", Caps, lambda: outstanding(work, plan))
        if not tighter:
            break
        tightened |= {name for caps in tighter.values() for name in caps}
        done = work / f"even-{number}.done"
        if not done.exists():
            again = [pool.submit(chunks.remake, work, chunk, caps, meter.stir) for chunk, caps in tighter.items()]
            for one in again:
                one.result()
            folder.write(done, b"")
    return frozenset(tightened)


def forget(work: Path) -> None:
    """No round is done any more: a chunk that it changed had to be made again."""
    for done in work.glob("even-*.done"):
        done.unlink()


def outstanding(work: Path, plan: Plan) -> Caps:
    """Chunks and rungs whose segments need more than the rule allows, with caps that should bring them within."""
    found: Caps = {}
    for rung in plan.rungs:
        for chunk, cap in _of_rung(work, plan, rung).items():
            found.setdefault(chunk, {})[rung.name] = cap
    return found


def _of_rung(work: Path, plan: Plan, rung: Rung) -> dict[int, int]:
    sound = heaviest_bps(plan.sounds, plan.sound_group(rung))
    sized = {
        number: stitch.segment_sizes(chunks.place(work, number) / f"{rung.name}.mp4")
        for number in range(len(plan.chunks))
    }
    every = [part for parts in sized.values() for part in parts]
    peak, average = measured([Segment("", seconds) for _, seconds in every], [size for size, _ in every])
    most = max(PEAK_OVER_AVERAGE * (average + sound), WEAK_LINE_BPS) - sound
    if peak <= most:
        return {}
    segment_s = GROUPS_PER_SEGMENT * KEYFRAME_S
    burst = 1 + FULL_AT_START * VBV_WINDOW_S / segment_s
    cap = max(int((_AIM * most - OVERHEAD_BPS) / burst), FLOOR_BPS)
    return {
        number: cap
        for number, parts in sized.items()
        if any(size * 8 / seconds > _AIM * most and 2 * seconds >= segment_s for size, seconds in parts)
    }
