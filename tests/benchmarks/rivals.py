"""What the television is measured beside, and how each is started: Kodi, mpv, and the television with a real evening.

All play the same pictures of 1280x720: the television from a package, the others from one file of the same bytes. Each
has a sink that swallows the sound: the television and mpv libmpv's own, Kodi, which waits for a device, ALSA's.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

from media_pipeline.manifest import (
    MadeWith,
    Manifest,
    PackageFile,
    Rendition,
    SourceFacts,
    encode_manifest,
    package_name,
)
from schedules.airings import PackageName
from schedules.wire.messages import Reported
from tests import processes
from tests.benchmarks.display import Display
from tests.demo.stack import ROOT, wait_until
from tests.tvclient.broker import Broker
from tests.tvclient.counterpart import LAYER, Counterpart, now
from tests.tvclient.evening import airing
from tvclient.adapters.identity import Vault

KODI = Path("/usr/lib/x86_64-linux-gnu/kodi/kodi.bin")
NEEDED = {"Xvfb": "xvfb", "kodi": "kodi", "mpv": "mpv"}
RATE, LESSON_S = 25, 120
BITS, BIT_PX = 12, 16
"""Each picture's number stands in its upper left corner, one square a bit, the lowest first."""
DEVELOPERS = ("click", "rich", "pygments", "lxml")
"""Libraries that a television is installed without, and that structlog and httpx load where they are."""


def missing() -> str:
    """What to install before this can be measured; empty where all is there."""
    absent = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    return f"The television is measured beside Kodi and mpv: apt-get install {' '.join(absent)}" if absent else ""


class Lesson:
    """Two minutes of moving pictures with sound, every picture numbered: as one file and as a package's parts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.file = folder / "lesson.mp4"
        self.poster = folder / "poster.jpg"
        self._parts = folder / "720p"
        self._parts.mkdir()
        bits = ",".join(
            f"drawbox=x={bit * BIT_PX}:y=0:w={BIT_PX}:h={BIT_PX}:color={colour}:t=fill{when}"
            for bit in range(BITS)
            for colour, when in (("black", ""), ("white", f":enable='mod(floor(n/{2**bit}),2)'"))
        )
        picture = f"testsrc2=size=1280x720:rate={RATE}:duration={LESSON_S}"
        _ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=frequency=300:duration={LESSON_S}",
                "-vf", bits, "-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-pix_fmt", "yuv420p",
                "-c:a", "aac", "-ac", "2", str(self.file))  # fmt: skip
        _ffmpeg("-i", str(self.file), "-c", "copy", "-f", "hls", "-hls_time", "6", "-hls_segment_type", "fmp4",
                "-hls_playlist_type", "vod", str(self._parts / "index.m3u8"))  # fmt: skip
        _ffmpeg("-ss", "5", "-i", str(self.file), "-frames:v", "1", str(self.poster))

    def package(self, seed: str) -> tuple[dict[str, bytes], Manifest]:
        """Files by path and their manifest, as the pipeline's format 1; each seed makes another package."""
        files = {f"720p/{part.name}": part.read_bytes() for part in self._parts.iterdir()}
        files |= {"poster.jpg": self.poster.read_bytes(), "master.m3u8": f"#EXTM3U {seed}\n".encode()}
        size = sum(map(len, files.values()))
        segments = sorted((name for name in files if name.endswith(".m4s")), key=lambda name: (len(name), name))
        rendition = Rendition(
            name="720p", kind="video", width=1280, height=720, frame_rate=RATE, codecs="avc1.64001f,mp4a.40.2",
            peak_bps=8 * size // LESSON_S, average_bps=8 * size // LESSON_S, playlist="720p/index.m3u8", bytes=size,
            init="720p/init.mp4", segments=tuple(segments),
        )  # fmt: skip
        listed = tuple(
            PackageFile(path=path, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
            for path, data in sorted(files.items())
        )
        return files, Manifest(
            duration_ms=LESSON_S * 1000, renditions=(rendition,), files=listed, made_with=MadeWith("x264", "1"),
            source=SourceFacts(LESSON_S * 1000, size, "h264"), poster="poster.jpg", format=1,
        )  # fmt: skip


class Box:
    """A television's folder and the county on the other side of its line, which stands."""

    def __init__(self, folder: Path, lesson: Lesson) -> None:
        self.folder = folder
        self._broker = Broker(folder / "broker")
        self._broker.start()
        self._server = Counterpart(folder / "server", self._broker.port)
        self._server.start()
        self._server.want()
        self.packages = [self._add(lesson, str(number)) for number in range(4)]
        Vault(folder / "tv" / "secret").keep(self._server.credentials())
        self._revision = 0

    def plan(self, first_in: timedelta, every: timedelta = timedelta(minutes=25)) -> None:
        """Four lessons, the first so long from now."""
        self._revision += 1
        begins = [now() + first_in + place * every for place in range(4)]
        lessons = [
            airing(begin, LESSON_S, package, f"slot-{self._revision}-{place}")
            for place, (begin, package) in enumerate(zip(begins, self.packages, strict=True))
        ]
        self._server.plan(self._revision, *lessons)

    @property
    def argv(self) -> list[str]:
        """The command of this television."""
        given = ["--server", self._server.url, "--development", "--data", str(self.folder / "tv")]
        return [sys.executable, "-m", "tvclient", *given, "--windowed", "1280x720", "--no-remote"]

    def furnished(self) -> bool:
        """Whether the television has told that it has the newest timetable and every lesson."""
        told: Reported | None = self._server.reported
        if told is None or LAYER not in told.layers or len(told.packages) < len(self.packages):
            return False
        layer = told.layers[LAYER]
        return bool(layer.applied == self._revision) and all(one.playable for one in told.packages.values())

    def fill(self, display: Display) -> None:
        """Run the television until everything is stored."""
        with running(self.argv, self.folder, display, television_environment(self.folder)):
            wait_until(self.furnished, "the television has its timetable and lessons", 120)

    def close(self) -> None:
        """End server and broker."""
        self._server.stop()
        self._broker.stop()

    def _add(self, lesson: Lesson, seed: str) -> PackageName:
        files, manifest = lesson.package(seed)
        data = encode_manifest(manifest)
        name = PackageName(package_name(data))
        for path, content in {**files, "manifest.json": data}.items():
            at = self._server.packages / name / path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(content)
        self._server.approve(name)
        return name


def television_environment(folder: Path) -> Mapping[str, str]:
    """As an installed television's: nothing of a developer's in it."""
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({DEVELOPERS!r}))\n")
    return {"YJ_TV_STICKS": "", "PYTHONPATH": f"{folder}:{ROOT}", "LD_LIBRARY_PATH": ""}


def kodi_environment(folder: Path) -> Mapping[str, str]:
    """With the one sound device that swallows everything."""
    (folder / "asound.conf").write_text("pcm.!default { type null }\nctl.!default { type null }\n")
    return {"ALSA_CONFIG_PATH": str(folder / "asound.conf")}


def kodi_argv(*file: Path) -> list[str]:
    """Kodi as its own wrapper starts it."""
    return [str(KODI), "--standalone", "--windowing=x11", "--audio-backend=alsa", *map(str, file)]


def mpv_argv(file: Path) -> list[str]:
    """mpv as people start it: on the graphics stack that the television has too."""
    return ["mpv", "--no-config", "--vo=gpu", "--fs", "--no-osc", "--ao=null", "--no-terminal", "--gpu-sw", str(file)]


@contextmanager
def running(
    argv: list[str], folder: Path, display: Display, more: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program on the display; it ends with the block."""
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"WAYLAND_DISPLAY", "SDL_VIDEODRIVER"}},
        "DISPLAY": display.name, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder),
        "PULSE_SERVER": "unix:/nowhere", "ALSA_CONFIG_PATH": "/dev/null", **(more or {}),
    }  # fmt: skip
    display.let_go()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    with processes.ending(process):
        yield process


def _ffmpeg(*arguments: str) -> None:
    subprocess.run([get_ffmpeg_exe(), "-v", "error", *arguments], check=True, timeout=300)
