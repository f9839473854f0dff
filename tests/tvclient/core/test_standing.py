"""Where the box stands is a fact of its own: written once, before the facts that follow it, and at each move."""

from schedules.wire.messages import SignedIn, StationCard, StationEntered
from tests.tvclient.evening import NOON, ROSTER, WANG, Television, airing, stored
from tvclient.core import effects, events
from tvclient.core.state import State
from tvclient.core.step import step

MACHANG, HONGXING = StationCard(id="machang", name="马场村"), StationCard(id="hongxing", name="红星村")


def test_the_station_is_the_journals_first_fact_and_is_said_once() -> None:
    tv = Television(NOON)
    tv.take(events.StationChanged(MACHANG))
    tv.take(events.StationChanged(MACHANG))
    assert tv.facts == [StationEntered(station="machang")]


def test_a_move_stands_in_the_order_of_the_facts() -> None:
    one = airing()
    tv = Television(NOON)
    for event in (
        events.StationChanged(MACHANG),
        events.RosterChanged(ROSTER),
        events.TimetableChanged((one,)),
        stored(one),
    ):
        tv.take(event)
    tv.press(events.Key.GREEN)
    tv.type(WANG.number)
    tv.press(events.Key.OK)
    tv.take(events.StationChanged(HONGXING))
    kinds = [type(fact) for fact in tv.facts if isinstance(fact, StationEntered | SignedIn)]
    assert kinds == [StationEntered, SignedIn, StationEntered]
    assert tv.facts_of(StationEntered)[-1] == StationEntered(station="hongxing")


def test_a_restart_remembers_what_the_journal_says() -> None:
    state, _ = step(State(now=NOON), events.SignInsRestored({}, entered="machang"), NOON)
    _, same = step(state, events.StationChanged(MACHANG), NOON)
    _, moved = step(state, events.StationChanged(HONGXING), NOON)
    assert effects.Record(StationEntered(station="machang")) not in same
    assert effects.Record(StationEntered(station="hongxing")) in moved
