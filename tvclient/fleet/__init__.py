"""Boxes without a screen: `DarkBox` is one, on threads of its own; `Fleet` is thousands in one process, by turns.

The core and the adapters are the television's in both. How to use it, and what is imagined: docs/fleet.md.
"""

from tvclient.fleet.dark_box import DarkBox
from tvclient.fleet.fleet import BoxAccount, Fleet, FleetBox
from tvclient.fleet.fleet_means import Imagined
from tvclient.fleet.lines import QUALITIES, Quality
from tvclient.fleet.villagers import Habits

__all__ = ["QUALITIES", "BoxAccount", "DarkBox", "Fleet", "FleetBox", "Habits", "Imagined", "Quality"]
