"""One trusted package on the disk: which of its files are here, and how far each rendition has come.

Counts bytes as files come and go, so that nobody walks the disk for it. Who may put files there: `packages.py`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from media_pipeline.manifest import MANIFEST_FILE, Manifest, PackageFile, Rendition
from tvclient.adapters.durable import write_durably
from tvclient.adapters.renditions import files, ladder, quality
from tvclient.adapters.room import Choice

AIRED_FILE = ".aired"
"""Empty; its date says when the package was last opened for a showing."""
WHOLE_FILE = ".whole"
"""Names of renditions that were whole here, a line each: what is missing of them is damaged, not awaited."""
Stamp = tuple[int, int, int, int]


@dataclass(slots=True)
class Step:
    """One rendition of the ladder: the paths that it and the smallest one need, and bytes of them."""

    rendition: Rendition
    paths: dict[str, None]
    needs: int
    stored: int = 0


@dataclass(slots=True)
class Held:
    """A package whose manifest is here and trusted. Not safe to use from several threads at once.

    Attributes:
        ladder: the smallest rendition, and after it the better ones.
        verified: files whose hash was found right, and the stamp they had then.
        once: names of renditions that were whole here (`WHOLE_FILE`).
    """

    manifest: Manifest
    files: Mapping[str, PackageFile]
    ladder: list[Step]
    aired: float
    present: set[str] = field(default_factory=set)
    stored: int = 0
    verified: dict[str, Stamp] = field(default_factory=dict)
    once: frozenset[str] = frozenset()

    def gain(self, path: str) -> None:
        """A file is here."""
        if path not in self.present:
            self.present.add(path)
            self._count(path, self.files[path].bytes)

    def lose(self, path: str) -> None:
        """A file is gone."""
        self.verified.pop(path, None)
        if path in self.present:
            self.present.remove(path)
            self._count(path, -self.files[path].bytes)

    def steps(self, limit: str | None) -> list[Step]:
        """The ladder up to the rendition of that name, and no better one; all of it where there is none such."""
        limits = [quality(one) for one in self.manifest.renditions if one.name == limit]
        allowed = [n for n, step in enumerate(self.ladder) if not limits or quality(step.rendition) <= max(limits)]
        return self.ladder[: max(allowed, default=0) + 1]

    def choices(self, limit: str | None) -> tuple[Choice, ...]:
        """The same, as `room.py` weighs them."""
        return tuple(Choice(step.needs, step.stored) for step in self.steps(limit))

    def bytes_of(self, paths: set[str]) -> int:
        """What these files weigh."""
        return sum(self.files[path].bytes for path in paths)

    def _count(self, path: str, more: int) -> None:
        self.stored += more
        for step in self.ladder:
            if path in step.paths:
                step.stored += more


def look(place: Path, manifest: Manifest, codecs: frozenset[str]) -> Held:
    """The package in a folder, with those of its files that are there in full length."""
    listed = {file.path: file for file in manifest.files}
    renditions = ladder(manifest, codecs)
    steps = []
    for one in renditions:
        paths = dict.fromkeys([*files(manifest, renditions[0]), *files(manifest, one)])
        steps.append(Step(one, paths, sum(listed[path].bytes for path in paths)))
    held = Held(manifest, listed, steps, max(written(place / AIRED_FILE), written(place / MANIFEST_FILE)))
    for path, file in listed.items():
        at = place / path
        if at.is_file() and not at.is_symlink() and at.stat().st_size == file.bytes:
            held.gain(path)
    held.once = _once(place)
    return held


def clear_unknown(place: Path, held: Held, paths: Iterable[str]) -> None:
    """Remove whatever lies under these names without being known to be right, so that no player opens it."""
    for path in set(paths) - held.present:
        with suppress(OSError):
            (place / path).unlink()


def note_whole(place: Path, held: Held, names: frozenset[str]) -> None:
    """Remember over a restart which renditions were whole; a disk that cannot take it costs only that."""
    if names != held.once:
        held.once = names
        with suppress(OSError):
            write_durably(place / WHOLE_FILE, "\n".join(sorted(names)).encode(), 0o644)


def _once(place: Path) -> frozenset[str]:
    try:
        return frozenset((place / WHOLE_FILE).read_text("utf-8").split())
    except (OSError, UnicodeDecodeError):
        return frozenset()


def written(path: Path) -> float:
    """When a file was last written, in seconds of the box's own clock; 0 where it is absent."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def stamp_of(path: Path) -> Stamp:
    """What a file that was not touched since would still have."""
    seen = path.stat()
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def sha256_of(path: Path) -> str:
    """The hash of a whole file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
