"""Fragmented MP4 as packages use it: taken apart, moved in time, its codec named. Pure.

Knows the few boxes of ISO/IEC 14496-12 that a track of CMAF fragments has, in the places where they stand, and believes
no length that they claim. What becomes of the fragments is `stitch`'s to say.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

_NON_SYNC: Final = 0x10000
_VISUAL_ENTRY, _AUDIO_ENTRY = 78, 28  # bytes of a sample entry before its boxes


class BoxesBroken(ValueError):
    """The bytes are cut short, contradict themselves, or are not what packages use."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One `moof` and the `mdat` after it, of one track.

    Attributes:
        offset: where it begins in the bytes given; `size` to the end of its `mdat`.
        sequence: its number in `mfhd`.
        decode_time: of its first sample, in the track's timescale; `duration` the sum of its samples'.
        first_sample_end: bytes from the fragment's beginning to the end of its first sample's data.
        sync: whether decoding can begin with it.
        samples: how many it holds.
        track_id: whose they are.
    """

    offset: int
    size: int
    sequence: int
    decode_time: int
    duration: int
    first_sample_end: int
    sync: bool
    samples: int
    track_id: int


class _Box(NamedTuple):
    """`body` is where the header ends, all offsets in the whole."""

    kind: bytes
    start: int
    body: int
    end: int


class _Defaults(NamedTuple):
    """What holds for a sample that says nothing of its own; None where nobody says."""

    duration: int | None
    size: int | None
    flags: int | None


class _Run(NamedTuple):
    """Samples in a row; `data` is where the first one's bytes begin."""

    data: int
    durations: int
    sizes: int
    first_size: int
    first_flags: int
    samples: int


def split(data: bytes) -> tuple[bytes, tuple[Fragment, ...]]:
    """The initialisation, `ftyp` and `moov` (empty in a segment without one), and the fragments in order.

    Raises:
        BoxesBroken: it is no fragmented MP4 of one track.
    """
    head: list[bytes] = []
    fragments: list[Fragment] = []
    defaults = _Defaults(None, None, None)
    moof: _Box | None = None
    for box in _boxes(data, 0, len(data), outermost=True):
        match box.kind:
            case b"ftyp":
                head.append(data[box.start : box.end])
            case b"moov":
                head.append(data[box.start : box.end])
                trex = _only(data, _only(data, box, b"mvex"), b"trex")
                defaults = _Defaults(*(_number(data, trex, 12 + 4 * place, 4) for place in range(3)))
            case b"moof" if moof is None:
                moof = box
            case b"mdat" if moof is not None:
                fragments.append(_fragment(data, moof, box, defaults))
                moof = None
            case b"moof" | b"mdat":
                raise BoxesBroken(f"{box.kind.decode()} at {box.start} stands alone")
    if moof is not None:
        raise BoxesBroken("the last fragment has no data")
    return b"".join(head), tuple(fragments)


def moved(fragment: bytes, sequence: int, add: int) -> bytes:
    """The same fragment with another number and its decode time `add` ticks later.

    Args:
        fragment: one `moof` and its `mdat`, as `Fragment` tells where they lie.

    Raises:
        BoxesBroken: it is no fragment, or number or time do not fit where they belong.
    """
    moof = _only(fragment, _Box(b"fragment", 0, 0, len(fragment)), b"moof")
    mfhd = _only(fragment, moof, b"mfhd")
    tfdt = _only(fragment, _only(fragment, moof, b"traf"), b"tfdt")
    changed = bytearray(fragment)
    width = _time_width(fragment, tfdt)
    for box, place, value in ((mfhd, 4, 4), (tfdt, 4, width)):
        number = sequence if box is mfhd else _number(fragment, tfdt, 4, width) + add
        if not 0 <= number < 1 << 8 * value:
            raise BoxesBroken(f"{number} does not fit into {box.kind.decode()}")
        changed[box.body + place : box.body + place + value] = number.to_bytes(value)
    return bytes(changed)
