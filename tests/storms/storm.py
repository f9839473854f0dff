"""One storm: so many faults, then calm, then the books of the boxes against the books of the server.

The boxes' own word about every fact that was durable (`writer.py`) is the measure: what it names and the server does
not hold is lost; what the derived sessions count above it is counted twice.
"""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Literal

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.attendance.models import EventRow, QuarantinedEvent, SessionRow
from schedules.wire.codec import encode
from schedules.wire.messages import Credentials, SignedIn
from tests.county import County, open_county
from tests.demo.stack import ROOT, wait_until
from tests.storms.proxy import Proxy
from tests.storms.writer import CALM, SPAN_MS, fact

BOXES = 3
FACTS_PER_S = 30.0
SHARE = {"mqtt": 0.15, "http": 0.3}
KILL_EVERY_S = (1.5, 4.5)
CALM_WITHIN_S = 400.0
QUIET_S = 12.0

Way = Literal["journal", "hasty", "bare"]


@dataclass(slots=True)
class Outcome:
    """What a storm did, and what is missing after it."""

    faults: Counter[str] = field(default_factory=Counter)
    written: int = 0
    lost: int = 0
    doubled: int = 0
    altered: int = 0

    @property
    def injected(self) -> int:
        """All faults together."""
        return sum(self.faults.values())


class Program:
    """A process of the storm that is killed with -9 and started again; what it says is kept."""

    def __init__(self, name: str, argv: Callable[[], list[str]], environment: dict[str, str], folder: Path) -> None:
        self.name, self._argv, self._environment = name, argv, environment
        self._log = folder / f"{name}.log"
        self.said: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._reader: Thread | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *self._argv()],
                cwd=ROOT, env={**os.environ, **self._environment}, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        self._process = process
        self._reader = Thread(target=self._read, args=(process,), daemon=True)
        self._reader.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                if line.endswith("\n"):  # the last word of a killed process may be half
                    self.said.append(line)

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._reader is not None:
            self._reader.join(10)

    def facts(self) -> dict[int, str]:
        """Sequence to body of every fact that the program vouched for."""
        words = (line.rstrip("\n").split(" ", 1) for line in self.said if line != "ready\n")
        return {int(sequence): body for sequence, body in words}


def storm(folder: Path, faults: int, seed: int, way: Way = "journal") -> Outcome:
    """Let loose so many faults by a seed, wait for calm, compare."""
    county = open_county(folder / "county", BOXES, plain=True)
    mqtt = Proxy(county.stack.ports.mqtt, seed, SHARE["mqtt"], frames=True)
    http = Proxy(county.stack.ports.http, seed + 1, SHARE["http"], frames=False)
    boxes: list[Program] = []
    try:
        county.stack.control("stopProcess", "link")
        environment = dict(county.stack.environment)
        receiver = Program("receiver", lambda: _receiver(county, folder, way), environment, folder)
        receiver.start()
        for number, credentials in enumerate(_credentials(county, mqtt.port)):
            file = folder / f"box-{number}.json"
            file.write_bytes(encode(credentials))
            boxes.append(_box(number, file, folder, http.port, way))
            boxes[-1].start()
        wait_until(lambda: all(box.said for box in boxes), "every box writes", 240)
        outcome = Outcome()
        _blow(county, [receiver, *boxes], (mqtt, http), outcome, faults, random.Random(seed))
        (folder / CALM).touch()  # a file, not a signal: it reaches those too that are just being started
        _settle(county, folder, boxes, receiver, way)
        for program in (*boxes, receiver):
            program.kill()
        outcome.faults = Counter(mqtt.faults + http.faults + outcome.faults)
        _compare(county, folder, boxes, way, outcome)
        return outcome
    finally:
        for program in boxes:
            program.kill()
        mqtt.close()
        http.close()
        receiver.kill()
        county.close()


def _receiver(county: County, folder: Path, way: Way) -> list[str]:
    if way != "bare":
        return ["tests.storms.links", "hasty" if way == "hasty" else "honest"]
    account = county.stack.environment
    user, password = "contentserver", account["YUANJIAO_BROKER_PASSWORD"]
    return ["tests.storms.receiver", "127.0.0.1", str(county.stack.ports.mqtt), user, password, str(folder / "came.db")]


def _credentials(county: County, port: int) -> list[Credentials]:
    given = msgspec.json.decode(county.enrolled.read_bytes(), type=list[Credentials])
    through_proxy = [msgspec.structs.replace(one.broker, host="127.0.0.1", port=port) for one in given]
    return [msgspec.structs.replace(one, broker=broker) for one, broker in zip(given, through_proxy, strict=True)]


def _box(number: int, file: Path, folder: Path, http_port: int, way: Way) -> Program:
    data, server = folder / f"tv-{number}", f"http://127.0.0.1:{http_port}"

    def argv() -> list[str]:
        if way == "bare":
            return ["tests.storms.bare", str(file), str(FACTS_PER_S), str(max(box.facts(), default=0) + 1)]
        return ["tests.storms.writer", str(file), str(data), server, str(FACTS_PER_S)]

    box = Program(f"box-{number}", argv, {}, folder)
    return box


def _blow(
    county: County,
    programs: list[Program],
    lines: tuple[Proxy, Proxy],
    outcome: Outcome,
    faults: int,
    dice: random.Random,
) -> None:
    victims: list[Program | str] = [*programs, "broker", "server"]
    for line in lines:
        line.stormy.set()
    while outcome.injected + sum(sum(line.faults.values()) for line in lines) < faults:
        time.sleep(dice.uniform(*KILL_EVERY_S))
        victim = dice.choice(victims)
        outcome.faults["kill -9"] += 1
        if isinstance(victim, str):
            county.stack.kill(victim)
        else:
            victim.kill()
        for program in programs:
            if not program.alive():
                program.start()
    for line in lines:
        line.stormy.clear()


def _settle(county: County, folder: Path, boxes: list[Program], receiver: Program, way: Way) -> None:
    """Wait until the server has everything, as the journal promises; on the other ways until nothing more comes."""
    last, since = -1, time.monotonic()
    deadline = time.monotonic() + CALM_WITHIN_S
    while time.monotonic() < deadline:
        time.sleep(0.5)
        for program in (receiver, *boxes):
            if not program.alive():
                program.start()
        rows = _rows(county, folder, way)
        if way == "journal":
            if _whole(county, folder, boxes):
                return
        elif rows != last:
            last, since = rows, time.monotonic()
        elif time.monotonic() - since > QUIET_S:
            return


def _rows(county: County, folder: Path, way: Way) -> int:
    if way == "bare":
        with closing(sqlite3.connect(folder / "came.db")) as came:
            return int(came.execute("SELECT count(*) FROM came").fetchone()[0])
    with county.database.reader() as session:
        return session.scalar(select(func.count()).select_from(EventRow)) or 0


def _whole(county: County, folder: Path, boxes: list[Program]) -> bool:
    with county.database.reader() as session:
        held = sum(len(_held(session, number)) for number in range(len(boxes)))
    return held == sum(len(_journal(folder, number)) for number in range(len(boxes)))


def _held(session: Session, number: int) -> dict[int, str]:
    rows = session.execute(select(EventRow.sequence, EventRow.body).where(EventRow.box_id == number + 1))
    return dict(rows.all())


def _journal(folder: Path, number: int) -> dict[int, str]:
    with closing(sqlite3.connect(folder / f"tv-{number}" / "journal.db")) as journal:
        return {sequence: body.decode() for sequence, body in journal.execute("SELECT sequence, body FROM event")}


def _compare(county: County, folder: Path, boxes: list[Program], way: Way, outcome: Outcome) -> None:
    if way == "bare":
        with closing(sqlite3.connect(folder / "came.db")) as came:
            for number, box in enumerate(boxes):
                rows = [row[0] for row in came.execute("SELECT sequence FROM came WHERE box = ?", (number + 1,))]
                outcome.written += len(box.facts())
                outcome.lost += len(box.facts().keys() - set(rows))
                outcome.doubled += len(rows) - len(set(rows))
        return
    with county.database.reader() as session:
        for number, box in enumerate(boxes):
            told, held, journal = box.facts(), _held(session, number), _journal(folder, number)
            outcome.written += len(told)
            outcome.lost += len((told.keys() | journal.keys()) - held.keys())
            outcome.altered += sum(held[key] != body for key, body in told.items() if key in held)
        outcome.altered += session.scalar(select(func.count()).select_from(QuarantinedEvent)) or 0
        outcome.doubled += _counted_above(session)


def _counted_above(session: Session) -> int:
    """By how much the sessions count more people or seconds than distinct facts hold."""
    people: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    keys = set(session.execute(select(EventRow.station_id, EventRow.sequence)).all())
    for station, sequence in keys:
        body = fact(sequence)
        airing = f"{station}/{body.airing}"
        (people if isinstance(body, SignedIn) else shown)[airing] += 1
    above = 0
    for row in session.scalars(select(SessionRow)):
        key = f"{row.station_id}/{row.airing_id}"
        above += max(0, row.present - people[key]) + max(0, row.shown_ms // SPAN_MS - shown[key])
    return above


def main() -> None:
    """One storm from the command line: `python -m tests.storms.storm FOLDER FAULTS SEED [journal|hasty|bare]`."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    way: Way = sys.argv[4] if len(sys.argv) > 4 else "journal"  # type: ignore[assignment]
    print(storm(folder, int(sys.argv[2]), int(sys.argv[3]), way), f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
