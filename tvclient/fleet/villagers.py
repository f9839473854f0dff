"""Imagined villagers: who comes to a lesson, who signs in, when, and which keys they press. Seeded; no clock, no disk.

They see what the television shows and press what a remote has; whether that becomes a fact is the box's business. What
they did is remembered (`made`), so that a report can be held against it.
"""

import math
import random
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from schedules.airings import Airing, AiringId
from tvclient.core.events import Key
from tvclient.core.state import PlayPhase, State

FIRST_AFTER = timedelta(seconds=2)
LAST_AT = 0.75
"""Of the lesson: whoever comes later does not sign in."""
AGAIN_AFTER = timedelta(seconds=4)
"""Keys that led to nothing are pressed again after so long."""
PAUSE = timedelta(seconds=1)
"""Between two people at one remote."""


class Habits(msgspec.Struct, frozen=True):
    """What a county's villagers are like.

    Attributes:
        watch: share of stations in which anybody comes to a lesson.
        sign_in: how many sign in there on average, as far as the roll has so many.
        numbers: whoever signs in always, by number, the first of them first.
        seed: the same seed, the same villagers.
    """

    watch: float = 1.0
    sign_in: float = 0.0
    numbers: tuple[str, ...] = ()
    seed: str = ""


class Villagers:
    """One station's."""

    def __init__(self, habits: Habits, station: str) -> None:
        self._habits, self._station = habits, station
        self._plans: dict[AiringId, list[tuple[datetime, str]]] = {}
        self._pressed_at: dict[tuple[AiringId, str], datetime] = {}
        self._quiet_until: datetime | None = None
        self._pressed_for: dict[AiringId, set[str]] = defaultdict(set)

    def made(self, state: State) -> dict[AiringId, frozenset[str]]:
        """Members for whom somebody pressed the keys and the box took it, by airing."""
        here = (
            (airing, state.signed_in.get(airing, frozenset()) & pressed)
            for airing, pressed in self._pressed_for.items()
        )
        return {airing: frozenset(members) for airing, members in here if members}

    def press(self, state: State) -> tuple[Key, ...]:
        """What is pressed now, before this picture."""
        playback = state.playback
        if playback is None or playback.phase is not PlayPhase.PLAYING or not state.roster.members:
            return ()
        airing, now = playback.airing, state.now
        here = state.signed_in.get(airing.id, frozenset())
        plan = self._plan(state, airing)
        members = {member.number: member.id for member in state.roster.members}
        for at, number in list(plan):
            if members.get(number) in here and (airing.id, number) in self._pressed_at:
                plan.remove((at, number))
        if self._quiet_until is not None and now < self._quiet_until:
            return ()
        for at, number in plan:
            pressed_at = self._pressed_at.get((airing.id, number))
            if now < at or members.get(number) in here or number not in members:
                continue
            if pressed_at is None or not timedelta(0) <= now - pressed_at < AGAIN_AFTER:
                self._pressed_at[airing.id, number] = now
                self._pressed_for[airing.id].add(members[number])
                self._quiet_until = now + PAUSE
                return (*map(Key, number), Key.OK, Key.BACK)
        return ()

    def pause_s(self, state: State) -> float | None:
        """Seconds until somebody may press; None while nobody will."""
        playback = state.playback
        plan = self._plans.get(playback.airing.id) if playback is not None else None
        if not plan:
            return None
        return max(0.0, (min(at for at, _number in plan) - state.now).total_seconds())

    def _plan(self, state: State, airing: Airing) -> list[tuple[datetime, str]]:
        """Who signs in to an airing, and when; decided once."""
        if airing.id not in self._plans:
            roll = [member.number for member in state.roster.members]
            self._plans[airing.id] = attendance(self._habits, self._station, airing, roll)
        return self._plans[airing.id]


def attendance(habits: Habits, station: str, airing: Airing, roll: Collection[str]) -> list[tuple[datetime, str]]:
    """Who of a station's roll signs in to an airing, by number, and when; in that order, after `Habits.numbers`."""
    dice = random.Random(f"{habits.seed}/{station}/{airing.id}")  # noqa: S311 - imagined people
    if dice.random() >= habits.watch:
        return []
    others = [number for number in sorted(roll) if number not in habits.numbers]
    coming = dice.sample(others, min(len(others), poisson(dice, habits.sign_in)))
    first = airing.start + FIRST_AFTER
    span = max(timedelta(0), timedelta(milliseconds=airing.duration_ms * LAST_AT) - FIRST_AFTER)
    plan = [(first + n * PAUSE, number) for n, number in enumerate(habits.numbers)]
    return plan + sorted((first + dice.random() * span, number) for number in coming)


def poisson(dice: random.Random, mean: float) -> int:
    """How many come where so many come on average (Knuth, The Art of Computer Programming, 3.4.1)."""
    limit, product, count = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count
