"""Photographs of answers, read and fitted to their place on the thread of a gallery of their own; few are kept.

They come from the server's own JPEG writer; whatever else lies there, or is larger than the contract says, is not read.
"""

from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageOps

from tvclient.ui.posters import Posters, Radii, Size

MOST_SIDE = 2048
"""Pixels of the contract (`schedules.wire.papers.AnswerFileKind`): so much is decoded, and no more, on a small box."""


def fitted(picture: Image.Image, size: Size) -> Image.Image:
    """The whole picture as large as `size` lets it be, in the middle, with nothing around it."""
    if max(picture.size) > MOST_SIDE:
        raise ValueError(f"{picture.width} x {picture.height} pixels")
    picture.draft("RGB", size)  # a JPEG is never decoded larger than it is shown
    whole = ImageOps.contain(picture.convert("RGB"), size, Image.Resampling.LANCZOS)
    place = Image.new("RGBA", size, (0, 0, 0, 0))
    place.paste(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2))
    return place


class Photographs(Posters):
    """A gallery of photographs, by their SHA-256."""

    kept = 3

    def __init__(self, file_of: Callable[[str], Path | None]) -> None:
        """`file_of` gives the file of a photograph, or None where it is not here."""
        super().__init__(file_of)

    def cut(self, path: Path, size: Size, _radii: Radii) -> Image.Image:
        """See the base."""
        with Image.open(path, formats=("JPEG",)) as picture:
            return fitted(picture, size)
