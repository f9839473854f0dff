"""Random lessons, airings and layers for the property tests."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from schedules.airings import Airing, LessonCard, LessonId, PackageName, Rank, SlotId, airing_id
from schedules.layers import Layer, region_layer

EPOCH = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
CODES = ("64", "6402", "640221", "640221203", "640221203205", "g1", "g2", "g3")


@st.composite
def airings(draw: st.DrawFn, layer: str) -> Airing:
    start = EPOCH + timedelta(minutes=draw(st.integers(0, 24 * 60)))
    slot = SlotId(f"{layer}-{draw(st.integers(0, 5))}")
    return Airing(
        id=airing_id(slot, start),
        slot=slot,
        start=start,
        duration_ms=draw(st.integers(1, 180)) * 60_000,
        rank=draw(st.sampled_from(Rank)),
        lesson=LessonCard(id=LessonId("l"), title="课", course="课程"),
        package=PackageName("sha256-" + "0" * 64),
    )


@st.composite
def layer_lists(draw: st.DrawFn) -> list[Layer]:
    chosen = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=8))
    return [
        Layer(
            id=region_layer(code),
            owner=code,
            depth=CODES.index(code),
            revision=1,
            airings=tuple(draw(st.lists(airings(code), max_size=8, unique_by=lambda airing: airing.id))),
        )
        for code in chosen
    ]
