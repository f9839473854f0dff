"""Every control of every screen is reached and left with five keys; the focus is never nowhere."""

from collections import deque
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.tvclient.core.answering import all_stored, answers_of
from tests.tvclient.core.asking import quizzes_of
from tests.tvclient.core.told import documents_of, notices_of
from tests.tvclient.core.trading import market_of
from tests.tvclient.evening import NOON, ROSTER, Television, airing, alert, library_of, stored, village_of
from tvclient.core import events
from tvclient.core.events import Key, KeyPressed
from tvclient.core.focus import move
from tvclient.core.geometry import HEIGHT, SAFE_X, SAFE_Y, WIDTH, Direction, Focusable, FocusId, Rect
from tvclient.core.keys import focused
from tvclient.core.pages import focusables, today
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen, State
from tvclient.core.step import step

MINUTE = timedelta(minutes=1)
ARROWS = (Key.UP, Key.DOWN, Key.LEFT, Key.RIGHT)
WAYS = ((), *((Key.MENU, Key.MENU, Key.DOWN, *(Key.RIGHT,) * places, Key.OK) for places in range(len(today.PLACES))))
"""To the screens behind the buttons below today's programme; over a lesson the first press only reveals."""

_SETTINGS = [screen for _place, screen in today.PLACES].index(Screen.SETTINGS)
TO_NOTICES = (Key.MENU, Key.MENU, Key.UP, Key.OK)
TO_ANSWERS = (Key.HOME, Key.BLUE, Key.DOWN, Key.DOWN, Key.DOWN, Key.OK)
TO_LEARNING = (*WAYS[1 + _SETTINGS], *(Key.DOWN,) * 4, Key.OK)


def evening(
    minutes: list[int],
    now_minute: int,
    keys: list[Key],
    *,
    enrolled: bool = True,
    warnings: int = 0,
    unknown: int = 0,
    shelf: int = 0,
    people: int = 0,
    traded: int = 0,
    told: int = 0,
    sent: int = 0,
    asked: int = 0,
    answered: int = 0,
) -> State:
    """A television with airings at these minutes, at this minute, after these keys and so many unknown ones.

    So many lessons are on the shelf, so many people on the roll, so many prices and offers in the market's paper, so
    many notices, so many documents, so many questions are asked, so many are answered, with files of which most are
    here. Then come so many alerts.
    """
    starts = sorted(set(minutes))
    airings = tuple(airing(start=NOON + minute * MINUTE, seconds=59, slot=f"s{minute}") for minute in starts)
    tv = Television(NOON + now_minute * MINUTE + timedelta(seconds=1), enrolled=enrolled)
    tv.take(events.RosterChanged(village_of(people) if people else ROSTER))
    tv.take(events.LibraryChanged(library_of(shelf)))
    tv.take(events.PaperChanged(notices_of(told, tv.now)))
    tv.take(events.PaperChanged(documents_of(sent, tv.now)))
    tv.take(events.PaperChanged(market_of(traded, traded // 2, tv.now)))
    tv.take(events.PaperChanged(quizzes_of(asked)))
    tv.take(events.PaperChanged(answers_of(answered, tv.now)))
    tv.take(events.FilesChanged(frozenset(one for one in all_stored(answers_of(answered, tv.now)) if "1" not in one)))
    tv.take(stored(*airings))
    tv.take(events.TimetableChanged(airings))
    tv.press(*keys)
    for code in range(unknown):
        tv.take(events.RawKey("remote", code))
    tv.take(events.AlertsChanged(tuple(alert(f"w{n}", sent=tv.now) for n in range(warnings))))
    return tv.state


keys = st.builds(
    lambda way, more: [*way, *more],
    st.sampled_from(
        (
            *WAYS,
            TO_LEARNING,
            TO_NOTICES,
            (*TO_NOTICES, Key.OK),
            (*TO_NOTICES, Key.OK, Key.OK),
            TO_ANSWERS,
            (*TO_ANSWERS, Key.OK),
        )
    ),
    st.lists(st.sampled_from(list(Key)), max_size=14),
)
quiet_states = st.builds(
    evening,
    st.lists(st.integers(-30, 40), max_size=13),
    st.integers(-10, 40),
    keys,
    enrolled=st.booleans(),
    unknown=st.integers(0, 21),
    shelf=st.integers(0, 40),
    people=st.integers(0, 40),
    traded=st.integers(0, 24),
    told=st.integers(0, 9),
    sent=st.integers(0, 9),
    asked=st.integers(0, 3),
    answered=st.integers(0, 9),
)
states = st.builds(
    evening,
    st.lists(st.integers(-30, 40), max_size=13),
    st.integers(-10, 40),
    keys,
    enrolled=st.booleans(),
    warnings=st.integers(0, 2),
    shelf=st.integers(0, 40),
    people=st.integers(0, 40),
    unknown=st.integers(0, 21),
    traded=st.integers(0, 24),
    told=st.integers(0, 9),
    sent=st.integers(0, 9),
    asked=st.integers(0, 3),
    answered=st.integers(0, 9),
)


def press(state: State, key: Key) -> State:
    return step(state, KeyPressed(key), state.now)[0]


def test_the_ways_lead_to_every_screen_behind_the_programme() -> None:
    reached = {current_screen(evening([0, 10], -9, list(way))) for way in WAYS}
    assert reached >= {screen for _button, screen in today.PLACES}


@given(states)
def test_the_focus_is_never_nowhere(state: State) -> None:
    things = {thing.id for thing in focusables(state)}
    if things:
        assert focused(state) in things
    else:
        assert current_screen(state) is Screen.BROADCAST
        assert focused(press(state, Key.OK)) is not None


@settings(deadline=None)
@given(states)
def test_arrows_reach_every_thing_and_leave_it_again(state: State) -> None:
    state = press(state, Key.UP) if not focusables(state) else state
    screen, things = current_screen(state), {thing.id for thing in focusables(state)}
    ways: dict[FocusId, set[FocusId]] = {}
    waiting, seen = deque([state]), set()
    while waiting:
        here = waiting.popleft()
        at = focused(here)
        assert at is not None
        memory = (at, tuple(sorted(here.remembered.items())))
        if memory in seen:
            continue
        seen.add(memory)
        for key in ARROWS:
            there = press(here, key)
            assert current_screen(there) is screen
            reached = focused(there)
            assert reached is not None
            ways.setdefault(at, set()).add(reached)
            if len(ways) < len(things) or reached not in ways:
                waiting.append(there)
    assert things <= set(ways)
    if len(things) > 1:
        assert all(targets - {at} for at, targets in ways.items())


@given(states)
def test_a_refresh_of_everything_keeps_the_focus(state: State) -> None:
    before = focused(state)
    for event in (
        events.TimetableChanged(state.timetable),
        events.RosterChanged(state.roster),
        events.PackagesChanged(state.packages),
        events.LinkChanged(True),
        events.LinkChanged(False),
        events.Ticked(),
    ):
        state, _ = step(state, event, state.now)
    assert focused(state) == before


@given(states)
def test_an_alert_is_answered_with_ok_alone_and_leaves_everything_as_it_was(state: State) -> None:
    below = replace(state, alerts=())
    for _alert in state.alerts:
        if current_screen(state) is not Screen.ALERT:
            assert current_screen(state) is Screen.ENROLMENT
            return
        (thing,) = focusables(state)
        assert focused(state) == thing.id
        for key in Key:
            if key is not Key.OK:
                assert current_screen(press(state, key)) is Screen.ALERT
        later = state.now + timedelta(seconds=2)
        state, _ = step(state, KeyPressed(Key.OK), later)
    if state.alerts:
        quiet, _ = step(below, events.Ticked(), state.now)
        assert (current_screen(state), focused(state)) == (current_screen(quiet), focused(quiet))


@given(quiet_states)
def test_back_climbs_home_and_stays_there(state: State) -> None:
    depth = len(state.over_home)
    for _ in range(depth + 2):
        before = len(state.over_home)
        state = press(state, Key.BACK)
        assert len(state.over_home) == max(0, before - 1)
    assert not state.over_home


@given(states)
def test_everything_stands_inside_the_safe_area_with_room_for_the_ring(state: State) -> None:
    state = press(state, Key.UP) if not focusables(state) else state
    things = focusables(state)
    for thing in things:
        rect = thing.rect
        assert rect.x >= SAFE_X
        assert rect.y >= SAFE_Y
        assert rect.x + rect.w <= WIDTH - SAFE_X
        assert rect.y + rect.h <= HEIGHT - SAFE_Y
    for one in things:
        for other in things:
            assert one is other or gap(one.rect, other.rect) >= 28


def gap(one: Rect, other: Rect) -> int:
    across = max(other.x - one.x - one.w, one.x - other.x - other.w)
    down = max(other.y - one.y - one.h, one.y - other.y - other.h)
    return max(across, down)


def thing(name: str, x: int, y: int, region: str = "r", w: int = 100, h: int = 100) -> Focusable:
    return Focusable(FocusId(name), Rect(x, y, w, h), region)


def test_down_means_down() -> None:
    things = [thing("a", 0, 0), thing("near_askew", 120, 110), thing("far_aligned", 0, 600)]
    assert move(things, FocusId("a"), Direction.DOWN, {}) == "far_aligned"
    assert move(things[:2], FocusId("a"), Direction.DOWN, {}) == "near_askew"


def test_nothing_wraps() -> None:
    things = [thing("top", 0, 0), thing("bottom", 0, 300)]
    assert move(things, FocusId("top"), Direction.UP, {}) is None
    assert move(things, FocusId("bottom"), Direction.DOWN, {}) is None
    assert move(things, FocusId("bottom"), Direction.LEFT, {}) is None


def test_a_region_gives_the_focus_back_to_the_item_that_had_it() -> None:
    things = [thing("card", 0, 0, "large", h=600), *(thing(f"side{i}", 300, 200 * i, "side") for i in range(3))]
    assert move(things, FocusId("card"), Direction.RIGHT, {"side": FocusId("side2")}) == "side2"
    assert move(things, FocusId("card"), Direction.RIGHT, {"side": FocusId("gone")}) == "side0"


def test_what_lost_its_place_is_found_again() -> None:
    assert move([thing("a", 0, 0)], FocusId("gone"), Direction.UP, {}) == "a"
    assert move([], FocusId("gone"), Direction.UP, {}) is None


def test_the_focused_card_is_followed_to_its_new_place() -> None:
    state = evening([0, 10, 20], -6, [Key.RIGHT])
    assert focused(state) == today.card(state.timetable[1].id)
    later = replace(state, over_home=(Screen.TODAY,))
    later, _ = step(later, events.TimetableChanged(state.timetable[1:]), state.now)
    assert focused(later) == today.card(state.timetable[1].id)
    assert focusables(later)[0].id == focused(later)
