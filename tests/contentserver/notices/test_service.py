"""Writing notices, publishing and withdrawing them, who may see them, and what stations get to read."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.notices import service
from contentserver.notices.models import NoticeRow
from contentserver.notices.rules import MOST_SHOWN, NoticeState, Standing
from contentserver.notices.service import ChangedMeanwhile, NoticeRefused, Wanted
from contentserver.stations import Station, stations_in
from schedules.wire.messages import Notices
from tests.contentserver.conftest import NOW, VILLAGE, person
from tests.contentserver.notices.samples import COUNTY, TOWNSHIP, words

DAY = timedelta(days=1)


@pytest.fixture
def writer(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF)


def published(session: Session, writer: Person, **changes: object) -> NoticeRow:
    row = service.draft(session, words(**changes), writer, NOW)
    service.publish(session, row, writer, NOW)
    return row


def paper(session: Session, station_id: UUID) -> Notices | None:
    found = papers.of_kind(session, station_id, "notices")
    return msgspec.json.decode(found[1], type=Notices) if found else None


def titles(session: Session, station_id: UUID) -> list[str]:
    found = paper(session, station_id)
    return [one.title for one in found.notices] if found else []


def actions(session: Session) -> list[str]:
    trail = select(AuditEntry.action).where(AuditEntry.action.startswith("notice.")).order_by(AuditEntry.number)
    return list(session.scalars(trail))


def test_from_draft_to_withdrawn(session: Session, writer: Person, village: Station) -> None:
    row = service.draft(session, words(title=" 冬小麦保险开始登记\n"), writer, NOW)
    assert (row.state, row.title, row.version) == (NoticeState.DRAFT, "冬小麦保险开始登记", 1)
    service.lay_out(session, NOW)
    assert paper(session, village.id) is None
    service.publish(session, row, writer, NOW + DAY)
    assert service.lay_out(session, NOW + DAY) > 1
    found = paper(session, village.id)
    assert found is not None
    assert found.notices == (service.card_of(row),)
    assert found.notices[0].published_at == found.notices[0].valid_from == NOW + DAY
    with pytest.raises(Rejected, match="reason_missing"):
        service.withdraw(session, row, " \n", writer, NOW + DAY)
    service.withdraw(session, row, "写错了", writer, NOW + DAY)
    service.lay_out(session, NOW + DAY)
    assert paper(session, village.id) is None
    with pytest.raises(Conflict, match="notice_moved_on"):
        service.withdraw(session, row, "x", writer, NOW)
    with pytest.raises(Conflict, match="notice_moved_on"):
        service.publish(session, row, writer, NOW)
    with pytest.raises(Conflict, match="notice_moved_on"):
        service.change(session, row, words(), row.saved, writer, NOW)
    with pytest.raises(Conflict, match="notice_moved_on"):
        service.discard(session, row, writer, NOW)
    assert actions(session) == ["notice.drafted", "notice.published", "notice.withdrawn"]


def test_laying_out_twice_changes_nothing(session: Session, writer: Person, village: Station) -> None:
    published(session, writer)
    assert service.lay_out(session, NOW) == len(stations_in(session, COUNTY))
    before = papers.versions(session, [village.id])
    assert service.lay_out(session, NOW + timedelta(minutes=1)) == 0
    assert papers.versions(session, [village.id]) == before


def test_a_station_reads_what_is_for_its_region_and_those_above(
    session: Session, writer: Person, village: Station
) -> None:
    neighbour = next(one for one in stations_in(session, TOWNSHIP) if one.id != village.id)
    published(session, writer, title="全县")
    published(session, writer, title="本村", regions=(VILLAGE,))
    published(session, person(session, Role.COUNTY_STAFF, "640205"), title="别的县", regions=("640205",))
    published(session, person(session, Role.SYSTEM_ADMIN, ""), title="全省", regions=("64",))
    service.lay_out(session, NOW)
    assert sorted(titles(session, village.id)) == sorted(["全县", "本村", "全省"])
    assert sorted(titles(session, neighbour.id)) == sorted(["全县", "全省"])


def test_it_is_on_the_boxes_a_week_before_it_begins_and_goes_with_its_last_minute(
    session: Session, writer: Person, village: Station
) -> None:
    published(session, writer, valid_from=NOW + 8 * DAY, valid_until=NOW + 9 * DAY)
    seen = []
    for day in (0, 1, 8, 9):
        service.lay_out(session, NOW + day * DAY)
        seen.append(bool(titles(session, village.id)))
    assert seen == [False, True, True, False]


def test_the_newest_comes_first_and_of_too_many_the_important_stay(
    session: Session, writer: Person, village: Station
) -> None:
    row = published(session, writer, title="要紧", important=True)
    for number in range(MOST_SHOWN):
        other = published(session, writer, title=f"第{number}条")
        other.published_at = NOW + number * timedelta(minutes=1)
    row.published_at = NOW - DAY
    session.flush()
    service.lay_out(session, NOW + DAY)
    shown = titles(session, village.id)
    assert len(shown) == MOST_SHOWN
    assert shown[0] == f"第{MOST_SHOWN - 1}条"
    assert shown[-1] == "要紧"
    assert "第0条" not in shown


def test_other_words_are_a_new_version_another_time_is_not(session: Session, writer: Person, village: Station) -> None:
    row = service.draft(session, words(), writer, NOW)
    service.change(session, row, words(text="第二稿"), 1, writer, NOW)
    assert (row.version, row.saved) == (1, 2)
    service.publish(session, row, writer, NOW)
    service.change(session, row, words(text="第二稿", valid_until=NOW + DAY), 3, writer, NOW)
    assert (row.version, row.saved) == (1, 4)
    service.change(session, row, words(text="第三稿", valid_until=NOW + DAY, regions=("64",)), 4, writer, NOW)
    assert (row.version, row.region_code) == (2, COUNTY)
    service.change(session, row, service.words_of(row), 5, writer, NOW)
    assert (row.version, row.saved) == (2, 5)
    assert actions(session).count("notice.changed") == 3


def test_of_two_who_change_it_the_second_is_told(session: Session, writer: Person, village: Station) -> None:
    row = service.draft(session, words(), writer, NOW)
    other = person(session, Role.SCHEDULER)
    service.change(session, row, words(title="她的"), 1, other, NOW)
    with pytest.raises(ChangedMeanwhile) as told:
        service.change(session, row, words(title="他的"), 1, writer, NOW)
    assert told.value.row.title == "她的"
    service.change(session, row, words(title="他的"), 2, writer, NOW)
    assert row.title == "他的"


def test_what_is_wrong_changes_nothing(session: Session, writer: Person, village: Station) -> None:
    with pytest.raises(NoticeRefused) as told:
        service.draft(session, words(title="", text=" \n "), writer, NOW)
    assert [one.field for one in told.value.faults] == ["title", "text"]
    row = service.draft(session, words(valid_until=NOW + DAY), writer, NOW)
    with pytest.raises(NoticeRefused):
        service.publish(session, row, writer, NOW + 2 * DAY)
    assert row.state == NoticeState.DRAFT
    assert actions(session) == ["notice.drafted"]
    service.discard(session, row, writer, NOW)
    assert session.scalars(select(NoticeRow)).all() == []


def test_nobody_writes_outside_their_region_or_without_the_right(
    session: Session, writer: Person, village: Station
) -> None:
    with pytest.raises(Forbidden, match="out_of_scope"):
        service.draft(session, words(regions=("64",)), writer, NOW)
    with pytest.raises(NotFound, match="region_unknown"):
        service.draft(session, words(regions=("640221999",)), writer, NOW)
    row = published(session, writer)
    below, elsewhere = person(session, Role.SCHEDULER, TOWNSHIP), person(session, Role.COUNTY_STAFF, "640205")
    for who in (below, elsewhere, replace_role(writer, Role.REVIEWER)):
        with pytest.raises(Forbidden):
            service.withdraw(session, row, "x", who, NOW)
        with pytest.raises(Forbidden):
            service.change(session, row, words(title="别的"), row.saved, who, NOW)
    assert row.state == NoticeState.PUBLISHED


def replace_role(who: Person, role: Role) -> Person:
    return Person(who.id, who.username, who.display_name, role, who.region_code)


def test_everybody_whom_it_reaches_may_read_it_and_nobody_else(
    session: Session, writer: Person, village: Station
) -> None:
    draft, row = service.draft(session, words(), writer, NOW), published(session, writer)
    gone = published(session, writer)
    service.withdraw(session, gone, "写错了", writer, NOW)
    admin, elsewhere = person(session, Role.STATION_ADMIN, VILLAGE), person(session, Role.COUNTY_STAFF, "640205")
    city, below = person(session, Role.REVIEWER, "6402"), person(session, Role.SCHEDULER, TOWNSHIP)
    readable = {
        "admin": (admin, {row.id}),
        "city": (city, {row.id}),
        "below": (below, {row.id, gone.id}),
        "writer": (writer, {row.id, gone.id, draft.id}),
        "elsewhere": (elsewhere, set[UUID]()),
    }
    for name, (who, expected) in readable.items():
        listed = {one.id for one in service.notices_seen(session, who, Wanted(), 1, NOW).rows}
        assert listed == expected, name
        asked = set()
        for one in (draft, row, gone):
            try:
                asked.add(service.notice_asked(session, one.id, who).id)
            except Forbidden:
                continue
        assert asked == expected, name
    with pytest.raises(NotFound, match="notice_unknown"):
        service.notice_asked(session, village.id, writer)


def test_the_list_is_filtered_as_notices_stand(session: Session, writer: Person, village: Station) -> None:
    service.draft(session, words(title="草稿"), writer, NOW)
    published(session, writer, title="现在", valid_until=NOW + DAY)
    published(session, writer, title="以后", valid_from=NOW + 30 * DAY)
    over = published(session, writer, title="过了", text="含 50% 折扣")
    over.valid_until = NOW - DAY
    gone = published(session, writer, title="撤了", regions=(VILLAGE,))
    service.withdraw(session, gone, "写错了", writer, NOW)
    session.flush()

    def listed(wanted: Wanted) -> list[str]:
        return [one.title for one in service.notices_seen(session, writer, wanted, 1, NOW).rows]

    expected = {"draft": "草稿", "shown": "现在", "coming": "以后", "over": "过了", "withdrawn": "撤了"}
    for standing in Standing:
        assert listed(Wanted(standing)) == [expected[standing]]
    assert listed(Wanted(region_code=TOWNSHIP)) == ["撤了"]
    assert listed(Wanted(words="50%")) == ["过了"]
    assert listed(Wanted(words="0_")) == []
    assert len(listed(Wanted())) == 5
    assert service.regions_with_notices(session, writer) == [COUNTY, VILLAGE]


def test_who_issues_is_remembered(session: Session, writer: Person, village: Station) -> None:
    assert service.usual_issuer(session, writer) == "平罗县"
    service.draft(session, words(issuer="县农技中心"), writer, NOW)
    assert service.usual_issuer(session, writer) == "县农技中心"
    assert service.usual_issuer(session, person(session, Role.SYSTEM_ADMIN, "")) == ""
