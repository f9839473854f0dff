"""Who has read a notice, by televisions' own words: late, often, by a wrong clock, of what nobody knows."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.attendance import take_in
from contentserver.boxes import Box
from contentserver.boxes.models import BoxStation
from contentserver.kernel.auth import Person, Role
from contentserver.notices import OLD_NOTICES, reading, service, take_readings
from contentserver.notices.models import NoticeReading, NoticeRow
from contentserver.notices.rules import Outcome
from contentserver.stations import Station, stations_in
from schedules.wire.messages import EventBatch, EventBody, EventRecord, NoticeRead, StationEntered
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, VILLAGE, enrolled_box, person
from tests.contentserver.journals import records
from tests.contentserver.notices.samples import COUNTY, TOWNSHIP, words

DAY = timedelta(days=1)


@pytest.fixture
def writer(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF)


@pytest.fixture
def box(session: Session, village: Station) -> Box:
    return enrolled_box(session, village)


@pytest.fixture
def notice(session: Session, writer: Person) -> NoticeRow:
    row = service.draft(session, words(), writer, NOW)
    service.publish(session, row, writer, NOW)
    return row


def read(notice: NoticeRow | UUID, version: int = 1) -> EventBody:
    return NoticeRead(notice=str(notice.id if isinstance(notice, NoticeRow) else notice), version=version)


def heard(session: Session, box: Box, said: Iterable[EventRecord], received: datetime) -> None:
    """What a box said, taken in at an instant."""
    take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e", events=tuple(said)), received)
    session.flush()


def opened(session: Session, notice: NoticeRow, who: Person) -> dict[str, datetime]:
    return {one.station.name: one.read_at for one in reading.readers(session, notice, who) if one.read_at}


def test_what_a_television_says_is_counted_once(
    session: Session, writer: Person, box: Box, notice: NoticeRow, village: Station
) -> None:
    said = records(read(notice), read(notice), since=NOW + DAY)
    heard(session, box, said, NOW + 2 * DAY)
    assert take_readings(session) == {Outcome.COUNTS: 2}
    assert take_readings(session) == {}
    heard(session, box, said, NOW + 3 * DAY)
    assert take_readings(session) == {}
    assert opened(session, notice, writer) == {village.name: said[0].at}
    stations = len(stations_in(session, COUNTY))
    assert reading.counts(session, [notice], writer) == {notice.id: (1, stations)}


def test_the_first_opening_counts_in_whatever_order_they_come(
    session: Session, writer: Person, box: Box, notice: NoticeRow, village: Station
) -> None:
    other = enrolled_box(session, village, "other")
    heard(session, other, records(read(notice), since=NOW + 2 * DAY), NOW + 3 * DAY)
    take_readings(session)
    heard(session, box, records(read(notice), since=NOW + DAY), NOW + 40 * DAY)
    take_readings(session)
    assert opened(session, notice, writer) == {village.name: NOW + DAY + timedelta(seconds=1)}
    assert reading.counts(session, [notice], writer)[notice.id][0] == 1


def test_weeks_late_and_of_a_withdrawn_notice_it_still_counts(
    session: Session, writer: Person, box: Box, notice: NoticeRow, village: Station
) -> None:
    service.withdraw(session, notice, "过期", writer, NOW + 2 * DAY)
    heard(session, box, records(read(notice), since=NOW + DAY), NOW + 50 * DAY)
    assert take_readings(session) == {Outcome.COUNTS: 1}
    assert opened(session, notice, writer) == {village.name: NOW + DAY + timedelta(seconds=1)}


def test_a_clock_in_the_future_or_long_ago_is_not_believed(
    session: Session, writer: Person, box: Box, notice: NoticeRow, village: Station
) -> None:
    other = next(one for one in stations_in(session, TOWNSHIP) if one.id != village.id)
    slow = enrolled_box(session, other, "slow")
    heard(session, box, records(read(notice), since=NOW + 5000 * DAY), NOW + DAY)
    heard(session, slow, records(read(notice), since=NOW - 5000 * DAY), NOW + DAY)
    take_readings(session)
    assert opened(session, notice, writer) == {village.name: NOW + DAY, other.name: NOW}


def test_notices_and_versions_that_nobody_knows_are_passed_over(
    session: Session, writer: Person, box: Box, notice: NoticeRow
) -> None:
    draft = service.draft(session, words(), writer, NOW)
    said = [read(uuid4()), NoticeRead(notice="no id", version=1), read(draft), read(notice, 0), read(notice, 9)]
    heard(session, box, records(*said, read(notice)), NOW + DAY)
    expected = {Outcome.UNKNOWN_NOTICE: 3, Outcome.UNKNOWN_VERSION: 2, Outcome.COUNTS: 1}
    assert take_readings(session) == expected
    assert session.scalar(select(func.count()).select_from(NoticeReading)) == 1


def test_other_words_are_read_anew(
    session: Session, writer: Person, box: Box, notice: NoticeRow, village: Station
) -> None:
    heard(session, box, records(read(notice), since=NOW + DAY), NOW + DAY)
    take_readings(session)
    service.change(session, notice, words(text="改了"), notice.saved, writer, NOW + DAY)
    (here,) = [one for one in reading.readers(session, notice, writer) if one.station.id == village.id]
    assert (here.read_at, here.earlier, here.has_box) == (None, True, True)
    assert reading.counts(session, [notice], writer)[notice.id][0] == 0
    heard(session, box, records(read(notice, 2), first=2, since=NOW + 2 * DAY), NOW + 3 * DAY)
    take_readings(session)
    (here,) = [one for one in reading.readers(session, notice, writer) if one.station.id == village.id]
    assert (here.read_at, here.earlier) == (NOW + 2 * DAY + timedelta(seconds=2), False)


def test_a_reading_follows_its_event_to_the_station_it_was_made_in(
    session: Session, writer: Person, box: Box, notice: NoticeRow, village: Station
) -> None:
    """The entry comes later than the fact: the fact was another station's."""
    other = next(one for one in stations_in(session, TOWNSHIP) if one.id != village.id)
    session.add(BoxStation(box_id=box.id, since=NOW, station_id=other.id))
    heard(session, box, records(read(notice), first=2, since=NOW + DAY), NOW + DAY)
    take_readings(session)
    assert set(opened(session, notice, writer)) == {village.name}
    heard(session, box, records(StationEntered(station=str(other.id)), since=NOW), NOW + 2 * DAY)
    take_readings(session)
    assert set(opened(session, notice, writer)) == {other.name}


def test_whoever_is_below_sees_their_own_stations(
    session: Session, writer: Person, box: Box, notice: NoticeRow, village: Station
) -> None:
    heard(session, box, records(read(notice)), NOW + DAY)
    take_readings(session)
    township, mine = person(session, Role.SCHEDULER, TOWNSHIP), stations_in(session, TOWNSHIP)
    assert [one.station.id for one in reading.readers(session, notice, township)] == [one.id for one in mine]
    assert reading.counts(session, [notice], township) == {notice.id: (1, len(mine))}
    neighbour = person(session, Role.SCHEDULER, next(one.region_code for one in mine if one.region_code != VILLAGE))
    assert reading.counts(session, [notice], neighbour) == {notice.id: (0, 1)}
    found = reading.readers(session, notice, township)
    assert reading.page_of_readers(found, read=True, number=1).total == 1
    assert reading.page_of_readers(found, read=False, number=1).total == len(mine) - 1
    assert reading.page_of_readers(found, read=None, number=9).number == 1


def test_what_is_long_over_goes_with_what_was_read_of_it(
    session: Session, writer: Person, box: Box, notice: NoticeRow
) -> None:
    heard(session, box, records(read(notice)), NOW + DAY)
    take_readings(session)
    standing = service.draft(session, replace(words(), title="还在"), writer, NOW)
    service.publish(session, standing, writer, NOW)
    service.withdraw(session, notice, "过期", writer, NOW + 2 * DAY)
    assert OLD_NOTICES.look(session, NOW + 2 * DAY).things == 0
    assert OLD_NOTICES.take(session, NOW + 3 * DAY, 10).things == 1
    assert [one.title for one in session.scalars(select(NoticeRow))] == ["还在"]
    assert session.scalar(select(func.count()).select_from(NoticeReading)) == 0
    assert take_readings(session) == {Outcome.UNKNOWN_NOTICE: 1}
