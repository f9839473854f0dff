"""Every screen as a picture, in both languages, both skins and two sizes, from sample states.

    SDL_VIDEODRIVER=offscreen python -m tvclient.ui.gallery --out DIR [--size 1920x1080 ...] [--skin simple ...]

For looking at, and for the tests. The samples are in `samples.py`.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from tvclient.ui.window import open_window

SIZES = ("1920x1080", "1280x720")
SETTLED = 0.75
"""Seconds after which every animation has come to rest."""


def main() -> int:
    """Write one PNG for each sample, language and size; a process of its own for each size."""
    parser = argparse.ArgumentParser(description="Draw every screen of the television.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", action="append", choices=SIZES)
    parser.add_argument("--skin", action="append", choices=("simple", "full"))
    parser.add_argument("--settle", type=float, default=SETTLED, help="seconds before each picture is taken")
    parser.add_argument("--only", default="", help="samples whose name contains this")
    options = parser.parse_args()
    sizes: list[str] = options.size or list(SIZES)
    if len(sizes) > 1:
        module = [
            sys.executable,
            "-m",
            "tvclient.ui.gallery",
            "--out",
            str(options.out),
            "--only",
            options.only,
            "--settle",
            str(options.settle),
            *(word for skin in options.skin or () for word in ("--skin", skin)),
        ]
        return max(subprocess.run([*module, "--size", size], check=False).returncode for size in sizes)
    width, _, height = sizes[0].partition("x")
    open_window(int(width), int(height))
    from tvclient.ui.exhibit import Skin, draw_all

    draw_all(options.out, options.only, options.settle, [Skin(one) for one in options.skin or Skin])
    return 0


if __name__ == "__main__":
    sys.exit(main())
