"""What every bylaw has. Pure."""

import msgspec


class Law(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document of a region.

    Attributes:
        zh, en: what it is called.
        version: its number; 0 while it is being written.
        ended: nobody goes by it any more.
    """

    zh: str
    en: str
    version: int = 0
    ended: bool = False
