"""What a report costs when millions of events lie behind it, against counting them: SQLite's GROUP BY, and DuckDB's.

Every size has the same two years, villages and people: ten times the events are ten times the sessions. What lies
above the events is written in bulk by the product's pure rules; samples are derived and computed once more by the
product itself and must be equal, and each way of counting must give the same people.
"""

import csv
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow, SignInRow
from contentserver.attendance.service import derive
from contentserver.figures.models import Bucket
from contentserver.figures.service import compute
from contentserver.regions import Region, region_named
from contentserver.reports.overview import Asked, overview
from contentserver.reports.rules import Against, Period, before
from contentserver.reports.service import attendance_report
from tests.benchmarks.measure import Result, ratio, result
from tests.benchmarks.years import LAST, Years, fill

SIZES = (1_000_000, 3_000_000)
"""Ten million by argument: 8 GB, and a quarter of an hour to fill them on two busy cores."""
COUNTY = "640221"
MONTH, YEAR = Period(LAST.replace(day=1), LAST), Period(LAST - timedelta(days=364), LAST)
GOAL_S, GOAL_GROUP_BY, GOAL_DUCKDB, GOAL_GROWTH = 0.01, 1000.0, 100.0, 1.2
ROUNDS, PAIRS, SAMPLE = 100, 3, 40

REPORTS: dict[str, Callable[[Session, Region], object]] = {
    "overview of a month": lambda session, region: overview(session, region, Asked(MONTH)),
    "overview of a month beside the one before": lambda session, region: overview(
        session, region, Asked(MONTH, "", Against.BEFORE, before(MONTH))
    ),
    "overview of a year": lambda session, region: overview(session, region, Asked(YEAR)),
    "attendance in detail of a month": lambda session, region: attendance_report(session, region, MONTH),
}

OF_EVENTS = """
    SELECT substr(s.region_code, 1, 9), count(DISTINCT {member}), count(*)
    FROM events e JOIN stations s ON s.id = e.station_id
    WHERE e.kind = 'signed_in' AND s.region_code LIKE '640221%' AND e."at" >= ? AND e."at" < ?
    GROUP BY 1 ORDER BY 1
"""
OF_SIGN_INS = """
    SELECT substr(x.region_code, 1, 9), count(DISTINCT g.member_id), count(*)
    FROM sessions x JOIN sign_ins g ON g.airing_id = x.airing_id AND g.station_id = x.station_id
    WHERE x.region_code LIKE '640221%' AND x.planned_start >= ? AND x.planned_start < ?
    GROUP BY 1 ORDER BY 1
"""
COPIED = {
    "stations": "SELECT id, region_code FROM stations",
    "events": "SELECT station_id, at, kind, body FROM events",
    "sessions": "SELECT airing_id, station_id, region_code, planned_start FROM sessions",
    "sign_ins": "SELECT airing_id, station_id, member_id FROM sign_ins",
}
"""What DuckDB gets: the same tables in its own form, the columns that are asked for."""


def run(sizes: Sequence[int]) -> list[Result]:
    """Every report at every size, side by side; the largest also against counting."""
    small, large = min(sizes), max(sizes)
    with ExitStack() as stack:
        filled = {}
        for size in sorted(set(sizes)):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="figures-")))
            filled[size] = fill(folder, size)
            stack.callback(filled[size].services.database.engine.dispose)
            _same_by_the_product(filled[size])
        taken = _seconds_of_reports(filled)
        found = [
            Result(
                name=f"{what}, {size / 1e6:g} million events, p95",
                value=_p95(samples),
                goal=GOAL_S,
                better="lower",
                against="seconds, not a ratio",
                samples=tuple(samples),
            )
            for (what, size), samples in taken.items()
        ]
        if small < large:
            found += [
                result(
                    f"{what}, growth",
                    tuple(a / b for a, b in zip(taken[what, large], taken[what, small], strict=True)),
                    goal=GOAL_GROWTH,
                    better="lower",
                    against=f"{large / 1e6:g} million events over {small / 1e6:g} million",
                )
                for what in REPORTS
            ]
        return found + _against_counting(filled[large])


def _seconds_of_reports(filled: Mapping[int, Years]) -> dict[tuple[str, int], list[float]]:
    """Seconds by report and size, in turn."""
    taken: dict[tuple[str, int], list[float]] = {(what, size): [] for what in REPORTS for size in filled}
    with ExitStack() as stack:
        sessions = {size: stack.enter_context(one.services.database.reader()) for size, one in filled.items()}
        for _round in range(ROUNDS + 1):
            for (what, size), samples in taken.items():
                region = region_named(sessions[size], COUNTY)
                begun = time.perf_counter()
                REPORTS[what](sessions[size], region)
                samples.append(time.perf_counter() - begun)
    return {key: samples[1:] for key, samples in taken.items()}


def _against_counting(years: Years) -> list[Result]:
    bare = sqlite3.connect(f"file:{years.file}?mode=ro", uri=True)
    native = _copied(bare, years.file.parent)
    found = []
    with years.services.database.reader() as session:
        region = region_named(session, COUNTY)
        for what, period in (("month", MONTH), ("year", YEAR)):
            first, last = period.instants()
            texts = [_text(first), _text(last)]
            report = REPORTS[f"overview of a {what}"]
            told = overview(session, region, Asked(period))
            people = [(one.code, len(one.now.people), one.now.sums.present) for one in told.rows]
            for table, query in (("events", OF_EVENTS), ("sign-ins", OF_SIGN_INS)):
                for engine, asked, member, goal in (
                    ("SQLite", bare.execute, "json_extract(e.body, '$.member')", GOAL_GROUP_BY),
                    ("DuckDB", native.execute, "json_extract_string(e.body, '$.member')", GOAL_DUCKDB),
                ):
                    text = query.format(member=member)

                    def count(asked: Any = asked, text: str = text, texts: list[str] = texts) -> list[Any]:
                        return [tuple(row) for row in asked(text, texts).fetchall()]

                    def theirs(count: Callable[[], list[Any]] = count) -> None:
                        count()

                    def ours(report: Any = report) -> None:
                        report(session, region)

                    if count() != [one for one in people if one[1]]:
                        raise AssertionError(f"{engine} counts other people in the {table} than the report")
                    found.append(
                        result(
                            f"{engine}, GROUP BY over {table} of a {what}, over the overview of it",
                            ratio(theirs, ours, PAIRS),
                            goal=goal,
                            better="higher",
                            against=f"the report is how many times as fast, {years.events / 1e6:.3g} million events",
                        )
                    )
    native.close()
    bare.close()
    return found


def _copied(bare: sqlite3.Connection, folder: Path) -> duckdb.DuckDBPyConnection:
    """The tables in DuckDB's own form, on two threads as everything else here has."""
    native = duckdb.connect(str(folder / "native.duckdb"), config={"threads": 2})
    for table, query in COPIED.items():
        file = folder / f"{table}.csv"
        cursor = bare.execute(query)
        with file.open("w", newline="", encoding="utf-8") as lines:
            writer = csv.writer(lines)
            writer.writerow([column[0] for column in cursor.description])
            writer.writerows(cursor)
        native.execute(
            f"CREATE TABLE {table} AS SELECT * FROM read_csv('{file}', all_varchar=true, header=true, quote='\"', escape='\"')"  # noqa: S608, E501
        )
        file.unlink()
    for table, column in (("events", "at"), ("sessions", "planned_start")):
        native.execute(f'ALTER TABLE {table} ALTER "{column}" TYPE TIMESTAMP')
    return native


def _same_by_the_product(years: Years) -> None:
    """Some sessions are derived from their events once more, some days computed from their sessions: equal, or stop."""
    dice = Random(1)
    with years.services.database.writer() as session:
        keys = session.execute(select(SessionRow.airing_id, SessionRow.station_id)).all()
        some = dice.sample([(str(airing), station) for airing, station in keys], SAMPLE)
        rows = _sessions(session, some)
        for airing, station in some:
            derive(session, airing, station)
        session.expire_all()
        if _sessions(session, some) != rows:
            raise AssertionError("a session that was written in bulk is not what its events say")
        days = [
            (station, years.day_of(start))
            for station, start in session.execute(
                select(SessionRow.station_id, SessionRow.planned_start).where(
                    tuple_(SessionRow.airing_id, SessionRow.station_id).in_(some)
                )
            )
        ]
        months = {day.replace(day=1) for _station, day in days}
        firsts = sorted(months | {day for _station, day in days})
        buckets = _buckets(session, firsts)
        compute(session, days)
        session.expire_all()
        if _buckets(session, firsts) != buckets:
            raise AssertionError("a bucket that was written in bulk is not what the product computes")
        session.rollback()
    print(f"{SAMPLE} sessions and {len(days)} days with all above them: equal when the product computes them")


def _sessions(session: Session, keys: Sequence[tuple[str, Any]]) -> list[Any]:
    found: list[Any] = []
    for table, order in ((SessionRow.__table__, "present"), (SignInRow.__table__, "member_id")):
        of_keys = tuple_(table.c.airing_id, table.c.station_id).in_(keys)
        found += session.execute(
            select(table).where(of_keys).order_by(table.c.airing_id, table.c.station_id, table.c[order])
        ).all()
    return found


def _buckets(session: Session, firsts: Sequence[Any]) -> dict[Any, Any]:
    table = Bucket.__table__
    rows = session.execute(select(table).where(table.c.first.in_(firsts)))
    return {tuple(row[:4]): tuple(row[4:]) for row in rows}


def _text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def _p95(samples: Sequence[float]) -> float:
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * 0.95))]
