"""When something will have come, and which rendition can be whole in time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contentserver.readiness.forecast import HORIZON, Slow, Step, finish, wanted_rendition

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MB = 1_000_000
LADDER = (Step("360p", 45 * MB), Step("480p", 110 * MB), Step("720p", 300 * MB))

slows = st.lists(
    st.builds(
        lambda start, length, share: Slow(NOW + start * MINUTE, NOW + (start + length) * MINUTE, share),
        st.integers(-600, 3000),
        st.integers(1, 2000),
        st.sampled_from([0.0, 1 / 3, 0.5]),
    ),
    max_size=5,
)


def test_it_is_bytes_by_speed() -> None:
    assert finish(NOW, 45 * MB, 600) == NOW + timedelta(seconds=600)
    assert finish(NOW, 0, 600) == NOW
    assert finish(NOW, 1, 0) is None
    assert finish(NOW, 10**15, 1) is None


def test_a_power_cut_and_a_lesson_that_plays_hold_it_up() -> None:
    cut = Slow(NOW + 5 * MINUTE, NOW + 65 * MINUTE, 0.0)
    assert finish(NOW, 45 * MB, 600, [cut]) == NOW + 70 * MINUTE
    lesson = Slow(NOW + 4 * MINUTE, NOW + 10 * MINUTE, 1 / 3)
    assert finish(NOW, 45 * MB, 600, [lesson]) == NOW + 14 * MINUTE
    assert finish(NOW, 45 * MB, 600, [cut, lesson]) == NOW + timedelta(minutes=4 + 60 + 1, seconds=5 * 60 - 20 + 60)


def test_a_cut_without_end_never_ends() -> None:
    assert finish(NOW, MB, 600, [Slow(NOW, NOW + HORIZON + timedelta(days=1), 0.0)]) is None


@given(st.integers(0, 10**9), st.integers(1, 20_000), slows)
def test_what_holds_up_never_helps_and_nothing_comes_before_now(wanted: int, kbps: int, slow: list[Slow]) -> None:
    plain, held = finish(NOW, wanted, kbps), finish(NOW, wanted, kbps, slow)
    if held is not None:
        assert plain is not None
        assert NOW <= plain <= held + timedelta(milliseconds=1)


@given(st.integers(0, 10**9), st.integers(0, 10**8), st.integers(1, 20_000), st.integers(0, 20_000), slows)
def test_fewer_bytes_and_a_faster_line_are_never_later(
    wanted: int, more: int, kbps: int, faster: int, slow: list[Slow]
) -> None:
    now_by, less_by = finish(NOW, wanted + more, kbps, slow), finish(NOW, wanted, kbps + faster, slow)
    if now_by is not None:
        assert less_by is not None
        assert less_by <= now_by + timedelta(milliseconds=1)


def choose(
    kbps: int, hours: float, *, limit: str = "", whole: str = "", remaining: int = 300 * MB, room: int | None = None
) -> str:
    return wanted_rendition(
        LADDER,
        limit=limit,
        whole=whole,
        remaining_bytes=remaining,
        before_bytes=45 * MB,
        room_bytes=room,
        kbps=kbps,
        slow=(),
        start=NOW + timedelta(hours=hours),
        now=NOW,
    )


def test_the_best_is_wanted_where_it_comes_in_time() -> None:
    assert choose(2000, 1) == ""


def test_else_the_largest_that_will_be_whole_and_at_least_the_smallest() -> None:
    assert choose(600, 1) == "480p"
    assert choose(300, 1) == "360p"
    assert choose(10, 1) == "360p"


def test_a_limit_stays_until_the_line_is_clearly_faster_and_goes_where_the_best_is_whole() -> None:
    just_enough = -(-(345 * MB * 8) // 3_600_000)
    assert choose(just_enough, 1) == ""
    assert choose(just_enough, 1, limit="360p") != ""
    assert choose(2 * just_enough, 1, limit="360p") == ""
    assert choose(100, 1, limit="360p", whole="720p") == ""


def test_what_is_whole_already_is_never_taken_back() -> None:
    assert choose(10, 1, whole="480p") == "480p"


def test_what_the_disk_cannot_take_is_not_wanted() -> None:
    assert choose(20_000, 24, room=400 * MB) == ""
    assert choose(20_000, 24, room=200 * MB) == "480p"
    assert choose(20_000, 24, room=0) == "360p"


def test_a_package_of_one_rendition_has_nothing_smaller() -> None:
    assert (
        wanted_rendition(
            LADDER[:1],
            limit="",
            whole="",
            remaining_bytes=MB,
            before_bytes=0,
            room_bytes=None,
            kbps=1,
            slow=(),
            start=NOW,
            now=NOW,
        )
        == ""
    )


@given(st.integers(1, 5000), st.sampled_from(["", "360p", "480p"]), st.floats(0, 48))
def test_the_choice_stands_when_it_is_made_again(kbps: int, limit: str, hours: float) -> None:
    chosen = choose(kbps, hours, limit=limit)
    assert choose(kbps, hours, limit=chosen, remaining=300 * MB if not chosen else 0) in {chosen, ""}
    assert chosen in {"", "360p", "480p"}
