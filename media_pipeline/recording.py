"""What is known about a recording before it is encoded: values only.

`reader.py` fills them in behind `probe.py`; `ladder.py` and `plan.py` decide by them.
"""

import msgspec


class Picture(msgspec.Struct, frozen=True):
    """The video stream. Width and height in pixels as shown; `frame_rate` is a fraction such as `30000/1001`."""

    codec: str
    width: int
    height: int
    frame_rate: str
    bps: int


class Sound(msgspec.Struct, frozen=True):
    """The first audio stream."""

    codec: str
    channels: int
    sample_rate: int
    bps: int


class Recording(msgspec.Struct, frozen=True):
    """A recording that can become a package. `container` is the demuxer's name."""

    container: str
    bytes: int
    duration_ms: int
    picture: Picture
    sound: Sound | None
