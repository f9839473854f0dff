"""Drafts on both databases: what is refused and why, versions, undo, and what a village will see of it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.courses import LessonState
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.timetable import plans, publishing, rules, service
from contentserver.timetable.edits import (
    AddMakeUp,
    AddRepeat,
    CancelEvening,
    MoveEvening,
    MoveSlot,
    RemoveSlot,
    ReplaceEvening,
)
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.programmes import airings_of, draft_of, timetable_of, timetables_in_force
from contentserver.timetable.service import DraftMovedOn, EditRefused
from schedules.airings import Airing, Rank
from schedules.merge import Reason, merge
from schedules.wire.messages import LayerMessage
from schedules.wire.signing import Signer, Verifier, jwk_set
from tests.contentserver.conftest import NOW, VILLAGE
from tests.contentserver.timetable.conftest import CITY, COUNTY, EVENING, EVENING_UTC, MakeLesson, slot

WINDOW = rules.window_at(NOW)


def put_in_force(
    session: Session, layer: LayerRecord, signer: Signer, who: Person, now: datetime = NOW
) -> LayerMessage:
    """Publish the draft as it stands; what boxes receive."""
    revision = publishing.publish(
        session,
        layer,
        draft_of(session, layer),
        signer,
        submitted_by=None,
        approved_by=who,
        version=layer.draft_version,
        now=now,
    )
    return Verifier(jwk_set([signer.public_jwk])).read(revision.jws.encode(), LayerMessage)


def _shown(airings: tuple[Airing, ...]) -> list[tuple[str, str]]:
    return [(f"{airing.start:%m-%d %H:%M}", airing.lesson.title) for airing in airings]


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
    session: Session, editor: Person, make_lesson: MakeLesson, state: LessonState, local_start: datetime, fault: str
) -> None:
    layer = service.layer_of(session, COUNTY)
    with pytest.raises(EditRefused) as refusal:
        service.edit(session, layer, slot(make_lesson(state), start=local_start), editor, NOW)
    assert refusal.value.code == fault
    assert (layer.draft_version, layer.changed) == (0, False)


@pytest.mark.parametrize(("first", "last", "rule"), [(1, None, ""), (None, -1, ""), (None, 2, "FREQ=DAILY;COUNT=4")])
def test_a_slot_beyond_the_days_of_its_lesson_is_refused_before_it_is_saved(
    session: Session, editor: Person, make_lesson: MakeLesson, first: int | None, last: int | None, rule: str
) -> None:
    layer, lesson = service.layer_of(session, COUNTY), make_lesson()
    lesson.airable_from = None if first is None else EVENING.date() + timedelta(days=first)
    lesson.expires_on = None if last is None else EVENING.date() + timedelta(days=last)
    session.flush()
    with pytest.raises(EditRefused) as refusal:
        service.edit(session, layer, slot(lesson, rule=rule), editor, NOW)
    assert refusal.value.code == "lesson_out_of_term"
    assert (layer.draft_version, layer.changed) == (0, False)
    lesson.airable_from, lesson.expires_on = EVENING.date(), EVENING.date() + timedelta(days=3)
    session.flush()
    service.edit(session, layer, slot(lesson, rule=rule), editor, NOW)


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("FREQ=SECONDLY", "too_many"),
        ("FREQ=NEVER", "rule_unreadable"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "no_showing"),
        ("FREQ=DAILY;UNTIL=20261101", "no_showing"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(
    session: Session, editor: Person, make_lesson: MakeLesson, rule: str, fault: str
) -> None:
    with pytest.raises(EditRefused) as refusal:
        service.edit(session, service.layer_of(session, COUNTY), slot(make_lesson(), rule=rule), editor, NOW)
    assert refusal.value.code == fault


def test_a_rule_without_an_end_on_a_leap_day_is_taken(
    session: Session, editor: Person, make_lesson: MakeLesson
) -> None:
    layer = service.layer_of(session, COUNTY)
    leap = datetime(2028, 2, 29, 23, 40)  # noqa: DTZ001  # wall-clock time; across midnight
    service.edit(session, layer, slot(make_lesson(), start=leap, rule="FREQ=YEARLY"), editor, NOW)
    window = (datetime(2032, 2, 1, tzinfo=UTC), datetime(2032, 4, 1, tzinfo=UTC))
    assert _shown(airings_of(session, layer.id, window)) == [("02-29 15:40", "看懂化验单")]


def test_a_clash_names_the_other_and_the_next_free_time(
    session: Session, editor: Person, make_lesson: MakeLesson
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson()), editor, NOW)
    late = slot(make_lesson(title="滩羊"), start=EVENING + timedelta(minutes=20))
    with pytest.raises(EditRefused) as refusal:
        service.edit(session, layer, late, editor, NOW)
    verdict = refusal.value.verdict
    assert [(clash.wanted.lesson.title, clash.standing.lesson.title) for clash in verdict.clashes] == [
        ("滩羊", "看懂化验单")
    ]
    assert verdict.next_free == EVENING_UTC + timedelta(minutes=40)


def test_an_airing_longer_than_the_evening_finds_no_gap_that_evening(
    session: Session, editor: Person, make_lesson: MakeLesson
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson()), editor, NOW)
    with pytest.raises(EditRefused) as refusal:
        service.edit(session, layer, slot(make_lesson(minutes=230)), editor, NOW)
    assert refusal.value.verdict.next_free == datetime(2026, 11, 23, 22, 0, tzinfo=UTC)  # six in the morning


def test_a_clash_with_a_layer_above_is_said_and_kept(session: Session, editor: Person, make_lesson: MakeLesson) -> None:
    service.edit(session, service.layer_of(session, CITY), slot(make_lesson(title="冬季安全用电")), editor, NOW)
    verdict = service.edit(session, service.layer_of(session, COUNTY), slot(make_lesson()), editor, NOW)
    assert [clash.standing.lesson.title for clash in verdict.elsewhere] == ["冬季安全用电"]
    assert verdict.next_free == EVENING_UTC + timedelta(minutes=40)
    assert service.layer_of(session, COUNTY).changed


def test_the_preview_is_the_merge_of_what_boxes_receive(
    session: Session, editor: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    county, village = service.layer_of(session, COUNTY), service.layer_of(session, VILLAGE)
    service.edit(session, county, slot(make_lesson(), rank=Rank.MANDATORY, rule="FREQ=DAILY"), editor, NOW)
    series = slot(
        *(make_lesson(title=f"第{number}讲") for number in range(4)),
        start=EVENING + timedelta(minutes=10),
        rule="FREQ=WEEKLY",
    )
    service.edit(session, village, series, editor, NOW)
    service.edit(session, village, slot(make_lesson(), start=EVENING + timedelta(hours=2)), editor, NOW)
    received = [put_in_force(session, layer, signer, editor).as_layer() for layer in (county, village)]
    preview = timetable_of(session, VILLAGE, WINDOW)
    assert preview == merge(received)
    assert timetables_in_force(session, [VILLAGE, COUNTY], WINDOW)[VILLAGE] == preview
    assert {lost.reason for lost in preview.displaced} == {Reason.LOWER_RANK}


def test_a_displaced_lesson_of_a_series_airs_the_next_week_on_televisions_too(
    session: Session, editor: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    city, county = service.layer_of(session, CITY), service.layer_of(session, COUNTY)
    service.edit(session, city, slot(make_lesson(title="安全用电"), rank=Rank.MANDATORY), editor, NOW)
    series = slot(make_lesson(title="第一讲"), make_lesson(title="第二讲"), rule="FREQ=WEEKLY")
    service.edit(session, county, series, editor, NOW)
    put_in_force(session, city, signer, editor)
    first = put_in_force(session, county, signer, editor)
    assert [airing.lesson.title for airing in first.airings] == ["第一讲", "第一讲"]
    later = NOW + timedelta(days=7)
    renewed = publishing.revise(session, county, signer, None, later)
    message = Verifier(jwk_set([signer.public_jwk])).read(renewed.jws.encode(), LayerMessage)
    assert [airing.lesson.title for airing in message.airings] == ["第一讲", "第二讲"]


def test_one_evening_moves_without_the_week(session: Session, editor: Person, make_lesson: MakeLesson) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson(), rule="FREQ=WEEKLY"), editor, NOW)
    (one,) = draft_of(session, layer).slots
    next_week = EVENING + timedelta(days=7)
    move = MoveEvening(slot=one.id, planned=next_week, moved_to=next_week + timedelta(days=1))
    service.edit(session, layer, move, editor, NOW, version=1)
    found = airings_of(session, layer.id, (WINDOW[0], WINDOW[0] + timedelta(days=20)))
    assert [f"{airing.start:%m-%d}" for airing in found] == ["11-23", "12-01", "12-07"]
    cancel = CancelEvening(slot=one.id, planned=next_week)
    service.edit(session, layer, cancel, editor, NOW, version=2)
    found = airings_of(session, layer.id, (WINDOW[0], WINDOW[0] + timedelta(days=20)))
    assert [f"{airing.start:%m-%d}" for airing in found] == ["11-23", "12-07"]


def test_all_later_evenings_move_and_a_series_goes_on(
    session: Session, editor: Person, make_lesson: MakeLesson
) -> None:
    layer = service.layer_of(session, COUNTY)
    lessons = [make_lesson(title=f"第{number}讲") for number in "一二三"]
    service.edit(session, layer, slot(*lessons, rule="FREQ=WEEKLY;BYDAY=MO"), editor, NOW)
    (one,) = draft_of(session, layer).slots
    second = EVENING + timedelta(days=7)
    move = MoveSlot(slot=one.id, planned=second, moved_to=second + timedelta(days=2, minutes=30))
    service.edit(session, layer, move, editor, NOW)
    found = airings_of(session, layer.id, (WINDOW[0], WINDOW[0] + timedelta(days=40)))
    assert _shown(found) == [("11-23 11:30", "第一讲"), ("12-02 12:00", "第二讲"), ("12-09 12:00", "第三讲")]


def test_tonight_again_tomorrow_noon_and_made_up_for(session: Session, editor: Person, make_lesson: MakeLesson) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson(title="滩羊")), editor, NOW)
    (one,) = draft_of(session, layer).slots
    service.edit(session, layer, AddRepeat(slot=one.id, days_later=1, at_min=12 * 60), editor, NOW)
    (first, again) = airings_of(session, layer.id, WINDOW)
    assert f"{again.start:%m-%d %H:%M}" == "11-24 04:00"
    make_up = AddMakeUp(airing=first.id, start=EVENING_UTC + timedelta(days=3))
    service.edit(session, layer, make_up, editor, NOW)
    assert len(airings_of(session, layer.id, WINDOW)) == 3
    service.edit(session, layer, RemoveSlot(slot=one.id), editor, NOW)
    assert len(airings_of(session, layer.id, WINDOW)) == 1


def test_another_lesson_for_one_evening_must_be_approved(
    session: Session, editor: Person, make_lesson: MakeLesson
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson(), rule="FREQ=DAILY"), editor, NOW)
    (one,) = draft_of(session, layer).slots
    other = make_lesson(LessonState.IN_REVIEW)
    with pytest.raises(EditRefused) as refusal:
        service.edit(session, layer, ReplaceEvening(slot=one.id, planned=EVENING, lesson=str(other.id)), editor, NOW)
    assert refusal.value.code == "lesson_not_approved"
    other = make_lesson(title="枸杞")
    service.edit(session, layer, ReplaceEvening(slot=one.id, planned=EVENING, lesson=str(other.id)), editor, NOW)
    assert airings_of(session, layer.id, WINDOW)[0].lesson.title == "枸杞"


def test_an_edit_of_what_is_gone_is_refused_in_words(session: Session, editor: Person) -> None:
    layer = service.layer_of(session, COUNTY)
    with pytest.raises(Rejected) as refusal:
        service.edit(session, layer, RemoveSlot(slot="nothing"), editor, NOW)  # type: ignore[arg-type]
    assert refusal.value.code == "slot_unknown"


def test_two_editors_never_overwrite_each_other(session: Session, editor: Person, make_lesson: MakeLesson) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson(title="滩羊")), editor, NOW, version=0)
    other = slot(make_lesson(), start=EVENING + timedelta(days=1))
    with pytest.raises(DraftMovedOn) as refusal:
        service.edit(session, layer, other, editor, NOW, version=0)
    assert [(change.kind, change.after is not None) for change in refusal.value.changes] == [
        (plans.ChangeKind.ADDED, True)
    ]
    assert refusal.value.by == editor.id
    assert len(draft_of(session, layer).slots) == 1


def test_undo_goes_back_step_by_step_and_no_further(session: Session, editor: Person, make_lesson: MakeLesson) -> None:
    layer = service.layer_of(session, COUNTY)
    for days in range(3):
        service.edit(session, layer, slot(make_lesson(), start=EVENING + timedelta(days=days)), editor, NOW)
    for left in (2, 1, 0):
        service.undo(session, layer, editor, NOW)
        assert len(draft_of(session, layer).slots) == left
    with pytest.raises(Conflict):
        service.undo(session, layer, editor, NOW)
    assert service.undoable(session, layer) is None
    assert not layer.changed
    service.edit(session, layer, slot(make_lesson()), editor, NOW)
    service.undo(session, layer, editor, NOW)
    assert draft_of(session, layer).slots == ()


def test_a_lesson_of_another_county_stays_there(session: Session, editor: Person, make_lesson: MakeLesson) -> None:
    lesson = make_lesson()
    lesson.course.region_code = "640202"
    session.flush()
    with pytest.raises(EditRefused) as refusal:
        service.edit(session, service.layer_of(session, COUNTY), slot(lesson), editor, NOW)
    assert refusal.value.code == "lesson_elsewhere"
    lesson.course.region_code = CITY
    session.flush()
    service.edit(session, service.layer_of(session, VILLAGE), slot(lesson), editor, NOW)
