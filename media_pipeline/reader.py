"""The child half of `probe.py`: the only module that parses a stranger's container. Run only confined; prints one JSON.

Reads every packet, because a header may promise a length that the file does not have. The file is handed over as bytes
and nothing else can be opened, whatever the container asks for. Streams are looked at in `tracks.py`.
"""

import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

import av
import msgspec
from av.container import Flags as ContainerFlags
from av.container import InputContainer
from av.format import Flags as FormatFlags

from media_pipeline.allowed import DEMUXERS, MAX_PIXELS
from media_pipeline.errors import Code
from media_pipeline.probe import MAX_STREAMS, Verdict
from media_pipeline.recording import Chapter, Recording
from media_pipeline.remarks import Remark, RemarkCode
from media_pipeline.times import Pace, paces
from media_pipeline.tracks import PictureTrack, SoundTrack, words

MAX_CHAPTERS = 500
MAX_SOUNDS = 8
EARLY_S = 1.0
"""Picture or sound that ends this much before the other is told."""

_HEAD = 4096
_STREAM = re.compile(r"^ *Stream #0:(\d+)", re.MULTILINE)
_READ_AT_ONCE = 1 << 18
_OPTIONS = {
    "format_whitelist": DEMUXERS,
    "protocol_whitelist": "file",
    "max_streams": str(MAX_STREAMS + 1),
    "max_pixels": str(MAX_PIXELS),
}
_SCRIPTS = (b"#EXTM3U", b"ffconcat", b"file ", b"v=0", b"[playlist]", b"<", b"[Script Info]", b"[Reference]")
_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}
_PROMISING = {"mov", "matroska", "avi", "flv", "asf", "mxf", "wav"}
"""Containers whose header knows the length; others guess it."""
_ENTERED = {"mov", "matroska"}
"""Containers with an index by time."""
_ENDINGS = ("partial file", "ended prematurely", "end of file", "truncat")
_GENERATED_TIMES, _JUMPING_CLOCK = cast(int, ContainerFlags.gen_pts.value), cast(int, FormatFlags.ts_discont.value)
_HOLE_S, _HOLE_OF_A_BROADCAST_S = 600.0, 10.0
"""A broadcast's clock may jump, and FFmpeg itself closes its holes over 10 s; elsewhere a picture may stand long."""
_CUT_S = 1.0

_REFUSED = Verdict(code=Code.REFUSED_FORMAT, message="This kind of file is not accepted; send the recording itself.")
_POINTS_ELSEWHERE = Verdict(
    code=Code.REFUSED_FORMAT, message="The file points to other files; send the recording itself."
)
_NOT_A_VIDEO = Verdict(code=Code.NOT_A_VIDEO, message="The file is not a video recording.")
_TOO_BIG = Verdict(code=Code.TOO_LARGE, message="Reading the file needs more memory than a recording may use.")
Log = list[tuple[int, str, str]]


class PointsElsewhere(Exception):
    """The container asked for another file."""


def main(path: str) -> None:
    """Print the verdict on one file."""
    try:
        verdict = read(Path(path))
    except MemoryError:
        verdict = _TOO_BIG
    except OSError:
        verdict = Verdict(code=Code.NOT_A_VIDEO, message="The file cannot be read.")
    sys.stdout.buffer.write(msgspec.json.encode(verdict))


def read(path: Path) -> Verdict:
    """Open, demux, decode the first pictures."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=_READ_AT_ONCE) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            return Verdict(code=Code.NOT_A_VIDEO, message="This is not a file.")
        head = stream.read(_HEAD)
        stream.seek(0)
        return _opened(stream, head) if head else Verdict(code=Code.NOT_A_VIDEO, message="The file is empty.")


def _opened(stream: BinaryIO, head: bytes) -> Verdict:
    if head.lstrip(b"\xef\xbb\xbf \t\r\n\x00").startswith(_SCRIPTS) or _is_text(head):
        return _REFUSED
    size = os.fstat(stream.fileno()).st_size
    av.logging.set_level(av.logging.WARNING)
    with av.logging.Capture() as said:
        try:
            with av.open(
                stream, "r", options=_OPTIONS, metadata_errors="replace", buffer_size=_READ_AT_ONCE, io_open=_refuse
            ) as container:
                return Reading(container, size, said, cut=_breaks_off(container.format.name, head, size)).verdict()
        except PointsElsewhere:
            return _POINTS_ELSEWHERE
        except av.error.MemoryError:
            return _TOO_BIG
        except (av.FFmpegError, ValueError, EOFError, OverflowError):
            return _unreadable(head, " ".join(line for _, _, line in said))


def _refuse(url: str, *_: object) -> NoReturn:
    raise PointsElsewhere(url)


def _is_text(head: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)


def _breaks_off(container: str, head: bytes, size: int) -> bool:
    """Whether the file is shorter than its first header says, or ends within one of a broadcast's packets."""
    match container:
        case "avi" | "wav":
            return head[:4] == b"RIFF" and size < int.from_bytes(head[4:8], "little") < (1 << 32) - 1
        case "mpegts":
            return all(size % length for length in (188, 192, 204))
        case _:
            return False


def _unreadable(head: bytes, said: str) -> Verdict:
    if "whitelist" in said:
        return _REFUSED
    if "max_streams" in said:
        return Verdict(code=Code.TOO_LARGE, message=f"The file holds more than {MAX_STREAMS} streams.")
    if head[4:8] in _BOXES and "moov atom not found" in said:
        return Verdict(code=Code.TRUNCATED, message="The file ends before its index; it was cut off on the way.")
    return _NOT_A_VIDEO


@dataclass(slots=True)
class Reading:
    """One file being read.

    Attributes:
        said: what FFmpeg says meanwhile; emptied as it is understood.
        faults: times that the container itself was found broken.
        cut: whether the file breaks off.
        oversized: whether a decoder met a picture that is larger than is allowed.
    """

    container: InputContainer
    bytes: int
    said: Log
    pictures: dict[int, PictureTrack] = field(default_factory=dict)
    sounds: dict[int, SoundTrack] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    cover: int | None = None
    faults: int = 0
    cut: bool = False
    oversized: bool = False

    def verdict(self) -> Verdict:
        """Read it all, then judge."""
        if any("external" in line.lower() for _, _, line in self.said):
            return _POINTS_ELSEWHERE
        if "max_streams" in "".join(line for _, _, line in self.said) or len(self.container.streams) > MAX_STREAMS:
            return Verdict(code=Code.TOO_LARGE, message=f"The file holds more than {MAX_STREAMS} streams.")
        self._choose()
        for track in self.pictures.values():
            context = track.stream.codec_context
            if context is not None and context.width * context.height > MAX_PIXELS:
                message = f"A picture of {context.width} x {context.height} cannot be encoded."
                return Verdict(code=Code.TOO_LARGE, message=message)
        self._read()
        return self._judge()

    def _choose(self) -> None:
        for stream in self.container.streams:
            attached = stream.disposition & av.stream.Disposition.attached_pic
            if isinstance(stream, av.VideoStream) and attached:
                self.cover = stream.index if self.cover is None else self.cover
            elif isinstance(stream, av.VideoStream):
                self.pictures[stream.index] = PictureTrack(stream)
            elif isinstance(stream, av.AudioStream) and stream.codec_context is not None:
                self.sounds[stream.index] = SoundTrack(stream)
            else:
                self._ignore(stream)

    def _ignore(self, stream: Any) -> None:
        """Tell of a stream that is left out; a MOV's chapters are a stream too, and are not."""
        context = getattr(stream, "codec_context", None)
        if stream.type == "data" and self._kind() == "mov" and self.container.chapters():
            return
        name = stream.name if stream.type == "attachment" else context.codec.canonical_name if context else None
        name = "timecode" if "timecode" in stream.metadata else name or "unknown"
        self._remark(RemarkCode.STREAM_IGNORED, detail=f"{stream.type} {stream.index} ({words(name)})")

    def _remark(self, code: RemarkCode, **facts: Any) -> None:
        self.remarks.append(Remark(code, **facts))

    def _read(self) -> None:
        self.container.flags &= ~_GENERATED_TIMES
        self._clear()
        kept_back: dict[int, av.Packet[Any]] = {}
        tracks: dict[int, PictureTrack | SoundTrack] = {**self.pictures, **self.sounds}
        try:
            for packet in self._packets():
                track = tracks[packet.stream_index]
                if self.said or packet.is_corrupt:
                    self._listen(track, packet.is_corrupt)
                if packet.stream_index in kept_back:
                    track.take(kept_back.pop(packet.stream_index))
                if packet.is_corrupt:  # where a file breaks off, its last packet is a stump
                    kept_back[packet.stream_index] = packet
                else:
                    track.take(packet)
                self._clear()
        except (av.FFmpegError, EOFError):
            self.cut = True
        except IndexError:  # PyAV at the very end, where streams began after the first ones were found
            pass
        self._listen(None, broken=False)
        for track in tracks.values():
            track.finish()

    def _packets(self) -> Iterator["av.Packet[Any]"]:
        pictures = [track.stream for track in self.pictures.values()]
        sounds = [track.stream for track in self.sounds.values()]
        if pictures or sounds:
            for packet in self.container.demux([*pictures, *sounds]):
                if packet.size or packet.dts is not None:
                    yield packet

    def _clear(self) -> None:
        self.oversized = self.oversized or any("Picture size" in line for _, _, line in self.said)
        self.said.clear()

    def _latecomers(self) -> range:
        """Numbers of streams that began after the first were found; PyAV shows them in its description only."""
        av.logging.set_level(av.logging.INFO)
        described: Any = self.container
        shown = [int(number) for number in _STREAM.findall(described.dumps_format())]
        av.logging.set_level(av.logging.WARNING)
        return range(len(self.container.streams), min(max(shown, default=0) + 1, MAX_STREAMS))

    def _listen(self, track: PictureTrack | SoundTrack | None, broken: bool) -> None:
        """What the demuxer and its parsers had to say while they made the packet at hand, itself broken or not."""
        for level, name, line in self.said:
            if any(ending in line.lower() for ending in _ENDINGS):
                self.cut = True
            elif level <= av.logging.ERROR and name == self.container.format.name:
                self.faults += 1
                for picture in self.pictures.values():
                    picture.damaged()
            elif level <= av.logging.ERROR:
                broken = True
        if broken and isinstance(track, PictureTrack):
            track.damaged()

    def _judge(self) -> Verdict:
        for number in self._latecomers():
            self._remark(RemarkCode.STREAM_IGNORED, detail=f"stream {number} (begins later)")
        heard = [track for track in self.sounds.values() if track.decodable]
        for silent in self.sounds.values():
            if not silent.decodable:
                self._ignore(silent.stream)
        seen = self._seen(bool(heard))
        if seen is not None and seen.first is None and self.oversized:
            return Verdict(code=Code.TOO_LARGE, message=f"A picture has more than {MAX_PIXELS} pixels.")
        if seen is not None and seen.first is None:
            return Verdict(code=Code.NO_PICTURE, message="No picture in the recording can be shown.")
        times = [*([seen.times] if seen else []), *(track.times for track in heard)]
        if not times:
            return Verdict(code=Code.NO_PICTURE, message="Nothing in the file can be shown or heard.")
        return self._told(seen, heard, paces(times, self._hole_s()))

    def _seen(self, heard: bool) -> PictureTrack | None:
        """The picture: the default one, or else the largest. A single picture under sound is a cover."""
        moving = [track for track in self.pictures.values() if track.times.packets]
        for track in self.pictures.values():
            if heard and track.still:
                moving.remove(track)
                self.cover = track.stream.index if self.cover is None else self.cover
        seen = max(moving, key=_importance, default=None)
        for track in moving:
            if track is not seen:
                self._ignore(track.stream)
        return seen

    def _hole_s(self) -> float:
        return _HOLE_OF_A_BROADCAST_S if self.container.format.flags & _JUMPING_CLOCK else _HOLE_S

    def _told(self, seen: PictureTrack | None, heard: Sequence[SoundTrack], pace: Sequence[Pace]) -> Verdict:
        start_s = self._start_s(pace)
        ends = [one.length_s + min(max(one.first_s - start_s, 0.0), _HOLE_S) for one in pace]
        ends = [end - max(start_s - one.first_s, 0.0) for end, one in zip(ends, pace, strict=True)]
        length_s = max(ends)
        if length_s <= 0:
            return _NOT_A_VIDEO
        sounds = [track.sound(length_s) for track in heard]
        order = sorted(range(len(sounds)), key=lambda at: not sounds[at].default)
        self._remark_lengths(seen, ends[0], [ends[at + bool(seen)] for at in order])
        self._remark_times(seen, pace, start_s, length_s)
        picture = seen.picture(seen.first, pace[0], length_s) if seen and seen.first else None
        if picture and picture.rotation:
            self._remark(RemarkCode.ROTATED, detail=str(picture.rotation))
        for at in order[:MAX_SOUNDS]:
            if sounds[at].channels > 2:
                self._remark(RemarkCode.DOWNMIXED, track=sounds[at].language, detail=sounds[at].layout)
        for at in order[MAX_SOUNDS:]:
            self._ignore(heard[at].stream)
        return Verdict(
            recording=Recording(
                container=self.container.format.name,
                bytes=self.bytes,
                duration_ms=round(length_s * 1000),
                picture=picture,
                sounds=tuple(sounds[at] for at in order[:MAX_SOUNDS]),
                chapters=self._chapters(start_s, round(length_s * 1000)),
                start_ms=round(start_s * 1000),
                cover=self.cover,
                steady=self._steady(pace) and (seen is None or seen.enterable),
                remarks=tuple(self.remarks),
            )
        )

    def _start_s(self, pace: Sequence[Pace]) -> float:
        first_s = min(one.first_s for one in pace)
        said_s = self.container.start_time
        if said_s is not None and abs(said_s / av.time_base - first_s) < 1:
            return float(said_s / av.time_base)
        return first_s

    def _remark_lengths(self, seen: PictureTrack | None, first_end: float, sound_ends: Sequence[float]) -> None:
        if seen is None:
            self._remark(RemarkCode.SOUND_ALONE)
        elif not sound_ends:
            self._remark(RemarkCode.NO_SOUND)
        elif max(sound_ends) - first_end > EARLY_S:
            missing_ms = round((max(sound_ends) - first_end) * 1000)
            self._remark(RemarkCode.PICTURE_ENDS_EARLY, at_ms=round(first_end * 1000), length_ms=missing_ms)
        elif first_end - sound_ends[0] > EARLY_S:
            missing_ms = round((first_end - sound_ends[0]) * 1000)
            self._remark(RemarkCode.SOUND_ENDS_EARLY, at_ms=round(sound_ends[0] * 1000), length_ms=missing_ms)

    def _remark_times(self, seen: PictureTrack | None, pace: Sequence[Pace], start_s: float, length_s: float) -> None:
        holes_s = max(one.holes_s for one in pace)
        promised_s = (self.container.duration or 0) / av.time_base if self._kind() in _PROMISING else 0.0
        missing_s = promised_s - (start_s + length_s + holes_s)
        self.cut = self.cut or missing_s > _CUT_S
        if self.cut:
            self._remark(RemarkCode.CUT_SHORT, length_ms=round(missing_s * 1000) if missing_s > _CUT_S else None)
        fault = next((one.fault for one in pace if one.fault), "")
        if fault:
            self._remark(RemarkCode.TIMES_MENDED, detail=fault)
        elif seen is not None and seen.inner_damages and pace[0].rate:
            at_ms = round(min(seen.inner_damages[0] / pace[0].rate, length_s) * 1000)
            self._remark(RemarkCode.PICTURE_DAMAGED, at_ms=at_ms, count=len(seen.inner_damages))

    def _kind(self) -> str:
        return str(self.container.format.name).split(",", 1)[0]

    def _steady(self, pace: Sequence[Pace]) -> bool:
        indexed = self._kind() in _ENTERED and bool(self.container.duration)
        return indexed and not self.cut and not self.faults and not any(one.fault for one in pace)

    def _chapters(self, start_s: float, length_ms: int) -> tuple[Chapter, ...]:
        found = []
        for chapter in self.container.chapters():
            base = float(chapter["time_base"] or 0)
            start = max(round((chapter["start"] * base - start_s) * 1000), 0)
            end = min(round((chapter["end"] * base - start_s) * 1000), length_ms)
            title = words(chapter["metadata"].get("title", ""))
            if title and start < end:
                found.append(Chapter(start, end, title))
        found.sort(key=lambda chapter: (chapter.start_ms, chapter.end_ms))
        return tuple(found[:MAX_CHAPTERS])


def _importance(track: PictureTrack) -> tuple[bool, bool, int]:
    context = track.stream.codec_context
    default = bool(track.stream.disposition & av.stream.Disposition.default)
    return track.first is not None, default, context.width * context.height if context is not None else 0
