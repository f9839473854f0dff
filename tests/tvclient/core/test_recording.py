"""A recorded evening is the evening: the same states and effects, whatever happened; damage is said, never guessed."""

from datetime import UTC, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.airings import AiringId
from tests.tvclient.core.test_step import happenings
from tests.tvclient.evening import NOON, ROSTER, Television, airing, library_of, stored
from tvclient.core import events
from tvclient.core.account import LONGEST, UnclearTime, account, end_of
from tvclient.core.effects import Effect
from tvclient.core.recording import (
    FORMAT,
    KINDS,
    Beginning,
    Damaged,
    begun,
    first_state,
    happened,
    over,
    replay,
    what_happened,
)
from tvclient.core.state import Language, State
from tvclient.core.step import step

BEGINNING = Beginning(at=NOON - timedelta(seconds=30))
TIMES = st.datetimes(timezones=st.just(UTC))
AIRTIMES = st.dictionaries(
    st.tuples(st.text(max_size=7), st.text()), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))).map(tuple)
)
evenings = st.lists(st.tuples(happenings, st.integers(-3000, 25_000)), max_size=60)
beginnings = st.builds(
    Beginning,
    at=st.just(BEGINNING.at),
    language=st.sampled_from(list(Language)),
    simple=st.booleans(),
    labels=st.booleans(),
    volume=st.integers(0, 100),
)
st.register_type_strategy(type(NOON), TIMES)


@settings(max_examples=200)
@given(beginnings, evenings)
def test_a_recorded_evening_gives_the_same_states_and_effects(
    beginning: Beginning, evening: list[tuple[events.Event, int]]
) -> None:
    now, state, lines = beginning.at, first_state(beginning), [begun(beginning)]
    seen: list[tuple[State, tuple[Effect, ...]]] = [(state, ())]
    for event, passed_ms in evening:
        now += timedelta(milliseconds=passed_ms)
        lines.append(happened(event, now))
        state, done = step(state, event, now)
        seen.append((state, done))
    moments = list(replay(b"".join(lines)))
    assert [(one.state, one.effects) for one in moments] == seen
    assert [one.event for one in moments[1:]] == [event for event, _passed in evening]
    assert all(line and "\n" not in line for line in account(moments, states=True))


@settings(max_examples=20)
@given(st.data())
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_event_there_is_can_be_written_down(kind: type[events.Event], data: st.DataObject) -> None:
    event = data.draw(st.builds(kind, airtime=AIRTIMES) if kind is events.SignInsRestored else st.from_type(kind))
    line = happened(event, NOON)
    assert line.count(b"\n") == 1
    assert msgspec.json.decode(line)["event"] == kind.__name__
    again, at = what_happened(line)
    assert again == event
    assert type(again) is kind
    assert at == NOON


@given(evenings, st.data())
def test_a_torn_last_line_is_passed_over(evening: list[tuple[events.Event, int]], data: st.DataObject) -> None:
    lines = [begun(BEGINNING), *(happened(event, NOON) for event, _passed in evening)]
    whole = b"".join(lines)
    cut = data.draw(st.integers(len(lines[0]), len(whole)))
    kept = list(replay(whole[:cut]))
    everything = list(replay(whole))
    assert kept == everything[: len(kept)]
    written = whole[:cut].count(b"\n")
    assert len(kept) in (written, written + 1)


def test_a_line_that_lacks_nothing_but_its_end_counts() -> None:
    (*_before, last) = replay(begun(BEGINNING) + happened(events.Enrolled(), NOON).rstrip())
    assert last.event == events.Enrolled()


def test_another_start_in_the_same_file_is_a_new_television() -> None:
    other = Beginning(at=NOON, language=Language.EN, volume=40)
    data = begun(BEGINNING) + happened(events.Enrolled(), NOON) + begun(other) + happened(events.Ticked(), NOON)
    moments = list(replay(data))
    assert moments[2].state == first_state(other)
    assert not moments[3].state.enrolment.plays
    assert sum("the television begins" in line for line in account(moments)) == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no recording"),
        (b"\n", "Line 1"),
        (b"\x89PNG\r\n\x1a\n", "Line 1"),
        (b'{"at":"2026-11-23T11:30:00Z","event":"Ticked"}\n', "no recording"),
        (begun(Beginning(at=NOON, recording=FORMAT + 1)), f"format {FORMAT + 1}"),
        (begun(BEGINNING) + b'{"at":"2026-11-23T11:30:00Z","event":"Danced"}\n', "Line 2: this program knows no event"),
        (begun(BEGINNING) + b'{"at":"2026-11-23T11:30:00","event":"Ticked"}\n', "Line 2 is damaged"),
        (begun(BEGINNING) + b'{"at":"2026-11-23T11:30:00Z","event":"KeyPressed"}\n', "Line 2 is damaged"),
        (begun(BEGINNING) + b"\x00\x00\n" + happened(events.Ticked(), NOON), "Line 2 is damaged"),
        (
            begun(BEGINNING)
            + happened(stored(airing()), NOON)
            + happened(events.TimetableChanged((airing(),)), NOON)
            .replace(b"11:30:00Z", b"11:30:00")
            .replace(b'{"at":"2026-11-23T11:30:00"', b'{"at":"2026-11-23T11:30:00Z"', 1),
            "Line 3 is damaged",
        ),
    ],
)
def test_damage_is_said_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(Damaged, match=r"\.$") as said:
        list(replay(data))
    assert words in str(said.value)


def test_an_evening_before_the_television_is_what_was_shown() -> None:
    one = airing(seconds=40)
    tv = Television(NOON - timedelta(minutes=6))
    tv.take(events.RosterChanged(ROSTER))
    tv.take(events.LibraryChanged(library_of(12)))
    tv.take(stored(one))
    tv.take(events.TimetableChanged((one,)))
    tv.run(NOON + timedelta(seconds=10))
    tv.press(events.Key.GREEN, events.Key.OK, events.Key.BACK, events.Key.BACK)
    tv.run(NOON + timedelta(seconds=50))
    moments = list(replay(tv.recording))
    assert [one.state for one in moments] == tv.states
    assert [effect for one in moments for effect in one.effects] == tv.effects
    assert len({id(state) for state in tv.states}) > 1000


def test_an_account_tells_keys_screens_and_deeds_and_no_ticks() -> None:
    tv = Television(NOON - timedelta(minutes=6))
    tv.take(events.RosterChanged(ROSTER))
    tv.take(stored(airing()))
    tv.take(events.TimetableChanged((airing(),)))
    tv.run(NOON - timedelta(minutes=1))
    tv.press(events.Key.GREEN)
    lines = list(account(replay(tv.recording)))
    assert "19:25:00.000  time" in "\n".join(lines)
    assert lines[-1].startswith("19:29:00.000  key green")
    assert "names · focus member." in lines[-1]
    assert len(lines) < 12 < len(tv.states)
    assert [line[:12] for line in lines[1:]] == sorted(line[:12] for line in lines[1:])
    told = list(account(replay(tv.recording), states=True))
    assert [line for line in told if not line.startswith(" ")] == lines
    assert any(line.strip().startswith("over_home = ") for line in told)
    assert all(len(line.split(" = ", 1)[1]) <= LONGEST for line in told if line.startswith(" "))


def test_why_a_recording_stops_is_told() -> None:
    data = begun(BEGINNING) + over("The recording stops here: it is full.", NOON)
    assert list(account(replay(data)))[-1] == "19:30:00.000  The recording stops here: it is full."


@pytest.mark.parametrize(
    ("text", "hours"),
    [("19:45", 0.25), ("19:45:00", 0.25), ("01:30", 6), ("2026-11-23T20:30", 1), ("2026-11-23T12:30:00+00:00", 1)],
)
def test_an_end_is_a_time_of_the_villages_clock(text: str, hours: float) -> None:
    assert end_of(text, NOON) == NOON + timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "soon", "25:00", "19:60"])
def test_an_unclear_end_is_said(text: str) -> None:
    with pytest.raises(UnclearTime, match="a time such as"):
        end_of(text, NOON)


def test_what_has_no_order_is_written_in_one() -> None:
    names = [f"airing-{place:02}" for place in range(30)]
    line = happened(events.SignInsRestored({}, frozenset(map(AiringId, names))), NOON)
    assert msgspec.json.decode(line)["value"]["started"] == names
