"""iCalendar: golden files, slots that come back as they went, and calendars of others, whole or hostile."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from schedules.airings import Rank, SlotId
from schedules.exchange.icalendar import read_slots, write_airings, write_slots
from schedules.exchange.imports import MAX_BYTES, FileRefused, Imported, imported_slot_id
from schedules.recurrence import expand
from schedules.slots import Days, Slot
from tests.schedules.exchange.samples import GOLDEN, LESSONS, PLAIN, PROGRAMME, SERIES, STAMP, WINDOW, lesson, wall

RULES = ("", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;COUNT=3;BYDAY=-1SU", "FREQ=DAILY;UNTIL=20261205")


def test_the_golden_feed_is_written_unchanged() -> None:
    assert write_airings("马场村站", PROGRAMME.airings, stamp=STAMP) == (GOLDEN / "machang.ics").read_bytes()


def test_the_golden_slots_are_written_unchanged_and_read() -> None:
    golden = (GOLDEN / "slots.ics").read_bytes()
    assert write_slots("惠农区", [PLAIN], stamp=STAMP) == golden
    assert read_slots(golden, LESSONS, zone="Asia/Shanghai") == Imported(slots=(_imported(PLAIN),))


def test_a_feed_holds_every_airing_under_its_id() -> None:
    events = Calendar.from_ical(write_airings("站", PROGRAMME.airings, stamp=STAMP)).walk("VEVENT")
    found = [
        (str(event["uid"]), event.decoded("dtstart"), event.decoded("dtend"), str(event["summary"])) for event in events
    ]
    assert found == [(f"{one.id}@yuanjiao", one.start, one.end, one.lesson.title) for one in PROGRAMME.airings]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.integers(0, 30 * 24 * 60),
            st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin"]),
            st.sampled_from(RULES),
            st.sampled_from(Rank),
            st.sampled_from(Days),
            st.sets(st.integers(1, 5), max_size=3),
        ),
        max_size=4,
    )
)
def test_slots_come_back_as_they_went(
    wanted: list[tuple[int, int, str, str, Rank, Days, set[int]]],
) -> None:
    slots = []
    for place, (number, minute, zone, rule, rank, days, skipped) in enumerate(wanted):
        episode, start = lesson(number), wall(1, 0) + timedelta(minutes=minute)
        slots.append(
            Slot(
                id=SlotId(str(place)),
                lesson=episode.lesson,
                package=episode.package,
                duration_ms=episode.duration_ms,
                local_start=start,
                zone=zone,
                rule=rule,
                rank=rank,
                days=days,
                exceptions=tuple(start + timedelta(days=day) for day in sorted(skipped)),
            )
        )
    read = read_slots(write_slots("层", slots, stamp=STAMP), LESSONS, zone="Asia/Shanghai")
    assert read == Imported(slots=tuple(_imported(slot) for slot in slots))


def test_a_series_is_told_by_its_airings_alone() -> None:
    with pytest.raises(ValueError, match="series"):
        write_slots("层", [SERIES], stamp=STAMP)


def test_times_in_utc_and_floating_times_are_read_in_the_zone_given() -> None:
    read = _read("DTSTART:20261123T113000Z\nUID:a", "DTSTART:20261123T193000\nUID:b\nRRULE:FREQ=WEEKLY;COUNT=2")
    assert [(slot.local_start, slot.zone) for slot in read.slots] == [(wall(23, 19, 30), "Asia/Shanghai")] * 2
    assert [one.start.day for one in expand(read.slots[1], *WINDOW)] == [23, 30]


def test_every_event_that_cannot_be_planned_is_named() -> None:
    read = _read(
        "DTSTART:20261123T193000",
        "DTSTART;VALUE=DATE:20261123\nUID:b",
        "UID:c",
        "UID:d\nDTSTART:20261123T193000\nRRULE:FREQ=MINUTELY",
        "UID:e\nDTSTART:20261123T193000\nRDATE:20261124T193000",
        "UID:f\nDTSTART:20261123T193000\nRECURRENCE-ID:20261124T193000",
        "UID:g\nDTSTART:20261123T193000\nX-YUANJIAO-RANK:highest",
        "UID:h\nDTSTART:20261123T193000\nX-YUANJIAO-LESSON:nobody knows it",
        "UID:i\nDTSTART:20261123T193000\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY",
        "UID:j\nDTSTART:20261123T193000\nRRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20261124",
        "UID:k\nDTSTART:20261123T193000",
        "UID:l\nDTSTART:20261323T193000",
    )
    assert [slot.id for slot in read.slots] == [imported_slot_id("k")]
    assert [(fault.row, fault.field, fault.code) for fault in read.faults] == [
        (1, "UID", "missing"),
        (2, "DTSTART", "no_time"),
        (3, "DTSTART", "missing"),
        (4, "RRULE", "too_many_occurrences"),
        (5, "RDATE", "not_supported"),
        (6, "RECURRENCE-ID", "not_supported"),
        (7, "X-YUANJIAO-RANK", "unknown_word"),
        (8, "SUMMARY", "lesson_unknown"),
        (9, "RRULE", "not_supported"),
        (10, "EXDATE", "no_time"),
        (12, "DTSTART", "unreadable"),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable"),
        (b"no calendar", "unreadable"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "unreadable"),
        (b"\xff\xfe\x00", "unreadable"),
        (b"BEGIN:VCALENDAR\r\n" + b"X" * MAX_BYTES, "too_large"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 2001 + b"END:VCALENDAR\n", "too_many_rows"),
    ],
    ids=["empty", "other", "cut", "bytes", "large", "many"],
)
def test_what_is_no_calendar_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_slots(data, LESSONS, zone="Asia/Shanghai")
    assert refused.value.code == code


@given(st.integers(0, 5000), st.binary(min_size=1, max_size=8))
def test_a_damaged_calendar_is_read_or_refused_and_nothing_else(place: int, damage: bytes) -> None:
    whole = (GOLDEN / "slots.ics").read_bytes()
    place %= len(whole)
    try:
        read = read_slots(whole[:place] + damage + whole[place + len(damage) :], LESSONS, zone="Asia/Shanghai")
    except FileRefused:
        return
    assert len(read.slots) + len(read.faults) <= 1


def test_the_same_airings_give_the_same_bytes() -> None:
    shuffled = tuple(reversed(PROGRAMME.airings))
    local = datetime.fromtimestamp(STAMP.timestamp(), tz=UTC)
    assert write_airings("站", shuffled, stamp=local) == write_airings("站", PROGRAMME.airings, stamp=STAMP)


def _read(*events: str) -> Imported:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//other//"]
    for event in events:
        lines += ["BEGIN:VEVENT", f"SUMMARY:{lesson(1).lesson.title}", *event.split("\n"), "END:VEVENT"]
    return read_slots("\r\n".join([*lines, "END:VCALENDAR", ""]).encode(), LESSONS, zone="Asia/Shanghai")


def _imported(slot: Slot) -> Slot:
    return msgspec.structs.replace(slot, id=imported_slot_id(f"{slot.id}@yuanjiao"))
