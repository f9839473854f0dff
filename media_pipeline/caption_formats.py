"""Captions as people keep them: which encoding and format a file is, and the cues that it holds as plain text. Pure.

WebVTT (W3C), SubRip, and SubStation Alpha (SSA and ASS). Known by content, never by name; styles, positions and
drawings are gone. Knows nothing of lines that fit a screen: see `caption_layout`. Every pattern here is linear, for the
files are strangers'.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never


class CaptionsBroken(ValueError):
    """The bytes are no captions; the message is a clause that says what is wrong and where."""


class Format(StrEnum):
    """A caption file's format, named as people name it."""

    WEBVTT = "WebVTT"
    SRT = "SRT"
    ASS = "ASS"


@dataclass(frozen=True, slots=True)
class Cue:
    """Plain text of one or more lines, on the screen from `start_ms` to just before `end_ms`."""

    start_ms: int
    end_ms: int
    text: str


_MARKS: Final = ("-->", "Dialogue:")
"""Every captions file holds one of these, in whatever encoding."""
_TIME: Final = r"(?:([0-9]{1,4}):)?([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]{1,3}))?"
_TIMING: Final = re.compile(rf"{_TIME}\s*-->\s*{_TIME}(?:\s|$)")
_LIKE_A_TIMING: Final = re.compile(r"[-+0-9][-+0-9:.,]{0,20}[:.,][-+0-9:.,]{0,20}\s*-->")
_ASS_TIME: Final = re.compile(rf"\s*{_TIME}\s*")
_ASS_SECTION: Final = re.compile(r"^\[(?:script info|v4\+? styles|events)\]", re.IGNORECASE | re.MULTILINE)
_ASS_COLUMNS: Final = "layer,start,end,style,name,marginl,marginr,marginv,effect,text"
_ASS_DRAWING: Final = re.compile(r"\\p([0-9]{1,3})")
_TAG: Final = re.compile(r"<[^<>]*>")
_BREAK: Final = re.compile(r"<br ?/?>", re.IGNORECASE)
_SRT_TAG: Final = re.compile(r"</?(?:[biusc]|em|strong|(?:font|span|p|div|v|ruby|rt)(?: [^<>]*)?)>", re.IGNORECASE)
_OVERRIDE: Final = re.compile(r"\{\\[^{}]*\}")
_ENTITY: Final = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|lrm|rlm|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")
_UNWANTED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufff9-\ufffb\ud800-\udfff]")
_LINE_END: Final = re.compile("\r{1,3}\n|\r")
_SPACES: Final = re.compile("[ \t\u00a0]+")


def decoded(data: bytes) -> tuple[str, str]:
    """The text, and the name of the encoding that it was in: UTF-8, UTF-16, GB18030 (so GBK, GB2312) or Big5.

    Raises:
        CaptionsBroken: it is in none of them.
    """
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "gb18030":  # the last resort
            raise CaptionsBroken(f"neither UTF-8 nor UTF-16 nor GB18030 (byte {error.start})") from error
        raise CaptionsBroken(f"not {encoding.upper()} at byte {error.start}") from error
    return text.removeprefix("\ufeff"), "UTF-16" if encoding.startswith("utf-16") else encoding.upper()


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in data:
        for encoding in ("utf-16-le", "utf-16-be"):
            loose = data.decode(encoding, "replace")
            if any(mark in loose for mark in _MARKS):
                return encoding
    loose = data.decode("utf-8", "replace")
    damage = loose.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    if not damage or sum(char > "\u07ff" and char != "\ufffd" for char in loose) > 2 * damage:
        return "utf-8"  # a damaged letter among many sound ones makes no other encoding, only nonsense in it
    return "big5" if _is_big5(data) else "gb18030"


def _is_big5(data: bytes) -> bool:
    """Nearly all Big5 is possible GB18030: told apart by how many of the characters read are ones people use."""
    try:
        text = data.decode("big5")
    except UnicodeDecodeError:
        return False
    other = data.decode("gb18030", "replace")
    return _usual(text, "big5", 0xA4, 0xC6) > 0.95 and _usual(other, "gb2312", 0xB0, 0xD7) < 0.6


def _usual(text: str, encoding: str, first: int, last: int) -> float:
    """Share of the letters beyond ASCII that lie in the encoding's rows of frequent characters."""
    letters = [char for char in text if char > "\x7f" and char.isalpha()]
    usual = sum(first <= char.encode(encoding, "replace")[0] <= last for char in letters)
    return usual / len(letters) if letters else 0.0


def parsed(text: str) -> tuple[Format, list[Cue]]:
    """The format and the cues in the file's order, empty ones too.

    Raises:
        CaptionsBroken: it is none of the formats, or a cue's times are broken.
    """
    text = _LINE_END.sub("\n", text.lstrip("\ufeff \t\r\n\0"))
    lines = text.split("\n")
    if re.match(r"WEBVTT(?:\s|$)", lines[0]):
        found = Format.WEBVTT
    elif _ASS_SECTION.search(text):
        found = Format.ASS
    elif any(_timing(line) for line in lines):
        found = Format.SRT
    else:
        raise CaptionsBroken("neither WebVTT nor SRT nor ASS")
    match found:
        case Format.WEBVTT:
            return found, list(_timed(_webvtt_lines(lines), _webvtt_text))
        case Format.SRT:
            return found, list(_timed(lines, _srt_text))
        case Format.ASS:
            return found, list(_ass(lines))
        case _:
            assert_never(found)


def _timing(line: str) -> tuple[int, int] | None:
    """Beginning and end in milliseconds, where the line is one of times."""
    if "-->" not in line:
        return None
    line = line.strip()
    if found := _TIMING.match(line):
        start, end = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:])
        if start is not None and end is not None:
            return start, end
    if _LIKE_A_TIMING.match(line):
        raise CaptionsBroken(f"these are no times: {line[:60]!r}")
    return None


def _milliseconds(parts: Sequence[str | None]) -> int | None:
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    if minutes > 59 or seconds > 59:
        return None
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((parts[3] or "").ljust(3, "0"))


def _timed(lines: Iterable[str], plain: Callable[[str], str]) -> Iterator[Cue]:
    """Cues of a line of times and the text until the next; a number just before a line of times is no text."""
    times: tuple[int, int] | None = None
    held: list[str] = []
    for line in lines:
        following = _timing(line)
        if not following:
            held.append(line)
            continue
        if held and held[-1].strip().isdecimal():
            held.pop()
        if times:
            yield _cue(*times, plain("\n".join(held)))
        times, held = following, []
    if times:
        yield _cue(*times, plain("\n".join(held)))


def _webvtt_lines(lines: Sequence[str]) -> Iterator[str]:
    """Lines of times and of text alone: a cue's text ends at an empty line, and other blocks are not for people."""
    inside = False
    for line in lines[1:]:
        if not line.strip():
            inside = False
        elif _timing(line):
            inside = True
            yield ""  # so that a number at the end of a text is not taken for the next cue's
            yield line
        elif inside:
            yield line


def _cue(start_ms: int, end_ms: int, text: str) -> Cue:
    if end_ms < start_ms:
        raise CaptionsBroken(f"the caption {text.strip()[:20]!r} ends before it begins (at {start_ms / 1000:.3f} s)")
    text = _SPACES.sub(" ", _UNWANTED.sub("", text.replace("\u2028", "\n").replace("\u2029", "\n")))
    return Cue(start_ms, end_ms, "\n".join(line.strip() for line in text.split("\n") if _visible(line)))


def _visible(line: str) -> bool:
    """Whether there is more than spaces, joiners and accents without a letter."""
    return any(not char.isspace() and unicodedata.category(char) not in {"Mn", "Me", "Cf"} for char in line)


def _webvtt_text(text: str) -> str:
    return _ENTITY.sub(_letter, _TAG.sub("", _BREAK.sub("\n", text)))


def _srt_text(text: str) -> str:
    return _ENTITY.sub(_letter, _OVERRIDE.sub("", _SRT_TAG.sub("", _BREAK.sub("\n", text))))


def _letter(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])


def _ass(lines: Sequence[str]) -> Iterator[Cue]:
    """The `Dialogue` lines. Their columns are named by the `Format` line of `[Events]`; text is the last."""
    columns = _ASS_COLUMNS.split(",")
    section = "[events]"
    for number, line in enumerate(lines, 1):
        kind, _, rest = line.partition(":")
        if line.startswith("["):
            section = line.strip().lower()
        elif section == "[events]" and kind.strip() == "Format":
            columns = [name.strip().lower() for name in rest.split(",", 40)]
        elif kind.strip() == "Dialogue":
            values = dict(zip(columns, rest.split(",", len(columns) - 1), strict=False))
            start, end = (_ASS_TIME.fullmatch(values.get(name, "")) for name in ("start", "end"))
            start_ms = _milliseconds(start.groups()) if start else None
            end_ms = _milliseconds(end.groups()) if end else None
            if start_ms is None or end_ms is None:
                raise CaptionsBroken(f"line {number} has no times")
            yield _cue(start_ms, end_ms, _ass_text(values.get("text", "")))


def _ass_text(text: str) -> str:
    """Without override blocks, and without what is drawn between `\\p1` and `\\p0`."""
    kept: list[str] = []
    drawing = False
    at = 0
    while (opening := text.find("{", at)) >= 0 and (closing := text.find("}", opening)) >= 0:
        if not drawing:
            kept.append(text[at:opening])
        for scale in _ASS_DRAWING.findall(text[opening:closing]):
            drawing = int(scale) > 0
        at = closing + 1
    if not drawing:
        kept.append(text[at:])
    return "".join(kept).replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
