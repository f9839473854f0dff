"""What people set and look up at the television: volume, a learnt remote, the line, the box itself. Values alone.

They are parts of `state.py`; what changes them: `volume.py`, `learning.py`, `pages/settings.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from schedules.airings import AiringId


class Volume(msgspec.Struct, frozen=True):
    """How loud lessons are; the rules are in `core/volume.py`.

    Attributes:
        percent: 0 to 100.
        muted_for: the airing that somebody wants to be silent.
        shown_until: the bar is on the screen until then.
        kept: `percent` is what a restart would find.
    """

    percent: int = 100
    muted_for: AiringId | None = None
    shown_until: datetime | None = None
    kept: bool = True


FULL_VOLUME = Volume()


class LineFacts(msgspec.Struct, frozen=True):
    """What a look at the line has found.

    Attributes:
        reached: the server has answered just now.
        kbps: the usual speed of what was fetched of late; None where nothing was.
    """

    reached: bool
    kbps: int | None = None


class LineCheck(msgspec.Struct, frozen=True):
    """Somebody wants to know how the line is; `facts` is None while nothing has come of it."""

    since: datetime
    facts: LineFacts | None = None


class BoxCard(msgspec.Struct, frozen=True):
    """What this box is; a number of 0 is none yet; `decoder` as in `Reported`."""

    number: int = 0
    serial: str = ""
    software: str = ""
    free_bytes: int | None = None
    decoder: str = ""


UNKNOWN_BOX = BoxCard()


class LearnWord(StrEnum):
    """What the last key of a remote that is being learnt was."""

    NOTHING = "nothing"
    TAKEN = "taken"
    """It is what was asked for."""
    USED = "used"
    """It means something else already."""
    OTHER = "other"
    """It is a key of another remote."""
    GIVEN_UP = "given_up"
    """No key came for a while, and too few were known."""


class Learning(msgspec.Struct, frozen=True):
    """A remote that is being learnt; the rules are in `core/learning.py`.

    Attributes:
        heard_at: when it began, or a key was last pressed.
        device: the remote's name; empty before its first key.
        codes: what was learnt, codes of Linux and names of keys.
        place: how many keys were asked for so far.
        done: it is over, and what was learnt is kept.
    """

    heard_at: datetime
    device: str = ""
    codes: Mapping[int, str] = msgspec.field(default_factory=dict)
    place: int = 0
    word: LearnWord = LearnWord.NOTHING
    done: bool = False
