"""Groups of stations: made, filled, by a rule, asked for, deleted and taken back; and what somebody may not do."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound
from contentserver.regions import regions_in
from contentserver.stations import Station, groups, stations_in
from contentserver.stations.groups import Chosen, GroupRefused, GroupUsed
from contentserver.stations.models import GroupMember, StationGroup
from contentserver.stations.ports import GroupUse
from contentserver.stations.rules import GroupFault, GroupWords
from tests.contentserver.conftest import NOW, VILLAGE, person

COUNTY, TOWNSHIP, ELSEWHERE = "640221", "640221203", "640205"


@pytest.fixture
def writer(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF)


def unused(_session: Session, _group_id: UUID, _now: datetime) -> Sequence[GroupUse]:
    return ()


def picked(
    session: Session, who: Person, *stations: Station, name: str = "灌区村", region: str = COUNTY
) -> StationGroup:
    row = groups.make(session, GroupWords(region_code=region, name=name), who, NOW)
    groups.put(session, row, {one.id for one in stations}, (), who, NOW)
    return row


def by_rule(
    session: Session, who: Person, *, kinds: tuple[str, ...] = (), below: str = "", name: str = "规则组"
) -> StationGroup:
    words = GroupWords(region_code=COUNTY, name=name, picked=False, kinds=kinds, below=below)
    return groups.make(session, words, who, NOW)


def farm(session: Session, region: str) -> Station:
    row = Station(name="农场", kind="farm", region_code=region)
    session.add(row)
    session.flush()
    return row


def of(session: Session, *rows: StationGroup, root: str = "") -> set[UUID]:
    return groups.stations_of_groups(session, [row.id for row in rows], root)


def ids(stations: Iterable[Station]) -> set[UUID]:
    return {one.id for one in stations}


def trail(session: Session) -> list[str]:
    told = select(AuditEntry.action).where(AuditEntry.action.startswith("group.")).order_by(AuditEntry.number)
    return list(session.scalars(told))


def test_stations_are_put_in_and_taken_out_one_by_one(session: Session, writer: Person, village: Station) -> None:
    first, second, third = stations_in(session, TOWNSHIP)[:3]
    row = picked(session, writer, first, second)
    assert of(session, row) == ids([first, second])
    assert groups.put(session, row, {second.id, third.id}, {first.id}, writer, NOW) == (1, 1)
    assert groups.put(session, row, {third.id}, {first.id}, writer, NOW) == (0, 0)
    assert of(session, row) == ids([second, third])
    assert groups.counts(session, [row]) == {row.id: 2}
    assert row.filled == 2
    assert trail(session) == ["group.made", "group.filled", "group.filled"]


def test_a_rule_has_whatever_it_holds_for_at_the_moment(session: Session, writer: Person, village: Station) -> None:
    farms, part = (
        by_rule(session, writer, kinds=("farm", "office")),
        by_rule(session, writer, below=TOWNSHIP, name="镇"),
    )
    assert of(session, farms) == set()
    assert of(session, part) == ids(stations_in(session, TOWNSHIP))
    new, other = farm(session, VILLAGE), farm(session, ELSEWHERE)
    assert of(session, farms) == {new.id}
    assert new.id in of(session, part)
    assert other.id not in of(session, farms, part)
    new.kind = "village"
    session.flush()
    assert of(session, farms) == set()
    with pytest.raises(Conflict, match="group_by_rule"):
        groups.put(session, farms, {new.id}, (), writer, NOW)


@pytest.mark.parametrize("kinds", [(), ("farm",), ("village", "office")])
@pytest.mark.parametrize("below", ["", TOWNSHIP, VILLAGE])
def test_the_database_finds_what_the_rule_says(
    session: Session, writer: Person, village: Station, kinds: tuple[str, ...], below: str
) -> None:
    for number, code in enumerate((COUNTY, TOWNSHIP, VILLAGE, "640221204", ELSEWHERE, "6402")):
        session.add(Station(name=f"站{number}", kind=("farm", "office")[number % 2], region_code=code))
    session.flush()
    if not kinds and not below:
        kinds = ("township", "village")
    row = by_rule(session, writer, kinds=kinds, below=below)
    rule, here = groups.words_of(row), stations_in(session, "")
    assert of(session, row) == {one.id for one in here if rule.may_hold(one.region_code, one.kind)}


def test_a_station_that_is_moved_out_of_the_region_belongs_no_longer(
    session: Session, writer: Person, village: Station
) -> None:
    row = picked(session, writer, village)
    village.region_code = ELSEWHERE
    session.flush()
    assert of(session, row) == set()
    assert groups.page_of_candidates(session, row, Chosen(inside=True), 1).total == 0
    village.region_code = VILLAGE
    session.flush()
    assert of(session, row) == {village.id}


def test_no_station_of_elsewhere_comes_in_and_nothing_is_changed(
    session: Session, writer: Person, village: Station
) -> None:
    row, other = picked(session, writer), farm(session, ELSEWHERE)
    with pytest.raises(Forbidden, match="out_of_scope"):
        groups.put(session, row, {village.id, other.id}, (), writer, NOW)
    with pytest.raises(NotFound, match="station_unknown"):
        groups.put(session, row, {village.id, uuid4()}, (), writer, NOW)
    assert of(session, row) == set()
    assert trail(session) == ["group.made"]


def test_all_that_a_filter_finds_goes_in_or_out(session: Session, writer: Person, village: Station) -> None:
    row, here = picked(session, writer), stations_in(session, COUNTY)
    one = farm(session, VILLAGE)
    assert groups.put_all(session, row, Chosen(kind="farm"), writer, NOW) == (1, 0)
    assert groups.put_all(session, row, Chosen(region_code=TOWNSHIP), writer, NOW) == (len(here), 0)
    assert groups.put_all(session, row, Chosen(words=one.name, inside=True), writer, NOW, out=True) == (0, 1)
    assert of(session, row) == ids(here)
    shown = groups.page_of_candidates(session, row, Chosen(inside=False), 1)
    assert [station.id for station in shown.rows] == [one.id]
    assert groups.page_of_candidates(session, row, Chosen(region_code=ELSEWHERE), 1).total == 0
    assert groups.page_of_candidates(session, row, Chosen(words="100%"), 1).total == 0


def test_a_name_is_there_once_in_a_region(session: Session, writer: Person, village: Station) -> None:
    row = picked(session, writer)
    with pytest.raises(GroupRefused) as told:
        groups.make(session, GroupWords(region_code=COUNTY, name=" 灌区村 "), writer, NOW)
    assert told.value.faults == (("name", GroupFault.NAME_TAKEN),)
    groups.make(session, GroupWords(region_code=TOWNSHIP, name="灌区村"), writer, NOW)
    other = groups.make(session, GroupWords(region_code=COUNTY, name="山区村"), writer, NOW)
    with pytest.raises(GroupRefused):
        groups.change(session, other, GroupWords(region_code=COUNTY, name="灌区村"), 1, writer, NOW)
    assert other.name == "山区村"
    groups.change(session, row, GroupWords(region_code=COUNTY, name="灌区"), 1, writer, NOW)
    groups.change(session, other, GroupWords(region_code=COUNTY, name="灌区村"), 1, writer, NOW)
    assert [one.name for one in groups.groups_within(session, COUNTY)] == ["灌区", "灌区村", "灌区村"]


def test_who_is_quicker_by_a_moment_has_the_name(
    session: Session, writer: Person, village: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked, and there was none; the database decides."""
    row = picked(session, writer)
    groups.remove(session, row, unused, writer, NOW)
    picked(session, writer)
    monkeypatch.setattr(groups, "_name_taken", lambda *_asked: False)
    with pytest.raises(GroupRefused):
        groups.make(session, GroupWords(region_code=COUNTY, name="灌区村"), writer, NOW)
    with pytest.raises(Conflict, match="group_name_taken"):
        groups.restore(session, row, writer, NOW)
    session.refresh(row)
    assert row.removed_at == NOW


def test_a_change_keeps_the_owner_and_what_was_picked(session: Session, writer: Person, village: Station) -> None:
    row = picked(session, writer, village)
    groups.change(
        session, row, GroupWords(region_code="64", name="农场", picked=False, kinds=("farm",)), 1, writer, NOW
    )
    assert (row.region_code, row.saved) == (COUNTY, 2)
    assert of(session, row) == set()
    with pytest.raises(Conflict, match="group_changed"):
        groups.change(session, row, GroupWords(region_code=COUNTY, name="x"), 1, writer, NOW)
    groups.change(session, row, groups.words_of(row), 2, writer, NOW)
    assert row.saved == 2
    groups.change(session, row, GroupWords(region_code=COUNTY, name="灌区村"), 2, writer, NOW)
    assert of(session, row) == {village.id}
    with pytest.raises(NotFound, match="region_unknown"):
        groups.make(session, GroupWords(region_code=COUNTY, name="y", picked=False, below="640221999"), writer, NOW)


def test_what_is_deleted_comes_back_with_its_stations(session: Session, writer: Person, village: Station) -> None:
    row = picked(session, writer, village)
    groups.remove(session, row, unused, writer, NOW)
    assert groups.groups_within(session, COUNTY) == []
    assert groups.page_of_groups(session, COUNTY, "灌", 1, removed=True).rows == [row]
    for change in (
        lambda: groups.remove(session, row, unused, writer, NOW),
        lambda: groups.put(session, row, (), {village.id}, writer, NOW),
        lambda: groups.change(session, row, groups.words_of(row), 1, writer, NOW),
    ):
        with pytest.raises(Conflict, match="group_removed"):
            change()
    second = picked(session, writer)
    with pytest.raises(Conflict, match="group_name_taken"):
        groups.restore(session, row, writer, NOW)
    groups.change(session, second, GroupWords(region_code=COUNTY, name="新灌区村"), 1, writer, NOW)
    groups.restore(session, row, writer, NOW)
    groups.restore(session, row, writer, NOW)
    assert of(session, row) == {village.id}
    assert trail(session).count("group.restored") == 1


def test_what_is_used_is_not_deleted(session: Session, writer: Person, village: Station) -> None:
    row, use = picked(session, writer), GroupUse("停水", "notices.show", {"notice_id": uuid4()})
    with pytest.raises(GroupUsed) as told:
        groups.remove(session, row, lambda *_asked: [use], writer, NOW)
    assert told.value.uses == [use]
    assert row.removed_at is None


def test_whoever_reaches_the_region_and_writes_notices_may_change_its_groups(
    session: Session, writer: Person, village: Station
) -> None:
    row = picked(session, writer)
    assert groups.may_change(row, person(session, Role.SCHEDULER, "6402"))
    strangers = (
        person(session, Role.SCHEDULER, TOWNSHIP),
        person(session, Role.COUNTY_STAFF, ELSEWHERE),
        person(session, Role.REVIEWER),
        person(session, Role.STATION_ADMIN, VILLAGE),
    )
    for who in strangers:
        for change in (
            lambda who=who: groups.put(session, row, {village.id}, (), who, NOW),
            lambda who=who: groups.change(session, row, GroupWords(region_code=COUNTY, name="x"), 1, who, NOW),
            lambda who=who: groups.remove(session, row, unused, who, NOW),
            lambda who=who: groups.restore(session, row, who, NOW),
            lambda who=who: groups.make(session, GroupWords(region_code=COUNTY, name="x"), who, NOW),
        ):
            with pytest.raises(Forbidden):
                change()
    assert of(session, row) == set()


def test_groups_that_a_region_has_to_do_with(session: Session, writer: Person, village: Station) -> None:
    above, rule = picked(session, writer, village), by_rule(session, writer, kinds=("farm",))
    own = picked(session, writer, region=TOWNSHIP, name="本镇")
    city = person(session, Role.SCHEDULER, "6402")
    beside = groups.make(session, GroupWords(region_code=ELSEWHERE, name="别处"), city, NOW)
    neighbour = next(one for one in stations_in(session, TOWNSHIP) if one.id != village.id).region_code
    assert groups.groups_concerning(session, VILLAGE) == {above.id}
    assert groups.groups_concerning(session, neighbour) == set()
    assert groups.groups_concerning(session, TOWNSHIP) == {above.id, own.id}
    assert groups.groups_concerning(session, "6402") == {above.id, rule.id, own.id, beside.id}
    farm(session, neighbour)
    assert groups.groups_concerning(session, neighbour) == {rule.id}


def test_a_whole_province_of_stations_is_counted_paged_and_filled(
    session: Session, writer: Person, village: Station
) -> None:
    codes = [one.code for one in regions_in(session, "64")]
    regions = [codes[number % len(codes)] for number in range(6402)]
    session.add_all(Station(name=f"站{number}", kind="office", region_code=code) for number, code in enumerate(regions))
    session.flush()
    province = person(session, Role.SYSTEM_ADMIN, "64")
    row = groups.make(session, GroupWords(region_code="64", name="全省机关"), province, NOW)
    assert groups.put_all(session, row, Chosen(kind="office"), province, NOW) == (6402, 0)
    page = groups.page_of_candidates(session, row, Chosen(inside=True), 3)
    assert (page.total, page.first_row, len(page.rows)) == (6402, 101, 50)
    assert groups.counts(session, [row]) == {row.id: 6402}
    assert len(of(session, row, root=COUNTY)) == sum(code.startswith(COUNTY) for code in regions)
    assert groups.put_all(session, row, Chosen(), province, NOW, out=True) == (0, 6402)
    assert session.scalars(select(GroupMember)).first() is None
