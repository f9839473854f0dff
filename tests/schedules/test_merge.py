"""The merge's laws, on random layers, and the clash rule by example."""

from datetime import timedelta
from itertools import combinations
from random import Random

import msgspec
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


@given(layer_lists(), st.randoms(use_true_random=False))
def test_layers_that_claim_one_id_twice_still_merge_in_one_way(layers: list[Layer], random: Random) -> None:
    """A moved airing keeps its id, so an old and a new layer may hold it with different starts, lengths, packages."""
    doubled = [
        msgspec.structs.replace(
            layer,
            airings=layer.airings
            + tuple(
                msgspec.structs.replace(
                    airing,
                    start=airing.start + timedelta(minutes=random.choice([0, 90])),
                    duration_ms=airing.duration_ms + 60_000 * random.choice([0, 30]),
                    package=PackageName(random.choice(["p", "q"])),
                )
                for airing in layer.airings
            ),
        )
        for layer in layers
    ]
    shuffled = [
        msgspec.structs.replace(layer, airings=tuple(random.sample(layer.airings, len(layer.airings))))
        for layer in random.sample(doubled, len(doubled))
    ]
    timetable = merge(doubled)
    assert merge(shuffled) == timetable
    assert len({airing.id for airing in timetable.airings}) == len(timetable.airings)
    assert not any(one.overlaps(other) for one, other in combinations(timetable.airings, 2))
    assert len(timetable.placed) + len(timetable.displaced) == sum(len(layer.airings) for layer in doubled)


@given(layer_lists())
def test_every_reason_is_the_true_one(layers: list[Layer]) -> None:
    timetable = merge(layers)
    winners = {placed.airing.id: placed for placed in timetable.placed}
    depths = {layer.id: layer.depth for layer in layers}
    order = list(Rank)
    for lost in timetable.displaced:
        winner, depth = winners[lost.by], depths[lost.layer]
        match lost.reason:
            case Reason.LOWER_RANK:
                assert order.index(winner.airing.rank) < order.index(lost.airing.rank)
            case Reason.HIGHER_REGION_FIRST:
                assert winner.airing.rank is lost.airing.rank is Rank.MANDATORY
                assert winner.depth < depth
            case Reason.NEARER_REGION_FIRST:
                assert winner.airing.rank is lost.airing.rank is not Rank.MANDATORY
                assert winner.depth > depth
            case Reason.SAME_LEVEL:
                assert winner.airing.rank is lost.airing.rank
                assert winner.depth == depth
                assert winner.airing.start <= lost.airing.start
            case Reason.DUPLICATE:
                pytest.fail("no id stands twice here")


@given(layer_lists())
def test_what_the_server_previews_is_what_the_box_makes_of_the_bytes(layers: list[Layer]) -> None:
    received = [msgspec.json.decode(msgspec.json.encode(layer), type=Layer) for layer in layers]
    assert merge(reversed(received)) == merge(layers)


def test_a_layer_given_twice_plays_once() -> None:
    layer = _layer("city", 1, _airing("city", Rank.REGULAR))
    timetable = merge([layer, layer])
    assert len(timetable.placed) == 1
    assert [lost.reason for lost in timetable.displaced] == [Reason.DUPLICATE]
