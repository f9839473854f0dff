"""The picture of a fleet's day: three small charts in one SVG, drawn from what was measured and nothing else."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.demo.fleet_report import Day

WIDE, HIGH = 960, 640
LEFT, RIGHT = 64, 24
PANELS = ((40, 165), (245, 165), (476, 125))
"""Top and height of each chart."""
INK, FAINT, GRID = "#1f2933", "#6b7785", "#d9dee3"
GREEN, BLUE, BAND, RED = "#1a7f4b", "#1f5fa8", "#f1e9d2", "#b3261e"
BARS = 48
_FACE = 'font-family="system-ui, sans-serif" font-size="13"'


def drawn(day: "Day") -> str:
    """The SVG."""
    seconds = max((one.at_s for one in day.moments), default=1.0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" role="img" '
        f'aria-label="A day of {day.boxes} televisions">',
        f'<rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/><g {_FACE} fill="{INK}">',
        *_over_time(day, seconds),
        *_starts(day),
        "</g></svg>\n",
    ]
    return "\n".join(parts)


def at(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of the ordered values lies."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def _over_time(day: "Day", seconds: float) -> list[str]:
    (top, tall), (low_top, low_tall) = PANELS[:2]
    events = max((one.events for one in day.moments), default=1) or 1
    across = _scale(0.0, seconds, LEFT, WIDE - RIGHT)
    up, up_events = _scale(0, day.boxes, top + tall, top), _scale(0, events, low_top + low_tall, low_top)
    parts = []
    for start in day.airings_s:
        for y, high in (PANELS[0], PANELS[1]):
            width = across(start + day.lesson_s) - across(start)
            parts.append(f'<rect x="{across(start):.1f}" y="{y}" width="{width:.1f}" height="{high}" fill="{BAND}"/>')
    parts += _axes(top, tall, up, (0, day.boxes // 2, day.boxes), "{:.0f}")
    parts += _axes(low_top, low_tall, up_events, (0, events // 2, events), "{:.0f}")
    for second in range(0, int(seconds) + 1, 60):
        parts.append(_words(across(second), low_top + low_tall + 18, f"{second // 60} min", "middle", FAINT))
    parts.append(_curve([(across(one.at_s), up(one.applied)) for one in day.moments], GREEN))
    parts.append(_curve([(across(one.at_s), up(one.online)) for one in day.moments], BLUE))
    parts.append(_curve([(across(one.at_s), up_events(one.events)) for one in day.moments], INK))
    for killed_at, victim in zip(day.killed_s, day.killed, strict=True):
        x = across(killed_at)
        parts.append(f'<path d="M{x:.1f} {top}V{top + tall}" stroke="{RED}" stroke-dasharray="4 3"/>')
        first = killed_at == day.killed_s[0]
        parts.append(_words(x + (-4 if first else 4), top + 16, f"kill -9 {victim}", "end" if first else "start", RED))
    parts.append(_words(LEFT, top - 12, "televisions with the timetable", "start", GREEN))
    parts.append(_words(LEFT + 220, top - 12, "with a line", "start", BLUE))
    parts.append(_words(WIDE - RIGHT, top - 12, "shaded: a lesson is on", "end", FAINT))
    parts.append(_words(LEFT, low_top - 12, "facts on the server", "start", INK))
    return parts


def _starts(day: "Day") -> list[str]:
    top, tall = PANELS[2]
    late = day.late_ms or (0.0,)
    low, high = math.floor(at(late, 0.005) / 10) * 10.0, math.ceil(at(late, 0.995) / 10) * 10.0
    high = max(high, low + 10)
    bins = [0] * BARS
    for one in late:
        bins[min(BARS - 1, max(0, int((one - low) / (high - low) * BARS)))] += 1
    most = max(bins) or 1
    up, across = _scale(0, most, top + tall, top), _scale(low, high, LEFT, WIDE - RIGHT)
    width = (WIDE - RIGHT - LEFT) / BARS
    parts = _axes(top, tall, up, (0, most), "{:.0f}")
    for number, count in enumerate(bins):
        if count:
            x = LEFT + number * width
            parts.append(
                f'<rect x="{x + 1:.1f}" y="{up(count):.1f}" width="{width - 2:.1f}" '
                f'height="{top + tall - up(count):.1f}" fill="{GREEN}"/>'
            )
    for share in range(5):
        value = low + (high - low) * share / 4
        anchor = ("start", "middle", "middle", "middle", "end")[share]
        parts.append(_words(across(value), top + tall + 18, f"{value:+.0f} ms", anchor, FAINT))
    parts.append(_words(LEFT, top - 12, "pictures by how far from the announced second they started", "start", INK))
    return parts


def _axes(top: int, tall: int, up: Callable[[float], float], marks: Sequence[float], shape: str) -> list[str]:
    parts = []
    for mark in dict.fromkeys(marks):
        parts.append(f'<path d="M{LEFT} {up(mark):.1f}H{WIDE - RIGHT}" stroke="{GRID}"/>')
        parts.append(_words(LEFT - 8, up(mark) + 4, shape.format(mark), "end", FAINT))
    parts.append(f'<path d="M{LEFT} {top}V{top + tall}" stroke="{GRID}"/>')
    return parts


def _curve(points: Sequence[tuple[float, float]], colour: str) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>' if points else ""


def _words(x: float, y: float, words: str, anchor: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def _scale(low: float, high: float, first: float, last: float) -> Callable[[float], float]:
    span = (high - low) or 1
    return lambda value: first + (value - low) / span * (last - first)
