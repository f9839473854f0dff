"""What somebody waits for who opens a report: figures of two years of a county, as ten million events leave them."""

import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from pyroaring import BitMap
from sqlalchemy import insert

from contentserver import stations
from contentserver.figures.models import Bucket
from contentserver.figures.rules import NAMES
from contentserver.regions import children_of, region_named
from contentserver.reports.overview import Asked, overview
from contentserver.reports.rules import Against, Period, before
from tests.benchmarks.measure import Result
from tests.serving import import_regions, services_in

COUNTY, LAST, DAYS = "640221", date(2026, 11, 28), 731
PEOPLE_OF_COUNTY, PEOPLE_OF_TOWNSHIP = 4000, 300
"""Who comes on one day."""
COURSES = ("", "种植", "养殖", "健康")
MONTH = Period(LAST.replace(day=1), LAST)


def run(rounds: int) -> list[Result]:
    """Seconds of the service, 95 of 100 at most."""
    with tempfile.TemporaryDirectory(prefix="reporting-") as name:
        services = services_in(Path(name))
        with services.database.unit_of_work() as session:
            import_regions(session)
            stations.add_village_stations(session, COUNTY)
            townships = [one.code for one in children_of(session, COUNTY)]
            for node in (COUNTY, *townships):
                session.execute(insert(Bucket), list(_buckets(node, Random(node))))
        found = []
        for what, asked in (
            ("overview of a month", Asked(MONTH)),
            ("overview of a month beside the one before", Asked(MONTH, "", Against.BEFORE, before(MONTH))),
            ("overview of a year", Asked(Period(LAST - timedelta(days=364), LAST))),
        ):
            samples = []
            with services.database.reader() as session:
                region = region_named(session, COUNTY)
                for _round in range(rounds):
                    begun = time.perf_counter()
                    overview(session, region, asked)
                    samples.append(time.perf_counter() - begun)
            worst = sorted(samples)[min(len(samples) - 1, int(len(samples) * 0.95))]
            found.append(
                Result(
                    name=f"{what}, p95",
                    value=worst,
                    goal=0.01,
                    better="lower",
                    against="seconds, not a ratio",
                    samples=tuple(samples),
                )
            )
        services.database.engine.dispose()
    return found


def _buckets(node: str, dice: Random) -> Iterator[dict[str, object]]:
    people = PEOPLE_OF_COUNTY if node == COUNTY else PEOPLE_OF_TOWNSHIP
    for back in range(DAYS):
        day = LAST - timedelta(days=back)
        for grain, size in (("day", people), ("month", 2 * people)):
            if grain == "month" and day.day != 1:
                continue
            for course in COURSES:
                some = BitMap(dice.sample(range(4 * people), size // 3 if course else size))
                some.run_optimize()
                yield {
                    "node": node,
                    "grain": grain,
                    "first": day,
                    "course": course,
                    "people": some.serialize(),
                    "stations": BitMap(range(20)).serialize(),
                    "reasons": '{"unreported":3}',
                    **dict.fromkeys(NAMES, 5),
                }
