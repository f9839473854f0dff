"""Lengths and rates from packets' times, whatever the clock did."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.times import Pace, Times, named_rate, paces

COUNTS = st.integers(3, 400)
RATES = st.sampled_from([Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60)])
STARTS = st.floats(-2, 90_000)


def fed(times: list[float | None], step: float) -> Times:
    """A stream of packets that are shown in the order of the file."""
    stream = Times(step)
    for time in times:
        stream.feed(time, time, step)
    return stream


def pace(times: list[float | None], step: float, hole_s: float = 10) -> Pace:
    """The pace of one stream alone."""
    return paces([fed(times, step)], hole_s)[0]


@given(count=COUNTS, rate=RATES, start=STARTS)
def test_even_times(count: int, rate: Fraction, start: float) -> None:
    step = float(1 / rate)
    found = pace([start + n * step for n in range(count)], step)
    assert found.length_s == pytest.approx(count * step, abs=1e-6)
    assert found.rate == pytest.approx(float(rate), rel=1e-6)
    assert (found.fault, found.uneven, found.first_s) == ("", False, start)


@given(count=COUNTS, rate=RATES, start=STARTS, jump=st.floats(11, 90_000), data=st.data())
def test_a_jump_ahead_is_no_length(count: int, rate: Fraction, start: float, jump: float, data: st.DataObject) -> None:
    step, at = float(1 / rate), data.draw(st.integers(1, count - 1))
    found = pace([start + n * step + (jump if n >= at else 0) for n in range(count)], step)
    assert found.length_s == pytest.approx(count * step, abs=1e-4)
    assert found.holes_s == pytest.approx(jump + step, abs=1e-4)
    assert found.fault == "hole"


@given(count=COUNTS, rate=RATES, back=st.floats(1, 90_000), data=st.data())
def test_a_clock_set_back_takes_nothing_away(count: int, rate: Fraction, back: float, data: st.DataObject) -> None:
    step, at = float(1 / rate), data.draw(st.integers(1, count - 1))
    found = pace([n * step - (back if n >= at else 0) for n in range(count)], step)
    assert found.length_s == pytest.approx(count * step, abs=1e-4)
    assert found.fault == "backwards"


@given(count=COUNTS, rate=RATES, time=st.sampled_from([0.0, 7.5, None]))
def test_absent_times_are_counted(count: int, rate: Fraction, time: float | None) -> None:
    step = float(1 / rate)
    found = pace([time] * count, step)
    assert found.length_s == pytest.approx(count * step)
    assert found.rate == pytest.approx(float(rate))
    assert found.fault == "absent"


@given(count=COUNTS, still=st.floats(11, 300))
def test_a_slide_may_stand_while_somebody_speaks(count: int, still: float) -> None:
    picture = fed([n / 25 + (still if n > count // 2 else 0) for n in range(count)], 1 / 25)
    sound = fed([n / 50 for n in range(int((still + count / 25) * 50))], 1 / 50)
    seen, heard = paces([picture, sound], 10)
    assert seen.length_s == pytest.approx(count / 25 + still, abs=1e-4)
    assert (seen.fault, heard.fault) == ("", "")
    assert seen.longest_s > 11


def test_order_of_decoding_is_no_clock_set_back() -> None:
    stream = Times(0.04)
    for decoded, shown in ((None, 0.0), (None, 0.12), (0.0, 0.04), (0.04, 0.08), (0.08, 0.24), (0.12, 0.16)):
        stream.feed(decoded, shown, 0.04)
    (found,) = paces([stream], 10)
    assert found.fault == ""
    assert found.length_s == pytest.approx(0.28)


def test_a_long_last_frame_counts_and_a_long_frame_before_it_does_not_count_twice() -> None:
    stream = Times(0.04)
    for decoded, shown, length in ((0.0, 0.08, 0.04), (0.04, 0.12, 5.0), (5.04, 0.16, 0.04), (5.08, 5.2, 2.0)):
        stream.feed(decoded, shown, length)
    (found,) = paces([stream], 10)
    assert found.length_s == pytest.approx(5.2 + 2.0 - 0.08)


@given(rate=RATES, count=st.integers(30, 3000))
def test_rates_are_known_again_by_a_clock_of_milliseconds(rate: Fraction, count: int) -> None:
    times: list[float | None] = [round(n * 1000 / rate) / 1000 for n in range(count)]
    found = pace(times, float(1 / rate))
    assert found.rate is not None
    assert not found.uneven
    assert abs(named_rate(found.rate, [rate], found.length_s) / rate - 1) < Fraction(1, 100)
    if count >= 300:
        assert named_rate(found.rate, [], found.length_s) == rate


@pytest.mark.parametrize(("rate", "named"), [(7.77, Fraction(777, 100)), (0.2, Fraction(1, 5)), (999.0, Fraction(999))])
def test_other_rates_keep_their_own_fraction(rate: float, named: Fraction) -> None:
    assert named_rate(rate, [Fraction(25)], 60) == named
