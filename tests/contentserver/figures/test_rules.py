"""Periods fall into months and days without gap or overlap; joining counts each person once."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import FrozenBitMap

from contentserver.figures.rules import (
    ALL_COURSES,
    DAY,
    MONTH,
    Figures,
    Planned,
    SessionFacts,
    Sums,
    by_course,
    figures_of_session,
    joined,
    next_month,
    pieces,
)

DATES = st.dates(date(2000, 1, 1), date(2999, 12, 31))
SESSIONS = st.builds(
    SessionFacts,
    course=st.sampled_from(("种植", "养殖", "生活")),
    planned_ms=st.integers(0, 3_600_000),
    shown_ms=st.integers(0, 3_600_000),
    late_ms=st.none() | st.integers(-100, 600_000),
    complete=st.booleans(),
    missed=st.booleans(),
    expected=st.integers(0, 50),
    present=st.integers(0, 50),
    guests=st.integers(0, 50),
    credit_ms=st.integers(0, 10**8),
    people=st.frozensets(st.integers(0, 60), max_size=20),
)


@given(DATES, st.integers(0, 800))
def test_a_period_is_cut_into_its_own_days_and_no_others(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    covered: list[date] = []
    for grain, start in pieces(first, last):
        end = next_month(start) if grain == MONTH else start + timedelta(days=1)
        covered += [start + timedelta(days=number) for number in range((end - start).days)]
    assert covered == [first + timedelta(days=number) for number in range(length + 1)]
    assert sum(grain == DAY for grain, _start in pieces(first, last)) <= 60


def test_a_period_that_ends_before_it_begins_has_no_pieces() -> None:
    assert pieces(date(2026, 11, 2), date(2026, 11, 1)) == []


@given(st.lists(SESSIONS, max_size=8), st.randoms(use_true_random=False))
def test_joining_is_the_same_in_any_order_and_in_any_groups(sessions: list[SessionFacts], dice: Random) -> None:
    figures = [figures_of_session(one) for one in sessions]
    cut = len(figures) // 2
    shuffled = list(figures)
    dice.shuffle(shuffled)
    assert joined(shuffled) == joined(figures) == joined([joined(figures[:cut]), joined(figures[cut:])])
    assert set(joined(figures).people) == set().union(*(one.people for one in sessions))


@given(st.lists(SESSIONS, max_size=8))
def test_courses_add_up_to_all_of_them(sessions: list[SessionFacts]) -> None:
    found = by_course(sessions)
    single = [figures for course, figures in found.items() if course != ALL_COURSES]
    assert joined(single) == found.get(ALL_COURSES, Figures())


@given(
    st.lists(SESSIONS, max_size=6),
    st.lists(st.integers(0, 9), max_size=8, unique=True),
    st.sampled_from(("", "alert")),
)
def test_what_was_planned_is_kept_or_has_a_reason(sessions: list[SessionFacts], airings: list[int], why: str) -> None:
    named = [replace(one, airing=f"a{number}", reason=why, station=3) for number, one in enumerate(sessions)]
    planned = [Planned(f"a{number}", ("种植", "果树")[number % 2], 60_000) for number in airings]
    found = by_course(named, planned)
    everything = found.get(ALL_COURSES, Figures())
    assert everything.sums.planned == len(airings) == everything.sums.kept + sum(everything.reasons.values())
    shown = {one.airing for one in named if one.shown_ms}
    assert everything.sums.kept == len(shown & {one.airing for one in planned})
    assert everything.reasons.get("unreported", 0) == len({one.airing for one in planned} - {o.airing for o in named})
    assert set(everything.stations) == ({3} if shown else set())
    assert joined([one for course, one in found.items() if course != ALL_COURSES]) == everything
    assert everything.sums.timetable_ms == 60_000 * len(airings)


def test_what_a_session_counts_as() -> None:
    half = SessionFacts("种植", 100, 50, 5001, False, False, 9, 3, 2, 70, frozenset({1, 2, 3}))
    assert figures_of_session(half) == Figures(
        Sums(sessions=1, held=1, expected=9, present=3, guests=2, planned_ms=100, shown_ms=50, credit_ms=70),
        FrozenBitMap({1, 2, 3}),
    )
    missed = SessionFacts("种植", 100, 0, None, False, True, 9, 0, 0, 0, frozenset())
    assert figures_of_session(missed).sums == Sums(sessions=1, missed=1, expected=9, planned_ms=100)
    whole = SessionFacts("种植", 100, 95, 5000, False, False, 9, 0, 0, 0, frozenset())
    assert figures_of_session(whole).sums == Sums(
        sessions=1, held=1, whole=1, on_time=1, expected=9, planned_ms=100, shown_ms=95
    )
