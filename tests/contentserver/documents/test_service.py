"""Documents are written, numbered, sent, changed, recalled, passed on and found, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.documents import addressing, attaching, listing, numbering, service
from contentserver.documents.keeping import Kept
from contentserver.documents.listing import Wanted
from contentserver.documents.models import Document, DocumentRecipient
from contentserver.documents.rules import Fault
from contentserver.documents.service import ChangedMeanwhile, DocumentRefused
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.regions import Region
from contentserver.stations import Station, groups
from contentserver.stations.rules import GroupWords
from tests.contentserver.conftest import NOW, enrolled_box, person
from tests.contentserver.documents.samples import COUNTY, TOWNSHIP, VILLAGE, sent, words

FILE = Kept("面积表.xlsx", "ab" * 32, "xlsx", 4000)


def recipients(session: Session, row: Document) -> list[DocumentRecipient]:
    query = select(DocumentRecipient).where(DocumentRecipient.document_id == row.id)
    return list(session.scalars(query.order_by(DocumentRecipient.region_code, DocumentRecipient.id)))


def test_a_document_gets_its_number_deadline_and_recipients_when_it_is_sent(session: Session, village: Station) -> None:
    who = person(session, Role.COUNTY_STAFF)
    row = service.draft(session, words(), who, NOW)
    assert (row.number, row.read_due, recipients(session, row)) == ("", None, [])
    service.send(session, row, who, NOW)
    assert (row.number, row.read_due) == ("平罗发〔2026〕1号", date(2026, 11, 26))
    to = recipients(session, row)
    assert [one.region_code for one in to if one.station_id is None] == [TOWNSHIP]
    assert village.id in {one.station_id for one in to}
    assert all(one.region_code.startswith(TOWNSHIP) for one in to)


def test_a_deadline_is_never_a_holiday(session: Session, village: Station) -> None:
    row = sent(session, person(session, Role.COUNTY_STAFF), datetime(2026, 9, 30, 4, tzinfo=UTC), read_days=1)
    assert row.read_due == date(2026, 10, 8)


def test_offices_of_the_next_level_and_no_further_are_reached(session: Session, village: Station) -> None:
    who = person(session, Role.COUNTY_STAFF)
    found = addressing.addressed(session, COUNTY, words(regions=(COUNTY,)))
    assert TOWNSHIP in found.offices
    assert {len(code) for code in found.offices} == {9}
    assert addressing.addressed(session, COUNTY, words(to_offices=False)).offices == ()
    assert addressing.addressed(session, COUNTY, words(to_stations=False)).stations == ()
    assert addressing.addressed(session, "6402", words(regions=("6402",))).offices == ("640202", "640205", COUNTY)
    assert who.region_code == COUNTY


def test_a_station_of_two_targets_is_reached_once(session: Session, village: Station) -> None:
    who = person(session, Role.COUNTY_STAFF)
    group = groups.make(session, GroupWords(region_code=COUNTY, name="示范站"), who, NOW)
    groups.put(session, group, {village.id}, set(), who, NOW)
    row = sent(session, who, groups=(group.id,))
    assert [one.station_id for one in recipients(session, row)].count(village.id) == 1
    alone = sent(session, who, regions=(), groups=(group.id,))
    assert [one.station_id for one in recipients(session, alone)] == [village.id]


def test_numbers_have_no_gap_and_begin_anew_each_year(session: Session, village: Station) -> None:
    who = person(session, Role.COUNTY_STAFF)
    sent(session, who)
    with pytest.raises(DocumentRefused):
        sent(session, who, regions=())
    thrown = service.draft(session, words(), who, NOW)
    service.discard(session, thrown, who, NOW)
    assert sent(session, who).number == "平罗发〔2026〕2号"
    # half an hour of the new year in Ningxia, while it is still 2026 in Greenwich
    assert sent(session, who, datetime(2026, 12, 31, 16, 30, tzinfo=UTC)).number == "平罗发〔2027〕1号"


def test_an_office_says_how_it_numbers_and_never_leaves_a_gap(session: Session, village: Station) -> None:
    who = person(session, Role.COUNTY_STAFF)
    numbering.set_scheme(session, COUNTY, 2026, "平农发", 11, who, NOW)
    assert sent(session, who).number == "平农发〔2026〕12号"
    with pytest.raises(Conflict):
        numbering.set_scheme(session, COUNTY, 2026, "平农发", 20, who, NOW)
    numbering.set_scheme(session, COUNTY, 2026, "平办发", None, who, NOW)
    assert sent(session, who).number == "平办发〔2026〕13号"
    assert numbering.scheme_of(session, COUNTY, 2027).word == "平办发"
    for word, given in (("", None), ("长" * 21, None), ("平发", -1), ("平发", 100_000)):
        with pytest.raises((Rejected, Conflict)):
            numbering.set_scheme(session, COUNTY, 2027, word, given, who, NOW)


def test_of_two_at_the_same_moment_none_has_the_others_number(database: Database) -> None:
    with database.unit_of_work() as session:
        for code, level, parent, name in (
            (COUNTY, "county", None, "平罗县"),
            (TOWNSHIP, "township", COUNTY, "黄渠桥镇"),
        ):
            session.add(Region(code=code, level=level, parent_code=parent, name=name))
            session.flush()
        who = person(session, Role.COUNTY_STAFF)
        ids = [service.draft(session, words(), who, NOW).id for _one in range(8)]

    def send(document_id: UUID) -> str:
        with database.unit_of_work() as session:
            row = service.document_with(session, document_id)
            service.send(session, row, who, NOW)
            return row.number

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(send, ids))
    assert sorted(numbers) == sorted(f"平罗发〔2026〕{place}号" for place in range(1, 9))
    with pytest.raises(Conflict):
        send(ids[0])


def test_who_may_write_and_where(session: Session, village: Station) -> None:
    who, township = person(session, Role.COUNTY_STAFF), person(session, Role.COUNTY_STAFF, TOWNSHIP)
    with pytest.raises(Forbidden):
        service.draft(session, words(), person(session, Role.SYSTEM_ADMIN, ""), NOW)
    with pytest.raises(Forbidden):
        service.draft(session, words(), person(session, Role.SYSTEM_ADMIN, VILLAGE), NOW)
    with pytest.raises(DocumentRefused) as told:
        service.draft(session, words(regions=(COUNTY,)), township, NOW)
    assert told.value.faults[0].fault is Fault.NOT_BELOW
    row = service.draft(session, words(), who, NOW)
    acts: tuple[Callable[[], object], ...] = (
        lambda: service.send(session, row, township, NOW),
        lambda: service.change(session, row, words(title="别的"), 1, township, NOW),
        lambda: service.discard(session, row, township, NOW),
        lambda: attaching.attach(session, row, [FILE], township, NOW),
    )
    for act in acts:
        with pytest.raises(Forbidden):
            act()


def test_who_knows_of_it(session: Session, village: Station) -> None:
    who = person(session, Role.COUNTY_STAFF)
    row = service.draft(session, words(), who, NOW)
    near = [
        person(session, Role.COUNTY_STAFF, TOWNSHIP),
        person(session, Role.STATION_ADMIN, VILLAGE),
        person(session, Role.COUNTY_STAFF, "6402"),
    ]
    far = [
        person(session, Role.COUNTY_STAFF, "640202"),
        person(session, Role.STATION_ADMIN, "640221100201"),
        person(session, Role.COUNTY_STAFF, "640221100"),
    ]

    def knowing(people: list[Person]) -> list[bool]:
        return [addressing.knows(session, row, one) for one in people]

    assert (knowing(near), knowing(far)) == ([False, False, True], [False] * 3)
    service.send(session, row, who, NOW)
    assert (knowing(near), knowing(far)) == ([True] * 3, [False] * 3)
    with pytest.raises(NotFound):
        service.document_asked(session, row.id, far[0])
    with pytest.raises(NotFound):
        service.document_asked(session, uuid4(), who)


def test_other_words_are_a_newer_version_and_another_day_is_not(session: Session, village: Station) -> None:
    who = person(session, Role.COUNTY_STAFF)
    row = sent(session, who)
    later = NOW + timedelta(days=1)
    service.change(session, row, words(read_days=10, regions=(COUNTY,)), row.saved, who, later)
    assert (row.version, row.read_due) == (1, date(2026, 12, 8))
    assert [one.region_code for one in row.regions] == [TOWNSHIP]
    with pytest.raises(ChangedMeanwhile):
        service.change(session, row, words(text="别的"), 1, who, later)
    service.change(
        session, row, words(text="请各村摸清面积。\n十二月五日前上报。", read_days=10), row.saved, who, later
    )
    assert (row.version, row.number, row.changed_at) == (2, "平罗发〔2026〕1号", later)
    before = service.version_of(session, row, 1)
    assert before is not None
    assert before.text == words().text
    attaching.attach(session, row, [FILE], who, later)
    file = service.files_of(row)[0]
    attaching.detach(session, row, file.id, who, later)
    assert (row.version, service.files_of(row)) == (4, [])
    with pytest.raises(NotFound):
        attaching.detach(session, row, file.id, who, later)
    with pytest.raises(Rejected):
        attaching.attach(session, row, [FILE] * 11, who, later)
    with pytest.raises(Rejected):
        attaching.attach(session, row, [], who, later)


def test_what_is_recalled_keeps_its_number_and_is_changed_no_more(session: Session, village: Station) -> None:
    who = person(session, Role.COUNTY_STAFF)
    row = sent(session, who)
    with pytest.raises(Rejected):
        service.withdraw(session, row, " \u202e ", who, NOW)
    service.withdraw(session, row, "数字有误", who, NOW)
    assert (row.state, row.number, row.withdrawn_because) == ("withdrawn", "平罗发〔2026〕1号", "数字有误")
    acts: tuple[Callable[[], object], ...] = (
        lambda: service.withdraw(session, row, "再来", who, NOW),
        lambda: service.send(session, row, who, NOW),
        lambda: service.change(session, row, words(title="别的"), row.saved, who, NOW),
        lambda: attaching.attach(session, row, [FILE], who, NOW),
        lambda: service.discard(session, row, who, NOW),
    )
    for act in acts:
        with pytest.raises(Conflict):
            act()
    assert sent(session, who).number == "平罗发〔2026〕2号"


def test_it_is_found_by_words_number_and_attachment(session: Session, village: Station) -> None:
    who = person(session, Role.COUNTY_STAFF)
    wheat = sent(session, who)
    sent(session, who, title="关于消防检查的通知", text="请各站检查灭火器。")
    attaching.attach(session, wheat, [FILE], who, NOW)
    service.change(session, wheat, words(text="请各村摸清春小麦面积。"), wheat.saved, who, NOW)

    def those(wanted: Wanted) -> list[UUID]:
        return [row.id for row in listing.documents_seen(session, who, wanted, 1).rows]

    def found(typed: str) -> list[UUID]:
        return those(Wanted(words=typed))

    for typed in ("小麦", "秋冬种 小麦", "平罗发〔2026〕1号", "面积表"):
        assert found(typed) == [wheat.id], typed
    for typed in ("冬小麦面积按期", "玉米", "'; --", '"', "*"):
        assert found(typed) == [], typed
    assert those(Wanted(words="小麦", state="withdrawn")) == []
    assert those(Wanted(words="小麦", year=2026, box="out")) == [wheat.id]
    assert those(Wanted(words="小麦", box="in")) == []


def test_whom_nobody_can_read_for_is_said_before(session: Session, village: Station) -> None:
    who = person(session, Role.COUNTY_STAFF)
    found = addressing.addressed(session, COUNTY, words())
    names = addressing.unreachable(session, found)
    assert village.name in names
    assert len(names) == len(found)
    enrolled_box(session, village)
    person(session, Role.COUNTY_STAFF, TOWNSHIP)
    left = addressing.unreachable(session, found)
    assert village.name not in left
    assert len(left) == len(found) - 2
    assert who.region_code == COUNTY
