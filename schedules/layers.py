"""A layer: the airings that one region or one group of stations owns, at one revision.

Decides how a layer is named and how near it is to a village. How layers become a timetable: `merge.py`.
"""

import msgspec

from schedules.airings import Airing, LayerId

MAX_LAYERS = 8
"""A box follows its region and every region above it (five) and at most three groups; no group has a layer yet."""


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One owner's airings over the published window.

    Attributes:
        depth: distance of the owner from the root: province 0, city 1, county 2, township 3, village 4, group 5.
            The smaller number is the higher region.
        revision: grows by one with every publishing; an older one is never applied.
    """

    id: LayerId
    owner: str
    depth: int
    revision: int
    airings: tuple[Airing, ...] = ()


def region_layer(code: str) -> LayerId:
    """The id of a region's layer; `code` is its statistical division code."""
    return LayerId(f"region-{code}")
