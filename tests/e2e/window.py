"""A real X server of one's own, the real television on it, its keys as X sends them, its picture as X shows it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageGrab

from tests import processes
from tests.demo.stack import ROOT
from tests.tvclient.awaiting import eventually

SIZE = (1280, 720)
Colour = tuple[int, int, int]
NEAR = 24
"""So far apart, of 255, the parts of two colours may be that are the same to the eye."""


class Window:
    """What stands on one X display. Places are those of `core.geometry`: 1920 x 1080."""

    def __init__(self, display: str) -> None:
        self.display = display

    def press(self, *keys: str) -> None:
        """Real key presses, by their X names, as fast as a person presses."""
        for key in keys:
            subprocess.run(["xdotool", "key", key], env={"DISPLAY": self.display, "PATH": "/usr/bin"}, check=True)
            time.sleep(0.25)

    def picture(self) -> Image.Image:
        """What the X server shows."""
        return ImageGrab.grab(xdisplay=self.display).convert("RGB")

    def colour(self, x: int, y: int) -> Colour:
        """The colour of one place."""
        return at(self.picture(), x, y)

    def shows(self, places: dict[tuple[int, int], Colour], what: str) -> None:
        """Wait until all these places have these colours."""
        self.until(lambda picture: all(near(at(picture, *place), colour) for place, colour in places.items()), what)

    def until(self, fulfilled: Callable[[Image.Image], bool], what: str) -> Image.Image:
        """Wait until the picture fulfils this; gives that picture back."""
        found: list[Image.Image] = []

        def looks() -> bool:
            found[:] = [self.picture()]
            return fulfilled(found[0])

        eventually(looks, what, 60)
        return found[0]


def at(picture: Image.Image, x: int, y: int) -> Colour:
    """The colour of a place of the design."""
    pixel = picture.getpixel((x * picture.width // 1920, y * picture.height // 1080))
    assert isinstance(pixel, tuple)
    return pixel[0], pixel[1], pixel[2]


def part(picture: Image.Image, x: int, y: int, w: int, h: int) -> Image.Image:
    """A part of the design."""
    across, down = picture.width / 1920, picture.height / 1080
    return picture.crop((round(x * across), round(y * down), round((x + w) * across), round((y + h) * down)))


def near(one: tuple[int, ...], other: Colour) -> bool:
    """Whether two colours are the same to the eye."""
    return all(abs(a - b) <= NEAR for a, b in zip(one, other, strict=True))


def share(picture: Image.Image, colour: Colour) -> float:
    """How much of a picture has this colour, from 0 to 1."""
    pixels = picture.width * picture.height
    like = (count for count, one in picture.getcolors(pixels) or [] if isinstance(one, tuple) and near(one, colour))
    return sum(like) / pixels


@contextmanager
def display(width: int = SIZE[0], height: int = SIZE[1]) -> Iterator[str]:
    """A running Xvfb; its display's name."""
    argv = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    argv += ["-noreset"]  # or it begins anew when its last client leaves, such as whoever looks at the picture
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.terminate()


@contextmanager
def television(server: str, folder: Path, display_name: str, *arguments: str) -> Iterator[Window]:
    """The real program on the whole of the display; its data in `folder/tv`, its log beside it."""
    argv = [sys.executable, "-m", "tvclient", "--server", server, "--development", "--data", str(folder / "tv")]
    environment = os.environ | {"DISPLAY": display_name, "SDL_VIDEODRIVER": "x11", "SDL_AUDIODRIVER": "dummy"}
    environment |= {"YJ_TV_STICKS": "", "YJ_TV_NEIGHBOURS": "0"}
    with (folder / "tv.log").open("w") as log:
        process = subprocess.Popen([*argv, "--no-remote", *arguments], cwd=ROOT, env=environment, stderr=log)
    with processes.ending(process, 30):
        yield Window(display_name)
