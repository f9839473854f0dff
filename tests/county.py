"""A running county for tests and benchmarks: the whole server, a fleet that keeps timetables, lessons that may air."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from contentserver.accounts import Account
from contentserver.boxes import Box
from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Database
from contentserver.timetable import Delivery, LayerRecord, delivery
from contentserver.timetable.models import LayerProofRecord
from tests.demo.desk import Desk
from tests.demo.people import COUNTY, EDITOR, PASSWORD, REVIEWER
from tests.demo.stack import ROOT, Stack, wait_until

CITY = "6402"
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class County:
    """The server's processes and the fleet."""

    stack: Stack
    database: Database
    boxes: int
    lessons: tuple[str, ...]
    plain: bool = False
    """Whether the boxes come without TLS: a bare broker, to which the server is compared, has none either."""
    fleet: subprocess.Popen[bytes] | None = None

    @property
    def enrolled(self) -> Path:
        """The fleet's credentials."""
        return self.stack.folder / "fleet.json"

    def start_fleet(self, *, durable: bool, whole: bool = False) -> None:
        """Bring the boxes up, whole ones or such as keep timetables alone; returns at once."""
        server = self.stack.url if self.plain else self.stack.box_url
        argv = [sys.executable, "-m", "tvclient.fleet", "--enrolled", str(self.enrolled)]
        argv += (
            ["--server", server, "--data", str(self.stack.folder / "fleet")]
            + ([] if durable else ["--no-fsync"])
            + ([] if whole else ["--timetables"])
        )
        self.fleet = subprocess.Popen(argv, cwd=ROOT, start_new_session=True)

    def kill_fleet(self) -> None:
        """kill -9 all boxes at once."""
        if self.fleet is not None:
            self.fleet.kill()
            self.fleet.wait()
            self.fleet = None

    def online(self) -> int:
        """How many boxes the server knows to be connected."""
        with self.database.reader() as session:
            return session.scalar(select(func.count()).where(Box.online)) or 0

    def delivery(self) -> Delivery:
        """How far the county's newest revision has come."""
        with self.database.reader() as session:
            return delivery(session, session.get_one(LayerRecord, f"region-{COUNTY}"))

    def applied(self, revision: int) -> int:
        """How many boxes apply a revision of the county's layer; cheap, so that looking disturbs nothing."""
        proofs = select(func.count()).where(
            LayerProofRecord.layer_id == f"region-{COUNTY}", LayerProofRecord.applied >= revision
        )
        with self.database.reader() as session:
            return session.scalar(proofs) or 0

    def proved(self, timeout_s: float = 120) -> None:
        """Wait until every box has stored and applied the newest revision."""
        wait_until(
            lambda: (found := self.delivery()).stored == found.applied == self.boxes, "every box proves", timeout_s, 0.2
        )

    def link_seconds(self) -> float:
        """Processor seconds of the link process so far."""
        fields = Path(f"/proc/{self.stack.pid('link')}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS

    def draft(self, editor: Desk, number: int) -> None:
        """Plan one more lesson, some days ahead, and submit it."""
        self.plan(editor, number)
        editor.submit(COUNTY)

    def plan(self, editor: Desk, number: int) -> None:
        """Plan one more lesson, some days ahead."""
        start = datetime.now(UTC).replace(microsecond=0, second=0, minute=0, tzinfo=None) + timedelta(
            days=1 + number // 20, hours=number % 20
        )
        editor.plan(COUNTY, self.lessons[number % len(self.lessons)], start)

    def close(self) -> None:
        """End everything."""
        if self.fleet is not None:
            self.fleet.send_signal(signal.SIGTERM)
            self.fleet.wait(30)
        self.database.engine.dispose()
        self.stack.stop()


def open_county(folder: Path, boxes: int, *, plain: bool = False) -> County:
    """Start the server and let in so many boxes of the county; the fleet is not started."""
    stack = Stack(folder)
    stack.start()
    for program in ("worker",):
        stack.control("stopProcess", program)
    stack.admin("import-regions")
    stack.admin("add-stations", COUNTY)
    for account in (EDITOR, REVIEWER):
        stack.admin(
            "add-account", account.username, account.name, account.role, "--region", account.region, secret=PASSWORD
        )
    stack.control("stopProcess", "broker")
    broker = folder / "config" / "broker"
    way = ("--plain",) if plain else ()
    stack.admin("enrol-fleet", COUNTY, str(boxes), str(folder / "fleet.json"), "--broker", str(broker), *way)
    stack.control("startProcess", "broker")
    database = Database(stack.database_url)
    county = County(stack=stack, database=database, boxes=boxes, lessons=_lessons(database), plain=plain)
    wait_until(lambda: _accounts_due(database) == 0, "every box has its account", 900, 0.5)
    return county


def settle(county: County) -> None:
    """Wait until the server knows every box to be connected: a fresh fleet has no more to say."""
    wait_until(lambda: county.online() == county.boxes, "every box is connected", 300, 0.5)


def _accounts_due(database: Database) -> int:
    with database.reader() as session:
        return session.scalar(select(func.count()).where(Box.desired_published < Box.desired_version)) or 0


def _lessons(database: Database) -> tuple[str, ...]:
    """Lessons that may air; their packages are never fetched."""
    with database.unit_of_work() as session:
        uploader = session.scalars(select(Account.id).where(Account.role == Role.SCHEDULER.value)).first()
        assert uploader is not None
        course = Course(title="测土配方施肥", region_code=COUNTY, created_at=datetime.now(UTC))
        session.add(course)
        session.flush()
        made: Sequence[Lesson] = [
            Lesson(
                course_id=course.id,
                number=number + 1,
                title=f"第{number + 1}讲",
                state=LessonState.APPROVED,
                uploader_id=uploader,
                created_at=datetime.now(UTC),
                package_name=f"sha256-{number:064x}",
                duration_ms=40 * 60_000,
            )
            for number in range(8)
        ]
        session.add_all(made)
        session.flush()
        return tuple(str(lesson.id) for lesson in made)
