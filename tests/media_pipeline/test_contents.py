"""Whether a sample really holds a picture that decoding can begin with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.contents import begins_anew, target


def units(*headers: bytes) -> bytes:
    return b"".join((len(header) + 3).to_bytes(4) + header + b"abc" for header in headers)


@pytest.mark.parametrize(
    ("codec", "sample", "begins"),
    [
        ("avc1.64001e,mp4a.40.2", units(b"\x67", b"\x68", b"\x65"), True),
        ("avc1.64001e,mp4a.40.2", units(b"\x06", b"\x41"), False),
        ("hvc1.1.6.L93.90", units(b"\x40\x01", b"\x26\x01"), True),
        ("hvc1.1.6.L93.90", units(b"\x02\x01"), False),
        ("av01.0.04M.08", b"\x0a\x0b\x00", True),
        ("av01.0.04M.08", b"\x32\x0b\x00", False),
        ("avc1.64001e", b"", False),
    ],
)
def test_begins_anew(codec: str, sample: bytes, begins: bool) -> None:
    assert begins_anew(codec, sample) is begins


@given(st.sampled_from(["avc1", "hvc1", "av01"]), st.binary(max_size=60))
def test_any_bytes_get_an_answer(codec: str, sample: bytes) -> None:
    assert begins_anew(codec, sample) in {True, False}


@pytest.mark.parametrize(
    ("address", "meant"),
    [("seg.m4s", "a/seg.m4s"), ("../b/seg.m4s", ""), ("/seg.m4s", ""), ("http://x/seg.m4s", ""), ("b/c", "a/b/c")],
)
def test_addresses_stay_below_their_playlist(address: str, meant: str) -> None:
    assert target("a/index.m3u8", address) == meant
