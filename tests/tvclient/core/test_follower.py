from hypothesis import given
from hypothesis import strategies as st

from tvclient.core.follower import BENDABLE_MS, Bend, Jump, Keep, correction

speeds = st.sampled_from([0.95, 0.97, 0.99, 1.0, 1.01, 1.03, 1.05])


@given(st.integers(-10_000_000, 10_000_000), speeds)
def test_what_is_far_is_sought_and_what_is_near_is_bent_the_right_way(late_ms: int, speed: float) -> None:
    match correction(late_ms, speed):
        case Jump():
            assert abs(late_ms) > BENDABLE_MS
        case Bend(factor):
            assert abs(late_ms) <= BENDABLE_MS
            assert 0.95 <= factor <= 1.05
            assert factor != speed
            assert factor == 1.0 or (factor > 1.0) == (late_ms > 0)
        case Keep():
            assert speed == 1.0 or (speed > 1.0) == (late_ms > 0)


@given(st.integers(-39, 39))
def test_below_forty_milliseconds_nothing_is_touched(late_ms: int) -> None:
    assert correction(late_ms, 1.0) == Keep()


def test_the_bend_grows_with_the_distance() -> None:
    assert [correction(late, 1.0) for late in (40, 120, 200, 400)] == [Bend(1.01), Bend(1.03), Bend(1.05), Bend(1.05)]
    assert correction(-120, 1.0) == Bend(0.97)
    assert correction(401, 1.05) == Jump()
    assert correction(10, 1.05) == Bend(1.0)
    assert correction(20, 1.01) == Keep()
