"""Merge: at most eight layers become one timetable. The heart of the contract.

The clash rule. Higher rank wins. Within `mandatory` the higher region wins; within `regular` and `optional`
the nearer one. Then the earlier start, then the smaller airing id. An airing plays whole or not at all; a displaced
one is named with the airing that displaced it and the reason. Pure: the server and the box call the same function.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from schedules.airings import Airing, AiringId, LayerId, Rank
from schedules.layers import MAX_LAYERS, Layer

_RANK_ORDER = {Rank.MANDATORY: 0, Rank.REGULAR: 1, Rank.OPTIONAL: 2}


class Reason(StrEnum):
    """Why an airing gave way."""

    LOWER_RANK = "lower_rank"
    HIGHER_REGION_FIRST = "higher_region_first"
    """Both mandatory: the higher region's plays."""
    NEARER_REGION_FIRST = "nearer_region_first"
    """Neither mandatory: the nearer region's plays."""
    SAME_LEVEL = "same_level"
    """Equals in rank and level: the one that starts earlier plays."""
    DUPLICATE = "duplicate"
    """The same airing stands in two layers."""


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """An airing of the timetable and the layer it came from."""

    airing: Airing
    layer: LayerId
    depth: int


class Displaced(msgspec.Struct, frozen=True, kw_only=True):
    """An airing that will not play, the one that plays instead, and why."""

    airing: Airing
    layer: LayerId
    by: AiringId
    reason: Reason


class Timetable(msgspec.Struct, frozen=True, kw_only=True):
    """What one box really plays: `placed` in order of start without overlap; `displaced` in order of start."""

    placed: tuple[Placed, ...] = ()
    displaced: tuple[Displaced, ...] = ()

    @property
    def airings(self) -> tuple[Airing, ...]:
        """The airings that play, in order of start."""
        return tuple(placed.airing for placed in self.placed)


class TooManyLayers(ValueError):
    """More layers than a box may follow (`MAX_LAYERS`)."""


def merge(layers: Iterable[Layer]) -> Timetable:
    """Merge layers by the clash rule.

    Args:
        layers: at most eight, in any order, each at most once.

    Raises:
        TooManyLayers: there are more than eight.
    """
    followed = tuple(layers)
    if len(followed) > MAX_LAYERS:
        raise TooManyLayers(f"{len(followed)} layers, at most {MAX_LAYERS} may be merged")
    claims = [
        Placed(airing=airing, layer=layer.id, depth=layer.depth) for layer in followed for airing in layer.airings
    ]
    claims.sort(key=_precedence)
    starts: list[tuple[datetime, str]] = []
    placed: dict[AiringId, Placed] = {}
    displaced: list[Displaced] = []
    for claim in claims:
        winner = placed.get(claim.airing.id) or _overlapping(claim, starts, placed)
        if winner is None:
            insort(starts, (claim.airing.start, claim.airing.id))
            placed[claim.airing.id] = claim
        else:
            displaced.append(
                Displaced(airing=claim.airing, layer=claim.layer, by=winner.airing.id, reason=_reason(winner, claim))
            )
    displaced.sort(key=lambda lost: (lost.airing.start, lost.airing.id, lost.layer))
    return Timetable(placed=tuple(placed[AiringId(key)] for _, key in starts), displaced=tuple(displaced))


def _precedence(claim: Placed) -> tuple[int, int, datetime, str, str, int, str]:
    """The clash rule as a key; the last parts decide between two that claim one id, so that order never does."""
    airing = claim.airing
    nearness = claim.depth if airing.rank is Rank.MANDATORY else -claim.depth
    return (
        _RANK_ORDER[airing.rank],
        nearness,
        airing.start,
        airing.id,
        claim.layer,
        airing.duration_ms,
        airing.package,
    )


def _overlapping(claim: Placed, starts: list[tuple[datetime, str]], placed: dict[AiringId, Placed]) -> Placed | None:
    """The placed airing that covers some of the claim; placed ones do not overlap, so two neighbours decide."""
    at = bisect_left(starts, (claim.airing.start, claim.airing.id))
    for index in (at - 1, at):
        if 0 <= index < len(starts):
            other = placed[AiringId(starts[index][1])]
            if other.airing.overlaps(claim.airing):
                return other
    return None


def _reason(winner: Placed, loser: Placed) -> Reason:
    if winner.airing.id == loser.airing.id:
        return Reason.DUPLICATE
    if winner.airing.rank is not loser.airing.rank:
        return Reason.LOWER_RANK
    if winner.depth == loser.depth:
        return Reason.SAME_LEVEL
    return Reason.HIGHER_REGION_FIRST if winner.airing.rank is Rank.MANDATORY else Reason.NEARER_REGION_FIRST
