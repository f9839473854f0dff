"""Chooses the picture that stands for a lesson: the first that is neither black nor blurred next to the sharpest."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageFilter, ImageStat

_SHARP_ENOUGH = 0.3
_DARKEST, _LIGHTEST, _FLATTEST = 16, 245, 6
_QUALITY = 85


def choose(candidates: Sequence[Path]) -> Path | None:
    """The best of the candidates, which are in playing order; None where there are none."""
    scores = {path: _sharpness(path) for path in candidates}
    best = max(scores.values(), default=0.0)
    return next((path for path, score in scores.items() if score >= best * _SHARP_ENOUGH), None)


def write_jpeg(chosen: Path, poster: Path) -> None:
    """Write the chosen picture as a JPEG for televisions and pages."""
    with Image.open(chosen) as picture:
        picture.convert("RGB").save(poster, "JPEG", quality=_QUALITY, optimize=True, progressive=True)


def _sharpness(path: Path) -> float:
    """Spread of the edges; 0 for a picture that is black, blank or all one grey."""
    with Image.open(path) as picture:
        grey = picture.convert("L")
        light = ImageStat.Stat(grey)
        if not _DARKEST < light.mean[0] < _LIGHTEST or light.stddev[0] < _FLATTEST:
            return 0.0
        return float(ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES)).var[0])
