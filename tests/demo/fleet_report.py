"""What a fleet's day is reported as: the figures, and the page that says them (docs/fleet-day.md)."""

import statistics
from pathlib import Path

import msgspec

from tests.demo import fleet_chart

PICTURE = Path("pictures/fleet-day.svg")


class Moment(msgspec.Struct, frozen=True):
    """What was seen at one moment, in seconds since the plan was approved."""

    at_s: float
    online: int
    applied: int
    events: int


class Use(msgspec.Struct, frozen=True):
    """What a program took over the day."""

    program: str
    memory_mb: float
    processor_s: float


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What happened. Both books: the boxes', and the server's."""

    boxes: int
    stations: int
    lessons: int
    command: str
    machine: str
    took_s: float
    fetched_s: float
    everywhere_s: float
    late_ms: tuple[float, ...]
    clocks_off_ms: tuple[float, ...]
    joined_late: int
    missed: int
    outages: int
    outage_minutes: float
    killed: tuple[str, ...]
    killed_s: tuple[float, ...]
    made: int
    counted: int
    reported: int
    written: int
    stored: int
    quarantined: int
    moments: tuple[Moment, ...]
    uses: tuple[Use, ...]
    airings_s: tuple[float, ...]
    lesson_s: float

    @property
    def true(self) -> bool:
        """Whether the server's books say what the boxes' say."""
        return self.made == self.counted == self.reported and self.written == self.stored and not self.quarantined


def page(day: Day) -> str:
    """The day in words."""
    late = day.late_ms or (float("nan"),)
    low, high = fleet_chart.at(late, 0.01), fleet_chart.at(late, 0.99)
    off_low, off_high = (fleet_chart.at(day.clocks_off_ms, share) for share in (0.01, 0.99))
    rows = {
        "from the first plan to every lesson stored in every television": f"{day.fetched_s:.0f} s",
        "from the click that moved them to the new timetable on every television": f"{day.everywhere_s:.0f} s",
        "pictures that started at the announced second": f"{len(day.late_ms)}",
        "how late": f"median {statistics.median(late):+.0f} ms; 98 of 100 from {low:+.0f} to {high:+.0f} ms",
        "boxes' own clocks at the end": f"98 of 100 within {max(map(abs, (off_low, off_high))):.0f} ms",
        "pictures that joined while the lesson ran": f"{day.joined_late}",
        "sessions in which nothing could be shown": f"{day.missed}",
        "outages of lines": f"{day.outages}; {day.outage_minutes:.0f} minutes together",
        "killed with -9 during a lesson": ", ".join(day.killed),
        "people who signed in, by the boxes' own books": f"{day.made}",
        "the same by the server's books": f"{day.counted}",
        "the same on the report page": f"{day.reported}",
        f"facts in {day.boxes} journals": f"{day.written}",
        "facts on the server": f"{day.stored}; in quarantine {day.quarantined}",
        "lost, or counted twice": "none" if day.true else "**the books differ**",
    }
    table = "\n".join(f"| {name} | {figure} |" for name, figure in rows.items())
    uses = "\n".join(f"| {one.program} | {one.memory_mb:.0f} MB | {one.processor_s:.0f} s |" for one in day.uses)
    return f"""# A day of {day.boxes} televisions

Made by `python -m tests.demo.fleet_day`, which writes this page and its picture from what it measured: the whole server
and {day.boxes} boxes in {day.stations} stations of the real region list, all on one machine ({day.machine}).
The evening is shortened: {day.lessons} lessons of {day.lesson_s:.0f} s; all of it took {day.took_s / 60:.0f} minutes.
Lines, clocks and villagers are imagined (`{day.command}`);
what is real is said in [the fleet](fleet.md).

![Timetables, lines, facts and starts]({PICTURE})

| | |
|---|---|
{table}

Starts are measured by the machine's clock, when the player is told to move; each box goes by its own clock, which was
up to two minutes wrong when it woke, and drifts. One process lets all pictures of a lesson go in the same instant, and
the machine runs the whole server too: what lies beyond the clocks' error is the wait for a turn there.

| program | memory (PSS, most) | processor |
|---|---|---|
{uses}
"""
