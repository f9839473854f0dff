"""A package's HLS playlists as a timeline that libmpv plays exactly, and that cannot lead out of the package.

libavformat's HLS reader seeks to the next segment instead of the instant asked for, and follows any address. So the
playlists are read here (RFC 8216, as our own packages use it), every file must lie in its playlist's folder, and libmpv
gets an EDL: picture and sound tracks as streams of init and segments (mpv's DOCS/edl-mpv.rst). Used by the players.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tvclient.core.ports import Playable

MAP = re.compile(r'URI="([^"]+)"')


class PlaylistUnusable(Exception):
    """It is no playlist of a package, names a file outside of it, or one that is missing."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """What libmpv opens: an EDL of the picture, then each sound track; and how long the picture lasts."""

    address: str
    length_ms: int


def timeline(playable: Playable) -> Timeline:
    """Picture and sounds from one moment to the next.

    Raises:
        PlaylistUnusable: see there.
    """
    picture, length_s = _stream(playable.playlist)
    sounds = [_stream(sound.path)[0] for sound in playable.sounds]
    return Timeline("edl://" + ";!new_stream;".join([picture, *sounds]), round(1000 * length_s))


def _lines(playlist: Path) -> list[str]:
    try:
        lines = playlist.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PlaylistUnusable(f"{playlist.name}: {error}") from error
    if not lines or lines[0].strip() != "#EXTM3U":
        raise PlaylistUnusable(f"{playlist.name}: no playlist")
    return [line.strip() for line in lines if line.strip()]


def _stream(playlist: Path) -> tuple[str, float]:
    """A media playlist as one stream of an EDL, and its length in seconds."""
    root = playlist.resolve().parent
    init: Path | None = None
    seconds: float | None = None
    segments: list[tuple[Path, float]] = []
    for line in _lines(playlist):
        if line.startswith("#EXT-X-MAP"):
            match = MAP.search(line)
            init = _inside(root, match[1]) if match else None
        elif line.startswith("#EXTINF:"):
            try:
                seconds = float(line.removeprefix("#EXTINF:").split(",")[0])
            except ValueError as error:
                raise PlaylistUnusable(f"{playlist.name}: {line}") from error
        elif not line.startswith("#") and seconds is not None:
            segments.append((_inside(root, line), seconds))
            seconds = None
    if init is None or not segments:
        raise PlaylistUnusable(f"{playlist.name}: no segments")
    parts = ";".join(f"{_quoted(path)},length={length:.6f}" for path, length in segments)
    return f"!mp4_dash,init={_quoted(init)};{parts}", sum(length for _path, length in segments)


def _inside(root: Path, name: str) -> Path:
    """The file that a line names, which must be there and in the playlist's folder."""
    path = (root / name).resolve()
    if "://" in name or not path.is_relative_to(root) or not path.is_file():
        raise PlaylistUnusable(f"{name}: not a file of the package")
    return path


def _quoted(path: Path) -> str:
    """With its length in bytes in front, so that no character of it means anything."""
    return f"%{len(str(path).encode())}%{path}"
