"""Finding somebody among two hundred thousand as one types, against looking for the letters in every name."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import ParamSpec
from uuid import UUID

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from contentserver import members, stations
from contentserver.kernel.ids import new_id
from contentserver.members import Member
from contentserver.regions import subtree_filter
from contentserver.stations import Station
from tests.benchmarks.measure import Result, result
from tests.serving import import_regions, services_in

_P = ParamSpec("_P")
PEOPLE, SHOWN = 200_000, 50
COUNTY, TOWNSHIP = "640221", "640221203"
GOAL, P95_MS = 0.2, 50.0
SURNAMES = "王李张刘陈杨黄赵吴周马徐孙朱胡郭何高林罗单曾解"
GIVEN = "国建华文明永志小秀英桂兰芳丽强军平东海峰雪梅红玉珍成福德山林"
TYPED = (
    ("王", "王"),
    ("建国", "建国"),
    ("王小芳", "王小芳"),
    ("wang", "王"),
    ("zengg", "曾"),
    ("mjg", "马建国"),
    ("xf", "小芳"),
    ("l", "李"),
    ("104", "104"),
    ("shanyong", "单永"),
    ("zzzz", "没有这个人"),
)
"""What somebody types, and the letters that a plain search needs for the same people."""


def run(rounds: int) -> list[Result]:
    """Each word in turn by both ways, for a city, a county and a township; the 95th of a hundred alone too."""
    with tempfile.TemporaryDirectory() as folder:
        services = services_in(Path(folder))
        with services.database.unit_of_work() as session:
            _fill(session)
        ratios, took = list[float](), list[float]()
        with services.database.reader() as session:
            for _round in range(rounds):
                for root in ("", COUNTY, TOWNSHIP):
                    for typed, letters in TYPED:
                        ours = _seconds(members.look_up, session, root, typed, SHOWN)
                        theirs = _seconds(_plain, session, root, letters)
                        ratios.append(ours / theirs)
                        took.append(ours * 1000)
        services.database.engine.dispose()
    p95 = statistics.quantiles(took, n=20)[-1]
    against = "LIKE '%…%' over all names"
    return [
        result(f"search among {PEOPLE:,} people", tuple(ratios), goal=GOAL, better="lower", against=against),
        result("its 95th of a hundred, of 50 ms", (p95 / P95_MS,), goal=1.0, better="lower", against="50 ms"),
    ]


def _fill(session: Session) -> None:
    import_regions(session)
    stations.add_village_stations(session, COUNTY[:4])
    session.flush()
    places: list[UUID] = list(session.scalars(select(Station.id).order_by(Station.region_code)))
    dice, rows = Random(1), []
    for number in range(PEOPLE):
        name = dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2, 2))))
        station, own = places[number % len(places)], str(101 + number // len(places))
        rows.append({"id": new_id(), "station_id": station, "name": name, "number": own, "card": "", "active": True})
    session.execute(insert(Member), rows)
    members.rebuild_terms(session)


def _plain(session: Session, root: str, letters: str) -> None:
    places = select(Station.id).where(subtree_filter(Station.region_code, root))
    query = select(Member).where(Member.station_id.in_(places))
    query = query.where(or_(Member.name.contains(letters), Member.number.startswith(letters)))
    session.scalars(query.order_by(Member.active.desc(), Member.number).limit(SHOWN)).all()


def _seconds(work: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> float:
    started = time.perf_counter()
    work(*args, **kwargs)
    return time.perf_counter() - started
