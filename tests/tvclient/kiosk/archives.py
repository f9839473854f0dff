"""Release archives for tests: good ones that a real Python starts, and hostile ones."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from schedules.wire.messages import Release

NEEDS = "cd" * 32
GOOD = {
    "tvclient/__init__.py": b"",
    "tvclient/__main__.py": b"import os, sys\nprint('runs', os.environ['YJ_TV_RELEASE'], *sys.argv[1:])\n",
    "schedules/__init__.py": b"",
}


def archive(files: dict[str, bytes], symlink: str = "") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as target:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o120777 if name == symlink else 0o100644) << 16
            target.writestr(entry, content)
    return data.getvalue()


def release_of(data: bytes, version: str = "0.3.1", needs: str = NEEDS) -> Release:
    return Release(version=version, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data), needs=needs)


class Server:
    """Gives an archive from any byte on; breaks off after `cut` bytes where told."""

    def __init__(self, data: bytes, cut: int | None = None) -> None:
        self.data, self.cut = data, cut
        self.asked: list[int] = []

    @contextmanager
    def opened(self, from_byte: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        self.asked.append(from_byte)
        rest = self.data[from_byte:]
        if self.cut is not None:
            rest = rest[: self.cut]
        yield from_byte, iter([rest[at : at + 100] for at in range(0, len(rest), 100)])
