"""Edits of plans, purely: what each does, that none loses another's work, and that differences tell all of it."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.timetable import edits, plans
from contentserver.timetable.edits import (
    AcceptLoss,
    AddRepeat,
    AddSlot,
    AnyEdit,
    BringBack,
    CancelEvening,
    ChangeSlot,
    EditImpossible,
    Known,
    MoveEvening,
    MoveSlot,
    Paste,
    RemoveSlot,
    ReplaceEvening,
    RestoreEvening,
    StretchSlot,
    shifted_slots,
)
from contentserver.timetable.plans import ChangeKind, PlanDocument, PlannedSlot
from schedules.airings import AiringId, LessonCard, LessonId, PackageName, Rank, SlotId
from schedules.slots import Episode, SlotInvalid

MONDAY = datetime(2026, 11, 23, 19, 30)  # noqa: DTZ001  # wall-clock time
WEEK = timedelta(days=7)


def _known(*more: PlannedSlot) -> Known:
    numbers = count(1)
    episodes = {
        key: Episode(
            lesson=LessonCard(id=LessonId(key), title=key, course="课"), package=PackageName(key), duration_ms=60_000
        )
        for key in "abc"
    }
    standing = PlanDocument(slots=(_slot("w", "a"), _slot("s", "a", "b", "c"), *more))
    slots = {slot.id: slot for slot in plans.resolved(standing, episodes).slots}
    return Known(
        new_id=lambda: f"new-{next(numbers)}",
        slots=slots,
        lesson_then=lambda _slot_, planned: "abc"[min(2, (planned - MONDAY).days // 7)],
    )


def _slot(key: str, *lessons: str, rule: str = "FREQ=WEEKLY") -> PlannedSlot:
    return PlannedSlot(id=SlotId(key), lessons=lessons, local_start=MONDAY, rule=rule)


WEEKLY = PlanDocument(slots=(_slot("w", "a"),))
SERIES = PlanDocument(slots=(_slot("s", "a", "b", "c"),))
ONCE = PlanDocument(slots=(_slot("o", "a", rule=""),))


def test_a_single_showing_moves_itself_and_a_weekly_one_by_an_override() -> None:
    move = MoveEvening(slot=SlotId("o"), planned=MONDAY, moved_to=MONDAY + timedelta(hours=1))
    (moved,) = edits.apply(ONCE, move, _known()).slots
    assert moved.local_start == MONDAY + timedelta(hours=1)
    weekly = edits.apply(WEEKLY, MoveEvening(slot=SlotId("w"), planned=MONDAY, moved_to=MONDAY + WEEK / 7), _known())
    assert weekly.slots == WEEKLY.slots
    assert [override.moved_to for override in weekly.overrides] == [MONDAY + WEEK / 7]
    restored = edits.apply(weekly, RestoreEvening(slot=SlotId("w"), planned=MONDAY), _known())
    assert restored == WEEKLY


def test_an_evening_may_be_moved_and_have_another_lesson() -> None:
    plan = edits.apply(WEEKLY, ReplaceEvening(slot=SlotId("w"), planned=MONDAY, lesson="b"), _known())
    plan = edits.apply(plan, MoveEvening(slot=SlotId("w"), planned=MONDAY, moved_to=MONDAY + WEEK / 7), _known())
    (override,) = plan.overrides
    assert (override.lesson, override.moved_to, override.cancelled) == ("b", MONDAY + WEEK / 7, False)
    plan = edits.apply(plan, CancelEvening(slot=SlotId("w"), planned=MONDAY), _known())
    assert [one.cancelled for one in plan.overrides] == [True]


def test_moving_all_later_ones_leaves_the_past_and_shifts_the_weekdays() -> None:
    plan = PlanDocument(slots=(_slot("w", "a", rule="FREQ=WEEKLY;BYDAY=MO,FR"),))
    move = MoveSlot(slot=SlotId("w"), planned=MONDAY + WEEK, moved_to=MONDAY + WEEK + timedelta(days=1, minutes=5))
    before, after = edits.apply(plan, move, _known(*plan.slots)).slots
    assert before.rule.endswith("UNTIL=20261130T192959")
    assert (after.local_start, after.rule) == (MONDAY + WEEK + timedelta(days=1, minutes=5), "FREQ=WEEKLY;BYDAY=TU,SA")


def test_moving_a_series_from_its_second_week_takes_the_rest_of_it_along() -> None:
    move = MoveSlot(slot=SlotId("s"), planned=MONDAY + WEEK, moved_to=MONDAY + WEEK + timedelta(days=2))
    before, after = edits.apply(SERIES, move, _known()).slots
    assert before.lessons == ("a", "b", "c")
    assert after.lessons == ("b", "c")


def test_removing_from_an_evening_on_keeps_what_was_before() -> None:
    plan = edits.apply(WEEKLY, AddRepeat(slot=SlotId("w"), days_later=1, at_min=720), _known())
    ended = edits.apply(plan, RemoveSlot(slot=SlotId("w"), planned=MONDAY + WEEK), _known())
    assert [slot.rule.partition("UNTIL=")[2] for slot in ended.slots] == ["20261130T192959"]
    assert ended.repeats == plan.repeats
    gone = edits.apply(plan, RemoveSlot(slot=SlotId("w")), _known())
    assert (gone.slots, gone.repeats) == ((), ())


def test_stretching_repeats_a_single_showing_daily() -> None:
    plan = edits.apply(ONCE, StretchSlot(slot=SlotId("o"), until=(MONDAY + timedelta(days=3)).date()), _known())
    assert plan.slots[0].rule == "FREQ=DAILY;UNTIL=20261126T235959"
    assert edits.apply(plan, StretchSlot(slot=SlotId("o"), until=MONDAY.date()), _known()) == ONCE
    with pytest.raises(EditImpossible, match="not_daily"):
        edits.apply(WEEKLY, StretchSlot(slot=SlotId("w"), until=MONDAY.date()), _known())
    with pytest.raises(EditImpossible, match="ends_before"):
        edits.apply(ONCE, StretchSlot(slot=SlotId("o"), until=(MONDAY - WEEK).date()), _known())


@pytest.mark.parametrize(
    "edit",
    [
        RemoveSlot(slot=SlotId("x")),
        ChangeSlot(slot=SlotId("x"), rank=Rank.MANDATORY),
        CancelEvening(slot=SlotId("x"), planned=MONDAY),
        edits.RemoveRepeat(repeat=SlotId("x")),
        edits.AddMakeUp(airing=AiringId("x"), start=MONDAY),
        AddSlot(lessons=(), local_start=MONDAY),
        ChangeSlot(slot=SlotId("w"), lessons=()),
    ],
)
def test_what_the_plan_does_not_hold_cannot_be_edited(edit: AnyEdit) -> None:
    with pytest.raises(EditImpossible):
        edits.apply(WEEKLY, edit, _known())


def test_days_that_a_rule_names_by_number_do_not_move() -> None:
    plan = PlanDocument(slots=(_slot("w", "a", rule="FREQ=MONTHLY;BYDAY=2TU"),))
    with pytest.raises(SlotInvalid, match="rule_not_movable"):
        edits.apply(plan, MoveSlot(slot=SlotId("w"), planned=MONDAY, moved_to=MONDAY + timedelta(days=1)), _known())


def test_only_whole_weeks_shift_slots() -> None:
    (shifted,) = shifted_slots((_slot("w", "a"),), WEEK * 2)
    assert shifted.local_start == MONDAY + WEEK * 2
    with pytest.raises(SlotInvalid):
        shifted_slots((_slot("w", "a"),), timedelta(days=3))


evenings = st.integers(0, 8).map(lambda week: MONDAY + week * WEEK)
some_edits = st.one_of(
    st.builds(
        AddSlot,
        lessons=st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple),
        local_start=evenings,
        rule=st.sampled_from(["", "FREQ=WEEKLY", "FREQ=DAILY;UNTIL=20270101T000000"]),
        rank=st.sampled_from(Rank),
    ),
    st.builds(MoveEvening, slot=st.just(SlotId("w")), planned=evenings, moved_to=evenings),
    st.builds(CancelEvening, slot=st.just(SlotId("w")), planned=evenings),
    st.builds(RestoreEvening, slot=st.just(SlotId("w")), planned=evenings),
    st.builds(ReplaceEvening, slot=st.just(SlotId("w")), planned=evenings, lesson=st.sampled_from("abc")),
    st.builds(AddRepeat, slot=st.just(SlotId("w")), days_later=st.integers(0, 9), at_min=st.integers(0, 1440)),
    st.builds(ChangeSlot, slot=st.just(SlotId("w")), rank=st.sampled_from(Rank)),
    st.builds(AcceptLoss, airing=st.just(AiringId("a"))),
    st.builds(Paste, slots=st.just((_slot("elsewhere", "b"),))),
)


@given(st.lists(some_edits, max_size=12))
def test_any_edits_keep_a_plan_that_is_written_and_read_unchanged(made: list[AnyEdit]) -> None:
    known, plan = _known(), WEEKLY
    for edit in made:
        plan = edits.apply(plan, edit, known)
        assert plans.read(plans.written(plan)) == plan
        assert len({slot.id for slot in plan.slots}) == len(plan.slots)
        keys = [(override.slot, override.planned) for override in plan.overrides]
        assert len(set(keys)) == len(keys)
    assert edits.apply(plan, BringBack(document=WEEKLY), known) == WEEKLY


@given(st.lists(some_edits, max_size=8), st.lists(some_edits, max_size=8))
def test_the_difference_of_two_plans_names_every_slot_and_evening_that_differs(
    first: list[AnyEdit], second: list[AnyEdit]
) -> None:
    known = _known()
    old = new = WEEKLY
    for edit in first:
        old = edits.apply(old, edit, known)
    new = old
    for edit in second:
        new = edits.apply(new, edit, known)
    found = plans.difference(old, new)
    assert {change.slot for change in found if change.before or change.after} == {
        slot.id for slot in {*old.slots, *new.slots} if (slot in old.slots) != (slot in new.slots)
    }
    assert {(change.slot, change.evening) for change in found if change.evening} == {
        (one.slot, one.planned)
        for one in (*old.overrides, *new.overrides)
        if (one in old.overrides) != (one in new.overrides)
    }
    assert plans.difference(new, new) == ()
    kinds = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}
    back = {(change.slot, change.evening, change.repeat, change.kind) for change in plans.difference(new, old)}
    for change in found:
        if change.repeat is None and change.make_up is None:
            assert (change.slot, change.evening, None, kinds.get(change.kind, change.kind)) in back
