"""Receipt, reading and answers: by people, by televisions; late ones, double ones, those about what was recalled."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.attendance import take_in
from contentserver.boxes import Box
from contentserver.documents import board, laying_out, receiving, reminding, service
from contentserver.documents.board import Which
from contentserver.documents.keeping import Kept
from contentserver.documents.models import Document, DocumentRecipient
from contentserver.documents.rules import Progress, ReplyKind
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, Forbidden, Rejected
from contentserver.kernel.sheets import as_csv
from contentserver.stations import Station
from schedules.wire.messages import DocumentRead, DocumentReplied, Documents, EventBatch, EventBody, ReplyWay
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box, person
from tests.contentserver.documents.samples import COUNTY, TOWNSHIP, VILLAGE, sent, words
from tests.contentserver.journals import records

DAY = timedelta(days=1)
TODAY = NOW.date()


def recipient(session: Session, row: Document, station: Station) -> DocumentRecipient:
    query = select(DocumentRecipient).where(
        DocumentRecipient.document_id == row.id, DocumentRecipient.station_id == station.id
    )
    return session.scalars(query).one()


def answers(session: Session, one: DocumentRecipient) -> list[tuple[str, bool]]:
    found = receiving.replies_of(session, [one.id]).get(one.id, [])
    return [(reply.answer, reply.counts) for reply in found]


def said(session: Session, box: Box, *bodies: EventBody, epoch: str = "e", first: int = 1) -> int:
    """A television's words, and how many of them changed something."""
    events = records(*bodies, first=first)
    take_in(session, box, EventBatch(box=BoxId(box.id), epoch=epoch, events=events), NOW + timedelta(minutes=5))
    session.flush()
    return receiving.take_readings(session)


def test_seen_in_a_list_is_received_and_opened_is_read(session: Session, village: Station) -> None:
    county, zhao = person(session, Role.COUNTY_STAFF), person(session, Role.STATION_ADMIN, VILLAGE)
    row = sent(session, county)
    one = recipient(session, row, village)
    assert receiving.note_received(session, [row.id], county, NOW) == 0
    assert receiving.note_received(session, [row.id], zhao, NOW) == 1
    assert receiving.note_received(session, [row.id], zhao, NOW + DAY) == 0
    assert (one.received_at, one.received_by, one.read_at) == (NOW, zhao.id, None)
    assert receiving.note_read(session, row, zhao, NOW + DAY)
    assert (one.read_at, one.read_by, one.read_version) == (NOW + DAY, zhao.id, 1)
    assert not receiving.note_read(session, row, zhao, NOW + 2 * DAY)
    auditor = person(session, Role.AUDITOR, VILLAGE)
    assert receiving.note_received(session, [row.id], auditor, NOW) == 0


def test_a_newer_version_is_unread_again(session: Session, village: Station) -> None:
    county, zhao = person(session, Role.COUNTY_STAFF), person(session, Role.STATION_ADMIN, VILLAGE)
    row = sent(session, county)
    receiving.note_read(session, row, zhao, NOW)
    service.change(session, row, words(text="新的"), row.saved, county, NOW + DAY)
    line = next(one for one in board.lines(session, row, county, TODAY) if one.station_id == village.id)
    assert (line.progress, line.receipt.read_version, line.read_at) == (Progress.RECEIVED, 1, None)
    assert receiving.note_read(session, row, zhao, NOW + DAY)


def test_what_waits_is_what_was_not_read_or_not_answered(session: Session, village: Station) -> None:
    county, zhao = person(session, Role.COUNTY_STAFF), person(session, Role.STATION_ADMIN, VILLAGE)
    row = sent(session, county, reply=ReplyKind.YES_NO, reply_days=5)
    assert reminding.count_waiting(session, zhao) == 1
    receiving.note_read(session, row, zhao, NOW)
    assert (recipient(session, row, village).owes, reminding.count_waiting(session, zhao)) == (True, 1)
    receiving.reply(session, row, ["yes"], None, zhao, NOW)
    assert reminding.count_waiting(session, zhao) == 0
    service.change(session, row, words(text="新的"), row.saved, county, NOW + DAY)
    assert reminding.count_waiting(session, zhao) == 1
    service.withdraw(session, row, "写错了", county, NOW + DAY)
    assert reminding.count_waiting(session, zhao) == 0


def test_of_two_answers_the_later_stands_and_both_are_kept(session: Session, village: Station) -> None:
    county, zhao = person(session, Role.COUNTY_STAFF), person(session, Role.STATION_ADMIN, VILLAGE)
    row = sent(session, county, reply=ReplyKind.YES_NO, reply_days=5)
    one = recipient(session, row, village)
    receiving.reply(session, row, ["yes"], None, zhao, NOW)
    receiving.reply(session, row, ["no"], None, zhao, NOW + DAY)
    assert answers(session, one) == [("no", True), ("yes", True)]
    assert (one.replied_at, one.read_version) == (NOW + DAY, 1)
    for wrong in ([], ["maybe"], [""]):
        with pytest.raises(Rejected):
            receiving.reply(session, row, wrong, None, zhao, NOW + DAY)
    with pytest.raises(Forbidden):
        receiving.reply(session, row, ["yes"], None, county, NOW)


def test_fields_and_files_are_answers_too(session: Session, village: Station) -> None:
    county, zhao = person(session, Role.COUNTY_STAFF), person(session, Role.STATION_ADMIN, VILLAGE)
    fields = sent(session, county, reply=ReplyKind.FIELDS, options=("面积（亩）", "户数"))
    receiving.reply(session, fields, ["1 200\u202e", "34"], None, zhao, NOW)
    assert answers(session, recipient(session, fields, village)) == [("1 200\n34", True)]
    file = sent(session, county, reply=ReplyKind.FILE)
    with pytest.raises(Rejected):
        receiving.reply(session, file, [], None, zhao, NOW)
    receiving.reply(session, file, [], Kept("表.xlsx", "cd" * 32, "xlsx", 900), zhao, NOW)
    lines = board.lines(session, fields, county, TODAY)
    written = as_csv(["平罗发〔2026〕1号"], board.table(session, fields, lines)).decode()
    assert "面积（亩）" in written
    assert "1 200,34" in written


def test_nobody_answers_what_was_recalled_or_asks_nothing(session: Session, village: Station) -> None:
    county, zhao = person(session, Role.COUNTY_STAFF), person(session, Role.STATION_ADMIN, VILLAGE)
    silent = sent(session, county)
    with pytest.raises(Conflict):
        receiving.reply(session, silent, ["yes"], None, zhao, NOW)
    row = sent(session, county, reply=ReplyKind.TEXT)
    service.withdraw(session, row, "数字有误", county, NOW)
    with pytest.raises(Conflict):
        receiving.reply(session, row, ["已部署"], None, zhao, NOW)


def test_a_television_reads_and_answers_once_however_often_it_says_so(session: Session, village: Station) -> None:
    row = sent(session, person(session, Role.COUNTY_STAFF), reply=ReplyKind.CHOICE, options=("参加", "不参加"))
    box, one, name = enrolled_box(session, village), recipient(session, row, village), str(row.id)
    read, reply = DocumentRead(document=name, version=1), DocumentReplied(document=name, version=1, choice=1)
    assert said(session, box, read, reply) == 2
    assert (one.read_by, one.read_version, answers(session, one)) == (None, 1, [("不参加", True)])
    assert receiving.take_readings(session) == 0
    assert said(session, box, read, reply) == 0
    chosen = DocumentReplied(document=name, version=1, choice=1, answer="参加")
    assert said(session, box, chosen, first=3) == 1
    assert answers(session, one) == [("参加", True), ("不参加", True)]


@pytest.mark.parametrize(
    "change",
    [{"document": "not a name"}, {"document": str(UUID(int=7))}, {"version": 9}, {"version": 0}, {"answer": "别的"}],
)
def test_what_televisions_say_of_nothing_known_changes_nothing(
    session: Session, village: Station, change: dict[str, object]
) -> None:
    row = sent(session, person(session, Role.COUNTY_STAFF), reply=ReplyKind.YES_NO)
    body = DocumentReplied(document=str(row.id), version=1, choice=0)
    assert said(session, enrolled_box(session, village), msgspec.structs.replace(body, **change)) == 0
    assert recipient(session, row, village).read_version == 0


def test_an_answer_that_comes_after_the_recall_is_kept_and_does_not_count(session: Session, village: Station) -> None:
    county = person(session, Role.COUNTY_STAFF)
    row = sent(session, county, reply=ReplyKind.YES_NO)
    box, one = enrolled_box(session, village), recipient(session, row, village)
    service.withdraw(session, row, "数字有误", county, NOW + timedelta(seconds=2))
    name = str(row.id)
    before, after = (
        DocumentReplied(document=name, version=1, choice=0),
        DocumentReplied(document=name, version=1, choice=1),
    )
    said(session, box, before, DocumentRead(document=name, version=1), after)
    assert answers(session, one) == [("yes", True), ("no", False)]
    assert one.replied_at == NOW + timedelta(seconds=1)


def test_a_station_that_moves_takes_its_documents_along(session: Session, village: Station) -> None:
    county = person(session, Role.COUNTY_STAFF)
    row = sent(session, county)
    elsewhere = "640221100201"
    village.region_code = elsewhere
    session.flush()
    there, before = person(session, Role.STATION_ADMIN, elsewhere), person(session, Role.STATION_ADMIN, VILLAGE)
    assert receiving.note_read(session, row, there, NOW)
    assert not receiving.note_read(session, row, before, NOW)
    places = {one.station_id: one.place for one in board.lines(session, row, county, TODAY)}
    assert places[village.id] == elsewhere
    township = person(session, Role.COUNTY_STAFF, TOWNSHIP)
    assert village.id not in {one.station_id for one in board.lines(session, row, township, TODAY)}


def test_the_board_counts_by_the_parts_of_the_tree(session: Session, village: Station) -> None:
    county, zhao = person(session, Role.COUNTY_STAFF), person(session, Role.STATION_ADMIN, VILLAGE)
    row = sent(session, county, reply=ReplyKind.YES_NO, reply_days=5)
    receiving.reply(session, row, ["yes"], None, zhao, NOW)
    found = board.lines(session, row, county, (NOW + 7 * DAY).date())
    counts = board.counted(found)
    assert (counts.read, counts.replied, counts.late) == (1, 1, counts.all - 1)
    assert [one.name for one in board.chosen(found, Which.REPLIED)] == [village.name]
    assert len(board.chosen(found, Which.LATE)) == counts.all - 1
    assert board.chosen(found, Which.UNREAD, VILLAGE) == []
    parts = board.parts(session, found, TOWNSHIP)
    assert sum(one.counts.all for one in parts) == counts.all
    assert next(one for one in parts if one.code == VILLAGE).counts.read == 1
    assert board.parts(session, found, COUNTY) == parts
    assert board.parts(session, found, VILLAGE) == []


def test_the_paper_has_what_holds_and_of_what_was_recalled_only_what_was_read(
    session: Session, village: Station
) -> None:
    county, zhao = person(session, Role.COUNTY_STAFF), person(session, Role.STATION_ADMIN, VILLAGE)
    asked = sent(session, county, reply=ReplyKind.YES_NO)
    words_only = sent(session, county, NOW + DAY, reply=ReplyKind.TEXT, title="请报情况")
    receiving.reply(session, asked, ["no"], None, zhao, NOW)

    def paper() -> Documents:
        laying_out.lay_out(session, NOW + 2 * DAY)
        found = papers.of_kind(session, village.id, "documents")
        return msgspec.json.decode(found[1], type=Documents) if found else Documents(version="")

    cards = paper().documents
    assert [(one.title, one.reply, one.options, one.replied, one.read_version) for one in cards] == [
        ("请报情况", ReplyWay.ELSEWHERE, (), "", 0),
        ("关于做好秋冬种工作的通知", ReplyWay.KEYS, ("yes", "no"), "no", 1),
    ]
    assert (cards[1].number, cards[1].issuer) == ("平罗发〔2026〕1号", "平罗县")
    for row in (asked, words_only):
        service.withdraw(session, row, "数字有误", county, NOW + 2 * DAY)
    assert [(one.title, one.recalled, one.text) for one in paper().documents] == [(asked.title, "数字有误", "")]


def test_who_is_reminded_and_whose_matter_it_is(session: Session, village: Station) -> None:
    county, zhao = person(session, Role.COUNTY_STAFF), person(session, Role.STATION_ADMIN, VILLAGE)
    township = person(session, Role.COUNTY_STAFF, TOWNSHIP)
    row = sent(session, county)  # on a Monday, to be read by Thursday
    told = {
        ahead: {
            one.account_id: (one.waiting, one.late_below) for one in reminding.reminders(session, NOW + ahead * DAY)
        }
        for ahead in (0, 1, 2, 3, 4, 5, 8)
    }
    assert told[0] == told[1] == told[3] == {}
    assert told[2] == {zhao.id: (1, 0), township.id: (1, 0)}
    stations = len([one for one in board.lines(session, row, county, TODAY) if one.station_id])
    assert told[4] == {zhao.id: (1, 0), township.id: (1, stations), county.id: (0, 1)}
    assert told[5] == {}  # a Saturday
    assert told[8][county.id] == (0, 1)
    week = NOW + 9 * DAY
    assert reminding.count_late_below(session, township, week) == stations
    assert reminding.count_late_below(session, county, week) == stations + 1
    assert reminding.count_late_below(session, zhao, week) == 0
    assert reminding.count_waiting(session, zhao) == 1
    receiving.note_read(session, row, zhao, NOW)
    receiving.note_read(session, row, township, NOW)
    assert reminding.count_waiting(session, zhao) == 0
    assert reminding.count_late_below(session, county, week) == stations - 1
    service.withdraw(session, row, "数字有误", county, NOW)
    assert reminding.count_late_below(session, county, week) == 0
    assert reminding.reminders(session, week) == []
