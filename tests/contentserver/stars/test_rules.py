"""Stars by property: more evidence never gives fewer, order does not matter, what is said to be enough is enough."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from contentserver.stars import document
from contentserver.stars.rules import (
    MOST_STARS,
    MS_PER_HOUR,
    ONES_POINTS,
    POINT,
    Criterion,
    Evidence,
    One,
    OneState,
    Rules,
    Step,
    Weighed,
    judged,
    one_points,
    stars_of,
)

SHIPPED = document.read(document.shipped()).rules
assert SHIPPED is not None
Found = dict[Criterion, Evidence]


def _evidence(criterion: Criterion) -> st.SearchStrategy[Evidence]:
    most = 60 * MS_PER_HOUR if criterion is Criterion.HOURS else 60
    return st.tuples(st.integers(0, most), st.integers(0, 60)).map(
        lambda pair: Evidence(pair[0] if criterion is Criterion.HOURS else min(pair), pair[1])
    )


EVIDENCE = st.fixed_dictionaries({criterion: _evidence(criterion) for criterion in Criterion})


@st.composite
def any_rules(draw: st.DrawFn) -> Rules:
    """Rules as a document could say them."""
    names = draw(st.lists(st.sampled_from(Criterion), min_size=1, unique=True))
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=len(names) - 1, max_size=len(names) - 1)))
    weights = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
    criteria = []
    for name, weight in zip(names, weights, strict=True):
        none = draw(st.integers(0, 99))
        criteria.append(Weighed(name, weight, none, draw(st.integers(none + 1, 100))))
    thresholds = sorted(draw(st.lists(st.integers(1, 100), min_size=MOST_STARS, max_size=MOST_STARS, unique=True)))
    needs = draw(
        st.dictionaries(
            st.integers(1, MOST_STARS),
            st.lists(st.tuples(st.sampled_from(names), st.integers(0, 100)), max_size=2, unique_by=lambda one: one[0]),
        )
    )
    return Rules(
        title="x",
        criteria=tuple(criteria),
        thresholds=tuple(thresholds),
        needs={stars: tuple(several) for stars, several in needs.items()},
        percent=10,
        least=1,
        items=("x",),
        appeal_days=15,
    )


@given(any_rules(), EVIDENCE, st.sampled_from(Criterion), st.integers(1, 30))
def test_more_evidence_never_gives_fewer_points_or_stars(
    rules: Rules, found: Found, which: Criterion, more: int
) -> None:
    before, one = judged(rules, found), found[which]
    if which is Criterion.INSPECTION and one.of == 0:
        return  # not drawn: nothing to find more of
    added = more * MS_PER_HOUR if which is Criterion.HOURS else min(more, one.of - one.have)
    after = judged(rules, {**found, which: Evidence(one.have + added, one.of)})
    assert after.points >= before.points
    assert after.stars >= before.stars


@given(any_rules(), EVIDENCE)
def test_lines_add_up_and_stay_within_their_weights(rules: Rules, found: Found) -> None:
    result = judged(rules, found)
    assert result.points == sum(line.points for line in result.lines)
    for line in result.lines:
        assert 0 <= line.points <= line.weighed.weight * POINT
        exact = min(
            Fraction(1),
            max(Fraction(), (line.value - line.weighed.none) / (line.weighed.full - line.weighed.none)),
        )
        assert line.given or line.points <= exact * line.weighed.weight * POINT < line.points + 1


@given(any_rules(), EVIDENCE)
def test_what_the_next_star_needs_is_enough_and_nothing_less_is(rules: Rules, found: Found) -> None:
    result = judged(rules, found)
    further = result.next
    if further is None:
        assert result.stars == MOST_STARS
        return
    assert further.stars == result.stars + 1
    if any(step.have is None for step in further.must):
        return
    with_must = _with(found, *further.must)
    if not further.ways:
        assert further.lacking or stars_of(rules, with_must) >= further.stars
    for way in further.ways:
        if way.have is None:
            continue
        assert stars_of(rules, _with(with_must, way)) >= further.stars
        less = replace(way, have=way.have - 1)
        assert stars_of(rules, _with(with_must, less)) < further.stars
    for step in further.must:
        assert step.have is not None
        assert step.have > found[step.criterion].have


@given(EVIDENCE)
def test_the_order_in_which_evidence_is_read_does_not_matter(found: Found) -> None:
    assert SHIPPED is not None
    other = dict(reversed(found.items()))
    assert judged(SHIPPED, found) == judged(SHIPPED, other)


@given(st.lists(st.tuples(st.uuids(), EVIDENCE), max_size=8, unique_by=lambda one: one[0]), st.randoms())
def test_no_station_matters_to_another(stations: list[tuple[object, Found]], chance: object) -> None:
    assert SHIPPED is not None
    before = {key: stars_of(SHIPPED, found) for key, found in stations}
    shuffled = stations[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert {key: stars_of(SHIPPED, found) for key, found in shuffled} == before


def test_whoever_was_not_drawn_loses_nothing_and_a_check_that_went_well_gains_nothing() -> None:
    assert SHIPPED is not None
    base: Found = {criterion: Evidence(1, 1) for criterion in Criterion}
    not_drawn = judged(SHIPPED, {**base, Criterion.INSPECTION: Evidence()})
    well = judged(SHIPPED, {**base, Criterion.INSPECTION: Evidence(6, 6)})
    badly = judged(SHIPPED, {**base, Criterion.INSPECTION: Evidence(3, 6)})
    assert not_drawn.points == well.points > badly.points
    assert [line.given for line in not_drawn.lines].count(True) == 1


def test_nothing_of_nothing_is_no_star() -> None:
    assert SHIPPED is not None
    result = judged(SHIPPED, {})
    assert result.stars == 0
    assert result.points == 15 * POINT  # the spot check that was not made


def test_a_station_that_does_everything_has_five_stars_and_needs_nothing_more() -> None:
    assert SHIPPED is not None
    found = {
        **{criterion: Evidence(10, 10) for criterion in Criterion},
        Criterion.HOURS: Evidence(12 * 10 * MS_PER_HOUR, 10),
    }
    result = judged(SHIPPED, found)
    assert (result.stars, result.points, result.next) == (5, 100 * POINT, None)
    short = judged(SHIPPED, {**found, Criterion.FIVE_ONES: Evidence(9, 10)})
    assert short.stars == 4
    assert short.next is not None
    assert short.next.must == (Step(Criterion.FIVE_ONES, 10, 10),)
    assert short.next.lacking == 0


@given(st.dictionaries(st.sampled_from(One), st.sampled_from(OneState)))
def test_the_five_ones_count_two_one_and_none(states: dict[One, OneState]) -> None:
    found = one_points(states)
    assert found.of == ONES_POINTS == 10
    counted = list(states.values())
    assert found.have == 2 * counted.count(OneState.HAS) + counted.count(OneState.PARTLY)


def _with(found: Found, *steps: Step) -> Found:
    changed = dict(found)
    for step in steps:
        assert step.have is not None
        changed[step.criterion] = Evidence(step.have, step.of)
    return changed
