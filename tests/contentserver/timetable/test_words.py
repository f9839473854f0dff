"""Differences between plans in sentences: nothing that changed is silent, nothing is said that is not so."""

from datetime import datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contentserver.timetable import words
from contentserver.timetable.plans import PlanDocument, PlannedOverride, PlannedSlot, difference
from schedules.airings import Rank, SlotId
from schedules.plans import Repeat
from schedules.slots import Days

EVENING = datetime(2026, 11, 23, 19, 30)  # noqa: DTZ001  # wall-clock time
TITLES = {"a": "Soil", "b": "Sheep", "c": "Power"}
SLOT = PlannedSlot(id=SlotId("s"), lessons=("a",), local_start=EVENING, rule="FREQ=WEEKLY")


def said(old: PlanDocument, new: PlanDocument) -> list[str]:
    return words.sentences(difference(old, new), TITLES)


def changed(**fields: object) -> str:
    (sentence,) = said(PlanDocument(slots=(SLOT,)), PlanDocument(slots=(msgspec.structs.replace(SLOT, **fields),)))
    return sentence


def test_what_is_added_names_all_that_is_not_as_usual() -> None:
    series = msgspec.structs.replace(
        SLOT,
        lessons=("a", "b", "c"),
        rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=6",
        exceptions=(EVENING + timedelta(days=7),),
        zone="Asia/Urumqi",
        days=Days.WORKING,
        rank=Rank.MANDATORY,
    )
    assert said(PlanDocument(), PlanDocument(slots=(series,))) == [
        "A series is added: 2026-11-23 Mon 19:30, Every 2 weeks Mon Thu, 6 times, Working days alone, Mandatory, "
        "by the clock of Asia/Urumqi, left out on 2026-11-30 Mon. In turn: Soil, Sheep, Power."
    ]


def test_rules_that_calendars_bring_are_said_in_words() -> None:
    assert words.repetition_of_rule("FREQ=MONTHLY;BYDAY=2TU") == "Every month the second Tue"
    assert (
        words.repetition_of_rule("FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR;COUNT=3") == "Every 2 months the last Fri, 3 times"
    )
    assert words.repetition_of_rule("FREQ=MONTHLY;BYMONTHDAY=1,15") == "Every month on day 1 on day 15"
    for odd in ("FREQ=MONTHLY;BYDAY=5TU", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY", "FREQ=WEEKLY;BYSETPOS=1"):
        assert words.repetition_of_rule(odd) == f"By the rule {odd}"


def test_exceptions_and_zone_are_not_silent() -> None:
    week = EVENING + timedelta(days=7)
    assert changed(exceptions=(week,)) == "Soil changes: left out on 2026-11-30 Mon."
    assert changed(zone="Asia/Urumqi") == "Soil changes: by the clock of Asia/Urumqi."
    many = tuple(EVENING + timedelta(days=7 * number) for number in range(1, 9))
    assert changed(exceptions=many).endswith("and 3 more.")
    (back,) = said(
        PlanDocument(slots=(msgspec.structs.replace(SLOT, exceptions=(week,)),)), PlanDocument(slots=(SLOT,))
    )
    assert back == "Soil changes: not left out any more on 2026-11-30 Mon."


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "lessons": st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple),
            "rule": st.sampled_from(("", "FREQ=DAILY", "FREQ=WEEKLY;WKST=MO", "FREQ=MONTHLY;BYMONTHDAY=1")),
            "zone": st.sampled_from(("Asia/Shanghai", "Asia/Urumqi")),
            "exceptions": st.lists(st.integers(1, 9), max_size=4).map(
                lambda weeks: tuple(EVENING + timedelta(days=7 * week) for week in weeks)
            ),
            "rank": st.sampled_from(Rank),
            "days": st.sampled_from(Days),
        },
    )
)
def test_every_change_of_a_slot_says_something(fields: dict[str, object]) -> None:
    after = msgspec.structs.replace(SLOT, **fields)
    sentences = said(PlanDocument(slots=(SLOT,)), PlanDocument(slots=(after,)))
    assert len(sentences) == (after != SLOT)
    assert all(not sentence.endswith(": .") for sentence in sentences)


def test_an_evening_of_a_slot_that_is_gone_does_not_air_as_planned_again() -> None:
    old = PlanDocument(slots=(SLOT,), overrides=(PlannedOverride(slot=SLOT.id, planned=EVENING, cancelled=True),))
    assert said(old, PlanDocument()) == ["Soil is taken out (2026-11-23 Mon 19:30, Every week, Regular)."]
    assert said(old, PlanDocument(slots=(SLOT,))) == ["Soil airs on 2026-11-23 Mon 19:30 as planned again."]


def test_an_evening_of_a_repeat_names_its_lesson() -> None:
    repeat = Repeat(id=SlotId("r"), of=SLOT.id, days_later=1, at_min=720)
    noon = EVENING.replace(hour=12, minute=0) + timedelta(days=1)
    plan = PlanDocument(slots=(SLOT,), repeats=(repeat,))
    gone = msgspec.structs.replace(plan, overrides=(PlannedOverride(slot=repeat.id, planned=noon, cancelled=True),))
    assert said(plan, gone) == ["Soil falls away on 2026-11-24 Tue 12:00."]
    assert said(PlanDocument(slots=(SLOT,)), plan) == ["Soil is repeated the next day at 12:00."]
