"""A package's HLS playlist as a timeline that libmpv plays exactly, and that cannot lead out of the package.

libavformat's HLS reader seeks to the next segment instead of the instant asked for, and follows any address. So the
playlist is read here (RFC 8216, as our own packages use it), every file in it must lie in the package, and libmpv gets
an EDL of init and segments (mpv's DOCS/edl-mpv.rst). Used by the players.
"""

import re
from dataclasses import dataclass
from pathlib import Path

VARIANT = re.compile(r"[:,]BANDWIDTH=(\d+)")
MAP = re.compile(r'URI="([^"]+)"')


class PlaylistUnusable(Exception):
    """It is no playlist of a package, names a file outside of it, or one that is missing."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One rendition on the disk: its initialisation, and its segments in order with their lengths in seconds."""

    init: Path
    segments: tuple[tuple[Path, float], ...]

    @property
    def length_ms(self) -> int:
        """How long it plays."""
        return round(1000 * sum(seconds for _path, seconds in self.segments))

    @property
    def timeline(self) -> str:
        """Its EDL address."""
        parts = ";".join(f"{_quoted(path)},length={seconds:.6f}" for path, seconds in self.segments)
        return f"edl://!mp4_dash,init={_quoted(self.init)};{parts}"


def stored(playlist: Path) -> Stored:
    """What a media playlist names, or a master playlist's best variant whose files are all there.

    Raises:
        PlaylistUnusable: see there.
    """
    root = playlist.resolve().parent
    variants = _variants(playlist, root)
    if not variants:
        return _media(playlist, root)
    for place, variant in enumerate(variants, start=1):
        try:
            return _media(variant, root)
        except PlaylistUnusable:
            if place == len(variants):
                raise
    raise PlaylistUnusable(f"{playlist.name}: no variant")


def _lines(playlist: Path) -> list[str]:
    try:
        lines = playlist.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PlaylistUnusable(f"{playlist.name}: {error}") from error
    if not lines or lines[0].strip() != "#EXTM3U":
        raise PlaylistUnusable(f"{playlist.name}: no playlist")
    return [line.strip() for line in lines if line.strip()]


def _variants(master: Path, root: Path) -> list[Path]:
    """Media playlists of a master playlist, the best first; empty where it is a media playlist itself."""
    found: list[tuple[int, Path]] = []
    bandwidth: int | None = None
    for line in _lines(master):
        if line.startswith("#EXT-X-STREAM-INF"):
            match = VARIANT.search(line)
            bandwidth = int(match[1]) if match else 0
        elif not line.startswith("#") and bandwidth is not None:
            found.append((bandwidth, _inside(master.parent, line, root)))
            bandwidth = None
    return [path for _bandwidth, path in sorted(found, key=lambda variant: -variant[0])]


def _media(playlist: Path, root: Path) -> Stored:
    init: Path | None = None
    seconds: float | None = None
    segments: list[tuple[Path, float]] = []
    for line in _lines(playlist):
        if line.startswith("#EXT-X-MAP"):
            match = MAP.search(line)
            init = _inside(playlist.parent, match[1], root) if match else None
        elif line.startswith("#EXTINF:"):
            try:
                seconds = float(line.removeprefix("#EXTINF:").split(",")[0])
            except ValueError as error:
                raise PlaylistUnusable(f"{playlist.name}: {line}") from error
        elif not line.startswith("#") and seconds is not None:
            segments.append((_inside(playlist.parent, line, root), seconds))
            seconds = None
    if init is None or not segments:
        raise PlaylistUnusable(f"{playlist.name}: no segments")
    return Stored(init, tuple(segments))


def _inside(folder: Path, name: str, root: Path) -> Path:
    """The file that a line names, which must be there and in the package."""
    path = (folder / name).resolve()
    if "://" in name or not path.is_relative_to(root) or not path.is_file():
        raise PlaylistUnusable(f"{name}: not a file of the package")
    return path


def _quoted(path: Path) -> str:
    """With its length in bytes in front, so that no character of it means anything."""
    return f"%{len(str(path).encode())}%{path}"
