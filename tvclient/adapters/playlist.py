"""A package's HLS playlists as a timeline that libmpv plays exactly, and that cannot lead out of the package.

libavformat's HLS reader seeks to the next segment instead of the instant asked for, and follows any address. So the
playlists are read here (RFC 8216, as our own packages use it), every file must lie in its playlist's folder, and libmpv
gets an EDL: picture and sound tracks as streams of init and segments (mpv's DOCS/edl-mpv.rst). Used by the players.

A segment that is gone is left out, and the one before it lasts as long as both: its last picture stands, the clock goes
on, and what is behind comes at its own time.
"""

import re
from pathlib import Path

import msgspec

from tvclient.core.gaps import Gap
from tvclient.core.ports import Playable

MAP = re.compile(r'URI="([^"]+)"')


class PlaylistUnusable(Exception):
    """It is no playlist of a package, names a file outside of it, or none of its segments is there."""


class Timeline(msgspec.Struct, frozen=True):
    """What libmpv opens: an EDL of the picture, then each sound track.

    Attributes:
        length_ms: how long the picture lasts.
        gaps: segments that are gone.
    """

    address: str
    length_ms: int
    gaps: tuple[Gap, ...] = ()

    @property
    def ends_ms(self) -> int:
        """Where the last picture that is there ends."""
        begins = {gap.to_ms: gap.from_ms for gap in self.gaps if gap.picture}
        ends = self.length_ms
        while ends in begins:
            ends = begins[ends]
        return ends


def timeline(playable: Playable) -> Timeline:
    """Picture and sounds from one moment to the next.

    Raises:
        PlaylistUnusable: see there.
    """
    picture = _stream(playable.playlist, picture=True)
    sounds = [_stream(sound.path, picture=False) for sound in playable.sounds]
    tracks = (picture, *sounds)
    return Timeline(
        "edl://" + ";!new_stream;".join(track.address for track in tracks),
        picture.length_ms,
        tuple(gap for track in tracks for gap in track.gaps),
    )


def gaps_of(playable: Playable) -> tuple[Gap, ...]:
    """What a showing leaves out; nothing of a lesson that cannot be opened at all, of which the player speaks."""
    try:
        return timeline(playable).gaps
    except PlaylistUnusable:
        return ()


def _lines(playlist: Path) -> list[str]:
    try:
        lines = playlist.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PlaylistUnusable(f"{playlist.name}: {error}") from error
    if not lines or lines[0].strip() != "#EXTM3U":
        raise PlaylistUnusable(f"{playlist.name}: no playlist")
    return [line.strip() for line in lines if line.strip()]


def _stream(playlist: Path, *, picture: bool) -> Timeline:
    """A media playlist as one stream of an EDL."""
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
    if not init.is_file():
        raise PlaylistUnusable(f"{init.name}: gone")
    parts, gaps = _without_gone(segments, picture=picture)
    if not parts:
        raise PlaylistUnusable(f"{playlist.name}: all segments are gone")
    stream = ";".join(f"{_quoted(path)},length={length:.6f}" for path, length in parts)
    length_ms = round(1000 * sum(length for _path, length in segments))
    return Timeline(f"!mp4_dash,init={_quoted(init)};{stream}", length_ms, tuple(gaps))


def _without_gone(segments: list[tuple[Path, float]], *, picture: bool) -> tuple[list[tuple[Path, float]], list[Gap]]:
    """Those that are there, each with the seconds until the next one; and the others."""
    parts: list[tuple[Path, float]] = []
    gaps: list[Gap] = []
    first_s = at_s = 0.0
    for path, length in segments:
        if path.is_file():
            parts.append((path, length + first_s))
            first_s = 0.0
        else:
            name = f"{path.parent.name}/{path.name}"
            gaps.append(Gap(name, round(1000 * at_s), round(1000 * (at_s + length)), picture))
            if parts:
                parts[-1] = (parts[-1][0], parts[-1][1] + length)
            else:
                first_s += length
        at_s += length
    return parts, gaps


def _inside(root: Path, name: str) -> Path:
    """The file that a line names, which must be in the playlist's folder, if it is there at all."""
    path = (root / name).resolve()
    if "://" in name or not path.is_relative_to(root) or path == root or path.is_dir():
        raise PlaylistUnusable(f"{name}: not a file of the package")
    return path


def _quoted(path: Path) -> str:
    """With its length in bytes in front, so that no character of it means anything."""
    return f"%{len(str(path).encode())}%{path}"
