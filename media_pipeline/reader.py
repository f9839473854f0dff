"""The child half of `probe.py`: the only module that parses a stranger's container. Run only confined; prints one JSON.

Reads every packet, because a header may promise a length that the file does not have.
"""

import sys
from pathlib import Path
from typing import Any

import av
import msgspec
from av.container import InputContainer
from av.video.stream import VideoStream

from media_pipeline.command import DEMUXERS
from media_pipeline.errors import Code
from media_pipeline.probe import Verdict
from media_pipeline.recording import Picture, Recording, Sound

_OPTIONS = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file"}
_SCRIPTS = (b"#EXTM3U", b"ffconcat", b"v=0", b"[playlist]", b"<?xml", b"<MPD", b"<ASX")
_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}
_REFUSED = Verdict(code=Code.REFUSED_FORMAT, message="This kind of file is not accepted; send the recording itself.")


def main(path: str) -> None:
    """Print the verdict on one file."""
    sys.stdout.buffer.write(msgspec.json.encode(read(Path(path))))


def read(path: Path) -> Verdict:
    """Open, demux, decode one picture."""
    with path.open("rb") as stream:
        head = stream.read(16)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_SCRIPTS):
        return _REFUSED
    av.logging.set_level(av.logging.ERROR)
    with av.logging.Capture() as said:
        try:
            with av.open(f"file:{path}", options=_OPTIONS) as container:
                return _examine(container, path.stat().st_size)
        except (av.FFmpegError, ValueError, EOFError, OverflowError):
            return _unreadable(head, " ".join(line for _, _, line in said))


def _unreadable(head: bytes, said: str) -> Verdict:
    if "whitelist" in said:
        return _REFUSED
    if head[4:8] in _BOXES and "moov atom not found" in said:
        return Verdict(code=Code.TRUNCATED, message="The file ends before its index; it was cut off on the way.")
    return Verdict(code=Code.NOT_A_VIDEO, message="The file is not a video recording.")


def _examine(container: InputContainer, size: int) -> Verdict:
    pictures = [
        stream for stream in container.streams.video if not stream.disposition & av.stream.Disposition.attached_pic
    ]
    if not pictures:
        return Verdict(code=Code.NO_PICTURE, message="The recording has no moving picture.")
    video = pictures[0]
    audio = next(iter(container.streams.audio), None)
    promised = _seconds(container)
    lengths: dict[int, float] = {}
    weights: dict[int, int] = {}
    shown: tuple[int, int] | None = None
    for packet in container.demux([video, *([audio] if audio else [])]):
        if packet.pts is not None and packet.time_base is not None:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            lengths[packet.stream_index] = max(lengths.get(packet.stream_index, 0.0), end)
        weights[packet.stream_index] = weights.get(packet.stream_index, 0) + packet.size
        if shown is None and packet.stream_index == video.index:
            shown = _first_picture(video, packet)
    start = (container.start_time or 0) / av.time_base
    length = max(lengths.values(), default=0.0) - max(start, 0.0)
    if shown is None or length <= 0:
        return Verdict(code=Code.NO_PICTURE, message="No picture in the recording can be shown.")
    if promised - length > max(1.0, promised * 0.02):
        message = f"The file promises {promised:.0f} s and holds {length:.0f} s; it was cut off on the way."
        return Verdict(code=Code.TRUNCATED, message=message)
    rate = video.average_rate or video.guessed_rate or 25
    picture = Picture(
        codec=video.codec_context.name,
        width=shown[0],
        height=shown[1],
        frame_rate=str(rate),
        bps=round(weights.get(video.index, 0) * 8 / length),
    )
    sound = None
    if audio is not None and weights.get(audio.index):
        context = audio.codec_context
        sound = Sound(context.name, context.channels, context.sample_rate, round(weights[audio.index] * 8 / length))
    return Verdict(recording=Recording(container.format.name, size, round(length * 1000), picture, sound))


def _first_picture(video: VideoStream, packet: "av.Packet[Any]") -> tuple[int, int] | None:
    try:
        for frame in video.codec_context.decode(packet):
            aspect = video.sample_aspect_ratio or 1
            width, height = round(frame.width * float(aspect)), frame.height
            return (height, width) if frame.rotation % 180 else (width, height)
    except av.FFmpegError:
        return None
    return None


def _seconds(container: InputContainer) -> float:
    return (container.duration or 0) / av.time_base
