"""Readiness of many boxes: the page of a city, and the link's look ahead of every minute.

Boxes have stored what will air, but every twentieth; once more with boxes that have nothing, which is dearest.
"""

import tempfile
from pathlib import Path

from sqlalchemy import update

from contentserver import stations
from contentserver.boxes import Box
from contentserver.kernel.auth import Role
from contentserver.readiness import notes, refreshing, service
from tests.benchmarks.measure import Result, seconds
from tests.contentserver.conftest import person
from tests.contentserver.readiness.furnishing import BEGUN, DAY, FIRST_EVENING, Shelf, add_boxes, air_everywhere
from tests.serving import import_regions, services_in

CITY = "6402"
BOXES, LESSONS = 610, 6
START = FIRST_EVENING.replace(tzinfo=BEGUN.tzinfo) - DAY / 3


def run(rounds: int) -> list[Result]:
    """Seconds of a page's judgement and of the link's."""
    shelf, found = Shelf(), []
    with tempfile.TemporaryDirectory(prefix="judging-") as folder:
        services = services_in(Path(folder))
        with services.database.unit_of_work() as session:
            import_regions(session)
            stations.add_village_stations(session, CITY)
            who = person(session, Role.SCHEDULER, CITY)
            lessons = air_everywhere(session, services.signer, who, LESSONS)
            add_boxes(session, stations.stations_in(session, CITY), range(BOXES), lessons)

        def page() -> None:
            with services.database.reader() as session:
                service.board(session, CITY, START, BEGUN, shelf)

        def link() -> None:
            with services.database.unit_of_work() as session:
                refreshing.refresh(session, shelf, notes.keep, BEGUN)

        found.append(seconds(f"readiness of {BOXES} boxes, a page", page, rounds, goal=1.0))
        found.append(seconds(f"readiness of {BOXES} boxes, the link's look ahead", link, rounds, goal=2.0))
        with services.database.unit_of_work() as session:
            session.execute(update(Box).values(reported=""))
        found.append(seconds(f"the same with boxes that have nothing, {LESSONS} lessons", link, rounds, goal=2.0))
        services.database.engine.dispose()
    return found
