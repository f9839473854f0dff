"""Charts stand true to their numbers: zero-based, round lines, no square without its day, shades in order."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contentserver.reports.charts import LEVELS, bars, bounds_of, level_of, part_level, round_step, year

NUMBERS = st.integers(0, 10**7)
DATES = st.dates(date(2002, 1, 1), date(2990, 12, 31))


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=24))
def test_bars_are_as_high_as_their_numbers(pairs: list[tuple[int, int]]) -> None:
    made = bars(pairs)
    assert made.ticks[0] == 0
    assert made.ticks[-1] == made.top > 0
    assert 2 <= len(made.ticks) <= 5
    for pair, heights in zip(pairs, made.pairs, strict=True):
        for number, height in zip(pair, heights, strict=True):
            assert 0 <= height <= 1
            assert abs(height * made.top - number) < 1e-6 * made.top


@given(NUMBERS)
def test_lines_stand_at_round_numbers(highest: int) -> None:
    step = round_step(highest)
    assert 4 * step >= highest
    assert str(step).rstrip("0") in {"1", "2", "5"}


@given(st.lists(NUMBERS, min_size=1, max_size=60))
def test_shades_grow_with_the_number_and_nothing_has_none(numbers: list[int]) -> None:
    bounds = bounds_of(numbers)
    assert list(bounds) == sorted(set(bounds))
    ordered = sorted(numbers)
    levels = [level_of(number, bounds) for number in ordered]
    assert levels == sorted(levels)
    assert all((level == 0) == (number == 0) for level, number in zip(levels, ordered, strict=True))
    assert levels[-1] == (LEVELS if ordered[-1] else 0)


@given(DATES, st.dictionaries(st.integers(0, 500), NUMBERS, max_size=40))
def test_a_year_has_each_of_its_days_once_under_its_weekday(last: date, back: dict[int, int]) -> None:
    numbers = {last - timedelta(days=days): number for days, number in back.items()}
    made = year(numbers, last)
    assert [one.day for one in made.days] == [
        made.days[0].day + timedelta(days=place) for place in range(len(made.days))
    ]
    assert made.days[-1].day == last
    assert made.days[0].row == 0
    assert 365 <= len(made.days) <= 371
    assert len({(one.column, one.row) for one in made.days}) == len(made.days)
    assert max(one.column for one in made.days) == made.columns - 1
    for one in made.days:
        assert one.row == one.day.weekday()
        assert one.number == numbers.get(one.day, 0)
    assert {first for _column, first in made.months} == {one.day for one in made.days if one.day.day == 1}


@given(st.integers(1, 5000), st.data())
def test_a_share_has_a_shade_of_its_own_fifth(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    level = part_level(part, whole)
    assert (level == 0) == (part == 0)
    assert (level - 1) * whole < LEVELS * part <= level * whole or part == 0


def test_a_share_of_nothing_has_no_shade() -> None:
    assert part_level(0, 0) == part_level(3, 0) == 0
