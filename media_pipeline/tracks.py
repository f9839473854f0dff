"""What one stream of a recording is: counted packet by packet, its first few decoded. Runs in `reader.py`'s child only.

Knows nothing of the file around the stream; what its times come to is decided in `times.py`.
"""

import re
from fractions import Fraction
from typing import Any, Literal

import av
from av.audio.stream import AudioStream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from babel.core import get_global

from media_pipeline.allowed import MAX_PIXELS
from media_pipeline.recording import Fields, Picture, Sound
from media_pipeline.times import Pace, Times, named_rate

DECODED_FRAMES = 60
"""Pictures looked at for the flags of interlacing; fewer where they are large."""
DECODED_PIXELS = 60 * 1920 * 1088
LATEST_S, FARTHEST_S = 2.0, 60.0
"""A keyframe decoded earlier than this before it is shown, or farther than this from the one before, bars entry."""
TRIED_PACKETS = 400
"""Packets given to a decoder before it is believed that nothing can be decoded."""

_CHANNELS, _SAMPLE_RATES = range(1, 65), range(1000, 768_001)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_UNKNOWN_LANGUAGES = {"und", "mis", "mul", "zxx"}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]+")
_HANDLERS = {"soundhandler", "videohandler", "sound media handler", "core media audio", "stereo", "mono", "surround"}

# FFmpeg's names of ITU-T H.273's numbers.
_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
_TRANSFERS = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log100", 10: "log316",
    11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084",
    17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
_MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc",
    10: "bt2020c", 11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp",
}  # fmt: skip
_FULL_RANGE = 2
_TOP_FIRST, _BOTTOM_FIRST = {2, 4}, {3, 5}


def words(text: str, at_most: int = 100) -> str:
    """A stranger's title as one short line without control characters."""
    return " ".join(_CONTROLS.sub(" ", text).split())[:at_most].strip()


def language(tag: str) -> str:
    """BCP 47 for what a file says of a language (ISO 639-2, ISO 639-1 or BCP 47), empty where it says nothing."""
    tag = tag.strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(tag) or tag.lower() in _UNKNOWN_LANGUAGES:
        return ""
    first, *rest = tag.split("-")
    known = get_global("language_aliases").get(first.lower(), first.lower())
    return "-".join([known.replace("_", "-"), *rest])


class PictureTrack:
    """A moving picture, being read."""

    def __init__(self, stream: VideoStream) -> None:
        self.stream = stream
        self.times = Times(float(1 / _header_rate(stream)))
        self.bytes = 0
        self.damages: list[int] = []
        self.first: VideoFrame | None = None
        self._entry_s: float | None = None
        self._enterable = True
        self._decoded = 0
        self._interlaced = 0
        self._tried = 0
        self.decoder = _decoder(stream)
        if self.decoder is not None:
            self.decoder.thread_count = 1
            self.decoder.options = {"max_pixels": str(MAX_PIXELS)}

    def take(self, packet: "av.Packet[Any]") -> None:
        """Count one packet, and decode it while too little is known."""
        _count(self.times, packet)
        self.bytes += packet.size
        if packet.is_keyframe:
            self._enter(packet)
        if self._tried < TRIED_PACKETS and self._decoded < self._wanted():
            self._tried += 1
            self._look(packet)

    def damaged(self) -> None:
        """What comes next is damaged."""
        if not self.damages or self.damages[-1] != self.times.packets:
            self.damages.append(self.times.packets)

    @property
    def inner_damages(self) -> list[int]:
        """Numbers of the packets that are damaged, but for the last ones, where a file breaks off."""
        return [number for number in self.damages if number < self.times.packets - 2]

    @property
    def enterable(self) -> bool:
        """Whether seeking leads to the keyframe that is shown before a moment, and not far before.

        Containers are sought by decoding time; where a picture is decoded long before it is shown, that leads too far.
        """
        return self._enterable

    def _enter(self, packet: "av.Packet[Any]") -> None:
        if packet.pts is None or packet.dts is None or packet.time_base is None:
            return
        shown_s, decoded_s = float(packet.pts * packet.time_base), float(packet.dts * packet.time_base)
        apart_s = 0.0 if self._entry_s is None else shown_s - self._entry_s
        self._entry_s = shown_s
        if shown_s - decoded_s > LATEST_S or apart_s > FARTHEST_S:
            self._enterable = False

    def finish(self) -> None:
        """Ask the decoder for what it kept back."""
        if self._decoded == 0:
            self._look(None)

    def _wanted(self) -> int:
        if self.first is None:
            return 1
        return max(1, min(DECODED_FRAMES, DECODED_PIXELS // max(self.first.width * self.first.height, 1)))

    def _look(self, packet: "av.Packet[Any] | None") -> None:
        if self.decoder is None:
            return
        try:
            frames = self.decoder.decode(packet)
        except (av.FFmpegError, EOFError):
            return
        for frame in frames:
            self.first = self.first or frame
            self._decoded += 1
            self._interlaced += frame.interlaced_frame

    @property
    def still(self) -> bool:
        """Whether it is one picture only."""
        return self.times.packets == 1

    def fields(self) -> Fields:
        """By the flags of the decoded frames; which comes first by the stream's, or by its codec's custom."""
        if self._interlaced * 3 < self._decoded or not self._interlaced:
            return "progressive"
        order = self.stream.codec_context.field_order
        if order in _TOP_FIRST:
            return "top_first"
        if order in _BOTTOM_FIRST or self.stream.codec_context.name == "dvvideo":
            return "bottom_first"
        return "top_first"

    def picture(self, frame: VideoFrame, pace: Pace, length_s: float) -> Picture:
        """Its facts, once all is read; `frame` is the first that was decoded."""
        width, height, rotation = _shown(frame, self.stream.sample_aspect_ratio)
        fields = self.fields()
        return Picture(
            index=self.stream.index,
            codec=self.stream.codec_context.codec.canonical_name,
            width=width,
            height=height,
            frame_rate=str(self._rate(pace, fields)),
            bps=round(self.bytes * 8 / length_s),
            variable=pace.uneven,
            fields=fields,
            transfer=_TRANSFERS.get(frame.color_trc, ""),
            primaries=_PRIMARIES.get(frame.color_primaries, ""),
            matrix=_MATRICES.get(frame.colorspace, ""),
            full_range=frame.color_range == _FULL_RANGE or frame.format.name.startswith("yuvj"),
            depth=max(component.bits for component in frame.format.components),
            rotation=rotation,
        )

    def _rate(self, pace: Pace, fields: Fields) -> Fraction:
        headers = [rate for rate in (self.stream.average_rate, self.stream.base_rate, self.stream.guessed_rate) if rate]
        if pace.rate is None:
            return _header_rate(self.stream)
        rate = named_rate(pace.rate, headers, pace.length_s)
        guessed = self.stream.guessed_rate
        if fields != "progressive" and guessed and rate == 2 * guessed:
            return guessed
        return rate


class SoundTrack:
    """A sound track, being read."""

    def __init__(self, stream: AudioStream) -> None:
        self.stream = stream
        self.times = Times(0.02)
        self.bytes = 0
        self._decoded = False
        self._tried = 0

    @property
    def decodable(self) -> bool:
        """Whether something could be decoded, with channels and a rate that a person could have recorded."""
        context = self.stream.codec_context
        return self._decoded and context.channels in _CHANNELS and context.sample_rate in _SAMPLE_RATES

    def take(self, packet: "av.Packet[Any]") -> None:
        """Count one packet, and decode it while none could be."""
        _count(self.times, packet)
        self.bytes += packet.size
        if not self._decoded and self._tried < TRIED_PACKETS:
            self._tried += 1
            try:
                self._decoded = bool(self.stream.codec_context.decode(packet))
            except (av.FFmpegError, EOFError):
                return

    def finish(self) -> None:
        """Ask the decoder for what it kept back."""
        if not self._decoded:
            try:
                self._decoded = bool(self.stream.codec_context.decode(None))
            except (av.FFmpegError, EOFError):
                return

    def sound(self, length_s: float) -> Sound:
        """Its facts, once all is read and something was decoded."""
        context = self.stream.codec_context
        about = self.stream.metadata
        title = words(about.get("title", "") or about.get("handler_name", ""))
        return Sound(
            index=self.stream.index,
            codec=context.codec.canonical_name,
            channels=context.channels,
            sample_rate=context.sample_rate,
            bps=round(self.bytes * 8 / length_s),
            layout=_layout(context.layout.name, context.channels),
            language=language(about.get("language", "")),
            title="" if title.lower() in _HANDLERS else title,
            default=bool(self.stream.disposition & av.stream.Disposition.default),
        )


def _layout(name: str, channels: int) -> str:
    return {1: "mono", 2: "stereo"}.get(channels, "") if name.endswith("channels") else name


def _decoder(stream: VideoStream) -> VideoCodecContext | None:
    """The stream's decoder; PyAV leaves it out where FFmpeg has none, whatever the annotation says."""
    return stream.codec_context


def _count(times: Times, packet: "av.Packet[Any]") -> None:
    base = float(packet.time_base)
    times.feed(
        None if packet.dts is None else packet.dts * base,
        None if packet.pts is None else packet.pts * base,
        (packet.duration or 0) * base,
    )


def _header_rate(stream: VideoStream) -> Fraction:
    for rate in (stream.guessed_rate, stream.average_rate):
        if rate and Fraction(1, 60) <= rate <= 1000:
            return rate
    return Fraction(25)


def _shown(frame: VideoFrame, aspect: Fraction | None) -> tuple[int, int, Literal[0, 90, 180, 270]]:
    """Width and height upright with square pixels, and how far clockwise a player turns the coded picture."""
    width, height = round(frame.width * float(aspect or 1)), frame.height
    match round(-frame.rotation / 90) % 4:
        case 1:
            return height, width, 90
        case 2:
            return width, height, 180
        case 3:
            return height, width, 270
        case _:
            return width, height, 0
