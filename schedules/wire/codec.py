"""Bytes of messages and messages of bytes: JSON by msgspec, strict on what we know, silent on what we do not.

The only place that names the encoding. Signed messages pass through `signing.py` first.
"""

from typing import TypeVar

import msgspec

from schedules.wire.messages import EventBody, Message

MAX_BYTES = 2_000_000
"""No message of the contract comes near it; more is refused before it is parsed."""

_M = TypeVar("_M", bound=Message)
_encoder = msgspec.json.Encoder(order="deterministic")
_body_decoder: msgspec.json.Decoder[EventBody] = msgspec.json.Decoder(EventBody)


class Unreadable(ValueError):
    """Bytes that are no message of the expected type."""


def encode(message: Message | EventBody) -> bytes:
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
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(f"{kind.__name__}: {error}") from error


def decode_body(data: bytes | msgspec.Raw) -> EventBody | None:
    """An event's body; None for a kind that this program does not know yet.

    Raises:
        Unreadable: a known kind with a field missing or of the wrong type.
    """
    try:
        return _body_decoder.decode(data)
    except msgspec.ValidationError as error:
        if "Invalid value" in str(error) and str(error).endswith("`$.kind`"):
            return None
        raise Unreadable(str(error)) from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
