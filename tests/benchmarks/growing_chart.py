"""The picture of a growing fleet: what broker and link take, by how many boxes are connected, as it was measured.

`python -m tests.benchmarks.growing_chart` draws docs/pictures/growing.svg from the points that `growing` kept.
"""

import sys
from collections.abc import Callable, Sequence

import msgspec

from tests import processes
from tests.benchmarks.growing import KEPT, Point
from tests.demo.stack import ROOT

OUT = ROOT / "docs" / "pictures" / "growing.svg"
WIDE, HIGH, TOP, TALL = 960, 300, 56, 180
LEFTS, PANEL = (60, 380, 700), 230
INK, FAINT, GRID, GREEN = "#1f2933", "#6b7785", "#d9dee3", "#1a7f4b"
_FACE = 'font-family="system-ui, sans-serif" font-size="13"'
CURVES: tuple[tuple[str, str, Callable[[Point], float]], ...] = (
    ("memory of broker and link, MB", "{:.0f}", lambda one: sum(one.memory.values()) / processes.MB),
    (
        "processors while idle, s an hour",
        "{:.0f}",
        lambda one: one.acts["idle"].both_s * 3600 / one.acts["idle"].seconds,
    ),
    ("click to last proof, s", "{:.1f}", lambda one: one.acts["proving"].seconds),
)


def drawn(points: Sequence[Point]) -> str:
    """The SVG; dashed: the cost of a box of the smallest fleet, as many times as there are boxes."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" role="img" '
        f'aria-label="What a server takes for {points[0].boxes} to {points[-1].boxes} boxes">',
        f'<rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/><g {_FACE} fill="{INK}">',
    ]
    for left, (title, shape, value) in zip(LEFTS, CURVES, strict=True):
        parts += _panel(left, title, shape, [(one.boxes, value(one)) for one in points])
    parts.append(_words(LEFTS[0], HIGH - 12, "dashed: a box of the smallest fleet, so many times", "start", FAINT))
    return "\n".join([*parts, "</g></svg>\n"])


def _panel(left: int, title: str, shape: str, found: Sequence[tuple[int, float]]) -> list[str]:
    most = max(boxes for boxes, _value in found)
    proportional = [(boxes, found[0][1] * boxes / found[0][0]) for boxes, _value in found]
    highest = max(value for _boxes, value in [*found, *proportional]) or 1.0

    def place(boxes: float, value: float) -> tuple[float, float]:
        return left + boxes / most * PANEL, TOP + TALL - value / highest * TALL

    parts = [_words(left, TOP - 20, title, "start", INK)]
    for mark in (0.0, highest / 2, highest):
        _x, y = place(0, mark)
        parts.append(f'<path d="M{left} {y:.1f}H{left + PANEL}" stroke="{GRID}"/>')
        parts.append(_words(left - 8, y + 4, shape.format(mark), "end", FAINT))
    for boxes in (0, most):
        x, _y = place(boxes, 0)
        parts.append(_words(x, TOP + TALL + 20, f"{boxes:,}", "start" if boxes == 0 else "end", FAINT))
    parts.append(_curve([place(*one) for one in proportional], FAINT, ' stroke-dasharray="4 4"'))
    parts.append(_curve([place(*one) for one in found], GREEN, ""))
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{GREEN}"/>' for x, y in (place(*one) for one in found)]
    return parts


def _curve(points: Sequence[tuple[float, float]], colour: str, dashes: str) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'


def _words(x: float, y: float, words: str, anchor: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


if __name__ == "__main__":
    OUT.write_text(drawn(msgspec.json.decode(KEPT.read_bytes(), type=list[Point])), encoding="utf-8")
    sys.stdout.write(f"{OUT.relative_to(ROOT)}\n")
