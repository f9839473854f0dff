"""Captions in, WebVTT that every player reads out: plain text, in order, never more than a television's two lines.

Read before anything is encoded, so that a broken file is refused in words at once. What was changed is told in remarks.
The formats are in `caption_formats`, lines in `caption_lines`, times in `caption_layout`.
"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from media_pipeline import languages
from media_pipeline.caption_formats import CaptionsBroken, Cue, Format, decoded, parsed
from media_pipeline.caption_layout import Changes, laid_out
from media_pipeline.errors import Code, Refused
from media_pipeline.remarks import Remark, RemarkCode

_MAX_BYTES: Final = 4 << 20
_MAX_CUES: Final = 50_000


@dataclass(frozen=True, slots=True)
class CaptionInput:
    """A captions file and its language (BCP 47, such as `zh`)."""

    path: Path
    language: str


@dataclass(frozen=True, slots=True)
class Captions:
    """Captions fit for the screen.

    Attributes:
        language: BCP 47.
        label: the language's name for people.
        text: WebVTT, ending in one line feed.
        cues: how many there are.
        remarks: what was changed, each with `track` the language.
    """

    language: str
    label: str
    text: str
    cues: int
    remarks: tuple[Remark, ...]


def read_captions(given: CaptionInput, duration_ms: int | None = None) -> Captions:
    """Read one captions file (WebVTT, SRT, SSA or ASS, in any encoding usual in China) and fit it to the screen.

    Args:
        given: the file; its name says nothing.
        duration_ms: the lesson's length, where it is known; captions after it are dropped.

    Raises:
        Refused: `bad_captions`, with the place where it broke.
    """
    try:
        if not languages.TAG.fullmatch(given.language):
            raise CaptionsBroken(f"{given.language!r} is no language tag")
        with given.path.open("rb") as file:
            return fitted(file.read(_MAX_BYTES + 1), given.language, duration_ms)
    except CaptionsBroken as error:
        raise Refused(Code.BAD_CAPTIONS, f"Captions {given.path.name}: {error}.") from error


def fitted(data: bytes, language: str, duration_ms: int | None = None) -> Captions:
    """As `read_captions`, from a file's bytes.

    Raises:
        CaptionsBroken: they are no captions.
    """
    if len(data) > _MAX_BYTES:
        raise CaptionsBroken("larger than 4 MB")
    text, encoding = decoded(data)
    found, cues = parsed(text)
    if len(cues) > _MAX_CUES:
        raise CaptionsBroken(f"more than {_MAX_CUES} captions")
    shown, changes = laid_out(cues, duration_ms)
    if not shown:
        raise CaptionsBroken("it holds no captions")
    written = _webvtt(shown)
    if len(shown) > _MAX_CUES or len(written.encode()) > _MAX_BYTES:
        raise CaptionsBroken("larger than 4 MB when laid out")
    return Captions(
        language, languages.name(language), written, len(shown), tuple(_remarks(encoding, found, changes, language))
    )


def _remarks(encoding: str, found: Format, changes: Changes, language: str) -> Iterator[Remark]:
    if encoding != "UTF-8":
        yield Remark(RemarkCode.CAPTIONS_DECODED, track=language, detail=encoding)
    if found is not Format.WEBVTT:
        yield Remark(RemarkCode.CAPTIONS_CONVERTED, track=language, detail=found.value)
    for code, count in (
        (RemarkCode.CAPTIONS_WRAPPED, changes.wrapped),
        (RemarkCode.CAPTIONS_SPLIT, changes.split),
        (RemarkCode.CAPTIONS_OVERLAPPED, changes.overlapped),
        (RemarkCode.CAPTIONS_DROPPED, changes.dropped),
    ):
        if count:
            yield Remark(code, count=count, track=language)


def _webvtt(cues: Sequence[Cue]) -> str:
    blocks = (
        f"\n{_stamp(cue.start_ms)} --> {_stamp(cue.end_ms)}\n{html.escape(cue.text, quote=False)}\n" for cue in cues
    )
    return "WEBVTT\n" + "".join(blocks)


def _stamp(moment_ms: int) -> str:
    seconds, milliseconds = divmod(moment_ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{milliseconds:03d}"
