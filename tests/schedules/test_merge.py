"""The merge's laws, on random layers, and the clash rule by example."""

from datetime import timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.airings import Airing, LessonCard, LessonId, PackageName, Rank, SlotId, airing_id
from schedules.layers import Layer, region_layer
from schedules.merge import Reason, TooManyLayers, merge
from tests.schedules.strategies import EPOCH, layer_lists


@given(layer_lists())
def test_no_two_airings_of_a_timetable_overlap(layers: list[Layer]) -> None:
    for one, other in combinations(merge(layers).airings, 2):
        assert not one.overlaps(other)


@given(layer_lists())
def test_every_airing_is_placed_or_named_among_the_displaced(layers: list[Layer]) -> None:
    timetable = merge(layers)
    found = sorted(
        [(placed.layer, placed.airing.id) for placed in timetable.placed]
        + [(lost.layer, lost.airing.id) for lost in timetable.displaced]
    )
    assert found == sorted((layer.id, airing.id) for layer in layers for airing in layer.airings)


@given(layer_lists(), st.randoms(use_true_random=False))
def test_the_order_of_layers_and_airings_does_not_matter(layers: list[Layer], random: Random) -> None:
    shuffled = [
        Layer(
            id=layer.id,
            owner=layer.owner,
            depth=layer.depth,
            revision=layer.revision,
            airings=tuple(random.sample(layer.airings, len(layer.airings))),
        )
        for layer in random.sample(layers, len(layers))
    ]
    assert merge(shuffled) == merge(layers)


@given(layer_lists())
def test_merging_what_was_merged_changes_nothing(layers: list[Layer]) -> None:
    timetable = merge(layers)
    kept = {(placed.layer, placed.airing.id) for placed in timetable.placed}
    again = [
        Layer(
            id=layer.id,
            owner=layer.owner,
            depth=layer.depth,
            revision=layer.revision,
            airings=tuple(airing for airing in layer.airings if (layer.id, airing.id) in kept),
        )
        for layer in layers
    ]
    assert merge(again).placed == timetable.placed
    assert merge(again).displaced == ()


@given(layer_lists())
def test_a_displaced_airing_gives_way_to_one_that_really_plays_over_it(layers: list[Layer]) -> None:
    timetable = merge(layers)
    placed = {one.airing.id: one.airing for one in timetable.placed}
    for lost in timetable.displaced:
        assert placed[lost.by].overlaps(lost.airing)


def _airing(layer: str, rank: Rank, start_min: int = 0, minutes: int = 40) -> Airing:
    start = EPOCH + timedelta(minutes=start_min)
    slot = SlotId(f"{layer}-{rank}-{start_min}")
    return Airing(
        id=airing_id(slot, start),
        slot=slot,
        start=start,
        duration_ms=minutes * 60_000,
        rank=rank,
        lesson=LessonCard(id=LessonId("l"), title="课", course="课程"),
        package=PackageName("p"),
    )


def _layer(code: str, depth: int, *airings: Airing) -> Layer:
    return Layer(id=region_layer(code), owner=code, depth=depth, revision=1, airings=airings)


@pytest.mark.parametrize(
    ("city_rank", "village_rank", "winner", "reason"),
    [
        (Rank.MANDATORY, Rank.REGULAR, "city", Reason.LOWER_RANK),
        (Rank.REGULAR, Rank.MANDATORY, "village", Reason.LOWER_RANK),
        (Rank.MANDATORY, Rank.MANDATORY, "city", Reason.HIGHER_REGION_FIRST),
        (Rank.REGULAR, Rank.REGULAR, "village", Reason.NEARER_REGION_FIRST),
        (Rank.OPTIONAL, Rank.OPTIONAL, "village", Reason.NEARER_REGION_FIRST),
        (Rank.OPTIONAL, Rank.REGULAR, "village", Reason.LOWER_RANK),
    ],
)
def test_the_clash_rule(city_rank: Rank, village_rank: Rank, winner: str, reason: Reason) -> None:
    timetable = merge(
        [_layer("city", 1, _airing("city", city_rank)), _layer("village", 4, _airing("village", village_rank, 20))]
    )
    assert [placed.layer for placed in timetable.placed] == [region_layer(winner)]
    assert [lost.reason for lost in timetable.displaced] == [reason]


def test_an_airing_that_only_lost_to_a_displaced_one_plays() -> None:
    """Regular at noon loses to mandatory; the optional one behind both is free of the mandatory one and plays."""
    city = _layer("city", 1, _airing("city", Rank.MANDATORY, 0, 30))
    county = _layer("county", 2, _airing("county", Rank.REGULAR, 20, 30))
    village = _layer("village", 4, _airing("village", Rank.OPTIONAL, 40, 30))
    assert [placed.layer for placed in merge([city, county, village]).placed] == [city.id, village.id]


def test_touching_airings_both_play() -> None:
    layer = _layer("city", 1, _airing("city", Rank.REGULAR, 0, 30), _airing("city", Rank.REGULAR, 30, 30))
    assert len(merge([layer]).placed) == 2


def test_more_than_eight_layers_are_refused() -> None:
    with pytest.raises(TooManyLayers):
        merge(_layer(str(number), 5) for number in range(9))
