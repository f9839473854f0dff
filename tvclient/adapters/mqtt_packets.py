"""The few packets of MQTT 5 that a crowd of boxes needs, as bytes; pure. One box uses paho, see `link.py`.

Source: MQTT Version 5.0, OASIS Standard, 7 March 2019, section 3. Thousands of paho clients in one process would spend
their time on each other; here a message costs a few microseconds.
"""

import struct
from collections.abc import Iterator, Sequence

import msgspec

CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9
_SESSION_EXPIRY = 0x11
DISCONNECT = b"\xe0\x00"
PINGREQ = b"\xc0\x00"
MAX_PACKET = 8_000_000


class Malformed(ValueError):
    """Bytes that are no packet."""


class Packet(msgspec.Struct, frozen=True):
    """One packet: its kind, the flags of its first byte, the rest after the length."""

    kind: int
    flags: int
    body: bytes


class Message(msgspec.Struct, frozen=True):
    """A PUBLISH that came. `packet_id` is 0 at QoS 0."""

    topic: str
    payload: bytes
    packet_id: int


def connect(
    client_id: str, username: str, password: str, *, keepalive_s: int, expiry_s: int, will: tuple[str, bytes]
) -> bytes:
    """CONNECT that goes on with an older session; the will is retained at QoS 1."""
    flags = 0x80 | 0x40 | 0x20 | 0x08 | 0x04
    properties = struct.pack("!BI", _SESSION_EXPIRY, expiry_s)
    body = _text("MQTT") + bytes([5, flags]) + struct.pack("!H", keepalive_s) + _length(len(properties)) + properties
    body += _text(client_id) + b"\x00" + _text(will[0]) + _binary(will[1]) + _text(username) + _text(password)
    return _packet(0x10, body)


def subscribe(packet_id: int, topics: Sequence[str]) -> bytes:
    """SUBSCRIBE to some topics at QoS 1."""
    body = struct.pack("!H", packet_id) + b"\x00" + b"".join(_text(topic) + b"\x01" for topic in topics)
    return _packet(0x82, body)


def unsubscribe(packet_id: int, topics: Sequence[str]) -> bytes:
    """UNSUBSCRIBE from some topics."""
    return _packet(0xA2, struct.pack("!H", packet_id) + b"\x00" + b"".join(map(_text, topics)))


def publish(packet_id: int, topic: str, payload: bytes, *, retain: bool = False, again: bool = False) -> bytes:
    """PUBLISH at QoS 1, or at most once where the packet id is 0; `again`: it was sent before."""
    if not packet_id:
        return _packet(0x30 | retain, _text(topic) + b"\x00" + payload)
    body = _text(topic) + struct.pack("!H", packet_id) + b"\x00" + payload
    return _packet(0x32 | retain | (0x08 if again else 0), body)


def puback(packet_id: int) -> bytes:
    """PUBACK with success."""
    return b"\x40\x02" + struct.pack("!H", packet_id)


def acknowledged(packet: Packet) -> int:
    """The packet id that a PUBACK is about; 0 where it is cut off."""
    return int.from_bytes(packet.body[:2], "big")


def message_of(packet: Packet) -> Message:
    """The message that a PUBLISH carries.

    Raises:
        Malformed: it is cut off, or uses a topic alias, which was not offered.
    """
    body = packet.body
    try:
        (length,) = struct.unpack_from("!H", body)
        topic, place = body[2 : 2 + length].decode(), 2 + length
        packet_id = 0
        if packet.flags & 0x06:
            (packet_id,) = struct.unpack_from("!H", body, place)
            place += 2
        properties, place = _read_length(body, place)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise Malformed("publish") from error
    if not topic:
        raise Malformed("topic alias")
    return Message(topic, body[place + properties :], packet_id)


def refused(packet: Packet) -> int:
    """The reason code of a CONNACK; 0 for success."""
    return packet.body[1] if len(packet.body) > 1 else 0x80


class Reader:
    """Cuts a stream of bytes into packets."""

    def __init__(self) -> None:
        """Nothing has come."""
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[Packet]:
        """The packets that are whole with what has come now.

        Raises:
            Malformed: a length that no packet has.
        """
        rest = self._rest
        rest += data
        start = 0
        while len(rest) - start >= 2:
            try:
                length, place = _read_length(rest, start + 1)
            except IndexError:
                break
            if length > MAX_PACKET:
                raise Malformed("length")
            if len(rest) < place + length:
                break
            first = rest[start]
            yield Packet(first >> 4, first & 0x0F, bytes(rest[place : place + length]))
            start = place + length
        del rest[:start]


def _packet(first: int, body: bytes) -> bytes:
    return bytes([first]) + _length(len(body)) + body


def _text(text: str) -> bytes:
    return _binary(text.encode())


def _binary(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


def _length(number: int) -> bytes:
    """A variable byte integer, section 1.5.5."""
    made = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        made.append(low | 0x80 if number else low)
        if not number:
            return bytes(made)


def _read_length(data: bytes | bytearray, place: int) -> tuple[int, int]:
    """A variable byte integer and the place behind it; IndexError where it is cut off."""
    number = shift = 0
    while True:
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return number, place
        shift += 7
        if shift > 21:
            raise Malformed("length")
