"""What was counted before stations were remembered is counted again: every day of a station is marked, nothing else."""

from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pyroaring import BitMap
from sqlalchemy import create_engine, select, text

from contentserver.admin import migrate
from contentserver.attendance import StaleDay
from contentserver.figures import figures_of
from contentserver.kernel.db import Database
from tests.contentserver.conftest import create_postgres_database

STATION = uuid4()
DAY = date(2026, 11, 23)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_days_of_stations_are_marked(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path}/old.db"
    else:
        url = create_postgres_database(str(request.getfixturevalue("postgres")), f"m{uuid4().hex}")
    migrate(url, "0014")
    engine = create_engine(url)
    numbers = ("sessions", "held", "whole", "on_time", "missed", "expected", "present", "guests")
    lengths = ("planned_ms", "shown_ms", "credit_ms")
    names = (*numbers, *lengths)
    with engine.begin() as old:
        for node, grain, first, course in (
            (str(STATION), "day", DAY, ""),
            (str(STATION), "day", DAY, "种植"),
            (str(STATION), "month", DAY.replace(day=1), ""),
            ("640221203205", "day", DAY, ""),
        ):
            old.execute(
                text(
                    f"INSERT INTO buckets (node, grain, first, course, {', '.join(names)}, people) "  # noqa: S608
                    f"VALUES (:node, :grain, :first, :course, {', '.join('3' for _name in names)}, :people)"
                ),
                {"node": node, "grain": grain, "first": first, "course": course, "people": BitMap({1, 2}).serialize()},
            )
    engine.dispose()
    migrate(url)
    database = Database(url)
    with database.reader() as session:
        marks = session.execute(select(StaleDay.station_id, StaleDay.day)).all()
        assert [(UUID(str(station)), day) for station, day in marks] == [(STATION, DAY)]
        found = figures_of(session, [str(STATION)], DAY, DAY)[str(STATION)]
        assert (found.sums.present, set(found.people), set(found.stations), found.reasons) == (3, {1, 2}, set(), {})
        assert (found.sums.planned, found.sums.kept) == (0, 0)
    database.engine.dispose()
