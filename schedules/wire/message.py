"""What every message is: frozen, by keyword, every field written. The messages themselves: `messages.py`."""

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Base of all messages: frozen, by keyword, every field written."""
