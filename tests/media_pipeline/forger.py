"""Changes a copy of a package and makes its manifest vouch for what was changed: right hashes over wrong content."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from media_pipeline import boxes
from media_pipeline.boxes import Fragment
from media_pipeline.manifest import package_name
from media_pipeline.verify import listing, measure


class Forger:
    """One package's folder; `manifest` is its manifest as JSON, written by `sealed`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())

    def text(self, path: str, old: str, new: str, times: int = -1) -> None:
        """Put `new` for `old` in a text, which has to be there."""
        content = (self.folder / path).read_text(encoding="utf-8")
        assert old in content, f"{path} has no {old!r}"
        (self.folder / path).write_text(content.replace(old, new, times), encoding="utf-8")

    def without_lines(self, path: str, *holding: str) -> None:
        """Take out the lines that hold all of these."""
        lines = (self.folder / path).read_text(encoding="utf-8").splitlines(keepends=True)
        left = [line for line in lines if not all(word in line for word in holding)]
        assert len(left) < len(lines), f"{path} has no {holding}"
        (self.folder / path).write_text("".join(left), encoding="utf-8")

    def data(self, path: str, change: Callable[[bytes], bytes]) -> None:
        """Change a file's bytes."""
        before = (self.folder / path).read_bytes()
        after = change(before)
        assert after != before
        (self.folder / path).write_bytes(after)

    def fragments(self, path: str, change: Callable[[int, Fragment, bytes], bytes]) -> None:
        """Change a segment fragment by fragment."""

        def changed(segment: bytes) -> bytes:
            _, found = boxes.split(segment)
            parts = (segment[one.offset : one.offset + one.size] for one in found)
            return b"".join(change(at, one, part) for at, (one, part) in enumerate(zip(found, parts, strict=True)))

        self.data(path, changed)

    def rendition(self, name: str) -> dict[str, Any]:
        """One rendition of the manifest."""
        return next(one for one in self.manifest["renditions"] if one["name"] == name)

    def sound(self, playlist: str) -> dict[str, Any]:
        """One sound of the manifest."""
        return next(one for one in self.manifest["sounds"] if one["playlist"] == playlist)

    def sealed(self) -> Path:
        """List every file as it is now, weigh every track anew, and give the folder its new name."""
        files = [measure(self.folder, path) for path in listing(self.folder)]
        self.manifest["files"] = [{"path": one.path, "bytes": one.bytes, "sha256": one.sha256} for one in files]
        sizes = {one.path: one.bytes for one in files}
        for track in self.manifest["renditions"] + self.manifest["sounds"]:
            if track["init"]:
                paths = {track["playlist"], track["init"], *track["segments"], track.get("iframes", "")}
                track["bytes"] = sum(sizes.get(path, 0) for path in paths)
        return self.named()

    def named(self) -> Path:
        """Write the manifest as it is and give the folder its new name."""
        path = self.folder / "manifest.json"
        path.write_text(json.dumps(self.manifest), encoding="utf-8")
        return self.folder.rename(self.folder.with_name(package_name(path.read_bytes())))


def patched(data: bytes, box: bytes, at: int, value: bytes) -> bytes:
    """Bytes overwritten `at` so many after the name of the only such box."""
    assert data.count(box) == 1, f"{data.count(box)} {box!r}"
    start = data.index(box) + 4 + at
    return data[:start] + value + data[start + len(value) :]
