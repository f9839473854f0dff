"""What a slide is, and the things that several slides have: title, board, rows that appear, a lamp-lit room.

The lower 250 pixels stay free of words, because captions stand there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from tests.demo.samples.brush import HEIGHT, WIDTH, Canvas

NIGHT, PAPER, STRAW, LAMP = "#15120E", "#F7F0E4", "#D8CCB8", "#F5B84B"
INK, SOFT_INK = "#2A2016", "#5B4E3D"
GREEN, ORANGE, BLUE = "#4F7F35", "#B8622B", "#2F5D78"
BOARD = (96, 120, 1216, 800)

Live = Callable[[Image.Image, int, float, float], None]
"""Moves things: given the frame, the line being said, seconds into that line, seconds into the recording."""


def still(_frame: Image.Image, _line: int, _in_line_s: float, _at_s: float) -> None:
    """Nothing moves."""


@dataclass(frozen=True, slots=True)
class Slide:
    """One finished picture for each line of an act, and what moves over it."""

    states: tuple[Image.Image, ...]
    live: Live = still


def title(canvas: Canvas, course: str, lesson: str, note: str) -> None:
    """The words of a title slide on a dark left side."""
    canvas.gradient((0, 0, 760, HEIGHT), "#15120EF2", "#15120EF2", sideways=True)
    canvas.gradient((760, 0, 1180, HEIGHT), "#15120EF2", "#15120E00", sideways=True)
    canvas.panel((96, 300, 108, 420), 6, LAMP)
    canvas.text(136, 352, course, 52, STRAW)
    canvas.text(136, 412, note, 40, STRAW)
    canvas.text(92, 560, lesson, 116, PAPER, bold=True)


def room(warm_x: float = 1560, warm_y: float = 430) -> Canvas:
    """A dark room with one lamp lit, as the television's own colours are."""
    canvas = Canvas(fill="#2B2A24")
    canvas.gradient((0, 0, WIDTH, HEIGHT), "#4A473D", "#1B1813")
    canvas.glow(warm_x, warm_y, 760, "#C79A54", 0.62)
    for x in range(1330, WIDTH, 80):
        canvas.line([(x, 0), (x, HEIGHT)], 1, "#15120E30")
    canvas.gradient((0, 700, WIDTH, HEIGHT), "#15120E00", "#15120EE0")
    return canvas


def board(canvas: Canvas, heading: str, note: str, accent: str = GREEN) -> None:
    """A lit board with a heading; its lower part is for the slide."""
    left, top, right, bottom = BOARD
    canvas.panel((left - 11, top - 11, right + 11, bottom + 11), 8, "#0F0D0A")
    canvas.gradient(BOARD, "#FFFBF2", "#F1E6D2")
    canvas.panel((left + 52, top + 52, left + 62, top + 112), 4, accent)
    canvas.text(left + 84, top + 104, heading, 58, INK, bold=True)
    if note:
        canvas.text(left + 84, top + 160, note, 30, SOFT_INK)


def lecturer(canvas: Canvas) -> None:
    """A person at a lectern, dark against the lamp, pointing at the board."""
    rim, dark = "#C9A15E", "#1D1914"
    for grow, fill in ((4, rim), (0, dark)):
        body = [
            (1400 - grow, 1080),
            (1415, 820),
            (1450, 700),
            (1500, 655 - grow),
            (1580, 628 - grow),
            (1660, 628 - grow),
        ]
        body += [(1740, 655 - grow), (1800, 700), (1830, 800), (1850 + grow, 1080)]
        canvas.polygon(body, fill)
        canvas.panel((1582 - grow, 540, 1658 + grow, 660), 26, fill)
        canvas.ellipse(1620, 440, 98 + grow, 128 + grow, fill)
        canvas.ellipse(1620, 392, 102 + grow, 86 + grow, fill)
        canvas.line([(1500, 730), (1400, 760), (1330, 640)], 74 + 2 * grow, fill)
    canvas.polygon([(1588, 640), (1652, 640), (1620, 696)], "#7E7362")
    canvas.ellipse(1322, 628, 34, 38, "#4A3626")
    canvas.line([(1326, 616), (1226, 520)], 8, "#E6D2A6")
    canvas.polygon([(1500, 866), (1886, 866), (1866, 912), (1520, 912)], "#A57442")
    canvas.gradient((1520, 912, 1866, 1080), "#6D4426", "#2E1E12")
    canvas.line([(1500, 866), (1886, 866)], 4, "#D9AE70")


def revealed(first: Canvas, *steps: Callable[[Canvas], None]) -> tuple[Image.Image, ...]:
    """The first picture, then one more for each step, each keeping what came before."""
    states = [first.finish()]
    for step in steps:
        step(first)
        states.append(first.finish())
    return tuple(states)


def paste(frame: Image.Image, thing: Image.Image, x: float, y: float) -> None:
    """Lay a clear picture over a frame."""
    frame.paste(thing, (round(x), round(y)), thing)
