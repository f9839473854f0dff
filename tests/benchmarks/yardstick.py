"""What our packages are measured against: a fixed ladder as Apple suggests it, one plain ffmpeg after the other.

Every recording gets every rung at the same rate whatever it shows; sound is in each rung. The preset is the product's.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from media_pipeline.ladder import KEYFRAME_S
from media_pipeline.plan import PRESET

SEGMENT_S = 6
SOUND_BPS = 128_000
_TIME_LIMIT_S = 1200


@dataclass(frozen=True, slots=True)
class FixedRung:
    """One rung: pixels, and bits per second of the picture."""

    name: str
    width: int
    height: int
    bps: int


LADDER = (
    FixedRung("1080p", 1920, 1080, 4_500_000),
    FixedRung("720p", 1280, 720, 3_000_000),
    FixedRung("540p", 960, 540, 2_000_000),
    FixedRung("360p", 640, 360, 730_000),
)


def command(rung: FixedRung, recording: Path) -> list[str]:
    """ffmpeg's arguments for one rung, written into the working folder at the recording's own frame rate."""
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-nostdin", "-loglevel", "error", "-i", str(recording.resolve())]
    argv += ["-vf", f"scale={rung.width}:{rung.height}:flags=bicubic,format=yuv420p"]
    argv += ["-c:v", "libx264", "-preset", PRESET, "-profile:v", "high", "-b:v", str(rung.bps)]
    argv += ["-maxrate", str(rung.bps * 11 // 10), "-bufsize", str(rung.bps * 2), "-sc_threshold", "0"]
    argv += ["-force_key_frames", f"expr:gte(t,n_forced*{KEYFRAME_S})", "-forced-idr", "1"]
    argv += ["-c:a", "aac", "-b:a", str(SOUND_BPS), "-f", "hls", "-hls_time", str(SEGMENT_S)]
    argv += ["-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4"]
    return [*argv, "-hls_segment_filename", "seg-%05d.m4s", "index.m3u8"]


def make(recording: Path, out: Path) -> None:
    """The whole ladder in `out/<rung>/`, one rung after the other."""
    for rung in LADDER:
        home = out / rung.name
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(command(rung, recording), cwd=home, check=True, timeout=_TIME_LIMIT_S)


def nominal_bytes(seconds: float) -> float:
    """What the ladder's pictures weigh if every rung has just its rate."""
    return sum(rung.bps for rung in LADDER) * seconds / 8
