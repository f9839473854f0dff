"""What 6,000, 60,000 and 600,000 boxes need, computed from what one costs; pure.

`python -m tests.benchmarks.sizes` prints the table of docs/scale.md. The costs are those of `growing` and `rows`; what
a day of a village is like is assumed, and said.
"""

import math
import sys
from collections.abc import Sequence

import msgspec

GB, MB, TB = 1e9, 1e6, 1e12


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """What one box, row or proof costs the server, measured.

    Attributes:
        idle_s: processor seconds of broker and link for a connected box and hour.
        proof_s: likewise for one layer, published and proved by one box.
        row_s: likewise for one event, told as it happens.
        row_together_s: likewise, told in a batch of an evening.
        memory: bytes of broker and link that one more box adds.
        idle_bytes: both ways, of a connected box and hour.
        publish_bytes: both ways, of one layer and its proof.
        row_bytes: both ways, of one event told as it happens.
        event_row: bytes of an event in the database, indexes included; so the others. A bucket holds the figures of a
            place, a course and a day.
    """

    idle_s: float
    proof_s: float
    row_s: float
    row_together_s: float
    memory: float
    idle_bytes: float
    publish_bytes: float
    row_bytes: float
    event_row: float
    session_row: float
    sign_in_row: float
    bucket_row: float


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day of a village, assumed.

    Attributes:
        lessons: that a box shows.
        rows: events of a lesson; of them `sign_ins` in the first `rush_s` seconds.
        publishings: layers that a box follows and that change.
        buckets: of its station: one a course, and one of all.
        lesson_bytes: of the rendition that a box fetches.
        fetched: of the lessons, how many are new to the box and not lent by a neighbour.
        night_s: seconds in which packages may be fetched.
    """

    lessons: int = 2
    rows: int = 39
    sign_ins: int = 26
    rush_s: float = 600.0
    publishings: int = 4
    buckets: int = 3
    lesson_bytes: float = 150 * MB
    fetched: float = 0.5
    night_s: float = 8 * 3600.0


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What so many boxes need together.

    Attributes:
        servers: counties' servers, none with more than were measured on one.
        idle_cores: while all are connected and nothing happens.
        rush_cores, least_rush_cores: while all sign in at once, row by row, and as batches grow when the link is late.
        proof_s: processor seconds for one layer that all follow.
        memory: bytes.
        events_day, year: rows of a day; bytes of a year in the database.
        wire_bps: of everything but packages, in the mean of a day.
        packages_bps: of the night's packages, if all come from the servers.
    """

    boxes: int
    servers: int
    idle_cores: float
    rush_cores: float
    least_rush_cores: float
    proof_s: float
    memory: float
    events_day: float
    year: float
    wire_bps: float
    packages_bps: float


BOXES_OF_SERVER = 5000
"""The most that were measured on one."""
SIZES = (6_000, 60_000, 600_000)


def size(boxes: int, costs: Costs, day: Day) -> Size:
    """What so many boxes need."""
    rows = day.lessons * day.rows
    kept = day.lessons * (day.rows * costs.event_row + costs.session_row + day.sign_ins * costs.sign_in_row)
    kept += day.buckets * costs.bucket_row
    wire = 24 * costs.idle_bytes + day.publishings * costs.publish_bytes + rows * costs.row_bytes
    rush = boxes * day.sign_ins / day.rush_s
    return Size(
        boxes=boxes,
        servers=math.ceil(boxes / BOXES_OF_SERVER),
        idle_cores=boxes * costs.idle_s / 3600,
        rush_cores=rush * costs.row_s,
        least_rush_cores=rush * costs.row_together_s,
        proof_s=boxes * costs.proof_s,
        memory=boxes * costs.memory,
        events_day=boxes * rows,
        year=365 * boxes * kept,
        wire_bps=boxes * wire * 8 / 86_400,
        packages_bps=boxes * day.lessons * day.fetched * day.lesson_bytes * 8 / day.night_s,
    )


def table(sizes: Sequence[Size]) -> str:
    """Markdown, a column for each size."""
    rows: list[tuple[str, list[str]]] = [
        ("county servers of at most 5,000 boxes", [f"{one.servers}" for one in sizes]),
        ("cores, all connected and idle", [_short(one.idle_cores) for one in sizes]),
        ("cores while all sign in, each row told at once", [_short(one.rush_cores) for one in sizes]),
        ("the same, rows in batches", [_short(one.least_rush_cores) for one in sizes]),
        ("processor seconds for one layer that all prove", [_short(one.proof_s) for one in sizes]),
        ("memory of brokers and links for the boxes", [f"{_short(one.memory / GB)} GB" for one in sizes]),
        ("events a day", [f"{one.events_day / 1e6:,.1f} million" for one in sizes]),
        ("evidence a year, PostgreSQL", [f"{_short(one.year / TB)} TB" for one in sizes]),
        ("line, everything but packages, mean", [f"{_short(one.wire_bps / 1e6)} Mbit/s" for one in sizes]),
        ("line, packages at night, all from servers", [f"{_short(one.packages_bps / 1e9)} Gbit/s" for one in sizes]),
    ]
    head = ["| boxes | " + " | ".join(f"{one.boxes:,}" for one in sizes) + " |", "|---|" + "---|" * len(sizes)]
    return "\n".join(head + [f"| {what} | {' | '.join(figures)} |" for what, figures in rows])


def _short(figure: float) -> str:
    """Two digits that count."""
    if figure >= 100:
        digits = 1 - math.floor(math.log10(figure))
        return f"{round(figure, digits):,.0f}"
    return f"{figure:.2g}" if figure < 10 else f"{figure:.0f}"


MEASURED = Costs(
    idle_s=0.11,
    proof_s=0.00035,
    row_s=0.0088,
    row_together_s=0.00035,
    memory=66_000,
    idle_bytes=21_100,
    publish_bytes=36_500,
    row_bytes=560,
    event_row=437,
    session_row=356,
    sign_in_row=323,
    bucket_row=294,
)
"""See docs/scale.md for when and by which command."""


if __name__ == "__main__":
    sys.stdout.write(table([size(boxes, MEASURED, Day()) for boxes in SIZES]) + "\n")
