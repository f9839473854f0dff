"""The estimate of the line: what a forecast may be built on."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tvclient.adapters.speed import RECENT, SAMPLE_BYTES, SMALLEST_BYTES, Meter, Speed

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MB = 1_000_000


def kbps(speed: Speed) -> int:
    report = speed.report()
    assert report
    return report.kbps


def test_nothing_is_said_before_something_was_fetched() -> None:
    speed = Speed()
    assert speed.report() is None
    speed.took(SMALLEST_BYTES - 1, 0.001, AT)
    assert speed.report() is None


def test_it_is_bits_by_time() -> None:
    speed = Speed()
    speed.took(MB, 10.0, AT)
    report = speed.report(bytes_today=7)
    assert report
    assert (report.kbps, report.measured_at, report.bytes_today) == (800, AT, 7)


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


def test_transfers_side_by_side_are_one_sample_and_what_lies_between_them_is_none() -> None:
    ticks = iter([0.0, 10.0, 100.0, 104.0])
    speed = Speed()
    meter = Meter(speed, lambda: AT, lambda: next(ticks))
    with meter.transfer() as first, meter.transfer() as second:
        first(MB // 4)
        second(MB // 4)
    assert kbps(speed) == 400
    with meter.transfer() as alone:
        alone(MB // 2)
    assert kbps(speed) == 400
    assert list(ticks) == []


def test_small_files_one_after_the_other_make_a_sample_together() -> None:
    ticks = iter([0.0, 1.0, 50.0, 51.0])
    speed = Speed()
    meter = Meter(speed, lambda: AT, lambda: next(ticks))
    with meter.transfer() as one:
        one(SMALLEST_BYTES // 2)
    assert speed.report() is None
    with meter.transfer() as other:
        other(SMALLEST_BYTES // 2)
    assert kbps(speed) == 260


def test_a_long_transfer_makes_samples_on_its_way() -> None:
    ticks = iter(range(100))
    speed = Speed()
    meter = Meter(speed, lambda: AT, lambda: float(next(ticks)))
    with meter.transfer() as came:
        came(SAMPLE_BYTES)
        assert kbps(speed) == 8 * SAMPLE_BYTES // 1000


@given(st.lists(st.tuples(st.integers(SMALLEST_BYTES, 10**9), st.floats(0.01, 5000)), min_size=1, max_size=40))
def test_it_lies_between_the_slowest_and_the_fastest_transfer(samples: list[tuple[int, float]]) -> None:
    speed = Speed()
    rates = []
    for number, (fetched, seconds) in enumerate(samples):
        speed.took(fetched, seconds, AT + timedelta(seconds=number))
        rates.append(fetched * 8 / 1000 / seconds)
    assert 0.9 * min(rates) - 1 <= kbps(speed) <= 1.1 * max(rates) + 1
