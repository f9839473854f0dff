"""Publishing and proofs on both databases: what is signed, when it is due, who has it, who must be told again."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.boxes import Box, note_presence
from contentserver.courses import LessonState
from contentserver.kernel.auth import Person
from contentserver.stations import Station
from contentserver.timetable import publishing, rules, service
from contentserver.timetable.edits import MoveEvening, RemoveSlot
from contentserver.timetable.programmes import draft_of, timetables_in_force
from contentserver.timetable.rules import MissingCause
from schedules.airings import LayerId
from schedules.wire.messages import Proof
from schedules.wire.signing import Signer
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, VILLAGE, enrolled_box
from tests.contentserver.timetable.conftest import COUNTY, EVENING, EVENING_UTC, MakeLesson, slot
from tests.contentserver.timetable.test_service import put_in_force

LATER = NOW + timedelta(minutes=1)


def test_what_is_published_is_what_was_planned_signed(
    session: Session, editor: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson(), rule="FREQ=DAILY"), editor, NOW)
    message = put_in_force(session, layer, signer, editor)
    assert (message.revision, message.depth, message.owner) == (1, 2, "平罗县")
    assert message.window_end - NOW == rules.WINDOW
    assert message.airings[0].start == EVENING_UTC
    assert len(message.airings) == 14
    assert not layer.changed


def test_a_layer_is_renewed_before_its_window_runs_out(
    session: Session, editor: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson(), rule="FREQ=DAILY"), editor, NOW)
    put_in_force(session, layer, signer, editor)
    assert publishing.renew_windows(session, signer, NOW + timedelta(hours=1)) == 0
    assert publishing.renew_windows(session, signer, NOW + timedelta(days=2)) == 1


def test_a_waiting_draft_neither_airs_nor_makes_televisions_dark(
    session: Session, editor: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson(title="滩羊"), rule="FREQ=DAILY"), editor, NOW)
    put_in_force(session, layer, signer, editor)
    (daily,) = draft_of(session, layer).slots
    drafted = slot(make_lesson(title="枸杞"), start=EVENING + timedelta(hours=2), rule="FREQ=DAILY")
    service.edit(session, layer, drafted, editor, NOW)
    service.edit(session, layer, RemoveSlot(slot=daily.id), editor, NOW)
    later = NOW + timedelta(days=15)
    assert publishing.renew_windows(session, signer, later) == 1
    newest = publishing.newest_revision(session, layer.id)
    assert newest is not None
    in_force = timetables_in_force(session, [VILLAGE], rules.window_at(later))[VILLAGE]
    assert {airing.slot for airing in in_force.airings} == {daily.id}
    assert layer.window_end == later + rules.WINDOW
    assert layer.changed


def test_a_withdrawn_lesson_leaves_every_layer_and_comes_back(
    session: Session, editor: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer, other = service.layer_of(session, COUNTY), service.layer_of(session, VILLAGE)
    lesson = make_lesson()
    service.edit(session, layer, slot(lesson), editor, NOW)
    service.edit(session, other, slot(make_lesson(), start=EVENING + timedelta(hours=1)), editor, NOW)
    for one in (layer, other):
        put_in_force(session, one, signer, editor)
    lesson.state = LessonState.WITHDRAWN
    assert publishing.lesson_changed(session, str(lesson.id), signer, NOW) == 1
    assert (layer.revision, other.revision) == (2, 1)
    newest = publishing.newest_revision(session, layer.id)
    assert newest is not None
    assert newest.airings == 0
    lesson.state = LessonState.APPROVED
    publishing.lesson_changed(session, str(lesson.id), signer, NOW)
    newest = publishing.newest_revision(session, layer.id)
    assert newest is not None
    assert newest.airings == 1


def test_a_lesson_airs_on_its_days_alone_and_published_layers_follow_when_they_move(
    session: Session, editor: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer, lesson = service.layer_of(session, COUNTY), make_lesson()
    service.edit(session, layer, slot(lesson, rule="FREQ=DAILY;COUNT=5"), editor, NOW)
    assert len(put_in_force(session, layer, signer, editor).airings) == 5
    counted = []
    for first, last in ((0, 2), (1, 2), (4, 30), (5, 30)):
        lesson.airable_from = EVENING.date() + timedelta(days=first)
        lesson.expires_on = EVENING.date() + timedelta(days=last)
        session.flush()
        assert publishing.lesson_changed(session, str(lesson.id), signer, NOW) == 1
        newest = publishing.newest_revision(session, layer.id)
        assert newest is not None
        counted.append(newest.airings)
    assert counted == [3, 2, 1, 0]


def test_an_airing_that_would_end_after_the_last_day_is_left_out(
    session: Session, editor: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer, lesson = service.layer_of(session, COUNTY), make_lesson(minutes=40)
    late = EVENING.replace(hour=23, minute=30)
    service.edit(session, layer, slot(lesson, start=late), editor, NOW)
    lesson.expires_on = late.date()
    session.flush()
    assert put_in_force(session, layer, signer, editor).airings == ()


def test_a_revision_is_due_until_the_broker_has_confirmed_it(session: Session, editor: Person, signer: Signer) -> None:
    layer = service.layer_of(session, COUNTY)
    for _ in range(2):
        put_in_force(session, layer, signer, editor)
    session.flush()
    assert [row.revision for row in publishing.due_layers(session)] == [2]
    publishing.mark_published(session, layer.id, 1, NOW)
    session.flush()
    assert len(publishing.due_layers(session)) == 1
    publishing.mark_published(session, layer.id, 2, NOW)
    session.flush()
    assert list(publishing.due_layers(session)) == []
    assert len(publishing.due_layers(session, everything=True)) == 1


def _proof(box: Box, revision: int, applied: int = 0, layer: str = f"region-{COUNTY}") -> Proof:
    return Proof(box=BoxId(box.id), layer=LayerId(layer), revision=revision, stored_at=NOW, applied=applied)


def test_proofs_repeated_late_or_wrong_never_count_too_much(
    session: Session, village: Station, editor: Person, signer: Signer
) -> None:
    box, layer = enrolled_box(session, village), service.layer_of(session, COUNTY)
    for _ in range(2):
        put_in_force(session, layer, signer, editor)
    assert publishing.delivery(session, layer) == publishing.Delivery(revision=2, followers=1, stored=0, applied=0)
    wrong = [_proof(box, 3, 3), _proof(box, 0), _proof(box, 1, 2), _proof(box, 1, 1, layer="region-99")]
    publishing.keep_proofs(session, wrong, NOW)
    assert publishing.delivery(session, layer).stored == 0
    publishing.keep_proofs(session, [_proof(box, 2), _proof(box, 1, 1), _proof(box, 2)], NOW)
    assert publishing.delivery(session, layer) == publishing.Delivery(revision=2, followers=1, stored=1, applied=0)
    publishing.keep_proofs(session, [_proof(box, 2, 2)], NOW)
    publishing.keep_proofs(session, [_proof(box, 1, 1)], NOW)
    assert publishing.delivery(session, layer) == publishing.Delivery(revision=2, followers=1, stored=1, applied=1)


def test_a_box_elsewhere_or_revoked_counts_for_nothing(
    session: Session, village: Station, editor: Person, signer: Signer
) -> None:
    box, layer = enrolled_box(session, village), service.layer_of(session, COUNTY)
    put_in_force(session, layer, signer, editor)
    publishing.keep_proofs(session, [_proof(box, 1, 1)], NOW)
    box.revoked_at = NOW
    session.flush()
    assert publishing.delivery(session, layer) == publishing.Delivery(revision=1, followers=0, stored=0, applied=0)
    assert publishing.boxes_missing(session, layer, NOW) == []


@pytest.mark.parametrize(
    ("online", "seen_minutes_ago", "confirmed", "cause"),
    [
        (False, None, True, MissingCause.NEVER_SEEN),
        (False, 3 * 24 * 60, True, MissingCause.OFFLINE),
        (True, 1, False, MissingCause.NOT_SENT),
        (True, 1, True, MissingCause.ON_ITS_WAY),
        (True, 30, True, MissingCause.SILENT),
    ],
)
def test_a_missing_box_is_named_with_its_cause(
    session: Session,
    village: Station,
    editor: Person,
    signer: Signer,
    online: bool,
    seen_minutes_ago: int | None,
    confirmed: bool,
    cause: MissingCause,
) -> None:
    box, layer = enrolled_box(session, village), service.layer_of(session, COUNTY)
    put_in_force(session, layer, signer, editor)
    box.online = online
    box.seen_at = None if seen_minutes_ago is None else NOW - timedelta(minutes=seen_minutes_ago)
    if confirmed:
        publishing.mark_published(session, layer.id, 1, NOW)
    session.flush()
    (missing,) = publishing.boxes_missing(session, layer, NOW)
    assert (missing.box.id, missing.station.id, missing.has, missing.cause) == (box.id, village.id, 0, cause)


def test_only_boxes_that_lack_a_revision_for_a_while_are_told_again(
    session: Session, village: Station, editor: Person, signer: Signer
) -> None:
    here, there = enrolled_box(session, village), enrolled_box(session, village, "other")
    for box in (here, there):
        note_presence(session, box, True, NOW)
    layer = service.layer_of(session, COUNTY)
    put_in_force(session, layer, signer, editor)
    publishing.mark_published(session, layer.id, 1, NOW)
    publishing.keep_proofs(session, [_proof(there, 1, 1)], NOW)
    session.flush()
    assert publishing.behind(session, NOW + timedelta(seconds=5)) == {}
    assert publishing.behind(session, LATER) == {here.id: {LayerId(layer.id): 1}}
    note_presence(session, here, False, LATER)
    session.flush()
    assert publishing.behind(session, LATER) == {}
    note_presence(session, here, True, LATER)
    session.flush()
    assert publishing.behind(session, LATER + timedelta(seconds=5)) == {}, "what it lacked is on its way"
    assert publishing.behind(session, LATER + timedelta(seconds=21)) == {here.id: {LayerId(layer.id): 1}}


def test_what_is_deleted_or_moved_into_the_past_leaves_the_televisions(
    session: Session, editor: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson(title="滩羊")), editor, NOW)
    service.edit(session, layer, slot(make_lesson(title="枸杞"), start=EVENING + timedelta(days=1)), editor, NOW)
    assert len(put_in_force(session, layer, signer, editor).airings) == 2
    first, second = draft_of(session, layer).slots
    past = MoveEvening(slot=first.id, planned=first.local_start, moved_to=EVENING - timedelta(days=1))
    service.edit(session, layer, past, editor, NOW)
    service.edit(session, layer, RemoveSlot(slot=second.id), editor, NOW)
    assert put_in_force(session, layer, signer, editor).airings == ()
    assert timetables_in_force(session, [VILLAGE], rules.window_at(NOW))[VILLAGE].airings == ()
