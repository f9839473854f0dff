"""From the remote to an expert and back to the television, on both databases."""

from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver import papers, stations
from contentserver.accounts import Account
from contentserver.attendance.models import EventRow
from contentserver.audit import AuditEntry
from contentserver.consultations import answering, lay_out, routing, rules, take_questions, taking_in, tend
from contentserver.consultations.models import Case, CaseFact
from contentserver.consultations.rules import State
from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.stations import Station
from schedules import asking
from schedules.wire.messages import AnswerRead, CaseState, GreenChannel, PaperKind
from tests.contentserver.conftest import NOW, enrolled_box, person
from tests.contentserver.consultations.conftest import Room, expert, question

DAY = timedelta(days=1)


def paper_of(session: Session, station: Station) -> GreenChannel:
    """What the station's televisions read now."""
    lay_out(session, NOW)
    found = papers.of_kind(session, station.id, PaperKind.GREEN_CHANNEL)
    assert found is not None
    return msgspec.json.decode(found[1], type=GreenChannel)


def word_of(case: Case) -> bool | None:
    """What the station said of the newest answer."""
    return case.helped


def given_back(case: Case) -> bool:
    """Whether a question waits, and nobody has it."""
    return case.state == State.OPEN and case.claimed_by is None


def test_a_question_goes_to_an_expert_and_its_answer_back_to_the_television(session: Session, room: Room) -> None:
    stations.keep_join_addresses(session, "https://county.example")
    who = expert(session, asking.SOIL, name="马老师")
    (case,) = room.says(question())
    assert (case.state, case.desk, case.lesson_title, case.position_ms) == ("open", "640221", "看懂化验单", 754_000)
    before = paper_of(session, room.station)
    assert before.ask == f"{room.station.join_address}/ask"
    assert [(card.number, card.state, card.answer) for card in before.cases] == [(1, CaseState.OPEN, "")]
    routing.claim(session, case.id, who, NOW)
    assert paper_of(session, room.station).cases[0].state is CaseState.TAKEN
    answering.answer(session, case.id, "先看化验单，再按一亩十五公斤上。", "", [], who, NOW + DAY)
    after = paper_of(session, room.station)
    card = after.cases[0]
    assert (card.state, card.answered_by, card.asks_outcome) == (CaseState.ANSWERED, "马老师", True)
    assert card.answer == "先看化验单，再按一亩十五公斤上。"
    assert after.version != before.version
    room.read(case, True, NOW + 2 * DAY)
    assert (case.helped, case.read_at) == (True, NOW + 2 * DAY + timedelta(seconds=room.sequence))
    assert paper_of(session, room.station).cases[0].asks_outcome is False
    done = set(session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"case {case.id}")))
    assert done == {"case.taken", "case.answered"}


def test_events_are_taken_in_once_in_whatever_order_and_however_often(session: Session, room: Room) -> None:
    room.says(question())
    case = room.cases()[0]
    for _ in range(3):
        assert take_questions(session, NOW + DAY) == 0
    room.says(question(asking.RICE, "rice_yellow"), AnswerRead(case=str(case.id)))
    assert [one.topic for one in room.cases()] == [asking.SOIL, asking.RICE]
    assert [one.number for one in room.cases()] == [1, 2]
    assert session.scalar(select(func.count()).select_from(CaseFact)) == 3


def test_the_same_question_twice_is_one(session: Session, room: Room) -> None:
    room.says(question(), question())
    room.says(question(), since=NOW + timedelta(minutes=3))
    assert len(room.cases()) == 1
    room.says(question(), since=NOW + timedelta(hours=2))
    assert len(room.cases()) == 2


def test_a_question_that_comes_weeks_late_has_all_its_time_and_its_own_season(session: Session, room: Room) -> None:
    asked, came = NOW - timedelta(days=100), NOW
    (case,) = room.says(question(), since=asked, received=came)
    assert case.asked_at == asked + timedelta(seconds=1)
    assert (case.season, case.due_at) == ("summer", came + timedelta(hours=72))
    tend(session, NOW)
    assert case.escalations == 0


def test_a_clock_in_the_future_asks_when_the_question_came(session: Session, room: Room) -> None:
    (case,) = room.says(question(), since=NOW + 400 * DAY, received=NOW)
    assert case.asked_at == case.received_at == NOW


def test_what_cannot_be_read_and_what_names_no_case_changes_nothing(session: Session, room: Room) -> None:
    room.says(question())
    for case in ("", "no id", str(uuid4()), "x" * 5000):
        room.says(AnswerRead(case=case, helped=True))
    row = session.scalars(select(EventRow)).first()
    assert row is not None
    rubbish = {"box_id": row.box_id, "epoch": row.epoch, "station_id": row.station_id, "uncertainty_ms": 0}
    for number, body in enumerate(('{"kind":"question_asked"}', "[]", "{"), 900):
        session.add(EventRow(sequence=number, at=NOW, kind="question_asked", body=body, received_at=NOW, **rubbish))
    session.flush()
    assert take_questions(session, NOW) == 3
    assert take_questions(session, NOW) == 0
    assert [case.helped for case in room.cases()] == [None]


def test_a_station_speaks_of_its_own_questions_alone(session: Session, room: Room) -> None:
    case = room.asks()
    other = next(one for one in stations.stations_in(session, "640221203") if one.id != room.station.id)
    beside = Room(session, other, enrolled_box(session, other, "beside"))
    beside.says(AnswerRead(case=str(case.id), helped=True), since=NOW + DAY, received=NOW + 2 * DAY)
    assert (case.helped, case.read_at) == (None, None)


def test_a_topic_and_a_sentence_of_a_newer_television_are_kept_as_they_came(session: Session, room: Room) -> None:
    (case,) = room.says(question("bees", "which_queen"))
    assert paper_of(session, room.station).cases[0].question == "which_queen"
    assert case.desk == "640221"


def test_a_question_of_a_newer_answer_is_asked_again(session: Session, room: Room) -> None:
    who, case = expert(session), room.asks()
    answering.answer(session, case.id, "第一次", "", [], who, NOW)
    room.read(case, False, NOW + timedelta(hours=1))
    assert word_of(case) is False
    answering.answer(session, case.id, "第二次", "", [], who, NOW + DAY)
    assert word_of(case) is None
    card = paper_of(session, room.station).cases[0]
    assert (card.answer, card.asks_outcome) == ("第二次", True)
    late = NOW + timedelta(hours=2)  # said of the first answer, heard after the second
    room.says(AnswerRead(case=str(case.id), helped=True), since=late, received=NOW + 2 * DAY)
    assert word_of(case) is None


def test_a_question_is_taken_by_one_and_given_back(session: Session, room: Room) -> None:
    first, second, staff = expert(session), expert(session), person(session, Role.COUNTY_STAFF)
    case = room.asks()
    routing.claim(session, case.id, first, NOW)
    routing.claim(session, case.id, first, NOW + DAY)
    assert case.claimed_at == NOW
    for refused in (
        lambda: routing.claim(session, case.id, second, NOW),
        lambda: routing.release(session, case.id, second, NOW),
        lambda: answering.answer(session, case.id, "我来答", "", [], second, NOW),
        lambda: answering.close(session, case.id, "不答", second, NOW),
    ):
        with pytest.raises(Conflict, match="case_others"):
            refused()
    routing.release(session, case.id, staff, NOW)
    assert given_back(case)
    with pytest.raises(Conflict, match="case_not_taken"):
        routing.release(session, case.id, first, NOW)


@pytest.mark.parametrize(("end", "code"), [("close", "case_over"), ("withdraw", "case_withdrawn")])
def test_what_is_over_cannot_be_answered(session: Session, room: Room, end: str, code: str) -> None:
    who, staff = expert(session), person(session, Role.COUNTY_STAFF)
    case = room.asks()
    getattr(answering, end)(session, case.id, "已经解决", staff, NOW)
    for refused in (
        lambda: answering.answer(session, case.id, "答复", "", [], who, NOW),
        lambda: routing.claim(session, case.id, who, NOW),
        lambda: answering.close(session, case.id, "再关", staff, NOW),
        lambda: routing.direct(session, case.id, asking.RICE, "urgent", staff, NOW),
    ):
        with pytest.raises(Conflict, match=code):
            refused()
    card = paper_of(session, room.station).cases[0]
    assert (card.state, card.answer, card.asks_outcome) == (CaseState.CLOSED, "已经解决", False)


@pytest.mark.parametrize("text", ["", "  \n ", "长" * 1001])
def test_an_answer_without_words_or_with_too_many_changes_nothing(session: Session, room: Room, text: str) -> None:
    who, case = expert(session), room.asks()
    with pytest.raises(Rejected) as refused:
        answering.answer(session, case.id, text, "", [], who, NOW)
    assert set(refused.value.fields) == {"text"}
    assert (case.state, case.answered_at) == ("open", None)


@pytest.mark.parametrize("lesson", ["no id", "0197a3c1-0000-7000-8000-0000000000ff"])
def test_an_answer_points_at_an_approved_lesson_or_at_none(session: Session, room: Room, lesson: str) -> None:
    assert session.scalars(select(Lesson)).all() == []
    who, case = expert(session), room.asks()
    with pytest.raises(Rejected) as refused:
        answering.answer(session, case.id, "看这一课", lesson, [], who, NOW)
    assert set(refused.value.fields) == {"lesson"}


def test_an_answer_may_be_a_recording_of_ones_own_that_is_shown_once_it_is_approved(
    session: Session, room: Room
) -> None:
    who, other, case = expert(session), expert(session, name="other"), room.asks()
    clip = _recording(session, who)
    with pytest.raises(Rejected):
        answering.answer(session, case.id, "看这一段", str(clip.id), [], other, NOW)
    answering.answer(session, case.id, "看这一段", str(clip.id), [], who, NOW)
    (waiting,) = paper_of(session, room.station).cases
    assert (waiting.answer, waiting.lesson, waiting.clip, waiting.clip_ms) == ("看这一段", "", "", 0)
    clip.state = LessonState.APPROVED
    session.flush()
    (shown,) = paper_of(session, room.station).cases
    assert (shown.lesson, shown.clip, shown.clip_ms) == (str(clip.id), "sha256-clip", 40_000)
    clip.state = LessonState.WITHDRAWN
    session.flush()
    assert paper_of(session, room.station).cases[0].clip == ""


def _recording(session: Session, who: Person) -> Lesson:
    course = Course(title="专家答疑", region_code="640221", created_at=NOW)
    session.add(course)
    session.flush()
    clip = Lesson(
        course_id=course.id,
        number=1,
        title="锌肥怎么上",
        state=LessonState.IN_REVIEW,
        uploader_id=who.id,
        created_at=NOW,
        package_name="sha256-clip",
        duration_ms=40_000,
    )
    session.add(clip)
    session.flush()
    return clip


def test_a_question_without_an_answer_is_not_closed_without_a_word(session: Session, room: Room) -> None:
    staff, case = person(session, Role.COUNTY_STAFF), room.asks()
    for note in (" ", "长" * 501):
        with pytest.raises(Rejected) as refused:
            answering.close(session, case.id, note, staff, NOW)
        assert set(refused.value.fields) == {"note"}
    assert case.state == State.OPEN


def _leave(session: Session, who: Person, how: str) -> None:
    account = session.get_one(Account, who.id)
    match how:
        case "closed":
            account.active = False
        case "moved":
            account.region_code = "640205"
        case _:
            account.role = Role.REVIEWER.value
    session.flush()


@pytest.mark.parametrize("how", ["closed", "moved", "another role"])
def test_an_expert_who_leaves_gives_their_questions_back(session: Session, room: Room, how: str) -> None:
    who, case = expert(session), room.asks()
    routing.claim(session, case.id, who, NOW)
    tend(session, NOW)
    assert case.claimed_by == who.id
    _leave(session, who, how)
    tend(session, NOW)
    assert given_back(case)


def test_what_nobody_answers_in_time_goes_up_the_tree_to_the_next_expert(session: Session, room: Room) -> None:
    county, city = expert(session), expert(session, region="64")
    case = room.asks()
    routing.claim(session, case.id, county, NOW)
    tend(session, case.due_at - timedelta(seconds=1))
    assert (case.desk, case.state) == ("640221", "taken")
    late = case.due_at
    tend(session, late)
    assert (case.desk, case.state, case.escalations, case.due_at) == ("64", "open", 1, late + timedelta(hours=72))
    routing.claim(session, case.id, city, late)
    tend(session, case.due_at + DAY)  # nobody is above
    assert (case.desk, case.state, case.escalations) == ("64", "taken", 1)
    assert rules.overdue(case.state, case.due_at, case.due_at + DAY)


def test_a_question_waits_at_the_nearest_desk_of_its_topic(session: Session, room: Room) -> None:
    case = room.asks()
    assert case.desk == "640221"
    expert(session, asking.SOIL, region="6402")
    assert case.desk == "6402"
    rice = expert(session, asking.RICE, region="640221203")
    assert case.desk == "6402"
    staff = person(session, Role.COUNTY_STAFF)
    routing.set_topics(session, session.get_one(Account, rice.id), [asking.SOIL], staff, NOW)
    assert case.desk == "640221203"
    routing.direct(session, case.id, asking.PESTS, "urgent", staff, NOW)
    assert (case.desk, case.urgency, case.due_at) == ("640221", "urgent", NOW + timedelta(hours=24))


def test_another_topic_takes_a_question_from_whoever_had_it(session: Session, room: Room) -> None:
    who, staff, case = expert(session, asking.SOIL), person(session, Role.COUNTY_STAFF), room.asks()
    routing.claim(session, case.id, who, NOW)
    routing.direct(session, case.id, asking.SOIL, "urgent", staff, NOW)
    assert case.claimed_by == who.id
    routing.direct(session, case.id, asking.ANIMALS, "urgent", staff, NOW)
    assert given_back(case)
    with pytest.raises(Rejected):
        routing.direct(session, case.id, "bees", "urgent", staff, NOW)


def test_a_question_follows_its_box_to_where_it_stood(session: Session, room: Room) -> None:
    room.asks()
    other = next(one for one in stations.stations_in(session, "640221203") if one.id != room.station.id)
    for row in session.scalars(select(EventRow)):
        row.station_id = other.id
    session.flush()
    assert taking_in.follow_boxes(session) == 1
    assert room.cases() == []
    moved = session.scalars(select(Case)).one()
    assert (moved.station_id, moved.region_code, moved.number) == (other.id, other.region_code, 1)
    assert taking_in.follow_boxes(session) == 0


def test_the_television_shows_the_newest_twenty_and_nothing_of_who_asked(session: Session, room: Room) -> None:
    member = str(uuid4())
    for number in range(25):
        room.says(question(member=member), since=NOW + timedelta(hours=number))
    paper = paper_of(session, room.station)
    assert [card.number for card in paper.cases] == list(range(25, 5, -1))
    assert member not in msgspec.json.encode(paper).decode()
    again = lay_out(session, NOW)
    assert again == 0
