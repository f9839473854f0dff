"""From the click to the last box's proof, against a broker that carries the same bytes and as many reports."""

import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import select

from contentserver.timetable.models import LayerRevision
from tests.benchmarks.bare import BareBroker
from tests.benchmarks.measure import Result, result
from tests.county import County, open_county, settle
from tests.demo.desk import Desk
from tests.demo.people import COUNTY, EDITOR, REVIEWER

GOALS = {610: 2.0, 5000: 2.5}
WARM_UP = 2
CPU_GOAL_S = 0.25
"""Processor seconds of the link for a thousand proofs."""
_LOOK_EVERY_S = 0.002


def run(boxes: int, pairs: int) -> list[Result]:
    """Publish a county's layer to so many boxes, in turn with the bare broker."""
    with tempfile.TemporaryDirectory(prefix="delivering-") as name:
        folder = Path(name)
        county = open_county(folder / "county", boxes, plain=True)
        bare = BareBroker(folder, boxes)
        try:
            county.start_fleet(durable=False)
            settle(county)
            ours, theirs, processor = _measure(county, bare, pairs)
        finally:
            bare.close()
            county.close()
    ratios = tuple(one / other for one, other in zip(ours, theirs, strict=True))
    print(
        f"{boxes} boxes: click to last proof {statistics.median(ours):.3f} s, "
        f"bare broker {statistics.median(theirs):.3f} s (medians)"
    )
    return [
        result(
            f"click to last proof, {boxes} boxes",
            ratios,
            goal=GOALS[boxes],
            better="lower",
            against="bare Mosquitto, same bytes and as many reports",
        ),
        result(
            f"link's processor seconds per 1,000 proofs, {boxes} boxes",
            processor,
            goal=CPU_GOAL_S,
            better="lower",
            against="seconds, not a ratio",
        ),
    ]


def _measure(county: County, bare: BareBroker, pairs: int) -> tuple[list[float], list[float], tuple[float, ...]]:
    ours, theirs, processor = [], [], []
    with Desk(county.stack.url, EDITOR) as editor, Desk(county.stack.url, REVIEWER) as reviewer:
        for number in range(WARM_UP + pairs):
            county.draft(editor, number)
            before = county.link_seconds()
            started = time.perf_counter()
            reviewer.approve_plan(COUNTY)
            while county.applied(number + 1) < county.boxes:
                time.sleep(_LOOK_EVERY_S)
            took = time.perf_counter() - started
            spent = county.link_seconds() - before
            other = bare.round(_bytes_published(county))
            if number >= WARM_UP:
                ours.append(took)
                theirs.append(other)
                processor.append(spent * 1000 / county.boxes)
    return ours, theirs, tuple(processor)


def _bytes_published(county: County) -> bytes:
    with county.database.reader() as session:
        newest = select(LayerRevision.jws).where(LayerRevision.layer_id == f"region-{COUNTY}")
        jws = session.scalars(newest.order_by(LayerRevision.revision.desc()).limit(1)).one()
    return jws.encode()
