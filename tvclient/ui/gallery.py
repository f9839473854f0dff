"""Every screen as a picture, in both languages and two sizes, from sample states.

    SDL_VIDEODRIVER=offscreen python -m tvclient.ui.gallery --out DIR [--size 1920x1080 ...]

For looking at, and for the tests. The samples are in `samples.py`.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from PIL import Image

SIZES = ("1920x1080", "1280x720")
SETTLED = 0.75
"""Seconds after which every animation has come to rest."""


def main() -> int:
    """Write one PNG for each sample, language and size; a process of its own for each size."""
    parser = argparse.ArgumentParser(description="Draw every screen of the television.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", action="append", choices=SIZES)
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
        ]
        return max(subprocess.run([*module, "--size", size], check=False).returncode for size in sizes)
    width, _, height = sizes[0].partition("x")
    draw_all(options.out, int(width), int(height), options.only, options.settle)
    return 0


def draw_all(out: Path, width: int, height: int, only: str = "", settle: float = SETTLED) -> list[Path]:
    """Open a window of this size and write every sample. Returns the files in the order of the samples."""
    from tvclient.ui.window import framebuffer, open_window, step_until

    open_window(width, height)
    from kivy.base import EventLoop, runTouchApp
    from kivy.clock import Clock
    from kivy.core.window import Window

    from tvclient.core.state import Language
    from tvclient.ui import samples
    from tvclient.ui.stage import Stage
    from tvclient.ui.theme import register_face
    from tvclient.ui.widgets import Poster

    register_face()
    out.mkdir(parents=True, exist_ok=True)
    poster_of = samples.posters(out / "posters")
    grabbed: list[Image.Image] = []
    Window.fbind("on_flip", lambda _window: grabbed.__setitem__(slice(None), [framebuffer()]))
    written: list[Path] = []
    runTouchApp(embedded=True)
    for language in Language:
        for name, state in samples.states(language).items():
            if only not in name:
                continue
            stage = Stage(poster_of, samples.caption_at, Poster(at=[0, 0, 1920, 1080], corners=[0] * 4, bare=True))
            backdrop: Poster = stage.children[-1]
            backdrop.gallery, backdrop.package = stage.posters, samples.BACKDROP
            Window.add_widget(stage)
            stage.show(state)
            stage.moved(samples.POSITION_MS)
            begun = Clock.get_time()
            step_until(lambda begun=begun, posters=stage.posters: posters.idle and Clock.get_time() - begun > settle, 5)
            Window.canvas.ask_update()
            grabbed.clear()
            step_until(lambda: bool(grabbed), 5)
            written.append(out / f"{name}-{language.value}-{height}.png")
            grabbed[0].save(written[-1])
            Window.remove_widget(stage)
            stage.close()
    EventLoop.close()
    return written


if __name__ == "__main__":
    sys.exit(main())
