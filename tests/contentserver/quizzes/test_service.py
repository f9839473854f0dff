"""Questions on both databases: versions, places, the paper of a station, and what rooms answered by session."""

from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import Workbook
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.attendance import take_in
from contentserver.boxes import Box
from contentserver.courses import Course, Lesson, LessonState, lesson_card
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.quizzes import importing, results, service
from contentserver.quizzes.results import By
from contentserver.quizzes.rules import MOST_OF_A_LESSON, NONE_RIGHT, Words
from contentserver.quizzes.service import Place
from contentserver.stations import Station
from schedules.airings import AiringId, PackageName
from schedules.wire.codec import decode
from schedules.wire.messages import AiringStarted, EventBatch, QuizAnswered, QuizMode, Quizzes
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box, person
from tests.contentserver.journals import records

WORDS = Words("哪一项最该先看？", ("有机质", "氮", "酸碱度"), 2, "酸碱度不对，肥料吃不进去。")
OTHER = Words("哪一项最后看？", ("有机质", "氮"), 0)
DAY = NOW.date()


@pytest.fixture
def editor(session: Session, village: Station) -> Person:
    return person(session, Role.SCHEDULER)


@pytest.fixture
def lesson(session: Session, editor: Person) -> Lesson:
    course = Course(title="测土配方施肥", subject="种植", region_code="640221", created_at=NOW)
    session.add(course)
    session.flush()
    made = Lesson(
        course_id=course.id,
        number=1,
        title="看懂化验单",
        state=LessonState.APPROVED,
        uploader_id=editor.id,
        created_at=NOW,
        duration_ms=600_000,
    )
    session.add(made)
    session.flush()
    return made


def _add(session: Session, who: Person, lesson: Lesson | None = None, place: Place | None = None) -> str:
    row = service.add(session, WORDS, who, NOW, region_code="640221", lesson=lesson, place=place)
    return str(row.id)


def _answer(
    lesson: Lesson, question: str, choice: int, airing: str = "a", version: int = 1, turn: int = 0
) -> QuizAnswered:
    return QuizAnswered(
        airing=AiringId(airing),
        lesson=lesson_card(lesson),
        question=question,
        version=version,
        choice=choice,
        turn=turn,
    )


def _took_place(session: Session, box: Box, lesson: Lesson, *answers: QuizAnswered, first: int = 1) -> None:
    began = AiringStarted(
        airing=AiringId("a"),
        planned_start=NOW,
        duration_ms=600_000,
        lesson=lesson_card(lesson),
        package=PackageName("p"),
        late_ms=0,
    )
    batch = EventBatch(box=BoxId(box.id), epoch="e1", events=records(began, *answers, first=first))
    take_in(session, box, batch, NOW + timedelta(days=8))


def test_other_words_are_a_version_of_their_own(session: Session, editor: Person) -> None:
    row = service.question_with(session, service.add(session, WORDS, editor, NOW, region_code="640221").id)
    assert not service.change(session, row, WORDS, 1, editor, NOW)
    assert service.change(session, row, OTHER, 1, editor, NOW)
    assert [words for _row, words in service.versions_of(session, row)] == [OTHER, WORDS]
    with pytest.raises(Conflict):
        service.change(session, row, WORDS, 1, editor, NOW)
    service.retire(session, row, editor, NOW)
    with pytest.raises(Conflict):
        service.change(session, row, WORDS, 2, editor, NOW)
    service.bring_back(session, row, editor, NOW)
    assert service.change(session, row, WORDS, 2, editor, NOW)


def test_nothing_is_kept_of_a_question_that_cannot_be_asked(session: Session, editor: Person, lesson: Lesson) -> None:
    for words in (Words("", ("一", "二")), Words("问", ("一",)), Words("问", ("一", "二"), 5)):
        with pytest.raises(Rejected):
            service.add(session, words, editor, NOW, region_code="640221")
    with pytest.raises(Rejected):
        _add(session, editor, lesson, Place(at_ms=600_000))
    for _ in range(MOST_OF_A_LESSON):
        _add(session, editor, lesson)
    with pytest.raises(Rejected):
        _add(session, editor, lesson)
    assert len(service.of_lesson(session, lesson.id)) == MOST_OF_A_LESSON


def test_a_lesson_asks_by_the_minute_and_then_at_its_end(session: Session, editor: Person, lesson: Lesson) -> None:
    end = _add(session, editor, lesson)
    late = _add(session, editor, lesson, Place(at_ms=300_000, mode=QuizMode.EACH))
    early = _add(session, editor, lesson, Place(at_ms=1_000))
    assert [str(row.id) for row in service.of_lesson(session, lesson.id)] == [early, late, end]


def test_a_question_of_another_lesson_is_copied_and_one_of_the_bank_is_taken(
    session: Session, editor: Person, lesson: Lesson
) -> None:
    free = service.add(session, WORDS, editor, NOW, region_code="640221")
    service.attach(session, free, lesson, Place(), editor, NOW)
    assert free.lesson_id == lesson.id
    second = Lesson(
        course_id=lesson.course_id,
        number=2,
        title="取土样",
        state=LessonState.APPROVED,
        uploader_id=editor.id,
        created_at=NOW,
        duration_ms=600_000,
    )
    session.add(second)
    session.flush()
    service.attach(session, free, second, Place(at_ms=5_000), editor, NOW)
    assert free.lesson_id == lesson.id
    copied = service.of_lesson(session, second.id)
    assert [service.words_of(session, one) for one in copied] == [WORDS]
    assert copied[0].id != free.id


def test_stations_get_what_the_lessons_of_their_regions_ask(
    session: Session, editor: Person, lesson: Lesson, village: Station
) -> None:
    question = _add(session, editor, lesson, Place(at_ms=300_000, mode=QuizMode.EACH))
    service.lay_out(session)
    found = papers.of_kind(session, village.id, "quizzes")
    assert found is not None
    asked = decode(found[1], Quizzes).questions
    assert [(one.id, one.options, one.right, one.at_ms, one.mode) for one in asked] == [
        (question, WORDS.options, 2, 300_000, QuizMode.EACH)
    ]
    assert service.lay_out(session) == 0
    lesson.state = LessonState.WITHDRAWN
    session.flush()
    service.lay_out(session)
    assert papers.of_kind(session, village.id, "quizzes") is None


def test_what_a_room_answered_stands_under_its_version_also_a_week_late(
    session: Session, editor: Person, lesson: Lesson, village: Station
) -> None:
    row = service.add(session, WORDS, editor, NOW, region_code="640221", lesson=lesson)
    question, box = str(row.id), enrolled_box(session, village)
    service.change(session, row, OTHER, 1, editor, NOW)
    first = [_answer(lesson, question, 2, turn=1), _answer(lesson, question, 1, turn=2)]
    _took_place(session, box, lesson, *first, _answer(lesson, question, 0, version=2, turn=1))
    again = results.of_version(session, row.id, 1, 3)
    assert (again.counts, again.rooms) == ((0, 1, 1), 1)
    assert results.of_version(session, row.id, 2, 2).counts == (1, 0)
    found = results.asked(session, "640221", DAY, DAY)
    by_question = results.lines(session, found, By.QUESTION, "640221")
    assert [(line.name, line.rooms, line.answers, line.right, line.judged) for line in by_question] == [
        (WORDS.text, 1, 2, 1, 2),
        (OTHER.text, 1, 1, 1, 1),
    ]
    (course,) = results.lines(session, found, By.COURSE, "640221")
    assert (course.name, course.answers, course.right) == ("测土配方施肥", 3, 2)
    (region,) = results.lines(session, found, By.REGION, "640221")
    assert (region.key, region.answers) == ("640221203", 3)
    assert results.asked(session, "640221", DAY, DAY, region="640221101") == []
    assert results.asked(session, "640221", DAY - timedelta(days=9), DAY - timedelta(days=1)) == []


def test_answers_to_a_question_that_nobody_knows_are_counted_and_named_so(
    session: Session, lesson: Lesson, village: Station
) -> None:
    _took_place(session, enrolled_box(session, village), lesson, _answer(lesson, "nobody's", 1))
    (line,) = results.lines(session, results.asked(session, "64", DAY, DAY), By.QUESTION, "64")
    assert (line.name, line.key, line.answers, line.judged) == ("", "", 1, 0)


def _sheet(*rows: tuple[object, ...]) -> bytes:
    book, made = Workbook(), BytesIO()
    for row in (("题目", "选项A", "选项B", "选项C", "答案", "学科"), *rows):
        book.active.append(row)
    book.save(made)
    return made.getvalue()


def test_a_sheet_is_looked_at_row_by_row(session: Session, editor: Person) -> None:
    lines = importing.read(
        _sheet(
            ("哪一项最该先看？", "有机质", "氮", "酸碱度", "C", "种植"),
            ("几亩？", "五亩", "六亩", None, None, None),
            ("错的", "一", "二", None, "D", None),
            ("一样", "一", "一", None, "1", None),
            ("字" * 41, "一", "二", None, "2", None),
        )
    )
    assert [bool(line.fault) for line in lines] == [False, False, True, True, True]
    assert lines[0].words.right == 2
    assert lines[0].subject == "种植"
    assert lines[1].words.right == NONE_RIGHT
    good = [(line.words, line.subject) for line in lines if not line.fault]
    assert importing.keep(session, good, "640221", editor, NOW) == 2
    assert len(session.scalars(service.bank("640221", free=True)).all()) == 2


def test_a_file_that_is_no_list_of_questions_is_refused() -> None:
    for data in (b"", b"\x89PNG\r\n", b"name,age\nli,3\n", "题目,选项A,选项B\n".encode()):
        with pytest.raises(Rejected):
            importing.read(data)


def test_the_sheet_to_fill_in_can_be_read() -> None:
    (line,) = importing.read(importing.template())
    assert not line.fault
    assert line.words.options[line.words.right] == "酸碱度"
