"""How long somebody was there while a lesson was shown, and the hours that earns. Pure.

Presence is measured on the clock, against the stretches that really moved on the screen: who comes late misses what ran
before, and a power cut is nobody's presence. Lesson seconds come twice only once (`rules.union_ms`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from schedules.wire.messages import PlaybackSpan

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)

Stretch = tuple[int, int]
"""Milliseconds since 1970, half open."""


@dataclass(frozen=True, slots=True)
class CreditRule:
    """When a presence earns hours.

    Attributes:
        share_percent: of what was shown somebody must have seen at least so much.
        grace_ms: who signs in at most this long after the first picture was there from the beginning: a room of thirty
            takes minutes to sign in.
    """

    share_percent: int = 60
    grace_ms: int = 10 * 60_000


USUAL: Final = CreditRule()


@dataclass(frozen=True, slots=True)
class Credit:
    """What one person's presence comes to: lesson time seen, and lesson time that counts."""

    present_ms: int = 0
    credit_ms: int = 0


def on_screen(spans: Sequence[PlaybackSpan]) -> tuple[Stretch, ...]:
    """When something moved on the screen: disjoint stretches in order, whichever box of a room showed it."""
    merged: list[Stretch] = []
    for start, end in sorted(
        (_ms(span.started_at), _ms(span.started_at) + span.to_ms - span.from_ms) for span in spans
    ):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif end > start:
            merged.append((start, end))
    return tuple(merged)


def credit(
    shown_ms: int,
    screen: Sequence[Stretch],
    arrived: datetime,
    rule: CreditRule = USUAL,
    *,
    left: datetime | None = None,
) -> Credit:
    """What an arrival earns.

    Args:
        shown_ms: lesson time that was shown (the length of its union).
        screen: `on_screen` of the same spans.
        left: when they went; None for nobody who left before the end, as far as anybody knows.
    """
    if not screen or shown_ms <= 0:
        return Credit()
    at, until = _ms(arrived), screen[-1][1] if left is None else min(_ms(left), screen[-1][1])
    if at <= screen[0][0] + rule.grace_ms:
        if until == screen[-1][1]:
            return Credit(shown_ms, shown_ms)
        at = screen[0][0]
    seen = sum(max(0, min(end, until) - max(start, at)) for start, end in screen)
    present = min(shown_ms, seen)
    return Credit(present, present if 100 * present >= rule.share_percent * shown_ms else 0)


def instant(milliseconds: int) -> datetime:
    """An end of a stretch as a time, aware UTC."""
    return _EPOCH + milliseconds * _MS


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MS
