"""Review on both databases: comments and answers, decisions by somebody else, versions, days, several at once."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.courses import comments, deciding, service
from contentserver.courses.models import EarlierVersion, Lesson, LessonComment, LessonReview, Transcode
from contentserver.courses.rules import LessonState, Origin, ReviewItem, Terms, TranscodeState
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.db import Base, Database
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.stations import Station
from schedules.wire.messages import Approval
from schedules.wire.signing import Signer, Verifier, jwk_set
from tests.contentserver.conftest import NOW, person

ALL = frozenset(ReviewItem)
TODAY = date(2026, 11, 23)


class Desk:
    """A lesson in review, whoever uploaded it, and two who may decide."""

    def __init__(self, session: Session, signer: Signer) -> None:
        self.session, self.signer = session, signer
        self.editor = person(session, Role.SCHEDULER)
        self.reviewer, self.other = person(session, Role.REVIEWER), person(session, Role.SYSTEM_ADMIN)
        self.course = service.add_course(
            session, title="测土配方施肥", subject="种植", audience="", region_code="640221", who=self.editor, now=NOW
        )
        self.lesson = self.add("看懂化验单", 1)

    def add(self, title: str, number: int) -> Lesson:
        """A lesson that waits for review."""
        made = Lesson(
            course_id=self.course.id,
            number=number,
            title=title,
            state=LessonState.IN_REVIEW,
            uploader_id=self.editor.id,
            created_at=NOW + timedelta(minutes=number),
            package_name=f"sha256-{number:064x}",
            duration_ms=2_400_000,
        )
        made.transcode = Transcode(source=f"kept-{title}", state=TranscodeState.DONE, created_at=NOW, finished_at=NOW)
        self.session.add(made)
        self.session.flush()
        return made

    def approve(self, who: Person, ticked: frozenset[ReviewItem] = ALL, reason: str = "") -> None:
        """Decide for it."""
        deciding.approve(
            self.session,
            lesson=self.lesson,
            ticked=ticked,
            reason=reason,
            who=who,
            signer=self.signer,
            now=NOW,
        )

    def say(self, at_ms: int, text: str = "声音太小") -> LessonComment:
        """Comment as the reviewer."""
        return comments.write(self.session, lesson=self.lesson, at_ms=at_ms, text=text, who=self.reviewer, now=NOW)

    def word(self) -> Approval:
        """What boxes get."""
        jws = service.approval_of(self.session, str(self.lesson.package_name)).jws
        return Verifier(jwk_set([self.signer.public_jwk])).read(jws.encode(), Approval)


@pytest.fixture
def desk(session: Session, village: Station, signer: Signer) -> Desk:
    return Desk(session, signer)


def test_comments_are_numbered_by_time_answered_and_reopened(desk: Desk) -> None:
    session, lesson = desk.session, desk.lesson
    late, early = desk.say(1_865_000), desk.say(192_000)
    newest, earlier = comments.comment_rows(session, lesson)
    assert [(row.number, row.comment.id) for row in newest] == [(1, early.id), (2, late.id)]
    assert (earlier, comments.open_comments(session, [lesson.id])) == ([], {lesson.id: 2})
    comments.settle(session, lesson=lesson, comment=early, answer="已换成大白话", who=desk.editor, now=NOW)
    assert [row.open for row in comments.comment_rows(session, lesson)[0]] == [False, True]
    with pytest.raises(Conflict):
        comments.settle(session, lesson=lesson, comment=early, answer="又改", who=desk.editor, now=NOW)
    assert early.answer == "已换成大白话"
    comments.reopen(session, lesson=lesson, comment=early, who=desk.reviewer, now=NOW)
    with pytest.raises(Conflict):
        comments.reopen(session, lesson=lesson, comment=early, who=desk.reviewer, now=NOW)
    assert comments.open_comments(session, [lesson.id]) == {lesson.id: 2}


@pytest.mark.parametrize(
    ("at_ms", "text", "code"),
    [
        (None, "字太小", "no_moment"),
        (2_400_001, "字太小", "after_the_end"),
        (1000, " \n ", "no_words"),
        (1000, "长" * 501, "no_words"),
    ],
)
def test_a_comment_without_moment_or_words_is_refused(desk: Desk, at_ms: int | None, text: str, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        comments.write(desk.session, lesson=desk.lesson, at_ms=at_ms, text=text, who=desk.reviewer, now=NOW)
    assert refusal.value.code == code
    assert comments.comment_rows(desk.session, desk.lesson) == ([], [])


def test_another_lessons_comment_is_not_to_be_had(desk: Desk) -> None:
    said, other = desk.say(1000), desk.add("滩羊冬季补饲", 2)
    with pytest.raises(NotFound):
        comments.comment_with(desk.session, other, said.id)
    assert comments.comment_with(desk.session, desk.lesson, said.id) is said


@pytest.mark.parametrize("missing", list(ReviewItem))
def test_nothing_is_signed_while_one_thing_is_not_confirmed(desk: Desk, missing: ReviewItem) -> None:
    with pytest.raises(Rejected):
        desk.approve(desk.reviewer, ALL - {missing})
    assert (desk.lesson.state, desk.lesson.approval) == (LessonState.IN_REVIEW, None)


def test_an_approval_keeps_what_was_confirmed_by_whom_and_why_despite_comments(desk: Desk) -> None:
    desk.say(1000)
    with pytest.raises(Rejected) as refusal:
        desk.approve(desk.reviewer)
    assert refusal.value.code == "open_comments"
    desk.approve(desk.reviewer, reason="已电话核实")
    ((kept, name),) = deciding.decisions(desk.session, desk.lesson)
    assert (kept.decision, kept.version, kept.reason, name) == ("approved", 1, "已电话核实", desk.reviewer.display_name)
    assert set(kept.ticked.split()) == {item.value for item in ReviewItem}
    assert desk.word().expires_at is None


def test_the_second_of_two_reviewers_is_told_who_was_first(desk: Desk) -> None:
    desk.approve(desk.reviewer)
    with pytest.raises(Conflict) as refusal:
        desk.approve(desk.other)
    assert desk.reviewer.display_name in str(refusal.value.sentence)
    with pytest.raises(Conflict) as refusal:
        deciding.send_back(desk.session, lesson=desk.lesson, reason="字太小", who=desk.other, now=NOW)
    assert desk.reviewer.display_name in str(refusal.value.sentence)
    assert len(desk.session.scalars(select(LessonReview)).all()) == 1


def test_a_lesson_sent_back_gets_another_recording_and_is_nobodys_to_approve_who_ever_uploaded(desk: Desk) -> None:
    session, lesson = desk.session, desk.lesson
    said, first = desk.say(1000), lesson.package_name
    with pytest.raises(Rejected):
        deciding.send_back(session, lesson=lesson, reason="  ", who=desk.reviewer, now=NOW)
    with pytest.raises(Conflict):
        deciding.replace_recording(session, lesson=lesson, source="kept-two", who=desk.other, now=NOW)
    deciding.send_back(session, lesson=lesson, reason="尿素用量不一致", who=desk.reviewer, now=NOW)
    assert lesson.state == LessonState.RETURNED
    for _posted in range(2):
        deciding.replace_recording(session, lesson=lesson, source="kept-two", who=desk.other, now=NOW)
    session.flush()
    assert (lesson.version, lesson.state, lesson.package_name) == (2, LessonState.TRANSCODING, None)
    assert lesson.transcode is not None
    assert (lesson.transcode.state, lesson.transcode.source) == (TranscodeState.QUEUED, "kept-two")
    (before,) = session.scalars(select(EarlierVersion))
    assert (before.version, before.package_name, before.uploader_id) == (1, first, desk.editor.id)
    lesson.state, lesson.package_name = LessonState.IN_REVIEW, f"sha256-{7:064x}"
    newest, earlier = comments.comment_rows(session, lesson)
    assert (newest, [row.comment.id for row in earlier], earlier[0].open) == ([], [said.id], True)
    for uploaded in (desk.editor, desk.other):
        with pytest.raises(Forbidden):
            desk.approve(uploaded)
    assert desk.lesson not in deciding.waiting_for(session, desk.other)
    comments.settle(session, lesson=lesson, comment=said, answer="第 2 版已改", who=desk.editor, now=NOW)
    desk.approve(desk.reviewer)
    assert desk.word().package == f"sha256-{7:064x}"


def test_a_decision_about_a_version_that_was_replaced_is_refused(desk: Desk) -> None:
    assert deciding.lesson_to_decide(desk.session, desk.lesson.id, 1) is desk.lesson
    with pytest.raises(Conflict):
        deciding.lesson_to_decide(desk.session, desk.lesson.id, 2)


def test_the_last_day_is_signed_and_signed_anew_when_it_moves(desk: Desk) -> None:
    set_last(desk, desk.editor, date(2026, 12, 31))
    desk.approve(desk.reviewer)
    assert desk.word().expires_at == Terms(last=date(2026, 12, 31)).ends_at
    with pytest.raises(Forbidden):
        set_last(desk, desk.editor, date(2027, 12, 31))
    desk.session.refresh(desk.lesson)
    assert desk.lesson.expires_on == date(2026, 12, 31)
    assert set_last(desk, desk.reviewer, date(2026, 12, 1))
    assert desk.word().expires_at == Terms(last=date(2026, 12, 1)).ends_at
    assert not set_last(desk, desk.reviewer, date(2026, 12, 1))


def set_last(desk: Desk, who: Person, day: date) -> bool:
    return deciding.set_terms(
        desk.session,
        lesson=desk.lesson,
        origin=Origin.BROADCASTER,
        origin_name="宁夏广播电视台",
        rights="授权至 2026 年底",
        terms=Terms(None, day),
        who=who,
        signer=desk.signer,
        now=NOW,
    )


def test_what_has_expired_is_not_approved_and_what_expires_soon_is_listed(desk: Desk) -> None:
    desk.lesson.expires_on = TODAY - timedelta(days=1)
    with pytest.raises(Conflict):
        desk.approve(desk.reviewer)
    desk.lesson.expires_on = TODAY + timedelta(days=30)
    desk.approve(desk.reviewer)
    desk.session.flush()
    assert deciding.expiring(desk.session, "640221", NOW) == [desk.lesson]
    assert deciding.expiring(desk.session, "640202", NOW) == []
    desk.lesson.expires_on = TODAY + timedelta(days=31)
    desk.session.flush()
    assert deciding.expiring(desk.session, "640221", NOW) == []


def test_of_several_each_is_signed_on_its_own(desk: Desk) -> None:
    session, who = desk.session, desk.reviewer
    good, unseen, risky, spoken, decided = (desk.add(f"第{n}讲", n) for n in range(2, 7))
    for lesson in (good, risky, spoken, decided):
        deciding.note_opened(session, lesson, who, NOW)
    comments.write(session, lesson=spoken, at_ms=1000, text="字太小", who=who, now=NOW)
    service.approve(session, lesson=decided, who=desk.other, signer=desk.signer, now=NOW)
    session.flush()
    every = [good, unseen, risky, spoken, decided]
    outcomes = batch(desk, [(lesson.id, 1) for lesson in every], clean={one.id for one in every if one is not risky})
    assert [bool(one.refusal) for one in outcomes] == [False, True, True, True, True]
    assert [lesson.state for lesson in every] == ["approved", *["in_review"] * 3, "approved"]
    again = batch(desk, [(good.id, 1)], clean={good.id})
    assert desk.reviewer.display_name in again[0].refusal


def test_several_without_the_checklist_or_with_one_that_is_not_there_sign_nothing(desk: Desk) -> None:
    deciding.note_opened(desk.session, desk.lesson, desk.reviewer, NOW)
    chosen, clean = [(desk.lesson.id, 1)], {desk.lesson.id}
    for wrong in ({"chosen": chosen, "ticked": ALL - {ReviewItem.RIGHTS}}, {"chosen": [], "ticked": ALL}):
        with pytest.raises(Rejected):
            batch(desk, clean=clean, **wrong)
    assert desk.lesson.state == LessonState.IN_REVIEW


def test_somebody_elses_region_is_not_signed_along(desk: Desk, session: Session) -> None:
    far = person(session, Role.REVIEWER, "640202")
    deciding.note_opened(session, desk.lesson, far, NOW)
    assert deciding.waiting_for(session, far) == []
    with pytest.raises(Forbidden, match="out_of_scope"):
        deciding.approve_many(
            session,
            [(desk.lesson.id, 1)],
            clean={desk.lesson.id},
            ticked=ALL,
            who=far,
            signer=desk.signer,
            now=NOW,
        )
    assert desk.lesson.state == LessonState.IN_REVIEW


def test_the_tables_are_those_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    ours = ("lessons", "lesson_versions", "lesson_comments", "lesson_openings", "lesson_reviews")
    assert [one for one in found if any(f"'{name}'" in str(one) for name in ours)] == []


def batch(
    desk: Desk, chosen: list[tuple[UUID, int]], clean: set[UUID], ticked: frozenset[ReviewItem] = ALL
) -> list[deciding.Outcome]:
    return deciding.approve_many(
        desk.session, chosen, clean=clean, ticked=ticked, who=desk.reviewer, signer=desk.signer, now=NOW
    )
