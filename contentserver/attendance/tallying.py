"""How a room answered a lesson's questions, from its facts. Pure; the same in whatever order the facts come.

Of each turn at one television the last word counts, and a word below 0 takes it back. Two televisions of a station are
two rooms, whose answers add up. Questions stand in the order in which they were first answered; answers to another
version of a question are another tally, since its options may differ.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from schedules.wire.messages import EventBody, QuizAnswered

MOST_OPTIONS = 10
"""More no remote has keys for; an answer beyond is no answer."""


class Tally(msgspec.Struct, frozen=True):
    """How often each option of one version of a question was chosen, by its place, as far as the last one chosen."""

    question: str
    version: int
    counts: tuple[int, ...]

    @property
    def answers(self) -> int:
        """How many answered."""
        return sum(self.counts)


def tallies(ordered: Iterable[tuple[int, EventBody]]) -> tuple[Tally, ...]:
    """Count the answers among the facts of one session.

    Args:
        ordered: in order, each with the box that observed it.
    """
    asked: dict[tuple[str, int], dict[tuple[int, int], int]] = {}
    for box, body in ordered:
        if isinstance(body, QuizAnswered) and body.choice < MOST_OPTIONS:
            asked.setdefault((body.question, body.version), {})[box, body.turn] = body.choice
    found = ((*key, Counter(choice for choice in turns.values() if choice >= 0)) for key, turns in asked.items())
    return tuple(
        Tally(question, version, tuple(counts[place] for place in range(max(counts) + 1)))
        for question, version, counts in found
        if counts
    )


def packed(found: tuple[Tally, ...]) -> str:
    """As a session's row keeps it; empty where nobody answered."""
    return msgspec.json.encode(found).decode() if found else ""


def unpacked(text: str) -> tuple[Tally, ...]:
    """What a session's row keeps."""
    return msgspec.json.decode(text, type=tuple[Tally, ...]) if text else ()
