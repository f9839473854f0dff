"""Questions by phone, on both databases: shown at once, looked through first, asked twice, asked too often."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import AuditEntry
from contentserver.consultations import answering, asking, outcomes, routing, tables_about
from contentserver.consultations.keeping import Brought, FileKind
from contentserver.consultations.models import Case, CaseFile
from contentserver.consultations.outcomes import Typed
from contentserver.consultations.rules import State
from contentserver.consultations.searching import search
from contentserver.consultations.statistics import statistics
from contentserver.joining import Near
from contentserver.joining.rules import When
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.members import add_member
from contentserver.stations import Station
from schedules.airings import Airing, PackageName, Rank, SlotId
from tests.contentserver.conftest import NOW, person
from tests.contentserver.consultations.conftest import AIRING, LESSON, Room, expert
from tests.contentserver.consultations.test_green_channel import paper_of

MEMBER = str(uuid4())
PHOTO = Brought(FileKind.PHOTO, "d" * 64, 1000, "38.98000,106.40000")
VOICE = Brought(FileKind.VOICE, "e" * 64, 1000)


def ask(session: Session, station: Station, text: str, **more: object) -> Case:
    """Somebody asks about rice."""
    told = {"member_id": MEMBER, "topic": "rice", "files": [], "near": None, "now": NOW, **more}
    return asking.ask(session, station, text=text, **told)  # type: ignore[arg-type]


def begun(at: datetime) -> Airing:
    """A lesson of forty minutes."""
    return Airing(
        id=AIRING,
        slot=SlotId("s"),
        start=at,
        duration_ms=2_400_000,
        rank=Rank.REGULAR,
        lesson=LESSON,
        package=PackageName("p"),
    )


def test_a_question_by_phone_goes_with_the_lesson_that_is_on_and_is_found(session: Session, village: Station) -> None:
    airing = begun(NOW - timedelta(minutes=5))
    case = ask(session, village, " 水稻叶子发黄 \n 怎么办？ ", near=Near(airing, When.NOW), files=[PHOTO])
    assert (case.state, case.source, case.text) == ("open", "phone", "水稻叶子发黄\n怎么办？")
    assert (case.lesson_title, case.position_ms, case.airing_id) == ("看懂化验单", 300_000, AIRING)
    file = session.scalars(select(CaseFile)).one()
    assert (file.case_id, file.kind, file.place) == (case.id, "photo", "38.98000,106.40000")
    assert search(session, "发黄") == [case.id]
    card = paper_of(session, village).cases[0]
    assert (card.question, card.number) == (case.text, 1)
    assert session.scalars(select(AuditEntry.action)).all() == ["case.asked"]


def test_a_lesson_that_is_over_has_no_minute(session: Session, village: Station) -> None:
    airing = begun(NOW - timedelta(hours=1))
    case = ask(session, village, "水稻发黄", near=Near(airing, When.JUST_NOW))
    assert (case.lesson_title, case.position_ms) == ("看懂化验单", None)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"text": ""}, {"text"}),
        ({"text": "长" * 501}, {"text"}),
        ({"topic": "bees"}, {"topic"}),
        ({"topic": "", "text": ""}, {"topic", "text"}),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    session: Session, village: Station, changes: dict[str, str], fields: set[str]
) -> None:
    with pytest.raises(Rejected) as refused:
        ask(session, village, **{"text": "水稻发黄", **changes})
    assert set(refused.value.fields) == fields
    assert session.scalars(select(Case)).all() == []


def test_the_same_question_again_is_the_one_that_is_there(session: Session, village: Station) -> None:
    first = ask(session, village, "水稻发黄")
    assert ask(session, village, "水稻发黄", now=NOW + timedelta(minutes=50)) is first
    assert ask(session, village, "水稻发黄", now=NOW + timedelta(minutes=70)) is not first
    assert ask(session, village, "水稻发黄", member_id=str(uuid4())) is not first
    assert ask(session, village, "水稻发黄", topic="soil") is not first


def test_a_station_asks_so_much_a_day_and_no_more(session: Session, village: Station) -> None:
    for number in range(asking.MOST_A_DAY):
        ask(session, village, f"问题{number}")
    with pytest.raises(Conflict, match="questions_many"):
        ask(session, village, "还有一个")
    ask(session, village, "明天再问", now=NOW + timedelta(days=1, minutes=1))


@pytest.mark.parametrize(("files", "said"), [([VOICE], "voice"), ([PHOTO], "photograph")])
def test_a_question_without_words_says_so_on_the_television(
    session: Session, village: Station, files: list[Brought], said: str
) -> None:
    ask(session, village, "", files=files)
    shown = paper_of(session, village).cases[0].question
    assert shown.startswith(("(", "（"))
    assert said in shown or not shown.isascii()


def test_abuse_is_seen_by_nobody_until_somebody_has_looked(session: Session, village: Station) -> None:
    who, staff = expert(session), person(session, Role.COUNTY_STAFF)
    case = ask(session, village, "你们这些混蛋，水稻都黄了")
    assert case.state == State.WAITING
    assert paper_of(session, village).cases == ()
    with pytest.raises(Conflict, match="case_waiting"):
        routing.claim(session, case.id, who, NOW)
    with pytest.raises(Conflict, match="case_waiting"):
        answering.answer(session, case.id, "答", "", [], who, NOW)
    later = NOW + timedelta(days=9)
    answering.look_through(session, case.id, "", staff, later, passes=True)
    assert (State(case.state), case.due_at) == (State.OPEN, later + timedelta(hours=72))
    assert len(paper_of(session, village).cases) == 1
    with pytest.raises(Conflict, match="case_looked_at"):
        answering.look_through(session, case.id, "", staff, later, passes=False)


def test_what_is_not_passed_on_never_comes_on_a_television(session: Session, village: Station) -> None:
    staff, case = person(session, Role.COUNTY_STAFF), ask(session, village, "加微信 abc 贷款")
    answering.look_through(session, case.id, "广告", staff, NOW, passes=False)
    assert (case.state, case.closing_note) == ("refused", "广告")
    assert paper_of(session, village).cases == ()


def test_a_phone_sees_its_own_questions_alone(session: Session, village: Station) -> None:
    mine, other = ask(session, village, "我的问题", files=[PHOTO]), ask(session, village, "别人的问题", files=[VOICE])
    files = {row.case_id: row for row in session.scalars(select(CaseFile))}
    assert list(asking.asked_from(session, village.id, [mine.id])) == [mine]
    assert list(asking.asked_from(session, uuid4(), [mine.id])) == []
    assert asking.file_of_phone(session, files[mine.id].id, [mine.id]) is files[mine.id]
    assert asking.file_of_phone(session, files[other.id].id, [mine.id]) is None


def test_of_a_phone_and_a_television_the_later_word_stands_and_counts_once(session: Session, room: Room) -> None:
    case = ask(session, room.station, "水稻发黄")
    with pytest.raises(Conflict, match="case_not_answered"):
        asking.say_helped(session, case.id, NOW, helped=True)
    answering.answer(session, case.id, "先排水", "", [], expert(session), NOW)
    day = timedelta(days=1)

    def stands() -> tuple[bool | None, int]:
        session.flush()
        return case.helped, statistics(session, "", date(2026, 11, 1), date(2026, 11, 30)).total.solved

    asking.say_helped(session, case.id, NOW + day, helped=True)
    assert stands() == (True, 1)
    room.read(case, True, NOW + 2 * day)
    assert stands() == (True, 1)
    asking.say_helped(session, case.id, NOW + 3 * day, helped=False)
    assert stands() == (False, 0)
    room.read(case, True, NOW + 4 * day)
    assert stands() == (True, 1)
    room.read(case, False, NOW + 2.5 * day)  # an older word that comes late
    assert stands() == (True, 1)
    answering.answer(session, case.id, "再看看", "", [], expert(session), NOW + 5 * day)
    assert stands() == (None, 0)
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "case.helped")).all()
    assert len(actions) == 2


def test_a_member_takes_along_their_questions_and_what_they_told(session: Session, village: Station) -> None:
    member = add_member(session, village.id, "马建国", "101")
    mine = ask(session, village, "水稻发黄", member_id=str(member.id), files=[PHOTO], topic="pests")
    ask(session, village, "别人的问题")
    answering.answer(session, mine.id, "先排水", "", [], expert(session), NOW)
    late = NOW + timedelta(days=15)
    outcomes.note_outcome(session, mine.id, Typed(solved="yes", area="2", income="30"), None, late)
    outcomes.note_outcome(session, mine.id, Typed(solved="no"), person(session, Role.COUNTY_STAFF), late)
    found = {
        name: [dict(zip(heads, row, strict=True)) for row in rows]
        for name, heads, rows in tables_about(session, member)
    }
    (question,) = found["questions"]
    assert (question["question"], question["answers"], question["number"]) == ("水稻发黄", "先排水", 1)
    assert question["place"] == PHOTO.place
    assert [(one["by_phone"], one["solved"], one["mu"], one["yuan"]) for one in found["outcomes"]] == [
        (1, 1, 2.0, 30.0),
        (0, 0, "", ""),
    ]
    nobody = add_member(session, village.id, "王小芳", "102")
    assert [rows for _name, _heads, rows in tables_about(session, nobody)] == [[], []]
