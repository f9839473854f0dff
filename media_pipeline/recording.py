"""What is known about a recording before it is encoded: values only.

`reader.py` fills them in behind `probe.py`; `ladder.py` and `plan.py` decide by them.
"""

from typing import Literal

import msgspec

from media_pipeline.remarks import Remark

Fields = Literal["progressive", "top_first", "bottom_first"]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The moving picture.

    Attributes:
        index: the stream's number in the file.
        codec: FFmpeg's name of the codec.
        width, height: pixels as shown on a screen: turned upright, square pixels.
        frame_rate: frames per second, a fraction such as `30000/1001`; where it varies, that of most frames, or the
            mean where none prevails.
        variable: whether frames come at uneven times.
        fields: how it is interlaced, by the stream's own flags.
        transfer, primaries, matrix: FFmpeg's names such as `bt709`, `smpte2084`, `arib-std-b67`; empty where unknown.
        full_range: luma from 0 to 255 instead of 16 to 235.
        depth: bits of a sample.
        rotation: degrees clockwise that a player turns it, a multiple of 90.
        bps: measured bits per second of this stream.
    """

    index: int
    codec: str
    width: int
    height: int
    frame_rate: str
    bps: int
    variable: bool = False
    fields: Fields = "progressive"
    transfer: str = ""
    primaries: str = ""
    matrix: str = ""
    full_range: bool = False
    depth: int = 8
    rotation: int = 0

    @property
    def hdr(self) -> bool:
        """Whether its light has to be brought down for an ordinary television (PQ or HLG)."""
        return self.transfer in {"smpte2084", "arib-std-b67"}


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """One sound track. `index` is the stream's number in the file; `language` BCP 47, empty where unknown."""

    index: int
    codec: str
    channels: int
    sample_rate: int
    bps: int
    layout: str = ""
    language: str = ""
    title: str = ""
    default: bool = False


class Chapter(msgspec.Struct, frozen=True):
    """A named part of a lesson, in milliseconds of the lesson."""

    start_ms: int
    end_ms: int
    title: str


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A recording that can become a package.

    Attributes:
        container: the demuxer's name.
        bytes: size of the file.
        duration_ms: what really plays, which may be less than the header promises.
        start_ms: time stamp of its first packet.
        picture: None for sound alone.
        sounds: every track that can be played, the default one first.
        chapters: where the source has them.
        cover: number of the stream of an attached picture, where there is one.
        steady: whether it can be entered at any moment: indexed, with times that only rise. Otherwise it is encoded
            in one piece.
        remarks: what was noticed while reading.
    """

    container: str
    bytes: int
    duration_ms: int
    picture: Picture | None
    sounds: tuple[Sound, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    start_ms: int = 0
    cover: int | None = None
    steady: bool = True
    remarks: tuple[Remark, ...] = ()
