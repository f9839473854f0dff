"""What the demonstration tells on a running stack, step by step; each step can be repeated on what is there already.

Recording, upload, package, approval, timetable, television. The people act through `desk.py`, as in a browser.
"""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tests.demo.desk import Desk, LessonStatus, Planned
from tests.demo.people import ACCOUNTS, COUNTY, EDITOR, MEMBERS, PASSWORD, REVIEWER, STATION, VILLAGE
from tests.demo.samples import Sample, make_samples
from tests.demo.stack import Stack, wait_until

ZONE = ZoneInfo("Asia/Shanghai")
TRANSCODE_TIMEOUT_S = 600
GAP = timedelta(seconds=60)
"""Between the end of the first lesson and the start of the next."""


class StoryBroken(RuntimeError):
    """A step of the story did not come out; the message says which and why."""


@dataclass(frozen=True, slots=True)
class AiredLesson:
    """A lesson of the demonstration, ready to air."""

    id: str
    course: str
    title: str
    duration: timedelta


@dataclass(frozen=True, slots=True)
class Evening:
    """What was planned: the first lesson's start (aware) and end, the lessons in order, and their slots."""

    start: datetime
    end: datetime
    lessons: tuple[AiredLesson, ...]
    slots: tuple[Planned, ...]


def furnish(stack: Stack) -> None:
    """Regions, stations, accounts, members."""
    stack.admin("import-regions")
    stack.admin("add-stations", "64")
    for account in ACCOUNTS:
        stack.admin(
            "add-account", account.username, account.name, account.role, "--region", account.region, secret=PASSWORD
        )
    roll = stack.folder / "members.csv"
    with roll.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("name", "number"))
        rows.writerows(MEMBERS)
    stack.admin("import-members", VILLAGE, str(roll))


def make_recordings(folder: Path, say: Callable[[str], None]) -> tuple[Sample, ...]:
    """The sample recordings, made where they are not there yet."""
    return make_samples(folder, lambda sample: say(f"  {sample.course_title} · {sample.lesson_title}"))


def prepare_lessons(stack: Stack, samples: Sequence[Sample]) -> tuple[AiredLesson, ...]:
    """Upload and transcode each sample as the editor, approve it as the reviewer.

    Raises:
        StoryBroken: a transcode failed.
    """
    lessons = []
    columns = (TextColumn("  {task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with (
        Desk(stack.url, EDITOR) as editor,
        Desk(stack.url, REVIEWER) as reviewer,
        Progress(*columns, TimeRemainingColumn()) as bars,
    ):
        for sample in samples:
            bar = bars.add_task(sample.lesson_title, total=1.0)
            lesson = _upload(editor, sample, bars, bar)
            _follow(editor, lesson, bars, bar)
            reviewer.approve(lesson)
            lessons.append(
                AiredLesson(lesson, sample.course_title, sample.lesson_title, timedelta(seconds=sample.duration_s))
            )
    return tuple(lessons)


def plan_evening(
    stack: Stack, lessons: Sequence[AiredLesson], ahead: timedelta, instead_of: Sequence[Planned] = ()
) -> Evening:
    """Put the first lesson on the county's layer, the others behind it on the village's; another approves both.

    `instead_of` names slots of an earlier evening that are taken out first.
    """
    start = (datetime.now(UTC) + ahead).replace(microsecond=0)
    first, *others = lessons
    end = following = start + first.duration + timedelta(seconds=1)
    with Desk(stack.url, EDITOR) as editor:
        for slot in instead_of:
            editor.unplan(slot)
        slots = [editor.plan(COUNTY, first.id, start.astimezone(ZONE).replace(tzinfo=None))]
        for lesson in others:
            following += GAP
            slots.append(editor.plan(VILLAGE, lesson.id, following.astimezone(ZONE).replace(tzinfo=None)))
            following += lesson.duration + timedelta(seconds=1)
        regions = (COUNTY, VILLAGE) if others else (COUNTY,)
        for region in regions:
            editor.submit(region)
    with Desk(stack.url, REVIEWER) as reviewer:
        for region in regions:
            reviewer.approve_plan(region)
    return Evening(start=start, end=end, lessons=tuple(lessons), slots=tuple(slots))


def enrol_television(stack: Stack) -> str:
    """Read the code off the television and enter it as the station's administrator; gives back the code.

    A television that is enrolled already shows none and is left alone; then the answer is empty.
    """
    log = stack.log("television")
    wait_until(lambda: bool(_offered(log) or _enrolled(log)), "the television asks to be let in", 240)
    code = _offered(log)
    if not code or _enrolled(log):
        return ""
    with Desk(stack.url, STATION) as desk:
        desk.claim(code, desk.station_id("马场村"))
    wait_until(lambda: _enrolled(log), "the television is let in", 240)
    return code


def _offered(log: Path) -> str:
    offers = [line for line in log.read_text(errors="replace").splitlines() if "enrolment.offered" in line]
    found = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", offers[-1]) if offers else None
    return found[0] if found else ""


def _enrolled(log: Path) -> bool:
    text = log.read_text(errors="replace")
    return "enrolment.done" in text or "link.up" in text


def _upload(editor: Desk, sample: Sample, bars: Progress, bar: TaskID) -> str:
    course = editor.add_course(sample.course_title, sample.subject, sample.audience, COUNTY)
    captions = editor.upload(sample.captions, lambda _fraction: None)
    recording = editor.upload(sample.recording, lambda fraction: bars.update(bar, completed=0.1 * fraction))
    return editor.add_lesson(course, sample.lesson_title, sample.number, sample.summary, recording, {"zh": captions})


def _follow(editor: Desk, lesson: str, bars: Progress, bar: TaskID) -> None:
    status: LessonStatus = editor.lesson(lesson)

    def finished() -> bool:
        nonlocal status
        status = editor.lesson(lesson)
        bars.update(bar, completed=0.1 + 0.9 * status.fraction)
        return status.state not in {"draft", "transcoding"}

    wait_until(finished, "the transcode ends", TRANSCODE_TIMEOUT_S, poll_s=0.5)
    bars.update(bar, completed=1.0)
    if status.state != "in_review":
        raise StoryBroken(f"The lesson could not be prepared: {status.error or status.state}")


def remembered(file: Path) -> Evening | None:
    """The evening that an earlier run of the demonstration planned; None where there was no such run."""
    return msgspec.json.decode(file.read_bytes(), type=Evening) if file.exists() else None


def remember(file: Path, evening: Evening) -> None:
    """Keep an evening for the next run."""
    file.write_bytes(msgspec.json.encode(evening))
