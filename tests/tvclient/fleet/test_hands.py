"""Hands: nobody is in two of them, nobody is forgotten, who fails stops nobody."""

import threading
from collections.abc import Iterator

import pytest

from tests.tvclient.awaiting import eventually
from tvclient.fleet import hands as module
from tvclient.fleet.hands import Hands


@pytest.fixture
def hands() -> Iterator[Hands]:
    found = Hands("test", 4)
    yield found
    found.close()


def test_many_get_their_turns_and_nobody_two_at_once(hands: Hands) -> None:
    turns, busy, twice = [0] * 200, [False] * 200, []

    def turn(one: int) -> float:
        if busy[one]:
            twice.append(one)
        busy[one] = True
        turns[one] += 1
        threading.Event().wait(0.0005)
        busy[one] = False
        return 0.01

    taken = [hands.take(lambda one=one: turn(one)) for one in range(200)]  # type: ignore[misc]
    for one in taken:
        one.start()
    for _ in range(2000):
        taken[0].wake()
    eventually(lambda: min(turns) >= 5, "everybody had five turns")
    for one in taken:
        one.close(5)
    assert twice == []
    after = list(turns)
    threading.Event().wait(0.05)
    assert turns == after


def test_news_during_a_turn_brings_another(hands: Hands) -> None:
    begun, go_on, turns = threading.Event(), threading.Event(), []

    def turn() -> None:
        turns.append(1)
        begun.set()
        go_on.wait(5)

    taken = hands.take(turn)
    taken.start()
    assert begun.wait(5)
    taken.wake()
    go_on.set()
    eventually(lambda: len(turns) == 2, "the turn that the news brought")


def test_nothing_happens_before_the_start_or_without_a_reason(hands: Hands) -> None:
    turns: list[int] = []
    first, second = hands.take(lambda: turns.append(1)), hands.take(lambda: turns.append(2))
    first.wake()
    second.start()
    eventually(lambda: turns, "the second's turn")
    assert turns == [2]
    first.start()
    eventually(lambda: turns == [2, 1], "the first's turn")


def test_who_fails_is_asked_again_and_stops_nobody(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AFTER_FAILURE_S", 0.01)
    tries: list[int] = []

    def fails() -> float:
        tries.append(1)
        raise RuntimeError("on purpose")

    taken = [hands.take(fails) for _ in range(10)]
    for one in taken:
        one.start()
    eventually(lambda: len(tries) > 50, "again and again")
    done = threading.Event()
    hands.take(done.set).start()
    assert done.wait(5)


def test_closing_waits_for_the_turn_under_way(hands: Hands) -> None:
    begun, ended = threading.Event(), []

    def turn() -> None:
        begun.set()
        threading.Event().wait(0.1)
        ended.append(True)

    taken = hands.take(turn)
    taken.start()
    assert begun.wait(5)
    taken.close(5)
    assert ended == [True]
