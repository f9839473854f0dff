"""Bytes of messages and messages of bytes: JSON by msgspec, strict on what we know, silent on what we do not.

The only place that names the encoding. Signed messages pass through `signing.py` first. Values of the right type that
no database keeps (a NUL, an instant without a zone, a number beyond 64 bits) are refused here too, for all readers.
"""

from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from schedules.wire.messages import CommandBody, EventBody, Message

MAX_BYTES = 2_000_000
"""No message of the contract comes near it; more is refused before it is parsed."""

_M = TypeVar("_M", bound=Message)
_B = TypeVar("_B")
_encoder = msgspec.json.Encoder(order="deterministic")
_body_decoder: msgspec.json.Decoder[EventBody] = msgspec.json.Decoder(EventBody)
_command_decoder: msgspec.json.Decoder[CommandBody] = msgspec.json.Decoder(CommandBody)


class Unreadable(ValueError):
    """Bytes that are no message of the expected type."""


def encode(message: Message) -> bytes:
    """JSON in UTF-8, fields in the order of their definition, the same message always the same bytes."""
    return _encoder.encode(message)


def decode(data: bytes, kind: type[_M]) -> _M:
    """Read a message of `kind`.

    Raises:
        Unreadable: too long, no JSON, or a field missing or of the wrong type.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(f"{len(data)} bytes, at most {MAX_BYTES} are read")
    try:
        found = msgspec.json.decode(data, type=kind)
        _require_keepable(found)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        raise Unreadable(f"{kind.__name__}: {error}") from error
    return found


def decode_body(data: bytes | msgspec.Raw) -> EventBody | None:
    """An event's body; None for a kind that this program does not know yet.

    Raises:
        Unreadable: a known kind with a field missing or of the wrong type.
    """
    return _of_known_kind(_body_decoder, data)


def decode_command(data: bytes | msgspec.Raw) -> CommandBody | None:
    """A command's body; None for a kind that this program does not know yet.

    Raises:
        Unreadable: a known kind with a field missing or of the wrong type.
    """
    return _of_known_kind(_command_decoder, data)


def _of_known_kind(decoder: msgspec.json.Decoder[_B], data: bytes | msgspec.Raw) -> _B | None:
    try:
        found = decoder.decode(data)
        _require_keepable(found)
    except msgspec.ValidationError as error:
        if "Invalid value" in str(error) and str(error).endswith("`$.kind`"):
            return None
        raise Unreadable(str(error)) from error
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    return found


def _require_keepable(value: object) -> None:
    """Raise ValueError or OverflowError where a part of a message is something that no database keeps."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("a text has a NUL")
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise ValueError("a number has more than 64 bits")
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant has no zone")
        value.astimezone(UTC)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            _require_keepable(getattr(value, name))
    elif isinstance(value, dict):
        for name, part in value.items():
            _require_keepable(name)
            _require_keepable(part)
    elif isinstance(value, tuple | list):
        for part in value:
            _require_keepable(part)
