"""The list of boxes: what is said of each, words, filters, counts, order, and nobody else's boxes; quick for 5,000."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.boxes import Announcement, Box, announce, rules
from contentserver.boxes.listing import ORDERS, Listing, Query, listing
from contentserver.boxes.models import ReleaseRow
from contentserver.boxes.rules import Care, Glance, care_of
from contentserver.kernel.auth import Role
from contentserver.regions import parents_named
from contentserver.stations import Station
from schedules.wire.messages import ClockReport, DiskReport, FetchRules, Reported
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, person

DAY = timedelta(days=1)
OWN = "640221"


def _box(session: Session, station: Station, number: int, **changes: object) -> Box:
    box = Box(
        station_id=station.id,
        public_key=f"key-{number}",
        http_token_hash=f"hash-{number}",
        serial=f"YJ-{number:04}",
        enrolled_at=NOW - 30 * DAY,
        seen_at=NOW,
        online=True,
    )
    for name, value in changes.items():
        setattr(box, name, value)
    session.add(box)
    session.flush()
    return box


def _reporting(box: Box, **says: object) -> None:
    well = Reported(
        box=BoxId(box.id),
        epoch="e",
        at=NOW,
        clock=ClockReport(offset_ms=0, uncertainty_ms=20),
        disk=DiskReport(free_bytes=50, budget_bytes=100),
    )
    box.reported = msgspec.json.encode(msgspec.structs.replace(well, **says)).decode()


def _ids(found: Listing) -> list[int | None]:
    return [one.id for one in found.page.rows]


@pytest.fixture
def fleet(session: Session, village: Station) -> dict[str, Box]:
    others = [one for one in stations.stations_in(session, "640221203") if one.id != village.id]
    session.add(ReleaseRow(version="0.3.1", sha256="ab" * 32, bytes=1, needs="cd" * 32, added_at=NOW))
    session.flush()
    name = rules.release_name("0.3.1", "ab" * 32)
    found = {
        "well": _box(session, village, 1),
        "away": _box(session, others[0], 2, online=False, seen_at=NOW - 2 * DAY),
        "lost": _box(session, others[1], 3, online=False, seen_at=NOW - 9 * DAY),
        "never": _box(session, others[2], 4, online=False, seen_at=None),
        "ended": _box(session, village, 5, revoked_at=NOW, ended_reason="换过了"),
        "ill": _box(session, others[3], 6),
        "old": _box(session, others[4], 7, release="0.3.1"),
        "failed": _box(session, others[5], 8, release="0.3.1"),
        "new": _box(session, others[6], 9, release="0.3.1"),
    }
    for key in ("well", "away", "ended"):
        _reporting(found[key])
    _reporting(
        found["ill"],
        clock=ClockReport(offset_ms=0, uncertainty_ms=1001),
        disk=DiskReport(free_bytes=9, budget_bytes=100),
        journal_waiting=7,
    )
    _reporting(found["old"], release="0.3.0-ababababab12")
    _reporting(found["failed"], release_given_up=name)
    _reporting(found["new"], release=name)
    session.flush()
    return found


@pytest.mark.parametrize(
    ("care", "names"),
    [
        (None, {"well", "away", "lost", "never", "ill", "old", "failed", "new"}),
        (Care.ONLINE, {"well", "ill", "old", "failed", "new"}),
        (Care.SILENT_DAY, {"away", "lost", "never"}),
        (Care.SILENT_WEEK, {"lost", "never"}),
        (Care.WAITING, {"ill"}),
        (Care.DISK_LOW, {"ill"}),
        (Care.CLOCK_UNSURE, {"ill"}),
        (Care.PROGRAM_OLD, {"old"}),
        (Care.GIVEN_UP, {"failed"}),
        (Care.ENDED, {"ended"}),
    ],
)
def test_every_filter_finds_its_boxes_and_counts_them(
    session: Session, fleet: dict[str, Box], care: Care | None, names: set[str]
) -> None:
    found = listing(session, OWN, Query(care=care), NOW)
    assert set(_ids(found)) == {fleet[name].id for name in names}
    assert (found.counts[care] if care else found.all_count) == len(names) == found.page.total


def test_words_are_sought_in_number_serial_station_and_township(
    session: Session, fleet: dict[str, Box], village: Station
) -> None:
    county, township = parents_named(session, [village.region_code])[village.region_code].split(" ")
    fleet["well"].serial = ""
    session.flush()

    def ids(words: str, care: Care | None = None) -> list[int | None]:
        return _ids(listing(session, OWN, Query(words=words, care=care), NOW))

    assert fleet["well"].id in ids(str(fleet["well"].id))
    assert fleet["well"].id not in ids(f"{fleet['well'].id}0")
    assert ids("yj-0006") == [fleet["ill"].id]
    assert ids("马场村") == [fleet["well"].id]
    assert ids("马场村", Care.ENDED) == [fleet["ended"].id]
    assert len(ids(county)) == len(ids(township)) == 8
    assert ids(f"{county} yj-0006") == [fleet["ill"].id]
    assert ids("没有") == ids("%") == ids("yj_0006") == []
    assert listing(session, OWN, Query(words="没有"), NOW).none_at_all is False


def test_the_order_is_what_was_asked_for(session: Session, fleet: dict[str, Box]) -> None:
    def rows(order: str) -> list[Box]:
        return [session.get_one(Box, one) for one in _ids(listing(session, OWN, Query(order=order), NOW))]

    assert [box.id for box in rows("number")] == sorted(box.id for box in rows(""))
    assert rows("-number") == rows("") == rows("; drop table") == list(reversed(rows("number")))
    seen = [box.seen_at for box in rows("-seen")]
    assert seen[-1] is None
    assert rows("-waiting")[0] is fleet["ill"]
    codes = [session.get_one(Station, box.station_id).region_code for box in rows("station")]
    assert codes == sorted(codes)


def test_expected_boxes_stand_there_after_those_that_came(
    session: Session, fleet: dict[str, Box], village: Station
) -> None:
    who = person(session, Role.SYSTEM_ADMIN, OWN)
    announce(session, [Announcement("NEW-1", village.id, "第二批"), Announcement("NEW-2", village.id)], who, NOW)
    for order in ORDERS:
        for sign in ("", "-"):
            found = listing(session, OWN, Query(order=sign + order), NOW)
            assert found.all_count == 10
            if order != "station":
                assert [one.serial for one in found.page.rows[-2:]] in (["NEW-1", "NEW-2"], ["NEW-2", "NEW-1"])
    expected = listing(session, OWN, Query(care=Care.EXPECTED, words="new-1"), NOW)
    assert [(one.id, one.note, one.station) for one in expected.page.rows] == [(None, "第二批", village.name)]


def test_nobody_sees_another_regions_boxes(session: Session, fleet: dict[str, Box], village: Station) -> None:
    announce(session, [Announcement("NEW-1", village.id)], person(session, Role.SYSTEM_ADMIN, OWN), NOW)
    found = listing(session, "640202", Query(), NOW)
    assert found.none_at_all
    assert (found.page.rows, sum(found.counts.values())) == ([], 0)
    own = listing(session, village.region_code, Query(), NOW)
    assert _ids(own) == [fleet["well"].id, None]


def test_five_thousand_boxes_take_a_few_queries(session: Session, village: Station) -> None:
    places = stations.stations_in(session, "640221203")
    boxes = [_fleet_box(number, places[number % len(places)]) for number in range(5000)]
    session.add_all(boxes)
    session.flush()
    session.expunge_all()
    asked: list[str] = []
    connection = session.connection()

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(connection, "before_cursor_execute", count)
    found = listing(session, OWN, Query(page=50, order="station"), NOW)
    assert (found.page.total, len(found.page.rows)) == (5000, 50)
    assert len(asked) <= 4


def _fleet_box(number: int, station: Station) -> Box:
    report = Reported(box=BoxId(number), epoch="e", at=NOW, journal_waiting=number % 2)
    return Box(
        station_id=station.id,
        public_key=f"k{number}",
        http_token_hash=f"h{number}",
        enrolled_at=NOW,
        online=True,
        reported=msgspec.json.encode(report).decode(),
    )


@given(
    ended=st.booleans(),
    online=st.booleans(),
    silent=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=60)),
    waiting=st.integers(0, 10**6),
    uncertainty=st.none() | st.integers(0, 10**6),
    release=st.sampled_from(["", "a-1", "b-2"]),
    given_up=st.sampled_from(["", "a-1", "b-2"]),
    wanted=st.sampled_from(["", "a-1", "b-2"]),
)
def test_what_is_said_of_a_box_never_contradicts_itself(
    ended: bool,
    online: bool,
    silent: timedelta,
    waiting: int,
    uncertainty: int | None,
    release: str,
    given_up: str,
    wanted: str,
) -> None:
    clock = None if uncertainty is None else ClockReport(offset_ms=0, uncertainty_ms=uncertainty)
    glance = Glance(clock=clock, journal_waiting=waiting, release=release, release_given_up=given_up)
    care = care_of(ended=ended, online=online, heard_at=NOW - silent, glance=glance, wanted_release=wanted, now=NOW)
    assert (Care.ENDED in care) == ended
    if ended:
        assert care == {Care.ENDED}
        return
    assert not (Care.ONLINE in care and Care.SILENT_DAY in care)
    assert Care.SILENT_WEEK not in care or Care.SILENT_DAY in care
    assert not (Care.PROGRAM_OLD in care and Care.GIVEN_UP in care)
    assert Care.EXPECTED not in care
    assert (Care.WAITING in care) == (waiting > 0)
    if not wanted or (release == wanted and not given_up):
        assert care.isdisjoint({Care.PROGRAM_OLD, Care.GIVEN_UP})


@pytest.mark.parametrize(
    ("fetching", "sound"),
    [
        (FetchRules(), True),
        (FetchRules(quiet_from="19:00", quiet_until="21:30", daily_bytes=1), True),
        (FetchRules(quiet_from="22:00", quiet_until="06:00"), True),
        (FetchRules(quiet_from="19:00"), False),
        (FetchRules(quiet_until="19:00"), False),
        (FetchRules(quiet_from="19:00", quiet_until="19:00"), False),
        (FetchRules(quiet_from="25:00", quiet_until="19:00"), False),
        (FetchRules(quiet_from="7", quiet_until="19:00"), False),
        (FetchRules(quiet_from="19:00:01", quiet_until="21:00"), False),
        (FetchRules(quiet_from="19:00+08:00", quiet_until="21:00"), False),
        (FetchRules(daily_bytes=-1), False),
    ],
)
def test_rules_that_no_box_could_keep_are_known(fetching: FetchRules, sound: bool) -> None:
    assert rules.fetching_is_sound(fetching) is sound
