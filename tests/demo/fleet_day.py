"""`python -m tests.demo.fleet_day`: a shortened evening of 610 televisions, and a report of what really happened.

The whole system runs as in the demonstration; the boxes are a fleet (`tvclient/fleet`) on weak lines, with clocks that
are wrong and villagers who sign in. In the middle the link and the broker are killed. At the end the boxes' books are
held against the server's and its report page. The picture: `fleet_chart.py`.
"""

import argparse
import os
import platform
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from imageio_ffmpeg import get_ffmpeg_exe
from sqlalchemy import func, select

from contentserver import stations
from contentserver.attendance.models import EventRow, QuarantinedEvent, SessionRow, SignInRow, StaleDay
from contentserver.boxes import Box
from contentserver.kernel.db import Database
from contentserver.members import Member
from contentserver.timetable.models import LayerProofRecord
from tests import processes
from tests.demo import fleet_chart, story
from tests.demo.desk import Desk, Planned
from tests.demo.fleet_report import PICTURE, Day, Moment, Use, page
from tests.demo.people import EDITOR as UPLOADER
from tests.demo.people import PASSWORD, REVIEWER, DemoAccount
from tests.demo.samples import Sample
from tests.demo.stack import ROOT, NotReady, Stack, fresh, wait_until
from tests.demo.story import ZONE, AiredLesson
from tvclient.fleet import BoxAccount

CITY = "6402"
EDITOR = DemoAccount("chenjing", "陈静", "scheduler", CITY, "plans for the whole city")
STAFF = DemoAccount("zhaoxia", "赵霞", "county_staff", CITY, "reads the city's reports")
MEMBERS = 16
LENGTH_S = 40
GAP = timedelta(seconds=25)
AHEAD = timedelta(seconds=60)
"""From the approval of the evening to its first lesson."""
FETCHED_WITHIN_S = 900
SEED = "7"
LINE = ("--link", "village", "--outages", "150", "--outage-s", "25")
CLOCKS = ("--clock-error", "120", "--drift", "80")
PEOPLE = ("--watch", "0.9", "--sign-in", "6")
VICTIMS = ((8.0, "link"), (18.0, "broker"))
"""Seconds into the middle lesson."""
DOCS = ROOT / "docs"


def run(folder: Path, boxes: int, lessons: int, say: Callable[[str], None]) -> Day:
    """Play the day in a fresh folder: lessons are planned and fetched, then moved to an evening that begins soon."""
    with Stack(fresh(folder)) as stack:
        return on(stack, boxes, lessons, say)


def on(
    stack: Stack,
    boxes: int,
    lessons: int,
    say: Callable[[str], None],
    *,
    line: Sequence[str] = LINE,
    victims: Sequence[tuple[float, str]] = VICTIMS,
    making: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Day:
    """Play the day on a running stack.

    Args:
        victims: what is killed, and how many seconds into the middle lesson.
        making: around the making of the lessons.
    """
    began = time.monotonic()
    say("The system is up; regions, stations, people")
    places = _furnish(stack, boxes)
    say(f"{boxes} televisions in {places} stations are let in; making {lessons} lessons")
    with making():
        ready = story.prepare_lessons(stack, [_recording(stack.folder, number) for number in range(1, lessons + 1)])
    for program in stack.idle:
        stack.control("stopProcess", program)
    day = _Evening(stack, boxes, ready, say, line, victims)
    try:
        return day.play(began, places)
    finally:
        day.close()


class _Evening:
    """The fleet, and who watches it."""

    def __init__(
        self,
        stack: Stack,
        boxes: int,
        lessons: tuple[AiredLesson, ...],
        say: Callable[[str], None],
        line: Sequence[str],
        victims: Sequence[tuple[float, str]],
    ) -> None:
        self._victims = victims
        self._stack, self._boxes, self._lessons, self._say = stack, boxes, lessons, say
        self._database = Database(stack.database_url)
        self._account = stack.folder / "account.json"
        self._moments: list[Moment] = []
        self._killed: list[tuple[float, str]] = []
        self._memory: dict[str, float] = {}
        self._processor: dict[int, tuple[str, float]] = {}
        argv = [sys.executable, "-m", "tvclient.fleet", "--enrolled", str(stack.folder / "fleet.json")]
        argv += ["--server", stack.box_url, "--data", str(stack.folder / "fleet"), "--account", str(self._account)]
        self.options = (*line, *CLOCKS, *PEOPLE, "--seed", SEED)
        with stack.log("fleet").open("wb") as log:
            self._fleet = subprocess.Popen([*argv, *self.options], cwd=ROOT, stdout=log, stderr=log)

    def close(self) -> None:
        """End the fleet."""
        if self._fleet.poll() is None:
            self._fleet.kill()
            self._fleet.wait(60)
        self._database.engine.dispose()

    def play(self, began: float, places: int) -> Day:
        """From the first connection to the last acknowledged row."""
        wait_until(lambda: self._online() >= 0.9 * self._boxes, "the televisions are connected", 240, 1.0)
        self._say(f"{self._online()} of {self._boxes} are connected; planning lessons for tomorrow")
        slots, _starts = self._plan(datetime.now(UTC) + timedelta(days=1))
        began_fetching = time.monotonic()
        wait_until(self._stored, "every television has every lesson", FETCHED_WITHIN_S, 5.0)
        self._fetched_s = time.monotonic() - began_fetching
        self._say(f"Every television has every lesson, after {self._fetched_s:.0f} s; moving them to this evening")
        self._revision = 2
        _slots, starts = self._plan(datetime.now(UTC) + AHEAD, slots)
        ends = starts[-1] + timedelta(seconds=LENGTH_S)
        kills = [(starts[len(starts) // 2] + timedelta(seconds=after), victim) for after, victim in self._victims]
        while (now := datetime.now(UTC)) < ends + timedelta(seconds=3):
            self._look()
            while kills and kills[0][0] <= now:
                victim = kills.pop(0)[1]
                self._stack.kill(victim)
                self._killed.append((time.monotonic() - self._approved, victim))
                self._say(f"kill -9 {victim}")
            time.sleep(1.0)
        self._say("The last lesson is over; waiting for what the boxes still have to tell")
        accounts = self._settle()
        shown = self._shown_on_the_page(starts[0])
        self._look()
        self._fleet.send_signal(signal.SIGTERM)
        self._fleet.wait(120)
        return self._day(began, accounts, starts, places, shown)

    def _plan(self, first: datetime, instead_of: Sequence[Planned] = ()) -> tuple[list[Planned], list[datetime]]:
        """Plan the lessons one after the other; another person approves."""
        first = first.replace(microsecond=0)
        starts = [first + number * (timedelta(seconds=LENGTH_S) + GAP) for number in range(len(self._lessons))]
        with Desk(self._stack.url, EDITOR) as editor, Desk(self._stack.url, REVIEWER) as reviewer:
            for slot in instead_of:
                editor.unplan(slot)
            slots = [
                editor.plan(CITY, lesson.id, start.astimezone(ZONE).replace(tzinfo=None))
                for start, lesson in zip(starts, self._lessons, strict=True)
            ]
            editor.submit(CITY)
            self._approved, self._approved_at = time.monotonic(), datetime.now(UTC)
            reviewer.approve_plan(CITY)
        return slots, starts

    def _stored(self) -> bool:
        """Whether every box can play every lesson from its disk."""
        return all(one.stored >= len(self._lessons) for one in self._accounts())

    def _accounts(self) -> list[BoxAccount]:
        """What the fleet says of every box at this moment."""
        self._account.unlink(missing_ok=True)
        self._fleet.send_signal(signal.SIGUSR1)
        wait_until(self._account.exists, "the fleet's account", 240)
        return msgspec.json.decode(self._account.read_bytes(), type=list[BoxAccount])

    def _online(self) -> int:
        with self._database.reader() as session:
            return session.scalar(select(func.count()).where(Box.online)) or 0

    def _look(self) -> None:
        with self._database.reader() as session:
            applied = select(func.count()).where(
                LayerProofRecord.layer_id == f"region-{CITY}", LayerProofRecord.applied >= self._revision
            )
            moment = Moment(
                at_s=time.monotonic() - self._approved,
                online=session.scalar(select(func.count()).where(Box.online)) or 0,
                applied=session.scalar(applied) or 0,
                events=session.scalar(select(func.count()).select_from(EventRow)) or 0,
            )
        self._moments.append(moment)
        with suppress(Exception):  # a part that was just killed has no number
            for name, pid in {**self._programs(), "fleet": self._fleet.pid}.items():
                people = processes.family(pid)
                taken = processes.proportional_bytes(people) / processes.MB
                self._memory[name] = max(self._memory.get(name, 0.0), taken)
                self._processor[pid] = (name, processes.processor_seconds(people))

    def _programs(self) -> dict[str, int]:
        return {name: self._stack.pid(name) for name in self._stack.measured}

    def _settle(self) -> list[BoxAccount]:
        """Wait until no box has a row that the server lacks and each has proved the evening, or for long enough."""
        accounts: list[BoxAccount] = []

        def all_told() -> bool:
            nonlocal accounts
            self._look()
            accounts = self._accounts()
            seen = self._moments[-1]
            written, waiting = (sum(found) for found in zip(*map(_facts, accounts), strict=True))
            self._rows_there = seen.events
            return waiting == 0 and seen.events == written and seen.applied >= self._boxes

        with suppress(NotReady):
            wait_until(all_told, "every row of every journal is on the server", 400, 2.0)
        return accounts

    def _shown_on_the_page(self, start: datetime) -> int:
        """How many people came, as the city's report page says it to whoever reads it."""
        wait_until(self._counted, "the figures are of all that came", 300, 1.0)
        day = start.astimezone(ZONE).date()
        with Desk(self._stack.url, STAFF) as desk:
            page = desk.page(f"/reports/attendance?region={CITY}&from={day}&to={day}")
        return sum(int(number) for number in re.findall(r'<tr data-label="[^"]*" data-present="(\d+)"', page))

    def _counted(self) -> bool:
        with self._database.reader() as session:
            return session.scalar(select(StaleDay.id).limit(1)) is None

    def _day(self, began: float, accounts: list[BoxAccount], starts: list[datetime], places: int, shown: int) -> Day:
        people = {(airing, one) for account in accounts for airing, made in account.sign_ins.items() for one in made}
        late = sorted(start.late_ms for account in accounts for start in account.starts)
        with self._database.reader() as session:
            counted = session.scalar(select(func.count()).select_from(SignInRow)) or 0
            quarantined = session.scalar(select(func.count()).select_from(QuarantinedEvent)) or 0
            missed = session.scalar(select(func.count()).where(SessionRow.missed_reason != "")) or 0
            kinds = select(func.count()).where(EventRow.kind == "airing_started")
            begun = session.scalar(kinds) or 0
        names = dict.fromkeys(name for name, _seconds in self._processor.values())
        return Day(
            boxes=self._boxes,
            stations=places,
            lessons=len(starts),
            command=" ".join(self.options),
            machine=f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release().split('-')[0]}",
            took_s=time.monotonic() - began,
            fetched_s=self._fetched_s,
            everywhere_s=next((one.at_s for one in self._moments if one.applied >= self._boxes), float("nan")),
            late_ms=tuple(late),
            clocks_off_ms=tuple(sorted(account.clock_off_ms for account in accounts)),
            joined_late=begun - len(late),
            missed=missed,
            outages=sum(account.outages for account in accounts),
            outage_minutes=sum(account.outage_s for account in accounts) / 60,
            killed=tuple(victim for _at, victim in self._killed),
            killed_s=tuple(at for at, _victim in self._killed),
            made=len(people),
            counted=counted,
            reported=shown,
            written=sum(account.journal_through for account in accounts),
            stored=self._rows_there,
            quarantined=quarantined,
            moments=tuple(self._moments),
            uses=tuple(
                Use(name, self._memory[name], sum(spent for whose, spent in self._processor.values() if whose == name))
                for name in names
            ),
            airings_s=tuple((start - self._approved_at).total_seconds() for start in starts),
            lesson_s=LENGTH_S,
        )


def _facts(account: BoxAccount) -> tuple[int, int]:
    """How many facts a box has written, and how many it still has to tell."""
    return account.journal_through, account.journal_waiting


def _furnish(stack: Stack, boxes: int) -> int:
    """Regions, stations with a roll each, people, and the televisions; how many stations there are."""
    stack.admin("import-regions")
    stack.admin("add-stations", CITY)
    for account in (UPLOADER, EDITOR, REVIEWER, STAFF):
        stack.admin(
            "add-account", account.username, account.name, account.role, "--region", account.region, secret=PASSWORD
        )
    database = Database(stack.database_url)
    with database.unit_of_work() as session:
        places = stations.stations_in(session, CITY)
        for place in places:
            numbers = range(101, 101 + MEMBERS)
            session.add_all(Member(station_id=place.id, name=f"组员{one}", number=str(one)) for one in numbers)
    stack.control("stopProcess", stack.box_broker)
    broker = stack.folder / stack.box_broker_folder
    stack.admin("enrol-fleet", CITY, str(boxes), str(stack.folder / "fleet.json"), "--broker", str(broker))
    stack.control("startProcess", stack.box_broker)
    due = select(func.count()).where(Box.desired_published < Box.desired_version)

    def known() -> bool:
        with database.reader() as session:
            return not session.scalar(due)

    wait_until(known, "every television has its account", 300, 0.5)
    database.engine.dispose()
    return min(len(places), boxes)


def _recording(folder: Path, number: int) -> Sample:
    """A lesson that is quickly made and quickly fetched: bars, a tone, a sentence."""
    file, captions = folder / f"lesson-{number}.mp4", folder / f"lesson-{number}.vtt"
    captions.write_text("WEBVTT\n\n00:01.000 --> 00:03.000\n乡亲们好。\n")
    subprocess.run(
        [get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", f"smptebars=size=640x360:rate=25:duration={LENGTH_S}",
         "-f", "lavfi", "-i", f"sine=frequency={200 + 60 * number}:duration={LENGTH_S}", "-pix_fmt", "yuv420p",
         "-shortest", str(file)],
        check=True, timeout=120,
    )  # fmt: skip
    return Sample(
        recording=file,
        captions=captions,
        course_title="试播",
        lesson_title=f"第{number}讲",
        number=number,
        subject="试播",
        audience="农户",
        summary="",
        duration_s=LENGTH_S,
    )


def main() -> int:
    """Play the day, write the report; 1 where the books differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo.fleet_day", description=__doc__)
    parser.add_argument("--boxes", type=int, default=610, metavar="N")
    parser.add_argument("--lessons", type=int, default=3, metavar="N")
    parser.add_argument("--out", type=Path, default=DOCS, metavar="DIR", help="where page and picture go")
    given = parser.parse_args()
    began = time.monotonic()

    def say(words: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {words}", flush=True)

    folder = ROOT / "var" / "fleet-day"
    try:
        day = run(folder, given.boxes, given.lessons, say)
    except NotReady as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    picture = given.out / PICTURE
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(fleet_chart.drawn(day), encoding="utf-8")
    (given.out / "fleet-day.md").write_text(page(day), encoding="utf-8")
    (folder / "day.json").write_bytes(msgspec.json.encode(day))
    say(f"{day.made} signed in, {day.counted} counted; the report is {given.out / 'fleet-day.md'}")
    return 0 if day.true else 1


if __name__ == "__main__":
    sys.exit(main())
