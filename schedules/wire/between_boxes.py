"""What boxes of one local network say to each other. Nothing of it is believed: packages prove themselves.

The law of evolution, to be read first: `__init__.py`. Two boxes may run different versions of the program.
"""

import msgspec

from schedules.airings import PackageName
from schedules.wire.message import Message
from schedules.wire.topics import BoxId


class Holding(Message, frozen=True, kw_only=True):
    """One package on a neighbour's shelf.

    Attributes:
        stored_bytes: so much of it is here and verified.
        wanted: the box plans to show it, and lacks some of it.
        fetching: the box is fetching it from the server, for itself and for its neighbours.
    """

    stored_bytes: int = 0
    wanted: bool = False
    fetching: bool = False


class Shelf(Message, frozen=True, kw_only=True):
    """What one box has and wants. No name of a place, no person."""

    box: BoxId
    packages: dict[PackageName, Holding] = msgspec.field(default_factory=dict)
