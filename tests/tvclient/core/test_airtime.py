"""Seconds shown count once, in the local month in which they were shown, at this station alone."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from schedules.airings import AiringId
from schedules.wire.messages import PlaybackSpan, StationCard
from tests.tvclient.evening import NOON, Television, airing, lesson, shown_ms, stored
from tvclient.core import airtime, events

spans = st.builds(
    lambda name, start, length, day: PlaybackSpan(
        airing=AiringId(name),
        lesson=lesson(),
        package=airing().package,
        from_ms=start,
        to_ms=start + length,
        started_at=NOON + timedelta(days=day),
    ),
    st.sampled_from("ab"),
    st.integers(0, 60),
    st.integers(0, 40),
    st.integers(0, 12),
)


def seconds(known: list[PlaybackSpan], month: str) -> int:
    """The same by counting every millisecond."""
    return len(
        {
            (span.airing, ms)
            for span in known
            if airtime.month_of(span.started_at) == month
            for ms in range(span.from_ms, span.to_ms)
        }
    )


@given(st.lists(spans, max_size=12), st.randoms())
def test_it_is_the_union_whatever_the_order_and_however_often(known: list[PlaybackSpan], chance: Random) -> None:
    one_by_one: airtime.Airtime = {}
    for span in known:
        one_by_one = airtime.with_spans(one_by_one, [span])
    shuffled = [*known, *known]
    chance.shuffle(shuffled)
    at_once = airtime.with_spans({}, shuffled)
    for instant in (NOON, NOON + timedelta(days=10)):
        counted = seconds(known, airtime.month_of(instant))
        assert airtime.shown_ms(one_by_one, instant) == airtime.shown_ms(at_once, instant) == counted


def test_a_month_begins_at_midnight_in_the_village() -> None:
    assert airtime.month_of(datetime(2026, 11, 30, 15, 59, tzinfo=UTC)) == "2026-11"
    assert airtime.month_of(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == "2026-12"


def test_what_the_television_writes_down_it_counts_and_a_move_begins_anew() -> None:
    one = airing(seconds=60)
    tv = Television(NOON - timedelta(seconds=30))
    tv.take(events.StationChanged(StationCard(id="machang", name="马场村")))
    tv.take(stored(one))
    tv.take(events.TimetableChanged((one,)))
    tv.run(NOON + timedelta(seconds=90))
    counted = airtime.shown_ms(tv.state.airtime, tv.now)
    assert counted == shown_ms(tv.facts, one.id) > 50_000
    tv.take(events.StationChanged(StationCard(id="machang", name="马场村", stars=3)))
    assert airtime.shown_ms(tv.state.airtime, tv.now) == counted
    tv.take(events.StationChanged(StationCard(id="hongxing", name="红星村")))
    assert airtime.shown_ms(tv.state.airtime, tv.now) == 0
