"""What C library and interpreter do with memory: little is kept of what was freed, and the start is not interrupted.

Left alone, glibc gives every thread of the player a heap of its own, and what a lesson leaves there is held for that
thread alone; on another library than glibc nothing is done. Python's collector would look a hundred times through what
the start makes, all of which stays.
"""

import ctypes
import gc
from typing import Final

_ARENA_MAX: Final = -8
_ARENAS: Final = 2
"""Heaps for all threads together."""


def share_heaps() -> bool:
    """Let all threads share a few heaps; before there are threads. Whether the library can."""
    library = ctypes.CDLL(None)
    return hasattr(library, "mallopt") and library.mallopt(_ARENA_MAX, _ARENAS) == 1


def collect_later() -> None:
    """Let the start run through; `collect_again` ends it."""
    gc.disable()


def collect_again() -> None:
    """Collect from now on, but never look again at what is there already."""
    gc.freeze()
    gc.enable()
