"""Notices to several regions and to groups of stations: whom they reach, who may see them, and who has read them."""

from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.attendance import take_in
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Forbidden
from contentserver.notices import MADE_OF, group_uses, lay_out, reaching, reading, service, take_readings
from contentserver.notices.models import NoticeRow
from contentserver.notices.reaching import Targets
from contentserver.notices.rules import Fault, NoticeState
from contentserver.notices.service import NoticeRefused, Wanted
from contentserver.regions import Region, regions_in
from contentserver.stations import Station, StationGroup, groups, stations_in
from contentserver.stations.groups import GroupUsed
from contentserver.stations.rules import GroupWords
from schedules.wire.messages import EventBatch, NoticeRead, Notices, PaperKind
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, VILLAGE, enrolled_box, person
from tests.contentserver.journals import records
from tests.contentserver.notices.samples import COUNTY, TOWNSHIP, words

DAY = timedelta(days=1)
ELSEWHERE = "640205"


@pytest.fixture
def writer(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF)


def group(
    session: Session, who: Person, *stations: Station, name: str = "灌区村", region: str = COUNTY
) -> StationGroup:
    row = groups.make(session, GroupWords(region_code=region, name=name), who, NOW)
    groups.put(session, row, {one.id for one in stations}, (), who, NOW)
    return row


def farms(session: Session, who: Person) -> StationGroup:
    words = GroupWords(region_code=COUNTY, name="农场", picked=False, kinds=("farm",))
    return groups.make(session, words, who, NOW)


def published(session: Session, writer: Person, **changes: object) -> NoticeRow:
    row = service.draft(session, words(**changes), writer, NOW)
    service.publish(session, row, writer, NOW)
    return row


def readers(session: Session) -> dict[UUID, list[str]]:
    """Of each station the titles that lie ready for it."""
    lay_out(session, NOW)
    found = {}
    for station in stations_in(session, ""):
        if paper := papers.of_kind(session, station.id, "notices"):
            found[station.id] = [one.title for one in msgspec.json.decode(paper[1], type=Notices).notices]
    return found


def seen(session: Session, who: Person) -> set[UUID]:
    """The notices that somebody's list shows; each alone says the same."""
    listed = {one.id for one in service.notices_seen(session, who, Wanted(), 1, NOW).rows}
    for row in session.query(NoticeRow):
        try:
            service.notice_asked(session, row.id, who)
            assert row.id in listed
        except Forbidden:
            assert row.id not in listed
    return listed


def test_it_reaches_the_stations_of_regions_and_groups_each_once(
    session: Session, writer: Person, village: Station
) -> None:
    first, second, third = [one for one in stations_in(session, TOWNSHIP) if one.id != village.id][:3]
    both = group(session, writer, village, first), group(session, writer, first, second, name="山区村")
    row = published(session, writer, regions=(VILLAGE, third.region_code), groups=tuple(one.id for one in both))
    expected = {one.id for one in (village, first, second, third)}
    assert reaching.reached_by(session, [row])[row.id] == expected
    assert readers(session) == {one: [row.title] for one in expected}
    assert row.region_code == COUNTY
    assert reaching.names_of(session, [reaching.targets_of(row)])[0][-2:] == sorted(["灌区村", "山区村"])


def test_a_region_within_another_one_says_nothing_more(session: Session, writer: Person, village: Station) -> None:
    row = service.draft(session, words(regions=(VILLAGE, TOWNSHIP, VILLAGE)), writer, NOW)
    assert [one.region_code for one in row.regions] == [TOWNSHIP]
    assert row.region_code == TOWNSHIP
    service.change(session, row, words(regions=(VILLAGE, TOWNSHIP)), 1, writer, NOW)
    assert row.saved == 1


def test_a_station_that_comes_under_the_rule_later_reads_it_too(
    session: Session, writer: Person, village: Station
) -> None:
    rule = farms(session, writer)
    row = published(session, writer, regions=(), groups=(rule.id,))
    assert readers(session) == {}
    assert reading.counts(session, [row], writer) == {row.id: (0, 0)}
    new = Station(name="农场", kind="farm", region_code=VILLAGE)
    session.add(new)
    session.flush()
    assert readers(session) == {new.id: [row.title]}
    assert reading.counts(session, [row], writer) == {row.id: (0, 1)}
    new.region_code = ELSEWHERE
    session.flush()
    assert readers(session) == {}


def test_who_has_read_it_is_counted_over_all_whom_it_reaches(
    session: Session, writer: Person, village: Station
) -> None:
    first, second = [one for one in stations_in(session, TOWNSHIP) if one.id != village.id][:2]
    row = published(session, writer, regions=(VILLAGE,), groups=(group(session, writer, first).id,))
    for station in (first, second):  # the second one read it before it left
        box = enrolled_box(session, station, f"key-{station.id}")
        said = records(NoticeRead(notice=str(row.id), version=1), since=NOW)
        take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e", events=said), NOW + DAY)
    session.flush()
    take_readings(session)
    assert reading.counts(session, [row], writer) == {row.id: (1, 2)}
    found = reading.readers(session, row, writer)
    assert {one.station.id: one.read_at is not None for one in found} == {village.id: False, first.id: True}
    below = person(session, Role.SCHEDULER, first.region_code)
    assert reading.counts(session, [row], below) == {row.id: (1, 1)}
    assert [one.station.id for one in reading.readers(session, row, below)] == [first.id]


def test_whoever_it_reaches_may_read_it_and_nobody_beside_them(
    session: Session, writer: Person, village: Station
) -> None:
    first, second, third = [one for one in stations_in(session, TOWNSHIP) if one.id != village.id][:3]
    row = published(session, writer, regions=(VILLAGE,), groups=(group(session, writer, first, second).id,))
    draft = service.draft(session, words(regions=(VILLAGE, third.region_code)), writer, NOW)
    assert draft.region_code == TOWNSHIP
    for code, expected in (
        (VILLAGE, {row.id}),
        (first.region_code, {row.id}),
        (third.region_code, set()),
        (ELSEWHERE, set()),
        ("6402", {row.id}),
    ):
        assert seen(session, person(session, Role.STATION_ADMIN, code)) == expected, code
    assert seen(session, person(session, Role.SCHEDULER, TOWNSHIP)) == {row.id, draft.id}
    assert not service.may_write(row, person(session, Role.SCHEDULER, TOWNSHIP))
    assert service.may_write(row, person(session, Role.SCHEDULER, "6402"))


def test_of_a_group_above_ones_own_region_nothing_is_sent(session: Session, writer: Person, village: Station) -> None:
    above = group(session, writer, village)
    away = group(session, person(session, Role.SCHEDULER, ELSEWHERE), name="别县", region=ELSEWHERE)
    township = person(session, Role.SCHEDULER, TOWNSHIP)
    own = group(session, township, village, name="本镇", region=TOWNSHIP)
    assert [one.id for one in service.groups_offered(session, township)] == [own.id]
    assert {one.id for one in service.groups_offered(session, writer)} == {own.id, above.id}
    for who, one in ((township, above), (writer, away), (township, away)):
        with pytest.raises(Forbidden, match="out_of_scope"):
            service.draft(session, words(regions=(), groups=(one.id,)), who, NOW)
    row = service.draft(session, words(regions=(), groups=(own.id,)), township, NOW)
    assert row.region_code == TOWNSHIP
    with pytest.raises(Forbidden):
        service.change(session, row, words(regions=(VILLAGE,), groups=(above.id,)), 1, township, NOW)


def test_a_group_that_was_deleted_meanwhile_is_named_and_nothing_is_sent(
    session: Session, writer: Person, village: Station
) -> None:
    one = group(session, writer, village)
    row = service.draft(session, words(regions=(), groups=(one.id,)), writer, NOW)
    groups.remove(session, one, group_uses, writer, NOW)
    for attempt in (
        lambda: service.publish(session, row, writer, NOW),
        lambda: service.draft(session, words(groups=(one.id,)), writer, NOW),
        lambda: service.draft(session, words(groups=(uuid4(),)), writer, NOW),
    ):
        with pytest.raises(NoticeRefused) as told:
            attempt()
        assert [(fault.field, fault.fault) for fault in told.value.faults] == [("groups", Fault.GROUP_GONE)]
    assert row.state == NoticeState.DRAFT
    groups.restore(session, one, writer, NOW)
    service.publish(session, row, writer, NOW)
    assert readers(session) == {village.id: [row.title]}


def test_a_group_of_a_notice_in_force_is_not_deleted(session: Session, writer: Person, village: Station) -> None:
    one = group(session, writer, village)
    service.draft(session, words(regions=(), groups=(one.id,)), writer, NOW)
    over = published(session, writer, title="过了", regions=(), groups=(one.id,), valid_until=NOW + DAY)
    coming = published(
        session, writer, title="以后", regions=(), groups=(one.id,), valid_from=NOW + 5 * DAY, valid_until=NOW + 9 * DAY
    )
    with pytest.raises(GroupUsed) as told:
        groups.remove(session, one, group_uses, writer, NOW)
    assert {use.name for use in told.value.uses} == {"过了", "以后"}
    service.withdraw(session, coming, "写错了", writer, NOW)
    assert [use.name for use in group_uses(session, one.id, NOW)] == ["过了"]
    groups.remove(session, one, group_uses, writer, NOW + DAY)
    assert [found.station.id for found in reading.readers(session, over, writer)] == [village.id]


def test_what_a_published_notice_goes_to_stays(session: Session, writer: Person, village: Station) -> None:
    one = group(session, writer, village)
    row = published(session, writer, regions=(), groups=(one.id,))
    service.change(session, row, words(regions=("64",), text="第二稿"), row.saved, writer, NOW)
    assert (reaching.targets_of(row), row.version) == (Targets((), (one.id,)), 2)


def test_what_lies_in_different_provinces_is_no_one_notice(session: Session, writer: Person, village: Station) -> None:
    session.add(Region(code="11", level="province", parent_code=None, name="别的省"))
    session.flush()
    with pytest.raises(NoticeRefused) as told:
        service.draft(session, words(regions=("64", "11")), person(session, Role.SYSTEM_ADMIN, ""), NOW)
    assert told.value.faults[0].fault is Fault.FAR_APART


def test_the_list_finds_a_groups_notices_under_its_region(session: Session, writer: Person, village: Station) -> None:
    own = group(session, writer, village, region=TOWNSHIP)
    row = published(session, writer, regions=(), groups=(own.id,))
    other = published(session, writer, title="全县")
    under = service.notices_seen(session, writer, Wanted(region_code=TOWNSHIP), 1, NOW).rows
    assert [one.id for one in under] == [row.id]
    assert {one.id for one in service.notices_seen(session, writer, Wanted(region_code=COUNTY), 1, NOW).rows} == {
        row.id,
        other.id,
    }
    assert service.regions_with_notices(session, writer) == [COUNTY, TOWNSHIP]


def test_stations_that_come_into_a_group_are_told_at_once(
    database: Database, session: Session, writer: Person, village: Station
) -> None:
    """Without waiting for the minute: a change of a group's stations is one of what notices are made of."""
    one = group(session, writer)
    row = published(session, writer, regions=(), groups=(one.id,))
    papers.watch(database, {PaperKind.NOTICES: MADE_OF})
    assert not papers.due(session)
    groups.put(session, one, {village.id}, (), writer, NOW)
    assert papers.due(session)
    assert papers.catch_up(session, {PaperKind.NOTICES: lambda found: lay_out(found, NOW)}) == {village.id}
    assert readers(session) == {village.id: [row.title]}
    groups.put(session, one, {village.id}, (), writer, NOW)
    assert not papers.due(session)


def test_very_many_regions_at_once(session: Session, writer: Person, village: Station) -> None:
    """More than one condition should hold."""
    codes = [one.region_code for one in stations_in(session, TOWNSHIP)]
    elsewhere = [one.code for one in regions_in(session, "") if one.level == "village"][: reaching.FEW + 1]
    targets = [Targets((code,), ()) for code in {*codes, *elsewhere}]
    found = reaching.reached(session, targets)
    assert set().union(*found) >= {one.id for one in stations_in(session, TOWNSHIP)}
    assert found[[one.regions[0] for one in targets].index(VILLAGE)] == {village.id}
