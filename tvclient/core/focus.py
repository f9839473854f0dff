"""Where the focus goes: a pure rule over rectangles, free of screens and keys.

A direction prefers the aligned target ("down means down"), then the nearest one on that side; nothing wraps. A region
entered from outside gives the focus back to the item that had it last. Placement: `pages/`.
"""

from collections.abc import Mapping, Sequence

from tvclient.core.geometry import Direction, Focusable, FocusId, Rect


def move(
    focusables: Sequence[Focusable],
    current: FocusId,
    direction: Direction,
    remembered: Mapping[str, FocusId],
) -> FocusId | None:
    """The next focused thing.

    Args:
        focusables: everything that can have the focus.
        current: what has it.
        direction: where to.
        remembered: the last focused thing per region.

    Returns:
        The target, or None where the move is blocked.
    """
    by_id = {thing.id: thing for thing in focusables}
    origin = by_id.get(current)
    if origin is None:
        return focusables[0].id if focusables else None
    ahead = [thing for thing in focusables if _can_be_reached(origin, thing, direction)]
    if not ahead:
        return None
    target = min(ahead, key=lambda thing: (_cost(origin.rect, thing.rect, direction), thing.id))
    if target.region == origin.region:
        return target.id
    known = by_id.get(remembered.get(target.region, target.id))
    return known.id if known and known.region == target.region and known in ahead else target.id


def _can_be_reached(origin: Focusable, other: Focusable, direction: Direction) -> bool:
    """Up and down leave a region only for what stands right above or below: the end of a list is no way aside."""
    if not _is_ahead(origin.rect, other.rect, direction):
        return False
    sideways = direction in (Direction.LEFT, Direction.RIGHT)
    return sideways or origin.region == other.region or not _cost(origin.rect, other.rect, direction)[0]


def _is_ahead(origin: Rect, other: Rect, direction: Direction) -> bool:
    """Whether `other` lies wholly beyond the origin's edge on that side."""
    match direction:
        case Direction.LEFT:
            return other.x + other.w <= origin.x
        case Direction.RIGHT:
            return other.x >= origin.x + origin.w
        case Direction.UP:
            return other.y + other.h <= origin.y
        case Direction.DOWN:
            return other.y >= origin.y + origin.h


def _cost(origin: Rect, other: Rect, direction: Direction) -> tuple[bool, int]:
    """Aligned things first, then the smaller way; what begins at the same edge is nearest, as one reads."""
    gap_x = max(other.x - (origin.x + origin.w), origin.x - (other.x + other.w), 0)
    gap_y = max(other.y - (origin.y + origin.h), origin.y - (other.y + other.h), 0)
    if direction in (Direction.LEFT, Direction.RIGHT):
        return gap_y > 0, 2 * gap_x + abs(other.y - origin.y)
    return gap_x > 0, 2 * gap_y + abs(other.x - origin.x)
