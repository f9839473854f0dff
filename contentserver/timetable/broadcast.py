"""What was to be shown: the airings that televisions had in force when each of them began, read from signed revisions.

Plans change; a revision does not. So what a past evening was to bring is the same today and in ten years. What a plan
will bring: `programmes.py`.
"""

from base64 import urlsafe_b64decode
from bisect import bisect_right
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.regions import ancestors_and_self
from contentserver.timetable.models import LayerRevision
from schedules.airings import Airing
from schedules.layers import Layer, region_layer
from schedules.merge import merge
from schedules.wire.codec import decode
from schedules.wire.messages import LayerMessage

MARGIN = timedelta(days=1)
"""What begins or ends so far outside of a window cannot displace anything inside of it."""

Made = tuple[datetime, int]
"""When a revision was made, and its number."""


def first_published_at(session: Session) -> datetime | None:
    """When the first revision of all was made; None before that."""
    return session.scalar(select(func.min(LayerRevision.created_at)))


def airings_due(
    session: Session, region_codes: Collection[str], start: datetime, end: datetime
) -> dict[str, tuple[Airing, ...]]:
    """What the televisions of some regions were to show.

    Args:
        region_codes: regions at any level, each the place of a station.
        start, end: aware; an airing counts if it begins at or after `start` and before `end`.

    Returns:
        The airings by region, in order of start; places that follow the same layers share one value.
    """
    paths = {code: tuple(region_layer(one) for one in ancestors_and_self(code)) for code in region_codes}
    made = _revisions(session, {layer for path in paths.values() for layer in path}, start, end)
    cuts = sorted({start, *(at for several in made.values() for at, _number in several if start < at < end)})
    layers = _layers(session, made, start, end)
    found: dict[tuple[str, ...], tuple[Airing, ...]] = {}
    for path in set(paths.values()):
        followed = tuple(layer for layer in path if layer in made)
        if followed not in found:
            found[followed] = _along(followed, made, layers, [*cuts, end])
    return {code: found[tuple(layer for layer in path if layer in made)] for code, path in paths.items()}


def _along(
    path: Sequence[str], made: dict[str, list[Made]], layers: dict[tuple[str, int], Layer], cuts: Sequence[datetime]
) -> tuple[Airing, ...]:
    """From one revision to the next: the merge of what was in force, of which what begins meanwhile."""
    airings: dict[str, Airing] = {}
    for begin, over in pairwise(cuts):
        standing = []
        for layer in path:
            place = bisect_right(made[layer], begin, key=lambda one: one[0])
            if place:
                standing.append(layers[layer, made[layer][place - 1][1]])
        airings |= {str(one.id): one for one in merge(standing).airings if begin <= one.start < over}
    return tuple(sorted(airings.values(), key=lambda one: (one.start, one.id)))


def _revisions(session: Session, layer_ids: Collection[str], start: datetime, end: datetime) -> dict[str, list[Made]]:
    """Of each layer the newest revision made until `start`, as if made then, and those made before `end`; in order."""
    row = LayerRevision
    before = select(row.layer_id, func.max(row.revision)).where(row.created_at <= start).group_by(row.layer_id)
    found = {layer: [(start, number)] for layer, number in session.execute(before) if layer in layer_ids}
    meanwhile = select(row.layer_id, row.created_at, row.revision).where(row.created_at > start, row.created_at < end)
    for layer, at, number in session.execute(meanwhile.order_by(row.created_at, row.revision)):
        if layer in layer_ids:
            found.setdefault(layer, []).append((at, number))
    return found


def _layers(
    session: Session, made: dict[str, list[Made]], start: datetime, end: datetime
) -> dict[tuple[str, int], Layer]:
    found = {}
    row = LayerRevision
    for layer, several in made.items():
        numbers = [number for _at, number in several]
        query = select(row.revision, row.jws).where(row.layer_id == layer, row.revision.in_(numbers))
        for number, jws in session.execute(query):
            message = decode(urlsafe_b64decode(jws.split(".")[1] + "=="), LayerMessage)
            near = tuple(one for one in message.airings if one.end > start - MARGIN and one.start < end + MARGIN)
            found[layer, number] = Layer(
                id=message.layer,
                owner=message.owner,
                depth=message.depth,
                revision=message.revision,
                airings=near,
            )
    return found
