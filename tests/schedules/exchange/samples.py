"""A small week of lessons for the exchange formats, and where their golden files lie."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from schedules.airings import LessonCard, LessonId, PackageName, Rank, SlotId
from schedules.plans import Plan, Repeat
from schedules.programme import programme_of
from schedules.slots import Days, Episode, Slot

GOLDEN = Path(__file__).parents[2] / "golden" / "exchange"
STAMP = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
WINDOW = (datetime(2026, 11, 22, 16, tzinfo=UTC), datetime(2026, 12, 6, 16, tzinfo=UTC))


def wall(day: int, hour: int, minute: int = 0) -> datetime:
    """Wall-clock time in November 2026."""
    return datetime(2026, 11, 1, hour, minute) + timedelta(days=day - 1)  # noqa: DTZ001  # wall-clock time


def lesson(number: int, title: str = "水稻育秧") -> Episode:
    card = LessonCard(
        id=LessonId(f"lesson-{number}"),
        title=f"{title}{number}",
        course="水稻栽培",
        subject="农业",
        number=number,
        summary="选种、浸种; 温度 <28°C> & 通风,\n“三看一调”。",
    )
    return Episode(lesson=card, package=PackageName(f"sha256-{number}"), duration_ms=40 * 60_000)


LESSONS = {key: one for one in (lesson(1), lesson(2), lesson(3)) for key in (one.lesson.id, one.lesson.title)}
SERIES = Slot(
    id=SlotId("series"),
    lesson=lesson(1).lesson,
    package=lesson(1).package,
    duration_ms=lesson(1).duration_ms,
    local_start=wall(23, 19, 30),
    zone="Asia/Shanghai",
    rule="FREQ=WEEKLY",
    episodes=(lesson(1), lesson(2)),
)
PROGRAMME = programme_of(
    Plan(slots=(SERIES,), repeats=(Repeat(id=SlotId("noon"), of=SERIES.id, days_later=1, at_min=720),)), *WINDOW
)
PLAIN = Slot(
    id=SlotId("plain"),
    lesson=lesson(3).lesson,
    package=lesson(3).package,
    duration_ms=lesson(3).duration_ms,
    local_start=wall(23, 23, 50),
    zone="Asia/Shanghai",
    rank=Rank.MANDATORY,
    rule="FREQ=WEEKLY;UNTIL=20261231T155959Z;BYDAY=MO,WE",
    exceptions=(wall(25, 23, 50),),
    days=Days.NOT_HOLIDAYS,
)
