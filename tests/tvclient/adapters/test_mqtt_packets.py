"""Packets of MQTT 5: cut out of any stream, read as they were written, malformed ones refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvclient.adapters import mqtt_packets as packets
from tvclient.adapters.mqtt_packets import Malformed, Message, Reader

messages = st.lists(
    st.tuples(st.text(min_size=1, max_size=40), st.binary(max_size=400), st.integers(1, 65_535)), max_size=6
)


@given(messages, st.integers(1, 60))
def test_what_is_published_is_read_however_the_stream_is_cut(sent: list[tuple[str, bytes, int]], piece: int) -> None:
    stream = b"".join(packets.publish(number, topic, payload) for topic, payload, number in sent)
    reader, found = Reader(), []
    for start in range(0, len(stream), piece):
        found += [packets.message_of(packet) for packet in reader.feed(stream[start : start + piece])]
    assert found == [Message(topic, payload, number) for topic, payload, number in sent]


@given(st.binary(max_size=200))
def test_rubbish_is_refused_and_never_anything_else(data: bytes) -> None:
    try:
        for packet in Reader().feed(data):
            if packet.kind == packets.PUBLISH:
                packets.message_of(packet)
    except Malformed:
        return


@pytest.mark.parametrize("data", [b"\x30\xff\xff\xff\xff\x01", b"\x30\xff\xff\xff\x7f", b"\x32\x02\x00\x09"])
def test_lengths_that_no_packet_has_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        list(map(packets.message_of, Reader().feed(data)))


def test_a_refused_connection_says_so() -> None:
    (accepted,) = Reader().feed(b"\x20\x03\x00\x00\x00")
    (refused,) = Reader().feed(b"\x20\x03\x00\x87\x00")
    assert (packets.refused(accepted), packets.refused(refused)) == (0, 0x87)
