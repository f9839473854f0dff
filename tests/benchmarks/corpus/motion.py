"""How things move: aimless sway that is the same every time, and pictures turned, shifted and bent between pixels."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Point = tuple[float, float]
Grid = NDArray[np.float64]


def sway(at_s: float, hertz: float, seed: int) -> float:
    """About -1 to 1, never repeating within a lesson, smooth; mostly slower than `hertz`."""
    phases = ((1.0, 0.53), (0.618, 0.31), (1.37, 0.2), (2.17, 0.1))
    return sum(
        share * math.sin(math.tau * hertz * part * at_s + seed * (1.7 + index * 2.3))
        for index, (part, share) in enumerate(phases)
    )


def between(at_s: float, *marks: tuple[float, float]) -> float:
    """A value that eases from mark to mark; a mark is (second, value)."""
    if at_s <= marks[0][0]:
        return marks[0][1]
    for (start, a), (end, b) in pairwise(marks):
        if at_s <= end:
            share = (at_s - start) / (end - start)
            return a + (b - a) * share * share * (3 - 2 * share)
    return marks[-1][1]


def place(
    frame: Image.Image,
    thing: Image.Image,
    pivot: Point,
    at: Point,
    *,
    turn: float = 0,
    size: float = 1,
    lean: float = 0,
) -> None:
    """Lay `thing` over `frame` so that its point `pivot` comes to lie on `at`.

    Args:
        turn: degrees clockwise.
        size: factor.
        lean: sideways shift of each pixel row, in pixels per pixel above the pivot.
    """
    cos, sin = math.cos(math.radians(turn)) * size, math.sin(math.radians(turn)) * size
    a, b, c, d = cos, -sin - lean * cos, sin, cos - lean * sin
    corners = [
        (at[0] + a * (x - pivot[0]) + b * (y - pivot[1]), at[1] + c * (x - pivot[0]) + d * (y - pivot[1]))
        for x, y in ((0, 0), (thing.width, 0), (0, thing.height), (thing.width, thing.height))
    ]
    left, top = (max(math.floor(min(corner[i] for corner in corners)), 0) for i in (0, 1))
    right = min(math.ceil(max(corner[0] for corner in corners)) + 1, frame.width)
    bottom = min(math.ceil(max(corner[1] for corner in corners)) + 1, frame.height)
    if right <= left or bottom <= top:
        return
    det = a * d - b * c
    ia, ib, ic, id_ = d / det, -b / det, -c / det, a / det
    x0, y0 = left - at[0], top - at[1]
    inverse = (ia, ib, ia * x0 + ib * y0 + pivot[0], ic, id_, ic * x0 + id_ * y0 + pivot[1])
    moved = thing.transform((right - left, bottom - top), Image.Transform.AFFINE, inverse, Image.Resampling.BILINEAR)
    if frame.mode == "RGBA":
        frame.alpha_composite(moved, (left, top))
    else:
        frame.paste(moved, (left, top), moved)


def bent_at(shoulder: Point, hand: Point, upper: float, lower: float) -> tuple[Point, Point]:
    """Elbow and hand of an arm of two parts that reaches for `hand`, as far as it can."""
    across, down = hand[0] - shoulder[0], hand[1] - shoulder[1]
    far = min(max(math.hypot(across, down), abs(upper - lower) + 2), upper + lower - 2)
    aim = math.atan2(down, across)
    turn = aim + math.acos((upper**2 + far**2 - lower**2) / (2 * upper * far))
    elbow = (shoulder[0] + upper * math.cos(turn), shoulder[1] + upper * math.sin(turn))
    return elbow, (shoulder[0] + far * math.cos(aim), shoulder[1] + far * math.sin(aim))


@dataclass(frozen=True, slots=True)
class Mesh:
    """A grid of points over a picture of `width` x `height`; `x` and `y` hold them, one more than cells each way."""

    width: int
    height: int
    x: Grid
    y: Grid

    def bent(self, source: Image.Image, from_x: Grid, from_y: Grid) -> Image.Image:
        """The picture whose grid points show `source` at `from_x`, `from_y`, and in between what lies between."""
        quads = np.stack(
            [
                *(from_x[:-1, :-1], from_y[:-1, :-1], from_x[1:, :-1], from_y[1:, :-1]),
                *(from_x[1:, 1:], from_y[1:, 1:], from_x[:-1, 1:], from_y[:-1, 1:]),
            ],
            axis=-1,
        ).reshape(-1, 8)
        boxes = np.stack([self.x[:-1, :-1], self.y[:-1, :-1], self.x[1:, 1:], self.y[1:, 1:]], axis=-1).reshape(-1, 4)
        pieces = [
            (tuple(box), tuple(quad)) for box, quad in zip(boxes.astype(int).tolist(), quads.tolist(), strict=True)
        ]
        return source.transform((self.width, self.height), Image.Transform.MESH, pieces, Image.Resampling.BILINEAR)


def mesh(width: int, height: int, cell: int) -> Mesh:
    """A grid with cells of about `cell` pixels."""
    across = np.linspace(0, width, round(width / cell) + 1).round()
    down = np.linspace(0, height, round(height / cell) + 1).round()
    x, y = np.meshgrid(across, down)
    return Mesh(width, height, x, y)
