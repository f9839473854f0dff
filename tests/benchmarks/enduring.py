"""A real television that notes what it holds: `python -m tests.benchmarks.enduring OUT EVERY_S ARGUMENT...`.

It is `python -m tvclient ARGUMENT...` in every respect; beside it, each so many seconds, one line of JSON is written
with its memory, descriptors, threads and GL textures. Read by `endurance.py`.
"""

import ctypes
import os
import sys
import time
from pathlib import Path

import msgspec

import tvclient.ui  # noqa: F401  # what it says must be said before Kivy is imported
from tests import processes

MOST_TEXTURES = 8192
"""Names of textures that are looked at; drivers give the lowest that is free."""


class Sample(msgspec.Struct, frozen=True):
    """What a television holds: `at` by the machine's monotonic clock, memory in bytes."""

    at: float
    memory: int
    descriptors: int
    threads: int
    textures: int


def main(out: Path, every_s: float, arguments: list[str]) -> int:
    """Run until told to end."""
    from kivy.clock import Clock

    from tvclient.__main__ import main as television
    from tvclient.ui.sdl import load_sdl

    sdl = load_sdl()
    is_texture = None

    def note(_dt: float) -> None:
        nonlocal is_texture
        if is_texture is None:
            address = sdl.SDL_GL_GetProcAddress(b"glIsTexture")
            is_texture = ctypes.CFUNCTYPE(ctypes.c_ubyte, ctypes.c_uint)(address)
        me = os.getpid()
        sample = Sample(
            time.monotonic(),
            processes.proportional_bytes(processes.family(me)),
            len(list(Path("/proc/self/fd").iterdir())),
            processes.threads(me),
            sum(is_texture(name) for name in range(1, MOST_TEXTURES)),
        )
        with out.open("ab") as lines:
            lines.write(msgspec.json.encode(sample) + b"\n")

    Clock.schedule_interval(note, every_s)
    sys.argv = [sys.argv[0], *arguments]
    return television()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
