"""Is "delivered" ever said too early? Publish, kill -9 something in the middle, and hold every proof against the disks.

What the server believes is read first, the boxes' disks after it: a disk that holds less than was believed is a false
"delivered". Every revision must be proved by every box in the end, whatever was killed.
"""

import base64
import random
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec
from rich.progress import track
from sqlalchemy import select

from contentserver.timetable.models import LayerProofRecord, LayerRecord
from tests.benchmarks.measure import Result
from tests.county import County, open_county, settle
from tests.demo.desk import Desk, Refused
from tests.demo.people import COUNTY, EDITOR, REVIEWER
from tests.demo.stack import NotReady, wait_until

BOXES = 12
VICTIMS = ("broker", "link", "server", "fleet")
LAYER = f"region-{COUNTY}"
WITHIN_S = 0.8
"""The kill comes this long after the click at the latest."""
PROVED_WITHIN_S = 90


class _Payload(msgspec.Struct):
    revision: int


def run(runs: int, seed: int = 1) -> list[Result]:
    """So many publishings, each with one victim."""
    chance = random.Random(seed)
    false, proved = [], []
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        county = open_county(Path(name) / "county", BOXES, plain=True)
        try:
            county.start_fleet(durable=True)
            settle(county)
            for number in track(range(runs), "kill -9"):
                lies, whole = _one(county, number, chance.choice(VICTIMS), chance.uniform(0, WITHIN_S))
                false.append(float(lies))
                proved.append(float(whole))
        finally:
            county.close()
    against = f"the disks of {BOXES} boxes; {', '.join(VICTIMS)} killed"
    return [
        Result(
            name=f"false 'delivered', {runs} runs with kill -9",
            value=sum(false),
            goal=0,
            better="lower",
            against=against,
            samples=tuple(false),
        ),
        Result(
            name=f"eventually proved, {runs} runs with kill -9",
            value=sum(proved) / len(proved),
            goal=1.0,
            better="higher",
            against=against,
            samples=tuple(proved),
        ),
    ]


def _one(county: County, number: int, victim: str, after_s: float) -> tuple[int, bool]:
    """Publish, kill, watch; how often a disk held less than was believed, and whether all came through."""
    _insist(lambda: _draft(county, number))
    with ThreadPoolExecutor(1) as hand:
        killing = hand.submit(_kill, county, victim, after_s)
        _insist(lambda: _approve(county))
        lies = 0
        deadline = time.monotonic() + PROVED_WITHIN_S
        while time.monotonic() < deadline:
            lies += _lies(county)
            if killing.done() and _whole(county):
                break
            time.sleep(0.02)
        killing.result()
    return lies, _whole(county)


def _kill(county: County, victim: str, after_s: float) -> None:
    time.sleep(after_s)
    if victim == "fleet":
        county.kill_fleet()
        county.start_fleet(durable=True)
    else:
        county.stack.kill(victim)


def _draft(county: County, number: int) -> None:
    with Desk(county.stack.url, EDITOR) as editor:
        county.draft(editor, number)


def _approve(county: County) -> None:
    """Approve what waits; nothing waits any more where a killed server had committed before it could answer."""
    with county.database.reader() as session:
        if session.get_one(LayerRecord, LAYER).submitted_version is None:
            return
    with Desk(county.stack.url, REVIEWER) as reviewer:
        reviewer.approve_plan(COUNTY)


def _insist(work: Callable[[], None]) -> None:
    """As a person does whose server went away for a moment."""

    def done() -> bool:
        try:
            work()
        except (httpx.HTTPError, Refused):
            return False
        return True

    wait_until(done, "the server takes it", 60, 0.3)


def _lies(county: County) -> int:
    with county.database.reader() as session:
        believed = session.execute(
            select(LayerProofRecord.box_id, LayerProofRecord.stored).where(LayerProofRecord.layer_id == LAYER)
        ).all()
    return sum(_on_disk(county, box) < stored for box, stored in believed)


def _whole(county: County) -> bool:
    try:
        county.proved(0.0)
    except NotReady:
        return False
    return True


def _on_disk(county: County, box: int) -> int:
    """The revision that a box's file holds; 0 for none."""
    file = county.stack.folder / "fleet" / f"box-{box}" / "layers" / f"{LAYER}.jws"
    try:
        _stored_at, _line, token = file.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return 0
    payload = token.split(b".")[1]
    padded = payload + b"=" * (-len(payload) % 4)
    return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=_Payload).revision
