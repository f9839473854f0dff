"""Notices as people read them here: which one is open, and which were opened before. Values alone.

They are a part of `state.py`; which notices hold, and what opening one does: `pages/notices.py`, `pages/notice.py`.
"""

from typing import Final

import msgspec


class Reading(msgspec.Struct, frozen=True):
    """What is open, and what was.

    Attributes:
        opened: notices that somebody has opened, each version by itself (`opened_as`); the journal holds them.
        notice: id of the one that is open, or was last.
        page: page of its text, from 0.
        list_page: page of the list, from 0.
    """

    opened: frozenset[str] = frozenset()
    notice: str = ""
    page: int = 0
    list_page: int = 0


NOTHING_READ: Final = Reading()


def opened_as(notice: str, version: int) -> str:
    """By what an opened notice is remembered."""
    return f"{notice}.{version}"
