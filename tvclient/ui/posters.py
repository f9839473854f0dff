"""Posters, read and cut to size on a thread of their own and kept while they are likely to be shown again.

Knows a package's poster only through the question it was given; draws nothing itself (`widgets/poster.py`).
"""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kivy.clock import Clock
from kivy.graphics.texture import Texture
from PIL import Image, ImageDraw, ImageOps

from schedules.airings import PackageName
from tvclient.ui.icons import texture_of

KEPT = 24
OVERSAMPLING = 4

Size = tuple[int, int]
Radii = tuple[int, ...]
Wanted = tuple[PackageName, Size, Radii]


def rounded(picture: Image.Image, size: Size, radii: Radii) -> Image.Image:
    """The picture filling `size`, its corners (clockwise from the top left) cut round.

    Where the place is narrower than the picture, the left goes: there a title slide has its words.
    """
    kept = (1.0, 0.5)
    fitted = ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS, centering=kept).convert("RGBA")
    mask = Image.new("L", size, 255)
    places = ((0, 0), (1, 0), (1, 1), (0, 1))
    for radius, (right, low) in zip(radii, places, strict=True):
        if radius:
            large = radius * OVERSAMPLING
            quarter = Image.new("L", (large, large))
            corner = (-right * large, -low * large, (2 - right) * large, (2 - low) * large)
            ImageDraw.Draw(quarter).ellipse(corner, fill=255)
            at = (right * (size[0] - radius), low * (size[1] - radius))
            mask.paste(quarter.resize((radius, radius), Image.Resampling.BOX), at)
    fitted.putalpha(mask)
    return fitted


class Posters:
    """A small gallery.

    Args:
        poster_of: the file of a package's poster, or None where the package is not stored or has none.
    """

    kept = KEPT

    def __init__(self, poster_of: Callable[[PackageName], Path | None]) -> None:
        self._poster_of = poster_of
        self._kept: OrderedDict[Wanted, Texture] = OrderedDict()
        self._reader = ThreadPoolExecutor(1, "posters")
        self._waiting: dict[Wanted, list[Callable[[Texture], None]]] = {}

    def picture(
        self, package: PackageName, size: Size, radii: Radii, ready: Callable[[Texture], None]
    ) -> Texture | None:
        """The poster at once where it is kept; else None, and `ready` is called with it when it has been read."""
        wanted = (package, size, radii)
        if wanted in self._kept:
            self._kept.move_to_end(wanted)
            return self._kept[wanted]
        path = self._poster_of(package)
        if path is None:
            return None
        if wanted in self._waiting:
            self._waiting[wanted].append(ready)
        else:
            self._waiting[wanted] = [ready]
            self._reader.submit(self._read, path, wanted)
        return None

    @property
    def idle(self) -> bool:
        """Whether nothing is being read."""
        return not self._waiting

    def cut(self, path: Path, size: Size, radii: Radii) -> Image.Image:
        """The picture of a file as it is shown."""
        with Image.open(path) as picture:
            return rounded(picture, size, radii)

    def close(self) -> None:
        """Let the thread go."""
        self._reader.shutdown(wait=False, cancel_futures=True)

    def _read(self, path: Path, wanted: Wanted) -> None:
        try:
            cut = self.cut(path, wanted[1], wanted[2])
        except (OSError, ValueError, Image.DecompressionBombError):
            cut = None
        Clock.schedule_once(lambda _dt: self._keep(wanted, cut), 0)

    def _keep(self, wanted: Wanted, cut: Image.Image | None) -> None:
        asked = self._waiting.pop(wanted, [])
        if cut is None:
            return
        texture = self._kept[wanted] = texture_of(cut)
        while len(self._kept) > self.kept:
            self._kept.popitem(last=False)
        for ready in asked:
            ready(texture)
