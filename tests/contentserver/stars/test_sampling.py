"""The draw: the same for everybody who knows the seed, stratified, fair to every order of the list."""

from hashlib import sha256
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from contentserver.stars.sampling import draw, sample_size

POPULATION = st.lists(
    st.tuples(st.uuids().map(str), st.sampled_from(["640221100", "640221101", "640221203"])),
    max_size=60,
    unique_by=lambda one: one[0],
)


@given(st.text(max_size=20), POPULATION, st.integers(0, 100), st.integers(0, 5), st.randoms(use_true_random=False))
def test_anybody_draws_the_same_again(
    seed: str, population: list[tuple[str, str]], percent: int, least: int, chance: Random
) -> None:
    first = draw(seed, population, percent, least)
    shuffled = population[:]
    chance.shuffle(shuffled)
    assert draw(seed, shuffled, percent, least) == first
    assert sorted((lot.station, lot.township) for lot in first) == sorted(population)


@given(st.text(max_size=20), POPULATION, st.integers(0, 100), st.integers(0, 5))
def test_each_township_gives_its_share_and_the_lowest_lots_are_drawn(
    seed: str, population: list[tuple[str, str]], percent: int, least: int
) -> None:
    lots = draw(seed, population, percent, least)
    for township in {one for _station, one in population}:
        here = [lot for lot in lots if lot.township == township]
        drawn = [lot for lot in here if lot.drawn]
        assert len(drawn) == sample_size(len(here), percent, least)
        assert max((lot.number for lot in drawn), default="") <= min(
            (lot.number for lot in here if not lot.drawn), default="g"
        )


@given(st.integers(0, 500), st.integers(0, 100), st.integers(0, 10))
def test_a_share_is_rounded_up_and_never_more_than_there_are(stations: int, percent: int, least: int) -> None:
    size = sample_size(stations, percent, least)
    assert size <= stations
    assert size >= min(stations, least)
    assert 100 * size >= min(stations * percent, 100 * stations)


@given(POPULATION, st.integers(0, 100))
def test_more_per_cent_only_adds(population: list[tuple[str, str]], percent: int) -> None:
    few = {lot.station for lot in draw("s", population, percent, 1) if lot.drawn}
    many = {lot.station for lot in draw("s", population, min(100, percent + 7), 1) if lot.drawn}
    assert few <= many


def test_the_lot_is_what_the_page_says_it_is() -> None:
    """Written out by hand, as somebody with nothing but a command line would."""
    population = [(f"station-{number}", "640221203") for number in range(10)]
    by_hand = sorted(population, key=lambda one: sha256(f"双色球 2026135|{one[0]}".encode()).hexdigest())
    drawn = [lot.station for lot in draw("双色球 2026135", population, 30, 1) if lot.drawn]
    assert drawn == [station for station, _township in by_hand[:3]]


def test_no_station_is_preferred() -> None:
    """Over many seeds each of ten is drawn about as often; the bound fails once in more than a million."""
    population = [(str(number), "t") for number in range(10)]
    counted = dict.fromkeys((station for station, _t in population), 0)
    for seed in range(2000):
        for lot in draw(str(seed), population, 10, 1):
            counted[lot.station] += lot.drawn
    assert sum(counted.values()) == 2000
    assert all(120 < number < 290 for number in counted.values())
