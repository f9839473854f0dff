"""Any order of events: never an exception, never two airings, never a lost focus, and the same again on replay."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.layers import Layer, region_layer
from schedules.merge import merge
from schedules.wire.messages import (
    AiringEnded,
    AiringMissed,
    AiringStarted,
    PackageReport,
    PackageState,
    PlaybackSpan,
    StationCard,
)
from tests.tvclient.core.answering import answers_of
from tests.tvclient.core.asking import quizzes_of
from tests.tvclient.evening import NOON, ROSTER, airing, alert
from tvclient.core import effects, events
from tvclient.core.keys import focused
from tvclient.core.pages import focusables
from tvclient.core.screens import current_screen, home_screen, picture, readiness, today_cards
from tvclient.core.state import Screen, State, Stick, StickPhase
from tvclient.core.step import step

AIRINGS = [
    airing(start=NOON + timedelta(seconds=offset), seconds=length, package=f"sha256-{offset % 3}", slot=f"{offset}")
    for offset, length in ((0, 40), (40, 30), (75, 60), (200, 20), (900, 60))
]
ALERTS = [
    alert("a", sent=NOON),
    alert("b", sent=NOON + timedelta(seconds=20), effective=NOON + timedelta(seconds=50), seconds=90),
    alert("c", sent=NOON - timedelta(seconds=20), seconds=30, references=("a",)),
]
PACKAGES = sorted({one.package for one in AIRINGS})

timetables = st.lists(st.sampled_from(AIRINGS), unique_by=lambda one: one.id).map(
    lambda some: merge([Layer(id=region_layer("64"), owner="x", depth=0, revision=1, airings=tuple(some))]).airings
)
ids = st.sampled_from([one.id for one in AIRINGS])
positions = st.integers(0, 70_000)
reports = st.builds(PackageReport, state=st.sampled_from(list(PackageState)))
happenings: st.SearchStrategy[events.Event] = st.one_of(
    st.builds(events.KeyPressed, st.sampled_from(list(events.Key)), st.booleans()),
    st.just(events.Ticked()),
    st.just(events.ServerUnreachable()),
    st.just(events.ClaimOffered("7K4M-92QP", "http://x")),
    st.just(events.Enrolled()),
    st.just(events.EnrolmentEnded("Another stands here now.")),
    st.builds(events.LinkChanged, st.booleans()),
    st.builds(events.StationChanged, st.sampled_from([StationCard(id=one, name=one) for one in "ab"])),
    st.builds(events.FactsHeldBack, st.integers(0, 3)),
    st.builds(events.StickChanged, st.one_of(st.none(), st.builds(Stick, st.sampled_from(list(StickPhase))))),
    st.builds(events.TimetableChanged, timetables),
    st.just(events.RosterChanged(ROSTER)),
    st.builds(events.PaperChanged, st.builds(quizzes_of, st.integers(0, 4), st.integers(2, 4))),
    st.builds(events.PaperChanged, st.builds(answers_of, st.integers(0, 4), st.just(NOON))),
    st.builds(events.FilesChanged, st.frozensets(st.sampled_from(["p1.0", "v1.0", "v1.1", "v3.0"]))),
    st.builds(events.NoteEnded, st.sampled_from(["v1.0", "v1.1"])),
    st.builds(events.HelpAsked, st.sampled_from("hi"), st.just("李敏"), st.integers(1, 2)),
    st.builds(events.SupportPressed, st.sampled_from("hi"), st.sampled_from(list(events.Key))),
    st.just(events.RestartWanted()),
    st.builds(events.PackagesChanged, st.dictionaries(st.sampled_from(PACKAGES), reports)),
    st.builds(events.ClockChanged, st.booleans()),
    st.builds(
        events.AlertsChanged,
        st.lists(st.sampled_from(ALERTS), unique=True).map(tuple),
        st.frozensets(st.sampled_from(["a", "b", "elsewhere"])),
    ),
    st.builds(events.VoiceChanged, st.booleans()),
    st.builds(events.PlayerCued, ids),
    st.builds(events.PlayerMoved, ids, positions),
    st.builds(events.PlayerEnded, ids, positions),
    st.builds(events.PlayerFailed, ids, st.sampled_from(["refused", "not_stored", "player_failed"])),
)
steps = st.lists(st.tuples(happenings, st.integers(-3000, 25_000)), max_size=80)


def replay(evening: list[tuple[events.Event, int]]) -> tuple[State, list[effects.Effect], list[State]]:
    now: datetime = NOON - timedelta(seconds=30)
    state, done, states = State(now=now), list[effects.Effect](), list[State]()
    for event, passed_ms in evening:
        now += timedelta(milliseconds=passed_ms)
        state, todo = step(state, event, now)
        done.extend(todo)
        states.append(state)
    return state, done, states


@settings(max_examples=300, deadline=None)
@given(steps)
def test_the_same_evening_gives_the_same_state(evening: list[tuple[events.Event, int]]) -> None:
    assert replay(evening) == replay(evening)


@settings(max_examples=300, deadline=None)
@given(steps)
def test_the_focus_is_never_lost_and_every_question_has_an_answer(evening: list[tuple[events.Event, int]]) -> None:
    for state in replay(evening)[2]:
        things = {thing.id for thing in focusables(state)}
        assert (focused(state) in things) if things else current_screen(state) is Screen.BROADCAST
        assert picture(state) in type(picture(state))
        assert all(readiness(state, one) for one in today_cards(state))
        assert home_screen(state) is Screen.ENROLMENT or current_screen(state) is not Screen.ENROLMENT


@settings(max_examples=300, deadline=None)
@given(steps)
def test_one_airing_at_a_time_is_in_the_player(evening: list[tuple[events.Event, int]]) -> None:
    inside: str | None = None
    failed = False
    now = NOON - timedelta(seconds=30)
    state = State(now=now)
    for event, passed_ms in evening:
        now += timedelta(milliseconds=passed_ms)
        state, todo = step(state, event, now)
        failed = failed or isinstance(event, events.PlayerEnded | events.PlayerFailed)
        for effect in todo:
            match effect:
                case effects.Cue(one, _):
                    assert inside is None or failed
                    assert readiness(state, one) == "stored"
                    inside, failed = one.id, False
                case effects.Play(one):
                    assert inside == one.id
                case effects.StopPlayer():
                    inside = None
                case _:
                    pass


@settings(max_examples=300, deadline=None)
@given(steps)
def test_every_fact_of_an_airing_is_written_once_and_in_order(evening: list[tuple[events.Event, int]]) -> None:
    facts = [effect.body for effect in replay(evening)[1] if isinstance(effect, effects.Record)]
    begun = [fact.airing for fact in facts if isinstance(fact, AiringStarted)]
    over = [
        fact.airing
        for fact in facts
        if isinstance(fact, AiringMissed) or (isinstance(fact, AiringEnded) and fact.complete)
    ]
    assert len(begun) == len(set(begun))
    assert len(over) == len(set(over))
    for index, fact in enumerate(facts):
        if isinstance(fact, PlaybackSpan):
            assert fact.from_ms < fact.to_ms
            assert any(
                isinstance(earlier, AiringStarted) and earlier.airing == fact.airing for earlier in facts[:index]
            )
