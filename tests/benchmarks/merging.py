"""Merging eight layers of a full fortnight, against comparing every pair."""

from datetime import UTC, datetime, timedelta

from schedules.airings import Airing, LessonCard, LessonId, PackageName, Rank, SlotId, airing_id
from schedules.layers import Layer, region_layer
from schedules.merge import merge
from tests.benchmarks.measure import Result, ratio, result

START = datetime(2026, 11, 23, tzinfo=UTC)
LAYERS, DAYS, PER_DAY, REPEAT = 8, 14, 6, 10


def run(pairs: int) -> list[Result]:
    """`schedules.merge` over the time of one sort of the same airings."""
    merged = layers()
    airings = [airing for layer in merged for airing in layer.airings]

    def ours() -> None:
        for _ in range(REPEAT):
            merge(merged)

    def every_pair() -> None:
        for _ in range(REPEAT):
            placed: list[Airing] = []
            for airing in sorted(airings, key=lambda one: (one.rank, one.start, one.id)):
                if not any(airing.overlaps(other) for other in placed):
                    placed.append(airing)

    return [
        result(
            f"merge of {LAYERS} layers, {len(airings)} airings",
            ratio(ours, every_pair, pairs),
            goal=0.5,
            better="lower",
            against="comparing every pair",
        )
    ]


def layers() -> list[Layer]:
    """Eight layers of a fortnight with six airings a day each."""
    return [_layer(number) for number in range(LAYERS)]


def _layer(number: int) -> Layer:
    starts = (
        START + timedelta(days=day, hours=8 + 2 * turn, minutes=7 * number)
        for day in range(DAYS)
        for turn in range(PER_DAY)
    )
    return Layer(
        id=region_layer(str(number)),
        owner=str(number),
        depth=number,
        revision=1,
        airings=tuple(
            Airing(
                id=airing_id(SlotId(f"s{number}"), start),
                slot=SlotId(f"s{number}"),
                start=start,
                duration_ms=40 * 60_000,
                rank=list(Rank)[number % 3],
                lesson=LessonCard(id=LessonId("l"), title="课", course="课程"),
                package=PackageName("p"),
            )
            for start in starts
        ),
    )
