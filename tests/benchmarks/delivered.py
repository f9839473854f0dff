"""What a viewer gets, measured from the written files alone: quality, loudness, and what the master playlist promises.

Nothing here believes a manifest. Rules: Apple's HLS authoring specification for VOD; EBU R 128; RFC 8216, 4.3.4.2.
"""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg
import msgspec

from media_pipeline.playlist import Segment, segments

FRAME_STEP = 7
"""Every seventh frame is scored: a step that no lowered frame rate and no group of pictures falls in with."""
LOUDNESS_LUFS, LOUDNESS_WITHIN, PEAK_DBTP = -24.0, 0.5, -1.0
_NEAR, _PEAK_OF_AVERAGE = 0.1, 2.0
_TIME_LIMIT_S = 1200
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))')


class Quality(msgspec.Struct, frozen=True):
    """VMAF (libvmaf's default model) at 1920 x 1080 over a whole recording."""

    mean: float
    p5: float

    def lacks(self, other: "Quality") -> float:
        """Points that this is below the other, in the mean or the 5th percentile, whichever is more; below 0: above."""
        return max(other.mean - self.mean, other.p5 - self.p5)


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One variant: what the master playlist says, and what its segments are, in bits per second, sound included."""

    name: str
    bandwidth: int
    average_bandwidth: int
    peak_bps: float
    average_bps: float

    @property
    def kept_word(self) -> bool:
        """Whether it is inside Apple's rules."""
        return (
            abs(self.peak_bps / self.bandwidth - 1) <= _NEAR
            and abs(self.average_bps / self.average_bandwidth - 1) <= _NEAR
            and self.peak_bps <= _PEAK_OF_AVERAGE * self.average_bps
        )


class Loudness(msgspec.Struct, frozen=True):
    """One sound track, decoded: integrated loudness in LUFS, true peak in dBTP."""

    track: str
    integrated: float
    true_peak: float

    @property
    def right(self) -> bool:
        """Whether it is as loud as it should be, and never louder than allowed."""
        return abs(self.integrated - LOUDNESS_LUFS) <= LOUDNESS_WITHIN and self.true_peak <= PEAK_DBTP


def bytes_in(folder: Path) -> int:
    """All files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def quality(recording: Path, encoded: Sequence[Path], rate: Fraction) -> tuple[Quality, ...]:
    """How much each of these encodings (playlists) of a recording looks like it, seen at its own frame rate."""
    count = len(encoded)
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-i", str(recording.resolve())]
    for playlist in encoded:
        argv += ["-i", str(playlist.resolve())]
    shown = f"fps={rate}:start_time=0,scale=1920:1080:flags=bicubic,format=yuv420p"
    graph = [f"[0:v]{shown},split={count}" + "".join(f"[r{number}]" for number in range(count))]
    for number in range(count):
        graph.append(f"[{number + 1}:v]{shown}[e{number}]")
        scored = f"libvmaf=n_subsample={FRAME_STEP}:n_threads=2:shortest=1:log_fmt=json:log_path={number}.json"
        graph.append(f"[e{number}][r{number}]{scored}[o{number}]")
    argv += ["-filter_complex", ";".join(graph)]
    for number in range(count):
        argv += ["-map", f"[o{number}]", "-f", "null", "-"]
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(argv, cwd=work, check=True, timeout=_TIME_LIMIT_S)
        return tuple(_scores((Path(work) / f"{number}.json").read_bytes()) for number in range(count))


def pooled(scores: Sequence[float]) -> Quality:
    """Mean and 5th percentile of the scores of frames; at least one."""
    ordered = sorted(scores)
    return Quality(sum(ordered) / len(ordered), ordered[int(0.05 * (len(ordered) - 1))])


def loudness(playlist: Path) -> Loudness:
    """Decode a sound track and measure it (EBU R 128)."""
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-nostats", "-i", str(playlist.resolve())]
    argv += ["-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
    said = subprocess.run(argv, check=True, timeout=_TIME_LIMIT_S, capture_output=True, text=True).stderr
    summary = said[said.rindex("Summary:") :]
    integrated, peak = (
        re.search(rf"{word}:\s+(\S+) {unit}", summary) for word, unit in (("I", "LUFS"), ("Peak", "dBFS"))
    )
    if integrated is None or peak is None:
        raise ValueError(f"no loudness in {summary!r}")
    return Loudness(playlist.parent.name, float(integrated[1]), float(peak[1]))


def variants(package: Path) -> tuple[Variant, ...]:
    """Every variant of the written master playlist, beside what its segments really are."""
    lines = (package / "master.m3u8").read_text(encoding="utf-8").splitlines()
    tracks = [_attributes(line) for line in lines if line.startswith("#EXT-X-MEDIA:TYPE=AUDIO")]
    found = []
    for line, address in pairwise(lines):
        if not line.startswith("#EXT-X-STREAM-INF:"):
            continue
        said = _attributes(line)
        own = _rates(package / address)
        heard = [one["URI"] for one in tracks if one["GROUP-ID"] == said.get("AUDIO")]
        beside = [_rates(package / uri) for uri in heard if address not in heard]
        found.append(
            Variant(
                name=address.rpartition("/")[0],
                bandwidth=int(said["BANDWIDTH"]),
                average_bandwidth=int(said["AVERAGE-BANDWIDTH"]),
                peak_bps=own[0] + max((peak for peak, _ in beside), default=0),
                average_bps=own[1] + max((average for _, average in beside), default=0),
            )
        )
    return tuple(found)


def peak_and_average(parts: Sequence[Segment], sizes: Sequence[int]) -> tuple[float, float]:
    """Bits per second: the most of any run of segments of half to one and a half target durations, and of the whole."""
    target = max(round(part.duration_s) for part in parts)
    peak = 0.0
    for first in range(len(parts)):
        seconds, size = 0.0, 0
        for part, more in zip(parts[first:], sizes[first:], strict=True):
            seconds, size = seconds + part.duration_s, size + more
            if 0.5 * target <= seconds <= 1.5 * target:
                peak = max(peak, size * 8 / seconds)
    average = sum(sizes) * 8 / sum(part.duration_s for part in parts)
    return max(peak, average), average


def _rates(playlist: Path) -> tuple[float, float]:
    parts = segments(playlist.read_text(encoding="utf-8"))
    return peak_and_average(parts, [(playlist.parent / part.uri).stat().st_size for part in parts])


def _attributes(line: str) -> dict[str, str]:
    return {name: quoted or plain for name, quoted, plain in _ATTRIBUTE.findall(line.partition(":")[2])}


class _Frame(msgspec.Struct):
    metrics: dict[str, float]


class _Log(msgspec.Struct):
    frames: list[_Frame]


def _scores(log: bytes) -> Quality:
    return pooled([frame.metrics["vmaf"] for frame in msgspec.json.decode(log, type=_Log).frames])
