"""Planning and publishing on both databases: what is refused, what is signed, what a village will see."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import NotFound
from contentserver.stations import Station
from contentserver.timetable import publishing, rules, service
from contentserver.timetable.service import SlotRefused, SlotWish
from schedules.airings import Rank
from schedules.merge import Reason, merge
from schedules.wire.messages import LayerMessage
from schedules.wire.signing import Signer, Verifier, jwk_set
from tests.contentserver.conftest import NOW, VILLAGE, person

COUNTY = "640221"
EVENING = datetime(2026, 11, 23, 19, 30)  # noqa: DTZ001  # wall-clock time; NOW is 19:00 in Shanghai


@pytest.fixture
def editor(session: Session, village: Station) -> Person:
    return person(session, Role.SCHEDULER, COUNTY)


def _lesson(session: Session, editor: Person, state: LessonState = LessonState.APPROVED, number: int = 1) -> Lesson:
    course = Course(title=f"测土配方施肥{number}", region_code=COUNTY, created_at=NOW)
    session.add(course)
    session.flush()
    ready = state not in {LessonState.TRANSCODING, LessonState.DRAFT}
    lesson = Lesson(
        course_id=course.id,
        number=1,
        title="看懂化验单",
        state=state,
        uploader_id=editor.id,
        created_at=NOW,
        package_name=f"sha256-{number}" if ready else None,
        duration_ms=2_400_000 if ready else 0,
    )
    session.add(lesson)
    session.flush()
    return lesson


def _wish(lesson: Lesson, local_start: datetime = EVENING, rank: Rank = Rank.REGULAR, rule: str = "") -> SlotWish:
    return SlotWish(lesson_id=lesson.id, local_start=local_start, zone="Asia/Shanghai", rank=rank, rule=rule)


def test_what_is_published_is_what_was_planned_signed(session: Session, editor: Person, signer: Signer) -> None:
    layer = service.layer_of(session, COUNTY)
    service.add_slot(session, layer, _wish(_lesson(session, editor), rule="FREQ=DAILY"), editor, NOW)
    revision = publishing.publish(session, layer, signer, editor, NOW)
    message = Verifier(jwk_set([signer.public_jwk])).read(revision.jws.encode(), LayerMessage)
    assert (message.revision, message.depth, message.owner) == (1, 2, "平罗县")
    assert message.window_end - NOW == rules.WINDOW
    assert message.airings[0].start == datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
    assert len(message.airings) == 14
    assert not layer.changed


@pytest.mark.parametrize(
    ("state", "local_start", "fault"),
    [
        (LessonState.APPROVED, EVENING - timedelta(hours=1), "in_the_past"),
        (LessonState.TRANSCODING, EVENING, "lesson_not_ready"),
        (LessonState.IN_REVIEW, EVENING, "lesson_not_approved"),
        (LessonState.WITHDRAWN, EVENING, "lesson_not_approved"),
    ],
)
def test_a_slot_that_could_not_play_is_refused(
    session: Session, editor: Person, state: LessonState, local_start: datetime, fault: str
) -> None:
    layer = service.layer_of(session, COUNTY)
    with pytest.raises(SlotRefused) as refusal:
        service.add_slot(session, layer, _wish(_lesson(session, editor, state), local_start), editor, NOW)
    assert refusal.value.code == fault
    assert service.slots_of(session, [layer.id]) == []
    assert not layer.changed


def test_a_clash_names_the_other_and_the_next_free_time(session: Session, editor: Person) -> None:
    layer = service.layer_of(session, COUNTY)
    service.add_slot(session, layer, _wish(_lesson(session, editor)), editor, NOW)
    late = _wish(_lesson(session, editor, number=2), EVENING + timedelta(minutes=20))
    with pytest.raises(SlotRefused) as refusal:
        service.add_slot(session, layer, late, editor, NOW)
    verdict = refusal.value.verdict
    assert [clash.standing.lesson.title for clash in verdict.clashes] == ["看懂化验单"]
    assert verdict.next_free == datetime(2026, 11, 23, 12, 10, tzinfo=UTC)


def test_the_preview_is_the_merge_of_what_boxes_receive(session: Session, editor: Person, signer: Signer) -> None:
    county, village = service.layer_of(session, COUNTY), service.layer_of(session, VILLAGE)
    service.add_slot(session, county, _wish(_lesson(session, editor), rank=Rank.MANDATORY), editor, NOW)
    local = _wish(_lesson(session, editor, number=2), EVENING + timedelta(minutes=10))
    service.add_slot(session, village, local, editor, NOW)
    verifier = Verifier(jwk_set([signer.public_jwk]))
    received = [
        verifier.read(publishing.publish(session, layer, signer, editor, NOW).jws.encode(), LayerMessage).as_layer()
        for layer in (village, county)
    ]
    preview = service.timetable_of(session, VILLAGE, rules.window_at(NOW))
    assert preview == merge(received)
    assert [lost.reason for lost in preview.displaced] == [Reason.LOWER_RANK]


def test_a_removed_slot_comes_back_unless_its_time_was_taken(session: Session, editor: Person) -> None:
    layer = service.layer_of(session, COUNTY)
    slot = service.add_slot(session, layer, _wish(_lesson(session, editor)), editor, NOW)
    service.remove_slot(session, slot.id, editor, NOW)
    session.flush()
    assert service.slots_of(session, [layer.id]) == []
    service.restore_slot(session, slot.id, editor, NOW)
    session.flush()
    assert [one.id for one in service.slots_of(session, [layer.id])] == [slot.id]
    with pytest.raises(NotFound):
        service.remove_slot(session, editor.id, editor, NOW)


def test_a_layer_is_renewed_before_its_window_runs_out(session: Session, editor: Person, signer: Signer) -> None:
    layer = service.layer_of(session, COUNTY)
    service.add_slot(session, layer, _wish(_lesson(session, editor), rule="FREQ=DAILY"), editor, NOW)
    publishing.publish(session, layer, signer, editor, NOW)
    assert publishing.renew_windows(session, signer, NOW + timedelta(hours=1)) == 0
    assert publishing.renew_windows(session, signer, NOW + timedelta(days=2)) == 1


def test_a_waiting_draft_neither_airs_nor_makes_televisions_dark(
    session: Session, editor: Person, signer: Signer
) -> None:
    layer = service.layer_of(session, COUNTY)
    daily = service.add_slot(session, layer, _wish(_lesson(session, editor), rule="FREQ=DAILY"), editor, NOW)
    publishing.publish(session, layer, signer, editor, NOW)
    drafted = _wish(_lesson(session, editor, number=2), EVENING + timedelta(hours=2), rule="FREQ=DAILY")
    service.add_slot(session, layer, drafted, editor, NOW)
    service.remove_slot(session, daily.id, editor, NOW)
    session.flush()
    later = NOW + timedelta(days=15)
    assert publishing.renew_windows(session, signer, later) == 1
    newest = publishing.newest_revision(session, layer.id)
    assert newest is not None
    message = Verifier(jwk_set([signer.public_jwk])).read(newest.jws.encode(), LayerMessage)
    assert {airing.slot for airing in message.airings} == {str(daily.id)}
    assert message.window_end == later + rules.WINDOW
    assert layer.changed


def test_a_revision_is_due_until_the_broker_has_confirmed_it(session: Session, editor: Person, signer: Signer) -> None:
    layer = service.layer_of(session, COUNTY)
    for _ in range(2):
        publishing.publish(session, layer, signer, editor, NOW)
    session.flush()
    assert [row.revision for row in publishing.due_layers(session)] == [2]
    publishing.mark_published(session, layer.id, 1)
    session.flush()
    assert len(publishing.due_layers(session)) == 1
    publishing.mark_published(session, layer.id, 2)
    session.flush()
    assert list(publishing.due_layers(session)) == []
    assert len(publishing.due_layers(session, everything=True)) == 1
