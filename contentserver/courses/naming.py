"""What the names of files say: a lesson's number and title, and which captions lie beside which recording. Pure.

A name such as `03 看懂化验单.mp4` is a proposal, no more: people change it, and what a file is, is known by its content
(`contents.py`). Knows nothing of disks and uploads; paths are texts with `/` between.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

CAPTIONS: Final = frozenset({".srt", ".vtt", ".ass", ".ssa"})
RECORDINGS: Final = frozenset(
    {
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".wmv", ".flv"),
        *(".rmvb", ".rm", ".mxf", ".dv", ".ogg", ".ogv", ".3gp", ".vob", ".asf"),
        *(".mp3", ".m4a", ".wav", ".flac", ".aac", ".amr", ".mka"),
    }
)
TITLE_CHARS: Final = 100
LAST_NUMBER: Final = 999
DEFAULT_LANGUAGE: Final = "zh"
_ALIASES: Final = {
    "chs": "zh",
    "cht": "zh",
    "chi": "zh",
    "zho": "zh",
    "cn": "zh",
    "中文": "zh",
    "普通话": "zh",
    "eng": "en",
    "英文": "en",
    "粤语": "yue",
    "维语": "ug",
    "藏语": "bo",
    "蒙语": "mn",
}
_DIGITS: Final = {digit: place for place, digit in enumerate("零一二三四五六七八九")}
_SAYS_LESSON: Final = re.compile(
    r"^(?:第\s*([0-9]{1,3}|[零一二三四五六七八九十]{1,3})\s*[课讲集节期]"
    r"|(?:lesson|part|ep)[ ._-]*([0-9]{1,3})(?![0-9]))",
    re.IGNORECASE,
)
_PARTED: Final = re.compile(r"^([0-9]{1,3})(?:\s*(?![.．][0-9])[.．、,，_—–\-)）\]】:：]+\s*|\s+|$)")
_ZEROED: Final = re.compile(r"^(0[0-9]{1,2})(?=[^0-9])")
_EDGE: Final = " \t._-—–、,，:：)）]】"
_SPACES: Final = re.compile(r"[\s_]+")


@dataclass(frozen=True, slots=True)
class Named:
    """What a recording's name proposes; `number` is None where it says none."""

    number: int | None
    title: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A captions file, and the language that its name says."""

    path: str
    language: str


@dataclass(frozen=True, slots=True)
class Row:
    """One lesson to be: a recording with what lies beside it."""

    path: str
    named: Named
    captions: tuple[Beside, ...]


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a heap of files is: lessons in their order, captions without a recording, and files of no use."""

    rows: tuple[Row, ...]
    alone: tuple[str, ...]
    other: tuple[str, ...]


def named(stem: str) -> Named:
    """Number and title of a recording, from its name without the extension."""
    text = _SPACES.sub(" ", stem).strip()
    number, rest = _numbered(text)
    title = _SPACES.sub(" ", rest).strip(_EDGE) or text.strip(_EDGE) or text or "—"
    return Named(number, title[:TITLE_CHARS].strip())


def _numbered(text: str) -> tuple[int | None, str]:
    if (said := _SAYS_LESSON.match(text)) is not None:
        number = _value(said[1] or said[2])
    elif (said := _PARTED.match(text) or _ZEROED.match(text)) is not None:
        number = int(said[1])
    else:
        return None, text
    return (number, text[said.end() :]) if 1 <= number <= LAST_NUMBER else (None, text)


def _value(digits: str) -> int:
    """A number below a hundred as people write it: 12, 十二, 二十."""
    if digits.isascii():
        return int(digits)
    tens, ten, ones = digits.partition("十")
    if not ten:
        return int("".join(str(_DIGITS[one]) for one in digits))
    return 10 * (_DIGITS.get(tens, 1) if len(tens) < 2 else 0) + (_DIGITS.get(ones, 0) if len(ones) < 2 else 0)


def language_of(stem: str, recording: str, languages: Collection[str]) -> str | None:
    """The language of captions beside a recording, by both names without extension.

    Returns:
        None where they do not belong to that recording; the usual language where the name says none.
    """
    if stem == recording:
        return DEFAULT_LANGUAGE
    if not stem.startswith(recording):
        return None
    rest = stem[len(recording) :]
    suffix = rest[1:].strip("] )）").lower()
    if rest[0] not in "._- [(（":
        return None
    if suffix in _ALIASES:
        return _ALIASES[suffix]
    tag = suffix.replace("_", "-").partition("-")[0]
    return tag if tag in languages else None


def sort_files(paths: Iterable[str], languages: Collection[str]) -> Sorted:
    """Which files make which lessons. Hidden files and those of the system are left out of everything.

    Args:
        languages: the tags that captions may have.
    """
    every = sorted({path for path in paths if not _hidden(path)})
    recordings = [path for path in every if _suffix(path) in RECORDINGS]
    captions = [path for path in every if _suffix(path) in CAPTIONS]
    other = tuple(path for path in every if _suffix(path) not in RECORDINGS | CAPTIONS)
    beside: dict[str, dict[str, str]] = {path: {} for path in recordings}
    alone = []
    for path in captions:
        found = _belongs(path, recordings, languages)
        if found is None or found[1] in beside[found[0]]:
            alone.append(path)
        else:
            beside[found[0]][found[1]] = path
    rows = [
        Row(
            path,
            named(PurePosixPath(path).stem),
            tuple(Beside(file, language) for language, file in beside[path].items()),
        )
        for path in recordings
    ]
    rows.sort(key=lambda row: (row.named.number or LAST_NUMBER + 1, row.path))
    return Sorted(tuple(rows), tuple(alone), other)


def _belongs(path: str, recordings: Iterable[str], languages: Collection[str]) -> tuple[str, str] | None:
    """Recording and language of a captions file; of several the one with the longest name."""
    here = PurePosixPath(path)
    found = [
        (len(one), one, language)
        for one in recordings
        if PurePosixPath(one).parent == here.parent
        and (language := language_of(here.stem, PurePosixPath(one).stem, languages)) is not None
    ]
    return max(found)[1:] if found else None


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _hidden(path: str) -> bool:
    name = PurePosixPath(path).name
    return not name or name.startswith((".", "~$", "._")) or name.lower() in {"thumbs.db", "desktop.ini"}
