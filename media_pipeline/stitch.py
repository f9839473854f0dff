"""From encoded chunks and tracks to segments and playlists: boxes are moved in time, nothing is encoded.

Every chunk begins with an IDR picture in a closed group and lasts a whole number of frames, so moving its fragments by
the chunk's first frame joins them without a seam.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from media_pipeline import boxes
from media_pipeline.boxes import BoxesBroken, Fragment
from media_pipeline.errors import EncodeFailed
from media_pipeline.plan import GROUPS_PER_SEGMENT
from media_pipeline.playlist import IFrame, Segment, iframe_playlist, measured, media_playlist

INDEX, INIT, IFRAMES = "index.m3u8", "init.mp4", "iframes.m3u8"


@dataclass(frozen=True, slots=True)
class Track:
    """One stitched track: segments, their sizes in bytes, codec; `bytes` with initialisation and playlists."""

    segments: tuple[Segment, ...]
    sizes: tuple[int, ...]
    codec: str
    bytes: int
    iframes_bps: int

    @property
    def rates(self) -> tuple[int, int]:
        """Peak and average bits per second."""
        return measured(self.segments, self.sizes)


def picture(chunks: Sequence[tuple[Path, int]], timescale: int, home: Path, iframes: bool) -> Track:
    """Segments of one rung from its chunks' files, each with its start in ticks.

    Args:
        iframes: whether to write a playlist of I-frames, for seeking pictures.
    """
    return _written(_pieces(chunks, timescale), GROUPS_PER_SEGMENT, home, iframes)


def sound(track: Path, home: Path) -> Track:
    """Segments of one sound track: its fragments are as long as segments."""
    data = track.read_bytes()
    init, _ = _split(track, data)
    return _written(_pieces([(track, 0)], boxes.timescale(init)), 1, home, False)


def segment_sizes(chunk: Path) -> tuple[tuple[int, float], ...]:
    """Bytes and seconds of the segments that a chunk's file will become."""
    data = chunk.read_bytes()
    init, fragments = _split(chunk, data)
    scale = boxes.timescale(init)
    groups = [fragments[at : at + GROUPS_PER_SEGMENT] for at in range(0, len(fragments), GROUPS_PER_SEGMENT)]
    return tuple((sum(one.size for one in group), sum(one.duration for one in group) / scale) for group in groups)


def _split(path: Path, data: bytes) -> tuple[bytes, tuple[Fragment, ...]]:
    """A file's initialisation and fragments; one that a power cut spoilt is removed, to be made again."""
    try:
        init, fragments = boxes.split(data)
        broken = "it is empty" if not init or not fragments else ""
    except BoxesBroken as error:
        init, fragments, broken = b"", (), str(error)
    if broken:
        shutil.rmtree(path.parent, ignore_errors=True)
        where = f"{path.name} of {path.parent.name}"
        raise EncodeFailed(f"{where} was spoilt and will be made again: {broken}.", (), "")
    return init, fragments


@dataclass(frozen=True, slots=True)
class _Piece:
    init: bytes
    timescale: int
    data: bytes
    fragment: Fragment
    starts_chunk: bool


def _pieces(chunks: Iterable[tuple[Path, int]], timescale: int) -> Iterator[_Piece]:
    """Fragments in order, moved to their moments."""
    first: bytes | None = None
    number, expected = 0, 0
    for path, start in chunks:
        data = path.read_bytes()
        init, fragments = _split(path, data)
        if first is None:
            first = init
        if init != first or boxes.timescale(init) != timescale or not fragments:
            raise EncodeFailed(f"{path.name} of {path.parent.name} does not fit the chunks before it.", (), "")
        for at, fragment in enumerate(fragments):
            if fragment.decode_time + start != expected:
                raise EncodeFailed(f"{path.name} of {path.parent.name} leaves a gap in time.", (), "")
            number += 1
            expected += fragment.duration
            body = data[fragment.offset : fragment.offset + fragment.size]
            yield _Piece(init, timescale, boxes.moved(body, number, start), fragment, at == 0)


def _written(pieces: Iterable[_Piece], per_segment: int, home: Path, iframes: bool) -> Track:
    home.mkdir(parents=True)
    parts: list[Segment] = []
    sizes: list[int] = []
    frames: list[IFrame] = []
    init, scale = b"", 1
    for group in _grouped(pieces, per_segment):
        init, scale = group[0].init, group[0].timescale
        uri = f"seg-{len(parts):05d}.m4s"
        at = 0
        for piece in group:
            seconds = piece.fragment.duration / scale
            frames.append(IFrame(uri, at, piece.fragment.first_sample_end, seconds))
            at += len(piece.data)
        whole = b"".join(piece.data for piece in group)
        (home / uri).write_bytes(whole)
        parts.append(Segment(uri, sum(piece.fragment.duration for piece in group) / scale))
        sizes.append(len(whole))
    codec = boxes.codec(init)
    if not parts or codec is None:
        raise EncodeFailed(f"The encoder wrote nothing that plays for {home.name}.", (), "")
    (home / INIT).write_bytes(init)
    (home / INDEX).write_text(media_playlist(parts, INIT))
    if iframes:
        (home / IFRAMES).write_text(iframe_playlist(frames, INIT))
    peak = ceil(max(frame.bytes * 8 / frame.duration_s for frame in frames)) if iframes else 0
    return Track(tuple(parts), tuple(sizes), codec, sum(path.stat().st_size for path in home.iterdir()), peak)


def _grouped(pieces: Iterable[_Piece], size: int) -> Iterator[list[_Piece]]:
    """Fragments of one segment together; a chunk begins a new segment."""
    group: list[_Piece] = []
    for piece in pieces:
        if group and (len(group) == size or piece.starts_chunk):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group
