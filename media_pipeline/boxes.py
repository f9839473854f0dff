"""Fragmented MP4 as packages use it: taken apart, moved in time, its codec named. Pure.

Knows the few boxes of ISO/IEC 14496-12 that a track of CMAF fragments has, in the places where they stand, and believes
no length that they claim. What becomes of the fragments is `stitch`'s to say.
"""

import struct
from collections.abc import Iterator
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
        first_sample, first_sample_end: bytes from the fragment's beginning to its first sample's data and to their end.
        sync: whether decoding can begin with it.
        samples: how many it holds.
        track_id: whose they are.
    """

    offset: int
    size: int
    sequence: int
    decode_time: int
    duration: int
    first_sample: int
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
    width = _time_width(fragment, tfdt)
    changed = bytearray(fragment)
    for box, size, value in ((mfhd, 4, sequence), (tfdt, width, _number(fragment, tfdt, 4, width) + add)):
        if not 0 <= value < 1 << 8 * size:
            raise BoxesBroken(f"{value} does not fit into {box.kind.decode()}")
        _number(fragment, box, 4, size)
        changed[box.body + 4 : box.body + 4 + size] = value.to_bytes(size)
    return bytes(changed)


def timescale(init: bytes) -> int:
    """Ticks a second of the track."""
    mdhd = _only(init, _media(init), b"mdhd")
    ticks = _number(init, mdhd, 20 if _version(init, mdhd) == 1 else 12, 4)
    if not ticks:
        raise BoxesBroken("the track's clock stands still")
    return ticks


def track_id(init: bytes) -> int:
    """The number by which fragments name the track."""
    tkhd = _only(init, _track(init), b"tkhd")
    return _number(init, tkhd, 20 if _version(init, tkhd) == 1 else 12, 4)


def picture_size(init: bytes) -> tuple[int, int]:
    """Width and height in pixels, of a track of pictures."""
    entry = _entry(init)
    return _number(init, entry, 24, 2), _number(init, entry, 26, 2)


def codec(init: bytes) -> str | None:
    """The codec's name by RFC 6381, such as `avc1.640028` or `hvc1.1.6.L93.90`; None where it has none here."""
    entry = _entry(init)
    kind = entry.kind.decode("ascii", "replace")
    match kind:
        case "avc1" | "avc3":
            return f"{kind}.{_configuration(init, entry, _VISUAL_ENTRY, b'avcC', 4)[1:4].hex()}"
        case "hvc1" | "hev1":
            return f"{kind}.{_hevc(_configuration(init, entry, _VISUAL_ENTRY, b'hvcC', 13))}"
        case "av01":
            return f"{kind}.{_av1(_configuration(init, entry, _VISUAL_ENTRY, b'av1C', 4))}"
        case "mp4a":
            return f"{kind}.{_mpeg4_audio(_configuration(init, entry, _AUDIO_ENTRY, b'esds', 4)[4:])}"
        case _:
            return None


def _track(init: bytes) -> _Box:
    return _only(init, _only(init, _Box(b"file", 0, 0, len(init)), b"moov"), b"trak")


def _media(init: bytes) -> _Box:
    return _only(init, _track(init), b"mdia")


def _entry(init: bytes) -> _Box:
    """The first description of samples."""
    table = _only(init, _only(init, _only(init, _media(init), b"minf"), b"stbl"), b"stsd")
    entry = next(_boxes(init, table.body + 8, table.end), None)
    if entry is None:
        raise BoxesBroken("the track describes no samples")
    return entry


def _boxes(data: bytes, start: int, end: int, *, outermost: bool = False) -> Iterator[_Box]:
    """Boxes side by side, from `start` to exactly `end`."""
    while start < end:
        if start + 8 > end:
            raise BoxesBroken(f"a box at {start} is cut short")
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1 and body + 8 <= end:
            (size,) = struct.unpack_from(">Q", data, body)
            body += 8
        elif size == 0 and outermost:
            size = end - start
        if not body - start <= size <= end - start:
            raise BoxesBroken(f"a box at {start} claims {size} bytes")
        yield _Box(kind, start, body, start + size)
        start += size


def _only(data: bytes, parent: _Box, kind: bytes) -> _Box:
    """The one box of its kind directly in another."""
    found = [box for box in _boxes(data, parent.body, parent.end) if box.kind == kind]
    if len(found) != 1:
        raise BoxesBroken(f"{parent.kind.decode('ascii', 'replace')} holds {len(found)} {kind.decode()}, not one")
    return found[0]


def _number(data: bytes, box: _Box, at: int, width: int) -> int:
    """An unsigned number `at` bytes into the box's body."""
    if box.body + at + width > box.end:
        raise BoxesBroken(f"{box.kind.decode('ascii', 'replace')} at {box.start} is cut short")
    return int.from_bytes(data[box.body + at : box.body + at + width])


def _version(data: bytes, box: _Box) -> int:
    return _number(data, box, 0, 1)


def _time_width(data: bytes, tfdt: _Box) -> int:
    return 8 if _version(data, tfdt) == 1 else 4


def _fragment(data: bytes, moof: _Box, mdat: _Box, common: _Defaults) -> Fragment:
    traf = _only(data, moof, b"traf")
    tfdt = _only(data, traf, b"tfdt")
    tfhd = _only(data, traf, b"tfhd")
    defaults = _overridden(data, tfhd, common)
    runs: list[_Run] = []
    for box in _boxes(data, traf.body, traf.end):
        if box.kind == b"trun":
            runs.append(_run(data, box, moof.start, runs[-1] if runs else None, defaults))
    filled = [run for run in runs if run.samples]
    if not filled:
        raise BoxesBroken(f"the fragment at {moof.start} holds no samples")
    if any(run.data < mdat.body or run.data + run.sizes > mdat.end for run in filled):
        raise BoxesBroken(f"the fragment at {moof.start} has samples that lie outside it")
    return Fragment(
        offset=moof.start,
        size=mdat.end - moof.start,
        sequence=_number(data, _only(data, moof, b"mfhd"), 4, 4),
        decode_time=_number(data, tfdt, 4, _time_width(data, tfdt)),
        duration=sum(run.durations for run in filled),
        first_sample=filled[0].data - moof.start,
        first_sample_end=filled[0].data + filled[0].first_size - moof.start,
        sync=not filled[0].first_flags & _NON_SYNC,
        samples=sum(run.samples for run in filled),
        track_id=_number(data, tfhd, 4, 4),
    )


def _overridden(data: bytes, tfhd: _Box, common: _Defaults) -> _Defaults:
    flags = _number(data, tfhd, 1, 3)
    if flags & 0x1:
        raise BoxesBroken("a fragment counts from the file's beginning, and so cannot be moved")
    at = 8 + 4 * bool(flags & 0x2)
    values = list(common)
    for place, flag in enumerate((0x8, 0x10, 0x20)):
        if flags & flag:
            values[place] = _number(data, tfhd, at, 4)
            at += 4
    return _Defaults(*values)


def _run(data: bytes, trun: _Box, base: int, before: _Run | None, defaults: _Defaults) -> _Run:
    """One run; where it gives no offset its data follow those of the run before."""
    flags, samples = _number(data, trun, 1, 3), _number(data, trun, 4, 4)
    at = 8
    start = before.data + before.sizes if before else base
    if flags & 0x1:
        start = base + _number(data, trun, at, 4)  # a negative one would lead out of the fragment
        at += 4
    first_flags = None
    if flags & 0x4:
        first_flags = _number(data, trun, at, 4)
        at += 4
    fields = [flag for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag]
    length = 4 * len(fields) * samples
    if trun.body + at + length > trun.end:
        raise BoxesBroken(f"a run at {trun.start} claims {samples} samples")
    listed = struct.unpack_from(f">{length // 4}I", data, trun.body + at)
    columns = {flag: listed[place :: len(fields)] for place, flag in enumerate(fields)}
    sizes = columns.get(0x200)
    if samples == 0:
        return _Run(start, 0, 0, 0, 0, 0)
    if first_flags is None:
        first_flags = columns[0x400][0] if 0x400 in columns else _said(defaults.flags)
    return _Run(
        data=start,
        durations=sum(columns[0x100]) if 0x100 in columns else samples * _said(defaults.duration),
        sizes=sum(sizes) if sizes else samples * _said(defaults.size),
        first_size=sizes[0] if sizes else _said(defaults.size),
        first_flags=first_flags,
        samples=samples,
    )


def _said(default: int | None) -> int:
    if default is None:
        raise BoxesBroken("a sample's length, size or kind is nowhere said")
    return default


def _configuration(data: bytes, entry: _Box, skipped: int, kind: bytes, least: int) -> bytes:
    """The body of the box in a sample entry that says how the codec is set, of at least so many bytes."""
    if entry.body + skipped > entry.end:
        raise BoxesBroken("a sample entry is cut short")
    box = _only(data, entry._replace(body=entry.body + skipped), kind)
    if box.end - box.body < least:
        raise BoxesBroken(f"{kind.decode()} is cut short")
    return data[box.body : box.end]


def _hevc(hvcc: bytes) -> str:
    """Profile, compatibility, tier and level, constraints: ISO/IEC 14496-15, annex E."""
    space = ("", "A", "B", "C")[hvcc[1] >> 6]
    tier = "H" if hvcc[1] & 0x20 else "L"
    compatible = int(f"{int.from_bytes(hvcc[2:6]):032b}"[::-1], 2)
    constraints = "".join(f".{byte:X}" for byte in hvcc[6:12].rstrip(b"\0"))
    return f"{space}{hvcc[1] & 0x1F}.{compatible:X}.{tier}{hvcc[12]}{constraints}"


def _av1(av1c: bytes) -> str:
    """Profile, level and tier, depth: AV1 Codec ISO Media File Format Binding, section 5."""
    tier = "H" if av1c[2] & 0x80 else "M"
    depth = (12 if av1c[2] & 0x20 else 10) if av1c[2] & 0x40 else 8
    return f"{av1c[1] >> 5}.{av1c[1] & 0x1F:02d}{tier}.{depth:02d}"


def _mpeg4_audio(descriptors: bytes) -> str:
    """Object type and, of MPEG-4 audio, audio object type: ISO/IEC 14496-1, 7.2.6."""
    stream = _descriptor(descriptors, 0x03)
    decoder = _descriptor(stream[3:], 0x04)  # the optional fields between are forbidden in MP4 files
    if decoder[:1] != b"\x40":
        return decoder[:1].hex()
    specific = _descriptor(decoder[13:], 0x05)
    kind = int.from_bytes(specific[:1]) >> 3
    return f"40.{kind if kind != 31 else 32 + (int.from_bytes(specific[:2]) >> 5 & 0x3F)}"


def _descriptor(data: bytes, tag: int) -> bytes:
    """The body of the descriptor that the bytes begin with; its length comes seven bits a byte."""
    length = 0
    for at, byte in enumerate(data[1:5], 2):
        length = length << 7 | byte & 0x7F
        if not byte & 0x80:
            if data[0] != tag or at + length > len(data):
                break
            return data[at : at + length]
    raise BoxesBroken(f"descriptor {tag} is missing or cut short")
