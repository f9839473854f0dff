"""Sizes follow from unit costs: nothing is lost between the figures, and the docs quote what the program prints."""

from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.sizes import BOXES_OF_SERVER, MEASURED, SIZES, Day, size, table

DOCS = Path(__file__).parents[2] / "docs" / "scale.md"
PROPORTIONAL = (
    "idle_cores", "rush_cores", "least_rush_cores", "proof_s", "memory", "events_day", "year", "wire_bps",
    "packages_bps",
)  # fmt: skip


@given(boxes=st.integers(1, 10**6), times=st.integers(1, 100))
def test_so_many_times_the_boxes_need_so_many_times_as_much(boxes: int, times: int) -> None:
    one, many = size(boxes, MEASURED, Day()), size(boxes * times, MEASURED, Day())
    for name in PROPORTIONAL:
        assert abs(getattr(many, name) - times * getattr(one, name)) <= 1e-9 * getattr(many, name)


@given(boxes=st.integers(1, 10**6))
def test_no_server_has_more_boxes_than_were_measured_on_one(boxes: int) -> None:
    servers = size(boxes, MEASURED, Day()).servers
    assert servers * BOXES_OF_SERVER >= boxes > (servers - 1) * BOXES_OF_SERVER


def test_a_day_is_counted_by_hand() -> None:
    rows = {"event_row": 100, "session_row": 50, "sign_in_row": 10, "bucket_row": 7}
    costs = msgspec.structs.replace(MEASURED, idle_s=36.0, row_s=0.01, **rows)
    day = Day(lessons=2, rows=40, sign_ins=30, rush_s=600, buckets=3, lesson_bytes=90e6, fetched=0.5, night_s=28_800)
    found = size(1000, costs, day)
    assert found.idle_cores == 10
    assert found.rush_cores == 0.5
    assert found.events_day == 80_000
    assert found.year == 365 * 1000 * (2 * (40 * 100 + 50 + 30 * 10) + 3 * 7)
    assert found.packages_bps == 1000 * 90e6 * 8 / 28_800


def test_the_docs_have_the_table_that_is_printed() -> None:
    assert table([size(boxes, MEASURED, Day()) for boxes in SIZES]) in DOCS.read_text(encoding="utf-8")
