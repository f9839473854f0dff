from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from schedules.wire.messages import ServerTime
from tests.tvclient.evening import NOON
from tvclient.adapters.clock import UNKNOWN_MS, Clock
from tvclient.core.timekeeping import STRANGE_DRIFT_PPM


class Bench:
    """A machine whose clocks the test turns: a true time, a monotonic clock, and a wall clock that may be wrong."""

    def __init__(self, wall_error_s: float = 0.0, memory: Path | None = None) -> None:
        self.mono, self.wall_error_s = 1000.0, wall_error_s
        self.clock = Clock(memory, lambda: self.true().timestamp() + self.wall_error_s, lambda: self.mono)

    def true(self) -> datetime:
        return NOON + timedelta(seconds=self.mono - 1000)

    def error_ms(self) -> float:
        return abs((self.clock.now() - self.true()) / timedelta(milliseconds=1))

    def exchange(self, there_s: float, back_s: float, server_s: float = 0.001) -> bool:
        asked = self.mono
        self.mono += there_s
        received = self.true()
        self.mono += server_s
        sent = self.true()
        self.mono += back_s
        return self.clock.observe(asked, ServerTime(received_at=received, sent_at=sent), self.mono)


delays = st.floats(0, 2)


@given(st.floats(-2e9, 2e9), st.lists(st.tuples(delays, delays), min_size=1, max_size=8))
def test_the_true_time_lies_within_the_uncertainty(wall_error_s: float, exchanges: list[tuple[float, float]]) -> None:
    bench = Bench(max(wall_error_s, -NOON.timestamp()))
    for there, back in exchanges:
        bench.exchange(there, back)
        assert bench.error_ms() <= bench.clock.uncertainty_ms() + 1


def test_the_sample_with_the_least_delay_is_kept() -> None:
    bench = Bench()
    assert bench.exchange(0.01, 0.01)
    assert not bench.exchange(0.5, 0.0)
    assert bench.error_ms() < 1
    assert bench.exchange(0.005, 0.005)


def test_a_sample_ages_until_a_worse_one_is_better() -> None:
    bench = Bench()
    bench.exchange(0.01, 0.01)
    sure = bench.clock.uncertainty_ms()
    bench.mono += 100_000
    assert bench.clock.uncertainty_ms() == sure + 100_000 * STRANGE_DRIFT_PPM // 1000
    assert bench.clock.unsure()
    assert bench.exchange(0.5, 0.4)
    assert not bench.clock.unsure()


def test_the_drift_is_known_after_a_restart(tmp_path: Path) -> None:
    memory = tmp_path / "clock"
    memory.write_text("2026-11-23T12:00:00+00:00 41.50")
    bench = Bench(memory=memory)
    bench.exchange(0.01, 0.01)
    assert bench.clock.report().drift_ppm == 41.5
    memory.write_text("2026-11-23T12:00:00+00:00 1e9")
    bench = Bench(memory=memory)
    bench.exchange(0.01, 0.01)
    assert bench.clock.report().drift_ppm == 0.0


def test_a_wall_clock_changed_afterwards_does_no_harm() -> None:
    bench = Bench()
    bench.exchange(0.01, 0.01)
    bench.wall_error_s = -86_400
    assert bench.error_ms() < 1
    assert abs(bench.clock.report().offset_ms - 86_400_000) < 5


def test_a_box_without_a_battery_wakes_where_it_fell_asleep(tmp_path: Path) -> None:
    memory = tmp_path / "clock"
    before = Bench(memory=memory)
    before.exchange(0.01, 0.01)
    asleep = before.clock.now()
    after = Bench(-NOON.timestamp(), memory)
    assert after.clock.now() >= asleep
    assert after.clock.uncertainty_ms() == UNKNOWN_MS
    memory.write_text("nonsense")
    assert Bench(-NOON.timestamp(), memory).clock.now().year < 2000 + 26
    assert after.clock.now().tzinfo is UTC
