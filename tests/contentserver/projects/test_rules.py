"""Sums of a project whatever is noted and withdrawn in whatever order; when it stalls; numbers as people write them."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.projects.reading import SCALES, Unreadable, typed, written
from contentserver.projects.rules import (
    BOUNDS,
    FIGURES,
    Fault,
    Kind,
    Sum,
    Taken,
    Written,
    faults,
    shade,
    stalled,
    total,
)

HOUSES = [UUID(int=number) for number in range(1, 5)]
TODAY = date(2026, 11, 27)
LAND = st.dictionaries(st.sampled_from(HOUSES), st.integers(1, 1000), min_size=1)
NOTES = st.lists(
    st.builds(
        Taken,
        kind=st.sampled_from(Kind),
        day=st.dates(date(2026, 1, 1), TODAY),
        household=st.none() | st.sampled_from(HOUSES),
        land_cmu=st.none() | st.integers(1, 1000),
        yield_dkg=st.none() | st.integers(1, 9000),
        income_fen=st.none() | st.integers(-(10**6), 10**6),
        cost_fen=st.none() | st.integers(1, 10**6),
    ),
    max_size=12,
)


@given(LAND, NOTES)
def test_nothing_is_more_than_the_whole(land: dict[UUID, int], notes: list[Taken]) -> None:
    found = total(land, notes)
    assert 0 <= found.told <= found.adopters <= found.households == len(land)
    assert found.all_land_cmu == sum(land.values())


@given(LAND, NOTES, NOTES)
def test_what_others_noted_changes_nothing(land: dict[UUID, int], notes: list[Taken], theirs: list[Taken]) -> None:
    stranger = UUID(int=99)
    strange = [
        Taken(one.kind, one.day, stranger, one.land_cmu, one.yield_dkg, one.income_fen, one.cost_fen) for one in theirs
    ]
    assert total(land, notes + strange) == total(land, notes)


@given(LAND, NOTES)
def test_the_same_note_once_more_counts_once(land: dict[UUID, int], notes: list[Taken]) -> None:
    twice = [one for one in notes for _time in range(2) if one.kind is not Kind.INPUT] + [
        one for one in notes if one.kind is Kind.INPUT
    ]
    assert total(land, twice) == total(land, notes)


@given(LAND, NOTES)
def test_a_mean_yield_lies_between_those_that_were_told(land: dict[UUID, int], notes: list[Taken]) -> None:
    told = [one.yield_dkg for one in notes if one.kind is Kind.RESULT and one.yield_dkg is not None]
    mean = total(land, notes).yield_dkg
    assert mean is None or min(told) <= mean <= max(told)


def test_a_season_told_again_takes_the_place_of_the_first_word() -> None:
    house = HOUSES[0]
    adopted = Taken(Kind.ADOPTION, TODAY, house, land_cmu=500)
    first = Taken(Kind.RESULT, TODAY - timedelta(days=9), house, yield_dkg=4000, income_fen=10_000)
    again = Taken(Kind.RESULT, TODAY, house, yield_dkg=4200, income_fen=12_000)
    found = total({house: 800}, [adopted, first, again])
    assert (found.adopters, found.told, found.yield_dkg, found.income_fen, found.land_cmu) == (1, 1, 4200, 12_000, 500)


def test_a_result_of_whom_nobody_saw_trying_it_does_not_count() -> None:
    assert total({HOUSES[0]: 1}, [Taken(Kind.RESULT, TODAY, HOUSES[0], income_fen=5)]) == Sum(1, 0, 0, 1)


@pytest.mark.parametrize(
    ("adopters", "lesson", "adoption", "stalls"),
    [
        (1, 40, 35, True),
        (0, 40, None, True),
        (1, 40, 10, False),
        (2, 40, 35, False),
        (1, 10, 35, False),
    ],
)
def test_it_stalls_when_it_was_shown_and_few_tried_it_and_nobody_new(
    adopters: int, lesson: int, adoption: int | None, stalls: bool
) -> None:
    last_adoption = None if adoption is None else TODAY - timedelta(days=adoption)
    assert stalled(4, adopters, TODAY - timedelta(days=lesson), last_adoption, TODAY) is stalls


@given(st.integers(0, 50), st.integers(0, 50))
def test_the_darkest_tile_is_of_those_who_all_tried_it(part: int, more: int) -> None:
    whole = part + more
    assert 0 <= shade(part, whole) <= 4
    assert (shade(part, whole) == 0) is (part == 0)
    assert (shade(part, whole) == 4) or part < whole or not whole


@given(st.sampled_from(sorted(SCALES)), st.integers(-(10**10), 10**10))
def test_a_number_is_read_as_it_is_written(name: str, value: int) -> None:
    if abs(value) // SCALES[name] < 10**9:
        assert typed(name, written(name, value)) == value


@pytest.mark.parametrize(("text", "value"), [("１２.５", 1250), (" 1,200 ", 120_000), ("", None), ("0.05", 5)])
def test_a_number_as_people_write_it(text: str, value: int | None) -> None:
    assert typed("land", text) == value


@pytest.mark.parametrize("text", ["many", "1.234", "1e9", "--1", "1 2", "٣", "9" * 12])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Unreadable):
        typed("land", text)


def test_faults_stand_beside_their_fields() -> None:
    begun = date(2026, 3, 1)

    def wrong(note: Written, land: int | None = 500) -> dict[str, Fault]:
        return faults(note, begun_on=begun, today=TODAY, household_land=land)

    assert wrong(Written(Kind.ADOPTION, None)) == {
        "day": Fault.NO_DAY,
        "household": Fault.NO_HOUSEHOLD,
        "land": Fault.MISSING,
    }
    too_much = Written(Kind.ADOPTION, TODAY + timedelta(days=1), household=HOUSES[0], figures={"land": 501})
    assert wrong(too_much) == {"day": Fault.IN_FUTURE, "land": Fault.MORE_THAN_LAND}
    assert wrong(Written(Kind.RESULT, date(2026, 2, 1), household=HOUSES[0])) == {
        "day": Fault.BEFORE_PROJECT,
        "yield": Fault.MISSING,
    }
    assert wrong(Written(Kind.VISIT, TODAY)) == {"text": Fault.EMPTY}
    assert wrong(Written(Kind.INPUT, TODAY, "seed", figures={"cost": BOUNDS["cost"][1] + 1})) == {
        "cost": Fault.TOO_MUCH
    }
    assert set(FIGURES) == set(Kind)
