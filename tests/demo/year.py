"""`python -m tests.demo.year`: a year of 326 villages to look at, imagined and labelled so, taken in as boxes send it.

Who comes and when is the fleet's behaviour model (`tvclient/fleet/villagers.py`), the timetable is published week by
week, every fact goes through the ingest, and every figure is computed by the product. Every region and station of it is
named "（模拟）", so that no page, file or print can pass for a real one.
"""

import argparse
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from contentserver import attendance, figures
from contentserver.accounts import Account, person_of
from contentserver.boxes import Box
from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel.auth import Person
from contentserver.kernel.db import Database
from contentserver.members import Member
from contentserver.regions import Region
from contentserver.stations import Station
from contentserver.timetable import LayerRecord, airings_due
from contentserver.timetable.plans import PlanDocument, PlannedSlot
from contentserver.timetable.publishing import publish, revise
from schedules import phrases
from schedules.airings import Airing, Rank, SlotId
from schedules.layers import region_layer
from schedules.wire.codec import encode
from schedules.wire.messages import (
    AiringEnded,
    AiringMissed,
    AiringStarted,
    EventBatch,
    EventBody,
    EventRecord,
    HeadCounted,
    PlaybackSpan,
    SignedIn,
    SignInMethod,
)
from schedules.wire.signing import Signer
from schedules.wire.topics import BoxId
from tests.demo import story
from tests.demo.curriculum import COURSES, PUBLIC, TERMS
from tests.demo.people import PASSWORD
from tests.demo.stack import ROOT, NotReady, Stack, fresh
from tvclient.fleet import Habits
from tvclient.fleet.villagers import attendance as coming

CITY = "6402"
LABEL = "（模拟）"
OPEN_AT = clock_time(19, 30)
LENGTH = timedelta(minutes=40)
SPAN = timedelta(minutes=10)
DAYS = 390
"""Thirteen months, so that the last one has one of the year before beside it."""
MISSED, LATE, CUT, ELSEWHERE, AWAY = 0.02, 0.06, 0.03, 0.01, 0.04
"""Shares: lessons that were not there, late, or ended early; people at the neighbours'; weeks without a line."""
SURNAMES = "马王李杨张丁赵吴田周陈何韩刘孙黄徐朱高林"
GIVEN = [
    "建国",
    "秀英",
    "德福",
    "志强",
    "玉兰",
    "晓东",
    "金花",
    "永红",
    "成林",
    "小燕",
    "建军",
    "玉梅",
    "长生",
    "立业",
    "彩霞",
    "学军",
    "桂香",
    "海燕",
    "宝成",
    "兰英",
    "志明",
    "秀兰",
    "东升",
    "文军",
    "淑珍",
    "国平",
    "爱民",
    "春梅",
    "万里",
    "雪琴",
]
SEASON = (1.15, 0.75, 1.05, 0.9, 0.7, 0.75, 0.8, 0.85, 0.65, 0.8, 1.1, 1.2)
"""How much of its people a village has in the evening, January to December: spring festival, sowing, harvest."""

Say = Callable[[str], None]


@dataclass(slots=True)
class Village:
    """A station, its box, and what its people are like."""

    station: UUID
    region: str
    box: int
    roll: Mapping[str, str]
    """Member's id by number."""
    watch: float
    sign_in: float
    sequence: int = 0
    waiting: list[tuple[datetime, EventBody]] = field(default_factory=list)


def imagine(database: Database, signer: Signer, villages: int, days: int, today: date, say: Say) -> int:
    """Fill a furnished server with a past that ends yesterday.

    Args:
        villages: how many of the city's, spread over its counties.
        days: how far back.

    Returns:
        How many events were taken in.
    """
    first = today - timedelta(days=days)
    first -= timedelta(days=first.weekday())
    with database.unit_of_work() as session:
        places = _settle(session, villages)
        planner = person_of(session.scalars(select(Account).where(Account.role == "reviewer")).one())
        _write_lessons(session, planner)
    taken = 0
    weeks = [first + timedelta(weeks=number) for number in range((today - first).days // 7 + 1)]
    for number, monday in enumerate(weeks):
        with database.unit_of_work() as session:
            _publish(session, signer, planner, monday, _plans(first, today) if number == 0 else {})
        over = min(monday + timedelta(days=7), today)
        taken += _live(database, places, monday, over, last=monday == weeks[-1])
        if number % 8 == 0:
            say(f"  {monday}: {taken:,} facts so far")
    _add_up(database, _midnight(today))
    return taken


def _settle(session: Session, villages: int) -> list[Village]:
    """Names say that all is imagined; every station has a box and a roll."""
    session.execute(update(Region).values(name=Region.name + LABEL))
    session.execute(update(Station).values(name=Station.name + LABEL))
    homes = session.execute(select(Station.id, Station.region_code).order_by(Station.region_code)).all()
    session.execute(delete(Member))
    chosen = homes[:: max(1, len(homes) // villages)][:villages]
    session.execute(delete(Station).where(Station.id.not_in([station for station, _region in chosen])))
    return [_village(session, station, region) for station, region in chosen]


def _village(session: Session, station: UUID, region: str) -> Village:
    dice = _dice(region)
    box = Box(
        station_id=station,
        public_key=f"imagined-{region}",
        http_token_hash=f"imagined-{region}",
        enrolled_at=datetime.now(UTC),
    )
    members = [
        Member(station_id=station, name=dice.choice(SURNAMES) + dice.choice(GIVEN), number=str(101 + number))
        for number in range(dice.randint(18, 46))
    ]
    session.add_all([box, *members])
    session.flush()
    return Village(
        station=station,
        region=region,
        box=box.id,
        roll={member.number: str(member.id) for member in members},
        watch=dice.uniform(0.72, 0.99),
        sign_in=len(members) * dice.uniform(0.4, 0.9),
    )


def _write_lessons(session: Session, uploader: Person) -> None:
    """Lessons that may air; what they show lies on no disk."""
    for slug, (title, subject, region, names) in COURSES.items():
        course = Course(title=title, subject=subject, audience="农户", region_code=region, created_at=datetime.now(UTC))
        session.add(course)
        session.flush()
        session.add_all(
            Lesson(
                id=_lesson_id(slug, number),
                course_id=course.id,
                number=number,
                title=name,
                state=LessonState.APPROVED,
                uploader_id=uploader.id,
                created_at=datetime.now(UTC),
                package_name=f"sha256-{_lesson_id(slug, number).int:064x}",
                duration_ms=int(LENGTH.total_seconds() * 1000),
            )
            for number, name in enumerate(names, 1)
        )
    session.flush()


def _lesson_id(slug: str, number: int) -> UUID:
    return UUID(int=(0x7000 << 64) + (list(COURSES).index(slug) << 16) + number)


def _plans(first: date, today: date) -> dict[str, PlanDocument]:
    """What each region's layer airs, by the region's code."""
    owners = sorted({region for _title, _subject, region, _names in COURSES.values()})
    return {region: _plan(region, first, today) for region in owners}


def _publish(
    session: Session, signer: Signer, planner: Person, monday: date, plans: Mapping[str, PlanDocument]
) -> None:
    """Put plans into force on a Monday; without any, carry on what is."""
    now = _midnight(monday)
    for region, plan in plans.items():
        layer = LayerRecord(id=region_layer(region), region_code=region)
        session.add(layer)
        session.flush()
        publish(session, layer, plan, signer, submitted_by=None, approved_by=planner, version=1, now=now)
    if not plans:
        for layer in session.scalars(select(LayerRecord)):
            revise(session, layer, signer, None, now)


def _plan(region: str, first: date, today: date) -> PlanDocument:
    """Every term of a region's layer since a Monday; a course airs once a week, one lesson after the other."""
    wanted = [(PUBLIC, first, 0, OPEN_AT)] if region == CITY else []
    for slug, month, weekday, clock in TERMS:
        if COURSES[slug][2] == region:
            begins = [date(year, month, 1) for year in range(first.year, today.year + 1)]
            wanted += [(slug, one, weekday, clock) for one in begins if one > first - timedelta(weeks=2)]
    slots = [
        PlannedSlot(
            id=SlotId(f"{slug}-{begins:%Y%m}"),
            lessons=tuple(str(_lesson_id(slug, number)) for number in range(1, len(COURSES[slug][3]) + 1)),
            local_start=datetime.combine(begins + timedelta(days=(weekday - begins.weekday()) % 7), clock),
            rule="FREQ=MONTHLY;BYDAY=1MO" if slug == PUBLIC else "FREQ=WEEKLY",
            rank=Rank.MANDATORY if slug == PUBLIC else Rank.REGULAR,
        )
        for slug, begins, weekday, clock in wanted
    ]
    return PlanDocument(slots=tuple(slots))


def _live(database: Database, places: Sequence[Village], monday: date, over: date, *, last: bool) -> int:
    """One week of every village, told by its box at the end of the week; by some later, since their line was down."""
    start, end = _midnight(monday), _midnight(over)
    taken = 0
    with database.unit_of_work() as session:
        due = airings_due(session, {one.region for one in places}, start, end)
        boxes = {one.id: one for one in session.scalars(select(Box))}
        for number, place in enumerate(places):
            neighbour = places[number - 1]
            for airing in due[place.region]:
                place.waiting += _evening(place, neighbour, airing)
            if not last and _dice(place.region, monday).random() < AWAY:
                continue
            if place.waiting:
                attendance.take_in(session, boxes[place.box], _batch(place), end)
                taken += len(place.waiting)
                place.waiting.clear()
    return taken


def _batch(place: Village) -> EventBatch:
    records = [
        EventRecord(sequence=number, at=at, uncertainty_ms=40, body=msgspec.Raw(encode(body)))
        for number, (at, body) in enumerate(sorted(place.waiting, key=lambda one: one[0]), place.sequence + 1)
    ]
    place.sequence += len(records)
    return EventBatch(box=BoxId(place.box), epoch="imagined", events=tuple(records))


def _evening(place: Village, neighbour: Village, airing: Airing) -> Iterator[tuple[datetime, EventBody]]:
    """What a box writes down of one airing."""
    dice = _dice(place.region, airing.id)
    if dice.random() < MISSED:
        yield airing.start, AiringMissed(airing=airing.id, lesson=airing.lesson, reason="not_stored")
        return
    late = timedelta(minutes=dice.randint(2, 15)) if dice.random() < LATE else timedelta(seconds=0.3)
    end = airing.start + (airing.end - airing.start) * (dice.uniform(0.3, 0.9) if dice.random() < CUT else 1)
    begins = airing.start + late
    yield (
        begins,
        AiringStarted(
            airing=airing.id,
            planned_start=airing.start,
            duration_ms=airing.duration_ms,
            lesson=airing.lesson,
            package=airing.package,
            late_ms=int(late.total_seconds() * 1000),
        ),
    )
    shown = begins
    while shown < end:
        until = min(shown + SPAN, end)
        yield (
            until,
            PlaybackSpan(
                airing=airing.id,
                lesson=airing.lesson,
                package=airing.package,
                from_ms=_ms(shown - airing.start),
                to_ms=_ms(until - airing.start),
                started_at=shown,
            ),
        )
        shown = until
    came = _arrivals(place, neighbour, airing, dice)
    yield from ((at, body) for at, body in came if begins <= at < end)
    yield end, AiringEnded(airing=airing.id, complete=end == airing.end)
    people = sum(begins <= at < end for at, _body in came) + dice.choice((0, 0, 0, 1, 2, 3))
    if people and dice.random() < 0.85:
        said = (dice.choice(phrases.PHRASES),) if dice.random() < 0.5 else ()
        yield end + timedelta(seconds=30), HeadCounted(airing=airing.id, people=people, phrases=said)


def _arrivals(
    place: Village, neighbour: Village, airing: Airing, dice: random.Random
) -> list[tuple[datetime, SignedIn]]:
    """Signing in, as the fleet's villagers do; now and then somebody of the next village is among them."""
    local = airing.start.astimezone(story.ZONE)
    habits = Habits(watch=place.watch, sign_in=place.sign_in * SEASON[local.month - 1], seed="year")
    methods = (SignInMethod.NAME, SignInMethod.NUMBER, SignInMethod.NUMBER, SignInMethod.CARD, SignInMethod.PHONE)
    return [
        (
            at,
            SignedIn(
                airing=airing.id,
                lesson=airing.lesson,
                member=(neighbour if dice.random() < ELSEWHERE else place).roll.get(number, place.roll[number]),
                method=dice.choice(methods),
            ),
        )
        for at, number in coming(habits, place.region, airing, place.roll)
    ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, clock_time(), story.ZONE).astimezone(UTC)


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


def _dice(*of: object) -> random.Random:
    return random.Random("/".join(map(str, of)))


def _add_up(database: Database, now: datetime) -> None:
    """Figures of all of it: what was planned, then everything at once, which is quicker than day by day."""
    counted = 1
    while counted:
        with database.unit_of_work() as session:
            counted = figures.count_plans(session, now)
    with database.unit_of_work() as session:
        figures.rebuild(session)


def main() -> int:
    """Fill a server with the year and let it run; 1 with a sentence where it did not come out."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo.year", description=__doc__)
    parser.add_argument("--villages", type=int, default=326)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--again", action="store_true", help="serve what an earlier call has made")
    given = parser.parse_args()
    folder = ROOT / "var" / "year"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Stack(folder if given.again else fresh(folder)) as stack:
            if not given.again:
                _make(stack, given.villages, given.days)
            print(f"\n  {stack.url}/    sign in as wanglixin or zhaoxia, password {PASSWORD}; Ctrl-C ends it")
            signal.pause()
    except NotReady as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _make(stack: Stack, villages: int, days: int) -> None:
    began = time.monotonic()
    for program in ("link", "worker"):
        stack.control("stopProcess", program)
    story.furnish(stack)
    stack.admin("add-account", "zhaoxia", "赵霞", "county_staff", "--region", CITY, secret=PASSWORD)
    stack.admin("add-stations", CITY)
    database = Database(stack.database_url)
    signer = Signer(Path(stack.environment["YUANJIAO_SIGNING_KEY_FILE"]).read_bytes())
    events = imagine(database, signer, villages, days, datetime.now(story.ZONE).date(), print)
    database.engine.dispose()
    for program in ("link", "worker"):
        stack.control("startProcess", program)
    print(f"{events:,} facts of {villages} villages in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
