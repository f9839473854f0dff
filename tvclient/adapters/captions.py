"""Captions of a package: WebVTT in, at most two lines of 18 Han characters out, for any media time.

A longer caption is shown in pages, each for its share of the time. Pure but for reading the file; drawn by the UI.
"""

from bisect import bisect_right
from html import unescape
from pathlib import Path
from typing import Final

import msgspec
import webvtt

LINE_WIDTH: Final = 36
"""In half widths: 18 Han characters."""
LINES: Final = 2
_WIDE_FROM: Final = 0x2E80
_PAUSES: Final = frozenset("，。、；：！？")
_NOT_FIRST: Final = frozenset("，。、；：！？）》」』”’…,.;:!?)")


class Caption(msgspec.Struct, frozen=True):
    """One page of text; `from_ms` included, `to_ms` not."""

    from_ms: int
    to_ms: int
    text: str


def _width(text: str) -> int:
    return sum(2 if ord(char) >= _WIDE_FROM else 1 for char in text)


def broken(text: str) -> list[str]:
    """The text in lines that fit: at spaces between words, between Han characters, never before a full stop."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        if halves := _at_a_pause(paragraph.strip()):
            lines.extend(halves)
            continue
        line = ""
        for piece in _pieces(paragraph.strip()):
            if line and _width((line + piece).rstrip()) > LINE_WIDTH and piece not in _NOT_FIRST:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        if line.strip():
            lines.append(line.rstrip())
    return lines


def _at_a_pause(text: str) -> tuple[str, str] | None:
    """The text in two lines broken after a comma or full stop, as near the middle as may be; None where none fits."""
    if _width(text) <= LINE_WIDTH:
        return None
    cuts = [at for at, char in enumerate(text, start=1) if char in _PAUSES and at < len(text)]
    halves = [(text[:at].rstrip(), text[at:].lstrip()) for at in cuts]
    fitting = [(head, tail) for head, tail in halves if max(_width(head), _width(tail)) <= LINE_WIDTH]
    return min(fitting, key=lambda pair: abs(_width(pair[0]) - _width(pair[1])), default=None)


def _pieces(text: str) -> list[str]:
    """What may not be broken: a Han character, a word with the space after it."""
    pieces: list[str] = []
    for char in text:
        if pieces and ord(char) < _WIDE_FROM and ord(pieces[-1][-1]) < _WIDE_FROM and pieces[-1][-1] != " ":
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def paged(caption: Caption) -> list[Caption]:
    """The caption in pages of at most two lines; each page has its share of the time by its length."""
    lines = broken(caption.text)
    pages = ["\n".join(lines[start : start + LINES]) for start in range(0, len(lines), LINES)]
    total = sum(map(_width, pages)) or 1
    shown: list[Caption] = []
    done = 0
    span = caption.to_ms - caption.from_ms
    for page in pages:
        begin = caption.from_ms + span * done // total
        done += _width(page)
        shown.append(Caption(begin, caption.from_ms + span * done // total, page))
    return shown


class Captions:
    """All captions of one package, found by time.

    Args:
        captions: in order of time.
    """

    def __init__(self, captions: list[Caption]) -> None:
        self._pages = [page for caption in captions for page in paged(caption)]
        self._starts = [page.from_ms for page in self._pages]

    def at(self, position_ms: int) -> str:
        """The text at this media time, its lines broken; empty for none."""
        place = bisect_right(self._starts, position_ms) - 1
        return self._pages[place].text if place >= 0 and position_ms < self._pages[place].to_ms else ""


def read_captions(path: Path | None) -> Captions:
    """The captions in a WebVTT file; none where it is missing or damaged: a lesson plays without them."""
    if path is None:
        return Captions([])
    try:
        cues = webvtt.read(str(path)).captions
    except (OSError, ValueError, webvtt.errors.MalformedFileError, webvtt.errors.MalformedCaptionError):
        return Captions([])
    captions = [Caption(_milliseconds(cue.start), _milliseconds(cue.end), unescape(cue.text)) for cue in cues]
    return Captions(sorted(captions, key=lambda caption: caption.from_ms))


def _milliseconds(stamp: str) -> int:
    """Of `HH:MM:SS.mmm`."""
    hours, minutes, seconds = stamp.split(":")
    return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)
