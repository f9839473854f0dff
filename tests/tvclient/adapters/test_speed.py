"""The estimate of the line: what a forecast may be built on."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tvclient.adapters.speed import RECENT, SMALLEST_BYTES, Speed

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MB = 1_000_000


def kbps(speed: Speed, at: datetime = AT) -> int:
    report = speed.report(at)
    assert report
    return report.kbps


def test_nothing_is_said_before_something_was_fetched() -> None:
    speed = Speed()
    assert speed.report(AT) is None
    speed.took(SMALLEST_BYTES - 1, 0.001, AT)
    assert speed.report(AT) is None


def test_it_is_bits_by_time() -> None:
    speed = Speed()
    speed.took(MB, 10.0, AT)
    report = speed.report(AT)
    assert report
    assert (report.kbps, report.measured_at, report.bytes_today) == (800, AT, MB)


def test_one_stall_and_one_burst_do_not_move_it() -> None:
    speed = Speed()
    for second in range(10):
        speed.took(MB, 10.0, AT + timedelta(seconds=10 * second))
    speed.took(MB, 7200.0, AT + timedelta(minutes=30))
    speed.took(50 * MB, 0.5, AT + timedelta(minutes=31))
    assert kbps(speed) == 800


def test_a_line_that_has_become_slow_is_soon_called_slow() -> None:
    speed = Speed()
    speed.took(10 * MB, 10.0, AT)
    for minute in range(3):
        speed.took(MB, 40.0, AT + timedelta(minutes=minute))
    assert kbps(speed) == 200
    speed.took(10 * MB, 10.0, AT + RECENT + timedelta(hours=1))
    assert kbps(speed) == 8000


def test_the_days_bytes_begin_anew_at_the_stations_midnight() -> None:
    speed = Speed()
    before_midnight = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    speed.took(MB, 1.0, before_midnight)
    speed.took(100, 1.0, before_midnight)
    assert speed.report(before_midnight).bytes_today == MB + 100  # type: ignore[union-attr]
    after = before_midnight + timedelta(minutes=2)
    assert speed.report(after).bytes_today == 0  # type: ignore[union-attr]
    speed.took(MB, 1.0, after)
    assert speed.report(after).bytes_today == MB  # type: ignore[union-attr]


@given(st.lists(st.tuples(st.integers(SMALLEST_BYTES, 10**9), st.floats(0.01, 5000)), min_size=1, max_size=40))
def test_it_lies_between_the_slowest_and_the_fastest_transfer(samples: list[tuple[int, float]]) -> None:
    speed = Speed()
    rates = []
    for number, (fetched, seconds) in enumerate(samples):
        speed.took(fetched, seconds, AT + timedelta(seconds=number))
        rates.append(fetched * 8 / 1000 / seconds)
    assert 0.9 * min(rates) - 1 <= kbps(speed) <= 1.1 * max(rates) + 1
